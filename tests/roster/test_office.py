"""What a package refuses, and that no table of the house is forgotten."""

import json
import zipfile

import pytest
from django.conf import settings
from django.db import models, transaction

from accounts.models import User
from kpm.models import ComponentRate, Household, Member
from pkh_casework.keys import keep_case_key, write_key_ring
from roster.office import OfficeFault, locked
from roster.office.loading import load
from roster.office.tables import left_behind, office_tables, reason_to_stay, stored_models
from roster.office.taking import take
from tests.factories import HouseholdFactory, MemberFactory
from wilayah.models import Wilayah

PASSPHRASE = locked.new_passphrase()
SALT = locked.new_salt()
KEY = locked.key_of(PASSPHRASE, SALT)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def opened(db, tmp_path):
    """The package of one family, open: {name: bytes}. The family is not there any more."""
    path, plain = tmp_path / "kantor.langkah", tmp_path / "terbuka.zip"
    with transaction.atomic():
        MemberFactory(name="Euis", nik="3273995203850001")
        take(path, key=KEY, salt=SALT)
        transaction.set_rollback(True)
    locked.unlock(path, plain, PASSPHRASE)
    with zipfile.ZipFile(plain) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def pack(tmp_path):
    """Locks {name: bytes} as a package; its path."""

    def pack(contents):
        plain, path = tmp_path / "isi.zip", tmp_path / "isi.langkah"
        with zipfile.ZipFile(plain, "w") as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        locked.lock(plain, path, key=KEY, salt=SALT)
        return path

    return pack


def loaded(path, passphrase=PASSPHRASE):
    return load(path, passphrase, keep_case_key=lambda key: None)


# --- what goes along --------------------------------------------------------------------------------------------------


def test_every_table_goes_along_or_says_why_not():
    along = {table.model for table in office_tables()}
    for model in stored_models():
        assert (model in along) == (reason_to_stay(model) is None)
    house = [model for model in stored_models() if model._meta.app_label in settings.HOUSE_APPS]
    names = {model.__name__ for model in house}
    for model in house:
        for named, reason in left_behind(model).items():
            assert reason and named.partition(".")[0] in names, named


def test_nothing_that_goes_along_points_to_what_stays():
    tables = office_tables()
    along = {table.model for table in tables} | {Wilayah}
    astray = [
        f"{table.label}.{key.name}"
        for table in tables
        for key in table.keys
        if key.related_model not in along
    ]
    assert astray == []


def test_what_stays_of_a_row_may_be_empty_but_for_a_password():
    for table in office_tables():
        for field in table.model._meta.concrete_fields:
            if f"{table.model.__name__}.{field.name}" in left_behind(table.model):
                assert field.null or (table.model, field.name) == (User, "password")


def test_master_data_goes_along_since_an_office_may_have_newer_sums():
    masters = {table.label for table in office_tables() if table.is_master}
    assert {"kpm.ComponentRate", "roles.ActivityKind", "reports.RHK"} <= masters
    assert "kpm.Household" not in masters


def test_the_order_of_rows_does_not_hang_on_the_language_of_a_database():
    for table in office_tables():
        if isinstance(table.model._meta.pk, models.CharField):
            assert table.order.endswith('COLLATE "C"')


# --- the lock ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, locked.PIECE, locked.PIECE + 1, 2 * locked.PIECE])
def test_what_is_locked_opens_with_its_passphrase_alone(tmp_path, size):
    plain, path, again = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    plain.write_bytes(b"x" * size)
    locked.lock(plain, path, key=KEY, salt=SALT)

    locked.unlock(path, again, f" {PASSPHRASE.lower()} \n")

    assert again.read_bytes() == plain.read_bytes()
    with pytest.raises(OfficeFault, match="tidak cocok"):
        locked.unlock(path, again, locked.new_passphrase())


def cut(data):
    return data[:-1]


def without_the_last_piece(data):
    return data[: 24 + 4 + 12 + locked.PIECE + 16]


def flipped(data):
    return data[:60] + bytes([data[60] ^ 1]) + data[61:]


def huge(data):
    return data[:24] + b"\xff\xff\xff\xff" + data[28:]


