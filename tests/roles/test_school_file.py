"""A school's file of a quarter: matched, looked at, stored once, each row that can't be with its reason."""

import csv
import io
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from roles.models import Activity, Commitment, SchoolFile
from roles.operations.school_file import content_of, reseal_school_files
from tests.factories import HouseholdFactory, MemberComponentFactory, MemberFactory, UserFactory, nik
from tests.roles.test_school_form import HEAD

pytestmark = pytest.mark.django_db
URL = reverse("roles:school_file_list")
FIRST = date(2026, 4, 1)  # the quarter of the form
BORN = date(2016, 5, 1)


@pytest.fixture
def today(monkeypatch):
    day = date(2026, 7, 10)
    monkeypatch.setattr("roles.views.school_file.local_today", lambda _: day)
    return day


@pytest.fixture
def school(client, today):
    """Three pupils of one pendamping: one with a NIK, one with a NISN, one with neither; and one of a colleague."""
    ani = UserFactory()
    family = HouseholdFactory(pendamping=ani)
    numbers = {
        "Rina": {"nik": nik(41, born=BORN)},
        "Tono": {"nisn": "0012345678"},
        "Wati": {},
    }
    children = {}
    for name, number in numbers.items():
        children[name] = MemberFactory(household=family, name=name, birth_date=BORN, **number)
    children["Asing"] = MemberFactory(name="Asing", birth_date=BORN, nik=nik(42, born=BORN))
    for child in children.values():
        MemberComponentFactory(member=child)
    client.force_login(ani)
    return SimpleNamespace(ani=ani, children=children, family=family)


def row(number, nik_of, nisn, name, *months):
    marks = [cell for month in months for cell in month]
    marks += [""] * (15 - len(marks))
    return [str(number), "", "", nik_of, nisn, name, "SD", "4", *marks, "", "Dewi"]


GOOD = ("1", "0", "1", "2", "90")
LOW = ("4", "0", "1", "5", "75")
ALL = ("0", "0", "0", "0", "100")


def rows_of(school, *more):
    rina, tono = school.children["Rina"], school.children["Tono"]
    return [
        ["FORM VERIFIKASI KOMITMEN PENDIDIKAN"],
        ["NPSN:: 20219999"],
        ["Nama Sekolah::", "SDN Kebon Jayanti 1"],
        [*[""] * 8, "APRIL", *[""] * 4, "MEI", *[""] * 4, "JUNI"],
        HEAD.split(";"),
        ["Hari efektif", *[""] * 7, "20", *[""] * 4, "18", *[""] * 4, "20"],
        row(1, rina.nik.reveal(), "", "Rina", GOOD, ALL, LOW),
        row(2, "", tono.nisn, "Tono", ALL, ALL, ALL),
        *more,
    ]


