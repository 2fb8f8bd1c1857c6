"""No page shows its reader a way that is closed: every link and every form of every page is followed as each duty, in
a world with everything and in an empty one.
"""

import re
from collections import Counter, deque
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve, reverse

from pkh_casework.access import POLICY
from tests.answers import everything
from tests.e2e.everything import people_with_everything
from tests.factories import UserFactory
from tests.worlds import made_once

TAGS = re.compile(r"<(?:a|form|button|input|div|section|li|img|span|p|ul|details|select)\b[^>]*>")
ATTRIBUTE = re.compile(r'\s(?:href|action|formaction|hx-get|hx-post|src)="([^"]*)"')
# So many addresses of one route are followed, and of those that ask the same behind their `?`, or nothing.
OF_A_ROUTE, THAT_ASK, THAT_ASK_NOTHING = 4, 1, 2
NOT_FOLLOWED = {"accounts:logout"}
DUTIES = ("pendamping", "kelurahan", "koordinator", "admin")


@made_once
def busy():
    return people_with_everything()


def ways_on(page, here):
    """The addresses of our own that a page leads to: links, forms, and what htmx asks for."""
    for tag in TAGS.findall(page):
        for value in ATTRIBUTE.findall(tag):
            way = urlsplit(urljoin(here, unescape(value)))
            if way.scheme in {"", "http"} and not way.path.startswith("/static/"):
                yield f"{way.path}?{way.query}" if way.query else way.path


def closed_ways(client):
    """{way: the page that shows it} of all that answer as if there was nothing, from the first page on."""
    known, followed, closed, read = set(), Counter(), {}, set()
    waiting = deque([("/", "/"), (reverse("desk:more"), "/")])
    while waiting:
        way, shown_on = waiting.popleft()
        try:
            route = resolve(urlsplit(way).path).view_name
        except Resolver404:
            closed[way] = shown_on
            continue
        asked = frozenset(dict(parse_qsl(urlsplit(way).query, keep_blank_values=True)))
        enough = followed[route, asked] >= (THAT_ASK if asked else THAT_ASK_NOTHING)
        if way in known or enough or route in NOT_FOLLOWED or followed[route] >= OF_A_ROUTE:
            continue
        known.add(way)
        followed[route, asked] += 1
        followed[route] += 1
        answer = client.get(way)
        if answer.status_code == 404 or answer.status_code >= 500:
            closed[way] = shown_on
        read.add(route)
        if answer.status_code in {301, 302}:
            waiting.append((answer["Location"], shown_on))
        elif answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            page = everything(answer).decode()
            waiting.extend((found, way) for found in ways_on(page, way))
    return closed, read


@pytest.mark.parametrize("duty", DUTIES)
def test_every_way_on_a_full_page_is_open(duty, client, busy, quietly):
    client.force_login(busy[duty])
    closed, read = closed_ways(client)
    assert not closed, "\n".join(f"{way} on {page}" for way, page in closed.items())
    behind_the_door = {name for name, rule in POLICY.items() if duty in rule.duties}
    assert len(read & behind_the_door) > len(behind_the_door) * 3 / 4


@pytest.mark.parametrize("duty", DUTIES)
def test_every_way_on_an_empty_page_is_open(duty, client, db, quietly):
    client.force_login(UserFactory(**({} if duty == "pendamping" else {duty: True})))
    closed, read = closed_ways(client)
    assert not closed, "\n".join(f"{way} on {page}" for way, page in closed.items())
    assert len(read) > 5
