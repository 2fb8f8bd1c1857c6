"""Commitments typed for many members at once: a class list of a school, the children of a posyandu, for one month."""

import re
from dataclasses import dataclass

from django import forms

from entries.forms import whole_number
from kpm.forms.families import CASE_NUMBER, IN_CASE, FamilyRowsForm
from pkh_casework.unseen import as_number
from roles.commitments.people import Bound
from roles.commitments.told import Told
from roles.models import Commitment, CommitmentKind
from roles.models.commitment import MOST_DAYS
from roles.operations.commitment import version_of_rows

DAYS = {"alpa": "absent", "izin": "leave", "sakit": "ill"}
CAME = {"hadir": True, "tidak_hadir": False, "tak_tahu": None}
ANSWERS = [("hadir", "Datang"), ("tidak_hadir", "Tidak datang"), ("tak_tahu", "Belum tahu")]
CHANGED = (
    "Isian tempat ini sudah diubah di tempat lain sejak halaman ini dibuka. Bandingkan di bawah; isian Anda masih ada. "
    "Simpan lagi bila yang benar isian Anda."
)
MEMBER = slice(10, 46)  # where the id of the member stands behind the name of a row's field


@dataclass
class Row:
    """One member on the page: what was typed of the days away, or the answer; `now` what is stored by now instead."""

    bound: Bound
    alpa: str = ""
    izin: str = ""
    sakit: str = ""
    answer: str = ""
    error: str = ""
    now: str = ""

    @property
    def key(self):
        """Behind the name of each field of the row: one member may be bound twice at the same place."""
        return f"{self.bound.household.case_number}-{self.bound.member.pk}-{self.bound.rule.kind_id}"

    @property
    def days(self):
        """(name, label, what was typed) of the days away."""
        return [(f"{name}-{self.key}", name.capitalize(), getattr(self, name)) for name in DAYS]

    @property
    def is_attendance(self):
        return self.bound.rule.kind.measure == CommitmentKind.Measure.ATTENDANCE

    @property
    def is_typed(self):
        return any((self.alpa, self.izin, self.sakit))


def row_of(bound):
    """The Row of a member with what is stored of it."""
    row, stored = Row(bound), bound.stored
    if stored:
        for name, field in DAYS.items():
            value = getattr(stored, field)
            setattr(row, name, "" if value is None else str(value))
        row.answer = next(
            (answer for answer, came in CAME.items() if came is not None and came == stored.came), ""
        )
    return row


