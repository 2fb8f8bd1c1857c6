"""The demo comes out the same again on the same day."""

from datetime import date

from django.db import transaction

from demo import loading
from kpm.models import (
    Assessment,
    Goal,
    GoalStep,
    GraduationCase,
    Household,
    Member,
    MemberComponent,
    PaymentCheck,
    Score,
    WatchCheck,
)
from roles.models import Activity, ActivityHousehold, Commitment, Incident, Photo
from tests.demo.conftest import morning_of


def told(rows, *fields):
    """What the fields of all rows say, in an order of its own."""
    return sorted(map(str, rows.order_by().values_list(*fields)))


def _content(day):
    """Everything of one load that people can read, after which it is undone."""
    with transaction.atomic(), morning_of(day):
        loading.load(day, families=12)
        # What the app's own operations made has ids of its own each time.
        content = [
            told(Household.objects.all(), "name", "address", "last_visited_on", "status"),
            sorted(bytes(index) for index in Household.objects.values_list("no_kk_index", flat=True)),
            told(Member.objects.all(), "name", "birth_date"),
            told(MemberComponent.objects.all(), "member__name", "component", "place", "from_on", "to_on"),
            told(Activity.objects.all(), "occurred_on", "notes", "outcome", "next_step_on"),
            told(ActivityHousehold.objects.all(), "occurred_on", "met", "step_done_on"),
            told(PaymentCheck.objects.all(), "household__name", "checked_on", "state", "trouble"),
            told(Incident.objects.all(), "household__name", "kind", "state", "due_on"),
            told(Commitment.objects.all(), "member__name", "month", "kind", "state"),
            list(Assessment.objects.order_by("pk").values_list("pk", "form", "mean", "lacking", "is_ready")),
            list(
                Score.objects.order_by("assessment", "code").values_list(
                    "level", "family_level", "note", "until_on"
                )
            ),
            list(Goal.objects.order_by("pk").values_list("pk", "wish", "state", "closed_on")),
            list(GoalStep.objects.order_by("pk").values_list("pk", "text", "due_on", "done_on")),
            list(
                GraduationCase.objects.order_by("pk").values_list(
                    "pk", "kind", "state", "statement", "decided_on"
                )
            ),
            list(WatchCheck.objects.order_by("case", "months").values_list("due_on", "outcome", "note")),
            list(Photo.objects.order_by("pk").values_list("pk", "sha256")),
        ]
        transaction.set_rollback(True)
    return content


def test_the_same_day_gives_the_same_content(db):
    day = date(2026, 11, 24)
    assert _content(day) == _content(day)
