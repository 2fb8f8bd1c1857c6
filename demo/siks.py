"""The file of this tahap from SIKS-NG, compared with Kebon Jayanti: some rows decided, some open, and what was changed here
since and is to be typed there.
"""

import csv
import io
from hashlib import sha256

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from kpm.models import Household, Pengurus
from kpm.operations import change_household
from kpm.payments import term_of
from pkh_casework.ids import uuid7
from roster.columns import known_columns
from roster.models import Difference, Kind, SiksFile, ToType
from roster.operations.batch import go_on, match_columns
from roster.operations.siks import Terms, decide, receive_quarterly
from roster.operations.to_type import gather, tick_off
from wilayah.models import Wilayah

NAME = "Penerima PKH Kebon Jayanti dari SIKS-NG.csv"
SENDER, HOLDER, AREA = "koordinator.kiaracondong", "pendamping.kebonjayanti", "3273161002"
HEADINGS = ("No KK", "NIK Pengurus", "Nama Pengurus", "Alamat", "RT", "RW", "Kelurahan", "Desil")
# No KK and NIK belong to nobody: the district 327399 does not exist.
NEW = (
    "3273990711250001",
    "3273995506900051",
    "Rukmini Sulastri",
    "Gang Tanjung 6",
    "002",
    "006",
    "Kebon Jayanti",
    "2",
)
OTHER_NO_KK, OTHER_NIK = "3273990711250002", "3273994412830052"
NEW_HOMES = ("Gang Anyar 21", "Jalan Kebonjayanti 112", "Gang Saluyu 3")
FEWEST = 14  # families of whom the file says something else


def fill_siks(today, users):
    """Send the file once and decide as the koordinator did; `users` are the demo's by username."""
    families = list(Household.objects.active().filter(wilayah=AREA).order_by("name", "address", "pk"))
    term = term_of(today)
    if SiksFile.objects.exists() or term is None or len(families) < FEWEST:
        return
    sender, holder = users[SENDER], users[HOLDER]
    with transaction.atomic():
        _compare(sender, _rows(families), term)
        _decide(sender, today)
        _change_since(families[-3:], holder, sender, today)


def _rows(families):
    """The lines of the file: what is here, in capitals, with a difference of each kind."""
    terms = Pengurus.objects.filter(household__in=families, to_on=None).select_related("member")
    numbers = {one.household_id: one.member.nik for one in terms}
    lines = []
    for at, one in enumerate(families):
        nik = numbers.get(one.pk)
        line = [
            one.no_kk.reveal(), nik.reveal() if nik else "", one.name.upper(), one.address.upper(), one.rt or "",
            one.rw or "", "KEBON JAYANTI", one.desil or "",
        ]  # fmt: skip
        if at in {0, 1, 2}:
            continue  # not in the file any more
        if at in {3, 4, 5}:
            line[3] = NEW_HOMES[at - 3].upper()
        elif at == 6:
            line[0] = OTHER_NO_KK
        elif at == 7:
            line[1] = OTHER_NIK
        elif at == 8:
            line[1], line[2] = "3273996302870053", "DEDE ROHAYATI"
        elif at in {9, 10, 11}:
            line[7] = (one.desil or 1) % 4 + 1
        lines.append(line)
    return [*lines, NEW]


def _compare(sender, lines, term):
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([["DAFTAR PENERIMA PKH"], [], HEADINGS, *lines])
    content = text.getvalue().encode("utf-8-sig")
    batch = receive_quarterly(
        by=sender,
        op_id=uuid7(),
        sent="demo",
        upload=SimpleUploadedFile(NAME, content),
        sha256=sha256(content).hexdigest(),
        area=Wilayah.objects.get(pk=AREA),
        term=term,
    )
    go_on(batch.pk)  # within a transaction nobody else reads it
    batch.refresh_from_db()
    fields = [column["field"] if column["field"] in known_columns() else "" for column in batch.columns]
    match_columns(
        batch, by=sender, op_id=uuid7(), sent="demo", fields=fields, kelurahan=None, pendamping=None
    )
    go_on(batch.pk)


def _decide(sender, today):
    """One address and a level are taken, an address and a family are kept, one waits for a visit."""
    state = Difference.State
    for kind, at, decision, note in (
        (Kind.MOVED, 0, state.TAKEN, ""),
        (Kind.DESIL, 0, state.TAKEN, ""),
        (Kind.MOVED, 1, state.REFUSED, "Sudah dikunjungi, masih di alamat lama."),
        (Kind.OUT, 0, state.REFUSED, "Masih layak menurut musyawarah kelurahan."),
        (Kind.OUT, 1, state.LATER, "Menunggu kunjungan pendamping."),
    ):
        row = Difference.objects.filter(kind=kind).order_by("household__name", "member__name", "pk")[at]
        decide(
            {row.pk: row.mark},
            by=sender,
            op_id=uuid7(),
            sent="demo",
            today=today,
            decision=decision,
            note=note,
            terms=Terms(on=today),
        )


def _change_since(families, holder, sender, today):
    """What a pendamping mended after the file came; one of it was typed already."""
    for one, address in zip(
        families, ("Gang Mawar Dalam 8", "Gang Masjid 17", "Jalan Ibrahim Adjie 40"), strict=True
    ):
        change_household(one, by=holder, op_id=uuid7(), sent="demo", today=today, address=address)
    gather(AREA)
    row = ToType.objects.waiting().filter(household=families[0]).first()
    if row:
        tick_off(row, by=sender, op_id=uuid7(), sent="demo", on=today)
