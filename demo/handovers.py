"""A handover that waits: a few families of one pendamping, offered to the neighbour on the same rounds."""

from kpm.models import Household
from pkh_casework.ids import uuid7
from roster.models import Handover
from roster.operations import offer

OFFERED = 3


def fill_handovers(today, users):
    """Offer OFFERED families once, as of `today`; `users` are the demo's by username."""
    holder, receiver = users["pendamping2.kebonjayanti"], users["pendamping.kebonjayanti"]
    families = Household.objects.filter(pendamping=holder).active().order_by("case_number")[:OFFERED]
    if Handover.objects.exists() or not families:
        return
    offer(
        by=users["koordinator.kiaracondong"],
        op_id=uuid7(),
        sent="demo",
        today=today,
        holder=holder,
        receiver=receiver,
        kind=Handover.Kind.LEVELLING,
        families=[family.pk for family in families],
        reason="Supaya jumlah KPM di Kebon Jayanti merata.",
    )
