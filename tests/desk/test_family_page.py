"""The family's page as a cockpit: its parts, what changed since the last visit, the next action, and where Catat leads."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from desk.next_action import due_of, log_way, next_action
from desk.since import since_last_visit
from kpm.independence.lifemap import life_map
from kpm.models import GoalStep, Household, PaymentCheck
from kpm.payments import payments_of, terms_back
from kpm.plan import graduation_line, open_goals, waiting_scores
from roles.incidents.waiting import of_family as incidents_of
from roles.models import ActivityKind
from tests.factories import (
    ActivityFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    make_goal,
)
from tests.incidents import make_incident
from tests.queries import count_queries
from tests.referrals import make_referral

DAY = date(2026, 11, 20)
LAST = DAY - timedelta(days=10)
PARTS = {"": "Ringkasan", "riwayat/": "Riwayat", "keluarga/": "Keluarga", "rencana/": "Rencana"}


@pytest.fixture
def family(db):
    return HouseholdFactory(path="usaha", last_visited_on=LAST)


def visit(family, on, **fields):
    return ActivityFactory(pendamping=family.pendamping, families=[family], occurred_on=on, **fields)


def since(family, day=DAY):
    return since_last_visit(family, family.pendamping, life_map(family, day), day)


def words(family):
    return [line.words for line in since(family).news]


# --- the parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "name"), PARTS.items())
def test_each_part_has_an_address_and_says_which_it_is(part, name, client, family):
    client.force_login(family.pendamping)
    page = client.get(f"{family.get_absolute_url()}{part}").content.decode()

    for other in PARTS:
        assert f'href="{family.get_absolute_url()}{other}"' in page
    head, _, rest = page.partition('aria-current="page">' + name)
    assert rest and family.name in head and family.case_number in head
    assert f'href="/rujukan/baru/?kpm={family.case_number}"' in head


@pytest.mark.parametrize("part", PARTS)
def test_a_part_opens_for_who_may_open_the_family_alone(part, client, family):
    for user, status in (
        (UserFactory(), 404),
        (UserFactory(kelurahan=True), 404),
        (UserFactory(koordinator=True), 200),
    ):
        client.force_login(user)
        answer = client.get(f"{family.get_absolute_url()}{part}")
        assert answer.status_code == status
    assert "/rujukan/baru/" not in answer.content.decode()  # who does not hold it has nothing to write down


def test_the_way_to_the_house_and_the_call_are_there_and_ask_nobody_before_the_tap(client, family):
    Household.objects.filter(pk=family.pk).update(phone="+6281234567890", latitude=-6.92, longitude=107.64)
    client.force_login(family.pendamping)
    page = client.get(family.get_absolute_url()).content.decode()

    assert 'href="tel:+6281234567890"' in page
    assert 'href="geo:-6.920000,107.640000?q=-6.920000,107.640000"' in page
    assert 'src="http' not in page
    Household.objects.filter(pk=family.pk).update(phone="", latitude=None, longitude=None)
    page = client.get(family.get_absolute_url()).content.decode()
    assert "tel:" not in page and "geo:" not in page and f"/kpm/{family.case_number}/titik/" in page


# --- since the last visit --------------------------------------------------------------------------------------------


def test_before_the_first_visit_there_is_nothing_to_compare_with(family):
    assess(family, {"A1": 2}, on=DAY)

    assert (since(family).on, since(family).news) == (None, [])


def test_what_changed_is_told_the_newest_first_and_what_was_known_at_the_visit_is_not(family):
    assess(family, {"A1": 2, "B2": 3, "E1": 2}, on=LAST - timedelta(days=90))
    visit(family, LAST)
    make_goal(family, "E1", wish="Lama", on=LAST, steps=[("keluarga", "Datang ke koperasi", DAY)])
    assert words(family) == []
    assess(family, {"A1": 3, "B2": 2, "E1": 2}, on=LAST + timedelta(days=1))
    visit(family, LAST + timedelta(days=2), kind=ActivityKind.objects.get(pk="p2k2"))
    make_referral(family, "ditolak", on=LAST + timedelta(days=3))
    GoalStep.objects.filter(goal__wish="Lama").update(done_on=LAST + timedelta(days=4))
    make_goal(family, "A2", wish="Baru", on=LAST + timedelta(days=5))

    told = since(family)

    assert told.on == LAST
    assert [line.tone for line in told.news] == ["", "good", "bad", "", "bad", "good"]
    assert [line.on for line in told.news] == sorted((line.on for line in told.news), reverse=True)
    said = words(family)
    assert said[0] == "Tujuan baru: Baru" and said[1] == "Langkah selesai: Datang ke koperasi"
    assert said[2].startswith("Rujukan ke ") and said[2].endswith(": ditolak")
    assert said[4:] == [
        "1 indikator turun: tabungan dan dana darurat",
        "1 indikator naik: kecukupan pendapatan",
    ]


def test_a_visit_of_today_counts_from_the_one_before_and_one_at_a_closed_door_does_not_count(family):
    visit(family, LAST)
    visit(family, DAY - timedelta(days=2), families__met=False)
    visit(family, DAY)

    assert since(family).on == LAST


def test_it_costs_the_same_however_much_happened(family):
    visit(family, LAST)
    assess(family, {"A1": 2}, on=LAST - timedelta(days=9))

    def queries():
        drawn = life_map(family, DAY)
        with count_queries() as counted:
            since_last_visit(family, family.pendamping, drawn, DAY)
        return len(counted)

    few = queries()
    for days in range(1, 6):
        visit(family, LAST + timedelta(days=days), kind=ActivityKind.objects.get(pk="p2k2"))
    for code in ("A1", "A2", "B2"):
        make_goal(family, code, wish=code, on=DAY)

    assert queries() == few


# --- the next action -------------------------------------------------------------------------------------------------


def action(family, day=DAY):
    family.refresh_from_db()
    steps = family.activity_rows.open_steps().select_related("activity").order_by("step_due_on")
    read = {
        "incidents": incidents_of(family),
        "graduation": graduation_line(family, day),
        "steps": list(steps),
        "payments": payments_of(family, day),
        "plan": open_goals(family),
        "waiting": waiting_scores(family, day),
    }
    return next_action(family, day, due_of(family, day), read)


def test_the_rules_come_in_their_order(family):
    """Each is added on top of the ones below it, from the last to the first."""
    case = family.case_number
    assess(family, {"A1": 1, "B2": 3}, on=LAST)
    assert action(family).url == f"/tujuan/baru/{case}/?indikator=A1"
    goal = make_goal(family, "B2", on=LAST, target_on=DAY, steps=[("keluarga", "Menabung", DAY)])
    goal.steps.update(done_on=LAST)
    assert action(family).url == goal.get_absolute_url()
    family.assessments.update(assessed_on=DAY - timedelta(days=200))
    assert action(family).url == f"/asesmen/{case}/"
    Household.objects.filter(pk=family.pk).update(last_visited_on=DAY - timedelta(days=30))
    found = action(family)
    assert (found.words, found.url) == ("Kunjungi keluarga ini", f"/kegiatan/catat/?kpm={case}")
    assert found.why == "Terakhir 21 Okt 2026, 30 hari lalu. Sekalian isi asesmen, sudah waktunya."
    goal.steps.update(done_on=None, due_on=DAY)
    assert (action(family).words, action(family).why) == ("Menabung", "Langkah tujuan untuk hari ini.")
    referral = make_referral(family, due_on=DAY - timedelta(days=1))
    assert action(family).url == referral.get_absolute_url()
    check = PaymentCheck.objects.create(
        household=family,
        wilayah_id=family.wilayah_id,
        pendamping=family.pendamping,
        year=terms_back(DAY, 1)[0].year,
        stage=terms_back(DAY, 1)[0].stage,
        state="masalah",
        trouble_id="kks-hilang",
        checked_on=LAST,
        look_again_on=DAY,
        is_latest=True,
    )
    assert action(family).url == check.get_absolute_url()
    visit(family, LAST, next_step="Bawa KK baru", next_step_on=DAY).families.update(step_due_on=DAY)
    assert action(family).words == "Bawa KK baru"
    incident = make_incident(family, on=LAST)
    type(incident).objects.filter(pk=incident.pk).update(due_on=DAY - timedelta(days=1))
    assert action(family).url == incident.get_absolute_url()


def test_a_family_with_which_all_is_well_gets_no_suggestion(family):
    assess(family, {"A1": 3, "B2": 4}, on=LAST)

    assert action(family) is None


def test_a_family_that_left_is_not_to_be_visited(family):
    Household.objects.filter(pk=family.pk).update(status="nonaktif", last_visited_on=None)

    assert action(family) is None


def test_the_suggestion_is_for_who_can_follow_it(client, family):
    client.force_login(UserFactory(koordinator=True))
    assert "Disarankan sekarang" not in client.get(family.get_absolute_url()).content.decode()
    client.force_login(family.pendamping)
    assert "Disarankan sekarang" in client.get(family.get_absolute_url()).content.decode()


def test_catat_leads_where_the_day_stands(family):
    case, today = family.case_number, DAY

    def way():
        family.refresh_from_db()
        found = log_way(family, graduation_line(family, today), due_of(family, today), today)
        return found.label, found.url

    assert way() == ("Catat kunjungan", f"/kegiatan/catat/?kpm={case}")
    Household.objects.filter(pk=family.pk).update(last_visited_on=today)
    assert way() == ("Isi asesmen", f"/asesmen/{case}/")
    assess(family, {"A1": 2}, on=today)
    assert way() == ("Catat lagi", f"/kegiatan/catat/?kpm={case}")


def test_the_page_has_one_catat(client, family):
    client.force_login(family.pendamping)
    assess(family, {"A1": 3}, on=timezone.localdate())
    page = client.get(family.get_absolute_url()).content.decode()

    assert page.count('class="btn btn--go"') == 1
