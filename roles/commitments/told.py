"""What is said of one member in one month, wherever it comes from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .people import Bound
from .rules import percent_present


@dataclass(frozen=True)
class Told:
    """What is said of one member in one month (first day): the school days and the days away, or the percent `told` where
    a school says no more; or whether the member `came` to the check. All None: nothing is known (any more).
    """

    bound: Bound
    month: date
    effective: int | None = None
    absent: int | None = None
    leave: int | None = None
    ill: int | None = None
    told: Decimal | None = None
    came: bool | None = None

    @property
    def key(self):
        return self.bound.member.pk, self.bound.rule.kind_id, self.month

    def said(self):
        """The values of Commitment.SAID."""
        percent = self.told
        if self.effective and self.absent is not None:
            percent = percent_present(self.bound.rule, self.effective, self.absent, self.leave, self.ill)
        return {
            "effective_days": self.effective,
            "absent": self.absent,
            "leave": self.leave,
            "ill": self.ill,
            "percent": percent,
            "came": self.came,
        }

    @property
    def is_blank(self):
        return all(value is None for value in self.said().values())
