"""Targets on their way: proposed by who knows the area, decided by a koordinator above (four eyes), one or many at once.

A locked month keeps the targets it was locked with: none is let in from a month that is locked in its area.
"""

from datetime import date
from functools import partial
from uuid import UUID, uuid5

from django.db import connection
from django.utils.formats import date_format

from accounts.models import User
from entries.models import Period
from entries.operations import Refused, locked, operation, why_not
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.days import months_after
from reports.models import Target

State = Target.State
DECIDED = "Usulan ini sudah {}. Muat ulang halamannya."
THERE = "Usulan untuk angka dan bulan itu sudah ada dan masih menunggu."


def may_propose(user: User, wilayah_id: str, pendamping: User | None) -> bool:
    """Whether `user` may propose for `pendamping`, or for the area: a pendamping the own targets, a koordinator those of the
    own area and all below it.
    """
    if user.duty == PENDAMPING:
        return pendamping is not None and pendamping.pk == user.pk
    return user.duty == KOORDINATOR and wilayah_id.startswith(user.wilayah_id or "-")


@operation(kind="target", title="Usulan target", makes=Target)
def propose_target(
    *,
    by: User,
    pk: UUID,
    op_id: UUID,
    today: date,
    figure: str,
    wilayah_id: str,
    pendamping: User | None,
    from_month: date,
    value: int | None,
    reason: str,
) -> Target:
    """Propose `value` for a figure from a month on; None: there is no target any more. Raises Refused, OtherContent."""
    if not may_propose(by, wilayah_id, pendamping):
        raise Refused("Target ini di luar wilayah Anda.")
    _refuse_locked(wilayah_id, from_month, "from_month")
    target = Target(
        id=pk,
        op_id=op_id,
        figure=figure,
        wilayah_id=wilayah_id,
        pendamping=pendamping,
        from_month=from_month,
        value=value,
        reason=reason,
        proposed_by=by,
        proposed_on=today,
    )
    _hold_table()
    if Target.objects.about(target).waiting().filter(from_month=from_month).exists():
        raise Refused(THERE, "from_month")
    target.save(force_insert=True)
    return target


@operation(kind="target_putusan", title="Putusan atas target", about=Target)
def decide_target(target: Target, *, by: User, today: date, decision: str, note: str = "") -> Target:
    """Approve or refuse (a Target.State) what another one proposed, or withdraw the own proposal. An approved target ends
    the one before it and ends itself where a later one begins. Raises Refused, OtherContent.
    """
    _hold_table()
    stored = locked(Target.objects, target.pk)
    if not stored.is_open:
        raise Refused(DECIDED.format(stored.get_state_display().lower()))
    if decision == State.WITHDRAWN:
        if stored.proposed_by_id != by.pk:
            raise Refused("Hanya pengusul yang dapat menarik usulannya.")
    elif not Target.objects.to_decide(by).filter(pk=stored.pk).exists():
        raise Refused(
            "Ini bukan bagian Anda: usulan diputuskan koordinator lain, di wilayah pengusul atau di atasnya."
        )
    if decision == State.REFUSED and not note.strip():
        raise Refused("Tulis mengapa ditolak, singkat saja.", "note")
    if decision == State.APPROVED:
        _refuse_locked(stored.wilayah_id, stored.from_month)
        _take_its_place(stored)
    stored.state, stored.decided_by, stored.decided_on, stored.decision = decision, by, today, note
    stored.save(update_fields=["state", "decided_by", "decided_on", "decision", "until_month"])
    return stored


def decide_many(targets, *, by: User, op_id: UUID, today: date, decision: str, note: str = ""):
    """Decide on each of `targets` in a transaction of its own, so that one that fails stops no other. Returns
    [(target, "" or why not)].

    A resend of `op_id` decides nothing twice: each target has an id made from both.
    """
    results = []
    for target in targets:
        said = {"op_id": uuid5(op_id, str(target.pk)), "sent": f"{target.pk} {decision} {note}"}
        decide = partial(decide_target, target, by=by, today=today, decision=decision, note=note, **said)
        results.append((target, why_not(decide)))
    return results


def _take_its_place(target):
    """Let `target` hold from its month on, until the next one begins."""
    others = Target.objects.about(target).filter(state=State.APPROVED).exclude(pk=target.pk)
    later = others.filter(from_month__gt=target.from_month).order_by("from_month").first()
    target.until_month = later.from_month if later else None
    for before in others.filter(from_month__lte=target.from_month):
        if before.until_month is None or before.until_month > target.from_month:
            before.until_month = target.from_month
            before.save(update_fields=["until_month"])


def _hold_table():
    """Two people who decide about the same at once would not see each other's rows."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reports_target IN SHARE ROW EXCLUSIVE MODE")


def first_open_month(wilayah_id: str) -> date | None:
    """The first month from which a target may begin in the area: the one after the last that is locked; None: any."""
    periods = Period.objects.filter(wilayah__code__startswith=wilayah_id, state=Period.State.LOCKED)
    last = periods.order_by("-month").values_list("month", flat=True).first()
    return last and months_after(last, 1)


def _refuse_locked(wilayah_id, month, field=None):
    """Hold the months of the area open from `month` on until this transaction ends. Raises Refused where one is locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM entries_period WHERE wilayah_id LIKE %s AND month >= %s ORDER BY id FOR SHARE",
            [f"{wilayah_id}%", month],
        )
    first = first_open_month(wilayah_id)
    if first and month < first:
        raise Refused(
            f"{date_format(month, 'F Y')} sudah dikunci di wilayah itu, dan bulan yang terkunci tidak berubah. Paling awal "
            f"{date_format(first, 'F Y')}.",
            field,
        )
