"""The plan of a kelompok for a year, what is due next, and the coverage by kelompok and month."""

from datetime import date, timedelta

import pytest

from entries.models import Receipt
from pkh_casework.ids import uuid7
from roles.forms.meeting import MOST_LINES
from roles.models import GroupSession, ModuleSession
from roles.operations.meeting import same_weekday, sessions_on
from tests.factories import GroupFactory, HouseholdFactory, hold, plan_session
from tests.queries import count_queries

from .conftest import DAY

HELD = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def that_friday(monkeypatch):
    monkeypatch.setattr("roles.views.meeting.local_today", lambda code=None: DAY)


@pytest.fixture
def group(pendamping):
    return GroupFactory(pendamping=pendamping, name="Melati 1")


@pytest.fixture
def families(pendamping, group):
    return [HouseholdFactory(pendamping=pendamping, group=group, name=f"Ibu {letter}") for letter in "ABC"]


@pytest.fixture
def meeting(group):
    return plan_session(group, on=HELD)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


# --- the plan --------------------------------------------------------------------------------------------------------


def test_the_same_weekday_of_later_months():
    second_tuesday = date(2026, 11, 10)
    assert [same_weekday(second_tuesday, months) for months in (0, 1, 2, 14)] == [
        date(2026, 11, 10),
        date(2026, 12, 8),
        date(2027, 1, 12),
        date(2028, 1, 11),
    ]
    assert same_weekday(date(2026, 12, 31), 2) == date(2027, 2, 25)  # the fifth Thursday becomes the fourth
    assert same_weekday(date(2026, 1, 13), -1) == date(2025, 12, 9)


def plan_sent(page):
    """The fields of the plan's form as the browser would send them."""
    form = page.context["form"]
    sent = {"op_id": str(form.op_id)}
    for part in (form.rows.management_form, *form.rows):
        for field in part:
            value = field.value()
            sent[field.html_name] = value.isoformat() if isinstance(value, date) else str(value or "")
    return sent


def test_a_year_is_planned_in_one_step_in_the_order_of_the_modules(signed_in, group, pendamping):
    page = signed_in.get(f"/pertemuan/kelompok/{group.pk}/", {"mulai": "2026-12-08"})
    response = signed_in.post(f"/pertemuan/kelompok/{group.pk}/", plan_sent(page), follow=True)

    planned = list(GroupSession.objects.order_by("planned_on"))
    assert [row.session_id for row in planned] == [session.pk for session in sessions_on(DAY)[:12]]
    assert [row.planned_on for row in planned[:3]] == [date(2026, 12, 8), date(2027, 1, 12), date(2027, 2, 9)]
    assert planned[-1].planned_on == date(2027, 11, 9)
    assert {row.planned_by for row in planned} == {pendamping}
    assert f"Kode tanda terima {Receipt.objects.get().code}" in response.content.decode()


def test_a_plan_goes_on_after_the_last_session_and_changes_what_is_asked(signed_in, group, families):
    hold(plan_session(group, "pengasuhan-4", on=HELD), {families[0]: "hadir"})
    waiting = plan_session(group, "ekonomi-1", on=date(2026, 12, 16))
    url = f"/pertemuan/kelompok/{group.pk}/"
    page = signed_in.get(url, {"mulai": "2026-11-25"})
    sent = plan_sent(page)

    assert sent["baris-0-rencana"] == str(waiting.pk)
    assert (sent["baris-1-hari"], sent["baris-1-sesi"]) == (
        "2027-01-27",
        "ekonomi-2",
    )  # November has had its meeting
    signed_in.post(
        url, {**sent, "baris-0-hari": "2026-12-17", "baris-0-sesi": "ekonomi-3", "baris-1-hari": ""}
    )

    waiting.refresh_from_db()
    assert (waiting.planned_on, waiting.session_id) == (date(2026, 12, 17), "ekonomi-3")
    assert not GroupSession.objects.filter(planned_on__month=1).exists()
    assert GroupSession.objects.filter(activity=None).count() == 10

    again = plan_sent(signed_in.get(url, {"mulai": "2026-11-25"}))
    signed_in.post(url, {**again, "baris-0-hari": ""})
    assert not GroupSession.objects.filter(pk=waiting.pk).exists()


def test_a_session_planned_before_its_module_ended_stays_what_it_is(signed_in, group):
    meeting = plan_session(group, "stunting-3", on=date(2026, 12, 16))
    ModuleSession.objects.filter(pk="stunting-3").update(valid_to=date(2026, 11, 1))
    url = f"/pertemuan/kelompok/{group.pk}/"

    signed_in.post(url, {**plan_sent(signed_in.get(url)), "baris-0-hari": "2026-12-18"})

    meeting.refresh_from_db()
    assert (meeting.session_id, meeting.planned_on) == ("stunting-3", date(2026, 12, 18))


