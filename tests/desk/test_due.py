from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from desk.beside import next_houses
from desk.due import LATE, due_families
from kpm.models import Goal, GoalStep, GraduationCase, Household, WatchCheck
from pkh_casework.ids import uuid7
from resources.models import Referral
from roles.models import ActivityHousehold, Postponement
from tests.factories import (
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    hold,
    make_goal,
    plan_session,
)
from tests.queries import count_queries
from tests.referrals import make_referral, make_resource

DAY = date(2026, 11, 20)


@pytest.fixture
def pendamping(db):
    return UserFactory()


def visited(pendamping, days_ago, **fields):
    return HouseholdFactory(pendamping=pendamping, last_visited_on=DAY - timedelta(days=days_ago), **fields)


def promise(family, due_on, words="Cek buku tabungan"):
    activity = ActivityFactory(
        pendamping=family.pendamping,
        families=[family],
        kind_id="komunikasi",
        next_step=words,
        next_step_on=due_on,
    )
    activity.families.update(step_due_on=due_on)
    return activity.families.get()


def step_of(family, due_on, text="Celengan", **words):
    """A step of a goal of the family, due on the day."""
    return make_goal(family, steps=[("keluarga", text, due_on)], **words).steps.get()


def reasons(pendamping, day=DAY):
    """{name: [what the family's line says of each reason in full]} of who is due and not put off."""
    dues = due_families(pendamping, day).values()
    return {due.family.name: [one.words for one in due.reasons] for due in dues if not due.put_off}


def test_a_family_is_due_thirty_days_after_the_last_visit_and_the_list_says_why(pendamping):
    visited(pendamping, 32, name="Lama")
    visited(pendamping, 30, name="Pas")
    visited(pendamping, 29, name="Baru")
    HouseholdFactory(pendamping=pendamping, name="Belum")

    assert reasons(pendamping) == {
        "Lama": ["32 hari belum dikunjungi"],
        "Pas": ["30 hari belum dikunjungi"],
        "Belum": ["belum pernah dikunjungi"],
    }


def test_promises_up_to_tomorrow_are_due_and_named(pendamping):
    promise(visited(pendamping, 3, name="Lewat"), date(2026, 11, 18))
    promise(visited(pendamping, 3, name="Hari ini"), DAY)
    promise(visited(pendamping, 3, name="Besok"), DAY + timedelta(days=1))
    promise(visited(pendamping, 3, name="Nanti"), DAY + timedelta(days=2))

    assert reasons(pendamping) == {
        "Lewat": ["janji 18 Nov 2026: Cek buku tabungan"],
        "Hari ini": ["janji hari ini: Cek buku tabungan"],
        "Besok": ["janji besok: Cek buku tabungan"],
    }


def test_a_line_says_all_reasons_in_a_few_words_and_the_late_one_colours_it(pendamping):
    family = visited(pendamping, 106, name="Lama")
    promise(family, date(2026, 11, 18))
    step_of(family, DAY)
    promise(visited(pendamping, 3, name="Besok"), DAY + timedelta(days=1))
    visited(pendamping, 40, name="Menunggu")

    lines = {due.family.name: (due.line, due.tone) for due in due_families(pendamping, DAY).values()}

    assert lines == {
        "Lama": ("106 hari, janji lewat 2 hari, langkah tujuan hari ini", LATE),
        "Besok": ("janji besok", "soon"),
        "Menunggu": ("40 hari belum dikunjungi", "visit"),
    }


def test_steps_of_goals_up_to_tomorrow_are_due_and_named(pendamping):
    step_of(visited(pendamping, 3, name="Lewat"), date(2026, 11, 18))
    step_of(visited(pendamping, 3, name="Hari ini"), DAY)
    step_of(visited(pendamping, 3, name="Besok"), DAY + timedelta(days=1))
    step_of(visited(pendamping, 3, name="Nanti"), DAY + timedelta(days=2))

    assert reasons(pendamping) == {
        "Lewat": ["langkah tujuan 18 Nov 2026: Celengan"],
        "Hari ini": ["langkah tujuan hari ini: Celengan"],
        "Besok": ["langkah tujuan besok: Celengan"],
    }


