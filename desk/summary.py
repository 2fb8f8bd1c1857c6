"""What a pendamping did on a day, by the figures that reports count: to look at in the evening, and to show."""

from dataclasses import dataclass, replace
from datetime import date

from accounts.models import User
from reports.figures import VISITS, Lens
from reports.figures.queries import faces_of
from reports.figures.values import values_of
from roles.models import Activity

SLUGS = {
    "kpm-dikunjungi": "bertemu",
    "tidak-bertemu": "tidak bertemu",
    "janji-ditepati": "janji ditepati",
    "rujukan": "rujukan dimulai",
    "p2k2": "P2K2",
    "kegiatan": "kegiatan",
}
MONTH_SLUGS = ("kpm-dikunjungi", "kpm-aktif")


@dataclass
class House:
    """A family sought at home on the day: `face` is what the reader may see of it, None where it is another's by now."""

    number: str
    face: dict | None
    met: bool
    url: str


@dataclass
class Summary:
    """`numbers` are (value, words, slug of the figure); `visited` of the `active` families were met in the month."""

    person: User
    day: date
    numbers: list
    houses: list
    visited: int
    active: int

    @property
    def words(self):
        """Such as "8 rumah, 7 bertemu, 3 janji ditepati": without what there was none of."""
        said = [(len(self.houses), "rumah"), *((value, words) for value, words, _ in self.numbers)]
        return ", ".join(f"{value} {words}" for value, words in said if value)


def lens_of(reader, person, today, day):
    """What `reader` sees of the work of `person` on `day`."""
    narrowed = None if reader.is_pendamping else person.pk
    return Lens(reader, today, day.replace(day=1), pendamping_id=narrowed, day=day)


def summary_of(lens, person):
    values = values_of(list(SLUGS), lens)
    return Summary(
        person,
        lens.day,
        [(values[slug], words, slug) for slug, words in SLUGS.items()],
        list(_houses(lens)),
        *month_progress(lens),
    )


def _houses(lens):
    """The families sought at home, in the order of the day, each once."""
    found = {}
    rows = VISITS.rows(lens).order_by("activity_id", "id")
    for family, number, met, activity in rows.values_list(
        "household", "household__case_number", "met", "activity"
    ):
        house = found.setdefault(family, House(number, None, met, Activity(pk=activity).get_absolute_url()))
        house.met = house.met or met
    faces = faces_of(lens.user, found)
    for family, house in found.items():
        house.face = faces.get(family)
        yield house


def month_progress(lens):
    """The values of the figures behind the meter of the month: the same the koordinator sees."""
    values = values_of(MONTH_SLUGS, replace(lens, day=None))
    return [values[slug] for slug in MONTH_SLUGS]
