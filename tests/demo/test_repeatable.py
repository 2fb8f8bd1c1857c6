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
    Score,
    WatchCheck,
)
from roles.models import Activity, ActivityHousehold, Photo
from tests.demo.conftest import morning_of


def _content(day):
    """Everything of one load that people can read, after which it is undone."""
    with transaction.atomic(), morning_of(day):
        loading.load(day, families=12)
        content = [
            list(
                Household.objects.order_by("pk").values_list(
                    "pk", "name", "address", "last_visited_on", "status"
                )
            ),
            [
                bytes(index)
                for index in Household.objects.order_by("pk").values_list("no_kk_index", flat=True)
            ],
            list(Member.objects.order_by("pk").values_list("pk", "name", "birth_date")),
            list(
                MemberComponent.objects.order_by("pk").values_list(
                    "member", "component", "place", "from_on", "to_on"
                )
            ),
            list(
                Activity.objects.order_by("pk").values_list("pk", "op_id", "notes", "outcome", "next_step_on")
            ),
            list(ActivityHousehold.objects.order_by("pk").values_list("pk", "met", "step_done_on")),
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