def test_steps_done_or_of_closed_goals_or_of_others_or_of_families_that_left_are_not_due(pendamping):
    done = step_of(visited(pendamping, 3), DAY)
    closed = step_of(visited(pendamping, 3), DAY)
    GoalStep.objects.filter(pk=done.pk).update(done_on=DAY)
    Goal.objects.filter(pk=closed.goal_id).update(state="tercapai", closed_on=DAY, closed_reason="Ya")
    step_of(HouseholdFactory(last_visited_on=DAY), DAY)
    step_of(visited(pendamping, 3, status="graduasi"), DAY)

    assert not due_families(pendamping, DAY)


def test_a_promise_kept_is_not_due(pendamping):
    row = promise(visited(pendamping, 3), DAY)
    ActivityHousehold.objects.filter(pk=row.pk).update(step_done_on=DAY)

    assert not due_families(pendamping, DAY)


def test_postponed_families_are_told_apart_until_their_day(pendamping):
    family = visited(pendamping, 40)
    until = DAY + timedelta(days=3)
    Postponement.objects.create(
        op_id=uuid7(), household=family, pendamping=pendamping, until_on=until, reason="Mudik"
    )

    assert due_families(pendamping, DAY)[family.pk].put_off.reason == "Mudik"
    assert due_families(pendamping, until)[family.pk].put_off is None


def put_off(family, until_on, *, minute=0):
    return Postponement.objects.create(
        op_id=uuid7(),
        household=family,
        pendamping=family.pendamping,
        until_on=until_on,
        reason="Mudik",
        created_at=datetime(2026, 11, 20, 8, minute, tzinfo=UTC),
    )


def test_the_newest_postponement_of_a_family_counts_also_when_it_is_shorter(pendamping):
    family, other = visited(pendamping, 40), visited(pendamping, 40)
    put_off(family, DAY + timedelta(days=30))
    put_off(other, DAY + timedelta(days=30))
    put_off(family, DAY + timedelta(days=2), minute=1)

    def hidden(day):
        return {pk for pk, due in due_families(pendamping, day).items() if due.put_off}

    assert hidden(DAY) == {family.pk, other.pk}
    assert hidden(DAY + timedelta(days=2)) == {other.pk}


def test_one_until_today_lifts_an_earlier_one(pendamping):
    family = visited(pendamping, 40)
    put_off(family, DAY + timedelta(days=30))
    put_off(family, DAY, minute=1)

    assert due_families(pendamping, DAY)[family.pk].put_off is None


def test_families_that_left_or_belong_to_others_are_never_due(pendamping):
    visited(pendamping, 400, status="graduasi")
    visited(pendamping, 400, status="nonaktif")
    visited(UserFactory(), 400)

    assert not due_families(pendamping, DAY)


def graduated(family, due_on, **fields):
    """A graduation of `family` with one check, due on `due_on`."""
    case = GraduationCase.objects.create(
        op_id=uuid7(),
        household=family,
        wilayah_id=family.wilayah_id,
        kind_id="mandiri",
        statement="Warung ramai.",
        proposed_by=family.pendamping,
        decided_by=UserFactory(koordinator=True),
        decided_on=DAY,
        **{"state": "disetujui", "graduated_on": DAY, **fields},
    )
    return WatchCheck.objects.create(
        case=case, household=family, wilayah_id=family.wilayah_id, months=3, due_on=due_on
    )


def test_a_graduated_family_is_on_the_list_when_its_check_is_due(pendamping):
    due = graduated(visited(pendamping, 400, name="Waktunya", status="graduasi"), DAY)
    graduated(visited(pendamping, 400, name="Besok", status="graduasi"), DAY + timedelta(days=1))
    undone = {"state": "dibatalkan", "graduated_on": None}
    graduated(visited(pendamping, 400, name="Dibatalkan", status="nonaktif"), DAY, **undone)

    (shown,) = due_families(pendamping, DAY).values()
    assert (shown.family.name, [one.url for one in shown.reasons]) == ("Waktunya", [due.get_absolute_url()])
    due.done_on, due.outcome = DAY, "bertahan"
    due.save()
    assert not due_families(pendamping, DAY)


