"""Keyset pages: complete, stable while rows move, and with nothing readable in the address."""

import pytest
from django.test import RequestFactory

from pkh_casework.paging import keyset_page
from wilayah.models import Wilayah

pytestmark = pytest.mark.django_db


def page(query="", order=("name", "code"), size=2):
    kiaracondong = Wilayah.objects.under("327316").kelurahan()
    return keyset_page(kiaracondong, RequestFactory().get(f"/daftar/{query}"), order, size=size)


def following(current, **more):
    return page(current.next_url.removeprefix("/daftar/"), **more)


@pytest.mark.parametrize("order", [("name", "code"), ("-name", "-code"), ("level", "-code")])
def test_pages_show_every_row_once(order):
    current, names = page(order=order), []
    names += [row.name for row in current.rows]
    while current.next_url:
        current = following(current, order=order)
        names += [row.name for row in current.rows]

    assert len(names) == len(set(names)) == 6


def test_a_row_that_moves_to_the_end_takes_nobody_with_it():
    first = page()

    Wilayah.objects.filter(pk=first.rows[-1].pk).update(name="Zzz")

    assert len(following(first, size=9).rows) == 5


def test_the_address_holds_no_name_and_keeps_the_filters():
    first = page("?q=a")

    assert "q=a" in first.next_url
    assert not any(name in first.next_url for name in first.rows[-1].name.split())


@pytest.mark.parametrize("text", ["x", "A" * 60, "9" * 400, "é", "%00"])
def test_an_unreadable_key_starts_anew(text):
    assert page(f"?sesudah={text}").first


def test_a_key_of_another_order_starts_anew():
    assert following(page(), order=("code",)).first
