"""pytest plugin (`-p tests.mutants.declared`): one module is mutated while it is imported, as MUTANT says (JSON)."""

import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path

from .changes import mutated

file, place = json.loads(os.environ["MUTANT"])
get_code = SourceFileLoader.get_code


def changed(loader, name):
    if Path(loader.path) == Path(file).resolve():
        return mutated(file, place)
    return get_code(loader, name)


SourceFileLoader.get_code = changed
