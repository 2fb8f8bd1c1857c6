import pytest
from django.core.management import call_command
from django.db import transaction

from wilayah.clock import local_today

FEW = 46  # families for each pendamping: one for each RT of Kebon Jayanti and some more


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """A small demo, loaded once for all tests of a file and rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", families=FEW, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def today(demo, db):
    return local_today("3273")
