"""The end of a month for a koordinator: who has reported, reports read one after the other, many months locked at once."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.urls import reverse

from entries.models import Period
from entries.operations import Refused
from entries.workflow import last_move
from kpm.models import CaseReason, FamilyChange
from kpm.operations import assign
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.values import by_area, by_pendamping, values_by, values_of
from reports.models import MonthLock, MonthlyReport, ReportMove, due_on
from reports.monthly.operations import is_over
from reports.monthly.ready import readiness
from tests.factories import BABAKAN_SURABAYA, KEBON_JAYANTI, SUKAPURA, HouseholdFactory, UserFactory
from tests.monthly import NOVEMBER, OCTOBER, TODAY, lock, move, write_report
from tests.queries import count_queries
from wilayah.clock import as_of, local_today

pytestmark = pytest.mark.django_db
State = MonthlyReport.State
SLUGS = [slug for slug in FIGURES if slug.startswith(("wajib-lapor", "lapor-"))]
LOCK, WHO, READ, LIST = "/laporan/bulan/kunci/", "/laporan/siapa/", "/laporan/baca/", "/laporan/"


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


@pytest.fixture
def team(rina):
    """Six with families in October, each in another state: nothing, draft, returned, waiting, approved late; and in
    Sukapura one without a report. One more holds no family, another gave the last away before October.
    """
    people = {
        name: UserFactory(name=f"{name.capitalize()} Lestari")
        for name in ("belum", "draf", "kembali", "tunggu", "setuju", "kosong", "dulu")
    }
    people["jauh"] = UserFactory(name="Jauh Lestari", wilayah_id=SUKAPURA)
    for name, person in people.items():
        if name not in {"kosong", "dulu"}:
            HouseholdFactory(pendamping=person)
    given = HouseholdFactory(pendamping=people["dulu"])
    assign(given, to=people["belum"], by=rina, on=OCTOBER)
    write_report(people["draf"])
    write_report(people["kembali"], "ajukan", "kembalikan", koordinator=rina)
    write_report(people["tunggu"], "ajukan")
    write_report(people["setuju"], "ajukan", "setujui", koordinator=rina)
    for name, day in (("kembali", 5), ("tunggu", 6), ("setuju", 5)):
        handed_in(people[name], datetime(2026, 11, day, 3, tzinfo=UTC))
    return people


def handed_in(person, at):
    """As if the report had been handed in at that moment; the database lets nobody change a move, so it is told so."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_reportmove DISABLE TRIGGER USER")
        ReportMove.objects.filter(report__pendamping=person, to_state=State.SUBMITTED).update(at=at)
        cursor.execute("ALTER TABLE reports_reportmove ENABLE TRIGGER USER")


def text_of(page):
    return page.content.decode()


# --- who has reported -------------------------------------------------------------------------------------------------

# Asked in another way than the figures ask: from the pendamping, day by day of the month, without an ORM.
BY_HAND = """
WITH held AS (
    SELECT DISTINCT term.pendamping_id, family.wilayah_id
    FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS day
    JOIN kpm_assignment term ON day >= term.from_on AND (term.to_on IS NULL OR day < term.to_on)
    JOIN kpm_household family ON family.id = term.household_id
    WHERE starts_with(family.wilayah_id, %(area)s)
), told AS (
    SELECT held.*, report.state,
        (SELECT min((at AT TIME ZONE 'Asia/Jakarta')::date) FROM reports_reportmove move
         WHERE move.report_id = report.id AND move.to_state = 'diajukan') AS handed_on
    FROM held LEFT JOIN reports_monthlyreport report
        ON report.pendamping_id = held.pendamping_id AND report.wilayah_id = held.wilayah_id
        AND report.month = %(first)s
)
SELECT count(*), count(*) FILTER (WHERE state IS NULL), count(*) FILTER (WHERE state = 'draf'),
    count(*) FILTER (WHERE state = 'dikembalikan'), count(*) FILTER (WHERE state = 'diajukan'),
    count(*) FILTER (WHERE state IN ('disetujui', 'terkunci')),
    count(*) FILTER (WHERE state IN ('diajukan', 'disetujui', 'terkunci')),
    count(*) FILTER (WHERE coalesce(state, 'belum') IN ('belum', 'draf', 'dikembalikan')),
    count(*) FILTER (WHERE state IN ('diajukan', 'disetujui', 'terkunci') AND handed_on <= %(due)s)
FROM told
"""


