import hashlib

import pytest
from django.urls import reverse

from entries.models import AccessLog, HeldEntry, HeldFile
from pkh_casework.ids import uuid7
from pkh_casework.images import CleanPhoto
from tests.factories import UserFactory
from tests.held import hold_form


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def author(db):
    return UserFactory()


@pytest.fixture
def koordinator(db):
    return UserFactory(koordinator=True)


def clean(word):
    """A CleanPhoto; its bytes are told apart, and need not be a picture here."""
    jpeg = b"\xff\xd8 " + word.encode()
    return CleanPhoto(jpeg, 4, 3, hashlib.sha256(jpeg).hexdigest())


@pytest.fixture
def hold(author):
    """Hold an entry with these photos: hold("rumah", "warung"); the same op_id and text each time."""
    op_id = uuid7()

    def make(*words):
        return hold_form(
            author,
            op_id=op_id,
            fields={"notes": "Datang membawa rapor."},
            reason=HeldEntry.Reason.HANDED_OVER,
            files=[clean(word) for word in words],
        )

    return make


def addresses(held):
    return [reverse("entries:held_photo", args=[held.pk, file.pk]) for file in held.files.all()]


def test_photos_are_shown_with_the_entry_to_its_author_and_the_koordinator(client, author, koordinator, hold):
    held = hold("rumah", "warung")
    for user in (author, koordinator):
        client.force_login(user)
        page = client.get(f"/kiriman/{held.pk}/").content.decode()
        for url, word in zip(addresses(held), (b"rumah", b"warung"), strict=True):
            assert f'src="{url}"' in page
            answer = client.get(url)
            assert b"".join(answer) == b"\xff\xd8 " + word
            assert answer["Content-Type"] == "image/jpeg"
            assert "sandbox" in answer["Content-Security-Policy"]
            assert "no-store" in answer["Cache-Control"]


def test_colleagues_and_other_areas_do_not_find_them(client, hold):
    (url,) = addresses(hold("rumah"))
    for user in (
        UserFactory(),
        UserFactory(koordinator=True, wilayah_id="3273161003"),
        UserFactory(kelurahan=True),
    ):
        client.force_login(user)
        assert client.get(url).status_code == 404


def test_a_photo_is_found_under_its_own_entry_only(client, author, hold):
    photo = hold("rumah").files.get()
    other = hold_form(author)
    client.force_login(author)

    assert client.get(reverse("entries:held_photo", args=[other.pk, photo.pk])).status_code == 404


def test_a_koordinators_look_is_kept_and_the_authors_is_not(client, author, koordinator, hold):
    held = hold("rumah")
    for user in (author, koordinator):
        client.force_login(user)
        b"".join(client.get(addresses(held)[0]))

    look = AccessLog.objects.get()
    assert (look.user, look.action, look.route, look.subject) == (
        koordinator,
        "look",
        "entries:held_photo",
        str(held.pk),
    )


def test_a_resend_keeps_each_photo_once_in_the_order_of_sending(hold, media):
    assert hold("rumah", "warung", "rumah") == hold("rumah", "warung")

    contents = [(media / file.file.name).read_bytes() for file in HeldFile.objects.all()]
    assert contents == [b"\xff\xd8 rumah", b"\xff\xd8 warung"]
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2


def test_a_failure_while_holding_leaves_no_file(hold, media, monkeypatch):
    class Torn(Exception):
        pass

    save, saved = HeldFile.save, []

    def second_fails(self, **options):
        saved.append(self)
        if len(saved) == 2:
            raise Torn
        return save(self, **options)

    monkeypatch.setattr(HeldFile, "save", second_fails)

    with pytest.raises(Torn):
        hold("rumah", "warung")

    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_missing_file_is_not_found(client, author, hold, caplog):
    held = hold("rumah")
    file = held.files.get().file
    file.storage.delete(file.name)
    client.force_login(author)

    assert client.get(addresses(held)[0]).status_code == 404
    assert "file of entries.HeldFile" in caplog.text
