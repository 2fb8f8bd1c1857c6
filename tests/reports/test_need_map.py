"""The map of need against supply: the numbers of the gap view, for every duty, place and indicator, and nobody's house."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import Household
from reports.figures import Lens
from reports.figures.gap import gaps, needs
from reports.figures.nearness import FEWEST_HOUSES
from tests.factories import BABAKAN_SURABAYA, KEBON_JAYANTI, KIARACONDONG, ResourceFactory, UserFactory
from tests.queries import count_queries

from .test_gap import needy  # noqa: F401  the same world, with the same need

PAGE = "/dasbor/kesenjangan/peta/"


def look(client, user, **query):
    client.force_login(user)
    page = client.get(PAGE, query)
    assert page.status_code == 200
    return page


@pytest.mark.parametrize("name", ["ani", "officer", "camat"])
@pytest.mark.parametrize("area", ["", KEBON_JAYANTI])
def test_the_parts_add_up_to_what_the_gap_view_says(client, needy, name, area):  # noqa: F811
    user = vars(needy.users)[name]
    lens = Lens(user, needy.today, needy.month, area if area != user.wilayah_id else "")
    page = look(client, user, **({"wilayah": area} if area else {}))

    assert sum(row.needs for row in page.context["rows"]) == sum(needs(lens).values()) > 0
    for code, families in needs(lens).items():
        narrowed = look(client, user, indikator=code, **({"wilayah": area} if area else {}))
        assert sum(row.needs for row in narrowed.context["rows"]) == families


@pytest.mark.parametrize("code", ["A1", "B2", "C1", "D1"])
def test_of_one_need_the_part_is_served_as_the_gap_view_says(client, needy, code):  # noqa: F811
    officer = needy.users.officer
    lens = Lens(officer, needy.today, needy.month)
    rows = look(client, officer, indikator=code).context["rows"]

    for row in rows:
        of_rw = Lens(officer, needy.today, needy.month, rw=row.part)
        told = {gap.indicator.code: gap for gap in gaps(of_rw, needs(of_rw))}
        assert (row.needs, row.worst.state) == (told[code].families, told[code].state)
        assert row.unserved in {0, row.needs}
    assert sum(row.needs for row in rows) == needs(lens)[code]


def place_houses(houses, rw=5):
    """Give `houses` families of Kebon Jayanti that stand low a point, all of them in one RW."""
    families = Household.objects.filter(wilayah=KEBON_JAYANTI, rw=rw, status="aktif")
    families.update(latitude=None, longitude=None)
    ids = list(families.values_list("pk", flat=True)[:houses])
    assert len(ids) == houses
    for number, pk in enumerate(ids):
        Household.objects.filter(pk=pk).update(latitude=-6.927 - number / 1000, longitude=107.646)


def test_an_rw_is_drawn_in_the_middle_of_its_houses_but_never_of_fewer_than_three(client, needy):  # noqa: F811
    rw = look(client, needy.users.officer).context["rows"][0].part
    place_houses(FEWEST_HOUSES - 1, rw)
    assert rw not in [row.part for row in look(client, needy.users.officer).context["circles"]]

    place_houses(FEWEST_HOUSES, rw)
    page = look(client, needy.users.officer)

    assert rw in [row.part for row in page.context["circles"]]
    assertContains(page, f'href="#rw-{rw}"')
    assertContains(page, f'id="rw-{rw}"')
    assertNotContains(page, "-6.92")  # on the sheet nothing stands but percent


def test_the_nearest_that_is_open_is_named_with_its_distance(client, needy):  # noqa: F811
    rw = look(client, needy.users.officer).context["rows"][0].part
    place_houses(FEWEST_HOUSES, rw)
    there = {"latitude": -6.938, "longitude": 107.646, "lifts": ["A1"]}
    ResourceFactory(name="Yang dekat", **there)
    ResourceFactory(name="Yang tutup", **there | {"latitude": -6.93}, quota_left=0)
    ResourceFactory(name="Yang lebih jauh", **there | {"latitude": -6.95})

    page = look(client, needy.users.officer, indikator="A1")

    row = next(row for row in page.context["rows"] if row.part == rw)
    assert row.nearest[1].name == "Yang dekat"
    assertContains(page, "± 1,1 km")
    assertNotContains(page, "Yang tutup")


def test_the_state_is_said_in_words_not_by_colour_alone(client, needy):  # noqa: F811
    page = look(client, needy.users.camat)

    for words in ("Belum ada yang melayani", "Ada, tetapi sedang tidak buka", "Tempatnya kurang"):
        assertContains(page, words)
    assertContains(page, 'id="need-lines"')


def test_a_wide_area_is_shown_by_its_parts_which_lead_on(client, needy):  # noqa: F811
    page = look(client, needy.users.camat)

    assert {row.part[:6] for row in page.context["rows"]} == {KIARACONDONG}
    assertContains(page, f"/dasbor/kesenjangan/?bulan={needy.month:%Y-%m}&amp;wilayah={KEBON_JAYANTI}")


def test_no_house_and_no_name_is_told_to_an_officer(client, needy):  # noqa: F811
    Household.objects.update(latitude="-6.927111", longitude="107.646222", name="RAHASIA")

    assertNotContains(look(client, needy.users.officer), "RAHASIA")


def test_what_is_not_there_is_not_found_and_nobody_needing_anything_is_said(client, db):
    client.force_login(UserFactory())

    assertContains(client.get(PAGE), "Belum ada kebutuhan yang terlihat")
    assert client.get(PAGE, {"indikator": "Z9"}).status_code == 404
    assert client.get(PAGE, {"wilayah": BABAKAN_SURABAYA}).status_code == 404


def test_many_parts_are_few_questions(client, needy):  # noqa: F811
    def asked():
        with count_queries() as queries:
            look(client, needy.users.camat)
        return len(queries)

    few = asked()
    for number in range(10):
        ResourceFactory(lifts=["A1"], latitude=-6.93 - number / 1000, longitude=107.64)

    assert asked() == few <= 14