def counted_by_hand(area, month):
    last = months_after(month, 1) - timedelta(days=1)
    with connection.cursor() as cursor:
        said = {"first": month, "last": last, "area": area, "due": months_after(month, 1).replace(day=5)}
        cursor.execute(BY_HAND, said)
        return dict(zip(SLUGS, cursor.fetchone(), strict=True))


@pytest.mark.parametrize("month", [date(2026, 9, 1), OCTOBER, NOVEMBER])
def test_who_has_reported_is_counted_as_independent_sql_counts_it(team, rina, month):
    for area in ("", KEBON_JAYANTI, SUKAPURA):
        lens = Lens(rina, TODAY, month, area=area)
        assert values_of(SLUGS, lens) == counted_by_hand(area or "327316", month), (month, area)
    by_kelurahan = values_by(SLUGS, Lens(rina, TODAY, month), by_area(10))
    assert by_kelurahan == {area: counted_by_hand(area, month) for area in (KEBON_JAYANTI, SUKAPURA)}


def test_the_numbers_of_october_are_these(team, rina):
    assert values_of(SLUGS, Lens(rina, TODAY, OCTOBER)) == {
        "wajib-lapor": 6,
        "lapor-belum": 2,
        "lapor-draf": 1,
        "lapor-dikembalikan": 1,
        "lapor-menunggu": 1,
        "lapor-disetujui": 1,
        "lapor-masuk": 2,
        "lapor-belum-masuk": 4,
        "lapor-tepat-waktu": 1,
    }
    dulu = Lens(rina, TODAY, date(2026, 9, 1))
    assert values_by(SLUGS, dulu, by_pendamping)[team["dulu"].pk]["lapor-belum"] == 1
    assert team["dulu"].pk not in values_by(SLUGS, Lens(rina, TODAY, OCTOBER), by_pendamping)


def test_who_has_not_handed_in_is_reminded_by_a_ready_text_that_names_nobody(client, team, rina):
    client.force_login(rina)
    page = text_of(client.get(f"{WHO}?bulan=2026-10&wilayah={KEBON_JAYANTI}"))
    reminders = re.findall(
        r'href="(https://wa\.me/[^"]*)"\s+target="_blank"\s+rel="noopener noreferrer" aria-label="([^"]*)"',
        page,
    )
    assert {label for _, label in reminders} == {
        f"Ingatkan {team[name].name} lewat WhatsApp" for name in ("belum", "draf", "kembali")
    }
    for address, _ in reminders:
        said = parse_qs(urlsplit(unescape(address)).query)["text"][0]
        assert "Oktober 2026" in said and "5 Nov 2026" in said and said.endswith("http://testserver/laporan/")
        assert urlsplit(address).path == "/" and not any(
            person.name.split()[0] in said for person in team.values()
        )
    client.logout()
    assert client.get(LIST)["Location"].startswith("/masuk/")


def test_the_worker_reads_of_the_own_report_what_the_koordinator_reads(team, rina):
    by_person = values_by(SLUGS, Lens(rina, TODAY, OCTOBER), by_pendamping)
    for person in team.values():
        own = values_of(SLUGS, Lens(person, TODAY, OCTOBER))
        assert own == by_person.get(person.pk, dict.fromkeys(SLUGS, 0))


