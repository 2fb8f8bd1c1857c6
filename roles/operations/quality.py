"""Visit quality: a visit is recorded with its moment and words, asked about once it is stored, explained and reviewed."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, locked, operation
from roles.models import Activity, Doubt, Recording, VisitRemark, VisitReview
from roles.quality.rules import found_in, own_words, recorded_at, rule_of, span_of
from wilayah.clock import local_today

REVIEWED = "Koordinator sudah meninjaunya."
GONE = "Catatannya sudah diperbaiki: tidak perlu dijelaskan lagi."


def record(activity: Activity) -> None:
    """Once a new activity is stored, keep when it was recorded and in which words, and look at it."""
    _once_stored(partial(keep_and_look, activity))


def recording_of(activity: Activity) -> Recording:
    """The Recording of an activity, not yet stored."""
    words, letters = own_words(activity.notes)
    return Recording(
        activity=activity,
        pendamping_id=activity.pendamping_id,
        occurred_on=activity.occurred_on,
        recorded_at=recorded_at(activity.op_id, activity.received_at),
        words=words,
        letters=letters,
    )


def record_again(activity: Activity) -> None:
    """Keep the words and the day of an activity that was corrected, and look at it and its like again. One from before the
    rules stays as it was.
    """
    words, letters = own_words(activity.notes)
    recording = Recording.objects.filter(activity=activity)
    if recording.update(occurred_on=activity.occurred_on, words=words, letters=letters):
        _once_stored(partial(look_at, activity.pk))


def _once_stored(look):
    # Beside the entry and never instead of it: a fault is in the log, and what was typed is stored.
    transaction.on_commit(look, robust=True)


@transaction.atomic
def keep_and_look(activity: Activity) -> None:
    """Store the Recording of a new activity, and look at it."""
    recording_of(activity).save(force_insert=True)
    look_at(activity.pk)


@transaction.atomic
def look_at(pk: UUID) -> None:
    """Ask about the activity `pk` what the rules of its day say, and look again at what is asked about the same worker's
    visits near it: nothing else can have changed. A handful of statements, however much was ever recorded.
    """
    changed = Recording.objects.select_related("activity").get(pk=pk)
    day, near = changed.occurred_on, timedelta(hours=1)
    rule = rule_of(Doubt.SAME, day)
    wide = span_of(rule) if rule else timedelta(days=1)
    own = VisitRemark.objects.filter(pendamping=changed.pendamping_id, review=None)
    asked = own.filter(Q(occurred_on__range=(day - wide, day + wide)) | Q(activity=pk), gone_at=None)
    # An entry that arrives late may be the first of an hour whose other visits came before it.
    hour = Q(recorded_at__range=(changed.recorded_at - near, changed.recorded_at + near), occurred_on=day)
    recordings = Recording.objects.filter(
        Q(pk=pk) | hour | Q(pk__in=asked.values("activity")), pendamping=changed.pendamping_id
    )
    found = found_in(recordings)
    known = {}
    for remark in VisitRemark.objects.filter(activity__in=[row.pk for row, _ in found]).select_for_update():
        known.setdefault(remark.activity_id, {})[remark.kind] = remark
    today = local_today(changed.activity.wilayah_id)
    new, other = [], []
    for row, numbers in found:
        remarks = known.get(row.pk, {})
        new += [
            VisitRemark(
                activity=row.activity,
                kind=doubt,
                pendamping_id=row.pendamping_id,
                wilayah_id=row.activity.wilayah_id,
                occurred_on=row.occurred_on,
                number=number,
                noted_on=today,
            )
            for doubt, number in numbers.items()
            if doubt not in remarks
        ]
        other += [one for one in remarks.values() if _is_other_now(one, row, numbers)]
    VisitRemark.objects.bulk_create(new, ignore_conflicts=True)
    VisitRemark.objects.bulk_update(other, ["number", "occurred_on", "gone_at"])


def _is_other_now(remark, row, numbers):
    """Bring a remark that nobody reviewed up to what is found now; whether it is another one."""
    if remark.review_id:
        return False
    before = remark.number, remark.occurred_on, remark.gone_at
    number = numbers.get(Doubt(remark.kind))
    if number is None:
        remark.gone_at = remark.gone_at or timezone.now()
    else:
        remark.number, remark.occurred_on, remark.gone_at = number, row.occurred_on, None
    return (remark.number, remark.occurred_on, remark.gone_at) != before


@operation(kind="roles.mutu_sebab", title="Sebab pada kunjungan", about=VisitRemark)
def explain(remark: VisitRemark, *, by: User, reason: str) -> VisitRemark:
    """Say why, for what is asked of the same kind about the author's visits of that day in the same breath: those with the
    same reason so far, mostly none. Raises Refused once it is reviewed or void.
    """
    stored = locked(VisitRemark.objects.filter(pendamping=by), remark.pk)
    if stored.review_id:
        raise Refused(REVIEWED)
    if stored.gone_at:
        raise Refused(GONE)
    alike_to(stored).update(reason=reason)
    stored.reason = reason
    return stored


def alike_to(remark):
    """The open remarks that one reason is for: of the same worker, kind and day, with the same reason so far."""
    return VisitRemark.objects.open().filter(
        pendamping=remark.pendamping_id,
        kind=remark.kind,
        occurred_on=remark.occurred_on,
        reason=remark.reason,
    )


@operation(kind="roles.mutu_tinjauan", title="Tinjauan mutu kunjungan", makes=VisitReview)
def review(
    worker: User, kind: str, *, by: User, pk: UUID, op_id: UUID, remarks: list, outcome: str, note: str
) -> VisitReview:
    """Close the `remarks` (ids) of `kind` about visits of `worker`. Raises Refused when none of them is open any more."""
    rows = VisitRemark.objects.visible_to(by).open().filter(pk__in=remarks, pendamping=worker, kind=kind)
    rows = list(rows.select_for_update(of=["self"]))
    if not rows:
        raise Refused("Semuanya sudah ditinjau, atau sudah diperbaiki. Muat ulang halaman ini.")
    done = VisitReview.objects.create(
        id=pk,
        op_id=op_id,
        pendamping=worker,
        wilayah_id=rows[0].wilayah_id,
        kind=kind,
        by=by,
        outcome=outcome,
        note=note,
    )
    VisitRemark.objects.filter(pk__in=[row.pk for row in rows]).update(review=done)
    return done
