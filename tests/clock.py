"""The moment at which the tests run: a fixed one, whatever the machine's clock says.

`PKH_TEST_DAY=2028-02-29 make quick` runs them on another day. A program that a test starts gets the same clock by
`python -m tests.clock MODULE ARGUMENTS`.
"""

import os
import runpy
import sys
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine

DAY = date.fromisoformat(os.environ.get("PKH_TEST_DAY") or "2026-11-18")
MOMENT = datetime.combine(DAY, time(9, 30), ZoneInfo("Asia/Jakarta"))


def at_the_moment():
    """Context manager: the clock of this process starts at MOMENT, with which each test begins, and goes on from there."""
    return time_machine.travel(MOMENT, tick=True)


def a_little_earlier():
    """The same, ten minutes before: for what is there when a test begins."""
    return time_machine.travel(MOMENT - timedelta(minutes=10), tick=True)


if __name__ == "__main__":
    at_the_moment().start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
