"""The koordinator's recap: its numbers are the figures, its files open elsewhere, and it makes itself in time."""

import io
import zipfile
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from entries.models import AccessLog
from pkh_casework.days import PKH_BEGAN, months_after
from pkh_casework.ids import uuid7
from pkh_casework.templatetags.formats import angka
from reports.figures import FIGURES, Lens
from reports.figures.values import values_of
from reports.files.operations import export as exports
from reports.files.operations import recap as operations
from reports.files.operations.recap import ask_recap, make_scheduled
from reports.files.recap import tables_of
from reports.files.signed import COVERAGE, OUTCOMES, PARTS, signed_pages
from reports.models import Export, Letterhead, RecapPlan
from tests.exports import lines_of, take
from tests.factories import BANDUNG, UserFactory
from tests.office import converted
from tests.queries import count_queries

SHEETS = [
    "Ringkasan", "Target", "Per pendamping", "Per kelurahan", "Per peran", "Sub-peran", "Indikator", "Graduasi",
    "Rujukan dimulai", "Rujukan berakhir", "Rujukan terbuka", "Pelatihan", "P2K2", "Perlu perhatian",
]  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def camat(client, town):
    client.force_login(town.users.camat)
    return town.users.camat


def file_of(client, month, form, **query):
    sent = {"op_id": str(uuid7()), "format": form, "purpose": "Laporan bulanan"}
    url = f"{reverse('reports:recap')}?bulan={month:%Y-%m}" + "".join(f"&{k}={v}" for k, v in query.items())
    answer = client.post(url, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    return take(client, Export.objects.latest("asked_at"))


def table(lens, slug):
    return next(one for one in tables_of(lens) if one.slug == slug)


def test_the_summary_holds_every_figure_with_the_value_of_the_dashboard(town):
    lens = Lens(town.users.camat, town.today, town.month)

    rows = {row[0]: row[1] for row in table(lens, "ringkasan").rows}

    told = [slug for slug in FIGURES if not FIGURES[slug].of_one]
    assert rows == {FIGURES[slug].name: value for slug, value in values_of(told, lens).items()}


def test_people_places_and_roles_add_up_to_the_whole(town):
    lens = Lens(town.users.camat, town.today, town.month)
    values = values_of(["kpm-aktif", "kegiatan", "p2k2"], lens)

    people, places = table(lens, "per-pendamping"), table(lens, "per-wilayah")
    assert sum(row[2] for row in people.rows) == sum(row[1] for row in places.rows) == values["kpm-aktif"]
    assert {"Nama ani", "Nama budi", "Nama citra"} <= {row[0] for row in people.rows}
    assert {row[0] for row in places.rows} == {"Kebon Jayanti", "Sukapura"}
    assert sum(row[1] for row in table(lens, "per-peran").rows) == values["kegiatan"]
    assert sum(row[2] for row in table(lens, "sub-peran").rows) == values["kegiatan"]
    assert sum(row[2] for row in table(lens, "p2k2").rows) == values["p2k2"]


def test_who_is_no_pendamping_any_more_keeps_a_row(town):
    lens = Lens(town.users.camat, town.today, town.month)
    before = [row[2:] for row in table(lens, "per-pendamping").rows]
    type(town.users.ani).objects.filter(pk=town.users.ani.pk).update(duty="admin", wilayah=None)

    assert [row[2:] for row in table(lens, "per-pendamping").rows] == before


def test_exceptions_begin_with_the_most_and_leave_out_zeros(town):
    rows = table(Lens(town.users.camat, town.today, town.month), "perlu-perhatian").rows

    numbers = [row[2] for row in rows]
    assert numbers == sorted(numbers, reverse=True) and all(numbers)
    told = {row[:2] for row in rows}
    assert ("Nama ani", "Janji lewat tanggal") in told
    assert ("Nama ani", "7 hari tidak ada catatan masuk") in told


def test_what_is_not_of_the_month_says_what_it_is_of(town):
    lens = Lens(town.users.camat, town.today, town.last_month)

    names = [column.name for column in table(lens, "per-pendamping").columns]

    assert {"KPM aktif akhir bulan", "Tak dikunjungi >60 hari", "Kegiatan"} < set(names)
    assert names[-1] == f"Graduasi ({town.last_month.year})"
    assert not any("hari ini" in name for one in tables_of(lens) for name in (*names, one.note))
    assert "Periode" in {column.name for column in table(lens, "perlu-perhatian").columns}


def test_every_number_of_the_summary_opens_its_rows(client, town, camat):
    page = client.get(reverse("reports:recap"), {"bulan": f"{town.month:%Y-%m}"})

    summary = page.context["tables"][0]
    rows = {row[0][0]: [url for _, _, url in row] for row in summary.cells}
    assert all(urls[1] for urls in rows.values())
    assert f"bulan={town.last_month:%Y-%m}" in rows["Kegiatan"][4]
    for name, number in (("KPM aktif", summary.rows[0][1]), ("Kegiatan", None)):
        answer = client.get(rows[name][1])
        assert rows[name][1].replace("&", "&amp;") in page.content.decode()
        assert answer.context["lens"].month == town.month
        assert answer.context["back_url"].startswith(reverse("reports:recap"))
        assert number is None or answer.context["value"] == number


def test_a_workbook_has_a_sheet_for_each_table_and_a_chart(client, town, camat, tmp_path):
    path = tmp_path / "rekap.xlsx"
    path.write_bytes(file_of(client, town.month, "xlsx"))

    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [*SHEETS, "Keterangan"]
    assert len(book["Per peran"]._charts) == 1
    title, told, _, head, *rows = book["Per kelurahan"].values
    assert title[0] == f"Rekap {date_format(town.month, 'F Y')}: Per kelurahan" and "Kiaracondong" in told[0]
    assert head[:2] == ("Wilayah", "KPM aktif akhir bulan")
    assert all(isinstance(row[1], int | float) for row in rows)
    lens = Lens(camat, town.today, town.month)
    assert rows[-1][:2] == ("JUMLAH", values_of(["kpm-akhir-bulan"], lens)["kpm-akhir-bulan"])
    assert book["Per kelurahan"].freeze_panes == "A5" and book["Per kelurahan"].print_title_rows == "$1:$4"
    assert "Kiaracondong" in book.properties.title and camat.name in book.properties.creator
    assert converted(path, "pdf", tmp_path).read_bytes().startswith(b"%PDF")


def test_an_archive_has_a_csv_for_each_table(client, town, camat):
    archive = zipfile.ZipFile(io.BytesIO(file_of(client, town.month, "zip")))

    assert len(archive.namelist()) == len(SHEETS) and archive.namelist()[2] == "03-per-pendamping.csv"
    mark, head, *rows = lines_of(archive.read("03-per-pendamping.csv"))
    assert "Laporan bulanan" in mark[0] and head[0] == "Pendamping" and "Nama ani" in {row[0] for row in rows}


def test_a_document_has_every_table_page_numbers_a_place_to_sign_and_tags(client, town, camat):
    data = file_of(client, town.month, "pdf")

    document = pypdfium2.PdfDocument(data)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    text = "\n".join(pages)
    for title in SHEETS:
        assert title in text
    assert f"Halaman 1 dari {len(pages)}" in pages[0]
    signed = next(number for number, page in enumerate(pages) if "Nama dan NIP" in page)
    assert "Koordinator" in pages[signed] and camat.name in pages[signed]
    assert "Penutup" in pages[signed] and "Lampiran" in pages[signed + 1] and signed <= 2
    for words in ("PEMERINTAH KOTA BANDUNG", "DINAS SOSIAL", "Cakupan dan sasaran", "Kepala Dinas Sosial"):
        assert words in " ".join(pages[: signed + 1])
    assert "JUMLAH" in pages[signed] or "JUMLAH" in pages[signed - 1]
    assert b"/MarkInfo" in data and b"/StructTreeRoot" in data and b"pdfuaid" in data


def test_the_sums_of_the_signed_pages_are_the_figures_and_a_kota_is_told_by_kecamatan(town):
    kota = UserFactory(koordinator=True, wilayah_id="3273")
    for user, word, named in (
        (kota, "kecamatan", "Kiaracondong"),
        (town.users.camat, "kelurahan", "Sukapura"),
    ):
        lens = Lens(user, town.today, town.month)
        values, signed = values_of(PARTS, lens), signed_pages(lens)
        parts = signed["parts"]
        assert parts["word"] == word and named in {row[0] for row in parts["rows"]}
        assert parts["total"] == ["JUMLAH", *(angka(values[slug]) for slug in PARTS)]
        assert len(signed["coverage"]) == len(COVERAGE) + 1 and len(signed["outcomes"]) == len(OUTCOMES)


def test_the_nearest_letterhead_in_force_is_printed(town):
    def kop(code, office, **days):
        Letterhead.objects.create(
            wilayah_id=code,
            government="P",
            office=office,
            source="uji",
            **({"valid_from": date(2025, 1, 1)} | days),
        )

    day = date(2026, 11, 18)
    assert Letterhead.objects.of("3273161002", day).office == "DINAS SOSIAL"
    kop("327316", "UPT Kiaracondong")
    kop("3273161002", "lama", valid_to=date(2026, 1, 1))
    assert Letterhead.objects.of("3273161002", day).office == "UPT Kiaracondong"
    assert Letterhead.objects.of("3204", day) is None


def test_a_narrower_area_can_be_chosen_and_a_foreign_one_is_not_there(client, town, camat):
    page = client.get(reverse("reports:recap"), {"wilayah": "3273161001", "bulan": f"{town.month:%Y-%m}"})
    assert [row[0] for row in next(t for t in page.context["tables"] if t.slug == "per-wilayah").rows] == [
        "Sukapura"
    ]

    assert client.get(reverse("reports:recap"), {"wilayah": "327401"}).status_code == 404


@pytest.mark.parametrize("route", ["recap", "dashboard"])
def test_a_month_before_pkh_began_is_its_first_and_one_to_come_is_this_one(route, client, town, camat):
    for asked, month in (("0001-01", PKH_BEGAN), ("0000-12", town.month), ("9999-12", town.month)):
        page = client.get(reverse(f"reports:{route}"), {"bulan": asked})
        assert page.context["lens"].month == month


def test_the_page_begins_with_last_month(client, town, camat):
    page = client.get(reverse("reports:recap"))

    assert page.context["lens"].month == (town.month - timedelta(days=1)).replace(day=1)


@pytest.mark.parametrize("name", ["ani", "officer", "admin"])
def test_the_recap_is_the_koordinator_s(name, client, town):
    client.force_login(vars(town.users)[name])

    for route in ("recap", "recap_plan"):
        assert client.get(reverse(f"reports:{route}")).status_code == 404


def test_taking_a_recap_is_kept(client, town, camat):
    file_of(client, town.month, "xlsx")

    assert AccessLog.objects.filter(user=camat, action="export").count() == 2


def test_a_recap_costs_the_same_however_many_families_there_are(client, town, camat):
    client.get(reverse("reports:recap"))  # what is asked once in a while is asked now
    counts = []
    for _ in range(2):
        with count_queries() as queries:
            client.get(reverse("reports:recap"))
        counts.append(len(queries))
        for number in range(5):
            town.household(town.users.ani, rw=9 + number)
    assert counts[0] == counts[1]


# --- by itself -----------------------------------------------------------------------------------------------------


@pytest.fixture
def on_the_24th(monkeypatch):
    monkeypatch.setattr(operations, "local_today", lambda code: date(2026, 11, 24))


def plan(client, day):
    sent = {"op_id": str(uuid7()), "day": day, "format": "pdf"}
    return client.post(reverse("reports:recap_plan"), sent, follow=True)


def test_a_koordinator_chooses_the_day_and_takes_it_back(client, camat):
    assert "tiap tanggal 5" in plan(client, 5).content.decode()
    assert (RecapPlan.objects.get().day, RecapPlan.objects.get().format) == (5, "pdf")
    assert "Isi angka 1 sampai 28." in plan(client, 31).content.decode()

    assert "tidak lagi dibuat otomatis" in plan(client, "").content.decode()
    assert RecapPlan.objects.get().day is None


def test_the_recap_of_last_month_makes_itself_once_on_its_day(
    client, camat, on_the_24th, django_capture_on_commit_callbacks
):
    plan(client, 25)
    assert make_scheduled() == 0
    plan(client, 24)

    with django_capture_on_commit_callbacks(execute=True):
        assert (make_scheduled(), make_scheduled()) == (1, 0)

    export = Export.objects.get()
    assert (export.state, export.month, export.query) == ("siap", date(2026, 10, 1), "bulan=2026-10")
    assert export.expires_at is None  # kept
    assert take(client, export).startswith(b"%PDF")
    assert make_scheduled() == 0


def test_a_kept_recap_is_told_of_by_whatsapp_with_a_link_that_asks_who_opens_it(
    client, camat, on_the_24th, django_capture_on_commit_callbacks
):
    plan(client, 1)
    with django_capture_on_commit_callbacks(execute=True):
        make_scheduled()
    export = Export.objects.get()

    words = parse_qs(urlsplit(client.get(export.get_absolute_url()).context["whatsapp"]).query)["text"][0]

    assert words.startswith("Rekap Oktober 2026, Kiaracondong, sudah siap.")
    assert words.endswith(f"http://testserver{export.get_absolute_url()}")
    client.logout()
    assert client.get(export.get_absolute_url()).url.startswith("/masuk/")
    client.force_login(UserFactory(koordinator=True, wilayah_id=BANDUNG))
    assert client.get(export.get_absolute_url()).status_code == 200


def test_the_first_page_tells_of_a_recap_that_waits(
    client, camat, on_the_24th, django_capture_on_commit_callbacks
):
    plan(client, 1)
    with django_capture_on_commit_callbacks(execute=True):
        make_scheduled()
    export = Export.objects.get()

    page = client.get(reverse("reports:dashboard")).content.decode()
    assert "Rekap Oktober 2026 sudah jadi" in page and export.get_absolute_url() in page

    take(client, export)
    assert "sudah jadi" not in client.get(reverse("reports:dashboard")).content.decode()


def test_a_recap_that_failed_is_told_and_made_again_the_next_day(
    client, camat, on_the_24th, monkeypatch, django_capture_on_commit_callbacks
):
    plan(client, 1)
    with monkeypatch.context() as broken, django_capture_on_commit_callbacks(execute=True):
        broken.setattr(exports, "write_recap", lambda *args: 1 / 0)
        assert make_scheduled() == 1
    assert Export.objects.get().state == "gagal"
    page = client.get(reverse("reports:dashboard")).content.decode()
    assert "Rekap Oktober 2026 gagal dibuat" in page
    assert make_scheduled() == 0

    Export.objects.update(asked_at=timezone.now() - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert (make_scheduled(), make_scheduled()) == (1, 0)
    assert Export.objects.get().state == "siap"
    assert "Rekap Oktober 2026 sudah jadi" in client.get(reverse("reports:dashboard")).content.decode()


def test_a_day_on_which_no_worker_was_there_is_made_up_for(client, camat, monkeypatch):
    plan(client, 28)
    first = months_after(timezone.localdate().replace(day=1), 2)
    monkeypatch.setattr(operations, "local_today", lambda code: first)

    assert make_scheduled() == 1

    assert Export.objects.get().month == months_after(first, -2)


def test_the_recap_of_another_person_area_or_month_stands_in_nobodys_way(camat):
    plans = [
        RecapPlan.objects.create(id=uuid7(), user=user, day=1)
        for user in (camat, UserFactory(koordinator=True))
    ]
    october, september = date(2026, 10, 1), date(2026, 9, 1)

    made = [ask_recap(plan, month) for plan in plans for month in (october, september)]

    assert [(export.user, export.month) for export in made] == [
        (plan.user, month) for plan in plans for month in (october, september)
    ]
    assert [ask_recap(plan, october) for plan in plans] == [None, None]
    Export.objects.filter(pk=made[0].pk).update(
        state="gagal", asked_at=timezone.now() - timedelta(days=1), restarts=3
    )
    again = ask_recap(plans[0], october)
    assert (again.pk, again.state, again.restarts) == (made[0].pk, "menunggu", 0)
    assert ask_recap(plans[1], october) is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"duty": "pendamping", "wilayah_id": "3273161002"}])
def test_nothing_makes_itself_for_who_is_no_koordinator_any_more(change, client, camat, on_the_24th):
    plan(client, 1)
    type(camat).objects.filter(pk=camat.pk).update(**change)

    assert make_scheduled() == 0
