"""A koordinator takes all of the own area as a package: asked for, locked with a passphrase shown once, taken once."""

import re
import zipfile
from contextlib import contextmanager

import pytest
from django.db import connection
from django.urls import reverse

from entries.models import AccessLog
from pkh_casework.ids import uuid7
from reports.files.operations import export as operations
from reports.files.operations.export import cancel_export
from reports.models import Export
from roster.office import locked
from tests.exports import take
from tests.factories import HouseholdFactory, UserFactory

PURPOSE = "Salinan kantor akhir tahun"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def koordinator(client, db):
    user = UserFactory(duty="koordinator", wilayah_id="3273161002")
    client.force_login(user)
    return user


@pytest.fixture
def families(koordinator):
    own = HouseholdFactory(address="Gang Melati 1")
    other = HouseholdFactory(
        address="Jalan Lain 2",
        wilayah_id="3273161001",
        pendamping=UserFactory(wilayah_id="3273161001"),
    )
    return own, other


def ask(client, **fields):
    sent = {"op_id": str(uuid7()), "purpose": PURPOSE, "is_known": "on"} | fields
    return client.post(reverse("reports:office_take"), sent)


def passphrase_in(answer):
    return re.search(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}", answer.content.decode()).group()


def opened(data, passphrase, folder):
    (folder / "paket").write_bytes(data)
    locked.unlock(folder / "paket", folder / "paket.zip", passphrase)
    with zipfile.ZipFile(folder / "paket.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_page_says_what_leaves_and_asks_for_a_word(client, families):
    page = client.get(reverse("reports:office_take")).content.decode()
    assert "1 keluarga" in page and "NIK, No KK" in page

    answer = ask(client, purpose="", is_known="")
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"purpose", "is_known"}
    assert not Export.objects.exists()


def test_the_package_holds_the_own_area_and_opens_with_the_words_shown_once(
    client, koordinator, families, tmp_path, django_capture_on_commit_callbacks
):
    own, other = families
    op_id = str(uuid7())
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(client, op_id=op_id)
    passphrase = passphrase_in(answer)
    assert answer["Cache-Control"].count("no-store") == 1

    export = Export.objects.get()
    assert (export.state, export.key, export.rows_done) == ("siap", None, export.rows_total)
    assert export.rows_total > 300
    again = ask(client, op_id=op_id)  # the same tap: the same package, and no other passphrase
    assert again.url == export.get_absolute_url() and Export.objects.count() == 1
    page = client.get(export.get_absolute_url()).content.decode()
    assert "Unduh berkas" in page and "di dalam paket yang terkunci" in page and passphrase not in page

    data = take(client, export)

    assert own.no_kk.reveal().encode() not in data
    contents = opened(data, passphrase, tmp_path)
    assert own.no_kk.reveal() in contents["data/kpm.Household.jsonl"]
    assert f"oleh {koordinator.name}" in contents["README.txt"] and PURPOSE in contents["README.txt"]
    told = "".join(contents.values())
    assert "Gang Melati 1" in told
    for token in (str(other.pk), other.case_number, "Jalan Lain 2", other.no_kk.reveal()):
        assert token not in told
    kept = AccessLog.objects.filter(action="export", user=koordinator).order_by("pk")
    assert [one.route for one in kept] == ["reports:office_take", "reports:export_take"]
    assert kept[0].reason == PURPOSE and "nik" in kept[0].fields


def test_one_package_at_a_time(client, families):
    ask(client)  # its worker has not come yet

    answer = ask(client)

    assert "Paket sebelumnya masih dibuat" in answer.content.decode()
    waiting = Export.objects.get()
    assert waiting.state == "menunggu" and waiting.key
    cancel_export(waiting)
    waiting.refresh_from_db()
    assert waiting.key is None
    assert passphrase_in(ask(client))


def test_the_name_of_the_file_says_what_it_is(client, families, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ask(client)
    export = Export.objects.get()
    answer = client.post(reverse("reports:export_take", args=[export.pk]))
    assert re.search(r'filename="langkah-kantor-.*\.langkah"', answer["Content-Disposition"])
    b"".join(answer.streaming_content)


@pytest.mark.parametrize("duty", ["pendamping", "kelurahan", "admin"])
def test_nobody_else_takes_an_office(client, db, duty):
    client.force_login(UserFactory(duty=duty, wilayah_id=None if duty == "admin" else "3273161002"))
    assert client.get(reverse("reports:office_take")).status_code == 404
    assert ask(client).status_code == 404
    assert not Export.objects.exists()


@contextmanager
def elsewhere():
    """A cursor of another connection."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


@pytest.fixture
def being_made(transactional_db, client):
    koordinator = UserFactory(duty="koordinator", wilayah_id="3273161002")
    for _ in range(30):
        HouseholdFactory()
    client.force_login(koordinator)
    return koordinator


def test_its_making_is_told_and_can_be_given_up(being_made, client, monkeypatch):
    """Over a connection of its own, since the one that reads sees one moment only."""
    seen = []
    monkeypatch.setattr(operations, "BEAT", 0)
    monkeypatch.setattr("roster.office.taking.BEAT_ROWS", 50)
    written = operations.write_package

    def watched(export, path, *, begin, beat):
        def told(number):
            beat(number)
            with elsewhere() as cursor:
                cursor.execute("SELECT rows_done, rows_total FROM reports_export")
                seen.append(cursor.fetchone())
                if len(seen) == 3:
                    cursor.execute("UPDATE reports_export SET state = 'dibatalkan', key = NULL")

        written(export, path, begin=begin, beat=told)

    monkeypatch.setattr(operations, "write_package", watched)
    ask(client)

    assert [done for done, _ in seen] == [50, 100, 150]
    assert all(total > 300 for _, total in seen)
    export = Export.objects.get()
    assert (export.state, export.file.name) == ("dibatalkan", "")
