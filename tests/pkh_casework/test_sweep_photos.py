import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from pkh_casework.management.commands import sweep_photos
from roles.models import Activity, Photo
from tests.canaries import make_family
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def stored():
    media = Path(default_storage.location)
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def left_behind(name, *, hours):
    """Store a file that no row names, as of so many hours ago."""
    name = default_storage.save(name, ContentFile(b"\xff\xd8"))
    age(name, hours=hours)
    return name


def age(name, *, hours):
    moment = time.time() - hours * 3600
    os.utime(default_storage.path(name), (moment, moment))


@pytest.fixture
def kept(db):
    """The photos of activities and of a held entry and the document of a graduation, all old."""
    things = make_family("sendiri", UserFactory())
    names = stored()
    assert {things["photo"].file.name, things["held_photo"].file.name} < names
    for name in names:
        age(name, hours=100)
    return names


def test_only_files_that_no_row_names_are_deleted_and_only_old_ones(kept, capsys):
    lost = {left_behind("kegiatan/2026/11/a.jpg", hours=25), left_behind("titipan/2026/11/b.jpg", hours=99)}
    young = left_behind("kegiatan/2026/11/c.jpg", hours=23)

    call_command("sweep_photos")
    assert stored() == kept | lost | {young}
    words = capsys.readouterr().out.splitlines()
    assert words == [*sorted(lost), "2 files that no row names"]

    call_command("sweep_photos", "--delete")
    assert stored() == kept | {young}
    assert capsys.readouterr().out.splitlines()[-1] == "2 files that no row names, deleted"


def test_a_row_that_comes_while_it_looks_keeps_its_file(kept, monkeypatch):
    name = left_behind("kegiatan/2026/11/a.jpg", hours=25)
    file_fields = sweep_photos._file_fields

    def a_row_comes_first():
        activity = Activity.objects.earliest("pk")
        Photo.objects.create(activity=activity, file=name, sha256="1" * 64, width=1, height=1)
        return file_fields()

    monkeypatch.setattr(sweep_photos, "_file_fields", a_row_comes_first)

    call_command("sweep_photos", "--delete")

    assert name in stored()


def test_before_the_first_photo_there_is_nothing_to_sweep(db, capsys):
    call_command("sweep_photos")

    assert capsys.readouterr().out == "0 files that no row names\n"