@pytest.mark.parametrize("slug", SLUGS)
def test_each_of_these_numbers_opens_its_rows(client, team, rina, slug):
    client.force_login(rina)
    page = client.get(f"/dasbor/angka/{slug}/?bulan=2026-10")
    assert page.context["value"] == len(page.context["rows"])
    for row in page.context["rows"]:
        assert bool(row["url"]) == (slug != "lapor-belum" and not row["words"].endswith("belum ada laporan"))
        assert not row["url"] or client.get(row["url"]).status_code == 200
    client.force_login(UserFactory(kelurahan=True))
    assert "Lestari" not in text_of(client.get(f"/dasbor/angka/{slug}/?bulan=2026-10")).partition("<main")[2]


def test_every_pendamping_with_families_is_named_with_the_state(client, team, rina):
    client.force_login(rina)
    page = client.get(WHO, {"bulan": "2026-10"})
    told = {
        person["name"].split()[0]: (person["step"], person["late"])
        for _, _, people in page.context["kelurahan"]
        for person in people
    }
    assert told == {
        "Belum": ("belum", 0),
        "Draf": ("draf", 0),
        "Kembali": ("dikembalikan", 0),
        "Tunggu": ("menunggu", 1),
        "Setuju": ("disetujui", 0),
        "Jauh": ("belum", 0),
    }
    for tile in page.context["tiles"]:
        assert client.get(tile["url"]).context["value"] == tile["value"] > 0
    for _, _, people in page.context["kelurahan"]:
        for person in people:
            assert client.get(person["url"]).status_code == 200, person
    # Without a month in the address it is about the last one that is over.
    assert client.get(WHO).context["lens"].month == months_after(local_today().replace(day=1), -1)
    nobody = client.get(WHO, {"bulan": "2019-01"})
    assert "Tidak ada yang ditunggu di sini" in text_of(nobody)


def test_a_kota_is_a_tree_whose_numbers_are_those_below(client, team):
    client.force_login(UserFactory(koordinator=True, wilayah_id="3273"))
    page = client.get(WHO, {"bulan": "2026-10"})
    [part] = page.context["parts"]
    assert part["area"].code == "327316" and (part["expected"], part["handed_in"]) == (6, 2)
    below = client.get(part["url"])
    assert sum(len(people) for _, _, people in below.context["kelurahan"]) == part["expected"]
    assert [tile["value"] for tile in below.context["tiles"]] == [
        tile["value"] for tile in page.context["tiles"]
    ]


def test_another_duty_and_another_area_see_nothing_of_it(client, team):
    for traits, status in (({}, 404), ({"kelurahan": True}, 404), ({"admin": True}, 404)):
        client.force_login(UserFactory(**traits))
        for url in (WHO, LOCK, READ):
            assert client.get(url).status_code == client.post(url).status_code == status
    client.force_login(UserFactory(koordinator=True, wilayah_id=SUKAPURA))
    page = text_of(client.get(WHO, {"bulan": "2026-10"}))
    assert "Jauh Lestari" in page and "Belum Lestari" not in page
    for url in (WHO, LOCK):
        assert client.get(url, {"wilayah": KEBON_JAYANTI}).status_code == 404


def test_a_family_that_moved_later_accuses_nobody_of_the_months_before(team, rina):
    family = HouseholdFactory(pendamping=team["setuju"], wilayah_id=SUKAPURA)
    owed = values_by(["lapor-belum"], Lens(rina, TODAY, OCTOBER, area=SUKAPURA), by_pendamping)
    assert team["setuju"].pk in owed
    FamilyChange.objects.create(
        op_id=uuid7(),
        household=family,
        wilayah_id=KEBON_JAYANTI,
        to_wilayah_id=SUKAPURA,
        pendamping=team["setuju"],
        kind=FamilyChange.Kind.HOME,
        reason=CaseReason.objects.first(),
        changed_on=date(2026, 11, 3),
        by=rina,
    )
    october, november = (
        values_by(["lapor-belum"], Lens(rina, TODAY, month, area=SUKAPURA), by_pendamping)
        for month in (OCTOBER, NOVEMBER)
    )
    assert team["setuju"].pk not in october and team["setuju"].pk in november


