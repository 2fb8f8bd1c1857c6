"""Every figure of the house, declared once (contract C5): its name and meaning, its unit, its period, who counts.

Dashboards, lists, reports and exports use nothing but these declarations, so that a number and the list behind it
can't differ. A new figure is one more entry in FIGURES: a `Source` says which rows there are and how a `Lens`
narrows and groups them, the figure says which of those rows it counts.

Two rules on who counts. Figures of *now* follow the family: its holder and its address today. Figures of a *month*
follow the work: its author and the area of the day, so that a handover or a move changes no past month. An RW is
always that of the family's present address, the only one known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left

from accounts.models import User
from kpm.models import Household
from roles.models import Activity, ActivityHousehold

ROLE_CODES = ("fasilitasi", "edukasi", "representasi", "teknis")


@dataclass(frozen=True)
class Lens:
    """What a person looks through: who asks, today's local date, the month (its first day), how far narrowed.

    `area` is a code below the asker's own area, or "" for all that is the asker's. `rw` stands only where `here` is
    a kelurahan, since an RW number means nothing beyond one. Whether the asker may narrow so is checked by the
    caller; what is counted stays within the asker's scope whatever the lens says.
    """

    user: User
    today: date
    month: date
    area: str = ""
    rw: int | None = None
    pendamping_id: int | None = None

    @property
    def here(self):
        """The area code looked at: the narrowed one or the asker's own."""
        return self.area or self.user.wilayah_id

    @property
    def next_month(self):
        return (self.month + timedelta(days=31)).replace(day=1)

    def days_ago(self, days):
        return self.today - timedelta(days=days)


@dataclass(frozen=True)
class Source:
    """Rows of one sort: `start` is all of them that count for the asker, the paths are lookups from a row.

    `home` and `rw` lead to the family's present address; `rw` is "" where a row belongs to no single RW. Lists are
    ordered by `day`, ties by `key`. `of_month` tells a month's figures from those of now.
    """

    start: Callable[[Lens], QuerySet]
    day: str
    area: str
    pendamping: str
    in_rw: Callable[[Lens], Q]
    home: str = ""
    rw: str = ""
    key: str = "id"
    of_month: bool = False
    newest_first: bool = False

    def rows(self, lens):
        """The rows of `lens`, no more than its asker may count."""
        rows = self.start(lens)
        if lens.area:
            rows = rows.filter(**{f"{self.area}__startswith": lens.area})
        if lens.rw:
            rows = rows.filter(self.in_rw(lens))
        if lens.pendamping_id:
            rows = rows.filter(**{self.pendamping: lens.pendamping_id})
        return rows


def _address_in_rw(path):
    return lambda lens: Q(**{f"{path}wilayah_id": lens.here, f"{path}rw": lens.rw})


def _reached_rw(lens):
    reached = ActivityHousehold.objects.filter(_address_in_rw("household__")(lens))
    return Q(pk__in=reached.values("activity"))


def _in_month(rows, lens):
    return rows.filter(occurred_on__gte=lens.month, occurred_on__lt=lens.next_month)


# Families accompanied now.
FAMILIES = Source(
    start=lambda lens: Household.objects.counted_for(lens.user).active(),
    day="last_visited_on",
    area="wilayah__code",
    home="wilayah_id",
    rw="rw",
    pendamping="pendamping_id",
    in_rw=_address_in_rw(""),
    key="case_number",
)
# Promised to a family accompanied now, due before today and still open; whoever promised it.
STEPS = Source(
    start=lambda lens: ActivityHousehold.objects.open_steps().filter(
        step_due_on__lt=lens.today, household__in=Household.objects.counted_for(lens.user).active()
    ),
    day="step_due_on",
    area="household__wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="household__pendamping_id",
    in_rw=_address_in_rw("household__"),
)
# One row is one family sought at home once, met or not.
VISITS = Source(
    start=lambda lens: _in_month(
        ActivityHousehold.objects.counted_for(lens.user).filter(is_visit=True), lens
    ),
    day="occurred_on",
    area="wilayah__code",
    home="household__wilayah_id",
    rw="household__rw",
    pendamping="pendamping_id",
    in_rw=_address_in_rw("household__"),
    of_month=True,
    newest_first=True,
)
ACTIVITIES = Source(
    start=lambda lens: _in_month(Activity.objects.counted_for(lens.user), lens),
    day="occurred_on",
    area="wilayah__code",
    pendamping="pendamping_id",
    in_rw=_reached_rw,
    of_month=True,
    newest_first=True,
)


@dataclass(frozen=True)
class Figure:
    """One figure: the rows of `source` that fulfil `where`; with `once_per_family`, the families in them.

    `name`, `definition`, `unit` and `nothing` (what an empty list says) are for people. `share_of` names the figure
    that this one is a part of.
    """

    slug: str
    name: str
    definition: str
    unit: str
    source: Source
    nothing: str
    where: Callable[[Lens], Q] = lambda lens: Q()
    once_per_family: bool = False
    share_of: str = ""

    def rows(self, lens):
        """The rows of `source` that this figure counts."""
        return self.source.rows(lens).filter(self.where(lens))

    def count(self, lens):
        """The aggregate that counts this figure among the rows of its source."""
        counted = "household" if self.once_per_family else "pk"
        return Count(counted, distinct=self.once_per_family, filter=self.where(lens))


def _visited_since(days):
    return lambda lens: Q(last_visited_on__gte=lens.days_ago(days))


def _not_visited_since(days):
    return lambda lens: Q(last_visited_on=None) | Q(last_visited_on__lt=lens.days_ago(days))


