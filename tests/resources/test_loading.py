"""Resources from a file: added once, with their partners, to be checked by people."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from pkh_casework.templatetags.icons import icon_names
from resources.models import Category, Partner, Resource

SEED = Path(__file__).parents[2] / "resources" / "data" / "bandung.csv"
HEAD = "name,partner,category,services,lifts,wilayah,description,residents_only"


def load(path):
    out = StringIO()
    call_command("load_resources", path, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def written(tmp_path):
    """Write rows under HEAD to a file; returns its path."""

    def write(*rows):
        path = tmp_path / "sumber.csv"
        path.write_text("\n".join(["# sumber", HEAD, *rows]))
        return path

    return write


def test_the_seed_of_bandung_loads_once_and_waits_to_be_checked(db):
    assert load(SEED).startswith("resources: 34 added, 0 there already")

    rows = Resource.objects.all()
    assert all(row.source and row.checked_on is None and row.latitude is None for row in rows)
    assert all(row.services.exists() and row.lifts and row.partner for row in rows)
    kur = rows.get(name="KUR mikro")
    assert (kur.business_months, kur.value_most, kur.true_in) == (6, 100_000_000, 2026)
    ppse = rows.get(name="PPSE")
    assert (ppse.age_from, ppse.age_to, ppse.desil_to) == (19, 64, 3)
    assert Partner.objects.filter(name="Dinas Tenaga Kerja Kota Bandung").count() == 1

    Resource.objects.filter(pk=kur.pk).update(description="Diperbaiki orang")
    assert load(SEED) == "resources: 0 added, 34 there already; 0 partners added"
    assert Resource.objects.get(pk=kur.pk).description == "Diperbaiki orang"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Bengkel,,umkm,sulap,,3273,Ada,ya", "no such service: sulap"),
        ("Bengkel,,sulap,modal,,3273,Ada,ya", "line 4, category"),
        ("Bengkel,,umkm,modal,,3273,,ya", "line 4, description"),
        ("Bengkel,,umkm,modal,,3273,Ada,mungkin", "ya or tidak"),
        ("Bengkel,,umkm,modal,,0,Ada,ya", "line 4, wilayah"),
        ("Bengkel,,umkm,modal,,3273,Ada", "line 4, row: more or fewer cells"),
    ],
)
def test_a_fault_is_named_and_nothing_is_stored(db, written, row, words):
    with pytest.raises(CommandError, match=words):
        load(written("Warung,,umkm,modal,C1,3273,Ada,ya", row))

    assert not Resource.objects.exists()


def test_every_category_has_an_icon_that_is_there(db):
    assert set(Category.objects.values_list("icon", flat=True)) <= icon_names()
