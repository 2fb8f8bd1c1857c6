"""The file in which a phone that finds no signal, or is about to die, hands out what it could not send.

{"format": 1, "phone": uuid, "entries": [{"op_id", "iv", "data"}, …], "photos": [{"sha256", "iv", "data"}, …]}: AES-256-GCM
under the key of the phone, with the op_id (or the sha256) as associated data, all in base64. An entry is an envelope
(phone.envelope) with a `title`, a photo the bytes of its picture. Nobody but the server can read the file.

What is in it waits as a held entry of its author, and a koordinator decides as about any other.
"""

import hashlib
import json
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, resolve
from django.utils import timezone

from entries.holding import hold_brought
from entries.models import HeldEntry, Receipt
from pkh_casework.access import POLICY, may_enter
from pkh_casework.fields import NumberUnreadable
from pkh_casework.images import clean_photo

from .envelope import MOST_FIELDS, Unreadable, read_envelope
from .models import MOST_PHOTO_BYTES, Phone, Upload
from .operations import key_of

FORMAT = 1
MOST_BYTES = 40_000_000  # of the file; read whole, and held about three times while it is
MOST_ENTRIES = 500
MOST_TITLE, MOST_ADDRESS = 80, 20_000  # characters; an address may name every family of a kelompok
NONCE = 12  # bytes
# No form of work stands there: who comes in, and the phones themselves.
NO_WORK = {"accounts", "phone"}
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)

NO_BACKUP = "Ini bukan berkas cadangan dari HP. Pilih berkas dari tombol Simpan cadangan."
TOO_BIG = f"Berkas ini lebih dari {MOST_BYTES // 1_000_000} MB. Minta pendamping menyimpan cadangan dalam beberapa berkas."
TOO_MANY = f"Berkas ini berisi lebih dari {MOST_ENTRIES} catatan. Minta cadangan dalam beberapa berkas."
NEWER = "Berkas ini dibuat versi Langkah yang lain. Muat ulang halaman ini; bila tetap begini, hubungi admin."
NO_PHONE = "Berkas ini bukan dari HP pendamping di wilayah Anda."
NO_KEY = "Kunci HP ini tidak terbaca di server. Berkasnya tidak rusak: simpan, lalu hubungi admin."


class BadBackup(ValueError):
    """The file is no backup that the asker may hand in; the text is for the asker."""


class _Spoilt(Exception):
    """One entry of the file can't be read; the text says why."""


@dataclass(frozen=True)
class Backup:
    """A file that was read: its Phone, the key in bytes, the entries as they stand there, and {sha256: (iv, data)}."""

    phone: Phone
    key: bytes
    entries: list
    photos: dict


@dataclass(frozen=True)
class Taken:
    """What became of one entry: `state` is held, known or unreadable, `why` words; `title` and `at` (its moment, or None)
    are all that is told of what it says.
    """

    state: str
    title: str
    at: datetime | None
    why: str = ""
    held: HeldEntry | None = None


def read_backup(upload, *, by):
    """The Backup in an uploaded file of a phone that `by` looks after. Raises BadBackup."""
    if upload.size > MOST_BYTES:
        raise BadBackup(TOO_BIG)
    try:
        said = json.loads(upload.read())
    except (ValueError, RecursionError) as error:
        raise BadBackup(NO_BACKUP) from error
    if not isinstance(said, dict) or not isinstance(said.get("entries"), list):
        raise BadBackup(NO_BACKUP)
    if said.get("format") != FORMAT:
        raise BadBackup(NEWER if isinstance(said.get("format"), int) else NO_BACKUP)
    if len(said["entries"]) > MOST_ENTRIES:
        raise BadBackup(TOO_MANY)
    phone = Phone.objects.visible_to(by).select_related("user").filter(pk=_uuid(said.get("phone"))).first()
    if phone is None:
        raise BadBackup(NO_PHONE)
    try:
        return Backup(phone, key_of(phone), said["entries"], _photos_in(said.get("photos")))
    except NumberUnreadable as error:
        raise BadBackup(NO_KEY) from error


def take_backup(backup, request):
    """What became of each entry of `backup`, brought by the asker of `request`: Taken, in the order of the file.

    Each is held in a transaction of its own, so that a file which breaks off, or comes again, loses and doubles nothing.
    """
    return [_take(backup, request, sealed, place) for place, sealed in enumerate(backup.entries, 1)]


