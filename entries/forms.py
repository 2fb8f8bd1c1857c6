"""What the forms of an entry share: doubts to look at, and what changed meanwhile; and the forms of the holding desk."""

import hashlib
import re
from collections.abc import Callable
from datetime import date

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html, format_html_join

from accounts.models import User
from pkh_casework.days import PKH_BEGAN
from pkh_casework.forms import (
    CaseField,
    CodeField,
    DayField,
    NumberTextField,
    OneTap,
    Typed,
    WholeNumberField,
    text_field,
)
from pkh_casework.templatetags.formats import NONE, tanggal

from .models import HeldEntry
from .operations import newest_receipt, version_of

Decision = HeldEntry.Decision
WITH_REASON = {Decision.RETURNED, Decision.CLOSED}
CASE = re.compile(r"PKH-[0-9A-Z]{5}")
CORRECTED = (
    "Catatan ini sudah dikoreksi di tempat lain sejak halaman ini dibuka. Isian Anda masih ada di sini; "
    "simpan lagi bila yang benar isian Anda."
)
OLDEST_BIRTH = date(1900, 1, 1)
NOT_FOUND = "Pilihan ini tidak ditemukan."  # what also a choice says that is no choice (locale/)


class DateField(DayField):
    """A day that has come already, not before `oldest`."""

    def __init__(self, *, oldest=PKH_BEGAN, **kwargs):
        super().__init__(**kwargs)
        self.oldest = oldest

    def bound_by(self, today):
        """Refuse days after `today`."""
        self.validators = [
            MaxValueValidator(today, "Tanggal tidak boleh di masa depan."),
            MinValueValidator(
                self.oldest, f"Terlalu lama: paling awal {tanggal(self.oldest)}. Periksa tahunnya."
            ),
        ]
        self.widget.attrs.update(min=self.oldest.isoformat(), max=today.isoformat())


class IdentityField(NumberTextField):
    """A NIK or No KK as people type it, with spaces or without; the form checks and cleans it."""

    def __init__(self, **kwargs):
        attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "input--code", "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)


class AuthorsForm(OneTap, forms.Form):
    """What its author writes once and corrects within its days. `version` is the newest receipt when the form was
    opened; `now()` tells who corrects a version that is not there any more what is stored: the next save counts.
    """

    version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    keeps_both = True
    now: Callable[[], str]

    def compare(self, row):
        """Say what `row` holds now."""
        self.data = self.data.copy()
        self.data["version"] = newest_receipt(row)
        self.add_error(None, f"{CORRECTED} Yang tersimpan sekarang: {self.now()}")


class EntryForm(OneTap, forms.Form):
    """An entry of a field worker.

    Valid means: no faults, and every doubt was looked at ("Sudah saya periksa") as it stands now. After
    ChangedMeanwhile, `compare` fills the differences. Both stand beside the fields as `remarks`. `row` is what is
    being changed, if anything.
    """

    @property
    def not_offered(self) -> frozenset[str]:
        """Fields of the row that its asker can't change here."""
        return frozenset()

    def __init__(self, data=None, *, row=None, **kwargs):
        super().__init__(data, **kwargs)
        self.row = row
        self.version = version_of(row, but=self.not_offered) if row else ""
        self.seen_version = data.get("version", "") if data else ""
        self.doubts, self.differences = [], {}
        self.was_changed, self.changed_by = False, None
        for field in self.fields.values():
            if isinstance(field, DateField):
                field.bound_by(self.today)

    @property
    def doubts_mark(self):
        """Names the doubts shown, so that a tick for these is not a tick for others."""
        text = "\n".join(f"{doubt.text} {doubt.household or ''}" for doubt in self.doubts)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def doubts_wait(self):
        return bool(self.doubts) and self.data.get("checked") != self.doubts_mark

    def is_valid(self):
        return super().is_valid() and not self.doubts_wait

    def compare(self, row):
        """Show for each field what `row` holds now where it differs from what was typed; the next save wins."""
        self.version = version_of(row, but=self.not_offered)
        self.row, self.was_changed = row, True
        for name, field in self.fields.items():
            stored, typed = self.stored_value(name), self.cleaned_data.get(name)
            if stored is not Ellipsis and stored != typed:
                self.differences[name] = f"Sekarang tersimpan: {self._words(field, stored)}"
        last = row.events.select_related("pgh_context").order_by("-pgh_id").first()
        if last and last.pgh_context:
            self.changed_by = User.objects.filter(pk=last.pgh_context.metadata.get("user")).first()

    def stored_value(self, name):
        """What the row holds in the field `name`; Ellipsis when it has no such field to compare."""
        try:
            return getattr(self.row, self.row._meta.get_field(name).name)
        except FieldDoesNotExist:
            return ...

    @property
    def remarks(self):
        """What stands beside the fields, as {name: HTML}: the doubts about it, then what changed meanwhile."""
        texts = {}
        for doubt in self.doubts:
            texts.setdefault(doubt.field, []).append(_sentence(doubt))
        for name, difference in self.differences.items():
            texts.setdefault(name, []).append(difference)
        return {name: format_html_join(" ", "{}", ((text,) for text in of)) for name, of in texts.items()}

    @property
    def doubted(self):
        """(bound field, doubt) pairs for the list at the head of the form, in the order of the fields."""
        return [(field, doubt) for field in self for doubt in self.doubts if doubt.field == field.name]

    def noted(self, *names):
        """(bound field, remark) pairs for the template."""
        remarks = self.remarks
        return [(self[name], remarks.get(name, "")) for name in names]

    def _words(self, field, value):
        if value is None or value == "":
            return NONE
        if isinstance(value, date):
            return tanggal(value)
        choices = dict(getattr(field, "choices", [])) if isinstance(value, str) else {}
        return str(choices.get(value, value))


