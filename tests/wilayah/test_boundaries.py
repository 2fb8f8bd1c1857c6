"""Outlines of areas: checked whole, stored once, given to browsers to keep."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import KEBON_JAYANTI, KIARACONDONG, SUKAPURA, UserFactory
from wilayah.models import Boundary

SQUARE = [[107.641234567, -6.93], [107.65, -6.93], [107.65, -6.92], [107.641234567, -6.93]]
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
        == "outlines: 2 created, 0 changed, 0 unchanged"
    )

    row = Boundary.objects.get(pk=KEBON_JAYANTI)
    assert row.shape["coordinates"][0][0] == [107.64123, -6.93]
    assert (row.source, row.dated) == ("Contoh, MIT", DAY)
    assert (
        load(feature(), feature(SUKAPURA, kind="MultiPolygon"))
        == "outlines: 0 created, 0 changed, 2 unchanged"
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
        ([feature(rings=[[*SQUARE[:3] * 2000, SQUARE[0]]])], "simplify"),
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


def test_browsers_keep_the_outlines_of_an_area(client, db, load):
    load(feature(), feature(SUKAPURA))
    client.force_login(UserFactory())

    answer = client.get(f"/wilayah/batas/?di={KIARACONDONG}")

    assert set(answer["Cache-Control"].split(", ")) == {"private", "max-age=86400"}
    assert answer.json()["caption"] == "Batas indikatif. Sumber: Contoh, MIT, 20 Agu 2026."
    assert [row["properties"]["nama"] for row in answer.json()["features"]] == ["Sukapura", "Kebon Jayanti"]
    assert (
        client.get(f"/wilayah/batas/?di={KEBON_JAYANTI}").json()["features"][0]["geometry"]["type"]
        == "Polygon"
    )
    assert client.get("/wilayah/batas/?di=3201").json()["features"] == []
    assert client.get("/wilayah/batas/?di=32").status_code == 400


def test_strangers_get_no_outline(client, db):
    assert client.get("/wilayah/batas/?di=3273").status_code == 302
