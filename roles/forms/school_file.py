"""Sending a school's form of attendance: the file, the year and the quarter it is for."""

import json
import tempfile
import time
from datetime import date
from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError

from entries.submit import digest_of
from kpm.models import PayStage
from pkh_casework.forms import OneFileField, OneTap
from roles.commitments.school_form import (
    FIRST_MONTH,
    MONTHS,
    NIK,
    NIK_OF_CARER,
    NISN,
    PER_MONTH,
    OtherForm,
    read_school_form,
)
from roster.columns import text_of
from roster.files import ENDINGS, FileRefused, read_file

LARGEST = 1_000_000  # bytes; a school of a thousand children has about 150 thousand
SECONDS = 20  # a person waits for it
MOST_PUPILS = 2_000
YEARS = 3
PERCENTS = {FIRST_MONTH + PER_MONTH * turn + PER_MONTH - 1 for turn in range(3)}
NAMES = list(MONTHS)
TOO_LARGE = "Berkas ini terlalu besar untuk satu sekolah: paling besar 1 MB. Kirim satu berkas per sekolah."


class SchoolFileForm(OneTap, forms.Form):
    """A file of one school and quarter. The form of the school names its months and no year, so that is asked here."""

    file = OneFileField(
        label="Berkas dari sekolah",
        help_text="Formulir Verifikasi Komitmen Pendidikan: Excel (.xlsx, .xls), ODS, atau CSV.",
        kinds=ENDINGS,
        largest=LARGEST,
        too_large=TOO_LARGE,
    )
    year = forms.ChoiceField(label="Tahun", error_messages={"invalid_choice": "Pilih tahun dari daftar."})
    stage = forms.ModelChoiceField(
        PayStage.objects.none(),
        label="Triwulan",
        empty_label=None,
        error_messages={"required": "Pilih triwulannya.", "invalid_choice": "Pilih triwulan dari daftar."},
    )

    def __init__(self, data=None, files=None, **kwargs):
        super().__init__(data, files, **kwargs)
        self.fields["year"].choices = [
            (str(year), str(year)) for year in range(self.today.year, self.today.year - YEARS, -1)
        ]
        stages = PayStage.objects.valid_on(self.today)
        self.fields["stage"].queryset = stages
        self.fields["stage"].label_from_instance = stage_words
        begun = [stage for stage in stages if stage.first_month <= self.today.month]
        self.fields["stage"].initial = begun[-1].pk if begun else None

    def clean_file(self):
        upload = self.cleaned_data["file"]
        try:
            self.school_form = read_upload(upload)
        except (FileRefused, OtherForm) as refusal:
            raise ValidationError(str(refusal)) from refusal
        if not self.school_form.pupils:
            raise ValidationError("Tidak ada baris anak di berkas ini.")
        if len(self.school_form.pupils) > MOST_PUPILS:
            raise ValidationError(TOO_LARGE)
        return upload

    def clean(self):
        data = super().clean()
        stage = data.get("stage")
        if stage is None or "file" not in data or "year" not in data:
            return data
        months = self.school_form.months
        if months[0] != stage.first_month:
            named = ", ".join(NAMES[month - 1].capitalize() for month in months)
            self.add_error("stage", f"Berkas ini untuk {named}. Pilih triwulan yang sama.")
            return data
        self.first_month = date(int(data["year"]), months[0], 1)
        if self.first_month > self.today:
            self.add_error("year", "Triwulan ini belum mulai. Periksa tahunnya.")
        return data

    def entry(self):
        """The arguments of operations.school_file.receive_school_file."""
        upload = self.cleaned_data["file"]
        return {
            "op_id": self.op_id,
            "form": self.school_form,
            "name": Path(upload.name).name,
            "sha256": digest_of(upload),
            "first_month": self.first_month,
        }


def stage_words(stage):
    """'Tahap 2 (April–Juni)'."""
    first, last = NAMES[stage.first_month - 1], NAMES[stage.last_month - 1]
    return f"{stage.name} ({first.capitalize()}–{last.capitalize()})"


def read_upload(upload):
    """The SchoolForm in an UploadedFile. Raises FileRefused, OtherForm."""
    with tempfile.TemporaryDirectory(prefix="sekolah-") as folder:
        plain, out = Path(folder, "berkas"), Path(folder, "baris.jsonl")
        with plain.open("wb") as copy:
            for piece in upload.chunks():
                copy.write(piece)
        upload.seek(0)
        end = time.monotonic() + SECONDS
        read_file(plain, upload.name, out, cancelled=lambda: time.monotonic() > end)
        with out.open(encoding="utf-8") as lines:
            return read_school_form((line, cells_of(cells)) for line, cells in map(json.loads, lines))


def cells_of(cells):
    """The cells of a row as the form's texts: what a spreadsheet keeps as a number is put as the form writes it."""
    return [_text(at, cell) for at, cell in enumerate(cells)]


def _text(at, cell):
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return text_of(cell)
    if at in {NIK, NIK_OF_CARER}:
        # Sixteen digits don't fit a cell of numbers, so the last one is gone: never read as if it were there.
        return f"{cell:.5E}" if cell else ""
    if at == NISN:
        return f"{int(cell):010}" if cell else ""  # its zeros in front are no number to a spreadsheet
    if at in PERCENTS and 0 < cell <= 1:
        return f"{100 * cell:.2f}"
    return text_of(cell)
