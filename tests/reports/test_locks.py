"""Which rows each write of this room holds, in which order (see tests/kpm/test_locks.py)."""

from datetime import date
from types import SimpleNamespace

import pytest

from pkh_casework.ids import uuid7
from reports.files.operations.export import ask_export
from reports.monthly.operations import change_report, lock_month, move_report, open_report
from tests.factories import KEBON_JAYANTI, HouseholdFactory, UserFactory
from tests.monthly import NOVEMBER, TODAY, hold_late, let_in, lock, period_of, reopen, write_report
from tests.queries import rows_held

PERIOD, REPORT = "entries_period", "reports_monthlyreport"


@pytest.fixture
def there(db):
    """Sri with a report of October handed in, and Rina, who locked September."""
    sri, rina = UserFactory(), UserFactory(koordinator=True)
    lock(rina, KEBON_JAYANTI, month=date(2026, 9, 1))
    return SimpleNamespace(
        sri=sri,
        rina=rina,
        draft=write_report(sri, month=date(2026, 8, 1)),
        report=write_report(sri, "ajukan"),
        held=hold_late(HouseholdFactory(pendamping=sri), on=date(2026, 9, 10)),
        said={"op_id": uuid7(), "sent": "x", "today": TODAY},
    )


@pytest.mark.parametrize(
    ("write", "tables"),
    [
        (
            lambda there: open_report(
                by=there.sri, wilayah_id=KEBON_JAYANTI, month=NOVEMBER, results="", **there.said
            ),
            [f"{PERIOD}!"],
        ),
        (lambda there: change_report(there.draft, by=there.sri, results="Lain.", **there.said), [REPORT]),
        (
            lambda there: move_report(there.report, "setujui", by=there.rina, **there.said),
            [f"{PERIOD}+", REPORT],
        ),
        (
            lambda there: lock_month(
                period_of(KEBON_JAYANTI, date(2026, 8, 1)), by=there.rina, reason="Draf.", **there.said
            ),
            [f"{PERIOD}!", REPORT],
        ),
        (lambda there: reopen(there.rina, KEBON_JAYANTI, month=date(2026, 9, 1)), [f"{PERIOD}!", REPORT]),
        (lambda there: let_in(there.held, there.rina), ["entries_heldentry!", f"{PERIOD}+"]),
        (
            lambda there: ask_export(
                "kpm",
                "",
                by=there.rina,
                op_id=uuid7(),
                sent="x",
                format="csv",
                purpose="Uji.",
                in_background=True,
            ),
            ["accounts_user!"],
        ),
    ],
)
def test_a_write_holds_its_rows_in_the_one_order(there, write, tables):
    with rows_held() as held:
        write(there)
    assert held == tables
