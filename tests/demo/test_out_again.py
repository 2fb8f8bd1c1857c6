"""Out again: all that the demo's office owns leaves as a package and stands in a new installation as it stood."""

import json
import re
import zipfile
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from entries.models import Receipt
from kpm.models import Household, LevelMonth, Member
from kpm.operations import next_case_numbers
from reports.models import MonthCount
from roles.models import Photo
from tests import database
from tests.clock import DAY as DEMO_DAY
from tests.demo.conftest import demo, morning_of
from tests.worlds import World

KEBON_JAYANTI = "3273161002"

OTHER_KEYS = {
    "encryption": {"7": "77" * 32},
    "index": {"7": "88" * 32},
    "current": {"encryption": "7", "index": "7"},
    "case": settings.IDENTITY_KEYS["case"],
}


@pytest.fixture
def old(django_db_setup, django_db_blocker):
    """Leads into the demo's database, for the length of a block."""
    world = World(demo._get_wrapped_function().fill)

    @contextmanager
    def inside():
        with django_db_blocker.unblock(), world.media(), database.connected_to(world.database()):
            yield

    return inside


@pytest.fixture
def new(django_db_setup, django_db_blocker, tmp_path):
    """Leads into a new installation with keys and a media folder of its own, for the length of a block."""
    with django_db_blocker.unblock():
        name = database.copied("office", lambda: None, of="empty")

    @contextmanager
    def inside():
        with (
            django_db_blocker.unblock(),
            override_settings(IDENTITY_KEYS=OTHER_KEYS, MEDIA_ROOT=tmp_path / "media"),
            database.connected_to(name),
        ):
            yield

    yield inside
    with inside():
        database.copy_again()


def taken(path, **options):
    """(passphrase, {table: (rows, checksum)}) of a package at `path`."""
    out = StringIO()
    call_command("take_office", path, stdout=out, **options)
    return out.getvalue().strip().rpartition(" ")[2], tables(out)


def loaded(path, passphrase):
    """{table: (rows, checksum)} that stand here once the package is read."""
    out = StringIO()
    call_command("load_office", path, passphrase_file=kept_in(path, passphrase), stdout=out)
    return tables(out)


def kept_in(path, passphrase):
    """A file beside the package with its passphrase, written by hand: small letters, no dashes."""
    said = path.with_suffix(".txt")
    said.write_text(passphrase.lower().replace("-", " ") + "\n")
    return said


def tables(out):
    lines = [line.split() for line in out.getvalue().splitlines() if line.startswith("   ")]
    return {label: (int(rows), checksum) for rows, checksum, label in lines}


def counted():
    """Every figure of every past month and area, and the levels, as they are rolled up here."""
    months = MonthCount.objects.values_list("month", "wilayah", "pendamping__username", "counting", "values")
    return sorted(map(repr, months)), sorted(
        LevelMonth.objects.values_list("wilayah", "month", "code", "level", "families")
    )


def test_the_office_stands_in_a_new_installation_as_it_stood(old, new, tmp_path):
    package = tmp_path / "kantor.langkah"
    with old(), morning_of(DEMO_DAY):
        passphrase, out = taken(package)
        one = Member.objects.exclude(nik=None).order_by("pk").first()
        digits = one.nik.reveal()
        receipts = [receipt.code for receipt in Receipt.objects.order_by("pk")[:20]]
        photos = list(Photo.objects.order_by("pk").values_list("file", "sha256"))
        call_command("roll_up", all=True, stdout=StringIO())
        figures = counted()
    assert len(out) > 100 and out["kpm.Household"][0] > 100

    with new(), morning_of(DEMO_DAY):
        assert loaded(package, passphrase) == out
        there = Member.objects.get(pk=one.pk)
        assert (there.nik.reveal(), there.nik.key_id) == (digits, "7")
        assert list(Member.objects.with_nik(digits)) == [there]
        assert not any(user.has_usable_password() for user in User.objects.all())
        assert [receipt.code for receipt in Receipt.objects.order_by("pk")[:20]] == receipts
        assert photos
        for name, digest in photos:
            with default_storage.open(name) as stored:
                assert sha256(stored.read()).hexdigest() == digest
        assert counted() == figures
        number = next_case_numbers(1)[0]
        assert not Household.objects.filter(case_number=number).exists()
        # Out again: the same tables, number by number.
        assert taken(tmp_path / "lagi.langkah")[1] == out
        with pytest.raises(CommandError, match="sudah berisi data"):
            loaded(package, passphrase)


