"""A dated sum for a kota: garis kemiskinan or UMK, with its source."""

import re
from datetime import timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from entries.forms import NOT_FOUND, PKH_BEGAN, DateField
from kpm.models import Threshold
from pkh_casework.access import ADMIN
from pkh_casework.forms import OneTap, WholeNumberField, text_field
from pkh_casework.unseen import as_number
from wilayah.models import Wilayah

MOST_RUPIAH = 100_000_000
FARTHEST_DAYS = 366  # a sum is made known before the year it is for


def places_for(user):
    """The kota and provinces whose sums `user` may fill in: all for an admin, those of a koordinator of a whole kota
    or province, none for anybody else.
    """
    places = Wilayah.objects.filter(level__lte=Wilayah.Level.KOTA)
    if user.duty == ADMIN:
        return places
    return places.under(user.wilayah_id) if user.is_koordinator else places.none()


class RupiahField(WholeNumberField):
    """A sum as people write it, with Rp or without."""

    def __init__(self, **kwargs):
        words = "Tulis jumlah rupiahnya, misalnya 4.737.678."
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "numeric"}), **kwargs)
        self.error_messages |= {"required": words, "invalid": words}
        self.validators = [MinValueValidator(1, words), MaxValueValidator(MOST_RUPIAH, words)]

    def to_python(self, value):
        if isinstance(value, str):
            value = re.sub(r"^Rp\.?\s*", "", as_number(value))
        return super().to_python(value)


class ThresholdForm(OneTap, forms.Form):
    """A new sum; the one before it ends on the day it begins."""

    code = forms.ChoiceField(
        label="Angka apa",
        choices=Threshold.Code,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih angka yang diisi.", "invalid_choice": NOT_FOUND},
    )
    wilayah = forms.ModelChoiceField(
        Wilayah.objects.none(),
        label="Kota atau kabupaten",
        empty_label="Pilih kota atau kabupaten",
        error_messages={"required": "Pilih kota atau kabupatennya.", "invalid_choice": NOT_FOUND},
    )
    monthly = RupiahField(label="Rupiah per bulan", help_text="Misalnya 4.737.678.")
    valid_from = DateField(
        label="Berlaku sejak", help_text="Angka sebelumnya berakhir pada hari ini dan tetap tersimpan."
    )
    source = text_field(
        "Sumber",
        200,
        help_text="Surat keputusan atau publikasi, misalnya nomor Kepgub atau judul tabel BPS.",
        error_messages={"required": "Tulis dari mana angka ini."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["wilayah"].queryset = places_for(self.user)
        self.fields["wilayah"].initial = self.user.wilayah_id

    def entry(self):
        """The arguments of operations.set_threshold."""
        return {"op_id": self.op_id, **self.cleaned_data}

    def clean_valid_from(self):
        day = self.cleaned_data["valid_from"]
        if not PKH_BEGAN <= day <= self.today + timedelta(days=FARTHEST_DAYS):
            raise forms.ValidationError("Paling awal 2007, paling jauh setahun lagi. Periksa tahunnya.")
        return day
