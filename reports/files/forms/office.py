"""Taking all that an office owns."""

from django import forms

from entries.forms import EntryForm

from .export import purpose_field


class OfficeForm(EntryForm):
    """A package: what for, with or without its pictures, and that the koordinator knows what it is."""

    purpose = purpose_field()
    with_files = forms.BooleanField(
        label="Sertakan foto dan berkas",
        required=False,
        help_text="Paketnya menjadi jauh lebih besar. Tanpa ini, foto hanya didaftar.",
    )
    is_known = forms.BooleanField(
        label="Saya tahu paket ini berisi NIK, No KK dan catatan semua keluarga, dan bertanggung jawab menyimpannya",
        error_messages={"required": "Centang dulu bahwa Anda tahu isi paket ini."},
    )

    def entry(self):
        """The arguments of operations.ask_office that a person chose."""
        data = self.cleaned_data
        return {"op_id": self.op_id, "purpose": data["purpose"], "with_files": data["with_files"]}
