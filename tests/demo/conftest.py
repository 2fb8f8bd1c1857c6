from contextlib import contextmanager
from datetime import date, datetime, time

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from wilayah.clock import zone_of

DEMO_DAY = date(2026, 11, 18)  # a Wednesday in the middle of a month
FEW = 46  # families for each pendamping: one for each RT of Kebon Jayanti and some more


def morning_of(day):
    """A clock that goes on from eight o'clock of `day` in Bandung."""
    return time_machine.travel(datetime.combine(day, time(8), zone_of("3273")), tick=True)


@contextmanager
def demo_of(day, families):
    """A demo loaded on `day`, which is rolled back at the end."""
    with transaction.atomic():
        with morning_of(day):
            call_command("load_demo", day=day, families=families, verbosity=0)
        yield day
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demo(request, django_db_setup, django_db_blocker):
    """The day of a demo that is loaded once for all tests of a file, of (day, families) where a test names them."""
    day, families = getattr(request, "param", (DEMO_DAY, FEW))
    with django_db_blocker.unblock(), demo_of(day, families):
        yield day


@pytest.fixture
def today(demo, db):
    """The day of the demo, and the clock stands at its morning."""
    with morning_of(demo):
        yield demo
