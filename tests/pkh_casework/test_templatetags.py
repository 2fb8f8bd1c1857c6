"""Template tags: icons and marks, Indonesian formats, charts drawn as SVG."""

import datetime
import re
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone, translation

from pkh_casework.templatetags import charts, formats, icons


def render(source, **context):
    """`source`, with all three libraries loaded, in Indonesian as the pages are."""
    with translation.override("id"):
        return Template("{% load charts formats icons %}" + source).render(Context(context))


def parsed(html):
    """The root element; fails when the markup (and so every SVG length in it) is not well formed."""
    return ElementTree.fromstring(html)


def test_icon_is_silent_without_a_label_and_speaks_with_one():
    assert 'aria-hidden="true"' in icons.icon("house")
    assert 'role="img" aria-label="Rumah &amp; kebun"' in icons.icon("house", label="Rumah & kebun")


def test_an_unknown_icon_is_refused():
    with pytest.raises(ValueError, match="no icon named 'hantu'"):
        icons.icon("hantu")


def test_every_icon_named_in_a_template_is_in_the_sprite():
    named = {
        name
        for page in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for name in re.findall(r'{% icon(?:_label)? "([^"]+)"', page.read_text())
    }
    assert named
    assert named <= icons.icon_names()


def test_the_four_roles_have_their_own_word_and_icon():
    words, names = zip(*icons.ROLES.values(), strict=True)
    assert len(set(words)) == len(set(names)) == 4
    assert set(names) <= icons.icon_names()


def test_role_badge_has_colour_icon_and_word():
    badge = icons.role_badge("edukasi")
    assert "role--edukasi" in badge
    assert "#book-open" in badge
    assert "Edukasi" in badge


def test_role_badge_with_a_sub_role_still_says_the_role():
    badge = icons.role_badge("fasilitasi", label="Mediasi & negosiasi")
    assert "Fasilitasi: </span>Mediasi &amp; negosiasi" in badge


def test_level_badge_has_colour_stair_and_number():
    badge = icons.level_badge(3)
    assert "level--3" in badge
    assert "#level-3" in badge
    assert "Tingkat 3" in badge
    assert "3 · Cukup" in icons.level_badge(3, label="Cukup")


def test_level_badge_without_an_assessment():
    assert "Belum dinilai" in icons.level_badge(None)


def test_a_level_outside_one_to_four_is_refused():
    with pytest.raises(ValueError, match="1 to 4"):
        icons.level_badge(5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime.date(2026, 11, 24), "24 Nov 2026"),
        (datetime.date(2026, 5, 1), "1 Mei 2026"),
        (datetime.datetime(2026, 8, 3, 12, 0), "3 Agu 2026"),
        (None, "–"),
    ],
)
def test_tanggal(value, words):
    assert formats.tanggal(value) == words


def test_tanggal_of_a_moment_is_the_local_date():
    late = datetime.datetime(2026, 11, 24, 18, 30, tzinfo=datetime.UTC)
    with timezone.override("Asia/Jakarta"):
        assert formats.tanggal(late) == "25 Nov 2026"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "hari ini"),
        (-1, "kemarin"),
        (1, "besok"),
        (-3, "3 hari lalu"),
        (-6, "6 hari lalu"),
        (4, "4 hari lagi"),
    ],
)
def test_tanggal_relatif(days, words):
    assert formats.tanggal_relatif(timezone.localdate() + datetime.timedelta(days)) == words


def test_tanggal_relatif_a_week_away_is_the_date():
    day = timezone.localdate() - datetime.timedelta(7)
    assert formats.tanggal_relatif(day) == formats.tanggal(day)
    assert formats.tanggal_relatif(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234, "1.234"), (-1234567, "-1.234.567"), (2.5, "3"), (None, "–"), ("", "–")],
)
def test_angka(value, text):
    assert formats.angka(value) == text


