"""pytest plugin (`-p tests.timing`): where the time of a run went, by room of the house."""

from collections import Counter, defaultdict
from pathlib import PurePath

PHASES = ("setup", "call", "teardown")
spent = defaultdict(Counter)


def pytest_runtest_logreport(report):
    """Also called for the tests of other processes, as they report."""
    path = PurePath(report.nodeid.partition("::")[0])
    room = path.parts[1] if len(path.parts) > 2 else path.stem
    spent[room][report.when] += report.duration
    spent[room]["tests"] += report.when == "call"


def pytest_terminal_summary(terminalreporter):
    if len(spent) < 2:
        return
    total = Counter()
    for seconds in spent.values():
        total.update(seconds)
    rows = [*sorted(spent.items(), key=lambda row: -sum(row[1][phase] for phase in PHASES)), ("all", total)]
    terminalreporter.section("where the time went (seconds of all processes together)")
    terminalreporter.line(f"{'':<20}{'tests':>8}" + "".join(f"{phase:>10}" for phase in PHASES))
    for room, seconds in rows:
        times = "".join(f"{seconds[phase]:>10.1f}" for phase in PHASES)
        terminalreporter.line(f"{room:<20}{seconds['tests']:>8}{times}")
