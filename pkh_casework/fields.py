"""Identity numbers (NIK, No KK): encrypted at rest, found by a blind index, masked wherever they are printed.

Cipher: AES-256-GCM over the 16 digits; stored as version (1 byte), key id (1 byte), nonce (12), ciphertext and tag.
The associated data is `model:field:pk`, so a ciphertext copied to another row or column does not open.
Index: HMAC-SHA256 with a second key over `field:digits`; exact match only. Both keys come from `IDENTITY_KEYS`.
"""

import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from .unseen import as_code, as_number

VERSION = 1
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class NumberUnreadable(ValueError):
    """The stored bytes can't be opened with the present keys: wrong row, wrong key or damaged."""


def identity_keys():
    """The key ring: encryption and index keys by id (hex), the current ids, the `case` key.

    Raises ImproperlyConfigured when there is none, since nothing may be stored in the clear.
    """
    if not settings.IDENTITY_KEYS:
        raise ImproperlyConfigured(
            f"no identity keys in {settings.IDENTITY_KEYS_FILE}; run manage.py make_keys"
        )
    return settings.IDENTITY_KEYS


@lru_cache(maxsize=16)
def _cipher(key_hex):
    return AESGCM(bytes.fromhex(key_hex))


def digits_of(text):
    """The digits, 0 to 9, of what a person typed or pasted: spaces, dots, dashes and unseen signs are dropped."""
    return "".join(sign for sign in as_number(str(text)) if sign.isascii() and sign.isdigit())


def seal(digits, context):
    """Encrypt `digits` (str) for the row named by `context` (`model:field:pk`); returns bytes."""
    return seal_bytes(digits.encode(), context)


def unseal(stored, context):
    """The digits of `stored` (bytes). Raises NumberUnreadable when they don't belong to `context`."""
    return unseal_bytes(stored, context).decode()


def seal_bytes(plain, context):
    """Encrypt `plain` (bytes) for what `context` names; returns bytes."""
    ring = identity_keys()
    key_id = ring["current"]["encryption"]
    nonce = os.urandom(12)
    sealed = _cipher(ring["encryption"][key_id]).encrypt(nonce, plain, context.encode())
    return bytes([VERSION, int(key_id)]) + nonce + sealed


def unseal_bytes(stored, context):
    """What was sealed in `stored` (bytes). Raises NumberUnreadable when it doesn't belong to `context`."""
    stored = bytes(stored)
    try:
        if stored[0] != VERSION:
            raise NumberUnreadable(context)
        key = identity_keys()["encryption"][str(stored[1])]
        return _cipher(key).decrypt(stored[2:14], stored[14:], context.encode())
    except (IndexError, KeyError, ValueError, InvalidTag) as error:
        raise NumberUnreadable(context) from error


def blind_index(digits, kind, *, key_id=None):
    """The index bytes of a number of `kind` (`nik` or `no_kk`), under the current index key or `key_id`."""
    ring = identity_keys()
    key = bytes.fromhex(ring["index"][key_id or ring["current"]["index"]])
    return hmac.digest(key, f"{kind}:{digits}".encode(), sha256)[:16]


def blind_indexes(digits, kind):
    """The index bytes under every known key, newest or not: what a search during a key change looks for."""
    return [blind_index(digits, kind, key_id=key_id) for key_id in identity_keys()["index"]]


class SealedNumber:
    """An identity number bound to its row. Printing it gives the mask; only `reveal()` gives the digits."""

    def __init__(self, stored, context):
        self.stored, self._context = bytes(stored), context

    def reveal(self):
        return unseal(self.stored, self._context)

    @property
    def key_id(self):
        """The id of the encryption key that sealed it."""
        return str(self.stored[1])

    def __str__(self):
        return f"{self.reveal()[:4]} •••• •••• ••••"

    __repr__ = __str__


def context_of(row, field):
    """`model:field:pk` of the row that the number in `field` is sealed for. A row of the field history holds the very
    bytes of the row that it tells of, and opens as that one.
    """
    model = getattr(row, "pgh_tracked_model", row)
    return context_for(model, field, getattr(row, model._meta.pk.attname))


def context_for(model, field, key):
    """`model:field:pk` of the row of `model` with the primary key `key`."""
    return f"{field.sealed_as or model._meta.label_lower}:{field.name}:{key}"


