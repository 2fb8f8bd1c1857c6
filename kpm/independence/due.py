"""Whose turn it is to be assessed: the short form each quarter, the full form each year."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from kpm.models import Assessment, Household
from pkh_casework.templatetags.formats import tanggal

FULL_DAYS = 365
NEVER = date(1900, 1, 1)  # sorts before every day, and a page's key may hold no null


@dataclass(frozen=True)
class DueAssessment:
    """Which form a family is due for (None: neither), and why, in words."""

    form: str | None
    why: str


def quarter_start(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def with_last_assessments(families):
    """Add `last_on` and `full_on`, the days of a family's last assessment and last full one, NEVER without one."""
    mine = Assessment.objects.filter(household=OuterRef("pk")).order_by("-assessed_on").values("assessed_on")
    full = mine.filter(form=Assessment.Form.FULL)
    return families.annotate(
        last_on=Coalesce(Subquery(mine[:1]), Value(NEVER)), full_on=Coalesce(Subquery(full[:1]), Value(NEVER))
    )


def due_families(user, today: date):
    """The families of `user` that are due on `today` for one of the forms, with `last_on` and `full_on`."""
    families = with_last_assessments(Household.objects.visible_to(user).active())
    return families.filter(
        Q(last_on__lt=quarter_start(today)) | Q(full_on__lte=today - timedelta(days=FULL_DAYS))
    )


def due_form(household, today: date) -> DueAssessment:
    """What `household` (with `last_on` and `full_on`) is due for on `today`; the full form stands for the short one."""
    full, last = household.full_on, household.last_on
    if full == NEVER:
        return DueAssessment(Assessment.Form.FULL, "Bentuk lengkap belum pernah diisi.")
    if full <= today - timedelta(days=FULL_DAYS):
        return DueAssessment(Assessment.Form.FULL, f"Bentuk lengkap terakhir {tanggal(full)}, sudah setahun.")
    if last < quarter_start(today):
        return DueAssessment(Assessment.Form.SHORT, f"Belum dinilai triwulan ini, terakhir {tanggal(last)}.")
    return DueAssessment(None, f"Sudah dinilai triwulan ini, {tanggal(last)}.")
