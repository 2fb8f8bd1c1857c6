"""The demo's data: believable, made of nobody's numbers, and the same again on the same day."""

import io
from collections import Counter, defaultdict
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Max, Q
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from demo import loading
from demo.duplicates import written_twice
from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from demo.wording import BRACES
from entries.models import Receipt
from kpm.identity import doubts_of_nik, faults_of_nik, faults_of_no_kk, known_provinces
from kpm.models import Assessment, Assignment, Household, Member, MemberComponent, Pengurus
from reports.models import Export, MonthCount
from roles.models import Activity, ActivityHousehold
from roles.operations.activity import KIND_OF_ENTRY
from tests.canaries import make_export
from tests.demo.conftest import FEW

KEBON_JAYANTI = "3273161002"


def test_kebon_jayanti_has_its_14_rw_and_89_rt(today):
    doors = set(Household.objects.filter(wilayah=KEBON_JAYANTI).values_list("rw", "rt"))
    assert {rw for rw, _ in doors} == set(range(1, 15))
    assert len(doors) == 89


def test_each_pendamping_has_families_in_kelompok_of_one_rw(today):
    for login in DEMO_LOGINS:
        if login.duty != "pendamping":
            continue
        own = Household.objects.filter(pendamping__username=login.username, wilayah=login.area)
        own = own.exclude(pk__in=written_twice())
        assert abs(own.count() - FEW) < 4
        by_group = defaultdict(set)
        for group, rw in own.active().exclude(rw=None).values_list("group__name", "rw"):
            by_group[group].add(rw)
        assert None not in by_group
        assert all(len(rws) == 1 for rws in by_group.values())


def test_every_family_has_exactly_one_holder_on_any_day_and_the_cache_agrees(today):
    terms = defaultdict(list)
    for row in Assignment.objects.order_by("from_on").select_related("household"):
        terms[row.household].append(row)
    assert len(terms) == Household.objects.count()
    for household, rows in terms.items():
        assert rows[0].from_on == household.joined_on
        assert [row.to_on for row in rows[:-1]] == [row.from_on for row in rows[1:]]
        assert rows[-1].to_on is None
        assert rows[-1].pendamping_id == household.pendamping_id
        assert all(row.reason for row in rows[1:])
    assert any(len(rows) > 1 for rows in terms.values())


def test_the_copies_on_rows_agree_with_what_they_are_copied_from(today):
    for row in ActivityHousehold.objects.select_related("activity__kind"):
        activity = row.activity
        assert (row.pendamping_id, row.wilayah_id) == (activity.pendamping_id, activity.wilayah_id)
        assert (row.occurred_on, row.step_due_on) == (activity.occurred_on, activity.next_step_on)
        assert row.is_visit == activity.kind.counts_as_visit
        assert row.is_call == activity.kind.is_call
    visited = Household.objects.annotate(
        latest=Max(
            "activity_rows__occurred_on", filter=Q(activity_rows__is_visit=True, activity_rows__met=True)
        )
    )
    assert all(household.last_visited_on == household.latest for household in visited)


def test_a_family_bears_the_name_of_its_pengurus_of_today(today):
    names = {
        row.household_id: row.member.name
        for row in Pengurus.objects.filter(to_on=None).select_related("member")
    }
    assert all(names[household.pk] == household.name for household in Household.objects.all())


def test_identity_numbers_are_well_formed_and_belong_to_nobody(today):
    provinces, seen = known_provinces(), set()
    for household in Household.objects.all():
        digits = household.no_kk.reveal()
        assert not faults_of_no_kk(digits, provinces=provinces)
        assert digits.startswith("327399")
        seen.add(digits)
    for member in Member.objects.exclude(nik=None):
        digits = member.nik.reveal()
        assert not faults_of_nik(digits, provinces=provinces)
        assert not doubts_of_nik(digits, sex=member.sex, birth_date=member.birth_date, area=KEBON_JAYANTI)
        assert digits.startswith("327399")
        seen.add(digits)
    again = Member.objects.filter(household__in=written_twice()).exclude(nik=None).count()  # by its NIK
    assert len(seen) == Household.objects.count() + Member.objects.exclude(nik=None).count() - again


