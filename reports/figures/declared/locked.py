"""Months that are locked, as figures read them (contract C7): of a kelurahan whose month is locked what its lock in force
kept (FrozenRow) counts, of every other one the rows as they stand.

Whatever happens to the rows afterwards (a susulan, a family merged into another, a plan moved, another map of RHK) changes
no number of a locked month. A wider area is the sum of both sorts; a family in both counts once, as it does everywhere.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, TruncMonth
from django.utils.formats import date_format

from entries.models import Period
from pkh_casework.access import KELURAHAN, KOORDINATOR, PENDAMPING
from pkh_casework.days import months_after
from reports.models import FrozenRow, MonthLock
from roles.models import Activity

from .sources import FAMILY_NOW, MonthSpan, Source

SHORT = 8  # signs of a hash that people compare by eye


def may_be_locked(lens):
    """Whether a month of `lens` may be over somewhere in the country, and so be locked."""
    return months_after(lens.months[0], 1) <= lens.today + timedelta(days=1)


def locks(lens):
    """The MonthLocks in force of the months of `lens`, of every area."""
    return MonthLock.objects.in_force().filter(period__month__in=lens.months)


# --- the two sorts of rows ---------------------------------------------------------------------------------------------


def open_rows(source, lens):
    """The rows of `source` that no lock speaks for."""
    rows = source.rows(lens)
    return among_locked(rows, source, lens, inside=False) if _is_kept(source, lens) else rows


def _is_kept(source, lens):
    return bool(source.frozen) and may_be_locked(lens)


def among_locked(rows, source, lens, *, inside):
    """Those of `rows`, which are of `source`, whose month is locked by their kelurahan and their day; or the others."""
    area = source.scope.area.removesuffix("__code")
    found = locks(lens).filter(schema__gte=source.frozen_since)
    if lens.span == 1:
        locked = Q(**{f"{area}__in": found.values("period__wilayah")})
    else:
        rows = rows.alias(of_month=TruncMonth(source.period.day))
        months = found.filter(period__wilayah=OuterRef(area), period__month=OuterRef("of_month"))
        locked = Q(Exists(months))
    return rows.filter(locked if inside else ~locked)


def kept_rows(lens, sources):
    """The kept rows (FrozenRow) of the locked months of `lens` that were rows of `sources`, as far as the asker counts."""
    rows = FrozenRow.objects.filter(lock__in=locks(lens), source__in=[source.frozen for source in sources])
    user = lens.user
    if user.duty == PENDAMPING:
        rows = rows.filter(pendamping=user)
    elif user.duty in {KELURAHAN, KOORDINATOR}:
        rows = rows.filter(lock__period__wilayah__code__startswith=user.wilayah_id)
    else:
        return rows.none()
    if lens.area:
        rows = rows.filter(lock__period__wilayah__code__startswith=lens.area)
    if lens.pendamping_id:
        rows = rows.filter(pendamping=lens.pendamping_id)
    if lens.day or lens.until:
        rows = rows.filter(day__gte=lens.begins_on, day__lt=lens.ends_before)
    if lens.rw is not None or lens.group_id or lens.sub_role:
        return _narrowed(rows, lens, sources)
    return rows


def _narrowed(rows, lens, sources):
    """Those of an RW, a kelompok or a sub-role. These are no part of what is kept: the row itself tells them."""
    narrowed = Q(pk=None)
    for number, source in enumerate(sources):
        there = source.start(lens).model.objects.all()
        there = there.filter(*_of_row(source.scope, lens))
        rows = rows.alias(**{f"key_{number}": key_of(source, lens)})
        narrowed |= Q(Exists(there.filter(pk=OuterRef(f"key_{number}"))), source=source.frozen)
    return rows.filter(narrowed)


def _of_row(scope, lens):
    if lens.rw is not None and scope.in_rw:
        yield scope.in_rw(lens)
    if lens.group_id and scope.family is not None:
        yield Q(**{f"{scope.family}group": lens.group_id})
    if lens.sub_role and scope.sub_role:
        yield Q(**{scope.sub_role: lens.sub_role})


def key_of(source, lens):
    """The key of a kept row as the primary key of the row it was kept of; of a row of another sort nothing."""
    is_uuid = isinstance(source.start(lens).model._meta.pk, UUIDField)
    field = UUIDField() if is_uuid else BigIntegerField()
    return Case(When(source=source.frozen, then=Cast("key", field)), default=None, output_field=field)


# Kept rows by the place and the person that were kept with them; an RW is that of the family's present address.
KEPT = Source(
    start=lambda lens: FrozenRow.objects.none(),
    scope=replace(
        FAMILY_NOW,
        area="lock__period__wilayah_id",
        pendamping="pendamping_id",
        sub_role="sub_role_then",
    ),
    period=MonthSpan("day", of_month=True),
)


def with_sub_role(rows, source, lens):
    """Kept activities with `sub_role_then`, which is no part of what is kept: the activity itself tells it."""
    told = Activity.objects.filter(pk=OuterRef("activity_then")).values("sub_role_id")[:1]
    return rows.alias(activity_then=key_of(source, lens)).alias(sub_role_then=Subquery(told))


def kept_value(figure):
    """The aggregate that gives the value of `figure` among kept rows."""
    counted = "household" if figure.once_per_family else "pk"
    return Count(counted, distinct=figure.once_per_family, filter=Q(figures__contains=[figure.slug]))


def open_values(figures, lens, parts=()):
    """(rows, {slug: aggregate}): the open rows of the one source of `figures`, and what to count of them in each group of
    `parts` (expressions of a source), so that a family which a kept row of the same group tells counts no second time.
    """
    source = figures[0].source
    rows, values = open_rows(source, lens), {figure.slug: figure.value(lens) for figure in figures}
    once = [figure for figure in figures if figure.once_per_family and _is_kept(source, lens)]
    if once:
        rows = rows.alias(told_key=_told_key(source, parts))
    for figure in once:
        where = figure.where(lens) & ~_is_told(figure, lens, parts)
        values[figure.slug] = Count("household", distinct=True, filter=where)
    return rows, values


def open_rows_of(figure, lens):
    """The open rows that `figure` counts, without those of families that a kept row tells already."""
    rows = open_rows(figure.source, lens).filter(figure.where(lens))
    if figure.once_per_family and _is_kept(figure.source, lens):
        rows = rows.alias(told_key=_told_key(figure.source, ())).exclude(_is_told(figure, lens, ()))
    return rows


def kept_rows_of(figure, lens):
    """The kept rows that `figure` counts; none where no lock can be."""
    rows = kept_rows(lens, [figure.source]).filter(figures__contains=[figure.slug])
    return rows if _is_kept(figure.source, lens) else rows.none()


def _is_told(figure, lens, parts):
    told = kept_rows_of(figure, lens).annotate(told_key=_told_key(KEPT, parts))
    return Q(told_key__in=told.values("told_key"))


def families_of(source, lens):
    """The families in the rows of `source` (one row each), of locked months in those that are kept, as ids."""
    rows = open_rows(source, lens).order_by().values("pk")
    if not _is_kept(source, lens):
        return rows
    return rows.union(kept_rows(lens, [source]).order_by().values("household"))


def _told_key(source, parts):
    """A family and its group as one text."""
    told = Cast(F("household_id"), TextField())
    for part in parts:
        told = Concat(told, Value("/"), Cast(part(source), TextField()), output_field=TextField())
    return told


def rows_in_force(figure, lens):
    """The rows that `figure` counts as rows of its own model, for files and papers that tell more of a row than was kept.
    What was kept and is there no more (a plan that was dropped) is not among them.
    """
    if not _is_kept(figure.source, lens):
        return figure.rows(lens)
    rows = open_rows(figure.source, lens).filter(figure.where(lens)).order_by()
    kept = kept_rows_of(figure, lens).annotate(row_key=key_of(figure.source, lens))
    keys = rows.values("pk").union(kept.order_by().values("row_key"), all=True)
    return rows.model.objects.filter(pk__in=keys)


def households_in_force(figure, lens):
    """The families in the rows that a figure counts once per family, as ids."""
    rows = open_rows_of(figure, lens).order_by().values("household")
    return rows.union(kept_rows_of(figure, lens).order_by().values("household"))


# --- what people are told ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LockState:
    """How far the month of a lens is locked: `locked` of `areas` kelurahan whose month has begun, under one `digest`;
    of a single kelurahan its `lock`. Over several months both are of all of them, and `told` says which are locked.
    """

    areas: int
    locked: int
    digest: str = ""
    lock: MonthLock | None = None
    told: str = ""

    @property
    def is_whole(self):
        return bool(self.areas) and self.locked == self.areas

    @property
    def words(self):
        """One line for pages, files and papers; never empty."""
        if self.told:
            return self.told
        if not self.locked:
            return "Belum dikunci: angkanya masih dapat berubah."
        if self.lock:
            return f"Terkunci, versi {self.lock.version}, sidik {self.digest}."
        told = f"{self.locked} dari {self.areas} kelurahan terkunci, sidik {self.digest}."
        return told if self.is_whole else f"{told} Yang belum dikunci masih dapat berubah."


def lock_state(lens):
    """The LockState of the months and the area of `lens`, in two queries; in none while nowhere a month may be over."""
    if not may_be_locked(lens):
        return LockState(0, 0)
    if lens.span > 1:
        return _state_of_months(lens)
    here = {"wilayah__code__startswith": lens.here}
    areas = Period.objects.filter(month=lens.month, **here).count()
    inside = locks(lens).filter(period__wilayah__code__startswith=lens.here)
    found = list(inside.select_related("period__wilayah").order_by("period__wilayah"))
    if not found:
        return LockState(areas, 0)
    if areas == 1:
        return LockState(1, 1, found[0].digest[:SHORT], found[0])
    told = "\n".join(f"{lock.period.wilayah_id} {lock.version} {lock.digest}" for lock in found)
    return LockState(areas, len(found), sha256(told.encode()).hexdigest()[:SHORT])


def _state_of_months(lens):
    """The LockState of the several months of `lens`: which are locked everywhere, which in some kelurahan, which nowhere."""
    periods = Period.objects.filter(month__in=lens.months, wilayah__code__startswith=lens.here)
    areas = Counter(periods.order_by().values_list("month", flat=True))
    inside = locks(lens).filter(period__wilayah__code__startswith=lens.here)
    locked = Counter(inside.order_by().values_list("period__month", flat=True))
    begun = [month for month in lens.months if areas[month]]
    whole = [month for month in begun if locked[month] == areas[month]]
    still = [month for month in begun if not locked[month]]
    partly = [
        f"{date_format(month, 'F Y')} ({locked[month]} dari {areas[month]} kelurahan)"
        for month in begun
        if 0 < locked[month] < areas[month]
    ]
    parts = (
        ("Terkunci", _in_runs(whole)),
        ("Sebagian terkunci", partly),
        ("Belum dikunci, masih dapat berubah", _in_runs(still)),
    )
    told = " ".join(f"{words}: {', '.join(names)}." for words, names in parts if names)
    return LockState(areas.total(), locked.total(), told=told)


def _in_runs(months):
    """The names of `months`, those that follow each other as one: 'Januari–September 2026'."""
    runs = []
    for month in months:
        if runs and months_after(runs[-1][1], 1) == month:
            runs[-1][1] = month
        else:
            runs.append([month, month])
    return [
        date_format(last, "F Y") if first == last else f"{date_format(first, 'F')}–{date_format(last, 'F Y')}"
        for first, last in runs
    ]
