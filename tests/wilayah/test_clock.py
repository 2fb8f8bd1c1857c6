from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from wilayah.clock import local_today, local_zone, zone_of
from wilayah.models import Wilayah

BANDUNG, MAKASSAR, JAYAPURA = "3273161002", "7371", "9171"


@pytest.fixture
def late_evening(monkeypatch):
    """23.30 of 24 November in WIB; it is the 25th already in WITA and WIT."""
    moment = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


@pytest.fixture
def zone_seen_by(rf):
    """A function: the zone that a page sees when `user` asks for it."""

    def zone_seen_by(user):
        request = rf.get("/")
        request.user = user
        return local_zone(lambda request: timezone.get_current_timezone_name())(request)

    return zone_seen_by


def test_the_date_is_that_of_the_area(late_evening):
    assert local_today(BANDUNG) == date(2026, 11, 24)
    assert local_today(MAKASSAR) == date(2026, 11, 25)
    assert local_today(JAYAPURA) == date(2026, 11, 25)


def test_without_an_area_the_date_is_that_of_the_page(late_evening):
    assert local_today() == date(2026, 11, 24)
    with timezone.override(zone_of(JAYAPURA)):
        assert local_today() == date(2026, 11, 25)


@pytest.mark.django_db
def test_every_province_has_one_of_the_three_zones():
    provinces = Wilayah.objects.filter(level=Wilayah.Level.PROVINSI).values_list("code", flat=True)
    assert {str(zone_of(code)) for code in provinces} == {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
    assert [str(zone_of(code)) for code in ("61", "64", "51", "91")] == [
        "Asia/Jakarta",
        "Asia/Makassar",
        "Asia/Makassar",
        "Asia/Jayapura",
    ]


def test_a_page_is_in_the_zone_of_the_askers_area_and_only_that_page(zone_seen_by):
    assert zone_seen_by(User(duty="pendamping", wilayah_id=JAYAPURA)) == "Asia/Jayapura"
    assert timezone.get_current_timezone_name() == "Asia/Jakarta"


def test_without_an_area_of_the_asker_a_page_is_in_the_projects_zone(zone_seen_by):
    assert zone_seen_by(User(duty="admin")) == "Asia/Jakarta"
    assert zone_seen_by(AnonymousUser()) == "Asia/Jakarta"