def _sentence(doubt):
    if doubt.household is None:
        return doubt.text
    return format_html(
        '{} <a href="{}" target="_blank">{} ({})</a>.',
        doubt.text,
        doubt.household.get_absolute_url(),
        doubt.household.name,
        doubt.household.case_number,
    )


def whole_number(label, least, most, **kwargs):
    """A WholeNumberField from `least` to `most`."""
    words = f"Isi angka {least} sampai {most}."
    field = WholeNumberField(label=label, min_value=least, max_value=most, **kwargs)
    field.error_messages |= {"invalid": words, "min_value": words, "max_value": words}
    field.validators = [MinValueValidator(least, words), MaxValueValidator(most, words)]
    field.widget.attrs["inputmode"] = "numeric"
    return field


# --- the holding desk -------------------------------------------------------------------------------------------------


class ReceiptForm(forms.Form):
    """Sent by GET: the code is no personal data."""

    kode = text_field(
        "Kode tanda terima",
        20,
        kind=CodeField,
        help_text="Enam huruf dan angka. Huruf kecil boleh; O dan 0, I dan 1 dianggap sama.",
        error_messages={"required": "Tulis kodenya."},
    )
    kode.widget.attrs |= {"class": "input--code", "autocomplete": "off", "spellcheck": "false"}


class DecideForm(Typed, forms.Form):
    """A koordinator's decision on a held entry; `case` is there when it is attached."""

    decision = forms.ChoiceField(
        choices=Decision,
        error_messages={"required": "Pilih satu keputusan.", "invalid_choice": "Pilih satu keputusan."},
    )
    note = text_field(
        "Catatan untuk pengirim",
        450,
        rows=3,
        required=False,
        help_text="Wajib bila dikembalikan atau ditutup. Pengirim membacanya.",
    )
    case = text_field(
        "Nomor KPM yang benar",
        20,
        kind=CaseField,
        required=False,
        help_text="Hanya bila isian ini ternyata untuk keluarga lain, misalnya PKH-7F3K2.",
    )
    case.widget.attrs |= {"class": "input--code", "autocomplete": "off", "spellcheck": "false"}

    def clean_case(self):
        case = self.cleaned_data["case"]
        if case and not CASE.fullmatch(case):
            raise forms.ValidationError("Keluarga dengan nomor itu tidak ditemukan.")
        return case

    def clean(self):
        data = super().clean()
        decision = data.get("decision")
        if decision in WITH_REASON and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya, supaya pengirim tahu.")
        if decision == Decision.ATTACHED and not data.get("case") and "case" not in self.errors:
            self.add_error("case", "Tulis nomor keluarganya.")
        return data
