"""The map without tiles: what lies where on the sheet, with outlines or without, and what it says beside them."""

from datetime import date

import pytest

from tests.factories import BABAKAN_SURABAYA, BANDUNG, KEBON_JAYANTI, KIARACONDONG, SUKAPURA
from tests.queries import count_queries
from wilayah.models import Boundary, Wilayah
from wilayah.sheet import FEW, STEPS, area_of_map, sheet_of

pytestmark = pytest.mark.django_db
WEST, EAST, SOUTH, NORTH = 107.64, 107.66, -6.94, -6.92


def outline(code=KEBON_JAYANTI, west=WEST, east=EAST):
    ring = [[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return Boundary.objects.create(wilayah_id=code, shape=shape, source="Contoh", dated=date(2026, 8, 20))


def test_a_sheet_holds_the_outline_with_a_margin_and_north_is_up():
    outline()

    sheet = sheet_of(KEBON_JAYANTI)

    west, top = sheet.spot((NORTH, WEST))
    east, bottom = sheet.spot((SOUTH, EAST))
    assert top == pytest.approx(6, abs=0.2)
    assert bottom == pytest.approx(94, abs=0.2)
    assert 6 <= west < east <= 94
    assert sheet.spot(((SOUTH + NORTH) / 2, (WEST + EAST) / 2)) == (50, 50)
    assert sheet.spot((-6.2, 106.8)) is None
    assert sheet.caption == "Batas indikatif. Sumber: Contoh, 20 Agu 2026."
    (path,) = sheet.shapes
    assert path.startswith("M")
    assert path.endswith("z")


def test_a_metre_is_as_long_in_each_direction():
    outline()
    sheet = sheet_of(KEBON_JAYANTI)

    (x, _), (_, y) = sheet.spot((-6.93, 107.65 + 0.005 / 0.99269)), sheet.spot((-6.93 - 0.005, 107.65))

    assert x == pytest.approx(y, abs=0.1)


def test_neighbours_are_drawn_as_far_as_they_are_seen_and_a_place_widens_the_sheet():
    outline()
    outline(SUKAPURA, EAST, EAST + 0.02)
    far = Boundary.objects.create(
        wilayah_id=BABAKAN_SURABAYA,
        shape={"type": "Polygon", "coordinates": [[[108, -7], [108.1, -7], [108.1, -6.9], [108, -7]]]},
        source="Contoh",
        dated=date(2026, 8, 20),
    )

    assert len(sheet_of(KEBON_JAYANTI).shapes) == 2
    assert far.pk.startswith(KIARACONDONG)
    assert sheet_of(KEBON_JAYANTI, [(-6.99, 107.65)]).spot((-6.99, 107.65))


def test_without_outlines_the_middles_and_names_of_the_kelurahan_are_there():
    sheet = sheet_of(KIARACONDONG)

    assert sheet.shapes == []
    assert sheet.caption == ""
    assert {label.code for label in sheet.labels} == set(
        Wilayah.objects.kelurahan().under(KIARACONDONG).exclude(latitude=None).values_list("pk", flat=True)
    )
    assert all(0 < label.x < 100 and 0 < label.y < 100 for label in sheet.labels)


def test_one_kelurahan_is_shown_no_closer_than_is_known():
    sheet = sheet_of(KEBON_JAYANTI)

    assert sheet.side * 111.32 == pytest.approx(0.76, abs=0.02)
    assert sheet.bar[1] == "200 m"


@pytest.mark.parametrize(
    ("code", "area"),
    [(KEBON_JAYANTI, KIARACONDONG), (KIARACONDONG, KIARACONDONG), (BANDUNG, BANDUNG), ("32", ""), ("", "")],
)
def test_what_a_map_shows_of_an_area(code, area):
    assert area_of_map(code) == area


def test_places_alone_fill_the_sheet_where_the_whole_area_is_not_asked_for():
    outline()
    places = [(-6.925, 107.645), (-6.925, 107.655)]

    near = sheet_of(KEBON_JAYANTI, places, whole=False)
    assert near.side < sheet_of(KEBON_JAYANTI, places).side
    assert len(near.shapes) == 1  # the ground that all of the sheet lies on
    assert sheet_of(KEBON_JAYANTI, whole=False) == sheet_of(KEBON_JAYANTI)


def test_of_a_whole_province_only_places_are_shown():
    assert sheet_of("32") is None
    assert sheet_of("32", [(-6.9, 107.6)]).spot((-6.9, 107.6)) == (50, 50)


def test_names_of_many_kelurahan_wait_until_one_looks_closely():
    Wilayah.objects.bulk_create(
        Wilayah(
            code=f"32731690{number:02d}",
            name=f"Contoh {number}",
            search_name=f"contoh{number}",
            level=4,
            parent_id=KIARACONDONG,
            latitude=-6.9 - number / 1000,
            longitude=107.6,
        )
        for number in range(FEW)
    )

    assert sheet_of(KIARACONDONG).is_crowded


def test_a_sheet_is_one_question_and_its_lines_are_whole_numbers():
    outline()
    with count_queries() as queries:
        sheet = sheet_of(KIARACONDONG)

    assert len(queries) == 1
    assert "." not in sheet.shapes[0]
    assert STEPS == 2000  # what templates/shared/map.html says of the box of its paths
