"""Families accompanied at the end of a month, with their holder, kelurahan and last visit of that day.

Read from what is dated: who held the family when (Assignment), set inactive and taken up again, moved (FamilyChange), and
graduated (GraduationCase). Of the month that runs its end is today.
"""

from datetime import timedelta

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)

from kpm.models import Assessment, Assignment, FamilyChange, GraduationCase, GraduationMove, Household
from pkh_casework.access import KELURAHAN, KOORDINATOR, PENDAMPING
from roles.models import ActivityHousehold

from .figure import Figure
from .sources import MonthSpan, Presentation, Scope, Source, address_in_rw

Kind = FamilyChange.Kind
State = GraduationCase.State
WAITS = (30, 60, 90)
YES, NO = Value(True), Value(False)  # noqa: FBT003  values of SQL


def _then(lens):
    """Families (Household) accompanied at the end of the lens's month, as far as the asker counts, each with `holder_then`,
    `area_then` and `visited_then` (None: never by then).
    """
    day = lens.last_day
    rows = Household.objects.annotate(
        holder_then=_holder(day), area_then=_area(day), visited_then=_visited(day)
    )
    rows = rows.alias(first_then=_first_change(day)).alias(is_active_then=_is_active(day))
    rows = rows.filter(is_active_then=True, holder_then__isnull=False)
    user = lens.user
    if user.duty == PENDAMPING:
        return rows.filter(holder_then=user.pk)
    if user.duty in {KELURAHAN, KOORDINATOR}:
        return rows.filter(area_then__startswith=user.wilayah_id)
    return rows.none()


# Most families are on any day of last month what they are now: only of those with a later change the history is read.
def _holder(day):
    """Who held the family on `day`; None where it came later. A family without any term is held as it is now."""
    terms = Assignment.objects.filter(from_on__gt=day)
    then = Assignment.objects.filter(
        Q(to_on=None) | Q(to_on__gt=day), household=OuterRef("pk"), from_on__lte=day
    )
    then = Subquery(then.order_by("-from_on").values("pendamping")[:1])
    return Case(
        When(pk__in=terms.values("household"), then=then),
        default=F("pendamping"),
        output_field=BigIntegerField(),
    )


def _area(day):
    """The kelurahan in which the family lived on `day`: where the first move after it began."""
    moves = FamilyChange.objects.filter(kind=Kind.HOME, changed_on__gt=day, to_wilayah__isnull=False).exclude(
        to_wilayah=F("wilayah")
    )
    then = moves.filter(household=OuterRef("pk")).order_by("changed_on", "pk").values("wilayah")[:1]
    return Case(
        When(pk__in=moves.values("household"), then=Subquery(then)),
        default=F("wilayah"),
        output_field=CharField(),
    )


def _visited(day):
    """The day of the last home visit by `day`."""
    visits = ActivityHousehold.objects.home_visits().filter(household=OuterRef("pk"), occurred_on__lte=day)
    last = Subquery(visits.order_by("-occurred_on").values("occurred_on")[:1])
    return Case(When(last_visited_on__gt=day, then=last), default=F("last_visited_on"))


def _changes(day):
    return FamilyChange.objects.filter(kind__in=[Kind.INACTIVE, Kind.ACTIVE_AGAIN], changed_on__gt=day)


def _first_change(day):
    """Of what kind the first change of state after `day` was; None without one."""
    of_one = _changes(day).filter(household=OuterRef("pk")).order_by("changed_on", "created_at")
    return Case(
        When(pk__in=_changes(day).values("household"), then=Subquery(of_one.values("kind")[:1])),
        default=None,
        output_field=CharField(),
    )


def _is_active(day):
    """Whether a family was accompanied on `day`. The first change of state after it tells what it was before."""
    back = GraduationMove.objects.filter(to_state=State.BACK, at__date__gt=day)
    cases = GraduationCase.objects.filter(graduated_on__lte=day)
    graduated = cases.filter(Q(state__in=GraduationCase.STANDING) | Q(pk__in=back.values("case")))
    later = GraduationCase.objects.filter(graduated_on__gt=day)
    return Case(
        When(pk__in=graduated.values("household"), then=NO),
        When(first_then=Kind.INACTIVE, then=YES),
        When(first_then=Kind.ACTIVE_AGAIN, then=NO),
        When(pk__in=later.values("household"), then=YES),
        When(status__in=Household.ACTIVE, then=YES),
        default=NO,
        output_field=BooleanField(),
    )


FAMILIES_THEN = Source(
    start=_then,
    scope=Scope(
        "Dihitung pada pendamping dan kelurahan keluarga pada hari terakhir bulan itu (bulan ini: hari ini).",
        area="area_then",
        home="wilayah_id",
        rw="rw",
        pendamping="holder_then",
        in_rw=address_in_rw(""),
        family="",
    ),
    period=MonthSpan("visited_then", of_month=True, at_end=True, undated=True),
    shown=Presentation(columns={"family_id": F("id"), "number": F("case_number")}),
    frozen="keluarga",
    frozen_since=2,
)


def _since(days):
    return lambda lens: Q(visited_then__gte=lens.last_day - timedelta(days=days))


def _not_since(days):
    return lambda lens: Q(visited_then=None) | Q(visited_then__lt=lens.last_day - timedelta(days=days))


def _is_assessed(lens):
    return Q(Exists(Assessment.objects.filter(household=OuterRef("pk"), assessed_on__lte=lens.last_day)))


FIGURES = (
    Figure(
        slug="kpm-akhir-bulan",
        name="KPM aktif akhir bulan",
        definition=(
            "Keluarga yang didampingi pada hari terakhir bulan yang dipilih (bulan ini: hari ini), pada pemegang dan "
            "kelurahan hari itu."
        ),
        unit="KPM",
        source=FAMILIES_THEN,
        nothing="Tidak ada KPM yang didampingi pada akhir bulan ini.",
    ),
    Figure(
        slug="akhir-bulan-dinilai",
        name="KPM dinilai sampai akhir bulan",
        short="KPM dinilai",
        definition="Dari KPM aktif akhir bulan, yang sampai hari itu pernah dinilai dengan asesmen.",
        unit="KPM",
        source=FAMILIES_THEN,
        where=_is_assessed,
        share_of="kpm-akhir-bulan",
        nothing="Belum ada KPM yang dinilai sampai akhir bulan ini.",
    ),
    Figure(
        slug="akhir-bulan-dikunjungi",
        name="Dikunjungi 30 hari sampai akhir bulan",
        short="Dikunjungi 30 hari",
        definition="Dari KPM aktif akhir bulan, yang bertemu di rumahnya dalam 30 hari sampai hari itu.",
        unit="KPM",
        source=FAMILIES_THEN,
        where=_since(30),
        share_of="kpm-akhir-bulan",
        nothing="Tidak ada KPM yang dikunjungi dalam 30 hari sampai akhir bulan ini.",
    ),
    *(
        Figure(
            slug=f"akhir-bulan-belum-{days}",
            name=f"Belum dikunjungi {days} hari pada akhir bulan",
            short=f"Tak dikunjungi >{days} hari",
            definition=(
                f"Dari KPM aktif akhir bulan, yang kunjungan rumah terakhirnya pada hari itu lebih dari {days} hari "
                "lalu, atau yang sampai hari itu belum pernah dikunjungi."
            ),
            unit="KPM",
            source=FAMILIES_THEN,
            fewer=True,
            where=_not_since(days),
            share_of="kpm-akhir-bulan",
            nothing=f"Bagus, pada akhir bulan ini semua KPM sudah dikunjungi dalam {days} hari.",
        )
        for days in WAITS
    ),
)
