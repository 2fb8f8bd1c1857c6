"""What figures count: rows of one sort, and the lens through which a person looks at them (contract C5).

Two rules on who counts. Figures of *now* follow the family: its holder and its address today. Figures of a *month*
or a *year* follow the work: its author and the area of the day, so that a handover or a move changes no past month. An RW is
always that of the family's present address, the only one known. A scope that keeps neither rule says so in its `words`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from accounts.models import User
from pkh_casework.days import months_after

OF_HOUSEHOLD = {"family_id": F("household_id"), "number": F("household__case_number")}
FOLLOWS_FAMILY = "Dihitung pada pendamping dan alamat keluarga hari ini."
FOLLOWS_WORK = (
    "Dihitung pada pendamping yang mengerjakan dan wilayah pada hari itu, juga sesudah keluarganya pindah."
)


@dataclass(frozen=True)
class Lens:
    """What a person looks through: who asks, today's local date, the month (its first day), how far narrowed.

    `area` is a code below the asker's own area, or "" for all that is the asker's. `rw` stands only where `here` is
    a kelurahan, since an RW number means nothing beyond one; WITHOUT_RW stands for the families without one. `group_id` narrows to the families of one kelompok,
    where a page offers that; `indicator` and `sub_role` (codes) narrow the figures that tell them apart and no others. `span` counts so
    many months up to `month` together, for a trend that then takes them apart, or for the tahap or the year that
    `period` names (reports.figures.periods). What falls after the day `until` is left out, so that a period which still
    runs can be compared with an earlier one. `day`, one of `month`, narrows the figures of a month to it.
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
    period: str = ""
    until: date | None = None
    day: date | None = None

    @property
    def here(self):
        """The area code looked at: the narrowed one or the asker's own."""
        return self.area or self.user.wilayah_id

    @property
    def months(self):
        """The first days of the months that are counted together, oldest first."""
        return [months_after(self.month, -back) for back in reversed(range(self.span))]

    @property
    def next_month(self):
        return months_after(self.month, 1)

    @property
    def begins_on(self):
        """The first day that is counted."""
        return self.day or self.months[0]

    @property
    def ends_before(self):
        """The first day that is not counted any more."""
        last = self.day or self.until
        return min(self.next_month, last + timedelta(days=1)) if last else self.next_month

    @property
    def year(self):
        """The first day of the year of `month`, and of the year after it."""
        return self.month.replace(month=1, day=1), date(self.month.year + 1, 1, 1)

    @property
    def last_day(self):
        """The day as of which a month tells how things stand: its last, or today while it runs."""
        return min(self.ends_before - timedelta(days=1), self.today)

    def days_ago(self, days):
        return self.today - timedelta(days=days)


@dataclass(frozen=True)
class Scope:
    """Where and for whom a row counts: lookups from the row, "" where it belongs to no single one, so that no table can
    be split by it. What no lookup says is a Q of the lens: `in_area`, `in_rw`.

    `home` and `rw` lead to the family's present address, `family` to the family itself, a lookup to put before a field,
    None where there is no family. `indicator` and `sub_role` split what can be split so. `words` tells people all this.
    """

    words: str = FOLLOWS_WORK
    area: str = ""
    in_area: Callable[[Lens], Q] | None = None
    pendamping: str = ""
    in_rw: Callable[[Lens], Q] | None = None
    home: str = ""
    rw: str = ""
    family: str | None = "household__"
    indicator: str = ""
    sub_role: str = ""

    def narrow(self, rows, lens):
        """Those of `rows` that `lens` looks at."""
        if lens.area:
            inside = self.in_area(lens) if self.in_area else Q(**{f"{self.area}__startswith": lens.area})
            rows = rows.filter(inside)
        if lens.rw is not None and self.in_rw:
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


@dataclass(frozen=True)
class MonthSpan:
    """Over what time rows count, and the `day` (a lookup) by which they are listed.

    Figures `of_month` and `of_year` are of the lens's month or its year and list the newest first, those of now the
    oldest; over a tahap or a year those of a month add up, but for those `at_end` of it, which tell how things stood in
    its last month. Of `undated` ones some rows have no day and come first. Months of `kept` ones that are over may be read from
    the roll-up: whoever writes such rows holds their month open (entries.operations.open_month).
    """

    day: str
    of_month: bool = False
    of_year: bool = False
    at_end: bool = False
    undated: bool = False
    kept: bool = False

    @property
    def newest_first(self):
        return self.of_month or self.of_year

    @property
    def words(self):
        return (
            "bulan yang dipilih"
            if self.of_month
            else "tahun yang dipilih sampai akhir bulan itu"
            if self.of_year
            else "hari ini"
        )


@dataclass(frozen=True)
class Presentation:
    """What is told of a row: to everybody `columns` (contract C1: nothing else is fetched for kelurahan staff), to who
    works with families by name also `in_full`; `key` tells rows of one day apart.

    `opens` gives the page of a row, else it is the family's; `needs_family` when that page follows who may open the
    family, `for_all` when kelurahan staff may open it too. `words` says what there is to say besides.
    """

    columns: dict = field(default_factory=OF_HOUSEHOLD.copy)
    in_full: dict = field(default_factory=dict)
    key: str = "id"
    opens: Callable[[dict], str] | None = None
    needs_family: bool = True
    for_all: bool = False
    words: Callable[[dict], str] | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of one sort: `start` is all of them that count for the asker in the lens's period.

    `frozen` names the sort under which a month's lock keeps its rows (reports.models.FrozenRow), "" where it keeps none:
    numbers of a locked month are those of the kept rows (declared.locked). `frozen_since` is the first MonthLock.SCHEMA that
    keeps them.
    """

    start: Callable[[Lens], QuerySet]
    scope: Scope
    period: MonthSpan
    shown: Presentation = Presentation()
    frozen: str = ""
    frozen_since: int = 1

    def seen(self, lens):
        """`lens` as this source looks through it: of how things stand at the end, the last month alone."""
        return replace(lens, span=1, period="", until=None, day=None) if self.period.at_end else lens

    def rows(self, lens):
        """The rows of `lens`, no more than its asker may count."""
        return self.scope.narrow(self.start(lens), lens)


# --- what sources are made of ------------------------------------------------------------------------------------------


def address_in_rw(path="household__"):
    """Rows whose family (at `path`) lives in the lens's RW."""
    return lambda lens: Q(**{f"{path}wilayah_id": lens.here, f"{path}rw": lens.rw or None})


# Rows with one `household` each: of now by its present holder and address, of a month by the row's own.
FAMILY_NOW = Scope(
    FOLLOWS_FAMILY,
    area="household__wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    in_rw=address_in_rw(),
    pendamping="household__pendamping_id",
)
FAMILY_THEN = replace(FAMILY_NOW, words=FOLLOWS_WORK, area="wilayah__code", pendamping="pendamping_id")


def in_month(rows, lens, day="occurred_on"):
    return rows.filter(**{f"{day}__gte": lens.begins_on, f"{day}__lt": lens.ends_before})


def in_year(rows, lens, day):
    """Those of the year of the lens's month, up to the end of that month: what came later is of no recap of it."""
    return rows.filter(**{f"{day}__gte": lens.year[0], f"{day}__lt": lens.ends_before})
