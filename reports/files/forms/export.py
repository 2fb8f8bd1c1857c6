"""Asking for a file: which columns, in which form, what for, and whether identity numbers stand in it in full."""

from django import forms

from entries.forms import EntryForm
from pkh_casework.forms import text_field
from pkh_casework.templatetags.formats import angka
from reports.files.operations.export import SMALL
from reports.models import Export

PURPOSE_LENGTH = 200
LIST_FORMATS = [
    (Export.Format.XLSX, "Excel (XLSX), untuk dibuka dan dihitung"),
    (Export.Format.CSV, "CSV, untuk aplikasi lain"),
]


def purpose_field(**kwargs):
    return text_field(
        "Untuk keperluan apa",
        PURPOSE_LENGTH,
        rows=2,
        help_text="Tercatat atas nama Anda dan tertulis di dalam berkas.",
        error_messages={"required": "Tulis untuk apa berkas ini dipakai."},
        **kwargs,
    )


class ExportForm(EntryForm):
    """A file of a list. `columns` are those of the list today, `is_small` says whether it is made at once; a
    koordinator may ask for full numbers where `has_numbers`.
    """

    purpose = purpose_field()
    format = forms.ChoiceField(
        label="Bentuk berkas", choices=LIST_FORMATS, widget=forms.RadioSelect, initial=Export.Format.XLSX
    )
    columns = forms.MultipleChoiceField(
        label="Kolom",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Pilih paling sedikit satu kolom."},
    )
    numbers = forms.BooleanField(label="Tampilkan NIK dan No KK lengkap", required=False)
    numbers_reason = text_field(
        "Mengapa perlu nomor lengkap",
        PURPOSE_LENGTH,
        required=False,
        help_text="Setiap keluarga yang nomornya terbuka tercatat atas nama Anda.",
    )

    def __init__(self, data=None, *, columns, is_small, has_numbers, **kwargs):
        initial = {"columns": [column.key for column in columns if column.chosen]}
        super().__init__(data, initial=initial, **kwargs)
        self.is_small, self.sealed = is_small, {column.key for column in columns if column.sealed}
        self.fields["columns"].choices = [(column.key, column.name) for column in columns]
        if not (has_numbers and self.user.is_koordinator):
            del self.fields["numbers"], self.fields["numbers_reason"]

    def clean(self):
        data = super().clean()
        if not data.get("numbers"):
            return data
        if "numbers_reason" not in self.errors and not data.get("numbers_reason"):
            self.add_error("numbers_reason", "Tulis mengapa nomor lengkap diperlukan.")
        if not self.sealed & set(data.get("columns", ())):
            self.add_error("numbers", "Pilih juga kolom No KK atau NIK pengurus.")
        elif not self.is_small:
            self.add_error(
                "numbers",
                f"Nomor lengkap paling banyak untuk {angka(SMALL)} keluarga. Saring dulu daftarnya.",
            )
        return data

    def entry(self):
        """The arguments of operations.ask_export that a person chose, in the order of the list's columns."""
        data = self.cleaned_data
        chosen = [key for key, _ in self.fields["columns"].choices if key in data["columns"]]
        return {
            "op_id": self.op_id,
            "format": data["format"],
            "purpose": data["purpose"],
            "columns": chosen,
            "numbers_reason": data["numbers_reason"] if data.get("numbers") else "",
        }
