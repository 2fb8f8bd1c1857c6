"""What became of earlier referrals, by resource or by partner: figures without a name."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q

from pkh_casework.aggregates import Median

from .models import Referral

State = Referral.State


@dataclass(frozen=True)
class Results:
    """How many referrals were sent, answered, accepted and finished, and the median days to an answer (or None)."""

    sent: int = 0
    answered: int = 0
    accepted: int = 0
    finished: int = 0
    median_days: int | None = None


def results_by(what, ids) -> dict[int, Results]:
    """Results by id of `what` ("resource" or "partner") for those of `ids` with a referral sent: one query."""
    waited = ExpressionWrapper(F("answered_on") - F("sent_on"), output_field=DurationField())
    rows = (
        Referral.objects.filter(**{f"{what}__in": ids}, sent_on__isnull=False)
        .values(f"{what}_id")
        .annotate(
            sent=Count("pk"),
            answered=Count("answered_on"),
            accepted=Count("answered_on", filter=~Q(state=State.REFUSED)),
            finished=Count("pk", filter=Q(state=State.DONE)),
            median=Median(waited, output_field=DurationField()),
        )
        .order_by()
    )
    return {
        row[f"{what}_id"]: Results(
            row["sent"], row["answered"], row["accepted"], row["finished"], _days(row["median"])
        )
        for row in rows
    }


def _days(duration: timedelta | None) -> int | None:
    return None if duration is None else round(duration / timedelta(days=1))
