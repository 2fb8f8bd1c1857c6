"""pytest plugin (`-p tests.worlds`): worlds, what many tests read. Each is made once a run, in a database that every
process copies once; each test finds it untouched and gets its objects anew.
"""

import os
import pickle
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import override_settings

from tests import database
from tests.clock import a_little_earlier


class World(NamedTuple):
    """One database, made by `fill(*asked)`; `asked` is what a test gives by indirect parameters."""

    fill: object
    asked: tuple = ()

    @property
    def name(self):
        said = f"_{md5(repr(self.asked).encode()).hexdigest()[:8]}" if self.asked else ""  # noqa: S324
        return f"{self.fill.__module__.rpartition('.')[2]}_{self.fill.__name__}{said}"

    @property
    def objects(self):
        return Path(os.environ[database.MEETING], f"{self.name}.pickle")

    def media(self):
        return override_settings(MEDIA_ROOT=Path(os.environ[database.MEETING], f"{self.name}.media"))

    def make(self):
        with a_little_earlier(), self.media():
            self.objects.write_bytes(pickle.dumps(self.fill(*self.asked)))

    def database(self):
        return database.copied(self.name, self.make, of="empty")


def made_once(fill):
    """Decorator: a fixture that gives what `fill()` returned when it made this world, in the database that holds it.

    Files of the world lie in a media directory of its own. What `fill` returns must be picklable, as rows are.
    """

    @pytest.fixture(name=fill.__name__)
    def given(request, in_its_world, db):
        return pickle.loads(world_of(request.node).objects.read_bytes())  # noqa: S301  our own file

    given._get_wrapped_function().fill = fill
    return given


def world_of(item):
    """The World that the test `item` asks for, or None."""
    for name, fixtures in getattr(item, "_fixtureinfo", NO_FIXTURES).name2fixturedefs.items():
        if fill := getattr(fixtures[-1].func, "fill", None):
            asked = item.callspec.params.get(name, ()) if hasattr(item, "callspec") else ()
            return World(fill, asked)
    return None


class NO_FIXTURES:  # a doctest or the like
    name2fixturedefs = {}


def pytest_collection_modifyitems(items):
    """The database is chosen before any other fixture opens a transaction in it."""
    for item in items:
        if world_of(item) and "in_its_world" not in item.fixturenames:
            item.fixturenames.insert(0, "in_its_world")


@pytest.fixture
def in_its_world(request, django_db_setup, django_db_blocker):
    """Leads the connection to the world's database. It stays there as long as the next test asks for the same."""
    world = world_of(request.node)
    with django_db_blocker.unblock():
        name = world.database()
    database.lead_to(name)
    with world.media():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    result = yield
    world = world_of(item)
    if world and not (nextitem and world_of(nextitem) == world):
        database.lead_to(database.copied("empty"))
    return result
