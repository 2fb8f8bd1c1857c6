"""A file that rests sealed until it is over: it holds identity numbers, which never lie about in the clear."""

import struct
from pathlib import Path

from django.core.files import File

from pkh_casework.fields import seal_bytes, unseal_bytes

PIECE = 1 << 20
LENGTH = struct.Struct(">I")  # bytes of the sealed piece behind it


def keep(field, name, path, context):
    """Seal the file at `path` for `context` (text) and store it in the storage of `field` as `name`; the stored name."""
    sealed_path = path.with_suffix(".sealed")
    with path.open("rb") as plain, sealed_path.open("wb") as sealed:
        number, piece = 0, plain.read(PIECE)
        while piece or not number:
            after = plain.read(PIECE)
            text = seal_bytes(piece, _about(context, number, is_last=not after))
            sealed.write(LENGTH.pack(len(text)) + text)
            number, piece = number + 1, after
    with sealed_path.open("rb") as written:
        stored = field.storage.save(name, File(written))
    sealed_path.unlink()
    return stored


def open_to(stored, path: Path, context):
    """Write the file that `stored` (a FieldFile) holds sealed to `path`. Raises NumberUnreadable, FileNotFoundError."""
    with stored.open("rb") as sealed, path.open("wb") as plain:
        number, head = 0, sealed.read(LENGTH.size)
        while head:
            text = sealed.read(LENGTH.unpack(head)[0])
            head = sealed.read(LENGTH.size)
            plain.write(unseal_bytes(text, _about(context, number, is_last=not head)))
            number += 1


def _about(context, number, *, is_last):
    """What a piece belongs to: no piece can be left out, moved or cut off."""
    return f"{context}:{number}:{'last' if is_last else 'more'}"
