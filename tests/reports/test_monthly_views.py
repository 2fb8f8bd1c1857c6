"""The pages of monthly reports and locked months: what each duty sees and may do, and the report on paper."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from django.urls import reverse

from entries.models import AccessLog, Period
from entries.workflow import last_move
from pkh_casework.ids import uuid7
from reports.models import MonthLock, MonthlyReport
from reports.monthly.report_paper import _lock_words
from tests.factories import KEBON_JAYANTI, SUKAPURA, ActivityFactory, HouseholdFactory, UserFactory
from tests.monthly import OCTOBER, hold_late, let_in, lock, move, period_of, reopen, write_report
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
State = MonthlyReport.State


@pytest.fixture
def sri():
    return UserFactory(name="Sri Wahyuni", nip="198503122010012001")


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


@pytest.fixture
def dedi():
    return UserFactory(kelurahan=True)


@pytest.fixture
def family(sri):
    family = HouseholdFactory(pendamping=sri, name="Aas Rohaeti")
    ActivityFactory(pendamping=sri, families=[family], occurred_on=date(2026, 10, 6))
    return family


def text_of(page):
    return page.content.decode()


# --- a pendamping -----------------------------------------------------------------------------------------------------


def test_a_pendamping_writes_hands_in_and_reads_the_reason_of_a_return(client, sri, rina, family):
    client.force_login(sri)
    months = client.get("/laporan/").context["months"]
    assert [month for month, _, _ in months][:2] == [date(2026, 11, 1), OCTOBER]

    url = f"/laporan/baru/?bulan=2026-10&wilayah={KEBON_JAYANTI}"
    page = client.get(url)
    assert {tile["figure"].slug: tile["value"] for tile in page.context["figures"]}["kunjungan"] == 1
    assert not MonthlyReport.objects.exists()
    op_id = page.context["form"].op_id
    client.post(url, {"op_id": op_id, "results": "Menabung.", "obstacles": "", "plans": ""})
    report = MonthlyReport.objects.get()
    assert (report.month, report.results, report.state) == (OCTOBER, "Menabung.", State.DRAFT)
    assert client.get(url).url == report.get_absolute_url()

    step = f"{report.get_absolute_url()}langkah/ajukan/"
    client.post(step, {"op_id": uuid7(), "version": last_move(report)})
    move(report, "kembalikan", koordinator=rina, reason="Tulis jumlahnya.")
    assert "Tulis jumlahnya." in text_of(client.get(report.get_absolute_url()))
    edit = f"{report.get_absolute_url()}isi/"
    seen = client.get(edit).context["form"].version
    words = {"results": "Dua menabung.", "obstacles": "", "plans": "", "version": seen}
    client.post(edit, {"op_id": uuid7(), **words})
    report.refresh_from_db()
    assert (report.results, report.state) == ("Dua menabung.", State.RETURNED)


def test_work_in_another_kelurahan_has_its_line_from_the_second_day_on(client, sri):
    ActivityFactory(pendamping=sri, wilayah_id=SUKAPURA, occurred_on=date(2026, 11, 2))
    client.force_login(sri)

    months = client.get("/laporan/").context["months"]
    assert (date(2026, 11, 1), SUKAPURA) in {(month, area.pk) for month, area, _ in months}


@pytest.mark.parametrize("month", ["1900-01", "2006-12", "2026-12", "kemarin"])
def test_a_month_without_pkh_or_to_come_has_no_report(client, sri, month):
    client.force_login(sri)
    url = f"/laporan/baru/?bulan={month}"

    assert client.get(url).status_code == client.post(url, {"op_id": uuid7()}).status_code == 404
    assert not Period.objects.exists()


def test_words_of_another_tab_are_not_written_over(client, sri):
    report = write_report(sri)
    client.force_login(sri)
    url = f"{report.get_absolute_url()}isi/"
    seen = re.search(r'name="version" value="(\w+)"', client.get(url).content.decode())[1]
    said = {"obstacles": "", "plans": "", "version": seen}
    client.post(url, said | {"op_id": str(uuid7()), "results": "Dari ponsel."})

    answer = client.post(url, said | {"op_id": str(uuid7()), "results": "Dari komputer."})

    page = answer.content.decode()
    assert "Data ini berubah" in page and "Dari ponsel." in page and "Dari komputer." in page
    assert MonthlyReport.objects.get().results == "Dari ponsel."
    seen = re.search(r'name="version" value="(\w+)"', page)[1]
    client.post(url, said | {"op_id": str(uuid7()), "results": "Dari komputer.", "version": seen})
    assert MonthlyReport.objects.get().results == "Dari komputer."


def test_the_lock_page_names_who_worked_and_wrote_no_report(client, sri, rina, family):
    client.force_login(rina)

    page = client.get(reverse("reports:month_lock", args=[period_of(KEBON_JAYANTI).pk])).content.decode()

    assert f"{sri.name}, belum membuat laporan" in page


def test_too_long_a_text_is_named_beside_its_field_and_kept(client, sri):
    client.force_login(sri)
    long = "a" * 4001

    page = client.post("/laporan/baru/?bulan=2026-10", {"op_id": uuid7(), "results": long})

    assert page.status_code == 200 and "Terlalu panjang" in text_of(page) and long in text_of(page)
    assert not MonthlyReport.objects.exists()


def test_a_pendamping_opens_no_report_of_another_and_decides_nothing(client, sri):
    theirs = write_report(UserFactory(), "ajukan")
    client.force_login(sri)
    for path in ("", "isi/", "langkah/ajukan/", "langkah/setujui/", "cetak/"):
        assert client.get(f"{theirs.get_absolute_url()}{path}").status_code == 404
        assert client.post(f"{theirs.get_absolute_url()}{path}").status_code in {404, 405}
    mine = write_report(sri, "ajukan")
    assert client.post(f"{mine.get_absolute_url()}langkah/setujui/", {"op_id": uuid7()}).status_code == 404
    assert client.get("/laporan/baru/?wilayah=3273161001").status_code == 404


def test_a_report_of_a_kelurahan_where_families_are_held_is_offered_before_any_work_there(
    client, sri, family
):
    HouseholdFactory(pendamping=sri, wilayah_id=SUKAPURA, held_from=date(2026, 9, 1))
    client.force_login(sri)

    offered = {
        (month, area.pk)
        for month, area, _ in client.get("/laporan/").context["months"]
        if area.pk == SUKAPURA
    }
    assert offered == {(date(2026, 11, 1), SUKAPURA), (OCTOBER, SUKAPURA)}
    url = f"/laporan/baru/?bulan=2026-10&wilayah={SUKAPURA}"
    assert (
        client.post(url, {"op_id": uuid7(), "results": "", "obstacles": "", "plans": ""}).status_code == 302
    )
    assert MonthlyReport.objects.get().wilayah_id == SUKAPURA
    assert client.get(f"/laporan/baru/?bulan=2026-08&wilayah={SUKAPURA}").status_code == 404  # held later


def numbers_of(page):
    """(name, value, address) of every number on the page of a report that has an address."""
    tiles = [(tile["figure"].slug, tile["value"], tile["url"]) for tile in page.context["figures"]]
    return tiles + [(result.name, value, url) for result, value, url in page.context["rhk"] if value]


def test_every_number_of_a_report_opens_as_many_rows(client, sri, rina, family):
    report = write_report(sri, "ajukan", "setujui", koordinator=rina)
    for user in (sri, rina):
        client.force_login(user)
        for name, value, url in numbers_of(client.get(report.get_absolute_url())):
            assert client.get(url).context["value"] == value, name
    locked = lock(rina, KEBON_JAYANTI)
    ActivityFactory(pendamping=sri, families=[family], occurred_on=date(2026, 10, 7))  # past the lock
    for user in (sri, rina):
        client.force_login(user)
        page = client.get(report.get_absolute_url())
        assert page.context["lock"] == locked
        for name, value, url in numbers_of(page):
            rows = client.get(url)
            assert rows.context["value"] == value == len(rows.context["rows"]), name


def test_figures_that_moved_since_handing_in_are_told(client, sri, rina, family):
    report = write_report(sri, "ajukan")
    ActivityFactory(pendamping=sri, families=[family], occurred_on=date(2026, 10, 9))
    client.force_login(rina)

    moved = client.get(report.get_absolute_url()).context["moved"]

    assert ("Kunjungan rumah", 1, 2) in moved


# --- on paper ---------------------------------------------------------------------------------------------------------


def pdf_text(answer):
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))


def test_the_report_on_paper_holds_facts_words_and_places_to_sign(client, sri, rina, family):
    report = write_report(sri, "ajukan", "setujui", koordinator=rina, results="Dua keluarga menabung.")
    client.force_login(sri)

    text = pdf_text(client.get(f"{report.get_absolute_url()}cetak/"))

    for words in (
        "LAPORAN BULANAN PENDAMPING SOSIAL PKH",
        "BULAN OKTOBER 2026",
        "Kebon Jayanti",
        "A. Ringkasan angka",
        "Kunjungan rumah",
        "B. Menurut RHK",
        "D. Analisis pendamping",
        "Dua keluarga menabung.",
        "Sri Wahyuni",
        "198503122010012001",
        "Rina Koordinator",
        "Halaman 1 dari",
        "6 Okt",
    ):
        assert words in text, words
    assert "Aas Rohaeti" not in text
    assert AccessLog.objects.get(action="export").fields == ["laporan_bulanan"]


def test_a_locked_report_on_paper_shows_what_was_locked_and_tells_susulan_apart(client, sri, rina, family):
    report = write_report(sri, "ajukan", "setujui", koordinator=rina)
    locked = lock(rina, KEBON_JAYANTI)
    let_in(hold_late(family, on=date(2026, 10, 28)), rina, reason="Ponsel rusak seminggu.")
    client.force_login(sri)

    old = pdf_text(client.get(f"{report.get_absolute_url()}cetak/"))
    new = pdf_text(client.get(f"{write_report(sri, month=date(2026, 11, 1)).get_absolute_url()}cetak/"))

    assert locked.digest[:32] in old and "28 Okt" not in old
    assert "28 Okt 2026" in new and "Ponsel rusak seminggu." in new


# --- a koordinator ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "zone", "day"),
    [("3273161002", "Asia/Jakarta", "3 November 2026"), ("7371021001", "Asia/Makassar", "3 November 2026"),
     ("9471021001", "Asia/Jayapura", "3 November 2026")],
)  # fmt: skip
def test_a_lock_in_the_night_prints_its_local_day(code, zone, day):
    at_half_past_one = datetime(2026, 11, 3, 1, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    report = MonthlyReport(wilayah_id=code, month=OCTOBER)
    lock = MonthLock(version=1, digest="0" * 64, totals={}, locked_at=at_half_past_one)
    assert f"versi 1, {day}" in _lock_words(report, lock)


def test_many_are_approved_on_one_list_and_the_one_that_changed_says_so(client, rina):
    reports = [write_report(UserFactory(name=f"Pendamping {n}"), "ajukan") for n in range(3)]
    client.force_login(rina)
    page = client.get("/laporan/")
    assert len(page.context["page"].rows) == 3
    sent = {"op_id": str(uuid7()), "laporan": [str(report.pk) for report in reports]}
    sent |= {f"dilihat-{report.pk}": last_move(report) for report in reports}
    move(reports[1], "kembalikan", "ajukan", koordinator=UserFactory(koordinator=True))

    answer = client.post("/laporan/", sent)

    assert answer.status_code == 200
    assert "2 disetujui, 1 belum" in text_of(answer)
    [(failed, words)] = answer.context["failed"]
    assert failed == reports[1] and "berubah sejak Anda buka" in words
    assert [row.problem for row in answer.context["page"].rows] == [words]
    assert MonthlyReport.objects.filter(state=State.APPROVED).count() == 2
    # With what stands there now it goes through, and a page that sends nothing is told.
    sent = {"op_id": str(uuid7()), "laporan": [str(failed.pk)], f"dilihat-{failed.pk}": last_move(failed)}
    assert client.post("/laporan/", sent).status_code == 302
    assert "Centang dulu" in text_of(client.post("/laporan/", {"op_id": str(uuid7())}))
    assert MonthlyReport.objects.filter(state=State.APPROVED).count() == 3


def test_reports_of_another_area_are_not_approved(client, rina):
    far = write_report(UserFactory(wilayah_id="3273161001"), "ajukan")
    client.force_login(UserFactory(koordinator=True, wilayah_id=KEBON_JAYANTI))

    client.post(
        "/laporan/", {"op_id": str(uuid7()), "laporan": [str(far.pk)], f"dilihat-{far.pk}": last_move(far)}
    )

    far.refresh_from_db()
    assert far.state == State.SUBMITTED


def test_the_list_asks_the_database_a_fixed_number_of_times(client, rina):
    for _ in range(8):
        write_report(UserFactory(), "ajukan")
    client.force_login(rina)
    with count_queries() as queries:
        client.get("/laporan/")
    assert len(queries) <= 3, queries
    with count_queries() as queries:
        client.get("/laporan/bulan/")
    assert len(queries) <= 3, queries


def test_a_month_is_locked_reopened_and_locked_again_on_its_pages(client, sri, rina, family):
    write_report(sri, "ajukan", "setujui", koordinator=rina)
    period = period_of(KEBON_JAYANTI)
    month = reverse("reports:month_detail", args=[period.pk])
    client.force_login(rina)
    page = client.get(f"{month}kunci/")
    client.post(
        f"{month}kunci/", {"op_id": page.context["form"].op_id, "version": page.context["form"].version}
    )
    period.refresh_from_db()
    assert period.state == Period.State.LOCKED
    assert "cocok" in text_of(client.get(MonthLock.objects.get().get_absolute_url()))

    assert client.post(f"{month}buka/", {"op_id": uuid7(), "reason": ""}).status_code == 200
    client.post(f"{month}buka/", {"op_id": uuid7(), "reason": "Satu kunjungan tertinggal."})
    period.refresh_from_db()
    assert period.state == Period.State.OPEN
    ActivityFactory(pendamping=sri, families=[family], occurred_on=date(2026, 10, 20))
    diff = client.get(f"{month}beda/")
    assert ("Kunjungan rumah", 1, 2) in diff.context["totals"]
    assert {one.kind for one in diff.context["found"]} == {"baru"}
    client.post(f"{month}kunci/", {"op_id": uuid7()})
    first, second = MonthLock.objects.order_by("version")
    assert "Satu kunjungan tertinggal." in text_of(client.get(first.get_absolute_url()))
    assert (first.totals["kunjungan"]["jumlah"], second.totals["kunjungan"]["jumlah"]) == (1, 2)


def test_who_reads_an_old_page_locks_nothing(client, sri, rina):
    period = period_of(KEBON_JAYANTI)
    client.force_login(rina)
    url = reverse("reports:month_lock", args=[period.pk])
    seen = client.get(url).context["form"].version
    lock(rina, KEBON_JAYANTI)
    reopen(rina, KEBON_JAYANTI)

    page = client.post(url, {"op_id": uuid7(), "version": seen})

    assert "berubah sejak Anda buka" in text_of(page)
    assert MonthLock.objects.count() == 1


def test_a_held_entry_is_let_in_from_the_holding_desk(client, sri, rina, family):
    lock(rina, KEBON_JAYANTI)
    held = hold_late(family, on=date(2026, 10, 9))
    client.force_login(rina)
    assert "Terima sebagai susulan" in text_of(client.get(f"/kiriman/{held.pk}/"))
    url = f"/laporan/susulan/{held.pk}/"
    assert "Tulis alasannya" in text_of(client.post(url, {"op_id": uuid7(), "reason": ""}))

    client.post(url, {"op_id": uuid7(), "reason": "Ponsel rusak."})

    month = client.get(reverse("reports:month_detail", args=[period_of(KEBON_JAYANTI).pk]))
    assert "Ponsel rusak." in text_of(month)
    diff = client.get(reverse("reports:month_diff", args=[period_of(KEBON_JAYANTI).pk]))
    assert "Susulan: Ponsel rusak." in text_of(diff)
    client.force_login(sri)
    assert client.get(url).status_code == 404
    assert "Diterima sebagai susulan" in text_of(client.get(f"/kiriman/{held.pk}/"))


# --- kelurahan staff --------------------------------------------------------------------------------------------------


def test_a_kelurahan_reads_figures_states_and_rows_and_no_word(client, sri, rina, dedi, family):
    report = write_report(sri, "ajukan", "setujui", koordinator=rina, results="KENARI analisis.")
    locked = lock(rina, KEBON_JAYANTI, reason="KENARI kunci.")
    let_in(hold_late(family, on=date(2026, 10, 9), notes="KENARI susulan."), rina, reason="KENARI alasan.")
    period = period_of(KEBON_JAYANTI)
    client.force_login(dedi)

    month = reverse("reports:month_detail", args=[period.pk])
    for url in ("/laporan/bulan/", month, f"{month}beda/", locked.get_absolute_url()):
        page = text_of(client.get(url))
        assert "KENARI" not in page and "Aas Rohaeti" not in page and "Sri Wahyuni" not in page, url
    for tile in client.get(month).context["figures"]:
        rows = client.get(tile["url"])
        assert rows.context["value"] == tile["value"]
        assert "Aas Rohaeti" not in text_of(rows)
    visits = text_of(client.get(reverse("reports:version_rows", args=[locked.pk, "kunjungan"])))
    assert family.case_number in visits
    for url in (
        report.get_absolute_url(),
        f"{report.get_absolute_url()}cetak/",
        f"{month}kunci/",
        f"{month}buka/",
    ):
        assert client.get(url).status_code == 404
        assert client.post(url).status_code in {404, 405}


def test_months_of_another_kelurahan_are_not_there(client, rina):
    far = period_of("3273161001")
    locked = lock(rina, "3273161001", month=date(2026, 9, 1))
    client.force_login(UserFactory(kelurahan=True))

    assert not client.get("/laporan/bulan/").context["page"].rows
    for url in (
        reverse("reports:month_detail", args=[far.pk]),
        reverse("reports:month_diff", args=[locked.period.pk]),
        locked.get_absolute_url(),
        reverse("reports:version_rows", args=[locked.pk, "kegiatan"]),
    ):
        assert client.get(url).status_code == 404


# --- how many reports there are ---------------------------------------------------------------------------------------


def test_reports_by_state_are_figures_whose_rows_open(client, sri, rina, dedi):
    write_report(sri, "ajukan")
    write_report(UserFactory(), "ajukan", "setujui", koordinator=rina)
    write_report(UserFactory(wilayah_id="3273161001"), "ajukan")
    for user, waiting in ((sri, 1), (dedi, 1), (rina, 2)):
        client.force_login(user)
        page = client.get("/dasbor/angka/laporan-diajukan/?bulan=2026-10")
        assert page.context["value"] == len(page.context["rows"]) == waiting
        assert ("Sri Wahyuni" in text_of(page).partition("<main")[2]) == (user != dedi)
        for row in page.context["rows"]:
            assert bool(row["url"]) == (user != dedi)
            assert not row["url"] or client.get(row["url"]).status_code == 200
    assert client.get("/dasbor/angka/laporan-disetujui/?bulan=2026-10").context["value"] == 1
