"""pytest plugin (`-p tests.mutants.declared`): one module is mutated while it is imported, and some tests run. MUTANT says
which, as JSON: the file, the place of the change, the ids of the tests.
"""

import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path

from .changes import mutated

file, place, tests = json.loads(os.environ["MUTANT"])
get_code = SourceFileLoader.get_code


def changed(loader, name):
    if Path(loader.path) == Path(file).resolve():
        return mutated(file, place)
    return get_code(loader, name)


SourceFileLoader.get_code = changed


def pytest_collection_modifyitems(items):
    """Leave the wanted ones that are still there: the names of some come from what is declared."""
    items[:] = sorted(
        (item for item in items if item.nodeid in tests), key=lambda item: tests.index(item.nodeid)
    )
