"""Working days, so that nobody of the demo visits on a Sunday or on Independence Day."""

from datetime import timedelta

FREE_DAYS = {(1, 1), (5, 1), (6, 1), (8, 17), (12, 25)}
SATURDAY, SUNDAY = 5, 6


def is_workday(day):
    return day.weekday() != SUNDAY and (day.month, day.day) not in FREE_DAYS


def workday(rng, day):
    """`day`, or the nearest working day before it; most Saturdays become a Friday."""
    if day.weekday() == SATURDAY and rng.random() < 0.7:
        day -= timedelta(days=1)
    while not is_workday(day):
        day -= timedelta(days=1)
    return day
