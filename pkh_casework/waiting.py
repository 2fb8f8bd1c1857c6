"""Waiting on a machine that may be busy or small: as long as it takes, and never silently."""

import time

PAUSE, TELL_EVERY = 0.1, 10  # seconds


def wait_for(ready, what, *, alive, say=print):
    """Return the first true answer of `ready()`, asked as long as `alive()`; None when that ended first.

    Every ten seconds `say` tells that it still waits for `what`, a text such as "the database".
    """
    start = told = time.monotonic()
    while alive():
        if answer := ready():
            return answer
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            say(f"  still waiting for {what} ({told - start:.0f} s; this machine is busy or small) ...")
        time.sleep(PAUSE)
    return None
