"""Where something stands on the map: a point as a tap gives it, as numbers, or as the phone finds it."""

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
    """A point; one that is far from where it is expected is asked about."""

    point = text_field(
        "Lintang, bujur",
        300,
        kind=NumberTextField,
        help_text="Misalnya -6.92744, 107.64680. Boleh juga ditempel dari tombol Bagikan di aplikasi peta.",
        error_messages={"required": "Ketuk tempatnya di peta, atau isi titiknya."},
    )
    point.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_point(self):
        try:
            return read_point(self.cleaned_data["point"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def clean(self):
        data = super().clean()
        point = data.get("point")
        if point and (middle := self.middle(point)):
            away = km_between(point, (float(middle[0]), float(middle[1])))
            if away > CaseLimit.objects.number_of(CaseLimit.Code.POINT_FAR, self.today):
                self.doubts.append(Doubt("point", self.far(away)))
        return data

    def middle(self, point):
        """Where `point` is expected, (latitude, longitude), or None for anywhere."""
        raise NotImplementedError

    def far(self, away):
        """What is asked of a point so many km away from there."""
        raise NotImplementedError

    def entry(self):
        """What the operation stores: its id and the point."""
        return {"op_id": self.op_id, "point": self.cleaned_data["point"]}


class HousePointForm(PointForm):
    """Where a family's house stands, each time with the family's yes."""

    consent = forms.BooleanField(
        label=CONSENT, error_messages={"required": "Tanyakan dulu kepada keluarga, lalu centang di sini."}
    )

    def __init__(self, data=None, *, household, **kwargs):
        self.household = household
        super().__init__(data, **kwargs)
        self.fields["point"].error_messages["required"] = "Isi titiknya."

    def middle(self, point):
        """The middle of the other houses of the kelurahan, else of the kelurahan."""
        area = self.household.wilayah
        others = Household.objects.filter(wilayah=area).exclude(pk=self.household.pk)
        middle = others.aggregate(north=Avg("latitude"), east=Avg("longitude"))
        place = middle["north"] or area.latitude, middle["east"] or area.longitude
        return None if None in place else place

    def far(self, away):
        return (
            f"Titik ini {angka(round(away))} km dari {self.household.wilayah.name}. Benar di sana rumahnya?"
        )
