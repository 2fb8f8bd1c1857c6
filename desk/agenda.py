"""The day beside the houses: meetings, attendance lists nobody wrote, referrals and kasus to answer, what has a deadline."""

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst

from kpm.changes import moves_for
from pkh_casework.days import months_after
from pkh_casework.templatetags.formats import tanggal
from reports.figures import FIGURES, Lens
from reports.models import Notice, due_on
from roles.models import GroupSession, VisitRemark
from roster.handover import news_for

NOT_HANDED_IN = FIGURES["lapor-belum-masuk"]
MEETINGS_AHEAD = timedelta(days=3)
SHOWN = 8  # lines; what else there is stands on the lists of its sort
OWN = 6  # of them at least for what is no family's, such as a report and a meeting, however many families are late
LATE, TODAY, SOON = "overdue", "soon", "none"  # as the pills are called
URGENCY = [LATE, TODAY, SOON]


class Line(NamedTuple):
    """One thing of the day: `when` in words, where `words` don't say it, `tone` how urgent it is, and whether it is one
    family's.
    """

    icon: str
    words: str
    when: str
    tone: str
    url: str
    of_family: bool = False


def agenda_of(user, day, dues):
    """[Line, …] of the day of a pendamping, the most urgent first; `dues` are those of desk.due. Five queries."""
    lines = [*_handed(user), *_report(user, day), *_told(user), *_meetings(user, day), *_of_families(dues)]
    return sorted(lines, key=_urgency)


def shown_of(lines):
    """The SHOWN of an agenda, the most urgent first."""
    own = [line for line in lines if not line.of_family][:OWN]
    rest = [line for line in lines if line not in own]
    return sorted([*own, *rest][:SHOWN], key=_urgency)


def _urgency(line):
    return URGENCY.index(line.tone)


def _when(due_on, day):
    """(words, tone) of a day on which something is due."""
    days = (due_on - day).days
    if days < 0:
        return f"lewat {-days} hari", LATE
    return {0: ("hari ini", TODAY), 1: ("besok", SOON)}.get(days, (f"{days} hari lagi", SOON))


def _meetings(user, day):
    """Sessions that are near, and those that are over and have no attendance list."""
    rows = GroupSession.objects.visible_to(user).filter(activity=None, planned_on__lte=day + MEETINGS_AHEAD)
    rows = rows.filter(planned_on__gt=months_after(day, -12)).order_by("planned_on", "pk")
    for pk, planned_on, group, session in rows.values_list(
        "pk", "planned_on", "group__name", "session__name"
    ):
        when, tone = _when(planned_on, day)
        if planned_on < day:
            words = f"Daftar hadir {group}, {tanggal(planned_on)}, belum diisi"
            yield Line("clipboard-check", words, when, tone, f"/pertemuan/{pk}/hadir/")
        else:
            yield Line("users", f"P2K2 {group}: {session}", when, tone, f"/pertemuan/{pk}/")


def _of_families(dues):
    """What of the due families has a page of its own to act on: referrals, kasus, a check after graduation."""
    for due in dues.values():
        for reason in due.told:
            if reason.url and reason.tone != "visit":
                icon = "triangle-alert" if reason.is_pressing else "send"
                tone = LATE if reason.tone == "late" else TODAY
                words = f"{capfirst(reason.short)}: {due.family.name}"
                yield Line(icon, words, "", tone, reason.url, of_family=True)


def _report(user, day):
    """The reports of the month that is over, until they are handed in; one for each kelurahan."""
    month = months_after(day.replace(day=1), -1)
    when, tone = _when(due_on(month), day)
    rows = NOT_HANDED_IN.rows(Lens(user, day, month)).order_by("household__wilayah")
    missing = list(rows.values_list("household__wilayah", "household__wilayah__name", "report_key"))
    for area, place, report in missing:
        words = f"Laporan {_month(month)}{f', {place}' if len(missing) > 1 else ''}"
        yield Line("file-check", words, when, tone, _report_url(month, area, report))


def _report_url(month, area, report):
    if report:
        return reverse("reports:report_detail", args=[report])
    return f"{reverse('reports:report_create')}?{urlencode({'bulan': f'{month:%Y-%m}', 'wilayah': area})}"


def _month(month):
    return tanggal(month).partition(" ")[2]


def _handed(user):
    offered, unread = news_for(user)
    handover = reverse("roster:handover_list")
    if offered:
        yield Line("users", f"{offered} KPM ditawarkan kepada Anda", "terima atau tolak", TODAY, handover)
    if unread:
        words = f"{unread} KPM baru, riwayatnya belum dibaca"
        yield Line("book-open", words, "baca", SOON, f"{handover}?keadaan=semua")
    if moves := moves_for(user):
        words = f"{moves} orang diusulkan pindah keluarga"
        yield Line("arrow-right-left", words, "jawab", TODAY, reverse("kpm:move_list"))


def _told(user):
    """What was told and not read, and what is asked about own visits."""
    if asked := VisitRemark.objects.visible_to(user).open().filter(reason="").count():
        words = f"{asked} kunjungan ditanyakan"
        yield Line("eye", words, "tulis sebabnya", TODAY, reverse("roles:remark_list"))
    if unread := Notice.objects.visible_to(user).unread().count():
        yield Line("info", f"{unread} pemberitahuan", "baca", SOON, reverse("reports:notice_list"))
