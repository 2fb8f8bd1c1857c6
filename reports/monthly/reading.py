"""Reports that wait for a decision, read one after the other: those that wait longest first."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from pkh_casework.asked import asked_number, asked_text, month_of
from reports.models import MonthlyReport

MOST = 9999  # of a kota and its months


def to_decide(user, *, area="", month=None):
    """Reports of the area of `user`, a koordinator, that wait for a decision which is not about an own report."""
    reports = MonthlyReport.objects.visible_to(user).filter(state=MonthlyReport.State.SUBMITTED)
    if area:
        reports = reports.filter(wilayah__code__startswith=area)
    if month:
        reports = reports.filter(month=month)
    return reports.exclude(pendamping=user)


@dataclass(frozen=True)
class Reading:
    """One way through the reports of `area` ("" for all) and `month` (None for all) that waited when it began: `total`.

    The address carries it, so that Back, a second tab and another phone read on from where they stand.
    """

    user: User
    area: str
    month: date | None
    total: int

    @property
    def reports(self):
        return to_decide(self.user, area=self.area, month=self.month).order_by("submitted_on", "pk")

    @property
    def query(self):
        """What its addresses say after the `?`."""
        said = {
            "baca": self.total,
            "wilayah": self.area,
            "bulan": f"{self.month:%Y-%m}" if self.month else "",
        }
        return urlencode({name: value for name, value in said.items() if value})

    def url(self, report, path=""):
        return f"{report.get_absolute_url()}{path}?{self.query}"

    def after(self, report):
        """The next report behind `report` that still waits, or None."""
        return self._behind(report).first()

    def place(self, report):
        """(which, of how many) `report` is: what was read before it counts, and what came meanwhile."""
        left = 1 + self._behind(report).count()
        total = max(self.total, left)
        return total - left + 1, total

    def _behind(self, report):
        day = report.submitted_on
        return self.reports.filter(Q(submitted_on__gt=day) | Q(submitted_on=day, pk__gt=report.pk))


def reading_of(user, query, today):
    """The Reading that an address (`query`, a QueryDict) asks for; its `total` is 0 where it has not begun."""
    area, month = asked_text(query, "wilayah"), asked_text(query, "bulan")
    if not (user.is_koordinator and area.isdigit() and area.startswith(user.wilayah_id)):
        area = ""
    return Reading(
        user, area, month_of(month, today) if month else None, min(asked_number(query, "baca") or 0, MOST)
    )


def begin_url(area="", month=None):
    """Where reading begins: with the report of the area and month that waits longest."""
    query = urlencode({"wilayah": area, "bulan": f"{month:%Y-%m}"} if month else {"wilayah": area})
    return f"{reverse('reports:report_read')}?{query}"
