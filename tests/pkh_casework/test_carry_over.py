"""A database of the release before is carried over: the same schema as one made anew, with every row it held.

released.sql.gz is the `pg_dump --no-owner --no-privileges --inserts` of a database that the migrations of that release
had made: apps ledger, sync and others, migrations as in RELEASED. It holds the master data, the areas of Kota Bandung,
and a few rows that were sent through its own pages: a family that was referred and then handed over from Sri to Ani,
and what Sri still sent of it, held: a visit with a photo, one that was given back to her, a roll call, a delay.
"""

import gzip
import io
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from PIL import Image

from accounts.models import User
from entries.models import HeldEntry, HeldFile
from kpm.models import Household
from pkh_casework import schema
from pkh_casework.ids import uuid7
from pkh_casework.management.carrying import FIRST, RELEASED
from pkh_casework.management.commands.serve import unready_database
from pkh_casework.management.held_before import as_form
from roles.models import Activity, Training
from tests import database
from tests.catalogs import as_a_dump_says, catalogs, differences

DUMP = Path(__file__).with_name("released.sql.gz")


def _load():
    with connection.cursor() as cursor:
        cursor.connection.execute(gzip.decompress(DUMP.read_bytes()))


def _carry():
    assert "Carried over: " in carry_over()
    call_command("migrate", verbosity=0)


@pytest.fixture
def released(django_db_setup, django_db_blocker):
    """Connected to a database of the release before, which is as it was after the test."""
    with (
        django_db_blocker.unblock(),
        database.connected_to(database.copied("released", _load)),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)


@pytest.fixture
def carried(django_db_setup, django_db_blocker):
    """Connected to one that was carried over already."""
    with django_db_blocker.unblock():
        database.copied("released", _load)
        carried = database.copied("carried", _carry, of="released")
    with django_db_blocker.unblock(), database.connected_to(carried), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def carry_over():
    told = io.StringIO()
    call_command("carry_over", stdout=told)
    return told.getvalue()


