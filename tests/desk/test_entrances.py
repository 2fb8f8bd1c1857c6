import pytest

from desk.entrances import GROUPS, entrances_for
from pkh_casework.access import POLICY
from pkh_casework.context import NAVIGATION, ONLY_WIDE
from tests.factories import UserFactory

DUTIES = ({}, {"kelurahan": True}, {"koordinator": True}, {"admin": True})


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: next(iter(duty), "pendamping"))
def test_every_entrance_of_a_duty_opens_and_stands_only_once(client, db, duty):
    user = UserFactory(**duty)
    client.force_login(user)
    urls = [entrance["url"] for _, entrances in entrances_for(user) for entrance in entrances]

    assert len(urls) == len(set(urls)) > 3
    page = client.get("/lainnya/").content.decode()
    for url in urls:
        assert f'href="{url}"' in page
        assert client.get(url).status_code == 200, url


def test_a_phone_finds_what_its_bar_leaves_out(db):
    user = UserFactory()
    (dashboard,) = (route for _, route, _ in ONLY_WIDE[user.duty])
    shown = {entrance["url"]: entrance["only_phone"] for _, rows in entrances_for(user) for entrance in rows}

    assert dashboard == "reports:dashboard" and shown["/dasbor/"]
    assert "/kpm/" not in shown  # in the bar


def test_whatever_a_duty_may_list_is_reached_from_the_bar_or_from_here():
    """No list of its own is without an entrance: pages that need no object and only read."""
    reached = {entrance.route for _, entrances in GROUPS for entrance in entrances}
    for duty, bar in NAVIGATION.items():
        reached |= {route for _, route, _ in bar}
        assert duty
    lists = {name for name in POLICY if name.endswith("_list")}
    elsewhere = {"independence_list"}
    assert {name for name in lists if name not in reached} <= elsewhere | {
        "sinergi:candidate_list",
        "sinergi:business_list",
        "sinergi:budget_list",
        "roles:training_list",
        "roles:trainer_list",
    }
