"""Processor time, memory and neighbours, read from the system: what stays true on a busy machine."""

import os
import time
from dataclasses import dataclass

import psutil


def cpu_seconds(pid):
    """Processor seconds of a process and all below it, ended ones too: a parent keeps those of its children."""
    total = 0.0
    for process in _tree(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:  # ended meanwhile: its parent has its time by now, within one clock tick
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def memory_mb(pid):
    """(PSS, RSS) in MB of a process and all below it. A shared page counts once in PSS, everywhere in RSS."""
    full = [process.memory_full_info() for process in _tree(pid)]
    return sum(info.pss for info in full) / 1e6, sum(info.rss for info in full) / 1e6


def _tree(pid):
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


def _busy_seconds():
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq


@dataclass
class Watch:
    """Processor seconds spent by named process trees (`trees`: name to pid) between `start()` and `stop()`.

    Afterwards: `seconds` (wall), `cpu` (name to processor seconds), `strangers` (cores that other processes kept
    busy). This process and everything it started, the load included, is no stranger.
    """

    trees: dict

    def start(self):
        self._before, self._at = self._read(), time.monotonic()
        return self

    def stop(self):
        self.seconds, after = time.monotonic() - self._at, self._read()
        spent = {name: after[name] - self._before[name] for name in after}
        self.strangers = max(0.0, (spent.pop(_ALL) - spent.pop(_OWN)) / self.seconds)
        self.cpu = spent
        return self

    def _read(self):
        return {
            _ALL: _busy_seconds(),
            _OWN: cpu_seconds(os.getpid()),
            **{name: cpu_seconds(pid) for name, pid in self.trees.items()},
        }


_ALL, _OWN = object(), object()  # no name of a tree


def wait_for_quiet(limit=0.4, patience=3):
    """Wait until strangers keep less than `limit` cores busy, but no longer than `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        watch = Watch({}).start()
        time.sleep(0.5)
        if watch.stop().strangers < limit:
            return
