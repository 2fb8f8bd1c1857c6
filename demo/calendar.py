"""Working days, so that nobody of the demo visits on a Sunday or on Independence Day."""

from datetime import timedelta

FREE_DAYS = {(1, 1), (5, 1), (6, 1), (8, 17), (12, 25)}
SATURDAY, SUNDAY = 5, 6
DAY = timedelta(days=1)


def is_workday(day):
    return day.weekday() != SUNDAY and (day.month, day.day) not in FREE_DAYS


def workday(rng, day):
    """`day`, or the nearest working day before it; most Saturdays become a Friday."""
    if day.weekday() == SATURDAY and rng.random() < 0.7:
        day -= DAY
    while not is_workday(day):
        day -= DAY
    return day


def last_workday(today):
    """The last working day before `today`: the newest that the demo can tell of."""
    day = today - DAY
    while not is_workday(day):
        day -= DAY
    return day


def workday_between(rng, first, last):
    """A working day from `first` to `last`, both included. Raises ValueError where all of them are free."""
    day = workday(rng, first + rng.randint(0, (last - first).days) * DAY)
    while day < first or not is_workday(day):
        day += DAY
    if day > last:
        raise ValueError(f"no working day from {first} to {last}")
    return day


def workday_ago(rng, day, least, most):
    """A working day from `most` to `least` days before `day`."""
    return workday_between(rng, day - most * DAY, day - least * DAY)
