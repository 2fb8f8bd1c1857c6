"""What every form of the house uses: the id of one tap, and fields."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from .fields import case_number_of
from .ids import day_of_id, uuid7
from .images import clean_photo
from .templatetags.formats import angka, tanggal
from .unseen import as_code, as_number

MOST_PHOTOS = 4
OLDEST_DAYS = 366  # what was done longer ago than a year is a slip of the finger
THOUSANDS = re.compile(r"[+-]?\d{1,3}([.\s]\d{3})+")
LINE_END = re.compile("\r\n?")
TAP_AGAIN = "Belum tersimpan. Muat ulang halaman ini, lalu ketuk sekali lagi."


class Typed(forms.BaseForm):
    """For the type checker, which can't know which fields a form has, and where its data is from."""

    fields: dict[str, Any]
    data: QueryDict

    def clean(self) -> dict[str, Any]:
        """Django lets a form answer nothing here; this one answers what is clean."""
        super().clean()
        return self.cleaned_data


class OneTap(Typed):
    """A form of `user` on the day `today`, sent under one id: what a view that stores it needs of any form."""

    keeps_both = False  # another content under a known id waits for a koordinator, and not for its sender

    def __init__(self, data=None, files=None, *, user, today, **kwargs):
        super().__init__(data, files, **kwargs)
        self.user, self.today = user, today
        try:
            self.op_id = UUID(data["op_id"]) if data else uuid7()
        except (KeyError, ValueError):  # a form that came without
            self.op_id = uuid7()

    def ask_about_days(self):
        """Ask once about each day that is the one on which the page was opened, when that is over: it stood in the form and
        may have been meant for today. Sent again, under the new id, it is what was meant. True when there is one to ask.
        """
        opened = day_of_id(self.op_id)
        if self.today is None or opened is None or opened >= self.today:
            return False
        asked = [
            name
            for name, field in self.fields.items()
            if isinstance(field, forms.DateField) and self.cleaned_data.get(name) == opened
        ]
        words = "kemarin" if opened == self.today - timedelta(days=1) else "sudah lewat"
        for name in asked:
            self.add_error(
                name,
                f"Tanggal ini {words}: {tanggal(opened)}, hari halaman ini dibuka. Hari ini {tanggal(self.today)}. "
                "Ganti, atau simpan lagi bila memang tanggal itu.",
            )
        if asked:
            self.op_id = uuid7()
        return bool(asked)

    def refuse(self, refusal):
        """Put the text of a refusal (with `text` and `field`) beside its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.text)

    def already_taken(self, words):
        """The op_id was used for other content: say so and offer the entry under a new id."""
        self.op_id = uuid7()
        self.add_error(None, words)


class TapForm(OneTap, forms.Form):
    """A write that says nothing but which tap it was; what can't be taken answers TAP_AGAIN."""

    op_id = forms.UUIDField(error_messages={"required": TAP_AGAIN, "invalid": TAP_AGAIN})

    def already_taken(self, words):
        self.add_error(None, TAP_AGAIN)

    def entry(self):
        return {"op_id": self.op_id}


class WithRows(forms.BaseForm):
    """A form with repeated fields: `rows`, a formset, stands below its own.

    A fault of a row is one of the form, by the name that the page sends, so that it is told, counted and answered like
    that of any other field.
    """

    rows: forms.BaseFormSet

    def full_clean(self):
        """Check the rows too, also for what each of them can't know."""
        super().full_clean()
        if self.is_bound:
            for fault in self.rows.non_form_errors():
                self.add_error(None, fault)
            for row in self.rows:
                self.errors.update({row.add_prefix(name): faults for name, faults in row.errors.items()})

    def row_in_words(self, name, value):
        """(label, words) of what was sent in the field `name` of a row; None for others."""
        for row in self.rows:
            for field in row:
                if field.html_name == name:
                    return str(field.label), value
        return None

    def visible_fields(self):
        """Those of the rows as well: the head of the page leads to each fault."""
        return super().visible_fields() + [field for row in self.rows for field in row.visible_fields()]

    def hidden_fields(self):
        return super().hidden_fields() + [field for row in self.rows for field in row.hidden_fields()]


