"""What is to be told just now, to whom: each a question about the state of things, so that a day missed is made up for.

No notice names a family, a sort of kasus or a number: it says what there is, and its page asks who opens it.
"""

from datetime import timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from entries.models import Period
from pkh_casework.access import KOORDINATOR
from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import tanggal
from reports.figures import FIGURES, Lens
from reports.figures.rollups import COUNTRY
from reports.models import Export, Notice, due_on
from reports.models.export import RECAP_LIFE
from roles.models import Incident

SOON = timedelta(days=3)  # so long before a report is due its author is reminded
KOTA = 4  # digits of its code; a province closes its months kota by kota
Kind = Notice.Kind


def notices_due(today):
    """The Notices, not yet stored, of all that is ready or due on `today`; one statement a kind."""
    return [*_files(), *_reports(today), *_months(today), *_incidents(today)]


def _files():
    ready = Export.objects.filter(
        month__isnull=False,
        state=Export.State.READY,
        finished_at__gt=timezone.now() - RECAP_LIFE,
        taken_at=None,
        user__is_active=True,
    )
    for export in ready:
        yield Notice(
            user_id=export.user_id,
            kind=Kind.FILE,
            key=f"berkas {export.pk}",
            words=f"Berkas terjadwal siap: rekap {_name(export.month)}.",
            path=export.get_absolute_url(),
        )


def _reports(today):
    """To a pendamping of whom a report of last month is waited for, from SOON before it is due until a month later."""
    month = months_after(today.replace(day=1), -1)
    until = due_on(month)
    if today < until - SOON:
        return
    missing = (
        FIGURES["lapor-belum-masuk"].rows(Lens(COUNTRY, today, month)).filter(pendamping__is_active=True)
    )
    for user_id in missing.order_by().values_list("pendamping", flat=True).distinct():
        yield Notice(
            user_id=user_id,
            kind=Kind.REPORT,
            key=f"laporan {month:%Y-%m}",
            words=f"Laporan {_name(month)} belum diajukan, paling lambat {tanggal(until)}.",
            path=f"{reverse('reports:report_create')}?bulan={month:%Y-%m}",
        )


def _months(today):
    """To a koordinator once the reports of last month are due and kelurahan of the area are still open."""
    month = months_after(today.replace(day=1), -1)
    if today <= due_on(month):
        return
    open_ones = Period.objects.filter(month=month, state=Period.State.OPEN)
    codes = set(open_ones.values_list("wilayah", flat=True))
    for user in User.objects.filter(duty=KOORDINATOR, is_active=True):
        waiting = sum(code.startswith(user.wilayah_id) for code in codes)
        if waiting and len(user.wilayah_id) >= KOTA:
            yield Notice(
                user=user,
                kind=Kind.LOCK,
                key=f"kunci {month:%Y-%m}",
                words=f"{waiting} kelurahan belum dikunci untuk {_name(month)}.",
                path=f"{reverse('reports:months_lock')}?bulan={month:%Y-%m}",
            )


def _incidents(today):
    """To a pendamping whose kasus are past their deadline, once for each day on which some came to be."""
    late = Incident.objects.open().filter(due_on__lt=today, household__pendamping__is_active=True)
    late = late.order_by().values("household__pendamping").annotate(number=Count("pk"), last=Max("due_on"))
    for row in late:
        yield Notice(
            user_id=row["household__pendamping"],
            kind=Kind.INCIDENT,
            key=f"kasus {row['last']}",
            words=f"{row['number']} kasus lewat batas waktu.",
            path=f"{reverse('roles:incident_list')}?keadaan=terlambat",
        )


def _name(month):
    return date_format(month, "F Y")
