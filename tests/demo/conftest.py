from datetime import datetime, time

import pytest
import time_machine
from django.core.management import call_command

from tests.clock import DAY as DEMO_DAY
from tests.worlds import made_once
from wilayah.clock import zone_of

FEW = 46  # families for each pendamping: one for each RT of Kebon Jayanti and some more


def morning_of(day):
    """A clock that goes on from eight o'clock of `day` in Bandung."""
    return time_machine.travel(datetime.combine(day, time(8), zone_of("3273")), tick=True)


@made_once
def demo(day=DEMO_DAY, families=FEW):
    """The day of a small demo; a test may name another one, and how many families for each pendamping."""
    with morning_of(day):
        call_command("load_demo", day=day, families=families, verbosity=0)
    return day


@pytest.fixture
def today(demo, db):
    """The day of the demo, and the clock stands at its morning."""
    with morning_of(demo):
        yield demo
