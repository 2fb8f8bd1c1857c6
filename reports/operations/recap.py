"""The recap that makes itself: on a chosen day of each month the one of last month, once for each koordinator and area."""

from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from kpm.operations import operation
from ledger.operations import take_receipt
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from pkh_casework.policy import KOORDINATOR
from reports.models import Export, RecapPlan
from wilayah.clock import local_today

from .export import make_export

KIND = "reports.rekap_jadwal"
PURPOSE = "Rekap bulanan yang dibuat otomatis"


@operation
def plan_recap(*, by, op_id, sent, day, format):
    """Let the recap of `by` make itself on this `day` of every month; None: not any more."""
    plan = RecapPlan.objects.filter(user=by).first() or RecapPlan(id=uuid7(), user=by)
    _, is_new = take_receipt(op_id=op_id, author=by, kind=KIND, content={"sent": sent}, object_id=plan.pk)
    if not is_new:
        return plan
    plan.day, plan.format = day, format
    plan.save()
    return plan


def make_scheduled():
    """Ask for each recap whose day has come and that is not there yet; returns how many. Safe to repeat."""
    plans = RecapPlan.objects.filter(day__isnull=False, user__is_active=True, user__duty=KOORDINATOR)
    number = 0
    for plan in plans.select_related("user"):
        today = local_today(plan.user.wilayah_id)
        if today.day >= plan.day and (export := ask_recap(plan, months_after(today.replace(day=1), -1))):
            transaction.on_commit(partial(make_export.enqueue, str(export.pk)))
            number += 1
    return number


def ask_recap(plan, month):
    """Keep that the recap of `month` (its first day) is wanted as `plan` says; the Export, or None when it was before."""
    user = plan.user
    if Export.objects.filter(user=user, wilayah=user.wilayah_id, month=month).exists():
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


def waiting_recap(user):
    """The recap that made itself and waits for `user` to take it, or None."""
    if user.duty != KOORDINATOR:
        return None
    waiting = Export.objects.visible_to(user).waiting_to_be_taken(timezone.now())
    return waiting.filter(month__isnull=False).first()
