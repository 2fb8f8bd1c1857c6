"""Where a resource is on the map."""

from django import forms

from entries.forms import EntryForm
from kpm.duplicates import Doubt
from kpm.models import CaseLimit
from pkh_casework.forms import NumberTextField, text_field
from pkh_casework.points import km_between, read_point
from pkh_casework.templatetags.formats import jarak
from resources.nearby import nearest_kelurahan


class PlaceForm(EntryForm):
    """A point as a tap on the map gives it, as numbers, or as the phone finds it; far from the area served it asks."""

    point = text_field(
        "Lintang, bujur",
        300,
        kind=NumberTextField,
        help_text="Misalnya -6.92744, 107.64680. Boleh juga ditempel dari tombol Bagikan di aplikasi peta.",
        error_messages={"required": "Ketuk tempatnya di peta, atau isi titiknya."},
    )
    point.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def __init__(self, data=None, *, resource, **kwargs):
        self.resource = resource
        super().__init__(data, **kwargs)
        if resource.latitude is not None:
            self.initial["point"] = f"{resource.latitude:f}, {resource.longitude:f}"

    def clean_point(self):
        try:
            return read_point(self.cleaned_data["point"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def clean(self):
        data = super().clean()
        if data.get("point") and (far := self._far_from_area(data["point"])):
            self.doubts.append(Doubt("point", far))
        return data

    def _far_from_area(self, point):
        """Words when the point is far from every kelurahan that the resource serves."""
        near = nearest_kelurahan(self.resource.wilayah_id, point)
        if near is None:
            return ""
        away = km_between(point, (float(near.latitude), float(near.longitude)))
        if away <= CaseLimit.objects.number_of(CaseLimit.Code.POINT_FAR, self.today):
            return ""
        return f"Titik ini {jarak(away)} dari {self.resource.wilayah.name}. Benar di sana tempatnya?"

    def entry(self):
        """The arguments of operations.place_resource."""
        return {"op_id": self.op_id, "point": self.cleaned_data["point"]}
