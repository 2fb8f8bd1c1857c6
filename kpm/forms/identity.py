"""Asking to see an identity number, and looking for a family by one."""

from django import forms

from entries.forms import IdentityField
from kpm.identity import faults_of_no_kk, known_provinces
from pkh_casework.fields import digits_of
from pkh_casework.forms import Typed, text_field

REASONS = [
    ("kks", "Mencocokkan KKS atau rekening"),
    ("data", "Memperbaiki data keluarga"),
    ("layanan", "Mengurus layanan bersama keluarga"),
    ("lain", "Alasan lain"),
]


class RevealForm(Typed, forms.Form):
    """Which number of the family, and what for. `numbers` are (value, label) pairs."""

    number = forms.ChoiceField(label="Nomor yang dibuka", widget=forms.RadioSelect)
    reason = forms.ChoiceField(label="Untuk apa", choices=REASONS, widget=forms.RadioSelect)
    note = text_field("Keterangan", 120, required=False)

    def __init__(self, *args, numbers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["number"].choices = numbers
        self.fields["number"].error_messages["required"] = "Pilih nomornya."
        self.fields["reason"].error_messages["required"] = "Pilih alasannya."

    def clean(self):
        data = super().clean()
        if data.get("reason") == "lain" and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya, singkat saja.")
        return data

    def reason_words(self):
        """The reason as it is kept in the trail."""
        words = dict(REASONS)[self.cleaned_data["reason"]]
        return f"{words}: {self.cleaned_data['note']}" if self.cleaned_data["note"] else words


class SearchForm(forms.Form):
    """A whole NIK or No KK."""

    number = IdentityField(label="NIK atau No KK", help_text="16 angka lengkap. Nomor ini tidak disimpan.")

    def clean_number(self):
        text = self.cleaned_data["number"]
        if faults := faults_of_no_kk(text, provinces=known_provinces()):
            raise forms.ValidationError(faults)
        return digits_of(text)