def test_a_koordinator_takes_the_own_area_and_no_family_of_another(old, new, tmp_path):
    package, opened = tmp_path / "kantor.langkah", tmp_path / "terbuka.zip"
    with old(), transaction.atomic():
        User.objects.filter(username="koordinator.kiaracondong").update(wilayah=KEBON_JAYANTI)
        passphrase, out = taken(package, area_of="koordinator.kiaracondong")
        kept = User.objects.get(username="koordinator.kiaracondong")
        own = Household.objects.visible_to(kept)
        others = Household.objects.exclude(pk__in=own)
        ids = {str(pk) for pk in others.values_list("pk", flat=True)}
        cases = set(others.values_list("case_number", flat=True))
        niks = {member.nik.reveal() for member in Member.objects.filter(household__in=others) if member.nik}
        assert out["kpm.Household"][0] == own.count() < Household.objects.count()
        transaction.set_rollback(True)
    assert len(cases) > 50 and len(niks) > 50

    call_command("load_office", package, passphrase_file=kept_in(package, passphrase), only_open=opened)
    with zipfile.ZipFile(opened) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode(errors="replace")
            tokens = ids | cases | niks
            if "reports.FrozenRow." in name:  # a locked month is what the area reported, hash and all
                tokens = niks
            found = [token for token in tokens if token in text]
            assert found == [], name
    with new():
        assert loaded(package, passphrase) == out


def test_the_package_says_what_stands_in_it(old, tmp_path):
    package, opened = tmp_path / "kantor.langkah", tmp_path / "terbuka.zip"
    with old():
        passphrase, out = taken(package, without_files=True)
        digits = Member.objects.exclude(nik=None).first().nik.reveal()
    assert digits.encode() not in package.read_bytes()

    call_command("load_office", package, passphrase_file=kept_in(package, passphrase), only_open=opened)
    assert opened.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(opened) as archive:
        said = json.loads(archive.read("schema.json"))["$defs"]
        assert said.keys() == out.keys()
        assert not any(name.startswith("files/") for name in archive.namelist())
        for label, (number, checksum) in out.items():
            lines = archive.read(f"data/{label}.jsonl")
            assert sha256(lines).hexdigest().startswith(checksum)
            rows = list(map(json.loads, lines.splitlines()))
            assert len(rows) == number
            for row in rows:
                assert faults(said[label], row) == [], label
            cells = archive.read(f"csv/{label}.csv").decode("utf-8-sig")
            assert cells.splitlines()[0] == ";".join(f'"{name}"' for name in said[label]["required"])


def faults(of, row):
    """The columns of `row` that are not as the schema says."""
    types = {
        "string": str,
        "integer": int,
        "number": int | float,
        "boolean": bool,
        "array": list,
        "null": None,
    }
    odd = sorted(set(of["required"]) ^ row.keys())
    for name, value in row.items():
        asked = of["properties"][name]
        kinds = asked.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        fits = not kinds or any(
            value is None if types[kind] is None else isinstance(value, types[kind]) for kind in kinds
        )
        fits &= "enum" not in asked or value in asked["enum"]
        fits &= "pattern" not in asked or value is None or bool(re.fullmatch(asked["pattern"], value))
        fits &= "maxLength" not in asked or value is None or len(value) <= asked["maxLength"]
        odd += [] if fits else [name]
    return odd
