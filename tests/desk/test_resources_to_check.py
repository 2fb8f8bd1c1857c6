"""A few resources a day that nobody looked after for long: small tasks at the end of Hari ini."""

from datetime import timedelta

import pytest
from django.utils import timezone

from desk.beside import CHECKS_A_DAY, resources_to_check
from pkh_casework.ids import uuid7
from tests.factories import BANDUNG, KEBON_JAYANTI, KIARACONDONG, SUKAPURA, ResourceFactory, UserFactory


@pytest.fixture
def day(db):
    return timezone.localdate()


@pytest.fixture
def worker(db):
    return UserFactory()


def names(worker, day):
    return [resource.name for resource in resources_to_check(worker, day)]


def test_the_nearest_area_comes_first_and_there_are_few(worker, day):
    old = day - timedelta(days=91)
    ResourceFactory(name="Kota", wilayah_id=BANDUNG, checked_on=None)
    ResourceFactory(name="Kecamatan", wilayah_id=KIARACONDONG, checked_on=None)
    ResourceFactory(name="Kelurahan lama", wilayah_id=KEBON_JAYANTI, checked_on=old)
    ResourceFactory(name="Kelurahan belum", wilayah_id=KEBON_JAYANTI, checked_on=None)
    ResourceFactory(name="Segar", wilayah_id=KEBON_JAYANTI, checked_on=day - timedelta(days=90))
    ResourceFactory(name="Tidak ada", wilayah_id=KEBON_JAYANTI, checked_on=None, ended_on=day)
    ResourceFactory(name="Lain", wilayah_id=SUKAPURA, checked_on=None)

    assert names(worker, day) == ["Kelurahan belum", "Kelurahan lama", "Kecamatan"]


def test_what_was_looked_after_today_counts_and_a_tap_on_the_page_does_it(client, worker, day):
    for number in range(5):
        ResourceFactory(name=f"Tempat {number}", checked_on=None)
    client.force_login(worker)
    page = client.get("/")
    assert page.content.decode().count("Masih benar: Tempat") == CHECKS_A_DAY

    for resource in page.context["to_check"]:
        sent = {"op_id": str(uuid7()), "outcome": "masih_benar", "hari-ini": "1"}
        assert client.post(f"{resource.get_absolute_url()}periksa/", sent).headers["Location"] == "/"

    assert names(worker, day) == []
    assert "Masih benar: Tempat" not in client.get("/").content.decode()
    assert len(names(worker, day + timedelta(days=1))) == 2
