"""Things that walk through states: every way from one to another is a Move, told once and for everybody."""

from dataclasses import dataclass

from pkh_casework.access import PENDAMPING

from .operations import Refused


@dataclass(frozen=True)
class Move:
    """A way from one of the states `origins` to `target`, for people of the duty `whose`; `by_partner` also for a
    partner by its link.

    `words` stand on its button, `asks` above the field for what has to be said, which `needs_reason` may demand.
    `due_days`: after so many days somebody looks again; None: there is nothing to look after.
    """

    origins: tuple
    target: str
    whose: str = PENDAMPING
    needs_reason: bool = False
    words: str = ""
    asks: str = "Catatan"
    due_days: int | None = None
    by_partner: bool = False


def last_move(thing) -> str:
    """Names what a person saw of `thing`: the newest of its `moves`."""
    return str(thing.moves.order_by("-pk").values_list("pk", flat=True)[0])


def refuse_late(thing, move: Move, *, seen: str, called: str) -> None:
    """Raise Refused where somebody else was faster, or `thing`, `called` so, changed since the page was opened (`seen`,
    as last_move gives it): by whom, and what it is now.
    """
    if thing.state in move.origins and (not seen or seen == last_move(thing)):
        return
    newest = thing.moves.select_related("by").order_by("-pk")[0]
    raise Refused(
        f"{called} ini berubah sejak Anda buka: sekarang {thing.get_state_display().lower()}, oleh {newest.by.name}. "
        "Muat ulang halaman untuk melihatnya."
    )


def refuse_without_reason(move: Move, reason: str) -> None:
    """Raise Refused where `move` asks for a reason and none was written."""
    if move.needs_reason and not reason.strip():
        raise Refused("Tulis alasannya, singkat saja.", "reason")
