"""The drawings for families: one for each level of each indicator, of a few shapes, that a paper can show as well."""

import csv
import re
from itertools import combinations

import pytest
from django.conf import settings

from pkh_casework.templatetags.icons import PICTURES, STAIRS, drawings, level_picture, whole_drawing

COLOURS = {"#fff", "#ffc530", "#d8cfdd", "currentColor"}


def read(name):
    with open(settings.BASE_DIR / "kpm/data" / name, encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


LEVELS = [(row["indicator"].partition(".")[2], int(row["level"])) for row in read("jangkar.csv")]


@pytest.mark.parametrize(("code", "level"), LEVELS)
def test_every_level_of_every_indicator_has_a_drawing_of_its_own(code, level):
    assert f"{code}-{level}" in drawings()
    assert f"#{code}-{level}" in level_picture(code, level)


@pytest.mark.parametrize("code", sorted({code for code, _ in LEVELS}))
def test_the_four_levels_differ_by_more_than_where_things_stand(code):
    shown = [re.sub(r"[-\d.]+", "", drawings()[f"{code}-{level}"]) for level in (1, 2, 3, 4)]

    for one, other in combinations(shown, 2):
        assert one != other


@pytest.mark.parametrize("file", [PICTURES, STAIRS])
def test_a_drawing_has_no_letters_few_colours_and_only_shapes_that_are_there(file):
    shapes = drawings(file)

    for name, drawn in shapes.items():
        assert "<text" not in drawn and "style=" not in drawn, name
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawn)) <= COLOURS, name
        assert set(re.findall(r'href="#([^"]+)"', drawn)) <= shapes.keys(), name


def test_an_indicator_that_is_not_drawn_yet_shows_the_stair():
    assert "#tangga-3" in level_picture("Z9", 3)
    assert whole_drawing("Z9-3") == ""


@pytest.mark.parametrize("name", ["A1-1", "E4-4", "tangga-2"])
def test_a_drawing_for_paper_stands_alone(name):
    drawing = whole_drawing(name)

    used = set(re.findall(r'href="#([^"]+)"', drawing))
    assert used and used <= set(re.findall(r'<g id="([^"]+)"', drawing))