def test_the_pages_ask_a_fixed_number_of_times(client, team, rina):
    def queries(url):
        client.force_login(rina)
        client.get(url)
        with count_queries() as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    urls = [f"{url}?bulan=2026-10" for url in (WHO, LOCK)]
    few = [queries(url) for url in urls]
    for n in range(5):
        person = UserFactory(name=f"Baru {n}", wilayah_id=SUKAPURA)
        HouseholdFactory(pendamping=person)
        write_report(person, "ajukan")
    assert [queries(url) for url in urls] == few and max(few) <= 9, few


# --- not before the month ends ----------------------------------------------------------------------------------------


def test_a_month_ends_on_the_local_day_of_its_area():
    with as_of(datetime(2026, 11, 30, 15, 30, tzinfo=UTC)):  # 22:30 WIB, 23:30 WITA, 00:30 WIT
        ended = {area: is_over(NOVEMBER, local_today(area)) for area in ("3273", "5103", "9471")}
    assert ended == {"3273": False, "5103": False, "9471": True}


def test_a_report_is_not_handed_in_before_its_month_ends_and_says_when(client):
    sri = UserFactory()
    with pytest.raises(Refused, match="mulai 1 Des 2026"):
        write_report(sri, "ajukan", month=NOVEMBER)
    report = MonthlyReport.objects.get()
    assert report.state == State.DRAFT
    client.force_login(sri)
    page = text_of(client.get(report.get_absolute_url()))
    assert "dapat diajukan mulai 1 Des 2026" in page and "Ajukan ke koordinator" not in page
    answer = client.post(f"{report.get_absolute_url()}langkah/ajukan/", {"op_id": uuid7()})
    assert answer.status_code == 200 and "Bulan ini belum selesai" in text_of(answer)


def test_the_month_that_runs_is_locked_by_nobody_and_the_page_says_when(client, team, rina):
    client.force_login(rina)
    page = client.get(LOCK, {"bulan": "2026-11"})
    assert "Dapat dikunci mulai 1 Des 2026" in text_of(page) and 'type="checkbox"' not in text_of(page)
    client.post(f"{LOCK}?bulan=2026-11", {"op_id": uuid7(), "kelurahan": [KEBON_JAYANTI], "reason": "Cepat."})
    assert not MonthLock.objects.exists()


# --- read one after the other -----------------------------------------------------------------------------------------


def decide(client, page, move="setujui", **fields):
    report = page.context["report"]
    url = reverse("reports:report_move", args=[report.pk, move]) + page.context["query"]
    return client.post(url, {"op_id": str(uuid7()), "version": last_move(report), **fields}, follow=True)


def test_reports_are_read_one_after_the_other_without_going_back(client, rina):
    people = [UserFactory(name=f"Pendamping {n}") for n in range(4)]
    reports = [write_report(person, "ajukan") for person in people]
    client.force_login(rina)

    page = client.get(READ, follow=True)
    assert page.context["report"] == reports[0] and page.context["place"] == (1, 4)
    assert "Laporan 1 dari 4" in text_of(page)
    page = decide(client, page)
    assert page.context["report"] == reports[1] and page.context["place"] == (2, 4)
    page = client.get(page.context["next_url"])  # skipped
    assert page.context["report"] == reports[2] and page.context["place"] == (3, 4)
    page = decide(client, page, "kembalikan")
    assert "Tulis alasannya" in text_of(page) and page.request["QUERY_STRING"] == "baca=4"
    page = client.get(f"{reports[2].get_absolute_url()}?baca=4")
    page = decide(client, page, "kembalikan", reason="Kendalanya belum jelas.")
    assert page.context["report"] == reports[3] and page.context["place"] == (4, 4)
    assert page.context["next_url"] == ""
    page = decide(client, page)
    assert page.request["PATH_INFO"] == LIST
    assert [row for row in page.context["page"].rows] == [reports[1]]  # what was skipped still waits
    states = [MonthlyReport.objects.get(pk=report.pk).state for report in reports]
    assert states == [State.APPROVED, State.SUBMITTED, State.RETURNED, State.APPROVED]

    page = client.get(f"{reports[0].get_absolute_url()}?baca=4")  # by Back
    assert page.context["place"] is None and "Baca laporan berikutnya" in text_of(page)


