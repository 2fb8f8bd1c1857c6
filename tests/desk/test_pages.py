import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from desk.timeline import role_mix
from entries.models import AccessLog
from pkh_casework.ids import uuid7
from roles.models import ActivityHousehold
from tests.factories import (
    ActivityFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    make_goal,
)
from tests.queries import count_queries

DAY = date(2026, 11, 20)
PARTS = ("", "riwayat/", "keluarga/", "rencana/")  # of the family's page


@pytest.fixture
def pendamping(db):
    return UserFactory()


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(pendamping=pendamping)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def test_hari_ini_lists_the_family_with_a_way_to_log_and_to_postpone(signed_in, family):
    page = signed_in.get("/").content.decode()

    assert "belum pernah dikunjungi" in page
    assert f'href="/kegiatan/catat/?kpm={family.case_number}"' in page
    assert f'href="/kegiatan/tunda/{family.case_number}/"' in page


def test_an_empty_day_says_what_to_do_next(signed_in):
    page = signed_in.get("/").content.decode()

    assert "Tidak ada yang menunggu" in page
    assert 'href="/kpm/"' in page


@pytest.mark.parametrize("duty", ["kelurahan", "admin"])
def test_other_duties_are_led_to_the_dashboard(duty, client, db):
    client.force_login(UserFactory(**{duty: True}))

    assert client.get("/").url == "/dasbor/"


def test_the_familys_page_tells_who_they_are(signed_in, family):
    child = MemberFactory(household=family, name="Rizki Ramadhan", birth_date=date(2016, 5, 1))
    MemberComponentFactory(member=child)

    page = signed_in.get(f"{family.get_absolute_url()}keluarga/").content.decode()

    assert family.name in page
    assert "Rizki Ramadhan" in page
    assert "SDN Kebon Jayanti 1" in page
    assert "3273 •••• •••• ••••" in page
    assert family.no_kk.reveal() not in page


def test_the_timeline_is_newest_first_and_paged(signed_in, pendamping, family):
    for days in range(15):
        ActivityFactory(
            pendamping=pendamping,
            families=[family],
            notes=f"Catatan hari {days:02d}.",
            occurred_on=DAY - timedelta(days),
        )

    first = signed_in.get(f"{family.get_absolute_url()}riwayat/").content.decode()
    seen = re.findall(r"Catatan hari (\d\d)", first)
    assert seen == [f"{days:02d}" for days in range(10)]
    more = re.search(r'href="([^"]*sesudah=[^"]+)"', first)[1]
    part = signed_in.get(more, headers={"HX-Request": "true", "HX-Target": "timeline-rows"}).content.decode()
    assert re.findall(r"Catatan hari (\d\d)", part) == [f"{days:02d}" for days in range(10, 15)]
    assert "<html" not in part


def test_the_role_mix_counts_six_and_twelve_months_and_names_what_is_missing(pendamping, family):
    for sub_role, days in [
        ("FAS-1", 10),
        ("FAS-2", 20),
        ("FAS-1", 300),
        ("EDU-2", 40),
        ("TEK-1", 30),
        ("REP-2", 500),
    ]:
        ActivityFactory(
            pendamping=pendamping, families=[family], sub_role_id=sub_role, occurred_on=DAY - timedelta(days)
        )

    mix = role_mix(family, DAY)

    assert mix["half_year"] == {"fasilitasi": 2, "edukasi": 1, "representasi": 0, "teknis": 1}
    assert mix["year"] == {"fasilitasi": 3, "edukasi": 1, "representasi": 0, "teknis": 1}
    assert mix["hint"] == "2× fasilitasi, 0× representasi"


def test_a_promise_is_ticked_on_the_familys_page(signed_in, pendamping, family):
    activity = ActivityFactory(
        pendamping=pendamping, families=[family], next_step="Bawa KK baru", next_step_on=DAY
    )
    activity.families.update(step_due_on=DAY)
    page = signed_in.get(family.get_absolute_url()).content.decode()
    action = re.search(r'action="(/kegiatan/langkah/[^"]+)"', page)[1]

    data = {"op_id": str(uuid7()), "kembali": family.get_absolute_url()}
    response = signed_in.post(action, data)

    assert response.url == family.get_absolute_url()
    assert ActivityHousehold.objects.get().step_done_on == timezone.localdate()
    assert signed_in.post(action, {**data, "kembali": "https://jahat.example/"}).url == "/"


