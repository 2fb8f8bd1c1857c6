"""Need against what there is: counted by hand, every number as large as the list behind it, nothing of a family told."""

import re
from datetime import timedelta
from html import unescape

import pytest

from reports.figures import Lens
from reports.figures.gap import CLOSED, NOTHING, SERVED, SHORT, gaps, needs
from tests.factories import KEBON_JAYANTI, KIARACONDONG, SUKAPURA, ResourceFactory, assess
from tests.queries import count_queries
from tests.worlds import made_once

from .conftest import OTHER_KOTA, Town, add_user, with_story
from .test_dashboard import rows_behind
from .work import families_of

PAGE = "/dasbor/kesenjangan/"
FAMILIES = re.compile(r'href="(/dasbor/angka/perlu-dibantu/[^"]+)">([0-9.]+)')
RESOURCES = re.compile(r'href="(/sumber-daya/[^"]+butuh=[^"]+)">([0-9.]+) (?:sumber|sedang)')
RESOURCE_ROW = '<li class="row'


@made_once
def needy():
    """Low: on A1 five in Kebon Jayanti and two in Sukapura, on B2 three, on D1 two, on C1 one; in the other kota one."""
    town = with_story(Town())
    families = families_of(town)
    ani, today = families["ani"], town.today
    for family in ani[:5]:
        assess(family, {"A1": 1}, on=today - timedelta(days=2))
    assess(ani[0], {"A1": 2, "B2": 1, "D1": 2, "C1": 3}, on=today)
    assess(ani[1], {"A1": 2, "B2": 2, "D1": 1, "C1": 1}, on=today)
    assess(families["budi"][0], {"B2": 2}, on=today)
    for family in families["citra"][:2]:
        assess(family, {"A1": 2}, on=today)
    assess(families["far"][0], {"A1": 1}, on=today)
    here = {"wilayah_id": KEBON_JAYANTI}
    ResourceFactory(lifts=["B2", "C1"], quota=2, quota_left=1, **here)
    ResourceFactory(lifts=["B2"], quota=2, quota_left=1)
    ResourceFactory(lifts=["B2"], opens_on=today + timedelta(days=1))
    ResourceFactory(lifts=["D1"], closes_on=today - timedelta(days=1))
    ResourceFactory(lifts=["D1"], quota=5, quota_left=0, **here)
    ResourceFactory(lifts=["A1"], wilayah_id=SUKAPURA)
    ResourceFactory(lifts=["A1"], ended_on=today, **here)
    ResourceFactory(lifts=["A1", "D1"], wilayah_id=OTHER_KOTA)
    return town


def lens_of(town, name, **narrowed):
    return Lens(vars(town.users)[name], town.today, town.month, **narrowed)


def told(lens):
    return [(gap.indicator.code, gap.families, gap.state) for gap in gaps(lens, needs(lens))]


def test_the_worst_comes_first(needy):
    assert told(lens_of(needy, "officer")) == [
        ("A1", 5, NOTHING),
        ("D1", 2, CLOSED),
        ("B2", 3, SHORT),
        ("C1", 1, SERVED),
    ]
    assert told(lens_of(needy, "camat")) == [
        ("D1", 2, CLOSED),
        ("B2", 3, SHORT),
        ("A1", 7, SERVED),
        ("C1", 1, SERVED),
    ]
    assert told(lens_of(needy, "camat", area=SUKAPURA)) == [("A1", 2, SERVED)]
    assert told(lens_of(needy, "ani", rw=5)) == [
        ("A1", 2, NOTHING),
        ("D1", 2, CLOSED),
        ("B2", 2, SERVED),
        ("C1", 1, SERVED),
    ]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("ani", {}),
        ("officer", {}),
        ("officer", {"rw": 5}),
        ("camat", {}),
        ("camat", {"wilayah": KEBON_JAYANTI}),
        ("kota", {"wilayah": KIARACONDONG}),
        ("kota", {}),
    ],
)
def test_every_number_opens_as_many_rows(client, needy, name, query):
    client.force_login(vars(needy.users)[name])
    page = client.get(PAGE, query).content.decode()
    families, resources = FAMILIES.findall(page), RESOURCES.findall(page)
    assert families
    assert resources
    for url, number in families:
        assert rows_behind(client, unescape(url)) == int(number), url
    for url, number in resources:
        assert client.get(unescape(url)).content.decode().count(RESOURCE_ROW) == int(number), url


def test_a_wide_area_is_told_by_its_parts(client, needy):
    client.force_login(needy.users.camat)
    page = client.get(PAGE).content.decode()
    part = page[page.index(f'id="wilayah-{KEBON_JAYANTI}"') :]
    assert "Kecukupan pendapatan: belum ada yang melayani, dan 2 hal lain" in part
    assert f'id="wilayah-{SUKAPURA}"' not in page  # wants for nothing
    rows = unescape(FAMILIES.findall(part)[0][0])
    back = re.search(r'class="back" href="([^"]+)"', client.get(rows).content.decode())[1]
    assert unescape(back).endswith(f"wilayah={KIARACONDONG}#wilayah-{KEBON_JAYANTI}")
    inside = client.get(PAGE, {"wilayah": KEBON_JAYANTI}).content.decode()
    assert 'id="rw-5"' in inside


def test_kelurahan_staff_read_no_word_of_a_family(client, needy):
    client.force_login(needy.users.officer)
    page = client.get(PAGE).content.decode()
    for url, _ in FAMILIES.findall(page):
        page += client.get(unescape(url)).content.decode()
    assert "PKH-" in page
    for secret in (needy.canary, "Nama ani", "/kpm/PKH", "/asesmen/0"):
        assert secret not in page


def test_what_is_not_the_askers_is_not_there(client, needy):
    client.force_login(needy.users.officer)
    assert client.get(PAGE, {"wilayah": SUKAPURA}).status_code == 404
    # On the list of resources an odd area is no question.
    for code in (OTHER_KOTA, "327316%", "x", "\0"):
        page = client.get("/sumber-daya/", {"di": code})
        assert page.context["within"] is None
        assert page.context["rows"]
    client.force_login(needy.users.admin)
    assert client.get(PAGE).status_code == 404


def test_nothing_known_says_what_to_do(client, bare_town):
    client.force_login(add_user("baru", "kelurahan", KEBON_JAYANTI))
    assert "muncul dari asesmen" in client.get(PAGE).content.decode()


def test_more_families_and_resources_cost_no_more_queries(client, needy):
    for name, query in (("kota", {}), ("officer", {}), ("ani", {})):
        client.force_login(vars(needy.users)[name])
        client.get(PAGE, query)
        with count_queries() as before:
            client.get(PAGE, query)
        assert len(before) <= 8, name
    extra = add_user("extra", "pendamping", KEBON_JAYANTI)
    for number in range(6):
        assess(needy.household(extra, rw=number + 1), {"A1": 1, "E1": 1}, on=needy.today)
        ResourceFactory(lifts=["A1", "E1"], wilayah_id=SUKAPURA if number % 2 else KEBON_JAYANTI)
    with count_queries() as after:
        client.get(PAGE)
    assert len(after) == len(before)
