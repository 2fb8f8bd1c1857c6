"""Files of lists: what stands in them, for whom, and what is kept of it."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from entries.models import AccessLog, Receipt
from reports.figures import FIGURES
from reports.files.lists import LISTS
from reports.files.operations import export as operations
from reports.files.operations.export import sweep_exports
from reports.models import Export
from tests.canaries import make_family
from tests.exports import PURPOSE, ask, ask_and_take, lines_of, rows_of, take
from tests.factories import (
    KIARACONDONG,
    SUKAPURA,
    ActivityFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    nik,
)
from tests.queries import count_queries
from tests.test_access import SCOPE, world  # noqa: F401  a fixture


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sri(client, db):
    user = UserFactory(username="sri", name="Sri Wahyuni")
    client.force_login(user)
    return user


@pytest.fixture
def rina(db):
    return UserFactory(koordinator=True, username="rina", name="Rina")


WHATS = [*LISTS, *(f"angka/{slug}" for slug in FIGURES)]


@pytest.mark.parametrize(
    ("who", "form"), [("pendamping", "xlsx"), ("koordinator", "csv"), ("koordinator_jauh", "xlsx")]
)
def test_no_file_holds_a_word_from_outside_the_scope(who, form, client, world, monkeypatch):  # noqa: F811
    monkeypatch.setattr(operations, "A_DAY", 1000)
    client.force_login(world["users"][who])
    seen = set()
    for what in WHATS:
        page = client.get(f"{reverse('reports:export_create')}?daftar={what}")
        every = [key for key, _ in page.context["form"].fields["columns"].choices]
        data, _ = ask_and_take(client, what, format=form, columns=every)
        if form == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(data))
            data = "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row).encode()
        found = {owner.decode() for owner in re.findall(rb"KENARI-(\w+?)-", data)}
        assert found <= SCOPE[who], what
        seen |= found
    assert seen == SCOPE[who]


@pytest.mark.parametrize("who", ["kelurahan", "admin"])
def test_others_have_no_export(who, client, world):  # noqa: F811
    client.force_login(world["users"][who])
    url = f"{reverse('reports:export_create')}?daftar=kpm"

    for answer in (client.get(url), client.post(url, {"purpose": "x"}), client.get("/ekspor/")):
        assert answer.status_code == 404
    assert not Export.objects.filter(user=world["users"][who]).exists()


def test_a_file_holds_the_families_that_the_filtered_list_shows(client, sri):
    near = HouseholdFactory(pendamping=sri, name="Aas Rohaeti", rw=5)
    HouseholdFactory(pendamping=sri, rw=6)
    HouseholdFactory(rw=5)

    data, export = ask_and_take(client, "kpm", "rw=5&q=aas&halaman=2")

    assert [row["Nomor KPM"] for row in rows_of(data)] == [near.case_number]
    assert export.query == "q=aas&rw=5"
    about = {row["Keterangan"]: row["Isi"] for row in rows_of(data, "Keterangan")}
    assert about["Saringan"] == "Cari: aas; RW: 5; Status: Didampingi"
    assert about["Diminta oleh"].startswith("Sri Wahyuni (sri), pendamping")
    assert (about["Keperluan"], about["Jumlah baris"]) == (PURPOSE, "1")


def test_columns_are_those_chosen_in_the_order_of_the_list_with_their_types(client, sri):
    family = HouseholdFactory(pendamping=sri, rw=5)
    day = timezone.localdate() - timedelta(days=3)
    ActivityFactory(pendamping=sri, families=[family], occurred_on=day)

    data, _ = ask_and_take(client, "kpm", columns=["kunjungan", "rw", "kpm"])

    (row,) = rows_of(data)
    assert list(row) == ["Nomor KPM", "RW", "Kunjungan terakhir"]
    assert (row["RW"], row["Kunjungan terakhir"].date()) == (5, day)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[1]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C2")
    assert "sri" in sheet.oddFooter.left.text and PURPOSE in sheet.oddFooter.left.text


def test_a_period_narrows_activities(client, sri):
    today = timezone.localdate()
    for days in (0, 10, 20):
        ActivityFactory(pendamping=sri, occurred_on=today - timedelta(days=days))
    begin, end = today - timedelta(days=12), today - timedelta(days=5)

    data, _ = ask_and_take(client, "kegiatan", f"dari={begin}&sampai={end}")

    assert [row["Tanggal"].date() for row in rows_of(data)] == [today - timedelta(days=10)]


@pytest.mark.parametrize("slug", FIGURES)
def test_the_file_of_a_figure_has_as_many_rows_as_the_figure_counts(slug, client, busy_town, monkeypatch):
    town = busy_town
    for user in (town.users.ani, town.users.camat):
        client.force_login(user)
        page = client.get(reverse("reports:figure_rows", args=[slug]))
        data, _ = ask_and_take(client, f"angka/{slug}", format="csv")

        figure, lens = FIGURES[slug], page.context["lens"]
        number = figure.rows(lens).count() if figure.median_of else page.context["value"]
        assert len(lines_of(data)) - 2 == number


def test_the_file_of_a_figure_is_narrowed_as_its_page_is(client, busy_town):
    client.force_login(busy_town.users.ani)
    for slug, query, rows in (
        ("tingkat-2", "indikator=B2", 2),
        ("perlu-dibantu", "", 2),
        ("kegiatan", "sub_peran=REP-1", 2),
    ):
        data, _ = ask_and_take(client, f"angka/{slug}", query, format="csv")
        shown = client.get(f"{reverse('reports:figure_rows', args=[slug])}?{query}").context["rows"]
        assert len(lines_of(data)) - 2 == len(shown) == rows, slug


def test_an_empty_list_gives_a_file_with_its_headings(client, sri):
    data, export = ask_and_take(client, "tujuan")

    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[1]
    assert "Yang ingin diubah" in [cell.value for cell in sheet[1]] and rows_of(data) == []
    assert export.rows_total == 0


def test_csv_is_what_excel_in_indonesia_opens(client, sri):
    HouseholdFactory(pendamping=sri, name='Ibu "Nia"; Sari', address="=HYPERLINK(1)")

    data, _ = ask_and_take(client, "kpm", format="csv", columns=["nama", "alamat"])

    assert data.startswith(b"\xef\xbb\xbf")
    mark, head, row = lines_of(data)
    assert "Sri Wahyuni (sri)" in mark[0] and PURPOSE in mark[0]
    assert head == ["Nama pengurus", "Alamat"]
    assert row == ['Ibu "Nia"; Sari', "'=HYPERLINK(1)"]


# --- identity numbers ----------------------------------------------------------------------------------------------


@pytest.fixture
def numbered(rina):
    """A family of the area with a No KK and a NIK of its pengurus."""
    family = HouseholdFactory(pengurus__nik=nik(7))
    MemberFactory(household=family, nik=nik(8))
    return family


NUMBERS = {"columns": ["kpm", "no_kk", "nik"]}


def test_identity_numbers_are_masked(client, rina, numbered):
    client.force_login(rina)

    data, _ = ask_and_take(client, "kpm", **NUMBERS)

    assert rows_of(data) == [
        {
            "Nomor KPM": numbered.case_number,
            "No KK": "3273 •••• •••• ••••",
            "NIK pengurus": "3273 •••• •••• ••••",
        }
    ]
    assert not AccessLog.objects.filter(action="reveal").exists()


def test_a_koordinator_takes_full_numbers_with_a_reason_and_each_family_is_kept(client, rina, numbered):
    client.force_login(rina)

    data, _ = ask_and_take(client, "kpm", numbers="on", numbers_reason="Padanan data", **NUMBERS)

    (row,) = rows_of(data)
    assert row["No KK"].replace(" ", "") == numbered.no_kk.reveal()
    assert row["NIK pengurus"].replace(" ", "") == nik(7)
    kept = AccessLog.objects.get(action="reveal")
    assert (kept.user, kept.subject, kept.fields) == (rina, numbered.case_number, ["no_kk", "nik"])
    assert kept.reason == "Padanan data"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"numbers_reason": ""}, "Tulis mengapa nomor lengkap diperlukan."),
        ({"columns": ["kpm"]}, "Pilih juga kolom No KK atau NIK pengurus."),
    ],
)
def test_full_numbers_ask_for_a_reason_and_a_column(sent, words, client, rina, numbered):
    client.force_login(rina)

    answer = ask(client, "kpm", **NUMBERS | {"numbers": "on", "numbers_reason": "Padanan"} | sent)

    assert answer.status_code == 200 and words in answer.content.decode()
    assert not Export.objects.exists()


def test_full_numbers_are_for_short_lists(client, rina, numbered, monkeypatch):
    monkeypatch.setattr(operations, "SMALL", 0)
    client.force_login(rina)

    answer = ask(client, "kpm", numbers="on", numbers_reason="Padanan", **NUMBERS)

    assert answer.status_code == 200 and "Nomor lengkap paling banyak" in answer.content.decode()


def test_a_pendamping_gets_masks_whatever_the_form_says(client, sri):
    family = HouseholdFactory(pendamping=sri)

    data, _ = ask_and_take(client, "kpm", numbers="on", numbers_reason="Mau", columns=["no_kk"])

    assert rows_of(data) == [{"No KK": "3273 •••• •••• ••••"}]
    assert family.no_kk.reveal() not in str(rows_of(data))


# --- purpose, trail, once, 24 hours --------------------------------------------------------------------------------


def test_a_purpose_is_asked_and_what_was_chosen_stays(client, sri):
    answer = ask(client, "kpm", purpose=" ", columns=["kpm", "rt"], format="csv")

    assert answer.status_code == 200
    assert "Tulis untuk apa berkas ini dipakai." in answer.content.decode()
    form = answer.context["form"]
    assert (form["columns"].value(), form["format"].value()) == (["kpm", "rt"], "csv")
    assert not Export.objects.exists()


def test_asking_and_taking_are_kept_in_the_trail(client, sri):
    HouseholdFactory(pendamping=sri)
    _, export = ask_and_take(client, "kpm", columns=["kpm", "nama"])

    asked, taken = AccessLog.objects.filter(action="export").order_by("pk")
    assert (asked.user, asked.subject, asked.fields) == (sri, f"ekspor {export.code}", ["kpm", "kpm", "nama"])
    assert (taken.route, taken.fields) == ("reports:export_take", ["unduh", "1 baris"])
    assert asked.reason == taken.reason == PURPOSE


def test_a_file_is_taken_again_until_its_asker_says_that_it_is_safe(
    client, sri, django_capture_on_commit_callbacks
):
    ask(client, "kpm")
    export = Export.objects.get()
    name = export.file.name
    answer = client.post(reverse("reports:export_take", args=[export.pk]))
    assert re.fullmatch(
        rf'attachment; filename="langkah-kpm-kebon-jayanti-\d{{8}}-\d{{4}}-sri-{export.code}\.xlsx"',
        answer["Content-Disposition"],
    )
    whole = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(whole))
    assert "Unduh lagi" in client.get(export.get_absolute_url()).content.decode()
    assert take(client, export) == whole
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(reverse("reports:export_cancel", args=[export.pk]), follow=True).content.decode()
    assert "Berkas dihapus dari server." in page and "Sudah diunduh" in page
    assert not default_storage.exists(name)

    again = client.post(reverse("reports:export_take", args=[export.pk]), follow=True)

    assert "Berkas ini sudah tidak ada." in again.content.decode()
    kept = AccessLog.objects.filter(route="reports:export_take").order_by("pk")
    assert [one.fields for one in kept] == [["unduh", "0 baris"], ["unduh", "lagi", "0 baris"]]


def test_looking_at_a_file_changes_nothing(client, sri):
    ask(client, "kpm")
    export = Export.objects.get()

    client.get(export.get_absolute_url())
    for name in ("take", "cancel"):
        url = reverse(f"reports:export_{name}", args=[export.pk])
        assert client.get(url).url == export.get_absolute_url()

    export.refresh_from_db()
    assert export.state == "siap" and default_storage.exists(export.file.name)


def test_a_file_of_somebody_else_is_not_there(client, sri):
    ask(client, "kpm")
    export = Export.objects.get()
    client.force_login(UserFactory())

    for name, method in (("detail", "get"), ("take", "post"), ("cancel", "post")):
        url = reverse(f"reports:export_{name}", args=[export.pk])
        assert getattr(client, method)(url).status_code == 404
    assert export.code not in client.get("/ekspor/").content.decode()


def test_a_file_stays_behind_when_its_asker_moves_to_another_area(client, sri):
    ask(client, "kpm")
    export = Export.objects.get()
    sri.wilayah_id = SUKAPURA
    sri.save(update_fields=["wilayah"])

    assert client.post(reverse("reports:export_take", args=[export.pk])).status_code == 404


def test_after_24_hours_a_file_can_not_be_taken_and_the_sweep_removes_it(
    client, sri, django_capture_on_commit_callbacks
):
    ask(client, "kpm")
    export = Export.objects.get()
    name = export.file.name
    assert timedelta(hours=23) < export.expires_at - timezone.now() <= timedelta(hours=24)
    assert sweep_exports(timezone.now()) == 0
    Export.objects.update(expires_at=timezone.now())

    client.post(reverse("reports:export_take", args=[export.pk]))
    assert "Sudah lewat waktunya" in client.get(export.get_absolute_url()).content.decode()
    assert default_storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_exports(timezone.now()) == 1
    export.refresh_from_db()
    assert (export.state, export.file.name) == ("kedaluwarsa", "")
    assert not default_storage.exists(name)


def test_the_same_form_twice_is_one_file_and_more_than_a_day_s_are_refused(client, sri, monkeypatch):
    url = f"{reverse('reports:export_create')}?daftar=kpm"
    sent = {
        "op_id": "01990000-0000-7000-8000-000000000001",
        "purpose": "Rapat",
        "format": "csv",
        "columns": ["kpm"],
    }
    assert client.post(url, sent).url == client.post(url, sent).url
    assert Export.objects.count() == 1

    monkeypatch.setattr(operations, "A_DAY", 1)
    answer = client.post(url, sent | {"op_id": "01990000-0000-7000-8000-000000000002"})
    assert answer.status_code == 200 and "Sudah 1 berkas diminta hari ini" in answer.content.decode()


def test_a_file_that_is_under_way_is_the_one_that_a_second_asking_leads_to(client, sri):
    url = f"{reverse('reports:export_create')}?daftar=kpm"
    sent = {"purpose": "Rapat", "format": "csv", "columns": ["kpm"]}
    first = client.post(url, sent | {"op_id": "01990000-0000-7000-8000-000000000001"}).url
    Export.objects.update(state="dibuat", file="")

    again = client.post(url, sent | {"op_id": "01990000-0000-7000-8000-000000000002"}).url

    assert again == first and client.get(again).status_code == 200
    assert set(Receipt.objects.values_list("object_id", flat=True)) == {Export.objects.get().pk}


def test_an_unknown_list_is_not_there(client, sri):
    for what in ("rahasia", "angka/rahasia", "angka/"):
        assert client.get(f"{reverse('reports:export_create')}?daftar={what}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "wilayah=1",
        "wilayah=3273999999",
        "bulan=2026-99",
        "bulan=0001-01",
        "bulan=9999-12",
        "rw=x",
        "pendamping=x",
    ],
)
def test_an_odd_address_of_a_figure_is_no_error(query, client, rina):
    client.force_login(rina)

    answer = client.get(f"{reverse('reports:export_create')}?daftar=angka/kegiatan&{query}")

    assert answer.status_code in {200, 404}


def test_pages_ask_little_of_the_database(client, sri):
    for _ in range(3):
        ask(client, "kpm")
    with count_queries() as queries:
        client.get("/ekspor/")
    assert len(queries) == 1, queries
    url = Export.objects.first().get_absolute_url()
    with count_queries() as queries:
        client.get(url)
    assert len(queries) == 1, queries


def test_the_cost_of_a_file_does_not_grow_with_its_rows(client, rina):
    client.force_login(rina)
    family = HouseholdFactory()
    counts = []
    for _ in range(2):
        with count_queries() as queries:
            ask(client, "kpm")
        counts.append(len(queries))
        for _ in range(5):
            HouseholdFactory(pendamping=family.pendamping, wilayah_id=f"{KIARACONDONG}1001")
    assert counts[0] == counts[1]


def test_a_family_handed_over_leaves_the_former_holder_its_number_only(client, sri):
    thing = make_family("serahan", sri)
    family = thing["family"]
    family.pendamping = UserFactory()
    family.save(update_fields=["pendamping"])

    data, _ = ask_and_take(client, "angka/kunjungan", format="csv")

    text = data.decode()
    assert family.case_number in text and "KENARI" not in text
