"""The pages of the SIKS-NG desk: a file sent, rows decided in bulk and alone, the list to be typed, and who may see it."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from entries.models import AccessLog, Receipt
from kpm.operations import change_household
from kpm.payments import term_of
from pkh_casework.ids import uuid7
from roster.models import Batch, Difference, ToType
from tests.factories import SUKAPURA, UserFactory
from tests.queries import count_queries
from wilayah.clock import local_today

from .test_batch import family, no_kk, table
from .test_siks import compared, here, reason, same_rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_kept")]
LIST = "/siks-ng/"
State = Difference.State


def ticked(*rows, **said):
    return {"op_id": str(uuid7()), "rows": [f"{row.pk}.{row.mark}" for row in rows], **said}


def test_a_file_is_sent_and_its_differences_are_listed(client, office):
    client.force_login(office)
    term = term_of(local_today())
    upload = SimpleUploadedFile("siks.csv", table(*same_rows()[:4]))
    sent = {"op_id": str(uuid7()), "term": term.key, "area": office.wilayah_id, "file": upload}
    answer = client.post(f"{LIST}baru/", sent)
    batch = Batch.objects.filter(siks__isnull=False).get()
    assert answer.url == batch.get_absolute_url()
    assert "Sudah dibandingkan" in client.get(answer.url).content.decode()
    page = client.get(f"{LIST}?jenis=keluar").content.decode()
    assert "Nining" in page and "tidak ada" in page
    # It is no file of the list of KPM, whose families are taken in at once.
    assert batch.code not in client.get(reverse("roster:batch_list")).content.decode()


def test_rows_are_decided_in_bulk_and_what_failed_is_told(client, office):
    compared(office, *same_rows()[:3])
    client.force_login(office)
    rows = list(Difference.objects.filter(kind="keluar").order_by("name"))
    answer = client.post(f"{LIST}?jenis=keluar", ticked(*rows, decision="diterima", on="2026-11-18"))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Pilih alasannya" in page
    assert page.count(" checked") == 2  # what was ticked stays ticked
    sent = ticked(*rows, decision="diterima", on=local_today(), reason=reason("nonaktif").pk)
    for _ in range(2):  # a resend changes nothing
        assert client.post(f"{LIST}?jenis=keluar", sent).status_code == 302
    assert {here(2).status, here(3).status} == {"nonaktif"}
    assert Receipt.objects.filter(kind="roster.siks").count() == 1


def test_all_of_a_kind_are_decided_with_one_tick(client, office):
    compared(office, *same_rows()[:3])
    client.force_login(office)
    sent = ticked(all_rows="on", decision="ditolak", note="Masih layak")
    assert client.post(f"{LIST}?jenis=keluar", sent).status_code == 302
    assert set(Difference.objects.filter(kind="keluar").values_list("state", flat=True)) == {"ditolak"}
    assert ToType.objects.waiting().count() == 2
    page = client.get(f"{LIST}?jenis=keluar&keadaan=ditolak").content.decode()
    assert "Masih layak" in page


def test_nothing_ticked_and_no_note_are_told(client, office):
    compared(office, *same_rows()[:3])
    client.force_login(office)
    page = client.post(f"{LIST}?jenis=keluar", ticked(decision="ditunda")).content.decode()
    assert "Tulis sebabnya" in page
    page = client.post(f"{LIST}?jenis=keluar", ticked(decision="ditunda", note="Nanti")).content.decode()
    assert "Centang barisnya dulu" in page


def test_a_row_that_changed_since_it_was_seen_is_not_taken(client, office):
    rows = same_rows()
    rows[4] = family(3, "Nining", RT="007")
    compared(office, *rows)
    row = Difference.objects.get(household=here(3))
    client.force_login(office)
    address = row.get_absolute_url()
    sent = {"op_id": str(uuid7()), "seen": row.mark, "decision": "diterima"}
    change_household(here(3), by=office, op_id=uuid7(), today=local_today(), rt=8)
    page = client.post(address, sent).content.decode()
    assert "Berubah sejak Anda melihatnya" in page
    assert here(3).rt == 8
    row.refresh_from_db()
    assert client.post(address, {**sent, "op_id": str(uuid7()), "seen": row.mark}).status_code == 302
    assert here(3).rt == 7


def test_a_family_with_twins_is_joined_to_the_one_it_is(client, office):
    rows = [*same_rows()[:4], family(33, "Nining S", NIK="")]
    compared(office, *rows)
    row = Difference.objects.get(kind="masuk")
    client.force_login(office)
    third = here(3)
    page = client.get(row.get_absolute_url()).content.decode()
    assert f"Ini keluarga {third.case_number}" in page
    sent = {"op_id": str(uuid7()), "seen": row.mark, "decision": "diterima", "joined": third.case_number}
    assert client.post(row.get_absolute_url(), sent).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.household) == (State.TAKEN, third)
    assert Difference.objects.filter(household=third, kind="no_kk", state="terbuka").exists()
    assert here(3) == third  # its number is another decision


def test_who_looks_after_a_wider_area_sees_the_rows_and_not_the_file(client, office):
    batch = compared(office, *same_rows()[:4])
    client.force_login(UserFactory(duty="koordinator", wilayah_id="3273"))
    page = client.get(f"{LIST}?jenis=keluar").content.decode()
    assert "Nining" in page and "Berkas kantor lain" in page
    assert batch.get_absolute_url() not in page


def test_numbers_are_masked_everywhere(client, office):
    rows = [family(1, "Siti Aminah", **{"No KK": no_kk(21)}), *same_rows()[3:]]
    compared(office, *rows)
    client.force_login(office)
    row = Difference.objects.get(kind="no_kk")
    for address in (f"{LIST}?jenis=no_kk", row.get_absolute_url()):
        page = client.get(address).content.decode()
        assert page.count("3273 •••• •••• ••••") >= 2
        assert no_kk(1) not in page and no_kk(21) not in page


@pytest.fixture
def changed(office, rina):
    compared(office, *same_rows())
    change_household(here(1), by=rina, op_id=uuid7(), today=local_today(), address="Gang Baru 9")
    return here(1)


def test_what_changed_is_listed_ticked_off_and_taken_back(client, office, changed):
    client.force_login(office)
    page = client.get(f"{LIST}ketik/").content.decode()
    assert "Gang Baru 9" in page and "Alamat baru" in page
    row = ToType.objects.get()
    address = f"{LIST}ketik/{row.pk}/"
    page = client.post(address, {"op_id": str(uuid7()), "on": "2031-01-01"}).content.decode()
    assert "masa depan" in page and "2031-01-01" in page
    answer = client.post(f"{address}?jenis=pindah", {"op_id": str(uuid7()), "on": str(local_today())})
    assert answer.url == f"{LIST}ketik/?keadaan=menunggu&jenis=pindah&kel="
    page = client.get(f"{LIST}ketik/?keadaan=diketik").content.decode()
    assert office.name in page and "Batalkan" in page
    client.post(f"{address}batal/", {"op_id": str(uuid7())})
    assert ToType.objects.get().state == "menunggu"


def test_the_list_goes_out_as_paper_and_sheet(client, office, changed):
    client.force_login(office)
    client.get(f"{LIST}ketik/")
    assert client.get(f"{LIST}ketik/cetak/").content[:5] == b"%PDF-"
    answer = client.get(f"{LIST}ketik/lembar/")
    cells = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).active.rows]
    assert cells[1][0] == changed.case_number and "Gang Baru 9" in cells[1][5]
    text = client.get(f"{LIST}ketik/lembar/?bentuk=csv").content.decode("utf-8-sig")
    assert changed.case_number in text and not re.search(r"\d{16}", text)
    assert AccessLog.objects.filter(action=AccessLog.Action.EXPORT).count() == 3


def test_a_pendamping_reads_the_list_of_the_own_families_only(client, office, rina, changed):
    client.force_login(office)
    client.get(f"{LIST}ketik/")
    row = ToType.objects.get()
    client.force_login(rina)
    page = client.get(f"{LIST}ketik/").content.decode()
    assert "Gang Baru 9" in page and "Sudah diketik, " not in page
    assert client.get(LIST).status_code == 404
    assert client.post(f"{LIST}ketik/{row.pk}/", {"on": str(local_today())}).status_code == 404
    client.force_login(UserFactory(wilayah_id=SUKAPURA))
    assert "Gang Baru 9" not in client.get(f"{LIST}ketik/").content.decode()


def test_others_see_nothing_of_the_desk(client, office, changed):
    row = Difference.objects.create(
        batch=Batch.objects.filter(siks__isnull=False).get(),
        year=2026,
        stage_id=term_of(local_today()).stage.pk,
        wilayah_id=changed.wilayah_id,
        household=changed,
        kind="desil",
    )
    other = UserFactory(duty="koordinator", wilayah_id=SUKAPURA)
    for user in (
        other,
        UserFactory(duty="kelurahan", wilayah_id=changed.wilayah_id),
        UserFactory(admin=True),
    ):
        client.force_login(user)
        assert client.get(row.get_absolute_url()).status_code == 404
        assert changed.name not in client.get(f"{LIST}ketik/").content.decode()


def test_the_pages_ask_no_more_for_more_rows(client, office):
    compared(office, *same_rows()[:1])
    client.force_login(office)
    client.get(f"{LIST}?jenis=keluar")
    with count_queries() as few:
        client.get(f"{LIST}?jenis=keluar")
    assert len(few) <= 12, few
