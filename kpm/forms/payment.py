"""What came of the benefit of a tahap, as it is typed: of one family, or of a kelompok row by row."""

from dataclasses import dataclass

from django import forms

from entries.forms import DateField, EntryForm, whole_number
from kpm.models import Household, PaymentCheck, PaymentTrouble
from kpm.operations.payment import Found
from pkh_casework.forms import day_of_entry, text_field
from pkh_casework.templatetags.formats import tanggal

from .at_home import AtHomeForm
from .families import FamilyRowsForm
from .goal import ComingDateField

State = PaymentCheck.State
NOTE_LENGTH = 200
MOST_RUPIAH = 99_999_999
CHOOSE_TROUBLE = "Pilih apa masalahnya."
NOTHING_SAID = "Belum ada yang diisi. Pilih keadaan paling sedikit satu keluarga."


class CheckedField(DateField):
    """The day on which something was found out, today unless it is said."""

    def bound_by(self, today):
        super().bound_by(today)
        self.validators.append(lambda day: day_of_entry(day, today))


class PaymentForm(AtHomeForm, EntryForm):
    """What was found of one family in the tahap `term`; `row` is the latest check of it."""

    state = forms.ChoiceField(
        label="Bagaimana bantuannya",
        choices=State.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    trouble = forms.ModelChoiceField(
        PaymentTrouble.objects.none(),
        label="Masalahnya",
        required=False,
        empty_label="Pilih masalah",
        help_text="Hanya bila bermasalah.",
    )
    look_again_on = ComingDateField(
        label="Dilihat lagi",
        required=False,
        help_text="Dikosongkan: seminggu atau dua minggu lagi, menurut masalahnya.",
    )
    paid_on = DateField(label="Cair tanggal", required=False)
    amount = whole_number("Diterima (rupiah)", 0, MOST_RUPIAH, required=False)
    note = text_field("Catatan", NOTE_LENGTH, required=False)
    checked_on = CheckedField(label="Dicek tanggal")

    def __init__(self, data=None, *, term, row=None, **kwargs):
        today = kwargs["today"]
        super().__init__(data, row=row, initial=_initial(row) | {"checked_on": today}, **kwargs)
        self.term = term
        self.fields["trouble"].queryset = troubles_on(today)
        self.fields["look_again_on"].not_before(today, "Pilih hari yang akan datang.")
        self.fields["paid_on"].validators.append(self._not_before_the_tahap)

    def _not_before_the_tahap(self, day):
        if day < self.term.first_on:
            raise forms.ValidationError(
                f"{self.term} mulai {tanggal(self.term.first_on)}. Periksa tanggalnya."
            )

    def clean(self):
        data = super().clean()
        if data.get("state") != State.TROUBLE:
            data |= {"trouble": None, "look_again_on": None}
        elif data.get("trouble") is None and "trouble" not in self.errors:
            self.add_error("trouble", CHOOSE_TROUBLE)
        if data.get("state") != State.PAID:
            data |= {"paid_on": None, "amount": None}
        return data

    @property
    def shown(self):
        """(bound field, remark) pairs, in the order in which they are asked."""
        return self.noted(
            "state", "trouble", "look_again_on", "paid_on", "amount", "note", "checked_on", "at_home"
        )

    def entry(self):
        """The arguments of operations.payment.check_payment but the family."""
        data = dict(self.cleaned_data)
        checked_on, at_home = data.pop("checked_on"), data.pop("at_home")
        return {
            "op_id": self.op_id,
            "term": self.term,
            "checked_on": checked_on,
            "found": Found(**data),
            "version": self.seen_version,
            "at_home": at_home,
        }


def _initial(row):
    if row is None:
        return {}
    return {name: getattr(row, name) for name in ("state", "trouble", "paid_on", "amount", "note")}


def troubles_on(day):
    return PaymentTrouble.objects.valid_on(day)


@dataclass
class PaymentRow:
    """One family of the page: what is stored, and what was said of it."""

    household: Household
    latest: PaymentCheck | None
    seen: str
    state: str = ""
    trouble: str = ""
    note: str = ""
    error: str = ""

    @property
    def case(self):
        return self.household.case_number


def rows_of(households, term):
    """A PaymentRow of each household, filled from its latest check; one query."""
    latest = (
        PaymentCheck.objects.filter(household__in=households).of_term(term).newest().select_related("trouble")
    )
    latest = {check.household_id: check for check in latest}
    return [_row_of(household, latest.get(household.pk)) for household in households]


def _row_of(household, check):
    if check is None:
        return PaymentRow(household, None, "")
    return PaymentRow(household, check, str(check.pk), check.state, check.trouble_id or "", check.note)


class PaymentRollForm(FamilyRowsForm):
    """One page for many families: repeated `kpm` (case numbers), each with `cair-<case>` (a State), `masalah-<case>` (key
    of a PaymentTrouble), `ket-<case>` and `dulu-<case>`, the id of the check that was shown. Rows of the page, not
    fields. A family of which nothing new is said is left as it is.
    """

    of_page = ("checked_on",)

    checked_on = CheckedField(label="Dicek tanggal")

    def __init__(self, *args, term, rows=(), **kwargs):
        """`rows` (PaymentRow) for a form not yet sent."""
        super().__init__(*args, **kwargs)
        self.term = term
        self.fields["checked_on"].initial = self.today
        self.fields["checked_on"].bound_by(self.today)
        self.troubles = list(troubles_on(self.today))
        self.rows = self._rows_sent() if self.is_bound else list(rows)

    def all_paid(self):
        """Let every family of which nothing was said be paid: one tap instead of twenty-five."""
        for row in self.rows:
            row.state = row.state or State.PAID

    def _rows_sent(self):
        rows = rows_of(self.households_sent(), self.term)
        for row in rows:
            said = self.data.get(f"cair-{row.case}", "")
            row.state = said if said in State else ""
            row.trouble = self.data.get(f"masalah-{row.case}", "") if row.state == State.TROUBLE else ""
            row.note = " ".join(self.data.get(f"ket-{row.case}", "").replace("\0", "").split())
            row.seen = self.data.get(f"dulu-{row.case}", "")
        return rows

    def clean(self):
        data = super().clean()
        self.refuse_unknown()
        self._known = {trouble.pk: trouble for trouble in self.troubles}
        for row in self.rows:
            row.error = self._fault_of(row)
        self.name_wrong("Ada yang belum lengkap: {}.", lambda row: row.household.name)
        if not self.errors and not self._news() and not self.handed_over:
            self.add_error(None, NOTHING_SAID)
        return data

    def _fault_of(self, row):
        if row.state == State.TROUBLE and row.trouble not in self._known:
            return CHOOSE_TROUBLE
        if len(row.note) > NOTE_LENGTH:
            return f"Catatannya terlalu panjang: paling banyak {NOTE_LENGTH} huruf."
        if row.note and not row.state:
            return "Pilih keadaannya dulu; catatannya disimpan bersama itu."
        return ""

    def _news(self):
        """The rows that say something that is not stored already."""
        return [
            row
            for row in self.rows
            if row.state
            and (row.latest is None or (row.state, row.trouble, row.note) != _said_by(row.latest))
        ]

    def entry(self):
        """The arguments of operations.payment.check_payments but the tahap."""
        news = self._news()
        return {
            "op_id": self.op_id,
            "checked_on": self.cleaned_data["checked_on"],
            "found": {
                row.household: Found(row.state, self._known.get(row.trouble), note=row.note) for row in news
            },
            "seen": {row.household: int(row.seen) if row.seen.isdecimal() else None for row in news},
        }

    def compare(self, changed):
        """Say beside each row what is stored now where it was written down in another tab; the next save counts."""
        for row in self.rows:
            if check := changed.get(row.household):
                row.seen = str(check.pk)
                row.error = f"Sekarang tersimpan: {check.told}, dicek {tanggal(check.checked_on)}."
        self.add_error(
            None,
            "Sebagian sudah dicatat di tempat lain sejak halaman ini dibuka. Periksa barisnya, lalu simpan lagi.",
        )

    def row_in_words(self, name, value):
        """(label, words) of a row that was sent and is no field, for who decides about it; None for others."""
        part, _, case = name.partition("-")
        if part == "cair":
            return f"Bantuan {case}", dict(State.choices).get(value, value)
        if part == "masalah":
            known = {trouble.pk: trouble.name for trouble in self.troubles}
            return f"Masalah {case}", known.get(value, value)
        if part == "ket":
            return f"Catatan {case}", value
        return ("", "") if part == "dulu" else None


def _said_by(check):
    return check.state, check.trouble_id or "", check.note
