"""The plan of a day: about ten houses, chosen by points and nearness, the same ones from morning to night."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from desk.agenda import SHOWN, Line, shown_of
from desk.due import due_families
from desk.plan import HOUSES, natural, walk
from pkh_casework.ids import uuid7
from roles.models import Postponement, PostponeReason
from tests.factories import ActivityFactory, GroupFactory, HouseholdFactory, UserFactory, assess, plan_session
from tests.monthly import write_report
from tests.queries import count_queries

DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def on_the_day():
    with time_machine.travel(datetime(2026, 11, 20, 3, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def pendamping(db):
    return UserFactory()


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def waiting(pendamping, days, **fields):
    return HouseholdFactory(pendamping=pendamping, last_visited_on=DAY - timedelta(days=days), **fields)


def promise(family, due_on):
    activity = ActivityFactory(
        pendamping=family.pendamping,
        families=[family],
        kind_id="komunikasi",
        next_step="Cek buku tabungan",
        next_step_on=due_on,
    )
    activity.families.update(step_due_on=due_on)


def visit(family, *, met=True):
    activity = ActivityFactory(
        pendamping=family.pendamping, families=[family], occurred_on=DAY, kind_id="kunjungan_rumah"
    )
    if not met:
        activity.families.update(met=False)
    else:
        type(family).objects.filter(pk=family.pk).update(last_visited_on=DAY)


def plan(client, **asked):
    return client.get("/", asked).context["plan"]


def names(dues):
    return [due.family.name for due in dues]


def test_ten_are_proposed_and_the_others_are_behind_one_link_that_opens_as_many(signed_in, pendamping):
    for number in range(1, 16):
        waiting(pendamping, 40 + number, name=f"Keluarga {number}")

    page = signed_in.get("/")
    found, text = page.context["plan"], " ".join(page.content.decode().split())

    assert len(found.open) == HOUSES and len(found.others) == 5
    assert text.count("data-swipe") == HOUSES
    assert "5 keluarga lain menunggu" in text
    others = signed_in.get(re.search(r'href="(/hari-ini/menunggu/[^"]*)"', text)[1])
    assert sorted(names(others.context["page"].rows)) == sorted(names(found.others))
    assert others.content.decode().count("data-swipe") == 5


def test_a_promise_counts_more_than_a_wait_and_a_neighbour_of_it_more_than_a_house_far_away(
    signed_in, pendamping
):
    promised = waiting(pendamping, 3, name="Janji", rw=9, rt=1)
    promise(promised, DAY)
    for number in range(HOUSES - 2):
        waiting(pendamping, 150, name=f"Lama {number}", rw=3, rt=1)
    waiting(pendamping, 60, name="Tetangga", rw=9, rt=1)
    waiting(pendamping, 90, name="Jauh", rw=5, rt=1)

    assert {"Janji", "Tetangga"} <= set(names(plan(signed_in).open))
    assert "Jauh" not in names(plan(signed_in).open)


def test_a_family_low_in_much_is_proposed_before_one_that_waits_as_long(signed_in, pendamping):
    for number in range(HOUSES):
        waiting(pendamping, 60, name=f"Sama {number:02d}")
    low = waiting(pendamping, 60, name="Zaenab")
    assess(low, {"A1": 1, "A2": 1}, on=DAY - timedelta(days=60))

    found = {due.family.name: due.line for due in plan(signed_in).open}

    assert found["Zaenab"] == "60 hari, 2 hal rentan"


def test_the_walk_goes_by_points_where_there_are_any_else_by_rt_and_address(pendamping):
    def place(name, rt, address, at=None):
        point = {"latitude": f"-6.9{at:04d}", "longitude": "107.6400"} if at is not None else {}
        waiting(pendamping, 40, name=name, rw=5, rt=rt, address=address, **point)

    place("Gang 10", 1, "Gang 10")
    place("Gang 2", 1, "Gang 2")
    place("RT 2", 2, "Gang 1")
    dues = list(due_families(pendamping, DAY).values())
    assert names(walk(dues)) == ["Gang 2", "Gang 10", "RT 2"]
    assert names(sorted(dues, key=lambda due: natural(due.family))) == ["Gang 2", "Gang 10", "RT 2"]

    other = UserFactory()
    for name, rt, at in (("Awal", 1, 0), ("Ujung", 1, 90), ("Tengah", 2, 40)):
        point = {"latitude": f"-6.9{at:04d}", "longitude": "107.6400"}
        waiting(other, 40, name=name, rw=5, rt=rt, address=name, **point)
    assert names(walk(list(due_families(other, DAY).values()))) == ["Awal", "Tengah", "Ujung"]


def test_a_visited_house_is_ticked_and_no_other_comes_in_its_place(signed_in, pendamping):
    families = [waiting(pendamping, 40, name=f"Keluarga {number:02d}", rt=number) for number in range(1, 15)]
    before = names(plan(signed_in).open)
    visit(families[2])
    visit(families[5], met=False)

    after = plan(signed_in)

    gone = {families[2].name, families[5].name}
    assert names(after.open) == [name for name in before if name not in gone]
    assert {seen.family.name: seen.words for seen in after.done} == {
        families[2].name: "baru dikunjungi hari ini",
        families[5].name: "didatangi, tidak bertemu",
    }
    assert after.total == HOUSES
    assert "2 dari 10 rumah" in " ".join(signed_in.get("/").content.decode().split())


def test_a_second_phone_goes_on_where_the_day_stands(signed_in, pendamping):
    families = [waiting(pendamping, 40, name=f"Keluarga {number:02d}", rt=number) for number in range(1, 15)]
    visit(families[0])
    signed_in.session.flush()
    signed_in.force_login(pendamping)

    found = plan(signed_in)

    assert len(found.open) == HOUSES - 1 and found.total == HOUSES


def test_one_that_is_put_off_makes_room_at_the_end_of_the_list(signed_in, pendamping):
    families = [waiting(pendamping, 40, name=f"Keluarga {number:02d}", rt=number) for number in range(1, 12)]
    before = names(plan(signed_in).open)
    reason = PostponeReason.objects.get(pk="luar-kota")

    sent = {"op_id": str(uuid7()), "ready": reason.pk}
    answer = signed_in.post(f"/kegiatan/tunda/{families[3].case_number}/", sent)
    after = plan(signed_in)

    assert answer.url == "/"
    stored = Postponement.objects.get()
    assert (stored.reason, stored.until_on) == (reason.words, DAY + timedelta(days=reason.days))
    kept = [name for name in before if name != families[3].name]
    assert names(after.open)[:9] == kept and len(after.open) == HOUSES
    assert set(names(after.open)[9:]) == {family.name for family in families} - set(before)
    assert "1 keluarga sedang ditunda" in " ".join(signed_in.get("/").content.decode().split())


def test_a_ready_reason_that_is_not_in_force_is_told_and_nothing_is_put_off(signed_in, pendamping):
    family = waiting(pendamping, 40)
    PostponeReason.objects.filter(pk="bekerja").update(valid_to=DAY)

    page = signed_in.post(
        f"/kegiatan/tunda/{family.case_number}/", {"op_id": str(uuid7()), "ready": "bekerja"}
    )

    assert page.status_code == 200 and page.context["form"].errors
    assert not Postponement.objects.exists()


def test_a_family_given_away_leaves_the_plan_and_the_next_day_is_planned_anew(signed_in, pendamping):
    families = [waiting(pendamping, 40, name=f"Keluarga {number:02d}", rt=number) for number in range(1, 15)]
    first = names(plan(signed_in).open)
    type(families[0]).objects.filter(name=first[0]).update(pendamping=UserFactory())
    assert first[0] not in names(plan(signed_in).open)
    visit(families[7])

    with time_machine.travel(
        datetime(2026, 11, 20, 17, 30, tzinfo=UTC), tick=False
    ):  # past midnight in Bandung
        signed_in.force_login(pendamping)
        tomorrow = plan(signed_in)

    assert tomorrow.done == [] and len(tomorrow.open) == HOUSES
    assert families[7].name not in names(tomorrow.open)


def test_the_order_and_the_rw_stand_in_the_address(signed_in, pendamping):
    waiting(pendamping, 40, name="Dekat", rw=5, rt=1)
    promise(waiting(pendamping, 50, name="Janji", rw=5, rt=2), DAY)
    waiting(pendamping, 170, name="Lama", rw=5, rt=3)
    waiting(pendamping, 45, name="RW lain", rw=6, rt=1)

    assert names(plan(signed_in).open) == ["Dekat", "Janji", "Lama", "RW lain"]
    assert names(plan(signed_in, urut="lama").open) == ["Lama", "Janji", "RW lain", "Dekat"]
    assert names(plan(signed_in, urut="berat").open)[0] == "Janji"
    page = signed_in.get("/", {"rw": 6, "urut": "lama"})
    assert names(page.context["plan"].open) == ["RW lain"]
    chosen = re.findall(r'aria-current="true">([^<]+)<', page.content.decode())
    assert chosen == ["Terlama", "RW 06"]
    # Another order or RW is no other plan.
    assert names(plan(signed_in).open) == ["Dekat", "Janji", "Lama", "RW lain"]


def test_a_kasus_cannot_be_put_off_and_a_stranger_puts_off_nobody(signed_in, pendamping, client):
    family = waiting(pendamping, 40)
    page = signed_in.get("/").content.decode()
    assert f'action="/kegiatan/tunda/{family.case_number}/"' in page
    client.force_login(UserFactory())
    sent = {"op_id": str(uuid7()), "ready": "besok"}
    assert client.post(f"/kegiatan/tunda/{family.case_number}/", sent).status_code == 404
    assert not Postponement.objects.exists()


def test_the_day_beside_the_houses_names_meetings_and_lists_nobody_wrote(signed_in, pendamping):
    group = GroupFactory(pendamping=pendamping, name="Melati 1")
    missed = plan_session(group, on=DAY - timedelta(days=4))
    near = plan_session(GroupFactory(pendamping=pendamping, name="Mawar"), on=DAY)

    lines = signed_in.get("/").context["agenda"]

    assert [(line.words, line.when, line.url) for line in lines] == [
        (
            "Daftar hadir Melati 1, 16 Nov 2026, belum diisi",
            "lewat 4 hari",
            f"{missed.get_absolute_url()}hadir/",
        ),
        (f"P2K2 Mawar: {near.session}", "hari ini", near.get_absolute_url()),
    ]


def test_many_late_families_leave_room_for_what_is_the_pendampings_own():
    late = [Line("send", f"Rujukan {number}", "", "overdue", "/", of_family=True) for number in range(20)]
    meeting, report = (Line("users", words, "", "none", "/") for words in ("P2K2", "Laporan"))
    shown = shown_of([*late, meeting, report])
    assert len(shown) == SHOWN and shown[-2:] == [meeting, report]
    assert shown_of([meeting]) == [meeting]


def test_each_report_that_is_waited_for_opens_at_once(signed_in, pendamping):
    HouseholdFactory(pendamping=pendamping, held_from=date(2026, 9, 1))

    def leads_to():
        return [line.url for line in signed_in.get("/").context["agenda"] if line.icon == "file-check"]

    create = f"/laporan/baru/?bulan=2026-10&wilayah={pendamping.wilayah_id}"
    assert leads_to() == [create]
    report = write_report(pendamping, month=date(2026, 10, 1))
    assert leads_to() == [report.get_absolute_url()]
    HouseholdFactory(pendamping=pendamping, wilayah_id="3273161001", held_from=date(2026, 9, 1))
    assert leads_to() == ["/laporan/baru/?bulan=2026-10&wilayah=3273161001", report.get_absolute_url()]


def test_hari_ini_takes_as_many_statements_for_forty_families_as_for_one(signed_in, pendamping):
    def queries():
        signed_in.get("/")  # what is kept for a minute is read, and the plan is made
        with count_queries() as counted:
            assert signed_in.get("/").status_code == 200
        return len(counted)

    promise(waiting(pendamping, 40), DAY)
    few = queries()
    for number in range(40):
        promise(waiting(pendamping, 40 + number), DAY)

    assert queries() == few <= 22, few
