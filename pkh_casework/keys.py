"""New secrets: the key ring of identity numbers (read by fields.py) and the file that keeps it."""

import json
import os
import secrets


def new_key_ring():
    """A key ring with one encryption and one index key: 32 random bytes each, in hex, by id."""
    return {
        "encryption": {"1": secrets.token_hex(32)},
        "index": {"1": secrets.token_hex(32)},
        "current": {"encryption": "1", "index": "1"},
        "case": secrets.token_hex(32),  # shuffles case numbers and receipts
    }


def write_secret(path, text):
    """Write `text` to a new file that only its owner can read. Raises FileExistsError: a key is never replaced.

    It appears whole or not at all, so a start that was cut short leaves no half secret.
    """
    draft = _private_draft(path, text)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()


def write_key_ring(path):
    """Make a new key ring at `path`. Raises FileExistsError."""
    write_secret(path, _text_of(new_key_ring()))


def add_keys(path):
    """Add one encryption and one index key to the ring at `path` and make them the current ones; returns the ring.

    The older keys stay: they open what they sealed until `reseal_numbers` has passed. Raises FileNotFoundError.
    """
    ring = json.loads(path.read_text())
    for kind in ("encryption", "index"):
        key_id = str(max(map(int, ring[kind])) + 1)
        ring[kind][key_id] = secrets.token_hex(32)
        ring["current"][kind] = key_id
    _private_draft(path, _text_of(ring)).replace(path)
    return ring


def keep_case_key(path, key):
    """Let the ring at `path` shuffle case numbers and receipts with `key` (hex): that of an office that comes in whole.
    Raises FileNotFoundError, and ValueError for anything but 32 bytes.
    """
    if len(bytes.fromhex(key)) != 32:
        raise ValueError("a case key has 32 bytes")
    ring = json.loads(path.read_text())
    _private_draft(path, _text_of(ring | {"case": key})).replace(path)


def _text_of(ring):
    return json.dumps(ring, indent=2) + "\n"


def _private_draft(path, text):
    """A file with `text` beside `path`, which only its owner can read."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    draft.write_text(text)
    return draft
