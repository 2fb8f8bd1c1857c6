"""Finding resources: by need, sort, distance and whether a family meets what is asked."""

from dataclasses import dataclass
from math import cos, radians

from django.db.models import Case, F, FloatField, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce, Power, Round, Sqrt

from kpm.models import Indicator, Instrument
from pkh_casework.asked import asked_number, asked_text
from resources.matching import NOT_MET, check_all, verdict
from resources.models import Category, Resource, Service
from wilayah.models import Wilayah

METRES_A_DEGREE = 111_320
NO_PLACE = 9_999_999  # metres; last in a list by distance
DISTANCES = {1: "1 km", 2: "2 km", 5: "5 km", 10: "10 km"}
KECAMATAN, KOTA = 6, 4  # digits of a code


@dataclass(frozen=True)
class Question:
    """What the page's address asks for; an odd value is no question."""

    q: str
    butuh: str
    kategori: str
    layanan: str
    jarak: int | None
    buka: bool
    cocok: bool
    periksa: bool

    @property
    def filters(self):
        """How many filters are on, besides the words."""
        return sum(bool(getattr(self, name)) for name in self.__dataclass_fields__ if name != "q")


@dataclass(frozen=True)
class Choices:
    """The (value, words) pairs of the filters."""

    butuh: list
    kategori: list
    layanan: list
    jarak: list


@dataclass(frozen=True)
class Origin:
    """Where a family lives. `is_exact` is False where only the middle of its kelurahan is known."""

    latitude: float
    longitude: float
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


def asked_of(query, choices, *, with_family):
    """The Question in `query` (a QueryDict). Distance and requirements are asked of a family only."""

    def one_of(name):
        text = asked_text(query, name)
        return text if text in dict(getattr(choices, name)) else ""

    distance = asked_number(query, "jarak")
    return Question(
        q=asked_text(query, "q"),
        butuh=one_of("butuh"),
        kategori=one_of("kategori"),
        layanan=one_of("layanan"),
        jarak=distance if with_family and distance in DISTANCES else None,
        buka=asked_text(query, "buka") == "1",
        cocok=with_family and asked_text(query, "cocok") == "1",
        periksa=asked_text(query, "periksa") == "1",
    )


def origin_of(household):
    """The Origin of a Household (with its wilayah), or None where not even its kelurahan has a middle."""
    if household.latitude is not None and household.longitude is not None:
        return Origin(float(household.latitude), float(household.longitude), is_exact=True)
    area = household.wilayah
    if area.latitude is None or area.longitude is None:
        return None
    return Origin(float(area.latitude), float(area.longitude), is_exact=False)


def found(resources, question, day, *, origin=None, facts=None):
    """Those of `resources` (a queryset) that answer `question` on `day`, with `metres` from `origin` where asked."""
    if origin:
        resources = with_metres(resources, origin)
    if question.q:
        resources = resources.filter(name__icontains=question.q)
    if question.butuh:
        resources = resources.lifting(question.butuh)
    if question.kategori:
        resources = resources.filter(category=question.kategori)
    if question.layanan:
        resources = resources.filter(services=question.layanan)
    if question.buka:
        resources = resources.open_on(day)
    if question.periksa:
        resources = resources.stale_on(day)
    if question.jarak and origin:
        resources = resources.filter(metres__lte=question.jarak * 1000)
    if question.cocok and facts:
        resources = resources.exclude(pk__in=_out_of_reach(resources, facts))
    return resources


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


def area_of_map(code):
    """The area whose kelurahan a map for somebody at `code` shows: the kecamatan, of a wide area the kota; "" wider."""
    return code[:KECAMATAN] if len(code) >= KECAMATAN else code[:KOTA] if len(code) >= KOTA else ""


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
