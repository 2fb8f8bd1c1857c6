"""The pendamping of an area and when the server last received an entry from each; for a koordinator only."""

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Greatest, TruncDate
from django.urls import reverse

from accounts.models import User
from entries.models import HeldEntry, Receipt
from pkh_casework.access import KOORDINATOR

from .figure import Figure
from .sources import MonthSpan, Presentation, Scope, Source

QUIET_DAYS = (3, 7)
# How the kinds of receipts begin that say nothing of a phone: of reports, which are written at a desk, and of files.
OF_DESK = ("laporan", "reports.")


def _colleagues(lens):
    """Active pendamping whom the asker looks after, with `heard_on`, the day on which their last entry came.

    An entry that was held came when it was held: its receipt tells when somebody let it in.
    """
    held = HeldEntry.objects.filter(author=OuterRef("pk"))
    taken = Receipt.objects.filter(author=OuterRef("pk")).exclude(
        Q(*(Q(kind__startswith=kind) for kind in OF_DESK), _connector=Q.OR)
        | Exists(HeldEntry.objects.filter(op_id=OuterRef("op_id")))
    )
    last = (Subquery(rows.order_by("-received_at").values("received_at")[:1]) for rows in (held, taken))
    people = User.objects.visible_to(lens.user).pendamping().filter(is_active=True)
    people = people.annotate(heard_on=TruncDate(Greatest(*last)))
    return people if lens.user.duty == KOORDINATOR else people.none()


def _quiet_for(days):
    return lambda lens: Q(heard_on=None) | Q(heard_on__lte=lens.days_ago(days))


PEOPLE = Source(
    start=_colleagues,
    scope=Scope(
        "Dihitung pada wilayah tugas pendamping, untuk koordinatornya.",
        in_area=lambda lens: Q(wilayah__code__startswith=lens.area),
        pendamping="id",
        family=None,
    ),
    period=MonthSpan("heard_on", undated=True),
    shown=Presentation(
        columns={},
        in_full={"heading": F("name"), "colleague_key": F("id"), "place": F("wilayah__name")},
        opens=lambda row: f"{reverse('reports:dashboard')}?pendamping={row['colleague_key']}",
        needs_family=False,
        words=lambda row: row["place"],
    ),
)

FIGURES = (
    Figure(
        slug="pendamping-aktif",
        name="Pendamping aktif",
        definition="Pendamping yang akunnya aktif di wilayah ini.",
        unit="pendamping",
        source=PEOPLE,
        nothing="Belum ada pendamping di wilayah ini.",
    ),
    *(
        Figure(
            slug=f"tanpa-kiriman-{days}-hari",
            name=f"{days} hari tidak ada catatan masuk",
            definition=(
                f"Pendamping aktif yang catatan terakhirnya sampai di server {days} hari lalu atau lebih, atau belum "
                "pernah. Mungkin libur, mungkin HP-nya menyimpan catatan yang belum terkirim."
            ),
            unit="pendamping",
            source=PEOPLE,
            fewer=True,
            where=_quiet_for(days),
            share_of="pendamping-aktif",
            nothing=f"Bagus, semua pendamping mengirim catatan dalam {days} hari terakhir.",
        )
        for days in QUIET_DAYS
    ),
)