def _take(backup, request, sealed, place):
    title, at, author = f"Catatan ke-{place}", None, backup.phone.user
    try:
        op_id, plain = _opened(backup, sealed)
        title, at = _title_of(plain) or title, _moment_of(op_id)
        known = HeldEntry.objects.filter(author=author, op_id=op_id).first()
        if known or Receipt.objects.filter(author=author, op_id=op_id).exists():
            return Taken("known", title, at, held=known)
        entry = _envelope(plain, op_id, author)
    except _Spoilt as spoilt:
        return Taken("unreadable", title, at, str(spoilt))
    photos, missing = _photos_of(backup, entry)
    held = hold_brought(
        request,
        author=author,
        op_id=op_id,
        path=entry.path,
        fields=entry.fields,
        photos=photos,
        title=title,
        reason=HeldEntry.Reason.BACKUP,
    )
    return Taken("held", title, at, " ".join(missing), held)


def _opened(backup, sealed):
    """(op_id, what it says as a value of JSON) of one entry. Raises _Spoilt."""
    op_id = _uuid(sealed.get("op_id")) if isinstance(sealed, dict) else None
    if op_id is None:
        raise _Spoilt("Nomor kirimnya tidak ada.")
    plain = _decrypted(backup.key, sealed.get("iv"), sealed.get("data"), sealed["op_id"])
    if plain is None:
        raise _Spoilt("Berkas ini rusak di sini, atau bukan dari HP itu.")
    try:
        said = json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise _Spoilt("Isinya bukan catatan.") from error
    if not isinstance(said, dict):
        raise _Spoilt("Isinya bukan catatan.")
    return op_id, said


def _envelope(plain, op_id, author):
    """The Envelope of an entry that leads to a form which `author` may open. Raises _Spoilt."""
    try:
        entry = read_envelope(plain | {"op_id": str(op_id)})
    except Unreadable as error:
        raise _Spoilt("Isinya tidak dikenal versi ini.") from error
    try:
        _short(entry.path)
        route = resolve(entry.address[0])
    except (Resolver404, ValueError) as error:
        raise _Spoilt("Halaman isiannya tidak ada.") from error
    is_work = not POLICY[route.view_name].open and route.namespace not in NO_WORK
    if not is_work or not may_enter(author, route.view_name):
        raise _Spoilt("Halaman isiannya tidak ada.")
    return entry


def _photos_of(backup, entry):
    """([(field, CleanPhoto)] of an entry, what is to be said of those that can't come along)."""
    photos, missing = [], []
    for number, (field, name, sha256) in enumerate(entry.photos, 1):
        jpeg = _photo(backup, sha256)
        try:
            if jpeg is None:
                raise ValidationError("missing")
            photos.append((field, clean_photo(SimpleUploadedFile(name or "foto.jpg", jpeg, "image/jpeg"))))
        except ValidationError:
            missing.append(f"Foto {number} tidak terbaca, jadi tidak ikut.")
    return photos, missing


def _photo(backup, sha256):
    """The bytes of a photo: from the file, or where they travelled ahead; None where they are nowhere."""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        return None
    iv, data = backup.photos.get(sha256, (None, None))
    plain = _decrypted(backup.key, iv, data, sha256)
    if plain is not None and hashlib.sha256(plain).hexdigest() == sha256:
        return plain
    ahead = Upload.objects.filter(user=backup.phone.user, sha256=sha256).first()
    return bytes(ahead.content) if ahead and ahead.is_whole else None


# --- odd files --------------------------------------------------------------------------------------------------------


def _photos_in(said):
    """{sha256: (iv, data)} of the photos in the file, whatever stands there."""
    rows = said if isinstance(said, list) else []
    named = [row for row in rows if isinstance(row, dict) and isinstance(row.get("sha256"), str)]
    return {row["sha256"]: (row.get("iv"), row.get("data")) for row in named}


def _decrypted(key, iv, data, about):
    """The bytes sealed as `data` (base64) under `key` for `about` (text); None where they don't open."""
    try:
        nonce, sealed = (b64decode(text, validate=True) for text in (iv, data))
        if len(nonce) != NONCE or len(sealed) > MOST_PHOTO_BYTES:
            return None
        return AESGCM(key).decrypt(nonce, sealed, about.encode())
    except (TypeError, ValueError, InvalidTag):
        return None


def _uuid(text):
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError):
        return None


def _title_of(plain):
    """The title of the page in an entry, as far as it is one line of text; else ""."""
    title = plain.get("title")
    return title[:MOST_TITLE] if isinstance(title, str) and title.isprintable() else ""


def _moment_of(op_id):
    """When the entry was written, which its id (UUIDv7) tells; None where it tells nothing that can be."""
    if op_id.version != 7:
        return None
    at = datetime.fromtimestamp((op_id.int >> 80) / 1000, UTC) if op_id.int >> 80 < 1 << 43 else FIRST_DAY
    return at if FIRST_DAY < at < timezone.now() + timedelta(days=1) else None


def _short(address):
    """Raise ValueError for an address that no form has: too long, or asking more than a form sends."""
    if len(address) > MOST_ADDRESS or address.count("&") >= MOST_FIELDS:
        raise ValueError("too long")