def text_field(label, length, *, rows=0, kind=None, **kwargs):
    """A WordsField (or another `kind`) of at most `length` characters; with `rows` a text area.

    A text that is too long is named and kept: the browser is not told the limit, since it would cut a pasted text
    without a word.
    """
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    field = (kind or WordsField)(label=label, widget=widget, **kwargs)

    def short_enough(text):
        if len(text) > length:
            raise ValidationError(
                f"Terlalu panjang: {angka(len(text))} huruf, paling banyak {angka(length)}. "
                "Tulisan Anda masih ada di sini; ringkas lalu simpan lagi."
            )

    field.validators.append(short_enough)
    return field


class WordsField(forms.CharField):
    """Words in one or more lines; a break between two counts as one sign, though browsers send two."""

    def to_python(self, value):
        return super().to_python(LINE_END.sub("\n", value) if isinstance(value, str) else value)


class NumberTyped(forms.Field):
    """Whatever people type as digits is cleaned of what comes along when it is pasted; every such field is one of these."""

    def to_python(self, value):
        return super().to_python(as_number(value) if isinstance(value, str) else value)


class WholeNumberField(NumberTyped, forms.IntegerField):
    """A whole number, with points or spaces between its thousands or without: 750.000 is never read as 750."""

    def to_python(self, value):
        if isinstance(value, str) and THOUSANDS.fullmatch(as_number(value)):
            value = re.sub(r"[.\s]", "", as_number(value))
        return super().to_python(value)


class DecimalNumberField(NumberTyped, forms.DecimalField):
    pass


class DayField(NumberTyped, forms.DateField):
    """A day, in the browser's own field for days; `error_messages` only where its words are others."""

    def __init__(self, *, error_messages=None, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        words = {"required": "Isi tanggalnya.", "invalid": "Tulis tanggal yang benar."}
        super().__init__(error_messages=words | (error_messages or {}), **kwargs)


class NumberTextField(NumberTyped, forms.CharField):
    """A number that is a name: a phone number, a NIP, a code of an area."""


class CodeField(forms.CharField):
    """A code or the name of an account, in which no blank stands; `max_length` counts what is left without any."""

    def to_python(self, value):
        return super().to_python(as_code(value) if isinstance(value, str) else value)


class CaseField(CodeField):
    """The number of a family in any writing; what is none stays for the form to refuse."""

    def to_python(self, value):
        text = super().to_python(value)
        return case_number_of(text) or text.upper()


class MailField(forms.EmailField):
    def to_python(self, value):
        return super().to_python(as_code(value) if isinstance(value, str) else value)


class SiteField(forms.URLField):
    def to_python(self, value):
        return super().to_python(as_code(value) if isinstance(value, str) else value)


def day_of_entry(day, today):
    """`day` when an entry may be for it: not after `today`, and not over OLDEST_DAYS ago. Raises ValidationError."""
    if day > today:
        raise ValidationError("Tanggal tidak boleh di masa depan.")
    if day < today - timedelta(days=OLDEST_DAYS):
        raise ValidationError("Tanggal lebih dari setahun yang lalu. Periksa lagi tahunnya.")
    return day


class OneFileField(forms.FileField):
    """One file of the endings `kinds` ('.csv,.txt'), of at most `largest` bytes; whatever way none came, `choose` says so."""

    def __init__(
        self,
        *,
        kinds,
        largest=None,
        too_large="",
        choose="Pilih berkasnya.",
        empty="Berkas ini kosong.",
        **kwargs,
    ):
        words = dict.fromkeys(("required", "missing", "invalid"), choose) | {"empty": empty}
        super().__init__(widget=forms.FileInput(attrs={"accept": kinds}), error_messages=words, **kwargs)
        self.largest, self.too_large = largest, too_large

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if self.largest and upload.size > self.largest:
            raise ValidationError(
                self.too_large or f"Berkas ini terlalu besar: paling besar {self.largest // 1_000_000} MB."
            )
        return upload


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos; cleans to a list of CleanPhoto."""

    widget = ManyFilesInput

    def clean(self, data, initial=None):
        uploads = [upload for upload in (data or []) if upload]
        if len(uploads) > MOST_PHOTOS:
            raise ValidationError(f"Paling banyak {MOST_PHOTOS} foto. Yang dipilih: {len(uploads)}.")
        return [clean_photo(upload) for upload in uploads]
