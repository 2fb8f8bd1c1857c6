import pytest
from django.db import ProgrammingError, connection, transaction

from ledger.models import AccessLog, HeldEntry
from ledger.operations import hold_entry, resolve_entry
from pkh_casework.ids import uuid7
from tests.factories import UserFactory


@pytest.fixture
def look(db):
    return AccessLog.objects.create(user=UserFactory(koordinator=True), action="look", route="", path="/")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger_accesslog SET reason = 'lain'", "DELETE FROM ledger_accesslog"],
    ids=["update", "delete"],
)
def test_the_database_itself_refuses_to_change_the_trail(statement, look):
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AccessLog.objects.get().reason == ""


def test_a_decision_on_a_held_entry_leaves_what_stood_before(db):
    koordinator = UserFactory(koordinator=True)
    held = hold_entry(
        op_id=uuid7(),
        author=UserFactory(),
        kind="roles.activity",
        payload={"catatan": "Sehat."},
        reason=HeldEntry.Reason.MONTH_LOCKED,
        wilayah_id="3273161002",
    )

    resolve_entry(held, by=koordinator, note="Dicatat ulang.")

    before = held.events.get()
    assert (before.pgh_label, before.resolved_at, before.note) == ("before_change", None, "")
    assert HeldEntry.objects.get().note == "Dicatat ulang."
