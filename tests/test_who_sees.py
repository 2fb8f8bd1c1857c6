"""Contract C1 as one table: who may open which rows (`visible_to`), and in whose figures they count (`counted_for`).

The family was Ani's in Kebon Jayanti when all was written down. Now it is Budi's in Babakan Surabaya.
"""

from datetime import date

import pytest

from entries.models import HeldEntry, HeldFile, Receipt
from entries.operations import take_receipt
from kpm.models import (
    Assessment,
    Goal,
    GoalStep,
    GraduationCase,
    GraduationMove,
    Group,
    Household,
    Member,
    Score,
)
from kpm.operations import assign
from pkh_casework.ids import uuid7
from reports.models import Export, MonthlyReport
from resources.models import Referral
from roles.models import (
    Activity,
    ActivityHousehold,
    Attendance,
    Commitment,
    GroupSession,
    Incident,
    IncidentMove,
    IncidentNote,
    IncidentStep,
    Photo,
    SchoolFile,
    Training,
    TrainingPlace,
)
from tests.commitments import make_for_walker as make_commitments
from tests.factories import (
    BABAKAN_SURABAYA,
    KEBON_JAYANTI,
    SUKAPURA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    hold,
    make_goal,
    make_graduation,
    plan_session,
)
from tests.held import hold_form
from tests.incidents import make_for_walker as make_incident
from tests.referrals import make_referral

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 10)


def office(name, duty, wilayah_id):
    return UserFactory(username=name, duty=duty, wilayah_id=wilayah_id)


@pytest.fixture
def people():
    return {
        "ani": UserFactory(username="ani"),
        "budi": UserFactory(username="budi", wilayah_id=BABAKAN_SURABAYA),
        "a colleague": UserFactory(username="cici"),
        "officer there": office("officer.there", "kelurahan", KEBON_JAYANTI),
        "officer here": office("officer.here", "kelurahan", BABAKAN_SURABAYA),
        "koordinator there": office("koor.there", "koordinator", KEBON_JAYANTI),
        "koordinator here": office("koor.here", "koordinator", BABAKAN_SURABAYA),
        "koordinator above": UserFactory(username="koor.above", koordinator=True),
        "koordinator elsewhere": office("koor.elsewhere", "koordinator", SUKAPURA),
        "admin with an area": office("pusat", "admin", KEBON_JAYANTI),
    }


@pytest.fixture
def moved(people, settings, tmp_path):
    """The family with a row of every kind, after the handover and the move."""
    settings.MEDIA_ROOT = tmp_path
    ani = people["ani"]
    group = GroupFactory(pendamping=ani)
    family = HouseholdFactory(pendamping=ani, group=group)
    assess(family, {"B2": 1}, on=DAY)
    make_goal(family)
    make_graduation(family)
    make_referral(family)
    ActivityFactory(pendamping=ani, families=[family])
    hold(plan_session(group, on=DAY), {family: "hadir"})
    training = Training.objects.create(
        op_id=uuid7(),
        wilayah_id=KEBON_JAYANTI,
        proposed_by=ani,
        code="C2",
        title="NIB",
        seats=9,
        planned_on=DAY,
    )
    TrainingPlace.objects.create(
        training=training, household=family, wilayah_id=KEBON_JAYANTI, pendamping=ani
    )
    make_commitments(family.members.first(), "SDN 1", "SDN 1", DAY)
    make_incident(family, "Kartu tertahan.", "Rahasia.", DAY)
    for activity in (*Activity.objects.all(), ActivityFactory(pendamping=ani)):
        Photo.objects.create(activity=activity, file="foto.jpg", sha256="0" * 64, width=4, height=3)
    MonthlyReport.objects.create(
        op_id=uuid7(), pendamping=ani, wilayah_id=KEBON_JAYANTI, month=date(2026, 10, 1)
    )
    held = hold_form(ani, wilayah_id=KEBON_JAYANTI)
    HeldFile.objects.create(held_entry=held, file="foto.jpg", sha256="0" * 64, width=4, height=3)
    Receipt.objects.all().delete()
    take_receipt(op_id=uuid7(), author=ani, kind="kpm", content={}, object_id=family.pk)
    assign(family, to=people["budi"], by=people["koordinator above"], on=DAY)
    Household.objects.filter(pk=family.pk).update(wilayah=BABAKAN_SURABAYA)
    return family


def seeing(people, rows):
    """The names of those to whom `rows(user)` gives anything."""
    return [name for name, user in people.items() if rows(user).exists()]


