"""What a page says at the next one: told once, to its own login, and readable nowhere on the way."""

import base64
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from pkh_casework.ids import uuid7
from pkh_casework.said import MessageStorage
from tests.factories import HouseholdFactory, UserFactory
from wilayah.clock import local_today

pytestmark = pytest.mark.django_db

COOKIE = settings.MESSAGES_COOKIE_NAME
NAME = "Neneng Kurniasih"
TOLD = f"{NAME} ditunda dan akan muncul lagi"
PAGE = "/lainnya/"


@pytest.fixture
def phone(client, pendamping):
    """A browser in which the pendamping has just put off a family, and has not seen the answer yet."""
    client.force_login(pendamping)
    household = HouseholdFactory(pendamping=pendamping, name=NAME)
    until = local_today(pendamping.wilayah_id) + timedelta(days=9)
    sent = {"op_id": str(uuid7()), "until_on": until, "reason": "Mudik"}
    assert client.post(f"/kegiatan/tunda/{household.case_number}/", sent).status_code == 302
    assert cookie_of(client)
    return client


def cookie_of(client):
    """What the browser holds in the cookie of messages, "" without one."""
    return client.cookies[COOKIE].value if COOKIE in client.cookies else ""


def page(client, path=PAGE):
    return client.get(path).content.decode()


def test_it_is_told_on_the_next_page_and_on_no_other(phone):
    assert TOLD in page(phone)
    assert not cookie_of(phone)
    assert TOLD not in page(phone)


def test_the_cookie_tells_nobody_the_name_of_the_family(phone):
    value = cookie_of(phone)
    plain = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    for words in (NAME.encode(), b"ditunda", b"Kode tanda terima", b"__json_message"):
        assert words not in plain and words not in value.encode()


def test_no_script_reads_it_and_no_other_site_sends_it(phone):
    cookie = phone.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert not cookie["secure"]


def test_it_needs_tls_where_the_session_does(settings):
    settings.SESSION_COOKIE_SECURE = True
    storage, response = storage_of(), HttpResponse()
    storage.add(messages.INFO, "Tercatat.")
    storage.update(response)
    assert response.cookies[COOKIE]["secure"]


def test_a_real_installation_binds_every_cookie_to_its_host():
    show = (
        "from pkh_casework import settings; print(*(getattr(settings, name) for name in dir(settings)"
        " if name.endswith('COOKIE_NAME')))"
    )
    environment = {"PATH": os.environ["PATH"], "PKH_MODE": "real"}
    names = subprocess.run(
        [sys.executable, "-c", show], env=environment, cwd=settings.BASE_DIR, check=True, capture_output=True
    )
    assert sorted(names.stdout.decode().split()) == [
        "__Host-csrf",
        "__Host-penulis",
        "__Host-pesan",
        "__Host-sesi",
    ]


def test_it_costs_no_write_of_the_session(phone, pendamping):
    household = HouseholdFactory(pendamping=pendamping)
    with CaptureQueriesContext(connection) as asked:
        phone.post(f"/kegiatan/tunda/{household.case_number}/batal/", {"op_id": str(uuid7())})
        assert "tampil lagi di Hari ini" in page(phone)
    assert not [query for query in asked if 'UPDATE "django_session"' in query["sql"]]


# --- the same phone in other hands ------------------------------------------------------------------------------------


def log_out(client, pendamping):
    client.post("/keluar/")


def log_in_as_another(client, pendamping):
    client.force_login(UserFactory())


def log_out_and_in_again(client, pendamping):
    client.post("/keluar/")
    client.force_login(pendamping)


def end_the_session_elsewhere(client, pendamping):
    Session.objects.all().delete()


def take_over_the_cookie(client, pendamping):
    """Another's browser, with a session of its own, gets the cookie in its hands."""
    stolen = cookie_of(client)
    client.cookies.clear()
    client.force_login(UserFactory())
    client.cookies[COOKIE] = stolen


@pytest.mark.parametrize(
    "change",
    [log_out, log_in_as_another, log_out_and_in_again, end_the_session_elsewhere, take_over_the_cookie],
)
def test_it_is_told_in_no_other_login(change, phone, pendamping):
    change(phone, pendamping)
    seen = [phone.get(PAGE, follow=True), phone.get("/masuk/", follow=True)]
    assert all(answer.status_code == 200 and NAME not in answer.content.decode() for answer in seen)
    assert not cookie_of(phone)  # and it is gone, not only closed


@pytest.mark.parametrize("value", ["x", "%%%", "====", "YWJj", "a" * 3000, "é", "{altered}", "{cut}"])
def test_what_is_no_message_of_ours_is_dropped(value, phone):
    sealed = cookie_of(phone)
    other = "A" if sealed[30] != "A" else "B"
    phone.cookies[COOKIE] = value.format(altered=sealed[:30] + other + sealed[31:], cut=sealed[:40])
    answer = phone.get(PAGE)
    assert answer.status_code == 200
    assert NAME not in answer.content.decode()
    assert not cookie_of(phone)


# --- many at once -----------------------------------------------------------------------------------------------------


def storage_of(session=None, cookie=""):
    """The messages of one request in `session` that brings the `cookie`."""
    request = RequestFactory().get("/")
    request.session = SessionStore() if session is None else session
    request.user = AnonymousUser()
    request.COOKIES = {COOKIE: cookie} if cookie else {}
    return MessageStorage(request)


def test_what_the_cookie_can_not_hold_waits_in_the_session():
    session, said = SessionStore(), [f"Tercatat. Kode tanda terima {number:06}." for number in range(60)]
    storage, response = storage_of(session), HttpResponse()
    for words in said:
        storage.add(messages.SUCCESS, words, extra_tags=str(uuid7()))
    assert storage.update(response) == []
    cookie = response.cookies[COOKIE].value
    assert len(cookie) <= 2048
    assert session["_messages"]

    storage, response = storage_of(session, cookie), HttpResponse()
    assert [message.message for message in storage] == said
    storage.update(response)
    assert not response.cookies[COOKIE].value
    assert "_messages" not in session
