"""Kasus for tests, made by the operations themselves."""

from datetime import date

from pkh_casework.ids import uuid7
from roles.models import IncidentKind
from roles.operations.incident import add_step, move_incident, report_incident, write_note

ON = date(2026, 11, 2)
SAID = {
    "tunggu": {"waits_for": "koordinator"},
    "putuskan": {"decided_by": "Dinas Sosial"},
    "jawab": {"answer": "dikabulkan"},
}
DATED = {"putuskan": "decided_on", "selesai": "told_on", "keberatan": "appealed_on"}


def make_incident(
    household, *moves, kind="bansos", on=ON, by=None, koordinator=None, what="Kartu tertahan.", **said
):
    """A kasus of the family, reported on the day `on`, which went the `moves` on the same day; `koordinator` takes those
    that are theirs.
    """
    by = by or household.pendamping
    incident = report_incident(
        household,
        by=by,
        op_id=uuid7(),
        sent="",
        kind=IncidentKind.objects.get(pk=kind),
        what=what,
        reported_by="keluarga",
        happened_on=on,
        reported_on=on,
        **said,
    )
    for name in moves:
        incident = go(incident, name, on=on, by=koordinator if name in {"tetapkan", "jawab"} else by)
    return incident


def go(incident, name, *, by, on=ON, reason="Begitu katanya.", **said):
    """One move of the kasus on the day `on`."""
    said = SAID.get(name, {}) | said
    if name in DATED:
        said.setdefault(DATED[name], on)
    return move_incident(
        incident, name, by=by, op_id=uuid7(), sent=str(uuid7()), today=on, reason=reason, **said
    )


def note(incident, text, *, by=None):
    """A confidential note to the kasus."""
    return write_note(
        incident, by=by or incident.household.pendamping, op_id=uuid7(), sent=str(uuid7()), text=text
    )


def make_for_walker(family, words, secret, today):
    """A kasus whose every text holds `words`, waiting for a koordinator, with a step and a note that says `secret`."""
    incident = make_incident(family, kind="kekerasan", on=today, what=words, member=family.members.first())
    step = add_step(
        incident, by=family.pendamping, op_id=uuid7(), sent="", text=words, whom=words, due_on=today
    )
    note(incident, secret)
    return {
        "incident": go(incident, "tunggu", by=family.pendamping, on=today, reason=words),
        "incident_step": step,
    }
