"""Finding resources: by need, sort, distance and whether a family meets what is asked."""

from dataclasses import dataclass
from decimal import Decimal
from math import cos, radians

from django.db.models import Case, F, FloatField, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce, Power, Round, Sqrt

from kpm.models import Indicator, Instrument
from pkh_casework.asked import asked_text
from pkh_casework.listing import Choice, Listing, Text
from pkh_casework.points import km_between
from wilayah.models import Wilayah

from .matching import NOT_MET, check_all, verdict
from .models import Category, Resource, Service

METRES_A_DEGREE = 111_320
NO_PLACE = 9_999_999  # metres; last in a list by distance
DISTANCES = {"1": "1 km", "2": "2 km", "5": "5 km", "10": "10 km"}
YES = {"1": "ya"}
NEAREST = {"dekat": "yang terdekat dulu"}


@dataclass(frozen=True)
class Choices:
    """The (value, words) pairs of the filters."""

    butuh: list
    kategori: list
    layanan: list
    jarak: list


@dataclass(frozen=True)
class Origin:
    """Where distances begin: a family's house. `is_exact` is False for the middle of an area."""

    latitude: float
    longitude: float
    is_exact: bool


@dataclass(frozen=True)
class Way:
    """So many kilometres as the crow flies; not exact where one end is only the middle of a kelurahan."""

    km: float
    is_exact: bool


def choices_on(day):
    """The Choices in force on `day`; three queries."""
    return Choices(
        indicator_choices(day),
        list(Category.objects.valid_on(day).values_list("code", "name")),
        list(Service.objects.valid_on(day).values_list("code", "name")),
        list(DISTANCES.items()),
    )


def indicator_choices(day):
    """(code, name) of the indicators asked on `day`."""
    instruments = Instrument.objects.valid_on(day).values("pk")
    return list(Indicator.objects.filter(instrument__in=instruments).values_list("code", "name"))


def origin_of(household):
    """The Origin of a Household (with its wilayah), or None where not even its kelurahan has a middle."""
    if household.latitude is not None and household.longitude is not None:
        return Origin(float(household.latitude), float(household.longitude), is_exact=True)
    return middle_of(household.wilayah)


def middle_of(area):
    """The Origin in the middle of a Wilayah, or None where it is not known."""
    if area.latitude is None or area.longitude is None:
        return None
    return Origin(float(area.latitude), float(area.longitude), is_exact=False)


def way_between(resource, origin):
    """The Way from an Origin to a Resource; None where either place is unknown, or both only the middle of an area."""
    place = point_of(resource)
    if origin is None or place is None or not (origin.is_exact or place[2]):
        return None
    km = km_between((origin.latitude, origin.longitude), place[:2])
    return Way(km, is_exact=origin.is_exact and place[2])


class ResourceListing(Listing):
    """Resources for the user's area or a part of it, by name or from its middle; with a `household` those of its area,
    the nearest first, and `facts` of it say whether it meets what is asked. Requirements are asked of a family only.
    """

    q = Text("Cari", field_name="name", lookup_expr="icontains")
    butuh = Choice("Membantu dalam hal", {}, method="lifting")
    kategori = Choice("Kategori", {}, field_name="category")
    layanan = Choice("Layanan", {}, field_name="services")
    di = Text("Yang melayani", names=lambda listing: Wilayah.objects.all(), method="serving")
    buka = Choice("Yang masih menerima", YES, method="open")
    periksa = Choice("Yang perlu diperiksa", YES, method="stale")
    urut = Choice("Urutkan", NEAREST, method="sorted_only")
    jarak = Choice("Paling jauh", DISTANCES, method="within_reach")
    cocok = Choice("Syarat tidak terhalang", YES, method="fitting")

    beside = frozenset({"q", "di"})

    def __init__(self, query, *, user, today, household=None, facts=None):
        self.household, self.facts = household, facts
        inside = Wilayah.objects.under(user.wilayah_id).filter(pk=asked_text(query, "di"))
        self.within = inside.first() if asked_text(query, "di") and not household else None
        self.origin = origin_of(household) if household else None
        if not household and asked_text(query, "urut") in NEAREST:
            self.origin = middle_of(self.within or user.wilayah)
        super().__init__(query, user=user, today=today)
        self.choices = choices_on(today)
        for name in ("butuh", "kategori", "layanan"):
            self.filters[name].extra["choices"] = getattr(self.choices, name)
        kept = {"di": self.within, "jarak": self.origin, "cocok": household, "urut": not household}
        self.filters = {name: one for name, one in self.filters.items() if kept.get(name, True)}

    def start(self):
        resources = visible_resources(self.user, self.household)
        return with_metres(resources, self.origin) if self.origin else resources

    @property
    def order(self):
        return ("metres", "name", "pk") if self.origin else ("name", "pk")

    def lifting(self, resources, name, code):
        return resources.lifting(code)

    def serving(self, resources, name, code):
        return resources.for_area(code)

    def open(self, resources, name, yes):
        return resources.open_on(self.today)

    def stale(self, resources, name, yes):
        return resources.stale_on(self.today)

    def sorted_only(self, resources, name, nearest):
        return resources

    def within_reach(self, resources, name, kilometres):
        return resources.filter(metres__lte=int(kilometres) * 1000)

    def fitting(self, resources, name, yes):
        return resources.exclude(pk__in=_out_of_reach(resources, self.facts))


def _out_of_reach(resources, facts):
    """Ids of those of `resources` with a requirement that the family does not meet."""
    return [
        row.pk for row in resources.select_related("wilayah") if verdict(check_all(row, facts)) == NOT_MET
    ]


def with_metres(resources, origin):
    """`metres` as the crow flies to the resource's point, else to the middle of its kelurahan, else NO_PLACE."""

    def place(name):
        middle = Case(When(wilayah__level=Wilayah.Level.KELURAHAN, then=F(f"wilayah__{name}")))
        return Cast(Coalesce(F(name), middle), FloatField())

    north = (place("latitude") - Value(origin.latitude)) * Value(float(METRES_A_DEGREE))
    east = (place("longitude") - Value(origin.longitude)) * Value(
        METRES_A_DEGREE * cos(radians(origin.latitude))
    )
    distance = Cast(Round(Sqrt(Power(north, 2) + Power(east, 2))), IntegerField())
    return resources.annotate(metres=Coalesce(distance, NO_PLACE))


def nearest_kelurahan(code, point):
    """The kelurahan of the area `code` whose middle is nearest to `point`, (latitude, longitude); None without any."""
    kelurahan = Wilayah.objects.kelurahan().under(code).exclude(latitude=None)
    north = F("latitude") - Value(Decimal(str(point[0])))
    east = (F("longitude") - Value(Decimal(str(point[1])))) * Value(
        Decimal(str(round(cos(radians(point[0])), 6)))
    )
    return kelurahan.order_by(north * north + east * east).first()


def point_of(resource):
    """(latitude, longitude, whether exact) to draw `resource` at, or None when it serves a wide area from nowhere known."""
    if resource.latitude is not None and resource.longitude is not None:
        return float(resource.latitude), float(resource.longitude), True
    area = resource.wilayah
    if area.level == Wilayah.Level.KELURAHAN and area.latitude is not None and area.longitude is not None:
        return float(area.latitude), float(area.longitude), False
    return None


def visible_resources(user, household=None):
    """Resources still there that concern `user`'s area, or the family's."""
    resources = Resource.objects.visible_to(user)
    return (resources.for_area(household.wilayah_id) if household else resources).active()
