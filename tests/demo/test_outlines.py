"""The invented outlines of the demo: closed, around their middles, and meeting their neighbours'."""

from datetime import date
from itertools import pairwise

import pytest

from demo.outlines import PLACES, fill_outlines
from tests.factories import BANDUNG
from wilayah.models import Boundary, Wilayah
from wilayah.sheet import sheet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def outlines():
    fill_outlines(date(2026, 11, 20))
    return {row.pk: row.shape["coordinates"][0] for row in Boundary.objects.all()}


def test_every_kelurahan_of_the_kota_has_a_closed_one_around_its_middle(outlines):
    areas = Wilayah.objects.kelurahan().under(BANDUNG).exclude(latitude=None)

    assert set(outlines) == set(areas.values_list("pk", flat=True)) != set()
    for area in areas:
        ring = outlines[area.pk]
        assert ring[0] == ring[-1]
        assert min(x for x, _ in ring) < float(area.longitude) < max(x for x, _ in ring)
        assert min(y for _, y in ring) < float(area.latitude) < max(y for _, y in ring)


def test_neighbours_meet(outlines):
    lines = [{frozenset(map(tuple, line)) for line in pairwise(ring)} for ring in outlines.values()]

    assert any(one & other for one, other in pairwise(lines))
    assert all(round(x, PLACES) == x for ring in outlines.values() for x, _ in ring)


def test_a_map_says_that_they_are_invented(outlines):
    assert "rekaan untuk demo" in sheet_of(BANDUNG).caption
