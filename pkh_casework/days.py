"""Days that lie whole months or years apart."""

from calendar import monthrange
from datetime import date

PKH_BEGAN = date(2007, 1, 1)


def months_after(day: date, months: int) -> date:
    """The same day so many months later (before, when negative), or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_after(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 28th where there is none, as PostgreSQL reckons."""
    return months_after(day, 12 * years)