def _in_role(code):
    return lambda lens: Q(sub_role__role_id=code)


def _met(lens):
    return Q(met=True)


FIGURES = {
    figure.slug: figure
    for figure in (
        Figure(
            slug="kpm-aktif",
            name="KPM aktif",
            definition="Keluarga yang sekarang didampingi: berstatus aktif atau calon graduasi.",
            unit="KPM",
            source=FAMILIES,
            nothing="Belum ada KPM aktif di sini. KPM muncul setelah dicatat dan diberi pendamping.",
        ),
        Figure(
            slug="dikunjungi-30-hari",
            name="Dikunjungi dalam 30 hari",
            definition="KPM aktif yang bertemu pendamping di rumahnya dalam 30 hari terakhir.",
            unit="KPM",
            source=FAMILIES,
            where=_visited_since(30),
            share_of="kpm-aktif",
            nothing="Belum ada KPM yang dikunjungi dalam 30 hari terakhir.",
        ),
        *(
            Figure(
                slug=f"belum-{days}-hari",
                name=f"Belum dikunjungi {days} hari",
                definition=(
                    f"KPM aktif yang kunjungan rumah terakhirnya lebih dari {days} hari lalu, "
                    "atau yang belum pernah dikunjungi."
                ),
                unit="KPM",
                source=FAMILIES,
                where=_not_visited_since(days),
                share_of="kpm-aktif",
                nothing=f"Bagus, semua KPM aktif sudah dikunjungi dalam {days} hari terakhir.",
            )
            for days in (30, 60, 90)
        ),
        Figure(
            slug="langkah-terlambat",
            name="Langkah berikutnya terlambat",
            definition=(
                "Langkah yang dijanjikan kepada KPM aktif, sudah lewat tanggalnya dan belum ditandai selesai. "
                "Satu langkah untuk tiga KPM dihitung tiga."
            ),
            unit="langkah",
            source=STEPS,
            nothing="Bagus, tidak ada langkah yang lewat tanggal.",
        ),
        Figure(
            slug="kpm-dikunjungi",
            name="KPM dikunjungi",
            definition=(
                "KPM yang bertemu pendamping pada kunjungan rumah dalam bulan yang dipilih. Satu KPM dihitung "
                "sekali, berapa pun kunjungannya."
            ),
            unit="KPM",
            source=VISITS,
            where=_met,
            once_per_family=True,
            nothing="Belum ada KPM yang dikunjungi pada bulan ini.",
        ),
        Figure(
            slug="kunjungan",
            name="Kunjungan rumah",
            definition="Kunjungan rumah dalam bulan yang dipilih yang bertemu keluarganya. Dua kunjungan dihitung dua.",
            unit="kunjungan",
            source=VISITS,
            where=_met,
            nothing="Belum ada kunjungan rumah pada bulan ini.",
        ),
        Figure(
            slug="tidak-bertemu",
            name="Tidak bertemu",
            definition=(
                "Kunjungan rumah dalam bulan yang dipilih yang tidak bertemu keluarganya. Tidak masuk hitungan "
                "kunjungan rumah."
            ),
            unit="kunjungan",
            source=VISITS,
            where=lambda lens: Q(met=False),
            nothing="Pada bulan ini tidak ada kunjungan yang gagal bertemu.",
        ),
        Figure(
            slug="kegiatan",
            name="Kegiatan",
            definition=(
                "Semua kegiatan pendamping dalam bulan yang dipilih, apa pun jenisnya. Satu kegiatan untuk banyak "
                "KPM dihitung satu."
            ),
            unit="kegiatan",
            source=ACTIVITIES,
            nothing="Belum ada kegiatan yang dicatat pada bulan ini.",
        ),
        *(
            Figure(
                slug=f"kegiatan-{code}",
                name=f"Kegiatan {code}",
                definition=f"Kegiatan dalam bulan yang dipilih yang peran utamanya {code}.",
                unit="kegiatan",
                source=ACTIVITIES,
                where=_in_role(code),
                share_of="kegiatan",
                nothing=f"Belum ada kegiatan {code} pada bulan ini.",
            )
            for code in ROLE_CODES
        ),
    )
}


# --- values --------------------------------------------------------------------------------------------------------


def by_pendamping(source):
    """Group rows by who holds the family (figures of now) or did the work (figures of a month)."""
    return F(source.pendamping)


def by_area(digits):
    """Group rows by the area whose code has so many digits."""
    return lambda source: Left(source.area, digits)


def by_rw(source):
    """Group rows by the RW of the family's present address."""
    return F(source.rw)


def _by_source(slugs):
    grouped = {}
    for slug in slugs:
        grouped.setdefault(FIGURES[slug].source, []).append(FIGURES[slug])
    return grouped


def values_of(slugs, lens):
    """The values of the figures `slugs` as {slug: int}; one query per source."""
    values = {}
    for source, figures in _by_source(slugs).items():
        values |= source.rows(lens).aggregate(**{figure.slug: figure.count(lens) for figure in figures})
    return values


def values_by(slugs, lens, dimension):
    """The values of `slugs` for every group that has any, as {group: {slug: int}}; one query per source.

    Grouping by RW leaves out families that have moved away from `lens.here`, as narrowing to an RW does.
    """
    values = {}
    for source, figures in _by_source(slugs).items():
        rows = source.rows(lens)
        if dimension is by_rw:
            rows = rows.filter(**{source.home: lens.here})
        counts = {figure.slug: figure.count(lens) for figure in figures}
        for row in rows.order_by().values(part=dimension(source)).annotate(**counts):
            values.setdefault(row.pop("part"), dict.fromkeys(slugs, 0)).update(row)
    return values
