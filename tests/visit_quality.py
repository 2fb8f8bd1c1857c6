"""Visits that something is asked about, as the app itself records them."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from pkh_casework.ids import uuid7
from roles.models import ActivityKind, Recording, SubRole, VisitRemark
from roles.operations.activity import Entry, record_activity
from roles.operations.quality import keep_and_look

WORDS = "Melihat warung, buku tabungan, dan rapor anak bersama ibunya."


def op_id_at(moment):
    """The id that a phone makes at `moment`."""
    return uuid7(int(moment.timestamp() * 1000))


def visit(families, *, by=None, at=None, on=None, kind="kunjungan_rumah", met=True, notes=WORDS, **said):
    """A visit to `families` recorded at the moment `at` (now), looked at as after its commit; returns the Activity."""
    by, at = by or families[0].pendamping, at or timezone.now()
    entry = Entry(
        occurred_on=on or timezone.localdate(at),
        kind=ActivityKind.objects.get(pk=kind),
        sub_role=SubRole.objects.get(pk="FAS-1"),
        notes=notes,
        families=[(family, met) for family in families],
        **said,
    )
    op_id: UUID = op_id_at(at)
    activity = record_activity(by=by, op_id=op_id, sent=str(op_id), entry=entry)
    if not Recording.objects.filter(
        activity=activity
    ).exists():  # what is committed at the end was looked at there
        keep_and_look(activity)
    return activity


def make_for_walker(family, activity, words, today):
    """A remark on `activity` of yesterday with the reason `words`, open for its author and the koordinator."""
    remark = VisitRemark.objects.create(
        activity=activity,
        kind="sama",
        pendamping=family.pendamping,
        wilayah_id=family.wilayah_id,
        occurred_on=activity.occurred_on,
        number=3,
        noted_on=today - timedelta(days=1),
        reason=words,
    )
    return {"remark": remark}
