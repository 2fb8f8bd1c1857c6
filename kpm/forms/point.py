"""Where a family's house stands on the map."""

from django import forms
from django.db.models import Avg

from entries.forms import EntryForm
from kpm.duplicates import Doubt
from kpm.models import CaseLimit, Household
from pkh_casework.forms import NumberTextField, text_field
from pkh_casework.points import km_between, read_point
from pkh_casework.templatetags.formats import angka

CONSENT = "Keluarga setuju letak rumahnya disimpan. Hanya pendamping dan koordinatornya yang melihat."


class PointForm(EntryForm):
    """A point as numbers, as a map app shares it, or as the phone finds it; each time with the family's yes."""

    point = text_field(
        "Lintang, bujur",
        300,
        kind=NumberTextField,
        help_text="Misalnya -6.92744, 107.64680. Boleh juga ditempel dari tombol Bagikan di aplikasi peta.",
        error_messages={"required": "Isi titiknya."},
    )
    point.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
    consent = forms.BooleanField(
        label=CONSENT, error_messages={"required": "Tanyakan dulu kepada keluarga, lalu centang di sini."}
    )

    def __init__(self, data=None, *, household, **kwargs):
        self.household = household
        super().__init__(data, **kwargs)

    def clean_point(self):
        try:
            return read_point(self.cleaned_data["point"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def clean(self):
        data = super().clean()
        if data.get("point") and (far := self._far_from_others(data["point"])):
            self.doubts.append(Doubt("point", far))
        return data

    def _far_from_others(self, point):
        """Words when the point is odd: too far from the middle of the kelurahan's others, else of the kelurahan."""
        area = self.household.wilayah
        others = Household.objects.filter(wilayah=area).exclude(pk=self.household.pk)
        middle = others.aggregate(north=Avg("latitude"), east=Avg("longitude"))
        north, east = middle["north"] or area.latitude, middle["east"] or area.longitude
        if north is None or east is None:
            return ""
        away = km_between(point, (float(north), float(east)))
        if away <= CaseLimit.objects.number_of(CaseLimit.Code.POINT_FAR, self.today):
            return ""
        return f"Titik ini {angka(round(away))} km dari {area.name}. Benar di sana rumahnya?"

    def entry(self):
        """The arguments of operations.set_point."""
        return {"op_id": self.op_id, "point": self.cleaned_data["point"]}
