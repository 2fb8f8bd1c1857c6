"""The recap that makes itself: on a chosen day of each month the one of last month, once for each koordinator and area."""

from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from entries.operations import operation
from pkh_casework.access import KOORDINATOR
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.models import Export, RecapPlan
from wilayah.clock import local_today

from .export import make_export

PURPOSE = "Rekap bulanan yang dibuat otomatis"
AGAIN_AFTER = timedelta(days=1)


@operation(kind="reports.rekap_jadwal", title="Jadwal rekap")
def plan_recap(*, by, day, format):
    """Let the recap of `by` make itself on this `day` of every month; None: not any more."""
    plan = RecapPlan.objects.filter(user=by).first() or RecapPlan(id=uuid7(), user=by)
    plan.day, plan.format = day, format
    plan.save()
    return plan


def make_scheduled():
    """Ask for each recap whose day has come and that is not there yet; returns how many. Safe to repeat."""
    plans = RecapPlan.objects.filter(day__isnull=False, user__is_active=True, user__duty=KOORDINATOR)
    number = 0
    for plan in plans.select_related("user"):
        month = _due(plan, local_today(plan.user.wilayah_id))
        if month and (export := ask_recap(plan, month)):
            transaction.on_commit(partial(make_export.enqueue, str(export.pk)))
            number += 1
    return number


def _due(plan, today):
    """The month whose recap `plan` wants by `today`: of the last chosen day that came, since no worker may have been
    there on it. None while no chosen day has come since the plan was last changed.
    """
    day = today.replace(day=plan.day)
    if day > today:
        day = months_after(day, -1)
        if plan.events.filter(pgh_created_at__date__gt=day).exists():
            return None
    return months_after(day.replace(day=1), -1)


def ask_recap(plan, month):
    """Keep that the recap of `month` (its first day) is wanted as `plan` says; the Export, or None when it was before.
    One that failed is wanted again after a day.
    """
    user, now = plan.user, timezone.now()
    asked = Export.objects.filter(user=user, wilayah=user.wilayah_id, month=month)
    failed = asked.filter(state=Export.State.FAILED, asked_at__lte=now - AGAIN_AFTER)
    if failed.update(
        state=Export.State.WAITING,
        duty=user.duty,
        format=plan.format,
        asked_at=now,
        finished_at=None,
        restarts=0,
    ):
        return asked.get()
    if asked.exists():
        return None
    export = Export(
        op_id=uuid7(),
        user=user,
        duty=user.duty,
        wilayah_id=user.wilayah_id,
        what=Export.RECAP,
        query=f"bulan={month:%Y-%m}",
        format=plan.format,
        purpose=PURPOSE,
        month=month,
    )
    try:
        with transaction.atomic():
            export.save(force_insert=True)
    except IntegrityError:  # another worker was first
        return None
    return export