def test_angka_with_places():
    assert formats.angka(Decimal("1234.56"), 1) == "1.234,6"
    assert formats.angka(-0.2) == "0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4737678, "Rp4.737.678"),
        (Decimal("750000.50"), "Rp750.001"),
        (-5000, "-Rp5.000"),
        (-0.4, "Rp0"),
        (0, "Rp0"),
        (None, "–"),
    ],
)
def test_rupiah(value, text):
    assert formats.rupiah(value) == text


def test_persen():
    assert formats.persen(0.873) == "87%"
    assert formats.persen(0.873, 1) == "87,3%"
    assert formats.persen(0) == "0%"
    assert formats.persen(None) == "–"


FIRST, LAST = datetime.date(2025, 11, 3), datetime.date(2026, 10, 5)
CHARTS = {
    "role mix": ("{% chart_role_mix rows title='Peran' %}", [("fasilitasi", 2, "/a/"), ("edukasi", 1)]),
    "bar": ("{% chart_bar rows title='Per RW' unit='kunjungan' %}", [("RW 05", 2, "/a/"), ("RW 06", 1)]),
    "columns": ("{% chart_bar rows title='Per bulan' direction='vertical' %}", [("Okt", 2), ("Nov", 3.5)]),
    "levels": ("{% chart_levels rows title='Tingkat' %}", [1, 2, 0, 3]),
    "sparkline": ("{% sparkline rows title='Enam bulan' %}", [1, 2.5, 2]),
    "level line": ("{% chart_level_line rows first last title='Usaha' %}", [(FIRST, 1.5), (LAST, 2)]),
    "radar": (
        "{% chart_radar axes series title='Dulu' %}",
        [("A", "Pendapatan"), ("B", "Keuangan"), ("C", "Usaha"), ("D", "Keterampilan")],
    ),
    "moments": (
        "{% chart_level_moments rows title='Dulu' %}",
        [{"label": "Dulu", "value": {1: 2}}, {"label": "Kini", "value": {2: 2}}],
    ),
    "life map": (
        "{% chart_life_map rows title='Peta' %}",
        [{"label": "Tabungan", "code": "A1", "family": 3, "worker": 2, "before": 1}],
    ),
}


def drawn(name, rows):
    """The chart `name` with `rows` as its data; of a radar these are the axes, and its one moment has a value on each."""
    series = [("Sekarang", [2 + number % 2 for number in range(len(rows))])]
    days = [row[0] for row in rows] if name == "level line" and rows else [FIRST, LAST]
    context = {"rows": rows, "axes": rows, "series": series, "first": min(days), "last": max(days)}
    return parsed(render(CHARTS[name][0], **context))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_of_no_point_one_or_two_draws_nothing_that_is_not_there(name, number):
    rows = [0, number, 0, 0] if name == "levels" else CHARTS[name][1][:number]
    figure = drawn(name, rows)
    words = "".join(figure.itertext())

    for line in [*figure.iter("polyline"), *figure.iter("polygon")]:
        assert line.get("points")
    assert not re.search(r"\b(nan|inf|None)\b", ElementTree.tostring(figure, encoding="unicode"))
    assert ("Belum ada" in words) == (number == 0 and name != "moments")


def test_one_point_alone_stands_in_the_middle_and_a_line_that_never_moves_runs_through_it():
    (dot,) = drawn("sparkline", [7]).iter("circle")
    assert (dot.get("cx"), dot.get("cy")) == ("60", "16")
    line = next(drawn("sparkline", [7, 7, 7]).iter("polyline")).get("points")
    assert line == "3,16 60,16 117,16"
    figure = drawn("level line", [(LAST, 2)])
    (dot,) = figure.iter("circle")
    assert dot.get("cx") == "168"
    assert "".join(figure.itertext()).count("5 Okt 2026") == 2  # under the line, and for who hears it


