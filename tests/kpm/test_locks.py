"""Which rows each write holds, in which order: two who write at once then come one after the other, and never wait for
each other. What becomes of two at once is for the tests of races.
"""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from kpm.models import GoalStep, GraduationKind, Score, WatchCheck
from kpm.operations import (
    Step,
    add_step,
    assign,
    change_assessment,
    change_case,
    change_goal,
    change_household,
    change_member,
    change_step,
    close_goal,
    defer,
    finish_steps,
    hand_over_group,
    join_group,
    move_case,
    name_chair,
    name_pengurus,
    prepare_case,
    record_check,
    register_household,
    save_group,
    set_goal,
    set_threshold,
)
from pkh_casework.ids import uuid7
from tests.factories import (
    BANDUNG,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    make_goal,
    make_graduation,
    no_kk,
)
from tests.queries import rows_held
from wilayah.models import Wilayah

TODAY = date(2026, 11, 24)
STEP = Step("keluarga", "Menabung", TODAY + timedelta(days=7))
WISH = {"wish": "Punya simpanan", "why": "Supaya tenang", "target_on": TODAY + timedelta(days=90)}
GROUP, FAMILY, CASE = "kpm_group", "kpm_household", "kpm_graduationcase"


@pytest.fixture
def there(db):
    """A family of a kelompok with a goal and an assessment, and one that graduated."""
    worker, koordinator = UserFactory(), UserFactory(koordinator=True)
    group = GroupFactory(pendamping=worker)
    family = HouseholdFactory(pendamping=worker, group=group)
    assessment = assess(family, {"B2": 1, "B3": 1}, on=date(2026, 11, 1), form="singkat")
    gone = HouseholdFactory(pendamping=worker)
    return SimpleNamespace(
        worker=worker,
        koordinator=koordinator,
        group=group,
        family=family,
        member=family.members.get(),
        assessment=assessment,
        goal=make_goal(family),
        score=Score.objects.standing().get(household=family, code="B3"),
        prepared=make_graduation(HouseholdFactory(pendamping=worker)),
        approved=make_graduation(gone, "usulkan", "setujui", koordinator=koordinator),
        alone=HouseholdFactory(pendamping=worker),
        other=UserFactory(),
        said={"by": worker, "op_id": uuid7(), "sent": "x", "today": TODAY},
    )


def register(there):
    register_household(
        pendamping=there.worker,
        pengurus={"name": "Sari", "sex": "P", "relation": "pasangan", "birth_date": date(1985, 3, 12)},
        no_kk=no_kk(9500),
        address="Gang Kenanga",
        rt=1,
        rw=1,
        wilayah_id=there.worker.wilayah_id,
        joined_on=TODAY,
        group=there.group,
        **there.said,
    )


def correct_assessment(there):
    said = {"by": there.worker, "op_id": uuid7(), "sent": {}}
    change_assessment(there.assessment, on=date(2026, 10, 1), answers=[], **said)


def save(there):
    save_group(
        there.group,
        name="Kelompok Baru",
        wilayah=there.group.wilayah,
        pendamping=there.worker,
        chair=there.family,
        families=[there.alone],
        **there.said,
    )


@pytest.mark.parametrize(
    ("write", "tables"),
    [
        (register, [GROUP, FAMILY]),
        (lambda there: assign(there.family, to=there.other, by=there.worker, on=TODAY), [FAMILY]),
        (lambda there: change_household(there.family, group=there.group, **there.said), [GROUP, FAMILY]),
        (lambda there: change_member(there.member, name="Sri", **there.said), [FAMILY, "kpm_member"]),
        (lambda there: name_pengurus(there.family, member=there.member, by=there.worker, on=TODAY), [FAMILY]),
        (save, [GROUP, FAMILY, "kpm_groupchair!"]),
        (
            lambda there: name_chair(there.group, household=there.family, by=there.worker, on=TODAY),
            [FAMILY, "kpm_groupchair!"],
        ),
        (lambda there: join_group(there.group, households=[there.alone], by=there.worker), [GROUP, FAMILY]),
        (
            lambda there: hand_over_group(there.group, to=there.other, by=there.worker, on=TODAY),
            [GROUP, FAMILY],
        ),
        (lambda there: assess(there.family, {"B2": 2}, on=TODAY), [FAMILY, "entries_period+"]),
        (correct_assessment, [FAMILY, "kpm_assessment!", "entries_period+"]),
        (lambda there: set_goal(there.family, score=there.score, steps=[], **WISH, **there.said), [FAMILY]),
        (lambda there: change_goal(there.goal, **WISH, **there.said), ["kpm_goal"]),
        (
            lambda there: close_goal(there.goal, state="tercapai", reason="Sudah.", **there.said),
            [FAMILY, "kpm_goal"],
        ),
        (lambda there: add_step(there.goal, step=STEP, **there.said), ["kpm_goal"]),
        (
            lambda there: change_step(there.goal.steps.get(), step=STEP, **there.said),
            ["kpm_goal", "kpm_goalstep"],
        ),
        (lambda there: finish_steps(GoalStep.objects.values("pk"), on=TODAY), ["kpm_goalstep"]),
        (lambda there: defer(there.family, score=there.score, reason="Belum.", **there.said), [FAMILY]),
        (
            lambda there: prepare_case(there.family, kind=GraduationKind.objects.first(), **there.said),
            [FAMILY],
        ),
        (lambda there: change_case(there.prepared, statement="Lain.", **there.said), [FAMILY, CASE]),
        (lambda there: move_case(there.prepared, "usulkan", **there.said), [FAMILY, CASE]),
        (
            lambda there: record_check(
                WatchCheck.objects.first(), done_on=TODAY, by_phone=True, outcome="bertahan", **there.said
            ),
            [FAMILY, "kpm_watchcheck"],
        ),
        (
            lambda there: set_threshold(
                by=there.koordinator,
                code="umk",
                wilayah=Wilayah.objects.get(pk=BANDUNG),
                monthly=5_000_000,
                valid_from=date(2030, 1, 1),
                source="uji",
                op_id=uuid7(),
            ),
            ["wilayah_wilayah"],
        ),
    ],
)
def test_a_write_holds_its_rows_in_the_one_order(there, write, tables):
    with rows_held() as held:
        write(there)
    assert held == tables
