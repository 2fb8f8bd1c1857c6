"""What a phone sends of an entry: a form as it was filled in, in an envelope with a version of its own.

{"op_id", "schema", "path": the address of the form with its query, "fields": [[name, value], …], "photos": [{"field",
"name", "sha256"}, …], "family": case numbers with blanks between, of the families that it is about}. A phone that has not
heard of a release yet sends what the earlier one made: the two versions before the present one are understood.
"""

from dataclasses import dataclass
from uuid import UUID

SCHEMA, STILL_READ = 1, 2
MOST_FIELDS = 3000
# version: what makes an envelope of that version one of the next
UPGRADES: dict = {}
NO_FORMS = ("/hp/", "/masuk/", "/keluar/")  # what is sent there is no entry


class Unreadable(ValueError):
    """No envelope of a version that this release reads."""


@dataclass(frozen=True)
class Envelope:
    """One entry. `fields` are (name, value) pairs, `photos` (field, name, sha256) ones."""

    op_id: UUID
    path: str
    fields: tuple
    photos: tuple
    families: tuple

    @property
    def address(self):
        """(path, query) of its form."""
        path, _, query = self.path.partition("?")
        return path, query


def read_envelope(said):
    """The Envelope that `said`, a value of JSON, stands for. Raises Unreadable."""
    try:
        version = int(said["schema"])
        if not SCHEMA - STILL_READ <= version <= SCHEMA:
            raise Unreadable(f"schema {version}")
        for each in range(version, SCHEMA):
            said = UPGRADES[each](said)
        path = _text(said["path"])
        if not path.startswith("/") or path.startswith(("//", *NO_FORMS)):
            raise Unreadable("path")
        fields = tuple((_text(name), _text(value)) for name, value in said["fields"])
        photos = [(photo["field"], photo["name"], photo["sha256"]) for photo in said.get("photos", [])]
        photos = tuple(tuple(map(_text, photo)) for photo in photos)
        if len(fields) > MOST_FIELDS:
            raise Unreadable("too many fields")
        return Envelope(UUID(said["op_id"]), path, fields, photos, families_named(said))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(type(error).__name__) from error


def families_named(said):
    """The case numbers that an envelope of any version names: what follows for one of them waits for it."""
    named = said.get("family") if isinstance(said, dict) else None
    return tuple(named.split()) if isinstance(named, str) else ()


def _text(value):
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value.encode(errors="replace").decode()  # half a sign that stands for none
