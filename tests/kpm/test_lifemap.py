"""The family's map: what it says of an indicator and of a dimension over time."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from kpm.independence.lifemap import add_anchors, life_map
from kpm.models import Score
from tests.factories import KIARACONDONG, HouseholdFactory, UserFactory, assess
from tests.queries import count_queries

FIRST, SECOND, THIRD = date(2025, 11, 3), date(2026, 5, 4), date(2026, 10, 5)
DAY = date(2026, 11, 20)


@pytest.fixture
def family(db):
    return HouseholdFactory(path="usaha")


@pytest.fixture
def assessed(family):
    """A year: A1 1, 2, 3; B2 3, 2 and then not asked; B1 only at first; C1 skipped at the end."""
    assess(family, {"A1": 1, "B2": 3, "B1": 2, "C1": 2}, on=FIRST)
    assess(family, {"A1": 2, "B2": 2}, on=SECOND, form="singkat")
    assess(family, {"A1": 3}, on=THIRD, form="singkat", family={"A1": 4})
    return family


def place(drawn, code):
    return next(place for place in drawn.places if place.indicator.code == code)


def page_of(family):
    return reverse("kpm:household_independence", args=[family.case_number])


def test_a_place_knows_now_before_and_first(assessed):
    drawn = life_map(assessed, DAY)

    found = place(drawn, "A1")
    assert (found.level, found.family_level, found.before, found.first, found.change) == (3, 4, 2, 1, 1)
    assert (drawn.days, drawn.newest) == ([FIRST, SECOND, THIRD], THIRD)
    assert [place.indicator.code for place in drawn.risen] == ["A1"]
    assert drawn.fallen == []  # B2 fell at the assessment before, not at the newest


def test_a_skipped_indicator_keeps_its_last_answer_and_says_so(assessed):
    drawn = life_map(assessed, DAY)

    assert (place(drawn, "B2").level, place(drawn, "B2").skipped_on) == (2, THIRD)
    assert (place(drawn, "D1").level, place(drawn, "D1").skipped_on) == (None, FIRST)


def test_what_does_not_apply_is_no_low_level(assessed):
    Score.objects.filter(household=assessed, code="B1").update(
        state="tidak_berlaku", level=None, family_level=None, reason="Belum perlu."
    )
    drawn = life_map(assessed, DAY)

    assert place(drawn, "B1").not_applicable
    assert place(drawn, "B1").level is None
    assert "B1" not in {place.indicator.code for place in drawn.answered}


def test_the_line_of_a_dimension_is_the_mean_of_what_held_on_each_day(assessed):
    section = next(s for s in life_map(assessed, DAY).sections if s.dimension.code == "B")

    assert section.line == [(FIRST, 2.5), (SECOND, 2.0), (THIRD, 2.0)]
    assert (section.now, section.before, section.first) == (2.0, 2.0, 2.5)


def test_the_path_decides_what_is_on_the_map(assessed):
    assessed.path = "kerja"
    drawn = life_map(assessed, DAY)

    assert [s.places for s in drawn.sections if s.dimension.code == "C"] == [[]]


def test_the_page_shows_levels_in_words_both_views_and_what_is_missing(client, assessed):
    client.force_login(assessed.pendamping)

    page = client.get(page_of(assessed)).content.decode()

    assert "keluarga tingkat 4, pendamping tingkat 3, sebelumnya tingkat 2" in page
    assert "3 · Berkembang" in page
    assert "Satu setengah sampai kurang dari dua kali garis kemiskinan" in page
    assert "Dilewati" in page
    assert "Pada asesmen terakhir dilewati; ini jawaban sebelumnya." in page
    assert "<title id=" in page and "3 Nov 2025 2,5; 4 Mei 2026 2,0" in page


def test_before_the_first_assessment_the_pages_lead_to_it(client, family):
    client.force_login(family.pendamping)

    assert "Belum ada asesmen" in client.get(page_of(family)).content.decode()
    assert "Belum ada asesmen" in client.get(family.get_absolute_url()).content.decode()


def test_the_familys_page_has_the_map_in_small(client, assessed):
    client.force_login(assessed.pendamping)

    page = client.get(assessed.get_absolute_url()).content.decode()

    assert "Kecukupan pendapatan: </span>3" in page
    assert "<strong>1 naik</strong>" in page
    assert page_of(assessed) in page


def test_the_map_costs_the_same_however_long_the_history(client, family):
    client.force_login(family.pendamping)
    pages, maps = [], []
    for number in range(4):
        assess(family, {"A1": 1 + number % 4, "B2": 2}, on=FIRST + timedelta(days=100 * number))
        with count_queries() as queries:
            client.get(page_of(family))
        pages.append(len(queries))
        with count_queries() as queries:
            add_anchors(life_map(family, DAY).places)
        maps.append(len(queries))

    assert maps == [6] * 4  # two of them ask for a child at school
    assert len(set(pages[1:])) == 1


def test_only_who_may_open_the_family_sees_its_map(client, assessed):
    for user, status in (
        (UserFactory(), 404),
        (UserFactory(kelurahan=True), 404),
        (UserFactory(admin=True), 404),
        (UserFactory(koordinator=True, wilayah_id=KIARACONDONG), 200),
    ):
        client.force_login(user)
        assert client.get(page_of(assessed)).status_code == status