def as_csv(rows, delimiter=";", name="sekolah.csv"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return SimpleUploadedFile(name, ("\ufeff" + text.getvalue()).encode())


def as_xlsx(rows):
    book, content = Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append(cells)
    book.save(content)
    return SimpleUploadedFile("sekolah.xlsx", content.getvalue())


def send(client, upload, *, stage="T2", year="2026"):
    return client.post(URL, {"op_id": str(uuid7()), "file": upload, "stage": stage, "year": year})


def store(client, file):
    return client.post(reverse("roles:school_file_store", args=[file.pk]), {"op_id": str(uuid7())})


def stored():
    return {
        (row.member.name, row.month.month): (float(row.percent), row.state)
        for row in Commitment.objects.select_related("member")
    }


WANTED = {
    ("Rina", 4): (90, "terpenuhi"),
    ("Rina", 5): (100, "terpenuhi"),
    ("Rina", 6): (75, "belum"),
    **{("Tono", month): (100, "terpenuhi") for month in (4, 5, 6)},
}


@pytest.mark.parametrize("make", [as_csv, as_xlsx, lambda rows: as_csv(rows, ",")])
def test_a_file_is_read_looked_at_and_stored(client, school, make):
    answer = send(client, make(rows_of(school)))
    assert answer.status_code == 302, answer.context["form"].errors
    file = SchoolFile.objects.get()
    assert (file.school, file.npsn, file.first_month) == ("SDN Kebon Jayanti 1", "20219999", FIRST)
    assert not Commitment.objects.exists()
    page = client.get(file.get_absolute_url()).content.decode()
    assert "Simpan kehadiran 2 anak" in page
    assert school.children["Rina"].nik.reveal() not in page

    assert store(client, file).status_code == 302
    assert stored() == WANTED
    file.refresh_from_db()
    assert file.outcome == {"baru": 6, "berubah": 0, "sama": 0, "belum": 1, "ditolak": 0}
    activity = Activity.objects.get()
    assert (activity.kind_id, activity.sub_role_id) == ("verifikasi", "TEK-1")
    assert activity.notes == "Verifikasi komitmen pendidikan April–Juni 2026 dari berkas sekolah."


def test_the_same_file_twice_changes_nothing(client, school):
    for _ in range(2):
        send(client, as_csv(rows_of(school)))
        store(client, SchoolFile.objects.order_by("-sent_at").first())
    events = Commitment.events.rel.related_model.objects
    assert events.count() == 6
    assert Activity.objects.count() == 1
    newest = SchoolFile.objects.order_by("-sent_at").first()
    assert newest.outcome == {"baru": 0, "berubah": 0, "sama": 6, "belum": 0, "ditolak": 0}
    assert "Semua yang cocok sudah tersimpan" in client.get(newest.get_absolute_url()).content.decode()


def test_a_corrected_file_changes_what_it_says_and_keeps_the_history(client, school):
    send(client, as_csv(rows_of(school)))
    store(client, SchoolFile.objects.get())
    rows = rows_of(school)
    rows[6] = row(1, school.children["Rina"].nik.reveal(), "", "Rina", GOOD, ALL, GOOD)
    send(client, as_csv(rows))
    newest = SchoolFile.objects.order_by("-sent_at").first()
    store(client, newest)

    assert stored()["Rina", 6] == (90, "terpenuhi")
    newest.refresh_from_db()
    assert (newest.outcome["berubah"], newest.outcome["sama"]) == (1, 5)
    june = Commitment.objects.get(month=date(2026, 6, 1), member=school.children["Rina"])
    assert [event.percent for event in june.events.order_by("pgh_id")] == [75, 90]


def test_each_row_that_cannot_be_stored_says_why_and_the_others_are(client, school):
    foreign = school.children["Asing"].nik.reveal()
    rina = school.children["Rina"].nik.reveal()
    more = [
        row(3, foreign, "", "Asing", GOOD),
        row(4, "3,27399E+15", "", "Rusak", GOOD),
        row(5, rina, "", "Rina", LOW),
        row(6, rina, school.children["Tono"].nisn, "Campur", LOW),
        row(7, "3273994107150009", "", "Kosong"),
    ]
    send(client, as_csv(rows_of(school, *more)))
    file = SchoolFile.objects.get()
    page = client.get(file.get_absolute_url()).content.decode()
    for words in (
        "Tidak ada anak dengan NIK atau NISN ini di keluarga dampingan Anda.",
        "rusak oleh program tabel",
        "Anak ini sudah ada di baris 7.",
        "milik dua anak yang berbeda",
    ):
        assert words in page, words
    store(client, file)
    assert stored() == WANTED
    file.refresh_from_db()
    assert file.outcome["ditolak"] == 5

    # Mended at home, the same file takes the rest.
    school.children["Wati"].nik = "3273994107150009"
    school.children["Wati"].save()
    assert "Tidak ada isi untuk ketiga bulan." in client.get(file.get_absolute_url()).content.decode()


def test_a_number_that_two_members_have_is_nobodys(client, school):
    twin = MemberFactory(household=school.family, nisn="0012345678", birth_date=BORN)
    MemberComponentFactory(member=twin)
    send(client, as_csv(rows_of(school)))
    file = SchoolFile.objects.get()
    assert "Nomor ini tercatat pada dua anggota." in client.get(file.get_absolute_url()).content.decode()
    store(client, file)
    assert {name for name, _ in stored()} == {"Rina"}


def test_a_nik_that_a_workbook_kept_as_a_number_is_refused_and_a_nisn_gets_its_zeros_back(client, school):
    rows = rows_of(school)
    rows[6][3] = int(rows[6][3])
    rows[7][4] = int(rows[7][4])
    rows[7][12] = 1.0  # a percent as Excel keeps it
    send(client, as_xlsx(rows))
    file = SchoolFile.objects.get()
    assert "rusak oleh program tabel" in client.get(file.get_absolute_url()).content.decode()
    store(client, file)
    assert {name for name, _ in stored()} == {"Tono"}


def test_without_school_days_the_percent_of_the_school_counts(client, school):
    rows = rows_of(school)
    rows[5] = ["Hari efektif"]
    send(client, as_csv(rows))
    store(client, SchoolFile.objects.get())
    assert stored() == WANTED
    assert set(Commitment.objects.values_list("effective_days", flat=True)) == {None}


def test_months_to_come_and_pupils_no_more_are_told(client, school, monkeypatch):
    monkeypatch.setattr("roles.views.school_file.local_today", lambda _: date(2026, 5, 20))
    tono = school.children["Tono"]
    tono.components.update(to_on=date(2026, 5, 1))
    send(client, as_csv(rows_of(school)))
    file = SchoolFile.objects.get()
    page = " ".join(client.get(file.get_absolute_url()).content.decode().split())
    assert "Jun: bulan ini belum berjalan" in page
    assert "Mei: bukan komponen pendidikan" in page
    store(client, file)
    assert stored().keys() == {("Rina", 4), ("Rina", 5), ("Tono", 4)}


@pytest.mark.parametrize(
    ("rows", "said", "words"),
    [
        ([["Daftar hadir"], ["Nama"]], {}, "Ini bukan formulir verifikasi komitmen"),
        (None, {"stage": "T3"}, "Berkas ini untuk April, Mei, Juni. Pilih triwulan yang sama."),
        (None, {"year": "2019"}, "Pilih tahun dari daftar."),
    ],
)
def test_what_is_wrong_with_a_file_is_said_beside_it(client, school, rows, said, words):
    answer = send(client, as_csv(rows or rows_of(school)), **said)
    assert words in answer.content.decode()
    assert not SchoolFile.objects.exists()


def test_a_file_too_large_or_of_another_kind_is_refused(client, school):
    large = SimpleUploadedFile("besar.csv", b"a;b\n" * 300_000)
    assert "paling besar 1 MB" in send(client, large).content.decode()
    odd = SimpleUploadedFile("gambar.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    assert send(client, odd).status_code == 200
    assert not SchoolFile.objects.exists()


def test_a_file_is_its_senders_alone_and_rests_sealed(client, school):
    send(client, as_csv(rows_of(school)))
    file = SchoolFile.objects.get()
    number = school.children["Rina"].nik.reveal()
    assert number.encode() not in bytes(file.content)
    assert content_of(file)["pupils"][0]["nik"] == number
    assert reseal_school_files() == (1, 0)
    for stranger in (UserFactory(), UserFactory(koordinator=True)):
        client.force_login(stranger)
        assert client.get(file.get_absolute_url()).status_code == 404
        assert store(client, file).status_code == 404


def test_a_koordinator_stores_for_families_of_the_area_and_logs_no_activity(client, school):
    client.force_login(UserFactory(koordinator=True))
    send(client, as_csv(rows_of(school)))
    store(client, SchoolFile.objects.get())
    assert stored() == WANTED
    assert set(Commitment.objects.values_list("pendamping", flat=True)) == {school.ani.pk}
    assert not Activity.objects.exists()


def test_what_stood_in_a_file_is_forgotten_after_thirty_days(client, school):
    send(client, as_csv(rows_of(school)))
    SchoolFile.objects.update(sent_at=timezone.now() - timedelta(days=31))
    send(client, as_csv(rows_of(school)))
    old = SchoolFile.objects.order_by("sent_at").first()
    assert bytes(old.content) == b""
    assert "sudah dihapus" in client.get(old.get_absolute_url()).content.decode()


def test_questions_do_not_grow_with_the_file(client, school, django_assert_max_num_queries):
    more = []
    for turn in range(40):
        child = MemberFactory(household=school.family, birth_date=BORN, nik=nik(100 + turn, born=BORN))
        MemberComponentFactory(member=child)
        more.append(row(turn, child.nik.reveal(), "", child.name, GOOD, ALL, ALL))
    send(client, as_csv(rows_of(school, *more)))
    file = SchoolFile.objects.get()
    client.get(file.get_absolute_url())
    with django_assert_max_num_queries(14):
        client.get(file.get_absolute_url())
    with django_assert_max_num_queries(45):
        store(client, file)
    assert Commitment.objects.count() == 126
    assert months_after(FIRST, 2) == date(2026, 6, 1)
