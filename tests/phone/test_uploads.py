"""Photos that travel ahead of their entry, in pieces that are taken once."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from phone import uploads
from phone.models import MOST_PHOTO_BYTES, Upload
from phone.uploads import NotThisPhoto, WrongPiece, add_piece, photos_of, received_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PHOTO = bytes(range(256)) * 40
NAME = hashlib.sha256(PHOTO).hexdigest()
SIZE = len(PHOTO)
HALF = SIZE // 2


@pytest.fixture
def send(client, pendamping):
    """Send a piece as a phone does: send(at, bytes); (status, how much is here)."""
    client.force_login(pendamping)

    def put(at, piece, *, size=SIZE, name=NAME):
        address = f"/hp/foto/{name}/?dari={at}&jumlah={size}"
        answer = client.put(address, piece, content_type="application/octet-stream")
        assert answer["X-Langkah"] == "1"
        return answer.status_code, answer.json()["received"]

    return put


def test_a_photo_comes_in_pieces_and_goes_on_where_it_stopped(client, send, pendamping):
    assert client.get(f"/hp/foto/{NAME}/").json() == {"received": 0}
    assert send(0, PHOTO[:HALF]) == (200, HALF)
    assert client.get(f"/hp/foto/{NAME}/").json() == {"received": HALF}
    assert send(HALF, PHOTO[HALF:]) == (200, len(PHOTO))

    upload = Upload.objects.get()
    assert upload.is_whole and bytes(upload.content) == PHOTO and upload.user == pendamping
    ((field, file),) = photos_of(pendamping, [("photos", "satu.jpg", NAME)])
    assert (field, file.name, file.read()) == ("photos", "satu.jpg", PHOTO)


def test_a_piece_that_does_not_follow_tells_where_to_go_on(send, pendamping):
    assert send(HALF, PHOTO[HALF:]) == (409, 0)
    assert not Upload.objects.exists()
    send(0, PHOTO[:HALF])
    assert send(HALF + 1, PHOTO[HALF + 1 :]) == (409, HALF)
    assert send(10, PHOTO[10:HALF]) == (409, HALF)
    assert photos_of(pendamping, [("photos", "satu.jpg", NAME)]) is None


def test_a_whole_photo_takes_no_more(send):
    send(0, PHOTO)
    assert send(0, PHOTO) == (200, len(PHOTO))
    assert send(HALF, PHOTO[HALF:]) == (200, len(PHOTO))
    assert bytes(Upload.objects.get().content) == PHOTO


def test_what_is_none_of_its_name_is_forgotten_and_may_come_anew(client, send):
    spoilt = PHOTO[:-1] + b"x"
    send(0, spoilt[:HALF])
    assert send(HALF, spoilt[HALF:]) == (422, 0)
    assert client.get(f"/hp/foto/{NAME}/").json() == {"received": 0}
    assert send(0, PHOTO) == (200, len(PHOTO))


def test_another_size_begins_it_anew(send):
    send(0, PHOTO[:HALF], size=HALF * 4)
    assert send(HALF, PHOTO[HALF:]) == (409, 0)
    assert send(0, PHOTO) == (200, len(PHOTO))


@pytest.mark.parametrize(
    ("at", "size", "piece"),
    [
        (0, 0, b"x"),
        (-1, 10, b"x"),
        (10, 10, b"x"),
        (0, MOST_PHOTO_BYTES + 1, b"x"),
        (8, 10, b"xyz"),
        ("", 10, b"x"),
        ("²", 10, b"x"),
        (0, "9" * 5000, b"x"),
    ],
)
def test_an_odd_piece_is_refused(send, at, size, piece):
    assert send(at, piece, size=size) == (422, 0)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("name", ["x", "A" * 64, "0" * 63, "g" * 64])
def test_an_odd_name_is_refused(send, name):
    assert send(0, PHOTO, name=name) == (422, 0)


def test_two_users_may_have_the_same_photo_and_see_their_own(client, send, pendamping):
    other = UserFactory()
    send(0, PHOTO)
    assert received_of(other, NAME) == 0 and photos_of(other, [("photos", "a.jpg", NAME)]) is None
    client.force_login(other)
    assert client.get(f"/hp/foto/{NAME}/").json() == {"received": 0}
    assert send(0, PHOTO) == (200, len(PHOTO))
    assert Upload.objects.count() == 2
    uploads.forget(other, [("photos", "a.jpg", NAME)])
    assert Upload.objects.get().user == pendamping


def test_the_oldest_makes_room_so_that_no_entry_waits_for_ever(pendamping, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_WAITING", 3)
    photos = [bytes([number]) * 10 for number in range(5)]
    names = [hashlib.sha256(photo).hexdigest() for photo in photos]
    add_piece(other := UserFactory(), names[0], at=0, size=10, piece=photos[0])
    for name, photo in zip(names, photos, strict=True):
        assert add_piece(pendamping, name, at=0, size=10, piece=photo) == 10

    here = set(Upload.objects.visible_to(pendamping).values_list("sha256", flat=True))
    assert here == set(names[2:])
    assert received_of(other, names[0]) == 10, "only one's own"
    assert add_piece(pendamping, names[0], at=0, size=10, piece=photos[0]) == 10


def test_what_nobody_came_for_goes_after_some_days(pendamping):
    add_piece(pendamping, NAME, at=0, size=len(PHOTO), piece=PHOTO)
    Upload.objects.update(begun_at=timezone.now() - uploads.KEPT - timedelta(hours=1))
    small = hashlib.sha256(b"x").hexdigest()
    add_piece(pendamping, small, at=0, size=1, piece=b"x")
    assert Upload.objects.get().sha256 == small


def test_the_operations_say_what_is_wrong(pendamping):
    with pytest.raises(NotThisPhoto):
        add_piece(pendamping, NAME, at=0, size=len(PHOTO), piece=bytes(len(PHOTO)))
    add_piece(pendamping, NAME, at=0, size=len(PHOTO), piece=PHOTO[:HALF])
    with pytest.raises(WrongPiece) as wrong:
        add_piece(pendamping, NAME, at=1, size=len(PHOTO), piece=PHOTO[1:])
    assert wrong.value.received == HALF