@pytest.mark.parametrize(
    "spoil", [cut, without_the_last_piece, flipped, huge, lambda data: data[:24], lambda data: b"PK"]
)
def test_a_damaged_package_is_refused(tmp_path, spoil):
    plain, path = tmp_path / "a", tmp_path / "b"
    plain.write_bytes(b"x" * (locked.PIECE + 5))
    locked.lock(plain, path, key=KEY, salt=SALT)
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(OfficeFault):
        locked.unlock(path, tmp_path / "c", PASSPHRASE)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_what_is_no_package_is_refused(db, pack):
    for contents in ({}, {"manifest.json": b"no"}, {"manifest.json": b"{}"}):
        with pytest.raises(OfficeFault, match="bukan paket"):
            loaded(pack(contents))


def test_an_installation_with_data_is_left_as_it_is(opened, pack):
    HouseholdFactory()
    before = Household.objects.values_list("pk", "address").get()
    with pytest.raises(OfficeFault, match=r"sudah berisi data .*kpm\.Household"):
        loaded(pack(opened))
    assert Household.objects.values_list("pk", "address").get() == before


def test_a_package_comes_in_whole(opened, pack):
    manifest = loaded(pack(opened))

    member = Member.objects.get(name="Euis")
    assert (member.name, member.nik.reveal()) == ("Euis", "3273995203850001")
    assert list(Member.objects.with_nik("3273995203850001")) == [member]
    assert member.household.pendamping.name and not member.household.pendamping.has_usable_password()
    assert HouseholdFactory().case_number != member.household.case_number
    assert sum(told["rows"] for told in manifest["tables"]) > 300


def changed(opened, label, **values):
    """The package with `values` in every row of a table."""
    name = f"data/{label}.jsonl"
    rows = [json.loads(line) | values for line in opened[name].splitlines()]
    return opened | {name: "".join(f"{json.dumps(row)}\n" for row in rows)}


@pytest.mark.parametrize(
    ("label", "values", "words"),
    [
        ("kpm.Household", {"wilayah_id": "3273999999"}, "belum ada di sini: 3273999999"),
        ("kpm.Household", {"pendamping_id": 99999999}, "tidak saling cocok"),
        ("kpm.Household", {"rt": "dua"}, r"kpm\.Household tidak bisa dimuat: DataError$"),
        ("kpm.Household", {"address": None}, r"kpm\.Household tidak bisa dimuat: IntegrityError address$"),
        ("kpm.Household", {"address": "Jalan lain"}, r"kpm\.Household terbaca lain dari paketnya"),
        ("kpm.Member", {"nik": "3273995203850002"}, r"kpm\.Member terbaca lain"),
    ],
)
def test_a_package_that_was_changed_leaves_nothing_behind(opened, pack, label, values, words):
    with pytest.raises(OfficeFault, match=words), transaction.atomic():
        loaded(pack(changed(opened, label, **values)))
    assert not Household.objects.exists() and not User.objects.exists()
    assert ComponentRate.objects.exists()  # and the master data is there


def test_files_that_were_stored_go_when_the_rest_fails(opened, pack, tmp_path):
    listed = {"name": "kegiatan/a.jpg", "table": "roles.Photo", "sha256": "0" * 64}
    contents = opened | {"files.jsonl": json.dumps(listed), "files/kegiatan/a.jpg": b"picture"}
    with pytest.raises(OfficeFault, match="tidak bisa disimpan"), transaction.atomic():
        loaded(pack(contents))
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def test_another_release_is_named_by_its_columns(opened, pack):
    manifest = json.loads(opened["manifest.json"])
    table = next(told for told in manifest["tables"] if told["table"] == "kpm.Household")
    table["columns"] = [*table["columns"], "shoe_size"]
    with pytest.raises(OfficeFault, match=r"kpm\.Household \(shoe_size\)"):
        loaded(pack(opened | {"manifest.json": json.dumps(manifest)}))


def test_the_case_key_is_kept_and_nothing_else_changes(tmp_path):
    path = tmp_path / "keys.json"
    write_key_ring(path)
    before = json.loads(path.read_text())

    keep_case_key(path, "ab" * 32)

    assert json.loads(path.read_text()) == before | {"case": "ab" * 32}
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="32 bytes"):
        keep_case_key(path, "ab")
