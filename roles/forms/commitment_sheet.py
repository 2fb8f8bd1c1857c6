"""Taking the list of a school away as a file."""

from django import forms

from pkh_casework.forms import Typed, text_field


class SheetForm(Typed, forms.Form):
    """Whether the NIKs stand in the file in full, and why."""

    numbers = forms.BooleanField(label="Tulis NIK lengkap di berkas", required=False)
    reason = text_field(
        "Mengapa perlu NIK lengkap",
        200,
        required=False,
        help_text="Setiap keluarga yang nomornya terbuka tercatat atas nama Anda. Tanpa NIK, sekolah mencocokkan dengan NISN.",
    )

    def clean(self):
        data = super().clean()
        if data.get("numbers") and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Tulis mengapa NIK lengkap diperlukan.")
        return data
