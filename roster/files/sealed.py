"""A file that rests sealed until it is over: it holds identity numbers, which never lie about in the clear."""

import os
import struct
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files import File

from pkh_casework.fields import NumberUnreadable, identity_keys

PIECE = 1 << 20
LENGTH = struct.Struct(">BI")  # key id, bytes of the piece


def keep(field, name, path, context):
    """Seal the file at `path` for `context` (text) and store it in the storage of `field` as `name`; the stored name."""
    ring = identity_keys()
    key_id = ring["current"]["encryption"]
    cipher = AESGCM(bytes.fromhex(ring["encryption"][key_id]))
    sealed_path = path.with_suffix(".sealed")
    with path.open("rb") as plain, sealed_path.open("wb") as sealed:
        number, piece = 0, plain.read(PIECE)
        while piece or not number:
            nonce, after = os.urandom(12), plain.read(PIECE)
            text = cipher.encrypt(nonce, piece, _about(context, number, is_last=not after))
            sealed.write(LENGTH.pack(int(key_id), len(text)) + nonce + text)
            number, piece = number + 1, after
    with sealed_path.open("rb") as written:
        stored = field.storage.save(name, File(written))
    sealed_path.unlink()
    return stored


def open_to(stored, path: Path, context):
    """Write the file that `stored` (a FieldFile) holds sealed to `path`. Raises NumberUnreadable, FileNotFoundError."""
    keys = identity_keys()["encryption"]
    with stored.open("rb") as sealed, path.open("wb") as plain:
        number, head = 0, sealed.read(LENGTH.size)
        while head:
            key_id, size = LENGTH.unpack(head)
            nonce, text = sealed.read(12), sealed.read(size)
            head = sealed.read(LENGTH.size)
            try:
                cipher = AESGCM(bytes.fromhex(keys[str(key_id)]))
                plain.write(cipher.decrypt(nonce, text, _about(context, number, is_last=not head)))
            except (InvalidTag, KeyError) as error:
                raise NumberUnreadable(context) from error
            number += 1


def _about(context, number, *, is_last):
    """What a piece belongs to: no piece can be left out, moved or cut off."""
    return f"{context}:{number}:{'last' if is_last else 'more'}".encode()