def test_components_fit_the_ages_and_the_limits(today):
    ages = {"anak_usia_dini": (0, 7), "sd": (6, 13), "smp": (12, 16), "sma": (15, 19), "lansia": (60, 120)}
    running = Counter()
    for row in MemberComponent.objects.select_related("member"):
        if row.component_id in ages:
            low, high = ages[row.component_id]
            assert low <= row.member.age_on(row.from_on) <= high
        if row.to_on is None:
            running[row.household_id, row.component_id] += 1
            running[row.household_id, "all"] += 1
    most = {"anak_usia_dini": 2, "lansia": 1, "disabilitas_berat": 1, "ibu_hamil": 2}
    assert all(count <= most.get(code, 4) for (_, code), count in running.items())
    # A daughter's new family has nobody who counts yet, nor has one that was only written down twice.
    own = Household.objects.active().exclude(moves_in__founds=True).exclude(pk__in=written_twice())
    active = set(own.values_list("pk", flat=True))
    assert active == {household for household, code in running if code == "all"}


def test_most_activities_are_visits_and_representasi_is_thin_but_there(today):
    total = Activity.objects.count()
    roles = Counter(Activity.objects.values_list("sub_role__role", flat=True))
    assert set(roles) == {"fasilitasi", "edukasi", "representasi", "teknis"}
    assert roles["representasi"] == min(roles.values())
    assert 0.03 <= roles["representasi"] / total <= 0.11
    kinds = Counter(Activity.objects.values_list("kind", flat=True))
    assert kinds.most_common(1)[0][0] == "kunjungan_rumah"
    assert set(kinds) >= {
        "p2k2",
        "komunikasi",
        "pendampingan",
        "koordinasi",
        "verifikasi",
        "pelatihan",
        "administrasi",
    }


def test_texts_are_filled_in_and_steps_follow_the_activity(today):
    for activity in Activity.objects.all():
        text = f"{activity.notes} {activity.outcome} {activity.next_step}"
        assert not BRACES.search(text)
        assert "{" not in text
        assert "None" not in text
        assert activity.next_step_on is None or activity.next_step_on >= activity.occurred_on
    done = ActivityHousehold.objects.exclude(step_done_on=None)
    assert all(row.occurred_on <= row.step_done_on < today for row in done)


def test_every_activity_has_its_receipt_in_the_order_of_arrival(today):
    receipts = Receipt.objects.order_by("number")
    activities = {row.object_id for row in receipts if row.kind == KIND_OF_ENTRY}
    assert activities == set(Activity.objects.values_list("pk", flat=True))
    moments = [row.received_at for row in receipts]
    assert moments == sorted(moments)


def test_months_that_are_over_are_counted(today):
    call_command("roll_up", "--verify", verbosity=0)
    assert MonthCount.objects.filter(wilayah=KEBON_JAYANTI, pendamping=None).count() >= 11


def test_assessments_say_what_their_scores_say_and_a_migration_would_find_it_so(today):
    way = list(Assessment.objects.order_by("pk").values_list("pk", "compared", "steps"))
    assert {bool(compared) for _, compared, _ in way} == {True, False}
    Assessment.objects.update(compared=0, steps=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("kpm.migrations.0009_steps").FROM_SCORES)

    assert list(Assessment.objects.order_by("pk").values_list("pk", "compared", "steps")) == way


@pytest.mark.parametrize("login", DEMO_LOGINS, ids=lambda login: login.username)
def test_demo_logins_open_their_account(today, client, login):
    response = client.post("/masuk/", {"username": login.username, "password": DEMO_PASSWORD})
    assert response.status_code == 302
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert (user.username, user.duty, user.wilayah_id) == (login.username, login.duty, login.area)


def test_a_file_that_somebody_asked_for_is_no_sign_that_the_rest_is_done(today):
    assert loading.is_finished()
    Export.objects.all().delete()
    make_export(User.objects.get(username="pendamping.kebonjayanti"), "Rapat di RW 05")

    assert not loading.is_finished()


def test_a_second_run_does_nothing(today):
    out = io.StringIO()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call_command("load_demo", stdout=out)
    assert len(queries) == 1
    assert "already" in out.getvalue()


def test_real_mode_is_refused(settings, db):
    settings.PKH_MODE = "real"
    with pytest.raises(CommandError, match="real"):
        call_command("load_demo")
