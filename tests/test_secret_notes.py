"""Confidential notes of a kasus: on no page of any duty but the one that keeps who opened it."""

import pytest

from tests.answers import everything
from tests.canaries import canary
from tests.walker import address_of, one_of_each, open_routes
from tests.worlds import made_once


@made_once
def world():
    return one_of_each()


@pytest.mark.parametrize("who", ["anonim", "pendamping", "kelurahan", "koordinator", "admin"])
def test_no_page_but_its_own_ever_shows_a_note(who, client, world):
    """Every route that a duty may open, as the walker opens it; the phone's bundle and the search are among them."""
    thing, users = world
    token = canary("sendiri", "rahasia").encode()
    if users[who]:
        client.force_login(users[who])
    shown = set()
    for name, params in open_routes(users[who]):
        for url in {
            address_of(name, params, thing),
            f"{address_of(name, params, thing).partition('?')[0]}?q=rahasia",
        }:
            if token in everything(client.get(url)):
                shown.add(name)
    assert shown == ({"roles:incident_notes"} if who in {"pendamping", "koordinator"} else set())
