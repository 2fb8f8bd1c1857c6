"""Which rows each write of this room holds, in which order (see tests/kpm/test_locks.py)."""

from types import SimpleNamespace

import pytest

from sinergi.operations.enrolment import leave, move_by_hand
from sinergi.operations.programme import (
    change_programme,
    close_programme,
    save_stages,
)
from tests.factories import HouseholdFactory, UserFactory
from tests.programmes import START, TODAY, go_on, join, make_business, make_programme, said
from tests.queries import rows_held

PROGRAMME, FAMILY = "sinergi_programme", "kpm_household"


@pytest.fixture
def there(db):
    """A programme with one family, another family, and a programme without any."""
    koordinator, family = UserFactory(koordinator=True), HouseholdFactory()
    programme = make_programme(koordinator)
    return SimpleNamespace(
        programme=programme,
        empty=make_programme(koordinator, name="Program kedua"),
        enrolment=join(family, programme),
        family=HouseholdFactory(),
        by=koordinator,
        worker=family.pendamping,
    )


def moved(there):
    about = {"stage": there.programme.stages.all()[1], "moved_on": TODAY, "reason": "Sudah.", "seen": 1}
    move_by_hand(there.enrolment, by=there.worker, **said(), today=TODAY, **about)


def left(there):
    about = {"left_on": TODAY, "ending": "pindah", "why": "Pindah."}
    leave(there.enrolment, by=there.worker, **said(), today=TODAY, **about)


@pytest.mark.parametrize(
    ("write", "tables"),
    [
        (lambda there: join(there.family, there.programme, on=START), [FAMILY, "entries_period+", PROGRAMME]),
        (lambda there: go_on(there.enrolment), [PROGRAMME, FAMILY]),
        (moved, [PROGRAMME, FAMILY]),
        (left, [PROGRAMME, FAMILY]),
        (lambda there: change_programme(there.programme, by=there.by, **said(), partners=[]), [PROGRAMME]),
        (lambda there: save_stages(there.empty, by=there.by, **said(), stages=[]), [PROGRAMME]),
        (
            lambda there: close_programme(
                there.programme, by=there.by, **said(), closed_on=TODAY, words="Usai."
            ),
            [PROGRAMME],
        ),
        (lambda there: make_business(there.programme, [there.enrolment]), [PROGRAMME]),
    ],
)
def test_a_write_holds_its_rows_in_the_one_order(there, write, tables):
    with rows_held() as held:
        write(there)
    assert held == tables