@pytest.mark.parametrize(("number", "drawings"), [(1, 0), (2, 0), (3, 1), (4, 1)])
def test_a_radar_needs_three_axes_to_have_a_shape_and_says_its_numbers_without_one(number, drawings):
    figure = drawn("radar", CHARTS["radar"][1][:number])

    assert len(list(figure.iter("svg"))) == drawings
    assert len(list(figure.iter("td"))) == number + 1


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_well_formed_and_has_no_decimal_comma_in_a_length(name):
    figure = drawn(name, CHARTS[name][1])
    lengths = {"x", "y", "x1", "x2", "y1", "y2", "width", "height", "cx", "cy"}
    for element in figure.iter():
        for attribute in lengths & element.attrib.keys():
            assert re.fullmatch(r"-?\d+(\.\d+)?%?", element.attrib[attribute]), (element.tag, attribute)
        assert "style" not in element.attrib


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_without_rows_still_renders(name):
    assert drawn(name, []).tag == "figure"


@pytest.mark.parametrize("name", ["role mix", "columns", "levels", "sparkline"])
def test_a_drawing_has_a_title_and_says_its_numbers(name):
    source, rows = CHARTS[name]
    figure = parsed(render(source, rows=rows))
    svg = next(element for element in figure.iter("svg") if element.get("role") == "img")
    title, desc = svg.get("aria-labelledby").split()
    assert figure.find(f".//title[@id='{title}']").text
    assert re.search(r"\d", figure.find(f".//desc[@id='{desc}']").text)


@pytest.mark.parametrize("name", ["columns", "sparkline"])
def test_numbers_that_are_only_drawn_have_a_table(name):
    source, rows = CHARTS[name]
    assert len(parsed(render(source, rows=rows)).findall(".//details/table/tbody/tr")) == len(rows)


@pytest.mark.parametrize("name", ["role mix", "bar"])
def test_a_number_with_a_url_is_a_link_to_its_rows(name):
    source, rows = CHARTS[name]
    links = parsed(render(source, rows=rows)).findall(".//a")
    assert [(link.get("href"), link.text) for link in links] == [("/a/", "2")]


def test_no_link_stands_inside_a_drawing():
    for name, (_, rows) in CHARTS.items():
        assert not drawn(name, rows).findall(".//svg//a")


def test_role_mix_shows_all_four_roles_and_their_share():
    context = charts.chart_role_mix({"edukasi": 3, "teknis": 1})
    assert [(row["code"], row["value"], row["share"]) for row in context["rows"]] == [
        ("fasilitasi", 0, "0%"),
        ("edukasi", 3, "75%"),
        ("representasi", 0, "0%"),
        ("teknis", 1, "25%"),
    ]
    assert [row["x"] for row in context["rows"]] == ["0%", "0%", "75%", "75%"]


def test_levels_take_counts_by_level_or_rows():
    by_level = charts.chart_levels({1: 2, 4: 2})
    rows = charts.chart_levels([{"level": 1, "value": 2}, {"level": 4, "value": 2}])
    assert (
        [row["value"] for row in by_level["rows"]] == [row["value"] for row in rows["rows"]] == [2, 0, 0, 2]
    )


def test_life_map_says_both_views_and_leaves_out_what_was_not_assessed():
    html = render(CHARTS["life map"][0], rows=[{"label": "Usaha", "family": None, "worker": 1}])
    assert "Usaha: keluarga belum menilai, pendamping tingkat 1" in html
    assert "life__family" not in html
    assert "life__worker" in html


def test_what_people_wrote_is_escaped():
    for source, rows in (
        ("{% chart_bar rows title=rows.0.0 %}", [("<b>RW</b>", 1)]),
        ("{% chart_life_map rows %}", [{"label": "<b>RW</b>", "family": 1, "worker": 1}]),
        ("{% icon_label 'house' rows.0.0 %}", [("<b>RW</b>", 1)]),
    ):
        assert "<b>" not in render(source, rows=rows)


def test_pagination_prints_nothing_after_the_last_row():
    assert not render_to_string("shared/pagination.html", {"next_url": None, "part": "rows"}).strip()
    assert 'id="rows"' in render_to_string("shared/pagination.html", {"next_url": "?p=2", "part": "rows"})
