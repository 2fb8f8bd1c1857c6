"""Who has to report of a month, and how far each has come: also those of whom there is no activity and no report."""

from django.db.models import F, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate

from kpm.models import Assignment, FamilyChange
from pkh_casework.access import PENDAMPING
from reports.models import MonthlyReport, ReportMove, due_on

from .figure import Figure
from .sources import MonthSpan, Presentation, Scope, Source

State = MonthlyReport.State
MISSING = "belum"  # stands for the state of a report that nobody began
# The states of a report as a koordinator thinks of them: slug, name, the stored states, what an empty list says.
STEPS = (
    (MISSING, "Belum ada laporan", (MISSING,), "Bagus, semua pendamping sudah membuat laporannya."),
    (
        "draf",
        "Laporan masih draf",
        (State.DRAFT,),
        "Tidak ada laporan bulan ini yang masih draf.",
    ),
    (
        "dikembalikan",
        "Laporan dikembalikan, belum diajukan lagi",
        (State.RETURNED,),
        "Tidak ada laporan bulan ini yang sedang diperbaiki.",
    ),
    (
        "menunggu",
        "Laporan menunggu keputusan",
        (State.SUBMITTED,),
        "Bagus, tidak ada laporan bulan ini yang menunggu.",
    ),
    (
        "disetujui",
        "Laporan sudah disetujui",
        MonthlyReport.DONE,
        "Belum ada laporan bulan ini yang disetujui.",
    ),
)
HANDED_IN = (State.SUBMITTED, *MonthlyReport.DONE)
DRAFTING = (MISSING, State.DRAFT, State.RETURNED)


def held_in(lens):
    """Assignments of the month of `lens` that count, whatever became of their families since.

    A family that moved to another kelurahan later says nothing of where it was then, and is left out.
    """
    rows = Assignment.objects.counted_for(lens.user)
    if lens.user.duty == PENDAMPING:  # the own months, also of families that are another's now
        rows = Assignment.objects.filter(pendamping=lens.user)
    held = rows.filter(Q(to_on=None) | Q(to_on__gt=lens.month), from_on__lt=lens.next_month)
    moved = FamilyChange.objects.filter(kind=FamilyChange.Kind.HOME, changed_on__gte=lens.next_month)
    # A list that is looked up, and no question for each of a hundred thousand families.
    held = held.exclude(household__in=moved.exclude(wilayah=F("to_wilayah")).values("household"))
    if lens.pendamping_id:
        held = held.filter(pendamping=lens.pendamping_id)
    if lens.area:
        held = held.filter(household__wilayah__code__startswith=lens.area)
    return held.order_by()


def pairs_in(lens):
    """(code of the kelurahan, id of the pendamping) of each report that is waited for."""
    return held_in(lens).values_list("household__wilayah", "pendamping").distinct()


def _duties(lens):
    """One row for each of these pairs: the first of the Assignments that make it so."""
    first = held_in(lens).values("pendamping", "household__wilayah").annotate(one=Min("pk")).values("one")
    return _with_reports(Assignment.objects.filter(pk__in=first), lens)


def _with_reports(duties, lens):
    """`duties` with the `report_key` and `report_state` of each (MISSING without one), and `handed_on`, the day on which
    it was handed in first.
    """
    report = MonthlyReport.objects.filter(
        pendamping=OuterRef("pendamping"), wilayah=OuterRef("household__wilayah"), month=lens.month
    )
    moves = ReportMove.objects.filter(
        report__pendamping=OuterRef("pendamping"),
        report__wilayah=OuterRef("household__wilayah"),
        report__month=lens.month,
        to_state=State.SUBMITTED,
    )
    handed_in = moves.order_by("at").annotate(day=TruncDate("at")).values("day")
    return duties.annotate(
        report_key=Subquery(report.values("pk")),
        report_state=Coalesce(Subquery(report.values("state")), Value(MISSING)),
        handed_on=Subquery(handed_in[:1]),
    )


def step_name(state):
    """What people call the step at which a report in the stored `state`, or MISSING, is."""
    return next(name for _, name, states, _ in STEPS if state in states)


def _words(row):
    state = step_name(row["report_state"])
    return f"{row['place']} · {state.lower()}" if "place" in row else state.lower()


REPORTING = Source(
    start=_duties,
    scope=Scope(
        "Dihitung pada pendamping yang memegang KPM pada bulan itu dan kelurahan keluarganya, walau tidak ada kegiatannya.",
        area="household__wilayah__code",
        pendamping="pendamping_id",
        in_rw=lambda lens: Q(pk=None),
        family=None,
    ),
    period=MonthSpan("handed_on", of_month=True, at_end=True, undated=True),
    shown=Presentation(
        columns={"report_state": F("report_state")},
        in_full={
            "heading": F("pendamping__name"),
            "place": F("household__wilayah__name"),
            "report_key": F("report_key"),
        },
        opens=lambda row: row["report_key"] and MonthlyReport(pk=row["report_key"]).get_absolute_url(),
        needs_family=False,
        words=_words,
    ),
)


def _in_time(lens):
    return Q(report_state__in=HANDED_IN, handed_on__lte=due_on(lens.month))


FIGURES = (
    Figure(
        slug="wajib-lapor",
        name="Laporan yang ditunggu",
        definition=(
            "Satu laporan untuk tiap pendamping dan kelurahan tempat ia memegang KPM pada bulan yang dipilih, juga bila "
            "belum ada kegiatan atau laporannya."
        ),
        unit="laporan",
        source=REPORTING,
        nothing="Tidak ada pendamping yang memegang KPM di sini pada bulan itu.",
    ),
    *(
        Figure(
            slug=f"lapor-{step}",
            name=name,
            definition=f"Dari laporan yang ditunggu: {name[0].lower()}{name[1:]}.",
            unit="laporan",
            source=REPORTING,
            fewer=step == "belum",
            where=lambda lens, states=states: Q(report_state__in=states),
            share_of="wajib-lapor",
            nothing=nothing,
        )
        for step, name, states, nothing in STEPS
    ),
    Figure(
        slug="lapor-masuk",
        name="Laporan masuk",
        definition="Dari laporan yang ditunggu: yang sudah diajukan dan tidak sedang dikembalikan.",
        unit="laporan",
        source=REPORTING,
        where=lambda lens: Q(report_state__in=HANDED_IN),
        share_of="wajib-lapor",
        nothing="Belum ada laporan bulan ini yang diajukan.",
    ),
    Figure(
        slug="lapor-belum-masuk",
        name="Laporan belum masuk",
        definition=(
            "Dari laporan yang ditunggu: yang belum ada, masih draf, atau dikembalikan dan belum diajukan lagi."
        ),
        unit="laporan",
        source=REPORTING,
        where=lambda lens: Q(report_state__in=DRAFTING),
        share_of="wajib-lapor",
        nothing="Bagus, semua laporan bulan ini sudah masuk.",
    ),
    Figure(
        slug="lapor-tepat-waktu",
        name="Laporan tepat waktu",
        definition=(
            "Dari laporan yang ditunggu: yang masuk dan pertama kali diajukan sampai batasnya di bulan berikutnya. "
            "Batasnya ada di Data induk."
        ),
        unit="laporan",
        source=REPORTING,
        where=_in_time,
        share_of="wajib-lapor",
        nothing="Belum ada laporan bulan ini yang diajukan tepat waktu.",
    ),
)
