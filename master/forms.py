"""A row of master data as it is typed, a file of rows, the end of a row, and the decision of another one."""

import csv

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

from pkh_casework.csv_rows import BadFile, is_data, rows_in
from pkh_casework.forms import (
    DayField,
    NumberTextField,
    OneFileField,
    OneTap,
    WholeNumberField,
    text_field,
)
from pkh_casework.unseen import without_unseen
from pkh_casework.uploads import what_is
from wilayah.models import Wilayah

from .changes import SAME, plan_rows
from .models import Proposal
from .operations import area_of
from .tables import FROM, NO, TO, YES

LARGEST = 1_000_000  # bytes; the longest of the tables has some hundred rows
MOST_ROWS = 2_000
REASON_LENGTH = NOTE_LENGTH = 300
LONG = 120  # characters; longer texts get a box
NOTHING_NEW = "Tidak ada yang berubah: semua baris sudah ada begini."
EMPTY = "Berkas ini kosong, atau baris judulnya tidak ada."


def reason_field():
    return text_field(
        "Mengapa",
        REASON_LENGTH,
        rows=2,
        help_text="Misalnya nomor dan tanggal keputusan. Dibaca orang yang menyetujui.",
        error_messages={"required": "Tulis mengapa, singkat saja."},
    )


class ProposalForm(OneTap, forms.Form):
    """What is proposed for `table`: `rows()` tells it, {column: text} each. Valid means that each of them can stand and
    something is new.
    """

    beside: str | None = None  # the field that says it all

    reason = reason_field()

    def __init__(self, *args, table, **kwargs):
        super().__init__(*args, **kwargs)
        self.table, self.news = table, []

    def rows(self):
        raise NotImplementedError

    def refuse_row(self, one):
        """Say what stands against a Planned beside its field."""
        raise NotImplementedError

    def clean(self):
        data = super().clean()
        if self.errors.keys() - {"reason"}:
            return data
        planned = plan_rows(self.table, self.rows(), self.today, area=area_of(self.user))
        for one in planned:
            self.refuse_row(one)
        self.news = [one.cells for one in planned if one.what != SAME]
        if not self.news:
            self.add_error(self.beside, NOTHING_NEW)
        return data

    def entry(self):
        """The arguments of operations.propose but the table."""
        return {"op_id": self.op_id, "rows": self.news, "reason": self.cleaned_data["reason"]}


class RowForm(ProposalForm):
    """One row, each column a field by its own name; `row` is the one that a new version is made from."""

    def __init__(self, *args, table, row=None, **kwargs):
        if row is not None:
            kwargs["initial"] = table.cells_of(row) | ({FROM: "", TO: ""} if table.has_versions else {})
        super().__init__(*args, table=table, **kwargs)
        for field in table.fields:
            self.fields[field.name] = _form_field(field, table, self.user)
        self.order_fields([*table.columns, "reason"])

    def rows(self):
        return [{name: _text(self.cleaned_data.get(name)) for name in self.table.columns}]

    def refuse_row(self, one):
        for name, texts in one.faults.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)


class EndForm(ProposalForm):
    """The last day of `row` is the one before `valid_to`."""

    beside = TO

    valid_to = DayField(label="Berakhir mulai")
    field_order = [TO, "reason"]

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, **kwargs)
        self.row = row

    def rows(self):
        return [self.table.cells_of(self.row) | {TO: _text(self.cleaned_data.get(TO))}]

    def refuse_row(self, one):
        for text in one.fault_words:
            self.add_error(TO, text)