class CommitmentForm(FamilyRowsForm):
    """The page of one place and month as a person fills it in.

    The families come as repeated `kpm`; of each member `alpa-`, `izin-`, `sakit-` or `datang-`, with case number, id
    of the member and kind behind: they are rows of the page, not fields. A row not answered yet sends an empty `datang-`, so that
    it is told from one that was not on the page. `people`: the Bound of the place.
    """

    of_page = ("effective", "empty_is_present")

    effective = whole_number(
        "Hari efektif",
        1,
        MOST_DAYS,
        required=False,
        help_text="Hari sekolah dalam bulan ini, sama untuk semua.",
    )
    empty_is_present = forms.BooleanField(
        label="Anak yang kotaknya kosong selalu masuk (0 hari)", required=False
    )

    def __init__(self, *args, people, month, rows=(), **kwargs):
        """`rows`: those of a page not yet sent."""
        super().__init__(*args, **kwargs)
        self.month, self.people = month, people
        self.has_attendance = any(Row(one).is_attendance for one in people)
        self.was_changed = False
        self.rows = self._rows_sent() if self.is_bound else list(rows)
        if not self.has_attendance:
            del self.fields["effective"], self.fields["empty_is_present"]

    def all_came(self):
        """Let everybody have come: one tap instead of twenty-five."""
        for row in self.rows:
            row.answer = "hadir"

    def _rows_sent(self):
        families = {household.pk for household in self.households_sent()}
        sent = {name.partition("-")[2] for name in self.data if name.partition("-")[0] in {*DAYS, "datang"}}
        rows = [Row(one) for one in self.people if one.household.pk in families]
        rows = [row for row in rows if row.key in sent]
        for row in rows:
            for name in DAYS:
                setattr(row, name, as_number(self.data.get(f"{name}-{row.key}", "")).strip())
            row.answer = self.data.get(f"datang-{row.key}", "")
        self.gone = sent - {row.key for row in rows}
        return rows

    def clean(self):
        data = super().clean()
        here = {row.bound.household.case_number for row in self.rows}
        unknown = set(self.set_handed_over(here))
        if any(key[IN_CASE] not in self.handed_over for key in self.gone) or unknown:
            self.add_error(
                None,
                "Ada anggota yang tidak ada lagi di daftar tempat ini. Muat ulang halaman, lalu isi lagi.",
            )
        if not self.rows and not self.handed_over:
            self.add_error(None, "Belum ada yang diisi.")
        for row in self.rows:
            row.error = self._fault(row)
        needs_days = [row for row in self.rows if row.is_attendance and self._is_told(row)]
        if needs_days and not data.get("effective") and "effective" not in self.errors:
            self.add_error("effective", "Isi hari efektif bulan ini.")
        self.name_wrong("Periksa lagi isian {}.", lambda row: row.bound.member.name)
        return data

    def _is_told(self, row):
        return row.is_typed or bool(self.cleaned_data.get("empty_is_present"))

    def _fault(self, row):
        if not row.is_attendance:
            return "" if row.answer in {*CAME, ""} else "Pilih salah satu."
        texts = [text for text in (row.alpa, row.izin, row.sakit) if text]
        if not all(re.fullmatch("[0-9]{1,2}", text) and int(text) <= MOST_DAYS for text in texts):
            return f"Tulis jumlah hari, 0 sampai {MOST_DAYS}."
        effective = self.cleaned_data.get("effective")
        if effective and (missed := sum(map(int, texts))) > effective:
            return f"Tidak masuk {missed} hari, padahal hari efektif {effective}."
        return ""

    def _told(self, row):
        if not row.is_attendance:
            return Told(row.bound, self.month, came=CAME.get(row.answer))
        if not self._is_told(row):
            return Told(row.bound, self.month)
        away, leave, ill = (int(text or 0) for text in (row.alpa, row.izin, row.sakit))
        effective = self.cleaned_data["effective"]
        return Told(row.bound, self.month, effective=effective, absent=away, leave=leave, ill=ill)

    def entry(self):
        """The arguments of operations.commitment.record_commitments but those of the page."""
        return {
            "op_id": self.op_id,
            "told": [self._told(row) for row in self.rows],
            "seen": self.cleaned_data["version"],
        }

    def compare(self, row):
        """Show beside each member what is stored by now; `row` are the Commitment rows."""
        stored = {(one.member_id, one.kind_id): one for one in row}
        self.was_changed = True
        for one in self.rows:
            now = stored.get((one.bound.member.pk, one.bound.rule.kind_id))
            told = self._told(one).said()
            if any(getattr(now, name, None) != told[name] for name in Commitment.SAID):
                one.now = in_words(now)
        self.data = self.data.copy()
        self.data["version"] = version_of_rows(row)
        self.add_error(None, CHANGED)

    def row_in_words(self, name, value):
        """(label, words) of a row that was sent and is no field, for who decides about it; None for others."""
        part, _, key = name.partition("-")
        case, member = key[IN_CASE], key[MEMBER]
        if not CASE_NUMBER.fullmatch(case) or part not in {*DAYS, "datang"}:
            return None
        who = next((one.member.name for one in self.people if str(one.member.pk) == member), case)
        if part == "datang":
            return who, dict(ANSWERS).get(value, value)
        return f"{part.capitalize()} {who}", value


def in_words(stored):
    """What a Commitment (or None) says."""
    if stored is None or not stored.is_told:
        return "belum diketahui"
    if stored.came is not None:
        return "datang" if stored.came else "tidak datang"
    if stored.effective_days is None:
        return f"hadir {stored.percent_words}%"
    return f"alpa {stored.absent}, izin {stored.leave}, sakit {stored.ill} dari {stored.effective_days} hari"