HOLDERS = ["budi", "koordinator here", "koordinator above"]
AUTHORS = ["ani", "koordinator there", "koordinator above"]
OFFICE_HERE = ["budi", "officer here", "koordinator here", "koordinator above"]
OFFICE_THERE = ["ani", "officer there", "koordinator there", "koordinator above"]
OF_FAMILY = (Household, Member, GoalStep, GraduationMove, IncidentMove, IncidentStep)
OF_THE_DAY = (
    Assessment,
    Score,
    Goal,
    GraduationCase,
    ActivityHousehold,
    Attendance,
    Commitment,
    Incident,
    TrainingPlace,
    Referral,
)


@pytest.mark.parametrize("model", OF_FAMILY)
def test_what_is_the_familys_goes_with_it(people, moved, model):
    assert seeing(people, model.objects.visible_to) == HOLDERS
    assert seeing(people, model.objects.counted_for) == OFFICE_HERE


@pytest.mark.parametrize("model", OF_THE_DAY)
def test_work_opens_with_the_family_and_counts_where_it_was_done(people, moved, model):
    assert seeing(people, model.objects.visible_to) == HOLDERS
    assert seeing(people, model.objects.counted_for) == OFFICE_THERE


def test_an_activity_is_read_by_its_author_and_by_who_holds_the_family_now(people, moved):
    readers = ["ani", "budi", "koordinator there", "koordinator here", "koordinator above"]
    with_family = Activity.objects.filter(families__household=moved)
    assert seeing(people, with_family.visible_to) == readers
    assert seeing(people, with_family.counted_for) == OFFICE_THERE
    assert seeing(people, Activity.objects.filter(families=None).visible_to) == AUTHORS


def test_pictures_stay_with_the_family_and_without_one_with_their_author(people, moved):
    pictures = Photo.objects.filter(activity__families__household=moved)
    assert seeing(people, pictures.visible_to) == HOLDERS
    assert seeing(people, Photo.objects.filter(activity__families=None).visible_to) == AUTHORS


@pytest.mark.parametrize("model", [Group, GroupSession, MonthlyReport, Receipt, HeldEntry, HeldFile])
def test_what_is_a_workers_own_stays_there(people, moved, model):
    assert seeing(people, model.objects.visible_to) == AUTHORS


def test_a_confidential_note_is_for_who_holds_the_family_now_and_its_koordinator_alone(people, moved):
    assert seeing(people, IncidentNote.objects.visible_to) == HOLDERS
    assert seeing(people, IncidentNote.objects.counted_for) == []
    people[
        "ani"
    ].is_asked_as_former_holder = True  # what she wrote is let in: she is asked for her own form only
    assert seeing(people, IncidentNote.objects.visible_to) == HOLDERS


def test_a_schools_file_is_its_senders_alone(people, moved):
    assert seeing(people, SchoolFile.objects.visible_to) == ["ani"]


@pytest.mark.parametrize("model", [GroupSession, MonthlyReport, Training])
def test_what_a_worker_did_counts_where_it_was_done(people, moved, model):
    assert seeing(people, model.objects.counted_for) == OFFICE_THERE


@pytest.mark.parametrize(
    ("area", "readers"),
    [
        (
            KEBON_JAYANTI,
            ["ani", "a colleague", "officer there", "koordinator there", "koordinator above"],
        ),
        (BABAKAN_SURABAYA, ["budi", "officer here", "koordinator here", "koordinator above"]),
        (
            "3273",
            [
                *["ani", "budi"],
                "a colleague",
                "officer there",
                "officer here",
                "koordinator there",
                "koordinator here",
                "koordinator above",
                "koordinator elsewhere",
            ],
        ),
    ],
)
def test_what_is_there_for_an_area_is_for_all_in_it_and_around(people, moved, area, readers):
    Training.objects.update(wilayah=area)
    assert seeing(people, Training.objects.visible_to) == readers


def test_a_file_is_for_who_asked_in_the_duty_and_area_of_that_day(people):
    asker = people["koordinator above"]
    Export.objects.create(
        op_id=uuid7(),
        user=asker,
        duty="koordinator",
        wilayah_id=asker.wilayah_id,
        what="kpm",
        format="csv",
        purpose="Uji.",
    )
    assert seeing(people, Export.objects.visible_to) == ["koordinator above"]
    for change in ({"duty": "kelurahan"}, {"wilayah_id": SUKAPURA}):
        before = {name: getattr(asker, name) for name in change}
        vars(asker).update(change)
        assert not Export.objects.visible_to(asker).exists()
        vars(asker).update(before)