def statement(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None


def page(user, address, **sent):
    client = Client()
    client.force_login(User.objects.get(username=user))
    answer = client.post(address, sent, follow=True) if sent else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def held_with(notes):
    return next(one for one in HeldEntry.objects.all() if notes in str(one.payload["fields"]))


# --- the schema -------------------------------------------------------------------------------------------------------


@pytest.fixture
def made_anew(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return catalogs()


def test_what_was_carried_over_is_what_would_be_made(made_anew, carried):
    assert differences(as_a_dump_says(catalogs()), as_a_dump_says(made_anew)) == {}


def test_models_and_permissions_go_by_their_names_of_today(carried):
    labels = {(model._meta.app_label, model._meta.model_name) for model in apps.get_models()}
    assert set(statement("SELECT app_label, model FROM django_content_type")) == labels
    rows = statement("SELECT name FROM auth_permission WHERE codename = 'add_export'")
    assert rows == [(f"Can add {apps.get_model('reports.Export')._meta.verbose_name_raw}",)]


def test_a_second_time_there_is_nothing_to_do(carried):
    before = statement("SELECT id, payload::text FROM entries_heldentry ORDER BY id")
    assert carry_over() == "Nothing to do: the database is of this release already.\n"
    assert statement("SELECT id, payload::text FROM entries_heldentry ORDER BY id") == before


# --- the rows ---------------------------------------------------------------------------------------------------------


def test_every_row_is_still_there_and_keeps_its_history(carried):
    referral = next(model for model in apps.get_models() if model.__name__ == "Referral").objects.get()
    assert referral.need == "Modal jualan"
    assert referral.moves.count() == 2
    assert referral.links.get().secret_hash and referral.events.count() == 2
    assert (Household.objects.count(), Activity.objects.count(), HeldEntry.objects.count()) == (3, 2, 4)

    referral.need = "Modal jualan dan izin"
    referral.save()
    assert referral.events.count() == 3
    family = Household.objects.get(name="Sari Rahayu")
    assert family.pendamping.username == "ani.pendamping"
    assert family.no_kk.reveal().isdecimal()


def test_a_held_activity_opens_for_its_author_and_is_let_in(carried, media):
    held = held_with("Kunjungan pamit.")
    kept = HeldFile.objects.get(held_entry=held)
    picture = media / kept.file.name
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (60, 40), "olive").save(picture, "JPEG")
    family = Household.objects.get(name="Sari Rahayu")

    shown = page("sri.pendamping", f"/kiriman/{held.pk}/")
    for words in (
        "Kunjungan pamit.",
        family.case_number,
        "12 Nov 2026",
        "Kunjungan rumah",
        "Tabungan dibuka",
    ):
        assert words in shown
    assert f"/kiriman/{held.pk}/foto/{kept.pk}/" in shown

    told = page("rina.koordinator", f"/kiriman/{held.pk}/", decision="diterima", note="")
    assert "Diterima atas nama Sri Pendamping" in told
    activity = Activity.objects.get(notes="Kunjungan pamit.")
    assert activity.pendamping.username == "sri.pendamping" and activity.photos.count() == 1
    row = activity.families.get()
    assert (row.household, row.met, row.members.count()) == (family, True, 1)


def test_a_held_roll_call_is_the_form_of_its_meeting(carried):
    held = held_with("Menghitung bunga.")
    meeting = apps.get_model("roles.GroupSession").objects.get()
    absent = Household.objects.get(name="Wati Mulyani").case_number
    assert held.payload == {
        "path": f"/pertemuan/{meeting.pk}/hadir/",
        "title": "Daftar hadir Kelompok Melati",
        "fields": {
            "kpm": [absent],
            f"hadir-{absent}": ["izin"],
            f"alasan-{absent}": ["Menjaga anak sakit"],
            "occurred_on": ["2026-11-10"],
            "kind": ["p2k2"],
            "sub_role": ["EDU-4"],
            "notes": ["Menghitung bunga."],
            "place": ["Balai RW"],
            "facilitator": ["Kader Ida"],
        },
        "facts": held.payload["facts"],
        "files": [],
    }
    assert ["Izin", absent] in held.payload["facts"]
    assert "Menjaga anak sakit" in page("rina.koordinator", f"/kiriman/{held.pk}/")


def test_a_roll_call_of_a_training_says_who_came_for_whom(carried):
    boss, family = User.objects.get(username="rina.koordinator"), Household.objects.get(name="Sari Rahayu")
    came, absent = family.case_number, Household.objects.get(name="Dewi Lestari").case_number
    training = Training.objects.create(
        op_id=uuid7(),
        title="Kemasan",
        wilayah=boss.wilayah,
        code="C1",
        planned_on=date(2026, 11, 10),
        seats=20,
        proposed_by=boss,
    )
    who = str(family.members.get().pk)
    said = {"daftar_hadir": str(training.pk), "kpm": [came, absent], "tidak_bertemu": [absent]}
    form = as_form(said | {"diwakili": [f"{came}={who}"], "tanggal": "besok", "jenis": "pelatihan"})
    assert (form["path"], form["title"]) == (f"/pelatihan/{training.pk}/hadir/", "Daftar hadir Kemasan")
    assert form["fields"] == {
        "kpm": [came, absent],
        f"hadir-{came}": ["hadir"],
        f"oleh-{came}": [who],
        f"hadir-{absent}": ["tidak_hadir"],
        "occurred_on": ["besok"],
        "kind": ["pelatihan"],
    }
    assert (f"Yang datang dari {came}", "Sari Rahayu") in form["facts"]
    assert ("Tidak hadir", absent) in form["facts"] and ("Tanggal", "besok") in form["facts"]


def test_what_was_given_back_opens_again_as_it_was_typed(carried):
    held = held_with("Catatan yang dikembalikan.")
    assert held.payload["fields"]["outcome"] == ["Buku kas terisi."]
    assert "Buka isian lagi" in page("sri.pendamping", f"/kiriman/{held.pk}/")
    assert held.events.get().payload == held.payload and held.events.get().decision == ""


def test_a_form_that_was_held_as_one_stays_as_it_is(released):
    before = statement("SELECT payload::text FROM ledger_heldentry WHERE kind = 'isian'")
    carry_over()
    held = held_with("Mudik")
    assert statement("SELECT payload::text FROM entries_heldentry WHERE id = %s", held.pk) == before


# --- what is not carried over -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM django_migrations WHERE name = '0003_late_writes'", "ledger.0003_late_writes"),
        ("CREATE TABLE ledger_other (id integer)", "tables that no release made: ledger_other"),
        ("ALTER TABLE kpm_household ADD other integer", "kpm_household differs in its columns: other"),
        ("DELETE FROM django_migrations WHERE app = 'ledger'", "no release made it"),
    ],
)
def test_another_state_is_refused_and_left_as_it_is(change, words, released):
    statement(change)
    before = catalogs()
    with pytest.raises(CommandError, match=words):
        carry_over()
    assert differences(catalogs(), before) == {}


def test_an_empty_database_is_made_not_carried_over(django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        database.connected_to(database.copied("nothing", lambda: None)),
        pytest.raises(CommandError, match=r"manage\.py prepare"),
    ):
        carry_over()


# --- by whom ----------------------------------------------------------------------------------------------------------


def test_a_real_installation_stops_with_what_to_run(released, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    with pytest.raises(CommandError, match=r"make a backup, then run `manage\.py carry_over`"):
        schema.bring_up_to_date()
    assert list(unready_database()) == [schema.CARRY_OVER]
    assert schema.is_of_older_release()


def test_the_demo_carries_its_own_over(released, settings):
    settings.PKH_MODE = "demo"
    schema.bring_up_to_date()
    applied = set(statement("SELECT app, name FROM django_migrations"))
    assert ("entries", FIRST) in applied and not any(app == "ledger" for app, _ in applied)
    of_old = {(app, name) for app, names in RELEASED.items() for name in names if name != FIRST}
    assert {name for app, name in applied if app in RELEASED} >= {FIRST} and not applied & of_old
