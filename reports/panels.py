"""What reports show on pages of other rooms: the way to let in what came late, and to a koordinator what waits."""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.formats import date_format

from entries.models import Period
from pkh_casework.days import months_after
from pkh_casework.panels import panel
from pkh_casework.waits import Waiting, waits
from reports.models import Target

from .monthly.operations import may_be_late
from .monthly.reading import to_decide
from .monthly.ready import readiness

KOTA = 4  # digits of its code


@panel("entries:held_detail", "reports/late_offer.html")
def offer_late(request, held):
    """The way to let in what is held for its locked month, for who decides."""
    return {"held": held} if may_be_late(held) else None


@waits
def reports_to_read(user, today):
    """Reports handed in that wait for a decision; a tap opens the first of them."""
    reports = to_decide(user).order_by().aggregate(number=Count("pk"), since=Min("submitted_on"))
    return [Waiting("file-check", "laporan menunggu dibaca", url=reverse("reports:report_read"), **reports)]


@waits
def targets_to_decide(user, today):
    """Targets that others proposed."""
    rows = Target.objects.to_decide(user).order_by().aggregate(number=Count("pk"), since=Min("proposed_on"))
    return [Waiting("target", "usulan target menunggu", url=reverse("reports:targets_decide"), **rows)]


@waits
def months_to_close(user, today):
    """Of last month: reports not handed in and kelurahan ready to be locked; of older ones the first still open."""
    if len(user.wilayah_id) < KOTA:  # a province closes its months kota by kota
        return []
    this_month = today.replace(day=1)
    month = months_after(this_month, -1)
    of_kelurahan = readiness(user, month, today)
    ready = sum(one.is_ready for one in of_kelurahan)
    not_in = sum(one.not_in for one in of_kelurahan)
    name, query = date_format(month, "F Y"), f"?bulan={month:%Y-%m}"
    reporting, lock = reverse("reports:reporting"), reverse("reports:months_lock")
    lines = [
        Waiting("file-text", f"laporan {name} belum diajukan", not_in, f"{reporting}{query}", this_month),
        Waiting("lock", f"kelurahan siap dikunci, {name}", ready, f"{lock}{query}", this_month),
    ]
    older = Period.objects.filter(
        wilayah__code__startswith=user.wilayah_id, month__lt=month, state=Period.State.OPEN
    )
    if first := older.order_by().values("month").annotate(number=Count("pk")).order_by("month").first():
        oldest = first["month"]
        words = f"kelurahan belum dikunci, {date_format(oldest, 'F Y')}"
        url = f"{lock}?bulan={oldest:%Y-%m}"
        lines.append(Waiting("lock", words, first["number"], url, months_after(oldest, 1)))
    return lines