def test_a_referral_to_look_after_is_due_on_its_day(pendamping):
    resource = make_resource()
    for name, state, days in (
        ("Lewat", "diajukan", -4),
        ("Hari ini", "direncanakan", 0),
        ("Nanti", "diterima", 2),
    ):
        due_on = DAY + timedelta(days=days)
        make_referral(visited(pendamping, 3, name=name), state, resource=resource, due_on=due_on)
    make_referral(visited(pendamping, 3, name="Selesai"), "selesai", resource=resource)
    make_referral(visited(pendamping, 3, name="Keluar", status="nonaktif"), resource=resource, due_on=DAY)

    assert reasons(pendamping) == {
        "Lewat": ["rujukan 16 Nov 2026: diajukan, Z-Mart Baznas"],
        "Hari ini": ["rujukan hari ini: direncanakan, Z-Mart Baznas"],
    }


def test_a_partners_answer_is_brought_to_the_family_until_it_is_visited(pendamping):
    told, waiting = visited(pendamping, 2, name="Sudah"), visited(pendamping, 9, name="Belum")
    for family in (told, waiting):
        referral = make_referral(family, "ditolak")
        Referral.objects.filter(pk=referral.pk).update(answered_on=DAY - timedelta(days=5), due_on=None)

    assert reasons(pendamping) == {"Belum": ["sampaikan jawaban rujukan: ditolak, Z-Mart Baznas"]}


def stays_away(pendamping, number):
    """A P2K2 three days ago to which so many families did not come."""
    group = GroupFactory(pendamping=pendamping)
    away = [visited(pendamping, 10, group=group) for _ in range(number)]
    hold(plan_session(group, on=DAY - timedelta(days=3)), dict.fromkeys(away, "tidak_hadir"))


def test_the_list_takes_as_many_queries_for_forty_families_as_for_one(pendamping):
    def queries():
        with count_queries() as counted:
            due_families(pendamping, DAY)
        return len(counted)

    promise(visited(pendamping, 40), DAY)
    step_of(visited(pendamping, 40), DAY)
    resource = make_resource()
    make_referral(visited(pendamping, 40), resource=resource, due_on=DAY)
    stays_away(pendamping, 1)
    few = queries()
    stays_away(pendamping, 40)
    for _ in range(40):
        promise(visited(pendamping, 40), DAY)
        step_of(visited(pendamping, 40), DAY)
        make_referral(visited(pendamping, 40), resource=resource, due_on=DAY)

    assert queries() == few <= 11


def test_after_a_visit_the_next_house_is_near_and_waits_longest(pendamping, client):
    here = visited(pendamping, 0, rw=5, rt=2, name="Di sini")
    area = {"wilayah": here.wilayah, "rw": 5}
    visited(pendamping, 90, rt=3, name="RT lain, lama", **area)
    visited(pendamping, 45, rt=2, name="RT ini", **area)
    visited(pendamping, 12, rt=2, name="RT ini, baru saja", **area)
    visited(pendamping, 60, rt=2, name="Nonaktif", status="nonaktif", **area)
    visited(pendamping, 90, rt=1, name="RW lain", wilayah=here.wilayah, rw=6)
    visited(UserFactory(), 90, rt=2, name="Orang lain", **area)
    later = visited(pendamping, 90, rt=2, name="Ditunda", **area)
    put_off(later, DAY + timedelta(days=3))

    assert [family.name for family in next_houses(pendamping, here, DAY)] == ["RT ini", "RT lain, lama"]

    with time_machine.travel(datetime(2026, 11, 20, 3, tzinfo=UTC), tick=False):
        client.force_login(pendamping)
        page = client.get(here.get_absolute_url()).content.decode()
        other = client.get(Household.objects.get(name="RT ini").get_absolute_url()).content.decode()
    assert page.index("Rumah berikutnya") < page.index("RT ini") < page.index("RT lain, lama")
    assert "Rumah berikutnya" not in other