class _BoundNumber(DeferredAttribute):
    """Descriptor: seals digits on assignment and hands out `SealedNumber`s, so no plain digits stay on a model."""

    def __set__(self, instance, value):
        if value and not isinstance(value, SealedNumber):
            context = context_of(instance, self.field)
            if isinstance(value, str):
                value = seal(value, context)
            value = SealedNumber(value, context)
        instance.__dict__[self.field.attname] = value or None


class IdentityNumberField(models.BinaryField):
    """Assign 16 digits (str); read a `SealedNumber` or None. The row's primary key must be set first (UUIDv7).

    `sealed_as` ("kpm.household") seals it for the row of that model with the same key, which it is to become.
    """

    descriptor_class = _BoundNumber

    def __init__(self, *args, sealed_as="", **kwargs):
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)
        self.sealed_as = sealed_as

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, **({"sealed_as": self.sealed_as} if self.sealed_as else {})}

    def get_db_prep_value(self, value, connection, prepared=False):  # noqa: FBT002  Django's signature
        stored = value.stored if isinstance(value, SealedNumber) else value
        return super().get_db_prep_value(stored, connection, prepared)

    def to_python(self, value):
        return value


class BlindIndexField(models.BinaryField):
    """The blind index of the identity number in field `of`, computed at every save."""

    def __init__(self, *args, of="", **kwargs):
        self.of = of
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def pre_save(self, instance, add):
        number = getattr(instance, self.of)
        value = blind_index(number.reveal(), self.of) if number else None
        setattr(instance, self.attname, value)
        return value


# --- short codes for speech and paper ----------------------------------------------------------------------------


TURNS = 4


def _permute(number, bits, kind, *, back=False):
    """A keyed permutation of the `bits`-bit numbers, or with `back` its inverse: a Feistel network, walked until it
    lands in range again.
    """
    half = (bits + 1) // 2
    mask = (1 << half) - 1
    key = bytes.fromhex(identity_keys()["case"])

    def mixed(turn, part):
        digest = hmac.digest(key, f"{kind}:{turn}:{part}".encode(), sha256)
        return int.from_bytes(digest[:4]) & mask

    while True:
        left, right = number >> half, number & mask
        for turn in reversed(range(TURNS)) if back else range(TURNS):
            if back:
                left, right = right ^ mixed(turn, left), left
            else:
                left, right = right, left ^ mixed(turn, right)
        number = left << half | right
        if number < 1 << bits:
            return number


def short_code(number, symbols, kind):
    """`symbols` Crockford base32 characters for the `number`-th row of `kind`; no two numbers share a code.

    Raises ValueError past 32**symbols rows.
    """
    if not 0 <= number < 1 << (5 * symbols):
        raise ValueError(f"{kind} number {number} does not fit {symbols} symbols")
    value = _permute(number, 5 * symbols, kind)
    return "".join(CROCKFORD[value >> (5 * place) & 31] for place in reversed(range(symbols)))


def read_short_code(text, symbols, kind):
    """The number whose short code a person wrote or heard as `text`: the inverse of `short_code`.

    Raises ValueError for anything that is no code of so many symbols.
    """
    code = read_code(text)
    if len(code) != symbols or not set(code) <= set(CROCKFORD):
        raise ValueError(f"no {kind} code: {symbols} symbols of {CROCKFORD}")
    value = 0
    for symbol in code:
        value = value << 5 | CROCKFORD.index(symbol)
    return _permute(value, 5 * symbols, kind, back=True)


def read_code(text):
    """What a person wrote or heard, as Crockford symbols: upper case, I and L as 1, O as 0; blanks, dashes, points and what
    hides in a pasted text dropped.
    """
    return "".join(filter(str.isalnum, as_code(text).upper())).translate(str.maketrans("ILO", "110"))


CASE_SYMBOLS = 5


def case_number_of(text):
    """The case number that a person wrote or heard: "PKH-7F3K2" of "pkh 7f3k2", "7F3K2" or "PKH–7F3K2 "; "" for none."""
    code = read_code(text)
    code = code.removeprefix("PKH") if len(code) > CASE_SYMBOLS else code
    return f"PKH-{code}" if len(code) == CASE_SYMBOLS and code.isascii() else ""