def test_a_tick_by_htmx_redraws_the_promises_alone_and_says_what_became_of_it(signed_in, pendamping, family):
    activity = ActivityFactory(
        pendamping=pendamping, families=[family], next_step="Bawa KK baru", next_step_on=DAY
    )
    activity.families.update(step_due_on=DAY)
    row, headers = activity.families.get(), {"HX-Request": "true", "HX-Target": "promises"}
    assert "Bawa KK baru" in signed_in.get(family.get_absolute_url(), headers=headers).content.decode()

    answer = signed_in.post(f"/kegiatan/langkah/{row.pk}/selesai/", {"op_id": str(uuid7())}, headers=headers)
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "janji-selesai")
    part = signed_in.get(family.get_absolute_url(), headers=headers).content.decode()

    assert part.strip().startswith('<div class="stack" id="promises"')
    assert "tidak ada yang menunggu" in part
    assert "Bawa KK baru" not in part
    assert "Janji ditandai selesai." in part.partition("hx-swap-oob")[2]
    assert "Janji ditandai selesai." not in signed_in.get(family.get_absolute_url()).content.decode()


def test_a_koordinators_look_at_a_family_is_kept_and_the_holders_is_not(client, signed_in, family):
    signed_in.get(family.get_absolute_url())
    assert not AccessLog.objects.exists()

    koordinator = UserFactory(koordinator=True)
    client.force_login(koordinator)
    client.get(family.get_absolute_url())

    look = AccessLog.objects.get()
    assert (look.user, look.action, look.subject) == (koordinator, "look", family.case_number)


@pytest.mark.parametrize("part", PARTS)
def test_the_familys_page_takes_as_many_queries_for_a_full_timeline_as_for_one_visit(
    part, signed_in, pendamping, family
):
    def queries():
        with count_queries() as counted:
            assert signed_in.get(f"{family.get_absolute_url()}{part}").status_code == 200
        return len(counted)

    ActivityFactory(pendamping=pendamping, families=[family])
    queries()  # what is kept for a minute is read
    few = queries()
    for _ in range(9):
        ActivityFactory(pendamping=pendamping, families=[family])
        MemberComponentFactory(member=MemberFactory(household=family))

    assert queries() == few


def test_a_step_of_a_goal_is_ticked_on_hari_ini(signed_in, family):
    today = timezone.localdate()
    step = make_goal(family, on=today, steps=[("keluarga", "Isi celengan", today)]).steps.get()
    page = signed_in.get("/").content.decode()
    assert "langkah tujuan hari ini: Isi celengan" in page
    action = re.search(r'action="(/tujuan/langkah/[^"]+)"', page)[1]

    assert signed_in.post(action, {"op_id": str(uuid7()), "kembali": "/"}).url == "/"

    step.refresh_from_db()
    assert step.done_on == today
    assert "Isi celengan:" not in signed_in.get("/").content.decode()


@pytest.mark.parametrize("part", ["", "rencana/"])
def test_the_familys_page_shows_the_plan_in_as_many_queries_for_three_goals_as_for_one(
    part, signed_in, family
):
    def queries():
        with count_queries() as counted:
            page = signed_in.get(f"{family.get_absolute_url()}{part}").content.decode()
        return len(counted), page

    make_goal(family, "B2")
    queries()  # what is kept for a minute is read
    few, _ = queries()
    for code in ("A1", "A2"):
        make_goal(family, code, wish=f"Ingin {code}")
    many, page = queries()

    assert many == few
    assert "Ingin A1" in page and "0 / 1 langkah" in page
    assert "/tujuan/baru/" not in page


def test_the_independence_page_tells_what_the_family_receives_and_until_when(signed_in, family):
    today = timezone.localdate()
    child = MemberFactory(
        household=family, name="Kakak", birth_date=today.replace(day=1, year=today.year - 22) + timedelta(60)
    )
    MemberComponentFactory(member=child, component_id="sma")

    page = signed_in.get(f"{family.get_absolute_url()}kemandirian/").content.decode()

    assert "Rp500.000" in page and "Rp2.000.000" in page and "perkiraan" in page
    assert "Anak SMA/SMK/MA sederajat berakhir" in page and "tidak ada komponen lagi" in page
    assert "Besaran sejak 2022" in page
