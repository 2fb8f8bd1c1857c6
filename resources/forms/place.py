"""Where a resource is on the map."""

from kpm.forms.point import PointForm
from pkh_casework.templatetags.formats import jarak
from resources.nearby import nearest_kelurahan


class PlaceForm(PointForm):
    """The point of a resource; far from every kelurahan that it serves it is asked about."""

    def __init__(self, data=None, *, resource, **kwargs):
        self.resource = resource
        super().__init__(data, **kwargs)
        if resource.latitude is not None:
            self.initial["point"] = f"{resource.latitude:f}, {resource.longitude:f}"

    def middle(self, point):
        near = nearest_kelurahan(self.resource.wilayah_id, point)
        return near and (near.latitude, near.longitude)

    def far(self, away):
        return f"Titik ini {jarak(away)} dari {self.resource.wilayah.name}. Benar di sana tempatnya?"
