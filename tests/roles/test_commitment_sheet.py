"""The list of a place and quarter out of the house, and the file of a school in again."""

import csv
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from entries.models import AccessLog
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from roles.commitments.people import place_key
from roles.commitments.school_form import read_school_form
from roles.commitments.sheet import HEAD, quarter_of, quarter_sheet
from roles.models import Commitment, SchoolFile
from roles.views.commitment_sheet import NUMBERS_A_DAY
from tests.commitments import make_commitment
from tests.factories import HouseholdFactory, MemberComponentFactory, MemberFactory, UserFactory, nik
from wilayah.clock import local_today

pytestmark = pytest.mark.django_db
SCHOOL, BORN = 'SDN =Kebon; "Jayanti"', date(2016, 5, 1)


@pytest.fixture
def first():
    """The first month of a quarter that is over."""
    return quarter_of(months_after(local_today("3273").replace(day=1), -3))


@pytest.fixture
def ani(client, first):
    """A pendamping with two pupils: one with all three months, one with a percent alone and two months unknown."""
    user = UserFactory()
    family = HouseholdFactory(pendamping=user, pengurus__nik=nik(90))
    rina = MemberFactory(household=family, name="Rina", birth_date=BORN, nik=nik(91, born=BORN))
    tono = MemberFactory(household=family, name="=Tono", birth_date=BORN, nisn="0012345678")
    for child in (rina, tono):
        MemberComponentFactory(member=child, place=SCHOOL)
    for turn, absent in enumerate((4, 0, 3)):
        percent = 100 - 5 * absent
        said = {"absent": absent, "percent": percent, "state": "belum" if percent < 85 else "terpenuhi"}
        make_commitment(rina, month=months_after(first, turn), place=SCHOOL, **said)
    nothing = dict.fromkeys(("effective_days", "absent", "leave", "ill"))
    make_commitment(tono, month=first, place=SCHOOL, **nothing, percent="84.61")
    client.force_login(user)
    return user


def address(name, month, category="pendidikan", place=SCHOOL):
    return reverse(f"roles:{name}", args=[category, f"{month:%Y-%m}", place_key(place)])


def stored():
    rows = Commitment.objects.order_by("member", "month")
    return list(rows.values_list("member", "month", "kind", "state", *Commitment.SAID))


def test_what_goes_out_comes_in_again_as_it_was(client, ani, first):
    answer = client.post(address("commitment_sheet", first), {"numbers": "on", "reason": "Diminta sekolah"})
    text = answer.content.decode()
    before = stored()
    Commitment.objects.all().delete()

    upload = SimpleUploadedFile("kembali.csv", text.encode())
    said = {
        "op_id": str(uuid7()),
        "file": upload,
        "stage": f"T{(first.month + 2) // 3}",
        "year": str(first.year),
    }
    sent = client.post(reverse("roles:school_file_list"), said)
    assert sent.status_code == 302, sent.context["form"].errors
    file = SchoolFile.objects.get()
    assert file.school == SCHOOL
    client.post(reverse("roles:school_file_store", args=[file.pk]), {"op_id": str(uuid7())})

    assert stored() == before
    assert len(before) == 4


def test_the_file_has_the_25_columns_and_no_formula(client, ani, first):
    text = client.post(address("commitment_sheet", first), {}).content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=";"))
    assert rows[4] == HEAD and len(HEAD) == 25
    assert {len(row) for row in rows[4:]} == {25}
    assert "'=Tono" in rows[6]
    form = read_school_form(enumerate(rows, 1))
    assert [pupil.nik for pupil in form.pupils] == ["", ""]  # asked for without
    assert form.effective == [20, 20, 20]
    assert [pupil.faults for pupil in form.pupils] == [(), ()]


def test_niks_leave_with_a_reason_only_and_each_family_is_kept_in_the_trail(client, ani, first):
    url = address("commitment_sheet", first)
    refused = client.post(url, {"numbers": "on"})
    assert "Tulis mengapa NIK lengkap diperlukan." in refused.content.decode()
    number = nik(91, born=BORN)
    assert number not in client.post(url, {}).content.decode()
    assert number in client.post(url, {"numbers": "on", "reason": "Diminta sekolah"}).content.decode()

    kept = AccessLog.objects.filter(action="reveal")
    assert [(row.fields, row.reason) for row in kept] == [(["nik"], "Diminta sekolah")]
    assert AccessLog.objects.filter(action="export", route="roles:commitment_sheet").count() == 2
    AccessLog.objects.bulk_create(
        AccessLog(user=ani, action="reveal", route="roles:commitment_sheet") for _ in range(NUMBERS_A_DAY)
    )
    assert "Coba lagi besok" in client.post(url, {"numbers": "on", "reason": "Lagi"}).content.decode()


@pytest.mark.parametrize("query", ["", "?isi=terisi"])
def test_the_paper_is_blank_or_filled_and_shows_no_whole_number(client, ani, first, query):
    answer = client.get(address("commitment_pdf", first) + query)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert AccessLog.objects.filter(action="export", route="roles:commitment_pdf").count() == 1


def test_a_posyandu_has_a_paper_and_no_school_file(client, ani, first):
    child = MemberFactory(household=ani.households.get(), birth_date=months_after(first, -6))
    MemberComponentFactory(member=child, component_id="anak_usia_dini", place="Posyandu Melati")
    said = {"category": "kesehatan", "place": "Posyandu Melati"}
    assert client.get(address("commitment_pdf", first, **said)).content.startswith(b"%PDF")
    page = client.get(address("commitment_sheet", first, **said)).content.decode()
    assert "CSV" not in page
    assert client.post(address("commitment_sheet", first, **said), {})["Content-Type"].startswith("text/html")


def test_a_stranger_finds_no_sheet(client, ani, first):
    client.force_login(UserFactory())
    for name in ("commitment_sheet", "commitment_pdf"):
        assert client.get(address(name, first)).status_code == 404


def test_a_sheet_asks_a_fixed_number_of_questions(ani, first, django_assert_max_num_queries):
    family = ani.households.get()
    for turn in range(20):
        MemberComponentFactory(member=MemberFactory(household=family, name=f"Anak {turn}"), place=SCHOOL)
    with django_assert_max_num_queries(14):
        sheet = quarter_sheet(ani, "pendidikan", place_key(SCHOOL), first)
        assert len(sheet.lines) == 22
        assert {line.carer.name for line in sheet.lines} == {family.name}