class FileForm(ProposalForm):
    """Rows in a CSV file as the table gives it out: comma or semicolon, lines with # are comments."""

    beside = "file"

    file = OneFileField(
        label="Berkas CSV",
        help_text="Ambil dulu berkasnya dari halaman tabel, tambah barisnya, lalu kirim. Baris yang sama tidak berubah.",
        kinds=".csv,.txt",
        largest=LARGEST,
    )
    field_order = ["file", "reason"]

    def clean_file(self):
        content = self.cleaned_data["file"].read()
        if what := what_is(content[:4096]):
            raise forms.ValidationError(
                f"Ini {what}, bukan berkas CSV. Simpan tabelnya sebagai CSV, lalu kirim lagi."
            )
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
        lines = [
            line for line in without_unseen(text).splitlines(keepends=True) if not line.startswith("sep=")
        ]
        first = next(filter(is_data, lines), "")
        delimiter = ";" if first.count(";") > first.count(",") else ","
        self._refuse_columns([name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])])
        rows = []
        try:
            for _, cells in rows_in(lines, delimiter=delimiter):
                if None in cells or None in cells.values():
                    raise ValidationError(f"Baris {len(rows) + 1}: jumlah selnya tidak sama dengan judulnya.")
                rows.append({name.strip(): text.strip().removeprefix("'") for name, text in cells.items()})
        except BadFile as bad:
            raise ValidationError(f"Baris {len(rows) + 1} tidak terbaca sebagai CSV.") from bad
        if not rows or len(rows) > MOST_ROWS:
            raise ValidationError(EMPTY if not rows else f"Terlalu banyak baris: paling banyak {MOST_ROWS}.")
        return rows

    def _refuse_columns(self, heading):
        if not heading:
            raise ValidationError(EMPTY)
        missing = [name for name in self.table.columns if name not in heading]
        unknown = [name for name in heading if name not in self.table.columns]
        if missing or unknown:
            said = [f"kurang {', '.join(missing)}"] if missing else []
            said += [f"tidak dikenal {', '.join(unknown)[:200]}"] if unknown else []
            raise ValidationError(f"Kolomnya tidak cocok: {'; '.join(said)}.")

    def rows(self):
        return self.cleaned_data["file"]

    def refuse_row(self, one):
        for name, texts in one.faults.items():
            label = f", {self.table.label(self.table.field(name))}" if name in self.table.columns else ""
            for text in texts:
                self.add_error("file", f"Baris {one.line}{label}: {text}")


class DecideForm(OneTap, forms.Form):
    """Approved or refused by another, withdrawn by who proposed it."""

    decision = forms.ChoiceField(
        label="Keputusan",
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih satu keputusan.", "invalid_choice": "Pilih satu keputusan."},
    )
    note = text_field("Catatan", NOTE_LENGTH, rows=2, required=False, help_text="Wajib bila ditolak.")

    def __init__(self, *args, proposal, **kwargs):
        super().__init__(*args, **kwargs)
        state = Proposal.State
        own = proposal.by_id == self.user.pk
        choices = (
            [(state.WITHDRAWN, "Tarik usulan ini")]
            if own
            else [(state.APPROVED, "Setujui"), (state.REFUSED, "Tolak")]
        )
        self.fields["decision"].choices = choices

    def clean(self):
        data = super().clean()
        if (
            data.get("decision") == Proposal.State.REFUSED
            and not data.get("note")
            and "note" not in self.errors
        ):
            self.add_error("note", "Tulis mengapa ditolak.")
        return data

    def entry(self):
        """The arguments of operations.decide but the proposal."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


# --- fields -----------------------------------------------------------------------------------------------------------


def _form_field(field, table, user):
    """The field of a form for one column of a table."""
    label = capfirst(table.label(field))
    required = not (field.null or field.blank)
    said = {"label": label, "required": required}
    words = {"required": "Isi ini.", "invalid_choice": "Pilih dari daftar."}
    if isinstance(field, models.BooleanField):
        return forms.ChoiceField(
            choices=[(YES, "Ya"), (NO, "Tidak")], widget=forms.RadioSelect, error_messages=words, **said
        )
    if isinstance(field, models.DateField):
        hint = "Hari pertama yang tidak berlaku lagi; kosong bila seterusnya." if field.name == TO else ""
        return DayField(help_text=hint, **said)
    if field.many_to_one:
        return forms.ChoiceField(choices=_choices_of(field, required, user), error_messages=words, **said)
    if field.choices:
        empty = [] if required else [("", "–")]
        return forms.ChoiceField(choices=[*empty, *field.flatchoices], error_messages=words, **said)
    if isinstance(field, models.IntegerField):
        number = forms.TextInput(attrs={"inputmode": "numeric"})
        return WholeNumberField(widget=number, error_messages=words | {"invalid": "Isi angka bulat."}, **said)
    if isinstance(field, models.DecimalField):
        return NumberTextField(
            widget=forms.TextInput(attrs={"inputmode": "decimal"}), error_messages=words, **said
        )
    length = field.max_length or 1000
    return text_field(label, length, rows=3 if length > LONG else 0, required=required, error_messages=words)


def _choices_of(field, required, user):
    """(key, words) of the rows that a column may name; the kota and provinces of the asker where it names an area."""
    rows = field.related_model._default_manager.all()
    if field.related_model is Wilayah:
        rows = rows.under(area_of(user)).filter(level__lte=Wilayah.Level.KOTA)
    chosen = [(str(row.pk), f"{row}"[:100]) for row in rows]
    return chosen if required else [("", "–"), *chosen]


def _text(value):
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
