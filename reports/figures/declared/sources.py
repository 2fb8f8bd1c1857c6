"""What figures count: rows of one sort, and the lens through which a person looks at them (contract C5).

Two rules on who counts. Figures of *now* follow the family: its holder and its address today. Figures of a *month*
or a *year* follow the work: its author and the area of the day, so that a handover or a move changes no past month. An RW is
always that of the family's present address, the only one known. A source that keeps neither rule says so in `scope`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from accounts.models import User
from pkh_casework.days import months_after

FOLLOWS_FAMILY = "Dihitung pada pendamping dan alamat keluarga hari ini."
FOLLOWS_WORK = (
    "Dihitung pada pendamping yang mengerjakan dan wilayah pada hari itu, juga sesudah keluarganya pindah."
)


@dataclass(frozen=True)
class Lens:
    """What a person looks through: who asks, today's local date, the month (its first day), how far narrowed.

    `area` is a code below the asker's own area, or "" for all that is the asker's. `rw` stands only where `here` is
    a kelurahan, since an RW number means nothing beyond one. `group_id` narrows to the families of one kelompok,
    where a page offers that; `indicator` and `sub_role` (codes) narrow the figures that tell them apart and no others. `span` counts so
    many months up to `month` together, for a trend that then takes them apart.
    Whether the asker may narrow so is checked by the caller; what is counted stays within the asker's scope whatever
    the lens says.
    """

    user: User
    today: date
    month: date
    area: str = ""
    rw: int | None = None
    pendamping_id: int | None = None
    group_id: int | None = None
    indicator: str = ""
    sub_role: str = ""
    span: int = 1

    @property
    def here(self):
        """The area code looked at: the narrowed one or the asker's own."""
        return self.area or self.user.wilayah_id

    @property
    def next_month(self):
        return months_after(self.month, 1)

    @property
    def year(self):
        """The first day of the year of `month`, and of the year after it."""
        return self.month.replace(month=1, day=1), date(self.month.year + 1, 1, 1)

    @property
    def last_day(self):
        """The day as of which a month tells how things stand: its last, or today while it runs."""
        return min(self.next_month - timedelta(days=1), self.today)

    def days_ago(self, days):
        return self.today - timedelta(days=days)


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of one sort: `start` is all of them that count for the asker, the paths are lookups from a row.

    `home` and `rw` lead to the family's present address; `rw`, `area` and `pendamping` are "" where a row belongs to
    no single one, so that no table can be split by it. `family` leads to the family itself, a lookup to put before a
    field. Lists are ordered by `day`, ties by `key`; of an `undated` source some rows have no day and come first.
    `of_month` and `of_year` tell figures of a month or its year from
    those of now. Months of a `kept` source that are over may be read from the roll-up: whoever writes such rows holds
    their month open (ledger.operations.open_month).

    Of a row everybody sees `columns` (contract C1: nothing else is fetched for kelurahan staff), who works with
    families by name also `in_full`. `opens` gives the page of a row, else it is the family's; `needs_family` when that
    page follows who may open the family, `for_all` when kelurahan staff may open it too. `words` says what there is to say besides.
    """

    start: Callable[[Lens], QuerySet]
    day: str
    columns: dict
    in_full: dict = field(default_factory=dict)
    area: str = ""
    in_area: Callable[[Lens], Q] | None = None
    pendamping: str = ""
    in_rw: Callable[[Lens], Q] | None = None
    home: str = ""
    rw: str = ""
    family: str = "household__"
    indicator: str = ""
    sub_role: str = ""
    key: str = "id"
    of_month: bool = False
    of_year: bool = False
    newest_first: bool = False
    kept: bool = False
    opens: Callable[[dict], str] | None = None
    needs_family: bool = True
    for_all: bool = False
    undated: bool = False
    words: Callable[[dict], str] | None = None
    scope: str = ""

    @property
    def period(self):
        """The period that is counted, in words."""
        return "bulan yang dipilih" if self.of_month else "tahun yang dipilih" if self.of_year else "hari ini"

    @property
    def follows(self):
        """Where and for whom a row counts, in words."""
        return self.scope or (FOLLOWS_WORK if self.of_month or self.of_year else FOLLOWS_FAMILY)

    def rows(self, lens):
        """The rows of `lens`, no more than its asker may count."""
        rows = self.start(lens)
        if lens.area:
            inside = self.in_area(lens) if self.in_area else Q(**{f"{self.area}__startswith": lens.area})
            rows = rows.filter(inside)
        if lens.rw and self.in_rw:
            rows = rows.filter(self.in_rw(lens))
        if lens.pendamping_id and self.pendamping:
            rows = rows.filter(**{self.pendamping: lens.pendamping_id})
        if lens.group_id and self.family is not None:
            rows = rows.filter(**{f"{self.family}group": lens.group_id})
        if lens.indicator and self.indicator:
            rows = rows.filter(**{self.indicator: lens.indicator})
        if lens.sub_role and self.sub_role:
            rows = rows.filter(**{self.sub_role: lens.sub_role})
        return rows


# --- what sources are made of ------------------------------------------------------------------------------------------

OF_HOUSEHOLD = {"family_id": F("household_id"), "number": F("household__case_number")}


def address_in_rw(path="household__"):
    """Rows whose family (at `path`) lives in the lens's RW."""
    return lambda lens: Q(**{f"{path}wilayah_id": lens.here, f"{path}rw": lens.rw})


def of_family(**more):
    """What a Source is told of rows with one `household` each: by the family's present address for figures of now, by
    the row's own `wilayah` where `more` says that they are of a month or a year.
    """
    dated = more.get("of_month") or more.get("of_year")
    return {
        "area": "wilayah__code" if dated else "household__wilayah__code",
        "home": "household__wilayah_id",
        "rw": "household__rw",
        "in_rw": address_in_rw(),
        "pendamping": "pendamping_id" if dated else "household__pendamping_id",
        "columns": OF_HOUSEHOLD,
        "newest_first": bool(dated),
    } | more


def in_month(rows, lens, day="occurred_on"):
    first = months_after(lens.month, 1 - lens.span)
    return rows.filter(**{f"{day}__gte": first, f"{day}__lt": lens.next_month})


def in_year(rows, lens, day):
    first, after = lens.year
    return rows.filter(**{f"{day}__gte": first, f"{day}__lt": after})
