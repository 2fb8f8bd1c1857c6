"""Monthly reports of pendamping, by how far each has come."""

from django.db.models import F, Q

from reports.models import MonthlyReport

from .figure import Figure
from .sources import MonthSpan, Presentation, Scope, Source, in_month

# One row is the report of one pendamping for one month of one kelurahan; it belongs to no RW.
REPORTS = Source(
    start=lambda lens: in_month(MonthlyReport.objects.counted_for(lens.user), lens, "month"),
    scope=Scope(area="wilayah__code", pendamping="pendamping_id", in_rw=lambda lens: Q(pk=None), family=None),
    period=MonthSpan("month", of_month=True),
    shown=Presentation(
        columns={"report_state": F("state")},
        in_full={"heading": F("pendamping__name"), "report_key": F("id")},
        opens=lambda row: MonthlyReport(pk=row["report_key"]).get_absolute_url(),
        needs_family=False,
        words=lambda row: MonthlyReport.State(row["report_state"]).label.lower(),
    ),
)

FIGURES = (
    Figure(
        slug="laporan",
        name="Laporan bulanan",
        definition="Laporan bulanan pendamping untuk bulan yang dipilih, sejauh apa pun jalannya.",
        unit="laporan",
        source=REPORTS,
        nothing="Belum ada laporan untuk bulan ini.",
    ),
    *(
        Figure(
            slug=f"laporan-{state}",
            name=f"Laporan {state.label.lower()}",
            definition=f"Laporan bulanan untuk bulan yang dipilih yang sekarang {state.label.lower()}.",
            unit="laporan",
            source=REPORTS,
            where=lambda lens, state=state: Q(state=state),
            share_of="laporan",
            nothing=f"Tidak ada laporan bulan ini yang {state.label.lower()}.",
        )
        for state in MonthlyReport.State
    ),
)
