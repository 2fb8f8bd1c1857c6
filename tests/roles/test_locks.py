"""Which rows each write of this room holds, in which order (see tests/kpm/test_locks.py)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from kpm.operations import Step, add_step
from pkh_casework.ids import uuid7
from resources.models import PartnerLink
from resources.operations.answer import PartnerAnswer, answer, make_link
from resources.operations.referral import move_referral, withdraw_consent
from roles.models import Training
from roles.operations.activity import change_activity, record_activity
from roles.operations.last_visit import refresh_last_visit
from roles.operations.meeting import Planned, correct_session, hold_session, save_plan
from roles.operations.roll import RollRow
from roles.operations.training import correct_training, hold_training, save_invitations
from tests.factories import GroupFactory, HouseholdFactory, assess, hold, make_goal, plan_session
from tests.queries import rows_held
from tests.referrals import ON, make_referral, make_secret

from .conftest import DAY

PERIOD, FAMILY, REFERRAL = "entries_period+", "kpm_household", "resources_referral"
STEP = Step("keluarga", "Menyisihkan uang", DAY)
SESSION, TRAINING = "roles_groupsession", "roles_training"
CHANGED = [FAMILY, "roles_activity!", "roles_activityhousehold!", PERIOD]


@pytest.fixture
def there(pendamping, entry_for):
    """A family of a kelompok with a visit, a session held and one planned, a referral sent, a training."""
    group = GroupFactory(pendamping=pendamping)
    family = HouseholdFactory(pendamping=pendamping, group=group)
    entry = entry_for([family])
    recorded = record_activity(by=pendamping, op_id=uuid7(), entry=entry)
    training = Training.objects.create(
        op_id=uuid7(),
        wilayah_id=pendamping.wilayah_id,
        proposed_by=pendamping,
        code="C2",
        title="NIB",
        seats=9,
        planned_on=DAY,
    )
    return SimpleNamespace(
        family=family,
        group=group,
        entry=entry,
        activity=recorded,
        held=hold(plan_session(group, on=DAY - timedelta(days=1)), {family: "hadir"}),
        planned=plan_session(group, "ekonomi-2", on=DAY),
        referral=make_referral(family, "diajukan"),
        training=training,
        goal=make_goal(family, on=DAY),
        by={"by": pendamping, "op_id": uuid7()},
    )


def moved(there):
    move_referral(there.referral, "terima", sent="x", today=ON, happened_on=ON, **there.by)


def answered(there):
    given = PartnerAnswer(op_id=uuid7(), move="terima", name="Bu Ani", note="")
    answer(PartnerLink.objects.get(), given, today=ON)


def invited(there):
    save_invitations(there.training, states={there.family: "bersedia"}, sent="x", **there.by)


def planned_anew(there):
    save_plan(there.group, sent="x", lines=[Planned(there.planned.session, None, there.planned)], **there.by)


@pytest.mark.parametrize(
    ("write", "tables"),
    [
        (lambda there: record_activity(entry=there.entry, **there.by), [PERIOD]),
        (lambda there: change_activity(there.activity, entry=there.entry, **there.by), CHANGED),
        (lambda there: refresh_last_visit([there.family.pk]), [FAMILY]),
        (lambda there: assess(there.family, {"A1": 2}, on=DAY, at_home=True), [FAMILY, PERIOD]),
        (
            lambda there: add_step(there.goal, today=DAY, step=STEP, visited_on=DAY, **there.by),
            [FAMILY, "kpm_goal"],
        ),
        (planned_anew, ["kpm_group", f"{SESSION}!"]),
        (
            lambda there: hold_session(there.planned, entry=there.entry, rows=[], facilitator="", **there.by),
            [SESSION, PERIOD],
        ),
        (
            lambda there: correct_session(there.held, entry=there.entry, rows=[], facilitator="", **there.by),
            [SESSION, *CHANGED, "roles_attendance!"],
        ),
        (invited, [TRAINING, "roles_trainingplace!"]),
        (
            lambda there: hold_training(
                there.training, entry=there.entry, rows=[RollRow(there.family)], **there.by
            ),
            [TRAINING, "roles_trainingplace!", PERIOD],
        ),
        (
            lambda there: correct_training(
                there.activity, there.training, entry=there.entry, rows=[], **there.by
            ),
            [TRAINING, *CHANGED, "roles_trainingplace!"],
        ),
        (moved, [FAMILY, REFERRAL]),
        (
            lambda there: withdraw_consent(there.referral, sent="x", today=ON, note="", **there.by),
            [FAMILY, REFERRAL, "kpm_consent!"],
        ),
        (lambda there: make_link(there.referral, sent="x", today=ON, **there.by), [REFERRAL]),
    ],
)
def test_a_write_holds_its_rows_in_the_one_order(there, write, tables):
    with rows_held() as held:
        write(there)
    assert held == tables


def test_a_partners_answer_holds_the_referral(there):
    make_secret(there.referral)
    with rows_held() as held:
        answered(there)
    assert held == [REFERRAL]
