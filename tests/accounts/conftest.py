import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from wilayah.models import Wilayah

PASSWORD = "warung-kopi-di-tikungan"


@pytest.fixture
def make_user(db):
    """Make a user with a real password: make_user("siti"), make_user("rina", duty="koordinator", wilayah_id=…)."""

    def make(username, duty="pendamping", wilayah_id="3273161002", **fields):
        fields = {"name": username.title(), "password": PASSWORD, **fields}
        return User.objects.create_user(username, duty=duty, wilayah_id=wilayah_id, **fields)

    return make


@pytest.fixture
def koordinator(make_user):
    return make_user("rina", duty="koordinator", wilayah_id="327316", name="Rina Koordinator")


@pytest.fixture
def admin(make_user):
    return make_user("pusat", duty="admin", wilayah_id=None, name="Admin Pusat")


@pytest.fixture
def outside(db):
    """A kelurahan in another kecamatan of the same city."""
    Wilayah.objects.create(code="327301", name="Sukasari", level=3, parent_id="3273", search_name="sukasari")
    return Wilayah.objects.create(
        code="3273011001", name="Sarijadi", level=4, parent_id="327301", search_name="sarijadi"
    )


@pytest.fixture
def browser():
    """Make a client that checks CSRF tokens, as a browser meets them."""
    return lambda **headers: Client(enforce_csrf_checks=True, **headers)


@pytest.fixture
def later(monkeypatch):
    """Move the clock: later(hours=9) makes every following moment nine hours later."""
    now = timezone.now
    passed = timedelta()

    def move(**time):
        nonlocal passed
        passed += timedelta(**time)

    monkeypatch.setattr(timezone, "now", lambda: now() + passed)
    return move


def hidden(html, name):
    """The value of the first hidden input `name` in `html`, or None."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
    return found and found[1]


def log_in(client, username, password=PASSWORD, **more):
    """Open the login page and send it; returns the answer."""
    page = client.get("/masuk/").content.decode()
    data = {
        "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
        "username": username,
        "password": password,
    }
    return client.post("/masuk/", {**data, **more})


def code_on(response):
    """The one-time code printed on a page."""
    return re.search(r'receipt__code">([0-9A-Z ]+)<', response.content.decode())[1]
