"""What all entries of this room share: one id for one tap, doubts to look at, and what changed meanwhile."""

import hashlib
from datetime import date

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html, format_html_join

from accounts.models import User
from kpm.operations import version_of
from pkh_casework.days import PKH_BEGAN
from pkh_casework.forms import OneTap
from pkh_casework.templatetags.formats import NONE, tanggal

OLDEST_BIRTH = date(1900, 1, 1)
NOT_FOUND = "Pilihan ini tidak ditemukan."  # what also a choice says that is no choice (locale/)


class DateField(forms.DateField):
    """A day that has come already, not before `oldest`."""

    def __init__(self, *, oldest=PKH_BEGAN, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs["error_messages"] = {"required": "Isi tanggalnya.", "invalid": "Tulis tanggal yang benar."}
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


class NumberField(forms.CharField):
    """A NIK or No KK as people type it, with spaces or without; the form checks and cleans it."""

    def __init__(self, **kwargs):
        attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "input--code", "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)


class EntryForm(OneTap, forms.Form):
    """An entry of a field worker.

    Valid means: no faults, and every doubt was looked at ("Sudah saya periksa") as it stands now. After
    ChangedMeanwhile, `compare` fills the differences. Both stand beside the fields as `remarks`. `row` is what is
    being changed, if anything.
    """

    def __init__(self, data=None, *, row=None, **kwargs):
        super().__init__(data, **kwargs)
        self.row = row
        self.version = version_of(row) if row else ""
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
        self.row, self.version, self.was_changed = row, version_of(row), True
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
    """An IntegerField from `least` to `most`."""
    words = f"Isi angka {least} sampai {most}."
    field = forms.IntegerField(label=label, min_value=least, max_value=most, **kwargs)
    field.error_messages |= {"invalid": words, "min_value": words, "max_value": words}
    field.validators = [MinValueValidator(least, words), MaxValueValidator(most, words)]
    field.widget.attrs["inputmode"] = "numeric"
    return field
