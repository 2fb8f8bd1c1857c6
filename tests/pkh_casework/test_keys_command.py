"""`manage.py make_keys`: a private file with fresh keys, never one in place of another."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from pkh_casework.checks import identity_keys_are_safe
from pkh_casework.fields import blind_index, seal, short_code, unseal


@pytest.fixture
def path(tmp_path):
    with override_settings(IDENTITY_KEYS_FILE=tmp_path / "keys.json"):
        yield tmp_path / "keys.json"


def test_the_new_ring_serves_every_use_of_a_key(path):
    call_command("make_keys", verbosity=0)
    with override_settings(IDENTITY_KEYS=json.loads(path.read_text())):
        assert unseal(seal("3273990101900001", "kpm.member:nik:1"), "kpm.member:nik:1") == "3273990101900001"
        assert len(blind_index("3273990101900001", "nik")) == 16
        assert len(short_code(1, 5, "case")) == 5


def test_two_rings_share_no_key(tmp_path):
    rings = []
    for name in ("one.json", "two.json"):
        with override_settings(IDENTITY_KEYS_FILE=tmp_path / name):
            call_command("make_keys")
        ring = json.loads((tmp_path / name).read_text())
        rings.append({ring["encryption"]["1"], ring["index"]["1"], ring["case"]})
    assert len(rings[0] | rings[1]) == 6


def test_only_the_owner_can_read_the_file_and_the_check_agrees(path):
    call_command("make_keys")
    assert path.stat().st_mode & 0o777 == 0o600
    with override_settings(TEST=False, IDENTITY_KEYS=json.loads(path.read_text())):
        assert identity_keys_are_safe(None) == []
        path.chmod(0o644)
        assert [error.id for error in identity_keys_are_safe(None)] == ["pkh_casework.E002"]


def test_existing_keys_are_never_replaced(path):
    path.write_text("the only key to a thousand families")
    with pytest.raises(CommandError, match="exists already"):
        call_command("make_keys")
    assert path.read_text() == "the only key to a thousand families"
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_added_keys_become_current_and_the_older_ones_still_open(path):
    call_command("make_keys")
    first = json.loads(path.read_text())
    with override_settings(IDENTITY_KEYS=first):
        stored = seal("3273990101900001", "kpm.member:nik:1")

    call_command("make_keys", add=True)

    ring = json.loads(path.read_text())
    assert ring["current"] == {"encryption": "2", "index": "2"}
    assert (ring["encryption"]["1"], ring["index"]["1"], ring["case"]) == (
        first["encryption"]["1"],
        first["index"]["1"],
        first["case"],
    )
    assert len({*ring["encryption"].values(), *ring["index"].values()}) == 4
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]
    with override_settings(IDENTITY_KEYS=ring):
        assert unseal(stored, "kpm.member:nik:1") == "3273990101900001"
        assert seal("3273990101900001", "kpm.member:nik:1")[1] == 2


def test_keys_are_added_to_a_file_that_is_there(path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("make_keys", add=True)


def test_a_place_that_does_not_exist_is_named(tmp_path):
    with (
        override_settings(IDENTITY_KEYS_FILE=tmp_path / "no" / "keys.json"),
        pytest.raises(CommandError, match="No such file"),
    ):
        call_command("make_keys")
