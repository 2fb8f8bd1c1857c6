"""Visits that something is asked about: from what the year really holds, one explained, one reviewed, the rest waiting."""

from collections import defaultdict
from datetime import timedelta

from roles.models import Activity, Recording, VisitRemark, VisitReview
from roles.operations.quality import look_at, recording_of
from roles.quality.rules import own_words

from .families import local_moment
from .story import VISIT

DAYS, COPIED = 25, 5
SAME_WHY = "Satu gang, keadaannya memang sama minggu ini: anak-anak ujian dan warung sepi."
REVIEWED = "Sudah dibicarakan lewat telepon. Lain kali tulis satu kalimat yang khas tiap keluarga."


def fill_quality(today, users, workers):
    """Let the app look at some visits of each of `workers` as of `today`: those in the same words, and a P2K2 without a
    photo. What is older than the rules is left alone by them.
    """
    since = today - timedelta(days=DAYS)
    for worker in workers:
        recent = Activity.objects.filter(pendamping=worker, occurred_on__gt=since, occurred_on__lt=today)
        recent = recent.order_by("occurred_on", "id")
        _look(_copied(recent.filter(kind=VISIT)))
        _look(list(recent.filter(kind="p2k2", photos=None)[:2]))
    asked = VisitRemark.objects.filter(pendamping__in=workers)
    asked.update(noted_on=today - timedelta(days=1))
    first = asked.filter(kind="sama").order_by("pendamping", "occurred_on", "id").first()
    if first:
        asked.filter(pk=first.pk).update(reason=SAME_WHY)
    _review(today, users["koordinator.kiaracondong"], asked.filter(kind="foto"))


def _copied(visits):
    """The most visits of a worker in the same words of their own, at most COPIED."""
    alike = defaultdict(list)
    for visit in visits:
        words, letters = own_words(visit.notes)
        if letters:
            alike[words].append(visit)
    return max(alike.values(), key=len, default=[])[:COPIED]


def _look(activities):
    Recording.objects.bulk_create(map(recording_of, activities))
    for activity in activities:
        look_at(activity.pk)


def _review(today, koordinator, asked):
    """Review the oldest of `asked`."""
    if first := asked.order_by("occurred_on", "id").first():
        at = local_moment(koordinator.wilayah_id, today - timedelta(days=1), 15, 30)
        done = VisitReview.objects.create(
            op_id=first.activity.pk,
            pendamping_id=first.pendamping_id,
            wilayah_id=first.wilayah_id,
            kind=first.kind,
            by=koordinator,
            at=at,
            outcome=VisitReview.Outcome.TALK,
            note=REVIEWED,
        )
        asked.filter(pk=first.pk).update(review=done)
