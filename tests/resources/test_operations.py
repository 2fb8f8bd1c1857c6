"""Adding, correcting and confirming a resource: once for each entry, with history."""

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction

from entries.operations import OtherContent
from pkh_casework.ids import uuid7
from resources.duplicates import like_it
from resources.history import changes_of
from resources.models import Resource, ResourceCheck, Service
from resources.operations.resource import check_resource, save_resource
from tests.factories import BANDUNG, KEBON_JAYANTI, SUKAPURA, PartnerFactory, ResourceFactory, UserFactory

DAY = date(2026, 11, 20)


@pytest.fixture
def worker(db):
    return UserFactory(name="Sri Wahyuni")


def save(row, by, *, op_id=None, sent="isi"):
    save_resource(
        row, by=by, op_id=op_id or uuid7(), sent=sent, today=DAY, services=[Service.objects.first()]
    )


def check(row, by, outcome, *, note="", day=DAY, op_id=None):
    check_resource(row, by=by, op_id=op_id or uuid7(), sent=outcome, today=day, outcome=outcome, note=note)
    row.refresh_from_db()


def test_whoever_adds_a_resource_has_just_looked(worker):
    row = ResourceFactory.build()
    save(row, worker)

    stored = Resource.objects.get()
    assert (stored.checked_on, stored.checked_by, stored.added_by) == (DAY, worker, worker)
    assert stored.checks.get().outcome == ResourceCheck.Outcome.TRUE


def test_the_same_entry_again_stores_nothing_and_other_content_is_refused(worker):
    op_id = uuid7()
    save(ResourceFactory.build(name="Balai"), worker, op_id=op_id)
    save(ResourceFactory.build(name="Balai"), worker, op_id=op_id)
    with pytest.raises(OtherContent), transaction.atomic():
        save(ResourceFactory.build(name="Lain"), worker, op_id=op_id, sent="isi lain")

    assert Resource.objects.count() == 1


def test_still_true_makes_it_fresh_and_brings_it_back(worker):
    row = ResourceFactory(checked_on=DAY - timedelta(days=200), ended_on=DAY - timedelta(days=3))

    check(row, worker, "masih_benar")
    check(row, worker, "masih_benar", day=DAY - timedelta(days=50))  # sent late: the newest look counts

    assert (row.checked_on, row.checked_by, row.ended_on) == (DAY, worker, None)
    assert not row.is_stale_on(DAY)
    assert row.checks.count() == 2


def test_what_has_changed_nobody_has_seen_to_be_true(worker):
    row = ResourceFactory()

    check(row, worker, "berubah", note="Kuota habis")

    assert row.checked_on is None
    assert row in Resource.objects.stale_on(DAY)


def test_what_is_gone_leaves_the_lists_and_keeps_its_first_day(worker):
    row = ResourceFactory()

    check(row, worker, "tidak_ada")
    check(row, worker, "tidak_ada", day=DAY + timedelta(days=5))

    assert row.ended_on == DAY
    assert row not in Resource.objects.active()


def test_a_check_is_kept_once_and_never_changed(worker):
    row, op_id = ResourceFactory(), uuid7()
    check(row, worker, "masih_benar", op_id=op_id)
    check(row, worker, "masih_benar", op_id=op_id)

    kept = row.checks.get()
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        row.checks.update(note="lain")
    assert kept.by == worker


@pytest.mark.parametrize(("days", "stale"), [(90, False), (91, True)])
def test_a_resource_turns_stale_after_ninety_days(db, days, stale):
    row = ResourceFactory(checked_on=DAY - timedelta(days=days))

    assert row.is_stale_on(DAY) is stale
    assert (row in Resource.objects.stale_on(DAY)) is stale


def test_history_tells_what_changed_and_who_did_it(worker):
    save(row := ResourceFactory.build(name="Balai latihan"), worker)
    colleague = UserFactory(name="Dedi Kelurahan")
    row.name, row.quota, row.partner = "Balai kerja", 20, PartnerFactory(name="BLK")
    save(row, colleague)

    newest, first = changes_of(row)
    assert newest.by == "Dedi Kelurahan"
    assert newest.fields == [
        ("Nama", "Balai latihan", "Balai kerja"),
        ("Mitra", "–", "BLK"),
        ("Kuota", "–", "20"),
    ]
    assert (first.by, first.fields) == ("Sri Wahyuni", [])


def test_close_names_near_by_are_found_and_far_ones_are_not(db):
    here = ResourceFactory(name="Koperasi Merah Putih", wilayah_id=KEBON_JAYANTI)
    city = ResourceFactory(name="Kopersi Merah Puth", wilayah_id=BANDUNG)
    ResourceFactory(name="Koperasi Merah Putih", wilayah_id=SUKAPURA)
    ResourceFactory(name="Pelatihan barista", wilayah_id=KEBON_JAYANTI)

    def found(name, **more):
        return like_it(Resource.objects.all(), name, area=KEBON_JAYANTI, **more)

    assert found("koperasi merah putih") == [here, city]
    assert found("koperasi merah putih", but=here.pk) == [city]
    assert found("ko") == []
