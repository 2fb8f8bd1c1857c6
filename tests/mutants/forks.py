"""Work in forks of this process, a few at once, each on a copy of the database that bears the name of its slot."""

import json
import os
import signal
import sys
import time
import traceback
from itertools import count

AT_ONCE = 2
TOO_LONG = "the time limit"


def side_by_side(works, folder, *, limit=None):
    """(name, answer) for each of `works`, (name, function), as they end; answers pass through `folder`. What takes more
    than `limit` seconds is killed and answers TOO_LONG.

    Raises FileNotFoundError when a function raises; its traceback is printed.
    """
    works, running, free, fresh = iter(works), {}, [], count()
    while True:
        while len(running) < AT_ONCE and (following := next(works, None)):
            slot = free.pop() if free else f"gw{next(fresh)}"
            running[_forked(folder / slot, following[1])] = following[0], slot, time.monotonic()
        if not running:
            return
        time.sleep(0.01)
        for child, (name, slot, since) in list(running.items()):
            if os.waitpid(child, os.WNOHANG)[0]:
                del running[child]
                free.append(slot)
                yield name, json.loads((folder / slot).read_text())
            elif limit and time.monotonic() - since > limit:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                del running[child]  # and what it left in its database with its slot
                yield name, TOO_LONG


def _forked(answer, work):
    answer.unlink(missing_ok=True)
    child = os.fork()
    if child:
        return child
    try:
        os.setpgid(0, 0)  # to be killed with its own children
        told, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.environ["PYTEST_XDIST_WORKER"] = answer.name
        answer.write_text(json.dumps(work()))
    finally:
        if sys.exception():
            os.write(told, traceback.format_exc().encode())
        os._exit(0)
