"""Proposing rows of master data and deciding about them: by two people, never by one (four eyes)."""

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, locked, operation
from pkh_casework.access import ADMIN

from .changes import apply_rows, plan_rows
from .models import Proposal
from .tables import Table, tables

State = Proposal.State
DECIDED = "Usulan ini sudah {}. Muat ulang halamannya."
OWN = "Usulan sendiri diputuskan orang lain."


def area_of(user: User) -> str:
    """The code of the area that `user` looks after, "" for the whole country."""
    return "" if user.duty == ADMIN else user.wilayah_id or ""


@operation(kind="data_induk", title="Usulan data induk", makes=Proposal)
def propose(
    table: Table, *, by: User, pk: UUID, op_id: UUID, rows: list[dict[str, str]], reason: str
) -> Proposal:
    """Propose `rows` ({column: text}) for `table`, as their form has checked them; `decide` checks them as of its day."""
    return Proposal.objects.create(id=pk, op_id=op_id, table=table.key, rows=rows, reason=reason, by=by)


@operation(kind="data_induk_putusan", title="Putusan atas data induk", about=Proposal)
def decide(proposal: Proposal, *, by: User, today: date, decision: str, note: str) -> Proposal:
    """Approve, refuse or withdraw (a Proposal.State). Approved rows are stored at once and hold from their own day.

    Raises Refused: somebody was faster, it is the own one, its day has come meanwhile, a rule of the table stands against it.
    """
    stored = locked(Proposal.objects, proposal.pk)
    if not stored.is_open:
        raise Refused(DECIDED.format(stored.get_state_display().lower()))
    if (decision == State.WITHDRAWN) != (stored.by_id == by.pk):
        raise Refused(OWN)
    if decision == State.APPROVED:
        _store(tables()[stored.table], stored, today)
    stored.state, stored.note = decision, note
    stored.decided_by, stored.decided_at = by, timezone.now()
    stored.save(update_fields=["state", "note", "decided_by", "decided_at"])
    return stored


def _store(table, proposal, today):
    with connection.cursor() as cursor:
        # Two proposals about the same thing would not see each other's rows.
        cursor.execute(f'LOCK TABLE "{table.model._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')
    planned = plan_rows(table, proposal.rows, today, area=area_of(proposal.by))
    if faults := [f"Baris {one.line}: {text}" for one in planned for text in one.fault_words]:
        raise Refused(" ".join(faults[:5]))
    try:
        apply_rows(table, planned)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