def test_reading_keeps_to_the_area_and_month_it_began_with(client, rina):
    near, far = UserFactory(), UserFactory(wilayah_id=SUKAPURA)
    report = write_report(near, "ajukan")
    write_report(near, "ajukan", month=date(2026, 9, 1)), write_report(far, "ajukan")
    client.force_login(rina)
    page = client.get(READ, {"wilayah": KEBON_JAYANTI, "bulan": "2026-10"}, follow=True)
    assert page.context["report"] == report and page.context["place"] == (1, 1)
    assert client.get(READ, follow=True).context["place"] == (1, 3)
    client.force_login(UserFactory(koordinator=True, wilayah_id=BABAKAN_SURABAYA))
    answer = client.get(READ, {"wilayah": KEBON_JAYANTI}, follow=True)
    assert answer.request["PATH_INFO"] == LIST and "Tidak ada laporan yang menunggu" in text_of(answer)


def test_all_that_wait_are_ticked_by_one_link_and_approved_with_a_result_each(client, rina):
    for n in range(3):
        write_report(UserFactory(name=f"Pendamping {n}"), "ajukan")
    write_report(UserFactory(wilayah_id=SUKAPURA), "ajukan")
    client.force_login(rina)
    assert not re.search(r'name="laporan"[^>]* checked', text_of(client.get(LIST)))
    page = client.get(client.get(LIST).context["tick_url"].join([LIST, ""]))
    text = text_of(page)
    assert len(re.findall(r'name="laporan"[^>]* checked', text)) == 4
    # A tree: the kelurahan stand above their reports, each once.
    assert re.findall(r"<h2>\s*Kiaracondong › ([A-Za-z ]+?)\s*</h2>", text) == ["Sukapura", "Kebon Jayanti"]
    sent = {"op_id": str(uuid7()), "laporan": [str(row.pk) for row in page.context["page"].rows]}
    sent |= {f"dilihat-{row.pk}": row.last.pk for row in page.context["page"].rows}
    assert client.post(LIST, sent).status_code == 302
    assert MonthlyReport.objects.filter(state=State.APPROVED).count() == 4


# --- many months at once ----------------------------------------------------------------------------------------------


@pytest.fixture
def october(team, rina):
    """Sukapura is ready, Kebon Jayanti is not: two waited, and one of these is approved by now."""
    write_report(team["jauh"], "ajukan", "setujui", koordinator=rina)
    return team


def test_what_keeps_a_kelurahan_from_its_lock_is_told_of_all_at_once(october, rina):
    told = {one.area.code: one for one in readiness(rina, OCTOBER, TODAY)}
    ready, not_yet = told[SUKAPURA], told[KEBON_JAYANTI]
    assert ready.is_ready and ready.words == ""
    assert not not_yet.can_lock
    assert not_yet.words == (
        "1 laporan menunggu keputusan; 1 dikembalikan; 1 masih draf; belum ada laporan Belum Lestari"
    )
    assert not_yet.not_in == 3
    move(MonthlyReport.objects.get(state=State.SUBMITTED), "setujui", koordinator=rina)
    one = {one.area.code: one for one in readiness(rina, OCTOBER, TODAY)}[KEBON_JAYANTI]
    assert one.can_lock and not one.is_ready


