"""Outlines of areas: checked whole, simplified so that neighbours still meet, stored once."""

import json
from datetime import date
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from tests.factories import KEBON_JAYANTI, SUKAPURA
from wilayah.models import Boundary

SQUARE = [[107.641234567, -6.93], [107.65, -6.93], [107.65, -6.92], [107.641234567, -6.93]]
# Six thousand teeth, each wider than what is simplified away.
SAW = [
    *([107.6 + tooth / 1e5, -6.93 + tooth % 2 / 1e3] for tooth in range(6000)),
    [107.6, -6.9],
    [107.6, -6.93],
]
DAY = date(2026, 8, 20)


def feature(code="32.73.16.1002", rings=(SQUARE,), kind="Polygon"):
    coordinates = list(rings) if kind == "Polygon" else [list(rings)]
    return {
        "type": "Feature",
        "properties": {"kode": code},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.fixture
def load(tmp_path):
    """Write a collection of features to a file and load it; returns what the command says."""

    def load(*features, source="Contoh, MIT", day=DAY, inside=None):
        path, out = tmp_path / "batas.geojson", StringIO()
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **(inside or {})}))
        call_command("load_boundaries", path, source=source, date=day, stdout=out)
        return out.getvalue().strip()

    return load


def test_outlines_are_stored_once_and_rounded_to_a_metre(db, load):
    assert (
        load(feature(), feature(SUKAPURA, kind="MultiPolygon"))
        == "outlines: 2 created, 0 changed, 0 unchanged; simplified to 10 m"
    )

    row = Boundary.objects.get(pk=KEBON_JAYANTI)
    assert row.shape["coordinates"][0][0] == [107.64123, -6.93]
    assert (row.source, row.dated) == ("Contoh, MIT", DAY)
    assert (
        load(feature(), feature(SUKAPURA, kind="MultiPolygon"))
        == "outlines: 0 created, 0 changed, 2 unchanged; simplified to 10 m"
    )
    assert load(feature(), source="Lain").startswith("outlines: 0 created, 1 changed")


def test_the_file_itself_may_name_source_and_date(db, load):
    load(feature(), source="", day=None, inside={"source": "Dari berkas", "date": "2025-01-02"})

    row = Boundary.objects.get()
    assert (row.source, row.dated) == ("Dari berkas", date(2025, 1, 2))


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([feature("32.73.99.1001")], "3273991001: no such area"),
        ([feature(), feature()], "comes twice"),
        ([feature("")], "no code"),
        ([feature(rings=[SQUARE[:3]])], "does not close"),
        ([feature(rings=[[[-6.93, 107.64]] * 4])], "longitude comes first"),
        ([feature(rings=[])], "does not close"),
        (
            [{"properties": {"kode": KEBON_JAYANTI}, "geometry": {"type": "Point", "coordinates": [1, 2]}}],
            "Point",
        ),
        ([{"properties": {}}], "feature 2: no code"),
        ([feature(rings=[SAW])], "simplify"),
    ],
)
def test_a_fault_stores_nothing_and_is_named(db, load, features, words):
    with pytest.raises(CommandError, match=words):
        load(feature(SUKAPURA), *features)

    assert not Boundary.objects.exists()


def test_source_and_date_are_asked_for(db, load, tmp_path):
    with pytest.raises(CommandError, match=r"no source(.|\n)*no date"):
        load(feature(), source="", day=None)

    (tmp_path / "x").write_text("[]")
    with pytest.raises(CommandError, match="FeatureCollection"):
        call_command("load_boundaries", tmp_path / "x")
    with pytest.raises(CommandError, match="absent"):
        call_command("load_boundaries", tmp_path / "absent")


def lines_of(code):
    """The lines between two neighbouring points of a stored outline."""
    (ring,) = Boundary.objects.get(pk=code).shape["coordinates"]
    return {frozenset(map(tuple, line)) for line in pairwise(ring)}


def test_lines_get_fewer_points_and_neighbours_still_meet(db, load):
    between = [
        [round(107.65 + step % 3 / 1e5, 5), -6.93 + step / 1e3] for step in range(11)
    ]  # all within two metres
    bend = [107.652, -6.915]
    west = [*between, bend, [107.65, -6.91], [107.64, -6.91], [107.64, -6.93], between[0]]
    east = [between[0], [107.66, -6.93], [107.66, -6.91], [107.65, -6.91], bend, *between[::-1]]

    load(feature(rings=[west]), feature(SUKAPURA, rings=[east]))

    shared = lines_of(KEBON_JAYANTI) & lines_of(SUKAPURA)
    corner, end = (107.65, -6.93), (107.65, -6.91)
    assert shared == {frozenset(line) for line in pairwise([corner, tuple(between[10]), tuple(bend), end])}
    assert len(lines_of(KEBON_JAYANTI)) == len(lines_of(SUKAPURA)) == 6


def test_a_piece_smaller_than_what_is_simplified_away_stays(db, load):
    tiny = [[107.65, -6.93], [107.65001, -6.93], [107.65001, -6.92999], [107.65, -6.93]]

    load(feature(rings=[tiny]))

    assert Boundary.objects.get().shape["coordinates"] == [tiny]


def test_how_much_is_simplified_away_can_be_chosen(db, tmp_path, load):
    bent = [
        [107.64, -6.93],
        [107.65, -6.93],
        [107.65, -6.92],
        [107.645, -6.9197],
        [107.64, -6.92],
        [107.64, -6.93],
    ]
    load(feature(rings=[bent]))
    assert len(lines_of(KEBON_JAYANTI)) == 5

    call_command(
        "load_boundaries", tmp_path / "batas.geojson", source="A", date=DAY, metres=100, stdout=StringIO()
    )

    assert len(lines_of(KEBON_JAYANTI)) == 4
