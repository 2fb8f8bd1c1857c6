"""An office with three families, as the tests of the SIKS-NG desk begin."""

import pytest

from tests.factories import KEBON_JAYANTI, KIARACONDONG, UserFactory

from .test_batch import apply, checked, child, family, table


@pytest.fixture
def files_kept(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rina(db):
    return UserFactory(name="Rina Marlina", wilayah_id=KEBON_JAYANTI)


@pytest.fixture
def office(rina, files_kept):
    """The koordinator of three families of Kebon Jayanti: the first has two children."""
    koordinator = UserFactory(duty="koordinator", wilayah_id=KIARACONDONG)
    rows = [
        family(1, "Siti Aminah"),
        child(1, "Asep", 11),
        child(1, "Ujang", 12),
        family(2, "Euis Komariah"),
        family(3, "Nining"),
    ]
    apply(checked(koordinator, table(*rows)), koordinator)
    return koordinator
