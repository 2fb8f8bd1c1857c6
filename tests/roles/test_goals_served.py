"""A visit serves goals and finishes steps in its own transaction; a correction keeps that right."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from entries.models import HeldEntry, Receipt
from kpm.models import Goal, GoalStep
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold
from roles.operations.activity import record_activity
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory, make_goal
from tests.queries import count_queries

from .conftest import DAY

LOG = "/kegiatan/catat/"
SOON, LATER = DAY + timedelta(days=1), DAY + timedelta(days=40)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


@pytest.fixture
def goal(family):
    return make_goal(
        family, steps=[("keluarga", "Celengan", SOON), ("pendamping", "Ke bank", LATER)], wish="Simpanan"
    )


@pytest.fixture
def step(goal):
    return goal.steps.get(text="Celengan")


def edit_page():
    return reverse("roles:activity_edit", args=[Activity.objects.get().pk])


def row_of(family):
    return ActivityHousehold.objects.get(household=family)


def done(step):
    step.refresh_from_db()
    return step.done_on


def test_the_form_offers_open_goals_and_their_open_steps(signed_in, family, goal, step):
    GoalStep.objects.filter(text="Ke bank").update(done_on=DAY)
    other = make_goal(family, "B3", wish="Sudah ditutup")
    Goal.objects.filter(pk=other.pk).update(state="tercapai", closed_on=DAY, closed_reason="Ya")
    make_goal(HouseholdFactory(), wish="Keluarga lain")

    page = signed_in.get(LOG, {"kpm": family.case_number}).content.decode()

    assert f'name="tujuan" value="{goal.pk}"' in page
    assert f'name="langkah_tujuan" value="{step.pk}"' in page
    assert re.search(r'<details class="more-fields promises" open', page), "a step is due tomorrow"
    for words in ("Ke bank", "Sudah ditutup", "Keluarga lain"):
        assert words not in page


def test_goals_without_a_step_due_stay_folded(signed_in, family):
    make_goal(family, steps=[("keluarga", "Celengan", LATER)])

    page = signed_in.get(LOG, {"kpm": family.case_number}).content.decode()

    assert re.search(r'<details class="more-fields promises">\s*<summary>\s*Tujuan keluarga', page)


def test_a_step_is_ticked_with_the_visit_and_the_goal_is_served(signed_in, family, filled, goal, step):
    data = filled(langkah_tujuan=[str(step.pk), "bukan-uuid"])
    signed_in.post(LOG, data)
    signed_in.post(LOG, data)

    row = row_of(family)
    assert done(step) == DAY
    assert list(row.goal_steps.all()) == [step]
    assert list(row.goals.all()) == [goal]
    assert Receipt.objects.filter(kind="roles.activity").count() == 1
    assert not HeldEntry.objects.exists()
    page = signed_in.get(goal.get_absolute_url()).content.decode()
    assert row.activity.get_absolute_url() in page
    assert "selesai 20 Nov 2026" in page


def test_a_visit_can_serve_a_goal_without_finishing_a_step(signed_in, family, filled, goal, step):
    signed_in.post(LOG, filled(tujuan=[str(goal.pk)]))

    assert list(row_of(family).goals.all()) == [goal]
    assert not row_of(family).goal_steps.exists()
    assert done(step) is None


def test_goals_and_steps_of_other_families_are_left_alone(signed_in, pendamping, family, filled):
    others = [make_goal(HouseholdFactory(pendamping=pendamping)), make_goal(HouseholdFactory())]
    steps = [goal.steps.get() for goal in others]

    signed_in.post(
        LOG,
        filled(tujuan=[str(goal.pk) for goal in others], langkah_tujuan=[str(step.pk) for step in steps]),
    )

    assert not row_of(family).goals.exists()
    assert [done(step) for step in steps] == [None, None]


def test_a_step_done_before_is_not_finished_again(signed_in, family, filled, goal, step):
    GoalStep.objects.filter(pk=step.pk).update(done_on=date(2026, 11, 1))

    signed_in.post(LOG, filled(langkah_tujuan=[str(step.pk)]))

    assert done(step) == date(2026, 11, 1)
    assert list(row_of(family).goals.all()) == [goal]
    assert not row_of(family).goal_steps.exists()


def test_a_plain_visit_asks_nothing_of_the_plan(signed_in, filled, goal):
    with count_queries() as queries:
        signed_in.post(LOG, filled())

    assert not [query for query in queries if "kpm_goal" in query or "activityhousehold_goal" in query]


def test_the_form_takes_as_many_queries_for_three_goals_as_for_one(signed_in, family, goal):
    def queries():
        with count_queries() as counted:
            signed_in.get(LOG, {"kpm": family.case_number})
        return len(counted)

    queries()  # what is kept for a minute is asked for once
    few = queries()
    for code in ("A1", "A2"):
        make_goal(family, code)

    assert queries() == few


def test_what_was_ticked_stays_when_the_form_is_drawn_again(
    signed_in, pendamping, family, filled, goal, step
):
    families = [family, *HouseholdFactory.create_batch(6, pendamping=pendamping)]
    for number in (2, 7):  # offered as boxes, or too many to offer and carried along
        chosen = families[:number]
        data = filled(kpm=[one.case_number for one in chosen], sub_role=None)
        data |= {f"met-{one.case_number}": "ya" for one in chosen}
        data |= {"tujuan": [str(goal.pk)], "langkah_tujuan": [str(step.pk)]}

        page = signed_in.post(LOG, data).content.decode()

        for name, pk in (("tujuan", goal.pk), ("langkah_tujuan", step.pk)):
            assert re.search(rf'name="{name}" value="{pk}"', page), (name, number)
            assert (f'value="{pk}" checked' in page) == (number == 2)


def test_a_correction_shows_what_was_ticked_and_keeps_it(signed_in, family, filled, goal, step):
    signed_in.post(LOG, filled(langkah_tujuan=[str(step.pk)]))

    page = signed_in.get(edit_page()).content.decode()
    assert f'value="{step.pk}" checked' in page and f'value="{goal.pk}" checked' in page
    kept = {"tujuan": [str(goal.pk)], "langkah_tujuan": [str(step.pk)]}
    signed_in.post(edit_page(), filled(**kept, occurred_on="2026-11-17", notes="Dikoreksi."))

    assert done(step) == date(2026, 11, 17)
    assert list(row_of(family).goal_steps.all()) == [step]


def test_a_tick_taken_back_in_a_correction_opens_the_step_again(signed_in, family, filled, goal, step):
    signed_in.post(LOG, filled(langkah_tujuan=[str(step.pk)]))

    signed_in.post(edit_page(), filled(tujuan=[str(goal.pk)]))

    assert done(step) is None
    assert not row_of(family).goal_steps.exists()
    assert list(row_of(family).goals.all()) == [goal]


def test_a_step_ticked_in_a_correction_is_done_on_the_day_of_the_visit(signed_in, family, filled, step):
    signed_in.post(LOG, filled())

    signed_in.post(edit_page(), filled(langkah_tujuan=[str(step.pk)], occurred_on="2026-11-17"))

    assert done(step) == date(2026, 11, 17)


def test_a_family_taken_out_of_a_visit_takes_its_ticks_along(signed_in, pendamping, family, filled, step):
    other = HouseholdFactory(pendamping=pendamping)
    both = {"kpm": [family.case_number, other.case_number], f"met-{other.case_number}": "ya"}
    signed_in.post(LOG, filled(**both, langkah_tujuan=[str(step.pk)]))

    signed_in.post(edit_page(), filled(kpm=[other.case_number], **{f"met-{other.case_number}": "ya"}))

    assert done(step) is None
    assert not ActivityHousehold.objects.filter(household=family).exists()


def test_a_family_handed_over_meanwhile_keeps_its_ticks_in_a_correction(
    signed_in, pendamping, koordinator, family, filled, step
):
    other = HouseholdFactory(pendamping=pendamping)
    both = {"kpm": [family.case_number, other.case_number], f"met-{other.case_number}": "ya"}
    signed_in.post(LOG, filled(**both, langkah_tujuan=[str(step.pk)]))
    assign(family, to=UserFactory(), by=koordinator, on=DAY)

    signed_in.post(edit_page(), filled(**both, notes="Dikoreksi."))

    assert done(step) == DAY
    assert list(row_of(family).goal_steps.all()) == [step]


def test_nothing_is_ticked_when_the_visit_is_not_stored(pendamping, family, step, entry_for, monkeypatch):
    def fail(*args):
        raise RuntimeError("power cut")

    monkeypatch.setattr("roles.operations.activity.keep_photos", fail)
    with pytest.raises(RuntimeError):
        record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family], goal_steps=[step]))

    assert done(step) is None


# --- one tap ------------------------------------------------------------------------------------------------------


def test_a_step_is_ticked_and_opened_again_with_one_tap(signed_in, goal, step):
    page = goal.get_absolute_url()
    tap = {"op_id": str(uuid7()), "kembali": page}

    assert signed_in.post(f"/tujuan/langkah/{step.pk}/selesai/", tap).url == page
    signed_in.post(f"/tujuan/langkah/{step.pk}/selesai/", tap)
    assert done(step) == DAY
    assert "Buka lagi" in signed_in.get(page).content.decode()

    signed_in.post(f"/tujuan/langkah/{step.pk}/batal/", {"op_id": str(uuid7()), "kembali": page})
    assert done(step) is None


def test_a_step_opened_again_was_finished_by_no_visit(signed_in, family, filled, goal, step):
    signed_in.post(LOG, filled(langkah_tujuan=[str(step.pk)]))

    signed_in.post(f"/tujuan/langkah/{step.pk}/batal/", {"op_id": str(uuid7())})

    assert not row_of(family).goal_steps.exists()
    assert list(row_of(family).goals.all()) == [goal]


def test_a_tap_without_an_id_or_on_a_foreign_step_does_nothing(signed_in, step):
    foreign = make_goal(HouseholdFactory()).steps.get()

    page = signed_in.post(f"/tujuan/langkah/{step.pk}/selesai/", {}, follow=True).content.decode()

    assert "Belum tersimpan." in page
    assert (
        signed_in.post(f"/tujuan/langkah/{foreign.pk}/selesai/", {"op_id": str(uuid7())}).status_code == 404
    )
    assert done(step) is None and done(foreign) is None


def test_the_goals_page_pages_its_activities(signed_in, pendamping, family, goal):
    def queries():
        with count_queries() as counted:
            signed_in.get(goal.get_absolute_url())
        return len(counted)

    def visit(days):
        activity = ActivityFactory(
            pendamping=pendamping, families=[family], occurred_on=DAY - timedelta(days=days)
        )
        activity.families.get().goals.add(goal)

    visit(0)
    few = queries()
    for days in range(1, 25):
        visit(days)

    assert queries() == few
    page = signed_in.get(goal.get_absolute_url()).context["page"]
    more = signed_in.get(page.next_url, headers={"HX-Request": "true", "HX-Target": "served-rows"})
    assert (len(page.rows), len(more.context["page"].rows)) == (20, 5)