def test_a_whole_kota_is_locked_with_a_result_for_each_kelurahan(client, october, rina):
    kota = UserFactory(koordinator=True, wilayah_id="3273")
    client.force_login(kota)
    url = f"{LOCK}?bulan=2026-10"
    page = client.get(url)
    assert dict(page.context["states"]) == {"siap dikunci": 1, "belum siap": 1, "sudah dikunci": 0}
    assert not re.search(r'name="kelurahan"[^>]* checked', text_of(page))
    ticked = text_of(client.get(page.context["tick_url"]))
    assert re.findall(r'name="kelurahan" value="(\d+)"[^>]* checked', ticked) == [SUKAPURA]
    assert f'value="{KEBON_JAYANTI}"' not in ticked  # a report waits there

    sent = {"op_id": str(uuid7()), "kelurahan": [SUKAPURA, KEBON_JAYANTI], "reason": "Sudah dicoba."}
    answer = client.post(url, sent)
    assert "1 dikunci, 1 belum" in text_of(answer)
    [(one, words)] = answer.context["failed"]
    assert one.area.code == KEBON_JAYANTI and "menunggu keputusan" in words
    assert [lock.period.wilayah_id for lock in MonthLock.objects.all()] == [SUKAPURA]
    assert client.post(url, sent).status_code == 200  # sent again: nothing is locked twice
    assert MonthLock.objects.count() == 1


def test_what_is_not_complete_is_locked_with_a_reason_only(client, october, rina):
    move(MonthlyReport.objects.get(state=State.SUBMITTED), "setujui", koordinator=rina)
    client.force_login(rina)
    url = f"{LOCK}?bulan=2026-10"
    sent = {"op_id": str(uuid7()), "kelurahan": [KEBON_JAYANTI, SUKAPURA], "reason": ""}
    page = client.post(url, sent)
    assert "Tulis mengapa tetap dikunci" in text_of(page) and not MonthLock.objects.exists()
    assert len(re.findall(r'name="kelurahan"[^>]* checked', text_of(page))) == 2  # what was ticked stays

    sent |= {"reason": "Dua orang cuti sakit."}
    assert client.post(url, sent).status_code == 302
    assert set(Period.objects.filter(state="terkunci").values_list("wilayah", flat=True)) == {
        KEBON_JAYANTI,
        SUKAPURA,
    }
    assert "Centang dulu kelurahan" in text_of(client.post(url, {"op_id": str(uuid7())}))


def test_a_page_that_is_old_locks_nothing_and_another_area_nothing_at_all(client, october, rina):
    client.force_login(rina)
    url = f"{LOCK}?bulan=2026-10"
    groups = client.get(url).context["groups"]
    seen = {one.area.code: one.seen for _, rows in groups for one, _ in rows}[SUKAPURA]
    lock(rina, SUKAPURA)
    sent = {"op_id": str(uuid7()), "kelurahan": [SUKAPURA], f"dilihat-{SUKAPURA}": seen, "reason": "Ya."}
    assert "berubah sejak Anda buka" in text_of(client.post(url, sent))
    client.force_login(UserFactory(koordinator=True, wilayah_id=BABAKAN_SURABAYA))
    client.post(url, {"op_id": str(uuid7()), "kelurahan": [KEBON_JAYANTI], "reason": "Coba."})
    assert MonthLock.objects.count() == 1


def test_a_kelurahan_in_which_nobody_wrote_a_word_is_there_too(client, rina):
    HouseholdFactory(pendamping=UserFactory(name="Diam Lestari"))
    client.force_login(rina)
    page = client.get(LOCK, {"bulan": "2026-10"})
    assert "Belum ada laporan Diam Lestari" in text_of(page)
    sent = {"op_id": str(uuid7()), "kelurahan": [KEBON_JAYANTI], "reason": "Pendamping sakit."}
    client.post(f"{LOCK}?bulan=2026-10", sent)
    assert MonthLock.objects.get().reason == "Pendamping sakit."


def test_the_last_day_in_time_comes_from_master_data():
    assert due_on(OCTOBER) == date(2026, 11, 5)
