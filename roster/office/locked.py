"""A package under a passphrase: what an office takes along leaves the machine in no other form.

`LANGKAH1`, the salt (16 bytes), then pieces: length (4 bytes, big-endian), nonce (12), AES-256-GCM of at most 1 MB. The
key is scrypt (N = 2^15, r = 8, p = 1) of the passphrase's symbols without dashes; the associated data of a piece is
`kantor:<number>:more`, of the last one `kantor:<number>:last`, so that none is left out, moved or cut off.
"""

import os
import secrets
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from pkh_casework.fields import CROCKFORD, read_code

from . import OfficeFault

MAGIC = b"LANGKAH1"
SALT, NONCE = 16, 12
SYMBOLS = 24  # of 5 bits
PIECE = 1 << 20
LENGTH = struct.Struct(">I")
NO_PACKAGE = "Ini bukan paket kantor Langkah."
NOT_OPENED = "Sandi paket tidak cocok, atau berkasnya rusak."


def new_passphrase():
    """A passphrase of 24 symbols in groups of four, made by the machine: 120 bits."""
    symbols = "".join(secrets.choice(CROCKFORD) for _ in range(SYMBOLS))
    return "-".join(symbols[at : at + 4] for at in range(0, SYMBOLS, 4))


def new_salt():
    return os.urandom(SALT)


def key_of(passphrase, salt):
    """The 32 bytes that open what was locked with `passphrase` (as a person wrote or heard it) and `salt`."""
    return Scrypt(salt=salt, length=32, n=1 << 15, r=8, p=1).derive(read_code(passphrase.strip()).encode())


def lock(plain, path, *, key, salt):
    """Write the file at `plain` locked to `path`."""
    cipher = AESGCM(key)
    with plain.open("rb") as open_file, path.open("wb") as locked:
        locked.write(MAGIC + salt)
        number, piece = 0, open_file.read(PIECE)
        while piece or not number:
            after = open_file.read(PIECE)
            nonce = os.urandom(NONCE)
            sealed = nonce + cipher.encrypt(nonce, piece, _about(number, is_last=not after))
            locked.write(LENGTH.pack(len(sealed)) + sealed)
            number, piece = number + 1, after


def unlock(path, plain, passphrase):
    """Write what is locked in the file at `path` to `plain`. Raises OfficeFault."""
    with path.open("rb") as locked, plain.open("wb") as open_file:
        head = locked.read(len(MAGIC) + SALT)
        if not head.startswith(MAGIC) or len(head) < len(MAGIC) + SALT:
            raise OfficeFault(NO_PACKAGE)
        cipher, number = AESGCM(key_of(passphrase, head[len(MAGIC) :])), 0
        length = locked.read(LENGTH.size)
        while True:
            try:
                (size,) = LENGTH.unpack(length)
                if size > PIECE + NONCE + 16:
                    raise OfficeFault(NOT_OPENED)
                sealed = locked.read(size)
                length = locked.read(LENGTH.size)
                about = _about(number, is_last=not length)
                open_file.write(cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about))
            except (InvalidTag, ValueError, struct.error) as error:
                raise OfficeFault(NOT_OPENED) from error
            if not length:
                return
            number += 1


def _about(number, *, is_last):
    return f"kantor:{number}:{'last' if is_last else 'more'}".encode()
