from datetime import date

import pytest

from pkh_casework.ids import uuid7
from roles.models import ActivityKind, SubRole
from roles.operations.activity import Entry

DAY = date(2026, 11, 20)


@pytest.fixture
def entry_for(db):
    """Make an Entry: entry_for([family, …], notes=…)."""

    def make(families=(), *, kind="kunjungan_rumah", sub_role="FAS-1", met=True, occurred_on=DAY, **fields):
        fields.setdefault("notes", "Melihat warung.")
        return Entry(
            occurred_on=occurred_on,
            kind=ActivityKind.objects.get(pk=kind),
            sub_role=SubRole.objects.get(pk=sub_role),
            families=[(family, met) for family in families],
            **fields,
        )

    return make


@pytest.fixture
def op_id():
    return uuid7()


@pytest.fixture
def filled(family):
    """Make what the browser sends: filled(notes=…, kind=None to leave a field out)."""

    def make(**changes):
        data = {
            "op_id": str(uuid7()),
            "kpm": [family.case_number],
            f"met-{family.case_number}": "ya",
            "occurred_on": "2026-11-20",
            "kind": "kunjungan_rumah",
            "sub_role": "FAS-1",
            "notes": "Melihat warung dan buku tabungan.",
            **changes,
        }
        return {name: value for name, value in data.items() if value is not None}

    return make


@pytest.fixture(autouse=True)
def friday(monkeypatch):
    """Today is Friday, 20 November 2026, for everything that asks for the local day."""
    for module in ("kpm.views.goal", "roles.forms.activity", "roles.views.activity", "roles.views.worklist"):
        monkeypatch.setattr(f"{module}.local_today", lambda code=None: DAY)
