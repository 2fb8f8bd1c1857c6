"""A storm over the way from phone to server: requests refused, cut, answered by others, answers lost, the browser killed.

At the end every entry is at the server once, as it was written, with its photo. `PKH_STORM=1200` makes it a long one;
`-s` shows its figures (docs/testing.md has those of one such run).
"""

import hashlib
import io
import json
import os
import random
import time
from base64 import b64encode
from collections import Counter

from PIL import Image
from playwright.sync_api import Error

from roles.models import Activity, ActivityHousehold, Photo

from .network import BROKEN, CUT, DOWN, FINE, PORTAL, REDIRECT, REPLY_LOST

ENTRIES = int(os.environ.get("PKH_STORM") or 120)
AT_ONCE = 60  # entries written between two tries to send
KILLED_EVERY = 5  # rounds
PHOTO_EVERY = 12
FAULTS = {FINE: 62, DOWN: 9, CUT: 8, REPLY_LOST: 11, PORTAL: 4, REDIRECT: 2, BROKEN: 4}
WORDS = (
    "Warung ramai",
    "ꦱꦸꦒꦼꦁ ꦫꦮꦸꦃ",
    "anak sekolah 🎒",
    "baris satu\nbaris dua",
    "“kutip” & <b>tanda</b>",
    "tab\tdi sini",
)
PUT = """async ([entries, photo]) => { for (const {op, path, fields, photos} of entries) {
  const files = photos.map((extra) => ['photos', new File([Uint8Array.from(atob(photo), (c) => c.charCodeAt(0)), extra], 'foto.jpg',
    {type: 'image/jpeg'})]);
  await outbox.put(langkahPage.user, {op: langkah.uuid7(), title: 'Catat kegiatan', path, fields, files}); } }"""
SEND = "() => { self.sending = outbox.send(langkahPage.user, {force: true}); }"
LEFT = "async () => (await outbox.rowsOf(langkahPage.user)).filter((row) => row.state === 'waiting').length"


def test_nothing_is_lost_doubled_or_altered_in_a_storm(work_phone, people):
    wire, chance = work_phone.network, random.Random(20261118)  # noqa: S311
    deliveries, kills = Counter(), 0

    def fault(method, path):
        if not path.startswith(("/hp/", "/kegiatan/")):
            return FINE
        return chance.choices(list(FAULTS), FAULTS.values())[0]

    def heard(path, body):
        if path == "/hp/kirim/":
            deliveries["entries"] += len(json.loads(body)["entries"])

    wire.heard, wire.fault = heard, fault
    photo = picture()
    written, rounds, began = {}, 0, time.monotonic()
    while len(written) < ENTRIES:
        fresh = [entry(people, number, chance) for number in range(len(written), len(written) + AT_ONCE)]
        written |= {note: (case, bool(one["photos"])) for note, case, one in fresh}
        work_phone.page.evaluate(PUT, [[one for *_, one in fresh], photo])
        rounds += 1
        work_phone.page.evaluate(SEND)
        if rounds % KILLED_EVERY == 1:
            work_phone.page.wait_for_timeout(chance.randrange(50, 600))
            work_phone.restart()
            work_phone.sign_in("sri")  # a killed browser may have lost its newest cookies
            work_phone.context.add_cookies([{"name": "hp", "value": "1", "url": wire.url}])
            open_page(work_phone)
            kills += 1
    while left := work_phone.page.evaluate(LEFT):
        assert time.monotonic() - began < 60 + ENTRIES, f"{left} entries still wait"
        work_phone.page.evaluate("() => outbox.send(langkahPage.user, {force: true})")

    stored = Activity.objects.filter(notes__startswith="Badai ")
    notes = Counter(note.replace("\r\n", "\n") for note in stored.values_list("notes", flat=True))
    cases = dict(
        ActivityHousehold.objects.filter(activity__in=stored).values_list(
            "activity__notes", "household__case_number"
        )
    )
    lost, doubled = len(written.keys() - notes.keys()), sum(many - 1 for many in notes.values())
    altered = len(notes.keys() - written.keys()) + sum(
        written[note.replace("\r\n", "\n")][0] != case for note, case in cases.items()
    )
    with_photo = {note for note, (_, has) in written.items() if has}
    photos = Photo.objects.filter(activity__in=stored)
    figures = {
        "entries": len(written),
        "with a photo": len(with_photo),
        "deliveries": deliveries["entries"],
        "requests": sum(wire.seen.values()),
        "faults": dict(wire.faults),
        "browser killed": kills,
        "lost": lost,
        "doubled": doubled,
        "altered": altered,
    }
    print(json.dumps(figures, indent=1))
    assert (lost, doubled, altered) == (0, 0, 0)
    assert photos.count() == len(with_photo) == photos.values("activity").distinct().count()
    assert len(wire.faults) == len(FAULTS) - 1 and kills >= 1


def open_page(phone):
    """Any page of the phone, by the network or without."""
    for _ in range(8):
        try:
            phone.page.goto("/hp/belum-ada/")  # a light one: the queue is told on others
            phone.page.wait_for_function(
                "async () => self.langkahPage && (await langkahPage.started, true)", timeout=5000
            )
            if phone.page.evaluate("async () => Boolean(await langkah.openKey(langkahPage.user))"):
                return
        except Error as error:  # the storm again
            print(f"again: {error}"[:300])
            phone.page.wait_for_timeout(300)
    raise AssertionError("no page opens")


def entry(people, number, chance):
    """(the note, the case number, the entry for PUT)."""
    family = chance.choice(people["families"])
    note = f"Badai {number}: {chance.choice(WORDS)} {hashlib.md5(str(number).encode()).hexdigest()[:8]}"  # noqa: S324
    case = family.case_number
    fields = [
        ["kpm", case],
        [f"met-{case}", "ya"],
        ["kind", "kunjungan_rumah"],
        ["occurred_on", "2026-11-17"],
        ["sub_role", "FAS-1"],
        ["notes", note],
    ]
    photos = [f"{number}"] if number % PHOTO_EVERY == 0 else []
    return note, case, {"path": f"/kegiatan/catat/?kpm={case}", "fields": fields, "photos": photos}


def picture():
    """A JPEG as base64; a photo is it with the number of its entry behind."""
    data = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((640, 480)).save(data, "JPEG", quality=90)
    return b64encode(data.getvalue()).decode()
