"""Photos that travel ahead of their entry, in pieces: a piece that arrived is never sent twice."""

import hashlib
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from .models import MOST_PHOTO_BYTES, Upload

MOST_WAITING = 60  # photos of one user whose entries have not come yet
KEPT = timedelta(days=14)


class WrongPiece(Exception):
    """A piece that does not follow what is there; `received` bytes are."""

    def __init__(self, received):
        super().__init__("not the next piece")
        self.received = received


class NotThisPhoto(Exception):
    """What came is not what it was announced as."""


def received_of(user, sha256):
    """How many bytes of the photo are here."""
    return (
        Upload.objects.visible_to(user).filter(sha256=sha256).values_list("received", flat=True).first() or 0
    )


def add_piece(user, sha256, *, at, size, piece):
    """Take the bytes `piece` of a photo of `size` bytes from position `at` on; returns how many are here now.

    The last piece proves the whole: a photo that is none of its name is forgotten, to be sent anew. Beyond MOST_WAITING
    the oldest makes room, since its phone has it still. Raises WrongPiece, NotThisPhoto.
    """
    if not 0 < size <= MOST_PHOTO_BYTES or at + len(piece) > size:
        raise NotThisPhoto("size")
    received = _add(user, sha256, at, size, piece)
    if piece and not received:
        raise NotThisPhoto("content")
    return received


@transaction.atomic
def _add(user, sha256, at, size, piece):
    mine = Upload.objects.visible_to(user)
    mine.filter(begun_at__lt=timezone.now() - KEPT).delete()
    others = mine.exclude(sha256=sha256).order_by("-begun_at", "-pk")
    mine.filter(pk__in=others.values("pk")[MOST_WAITING - 1 :]).delete()
    mine.bulk_create([Upload(user=user, sha256=sha256, size=size)], ignore_conflicts=True)
    upload = mine.select_for_update().get(sha256=sha256)
    if upload.is_whole:
        return upload.received
    if at and (upload.size != size or at != upload.received):
        raise WrongPiece(upload.received if upload.size == size else 0)
    if not at:  # begun anew
        upload.content, upload.size = b"", size
    upload.content = bytes(upload.content) + piece
    upload.received = len(upload.content)
    if upload.is_whole and hashlib.sha256(upload.content).hexdigest() != sha256:
        upload.content, upload.received = b"", 0
    upload.save(update_fields=["content", "received", "size"])
    return upload.received


def photos_of(user, photos):
    """[(field, uploaded file)] for the (field, name, sha256) of an envelope; None while one of them is not whole."""
    wanted = {sha256 for *_, sha256 in photos}
    here = {one.sha256: one for one in Upload.objects.visible_to(user).filter(sha256__in=wanted)}
    if any(sha256 not in here or not here[sha256].is_whole for sha256 in wanted):
        return None
    return [
        (field, SimpleUploadedFile(name or "foto.jpg", bytes(here[sha256].content), "image/jpeg"))
        for field, name, sha256 in photos
    ]


def forget(user, photos):
    """The entry took its photos along."""
    Upload.objects.visible_to(user).filter(sha256__in=[sha256 for *_, sha256 in photos]).delete()