BAD_PLAN = [
    ({"baris-1-hari": "2026-12-08"}, "Sudah ada pertemuan pada 8 Des 2026."),
    ({"baris-1-hari": "2036-12-08"}, "Tanggalnya terlalu jauh."),
    ({"baris-1-hari": "besok"}, "Tulis tanggal yang benar."),
    ({"baris-1-sesi": "menari-1"}, "Pilih sesi dari daftar."),
    ({"baris-1-rencana": str(uuid7())}, "Rencana ini berubah sejak Anda buka."),
    ({"baris-TOTAL_FORMS": ""}, "Rencana ini berubah sejak Anda buka."),
    ({"baris-TOTAL_FORMS": str(MOST_LINES + 1)}, "Rencana ini berubah sejak Anda buka."),
    ({"baris-TOTAL_FORMS": "0"}, "Isi paling sedikit satu tanggal."),
    ({"baris-INITIAL_FORMS": "0", "baris-1-hari": "", "baris-1-sesi": ""}, "Pilih sesinya."),
]


@pytest.mark.parametrize(("changes", "words"), BAD_PLAN, ids=[next(iter(case[0])) for case in BAD_PLAN])
def test_what_is_wrong_with_a_plan_is_said_and_nothing_is_stored(changes, words, signed_in, group):
    url = f"/pertemuan/kelompok/{group.pk}/"
    sent = plan_sent(signed_in.get(url, {"mulai": "2026-12-08"}))

    page = signed_in.post(url, {**sent, **changes})

    assert page.status_code == 200
    assert words in page.content.decode()
    assert not GroupSession.objects.exists()
    assert not Receipt.objects.exists()


def test_a_fault_of_a_line_is_led_to_kept_and_named_to_machines(signed_in, group):
    url = f"/pertemuan/kelompok/{group.pk}/"
    sent = plan_sent(signed_in.get(url, {"mulai": "2026-12-08"})) | {"baris-1-hari": "besok"}

    page = signed_in.post(url, sent).content.decode()
    assert '<a href="#id_baris-1-hari">Tanggal: Tulis tanggal yang benar.</a>' in page
    assert 'name="baris-1-hari" value="besok"' in page

    answer = signed_in.post(url, sent, headers={"Accept": "application/json"}).json()
    assert answer["errors"] == {"baris-1-hari": ["Tulis tanggal yang benar."]}


def test_a_resent_plan_is_stored_once(signed_in, group):
    url = f"/pertemuan/kelompok/{group.pk}/"
    sent = plan_sent(signed_in.get(url, {"mulai": "2026-12-08"}))
    for _ in range(2):
        assert signed_in.post(url, sent).status_code == 302
    assert GroupSession.objects.count() == 12


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_the_next_session_of_each_kelompok_longest_due_first(
    signed_in, pendamping, group, meeting
):
    plan_session(group, "ekonomi-2", on=date(2026, 12, 16))
    later = plan_session(GroupFactory(pendamping=pendamping, name="Mawar 2"), on=date(2026, 12, 1))
    bare = GroupFactory(pendamping=pendamping, name="Kenanga 3")
    plan_session(GroupFactory(name="Bukan Saya"))

    page = signed_in.get("/pertemuan/")

    assert page.context["page"].rows == [meeting, later]
    assert "lewat, 18 Nov 2026" in page.content.decode()
    assert signed_in.get("/pertemuan/?keadaan=tanpa-rencana").context["page"].rows == [bare]


@pytest.mark.parametrize(
    "path",
    ["/pertemuan/", "/pertemuan/?keadaan=sudah", "/pertemuan/?keadaan=tanpa-rencana", "/pertemuan/cakupan/"],
)
def test_the_lists_cost_the_same_for_many(path, signed_in, pendamping):
    def more():
        for _ in range(4):
            group = GroupFactory(pendamping=pendamping)
            family = HouseholdFactory(pendamping=pendamping, group=group)
            hold(plan_session(group, on=HELD), {family: "hadir"})
            plan_session(group, "ekonomi-2", on=HELD + timedelta(days=30))
            GroupFactory(pendamping=pendamping)

    more()
    with count_queries() as few:
        signed_in.get(path)
    more()
    with count_queries() as many:
        signed_in.get(path)
    assert len(few) == len(many) <= 5


def test_coverage_by_kelompok_and_month(signed_in, group, families, meeting):
    hold(meeting, dict(zip(families, ("hadir", "hadir", "izin"), strict=True)))
    plan_session(group, "ekonomi-2", on=date(2026, 10, 14))

    page = signed_in.get("/pertemuan/cakupan/")

    [(row, cells)] = page.context["rows"]
    assert row == group
    assert [
        (month.month, [(one.present, one.listed) for one in held], missed)
        for month, held, missed in cells[:2]
    ] == [
        (11, [(2, 3)], False),
        (10, [], True),
    ]
    assert cells[-1][0] == date(2025, 12, 1)
