"""`python -m tests.mutants`: change the behaviour of one line, run the tests that reach it, and see whether one fails.

One warm process collects the tests. For each mutant a fork swaps the code of the live functions and runs the tests that
reach the line, on a database of its own. What is declared at the level of a module has no code to swap:
it is mutated while it is imported, by a new process. See docs/testing.md.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from hashlib import sha256
from itertools import batched
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from .changes import changes_of, mutated
from .forks import side_by_side

TESTS = [
    f"tests/{room}" for room in ("accounts", "kpm", "entries", "reports", "resources", "roles", "sinergi")
]
TESTS += ["tests/test_who_sees.py", "tests/pkh_casework/test_fields.py", "tests/pkh_casework/test_errors.py"]
TESTS += ["tests/pkh_casework/test_policy.py"]
PATTERNS = """
    */operations.py */operations/*.py reports/*/operations/*.py entries/models.py accounts/models.py
    kpm/models/scope.py kpm/models/group.py resources/models/*.py roles/models/activity.py roles/models/session.py
    reports/models/report.py reports/models/export.py entries/receipts.py
    reports/figures/declared/*.py reports/monthly/frozen.py pkh_casework/access.py pkh_casework/fields.py
"""
FILES = [str(path) for pattern in PATTERNS.split() for path in sorted(Path().glob(pattern))]
NAMES = {"__str__", "get_absolute_url", "deconstruct"}  # functions that decide nothing
SECONDS = 20  # of tests for each mutant, as long as they take without it
DECLARED = 1  # mutants of what each module declares outside of its functions
GOAL = 95
EQUAL = Path(__file__).with_name("equal.txt").read_text().splitlines()


class Mutants:
    """pytest plugin that takes the place of the run."""

    def __init__(self, wanted):
        self.wanted, self.failed, self.seconds = wanted, False, Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        self.items = {item.nodeid: item for item in session.items}
        self.functions = live_functions()
        self.folder = session.config.cache.mkdir("mutants")
        reached = self._reached()
        price = {test: seconds * sum(map(len, lines.values())) for test, (seconds, lines) in reached.items()}
        self.by_price = [(test, *reached[test]) for test in sorted(price, key=price.get)]
        chosen = sorted(self._chosen(), key=lambda change: not change.function)  # these take longest
        store = self.folder / "results.json"
        results = json.loads(store.read_text()) if self.wanted.again and store.exists() else {}
        left = (
            [one for one in chosen if verdict(one, results.get(name_of(one))) == "survived"]
            if results
            else chosen
        )
        print(f"{len(chosen)} mutants, {len(left)} of them to try with {len(reached)} tests", flush=True)
        gc.freeze()
        works = ((change, lambda change=change: self._caught_by(change)) for change in left)
        for change, caught in side_by_side(works, self.folder, limit=60 + 6 * SECONDS):
            results[name_of(change)] = caught
            print(
                f"{verdict(change, caught):<8} {name_of(change)} | line {change.first} | {caught}", flush=True
            )
            store.write_text(json.dumps(results))
        sums = Counter(verdict(change, results.get(name_of(change))) for change in chosen)
        tried = len(chosen) - sums["equal"]
        share = 100 * sums["caught"] / max(tried, 1)
        print(f"{share:.1f}% of {tried} caught ({GOAL}% is the goal):", dict(sums))
        session.testsfailed = share < GOAL
        return True

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration
        self.failed = self.failed or report.failed

    def _run(self, tests):
        """Run `tests`, yielding the id of each that is over."""
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            item = self.items[test]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.items.get(following))
            yield test

    def _reached(self):
        """{test: [seconds, {file: lines}]} of a run without mutants, kept in the cache: only new tests are run for it."""
        text = "".join(Path(file).read_text() for file in FILES)
        store = self.folder / f"{sha256(text.encode()).hexdigest()[:16]}.json"
        known = json.loads(store.read_text()) if store.exists() else {}
        new = [test for test in self.items if test not in known]
        parts = batched(new, 40)
        works = ((part, lambda part=part: self._watched(part)) for part in parts)
        for _, found in side_by_side(works, self.folder):
            known |= found
            store.write_text(json.dumps(known))
        return {test: known[test] for test in self.items if known[test]}

    def _watched(self, tests):
        """The same for `tests`; None for one that fails."""
        watch, root, found, lines = sys.monitoring, f"{Path.cwd()}/", {}, set()

        def line(code, number):
            lines.add((code.co_filename.removeprefix(root), number))
            return watch.DISABLE

        def start(code, offset):
            return line(code, code.co_firstlineno)  # a lambda of one line tells no line of its own

        watch.use_tool_id(watch.COVERAGE_ID, "mutants")
        watch.register_callback(watch.COVERAGE_ID, watch.events.LINE, line)
        watch.register_callback(watch.COVERAGE_ID, watch.events.PY_START, start)
        for function in self.functions:
            for code in codes_in(function.__code__):
                watch.set_local_events(watch.COVERAGE_ID, code, watch.events.LINE | watch.events.PY_START)
        for test in self._run(tests):
            by_file = defaultdict(list)
            for file, number in sorted(lines):
                by_file[file].append(number)
            found[test] = None if self.failed else [self.seconds[test], by_file]
            self.failed = False
            lines.clear()
            watch.restart_events()
        return found

    def _chosen(self):
        """A part of the changes of every function and of every module's declarations; the same one on each run."""
        for file in self.wanted.files or FILES:
            by_function = defaultdict(list)
            for change in changes_of(file):
                if change.function.rpartition(".")[2] not in NAMES:
                    by_function[change.function].append(change)
            for function, changes in by_function.items():
                changes.sort(key=lambda change: sha256(f"{self.wanted.turn}{change}".encode()).digest())
                share = -(-len(changes) // self.wanted.every)
                yield from changes[: share if function else min(share, DECLARED)]

    def _caught_by(self, change):
        """The test that fails with `change`, "" when none does."""
        lines = set(range(change.first, change.last + 1))
        if not change.function or not (tests := self._reaching(change.file, lines)):
            tests = self._reaching(change.file, seconds=SECONDS / 4)  # all is slower in a new process
            return caught_at_import(change, tests)  # where it runs, if anywhere
        swap(self.functions, mutated(change.file, change.place))
        return next((test for test in self._run(tests) if self.failed), "")

    def _reaching(self, file, wanted=None, *, seconds=SECONDS):
        """The tests that reach one of the lines `wanted` of `file`, or any, for so many `seconds`: those first
        that take little time and reach little else.
        """
        tests, left = [], seconds
        for test, duration, lines in self.by_price:
            here = set(lines.get(file, ()))
            if here & (wanted or here):
                left -= duration
                if left < 0 and tests:
                    break
                tests.append(test)
        return tests


def live_functions():
    """Every function of FILES that is there, decorated or kept by another one."""
    paths = {str(Path(file).resolve()) for file in FILES}
    return [
        thing
        for thing in gc.get_objects()
        if type(thing) is FunctionType and thing.__code__.co_filename in paths
    ]


def codes_in(code):
    """`code` and all that is nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes_in(constant)


def swap(functions, module):
    """Give those of `functions` that are of the file of `module`, a code object, the code that they have in it."""
    new = defaultdict(list)
    for code in codes_in(module):
        new[code.co_qualname, code.co_firstlineno].append(code)
    for function in functions:
        code = function.__code__
        same = new.get((code.co_qualname, code.co_firstlineno), [])
        if code.co_filename == module.co_filename and len(same) == 1 and same[0] != code:
            # Without its only super() a function asks for no cell, yet it is given one.
            cells = {} if same[0].co_freevars else {"co_freevars": code.co_freevars}
            function.__code__ = same[0].replace(**cells)


def caught_at_import(change, tests):
    """As _caught_by, in a new process whose import of the module makes the change."""
    files = {test.partition("::")[0] for test in tests}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.mutants.declared",
        "-xq",
        "--tb=no",
        *sorted(files),
    ]
    mutant = {"MUTANT": json.dumps([change.file, change.place, tests])}
    done = subprocess.run(command, env=os.environ | mutant, capture_output=True, text=True, check=False)
    if done.returncode in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0].split()[1] if failed else "the import"


def name_of(change):
    return f"{change.file} | {change.function or '-'} | {change.words}"


def verdict(change, caught):
    """In a word what became of a change that the test `caught` found, or none."""
    if caught:
        return "caught"
    return "equal" if any(line.startswith(f"{name_of(change)} | ") for line in EQUAL) else "survived"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", help="of FILES; all when none is named")
    parser.add_argument("--every", type=int, default=16, help="one of so many changes in each function")
    parser.add_argument("--turn", default="", help="any word: another choice")
    parser.add_argument("--again", action="store_true", help="try only what no test caught the last time")
    options = ["-q", "-s", "--no-header", "--no-summary", "-p", "no:tests.timing"]
    sys.exit(pytest.main([*options, *TESTS], plugins=[Mutants(parser.parse_args())]))
