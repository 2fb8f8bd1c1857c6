"""Hari ini of a koordinator: what waits, the most pressing first, each line one tap from where it is decided."""

import re
from datetime import timedelta

from django.utils import timezone

from pkh_casework.waits import ROOMS, lines_for
from roster.models import Batch
from tests.canaries import make_family
from tests.factories import HouseholdFactory, UserFactory
from tests.monthly import lock, move, write_report
from tests.queries import count_queries
from tests.worlds import made_once
from wilayah.clock import local_today


@made_once
def world():
    """Of everything that may wait one in the area of a koordinator of the kota, and of the kecamatan."""
    sri = UserFactory(name="Sri Wahyuni")
    thing = make_family("sendiri", sri)
    thing["phone"].heard_at = timezone.now() - timedelta(days=9)
    thing["phone"].save(update_fields=["heard_at"])
    kecamatan = UserFactory(koordinator=True)
    Batch.objects.create(
        user=kecamatan, wilayah_id="327316", name="rusak.xlsx", sha256="1" * 64, state=Batch.State.FAILED
    )
    gone = UserFactory(name="Sudah Berhenti", is_active=False)
    HouseholdFactory(pendamping=gone)
    kota = UserFactory(koordinator=True, wilayah_id="3273")
    return {"kota": kota, "kecamatan": kecamatan, "sri": sri}


def lines_of(client, user):
    client.force_login(user)
    page = client.get("/")
    assert page.status_code == 200
    return page, page.context["lines"]


def number_on(client, url):
    """How many the page that a line opens shows."""
    page = client.get(url, follow=True)
    assert page.status_code == 200, url
    context = page.context
    if "place" in context:
        return context["place"][1]
    if "expected" in context:
        return context["expected"] - context["tiles"][0]["value"]
    if url.startswith("/mutu-kunjungan/"):
        return context["total"]
    if "groups" in context:
        ready = dict(context["states"])
        return ready["siap dikunci"] or ready["belum siap"]
    if url.startswith("/serah-terima/"):
        return sum(counts["waiting"] for _, counts, _ in context["rows"])
    if url.startswith("/berkas/"):
        return {row.state for row in context["page"].rows}
    if url.startswith("/data-induk/"):
        return len(context["waiting"])
    if url.startswith("/kpm/?"):
        return (
            int(context["caseload"].total)
            if "caseload" in context
            else page.content.decode().count('class="row"')
        )
    return len(context["page"].rows)


def test_every_line_opens_as_many_as_it_says(client, world):
    _, lines = lines_of(client, world["kota"])
    said = {line.waiting.words: line.waiting for line in lines}
    assert len(said) >= 9, list(said)
    for words, one in said.items():
        assert number_on(client, one.url) == one.number, words
    _, lines = lines_of(client, world["kecamatan"])
    said = {line.waiting.words: line.waiting for line in lines}
    assert {"siap", "gagal"} == {*number_on(client, "/berkas/")}
    files = [one.number for words, one in said.items() if words.startswith("berkas KPM")]
    assert files == [1, 1]


def test_what_presses_stands_first_and_then_what_waits_longest(client, world):
    page, lines = lines_of(client, world["kota"])
    pressing = [line.waiting.presses for line in lines]
    assert pressing == sorted(pressing, reverse=True) and pressing[0]
    for of in (True, False):
        days = [line.days for line in lines if line.waiting.presses == of and line.days is not None]
        assert days == sorted(days, reverse=True)
    text = page.content.decode()
    assert "KPM dipegang akun nonaktif" in text and "HP pendamping tidak terhubung" in text
    # Report and lock are one tap away, and this is where the navigation begins.
    main = text.partition("<main")[2]
    assert 'href="/laporan/"' in main and 'href="/laporan/bulan/kunci/"' in main
    assert re.search(r'<nav class="nav".*?href="/"', text, re.DOTALL)


def test_an_area_hears_nothing_of_another(client, world):
    _, lines = lines_of(client, UserFactory(koordinator=True, wilayah_id="3273161005"))
    assert lines == []
    page = client.get("/").content.decode()
    assert "Tidak ada yang menunggu Anda" in page and 'href="/dasbor/"' in page


def test_only_a_koordinator_has_this_day(client, world):
    client.force_login(world["sri"])
    assert "lines" not in client.get("/").context
    for duty in ("kelurahan", "admin"):
        client.force_login(UserFactory(**{duty: True}))
        assert client.get("/").url == "/dasbor/"


def test_after_login_a_koordinator_stands_here(client, world):
    user = world["kota"]
    user.set_password("demo-pkh-2026")
    user.save(update_fields=["password"])
    answer = client.post("/masuk/", {"username": user.username, "password": "demo-pkh-2026"}, follow=True)
    assert answer.request["PATH_INFO"] == "/" and answer.templates[0].name == "desk/koordinator.html"


def test_the_day_is_asked_in_a_fixed_number_of_statements(client, db):
    kota = UserFactory(koordinator=True, wilayah_id="3273")

    def queries():
        client.force_login(kota)
        client.get("/")
        with count_queries() as counted:
            client.get("/")
        return len(counted)

    make_family("satu", UserFactory())
    few = queries()
    for owner in ("dua", "tiga"):
        make_family(owner, UserFactory())
        HouseholdFactory(pendamping=UserFactory(is_active=False))
    assert queries() == few <= 24, few


def test_a_locked_month_and_an_answered_report_wait_no_more(db):
    rina, sri = UserFactory(koordinator=True), UserFactory()
    HouseholdFactory(pendamping=sri)
    today = local_today("327316")
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)

    def words():
        return [line.waiting.words.split(" ")[:2] for line in lines_for(rina, today)]

    report = write_report(sri, month=month)
    assert words() == [["laporan", words()[0][1]]]
    report = move(report, "ajukan")
    assert words() == [["laporan", "menunggu"]]
    move(report, "setujui", koordinator=rina)
    assert words() == [["kelurahan", "siap"]]
    lock(rina, sri.wilayah_id, month=month, today=today)
    assert words() == []
    assert len(ROOMS) >= 8
