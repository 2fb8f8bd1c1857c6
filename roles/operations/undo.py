"""Taking back what was written down a moment ago: as if it had not been, but for the trail and the receipts."""

from datetime import timedelta

from django.apps import apps
from django.db.models import ProtectedError
from django.utils import timezone

from entries.months import MonthLocked, open_month
from entries.operations import Refused, operation
from kpm.operations import reopen_steps
from roles.models import Activity, ActivityHousehold, Photo, Recording, VisitRemark

from .last_visit import hold_families, refresh_last_visit

OFFERED_FOR = timedelta(seconds=10)
TAKEN_FOR = timedelta(minutes=2)  # a tap may wait for signal
TOO_LATE = "Sudah lewat waktunya. Perbaiki lewat Ubah di riwayat keluarga."
NOT_ALONE = "Catatan ini sudah dipakai di tempat lain. Perbaiki lewat Ubah di riwayat keluarga."


def just_recorded(user, household, now) -> Activity | None:
    """What `user` wrote down of `household` so shortly before `now` that taking it back is offered."""
    recent = Activity.objects.filter(
        pendamping=user, families__household=household, received_at__gt=now - OFFERED_FOR
    )
    return recent.filter(from_acts=False).order_by("-received_at").first()


def seconds_left(activity, now) -> int:
    """For how long (seconds) taking back `activity` is still offered; 0 when it is over."""
    return max(0, round((activity.received_at + OFFERED_FOR - now).total_seconds()))


@operation(
    kind="roles.undo", title="Catatan kegiatan dibatalkan", about=Activity, again=lambda receipt, _: receipt
)
def undo_activity(activity, *, by, receipt, promises=()):
    """Remove an activity that its author wrote down a moment ago, with all that it did: steps of goals that it finished and
    the `promises` (ids of ActivityHousehold) that it kept are open again. The trail keeps what it said. Returns the Receipt.

    Raises Refused when that moment is over, the month was locked, or something else hangs on it by now.
    """
    if timezone.now() > activity.received_at + TAKEN_FOR:
        raise Refused(TOO_LATE)
    rows = ActivityHousehold.objects.filter(activity=activity)
    families = list(rows.values_list("household", flat=True))
    hold_families(families)
    try:
        for area in sorted({activity.wilayah_id, *rows.values_list("wilayah", flat=True)}):
            open_month(area, activity.occurred_on)
    except MonthLocked as locked:
        raise Refused(TOO_LATE) from locked
    finished = ActivityHousehold.goal_steps.through.objects.filter(activityhousehold__in=rows)
    reopen_steps(list(finished.values_list("goalstep", flat=True)))
    kept = ActivityHousehold.objects.filter(pk__in=promises, household__in=families)
    kept.filter(step_done_on=activity.occurred_on).update(step_done_on=None)
    try:
        for hanging in (VisitRemark, Recording, Photo):
            hanging.objects.filter(activity=activity).delete()
        rows.delete()
        activity.delete()
    except ProtectedError as used:
        raise Refused(NOT_ALONE) from used
    refresh_last_visit(families)
    return receipt


def undone_words(user, pk) -> dict:
    """What the activity `pk` that `user` took back had said, by the fields of its form; {} for none."""
    earlier = apps.get_model("roles.ActivityEvent").objects.filter(pgh_obj=pk, pendamping=user)
    event = earlier.filter(pgh_label="before_delete").first()
    if event is None:
        return {}
    return {
        "occurred_on": event.occurred_on,
        "kind": event.kind_id,
        "sub_role": event.sub_role_id,
        **{name: getattr(event, name) for name in ("notes", "outcome", "next_step", "next_step_on", "place")},
    }
