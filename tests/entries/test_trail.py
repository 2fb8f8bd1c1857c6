import pytest
from django.db import ProgrammingError, connection, transaction

from entries.decisions import resolve_entry
from entries.models import AccessLog, HeldEntry
from tests.factories import UserFactory
from tests.held import hold_form


@pytest.fixture
def look(db):
    return AccessLog.objects.create(user=UserFactory(koordinator=True), action="look", route="", path="/")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE entries_accesslog SET reason = 'lain'", "DELETE FROM entries_accesslog"],
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
    held = hold_form(UserFactory(), fields={"notes": "Sehat."})

    resolve_entry(held, by=koordinator, note="Dicatat ulang.")

    before = held.events.get()
    assert (before.pgh_label, before.resolved_at, before.note) == ("before_change", None, "")
    assert HeldEntry.objects.get().note == "Dicatat ulang."
