"""Who may see a photo after a move, what is answered when its file is gone, and how it travels."""

import io
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from entries.models import AccessLog, HeldEntry, HeldFile, Period
from kpm.models import Household
from kpm.operations import assign
from roles.models import Activity, Photo
from tests.factories import HouseholdFactory, UserFactory
from wilayah.clock import local_today

LOG = "/kegiatan/catat/"
HERE, ELSEWHERE = "3273161002", "3273161001"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


@pytest.fixture
def officer(db):
    """The koordinator of the families' kelurahan, and of no other."""
    return UserFactory(koordinator=True, wilayah_id=HERE)


def picture(colour="teal"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return SimpleUploadedFile("kunjungan.jpg", out.getvalue(), content_type="image/jpeg")


def address(photo):
    return reverse("roles:activity_photo", args=[photo.activity_id, photo.pk])


@pytest.fixture
def photo(signed_in, filled):
    signed_in.post(LOG, {**filled(), "photos": [picture()]})
    return Photo.objects.get()


def status(client, user, url):
    client.force_login(user)
    response = client.get(url)
    b"".join(response)  # a streamed file is read to its end, which closes it
    return response.status_code


def test_a_photo_leaves_the_area_with_its_family(client, photo, family, officer):
    theirs = UserFactory(koordinator=True, wilayah_id=ELSEWHERE)
    assert [status(client, user, address(photo)) for user in (officer, theirs)] == [200, 404]

    Household.objects.filter(pk=family.pk).update(wilayah_id=ELSEWHERE)

    assert [status(client, user, address(photo)) for user in (officer, theirs)] == [404, 200]
    # The text of the day stays readable where it was written, without the picture.
    client.force_login(officer)
    assert "<img" not in client.get(photo.activity.get_absolute_url()).content.decode()


def test_a_photo_of_several_families_stays_while_one_of_them_is_here(client, photo, family, officer):
    other = HouseholdFactory(pendamping=family.pendamping)
    photo.activity.families.create(
        household=other,
        pendamping=family.pendamping,
        wilayah=other.wilayah,
        occurred_on=photo.activity.occurred_on,
        is_visit=True,
        met=True,
    )

    Household.objects.filter(pk=family.pk).update(wilayah_id=ELSEWHERE)
    assert status(client, officer, address(photo)) == 200
    Household.objects.filter(pk=other.pk).update(wilayah_id=ELSEWHERE)
    assert status(client, officer, address(photo)) == 404


def test_a_photo_without_a_family_belongs_to_the_area_of_the_day(client, signed_in, filled, officer):
    signed_in.post(LOG, {**filled(kind="koordinasi", kpm=None), "photos": [picture()]})
    photo = Photo.objects.get()
    assert not photo.activity.families.exists()

    assert status(client, officer, address(photo)) == 200
    assert status(client, UserFactory(koordinator=True, wilayah_id=ELSEWHERE), address(photo)) == 404


def test_a_missing_file_is_not_found_and_an_error_in_the_log(client, photo, officer, family, caplog):
    photo.file.storage.delete(photo.file.name)

    with caplog.at_level(logging.ERROR, "pkh_casework.media"):
        assert status(client, officer, address(photo)) == 404

    (record,) = [record for record in caplog.records if record.name == "pkh_casework.media"]
    assert record.levelname == "ERROR"
    assert str(photo.pk) in record.getMessage()
    assert not [word for word in (family.name, family.case_number) if word in caplog.text]
    assert not AccessLog.objects.filter(action="look").exists()


def test_photos_are_not_compressed_again_and_pages_are(signed_in, photo):
    zipped = {"Accept-Encoding": "gzip"}

    response = signed_in.get(address(photo), headers=zipped)
    assert "Content-Encoding" not in response
    assert b"".join(response).startswith(b"\xff\xd8")
    assert int(response["Content-Length"]) == photo.file.size
    assert signed_in.get(LOG, headers=zipped)["Content-Encoding"] == "gzip"


@pytest.fixture
def locked(family):
    Period.objects.create(wilayah=family.wilayah, month="2026-11-01", state=Period.State.LOCKED)


def test_the_photos_of_an_entry_that_is_held_wait_with_it(client, signed_in, filled, locked, media, officer):
    sent = filled()

    for _ in range(2):  # the answer may be lost on the way
        uploads = {"photos": [picture("teal"), picture("navy"), picture("teal")]}
        page = signed_in.post(LOG, {**sent, **uploads}, follow=True).content.decode()

    assert "aman di Titipan" in page
    assert "tidak terbaca" not in page
    held = HeldEntry.objects.get()
    files = list(HeldFile.objects.all())
    assert [(file.held_entry, file.width, file.height) for file in files] == [(held, 40, 30)] * 2
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2
    colours = [Image.open(media / file.file.name).getpixel((9, 9)) for file in files]
    assert colours[0][1] > 100 > colours[1][1]  # as they were sent: teal, navy
    assert not Photo.objects.exists()


def test_of_an_entry_held_in_part_both_parts_keep_the_photos(signed_in, filled, family, koordinator):
    gone = HouseholdFactory(pendamping=family.pendamping)
    assign(gone, to=UserFactory(), by=koordinator, on=local_today())
    cases = [family.case_number, gone.case_number]

    signed_in.post(LOG, {**filled(kpm=cases, **{f"met-{gone.case_number}": "ya"}), "photos": [picture()]})

    assert Photo.objects.get().activity == Activity.objects.get()
    assert HeldFile.objects.get().held_entry.payload["fields"]["kpm"] == [gone.case_number]


def test_a_correction_keeps_the_photos_that_were_there(signed_in, photo, filled):
    url = reverse("roles:activity_edit", args=[photo.activity_id])

    signed_in.post(url, {**filled(notes="Dikoreksi."), "photos": [picture("teal"), picture("navy")]})

    assert [kept.pk == photo.pk for kept in Photo.objects.all()] == [True, False]
