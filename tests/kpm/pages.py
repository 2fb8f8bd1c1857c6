"""Forms of the kpm room as a browser sends them."""

import re
from datetime import date

from pkh_casework.ids import uuid7
from tests.factories import KEBON_JAYANTI, nik


def new_family(**changes):
    """A submission of the page Tambah KPM that raises no doubt."""
    return {
        "op_id": str(uuid7()),
        "name": "Sari Rahayu",
        "nik": nik(1),
        "birth_date": "1985-03-12",
        "sex": "P",
        "relation": "pasangan",
        "no_kk": "3273 9901 0120 9001",
        "address": "Gang Kenanga 4",
        "rt": "2",
        "rw": "5",
        "wilayah": KEBON_JAYANTI,
        "joined_on": "2024-01-08",
        "status": "aktif",
        "path": "usaha",
        **changes,
    }


def hidden(response, name):
    """The value of the hidden field or checkbox `name` on the page, or None."""
    found = re.search(rf'name="{name}" value="([^"]+)"', response.content.decode())
    return found[1] if found else None


def as_shown(client, url, **changes):
    """The fields of the page at `url` as a browser would send them back, with `changes`."""
    page = client.get(url)
    values = {bound.name: bound.value() for bound in page.context["form"]}
    sent = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
        if value not in (None, False)
    }
    seen = {name: value for name in ("op_id", "version") if (value := hidden(page, name))}
    return {**sent, **seen, **changes}
