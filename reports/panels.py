"""What reports show on pages of lower rooms."""

from pkh_casework.panels import panel

from .monthly.operations import may_be_late


@panel("entries:held_detail", "reports/late_offer.html")
def offer_late(request, held):
    """The way to let in what is held for its locked month, for who decides."""
    return {"held": held} if may_be_late(held) else None
