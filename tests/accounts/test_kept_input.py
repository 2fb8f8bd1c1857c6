"""What was typed while the session ended comes back after the login, to its author only and by the author's hand."""

import html

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.kept import SALT
from accounts.models import LoginSession, User
from accounts.sessions import end_sessions

from .conftest import PASSWORD, hidden, log_in

pytestmark = pytest.mark.django_db

NEW = {"name": 'Asep "Kang" Suparman', "username": "asep", "duty": "pendamping", "wilayah": "3273161002"}


@pytest.fixture
def desk(koordinator, browser):
    """A koordinator's browser with the form for a new account open; returns (client, its CSRF token)."""
    client = browser()
    log_in(client, "rina")
    page = client.get("/petugas/baru/").content.decode()
    return client, hidden(page, "csrfmiddlewaretoken")


def send(desk, data=NEW, **headers):
    client, token = desk
    return client.post("/petugas/baru/", {**data, "csrfmiddlewaretoken": token}, headers=headers)


def come_back(client, answer, username="rina", **more):
    """Log in on the page that carries the form; returns the next page."""
    page = answer.content.decode()
    data = {
        "username": username,
        "password": PASSWORD,
        "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
    }
    return client.post("/masuk/", {**data, "kept": html.unescape(hidden(page, "kept")), **more})


def fields_of(page):
    """What the form on the resume page would send."""
    text = page.content.decode()
    names = [*NEW, "csrfmiddlewaretoken"]
    return {name: html.unescape(hidden(text, name)) for name in names}


def test_a_forged_post_is_never_carried(desk, later):
    client, _ = desk
    later(hours=1)
    answer = client.post("/petugas/baru/", NEW)
    assert answer.status_code == 403
    assert "Suparman" not in answer.content.decode()
    assert 'name="kept"' not in answer.content.decode()


def test_a_route_that_keeps_no_input_only_asks_for_the_login(desk, later):
    client, token = desk
    later(hours=1)
    answer = client.post("/akun/sandi/", {"csrfmiddlewaretoken": token, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/masuk/"


def test_what_was_typed_when_the_time_ran_out_is_stored_after_the_login(desk, later):
    client, _ = desk
    later(hours=1)
    answer = send(desk)
    assert answer.status_code == 401
    assert "Sesi Anda berakhir" in answer.content.decode()
    assert "Suparman" not in answer.content.decode()  # packed, not readable on the page
    assert not User.objects.filter(username="asep").exists()

    page = come_back(client, answer)
    text = page.content.decode()
    assert "Catatan tadi belum tersimpan" in text
    assert 'action="/petugas/baru/"' in text
    assert not User.objects.filter(username="asep").exists()  # nothing is sent by itself

    client.post("/petugas/baru/", fields_of(page))
    assert User.objects.get(username="asep").name == NEW["name"]


def test_a_session_row_that_is_gone_keeps_the_input_too(desk, koordinator):
    client, _ = desk
    end_sessions(LoginSession.objects.filter(user=koordinator))
    page = come_back(client, send(desk))
    assert "Catatan tadi belum tersimpan" in page.content.decode()
    assert "<blockquote" in page.content.decode()
    client.post("/petugas/baru/", fields_of(page))
    assert User.objects.filter(username="asep").exists()


@pytest.mark.parametrize("ended", ["session", "twice"])
def test_the_next_user_of_the_phone_is_not_offered_what_the_former_typed(ended, desk, koordinator, make_user):
    client, _ = desk
    make_user("dewi", duty="koordinator", wilayah_id="327316")
    end_sessions(LoginSession.objects.filter(user=koordinator))
    answer = send(desk)
    if ended == "twice":  # sent again from the page before: now without the cookie of the session, too
        answer = send(desk)

    answer = come_back(client, answer, username="dewi")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "tidak bisa disimpan dari akun ini" in client.get("/akun/").content.decode()


def test_a_form_of_nobody_known_comes_back_unseen_and_without_identity_numbers(desk):
    client, _ = desk
    Session.objects.all().delete()
    del client.cookies["penulis"]
    numbers = {"nik": "3273995203850007", "no_kk": "3273990101200001", "number": "3273990101200001"}

    text = come_back(client, send(desk, {**NEW, **numbers})).content.decode()

    assert "Bila bukan Anda yang mengetik, jangan disimpan" in text
    assert "<blockquote" not in text
    assert html.escape(NEW["name"]) in text
    assert "327399" not in text


def test_a_wrong_password_on_the_way_loses_nothing(desk, later):
    client, _ = desk
    later(hours=1)
    answer = come_back(client, send(desk), password="salah-sekali-ini")
    assert answer.status_code == 200
    assert "Catatan tadi belum tersimpan" in come_back(client, answer).content.decode()


def test_a_lock_on_the_way_loses_nothing(desk, later, koordinator):
    client, _ = desk
    later(hours=1)
    answer = send(desk)
    for _ in range(8):
        answer = come_back(client, answer, password="salah-sekali-ini")
    assert answer.status_code == 429
    assert hidden(answer.content.decode(), "kept")


def test_another_user_of_the_same_phone_is_not_offered_it(desk, later, make_user):
    client, _ = desk
    make_user("dewi", duty="koordinator", wilayah_id="327316")
    later(hours=1)
    answer = come_back(client, send(desk), username="dewi")
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    page = client.get("/akun/").content.decode()
    assert "tidak bisa disimpan dari akun ini" in page
    assert "Suparman" not in page


def test_a_user_whose_duty_may_not_send_it_is_not_offered_it(desk, koordinator, make_user):
    client, _ = desk
    make_user("siti")
    Session.objects.all().delete()
    assert come_back(client, send(desk), username="siti")["Location"] == "/"


def test_an_altered_package_is_refused(desk, later):
    client, _ = desk
    later(hours=1)
    answer = send(desk)
    packed = html.unescape(hidden(answer.content.decode(), "kept"))
    assert come_back(client, answer, kept=packed[:5] + "A" + packed[6:])["Location"] == "/"
    assert (
        come_back(client, answer, kept='{"path": "/petugas/baru/", "fields": {}}').status_code == 403
    )  # token used


def test_a_package_from_another_browser_is_refused(desk, later, browser):
    later(hours=1)
    packed = html.unescape(hidden(send(desk).content.decode(), "kept"))
    answer = log_in(browser(), "rina", kept=packed)
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_a_package_is_good_for_a_day(desk, later, monkeypatch):
    client, _ = desk
    later(hours=1)
    answer = send(desk)
    now = signing.time.time
    monkeypatch.setattr(signing.time, "time", lambda: now() + 24 * 3600 + 5)
    assert come_back(client, answer)["Location"] == "/"


def test_a_signed_package_to_a_route_that_keeps_no_input_is_refused(desk, later):
    client, _ = desk
    later(hours=1)
    answer = send(desk)
    content = signing.loads(html.unescape(hidden(answer.content.decode(), "kept")), salt=SALT)
    for path in ("/petugas/1/nonaktif/", "/tidak/ada/", "//jahat.example/petugas/baru/"):
        packed = signing.dumps({**content, "path": path}, salt=SALT)
        fresh = Client()
        fresh.cookies["csrf"] = client.cookies["csrf"].value
        page = {"username": "rina", "password": PASSWORD, "kept": packed}
        assert fresh.post("/masuk/", page)["Location"] == "/"


def test_the_token_and_passwords_are_not_carried(desk, later):
    later(hours=1)
    answer = send(desk, {**NEW, "password": "sandi-di-formulir"})
    content = signing.loads(html.unescape(hidden(answer.content.decode(), "kept")), salt=SALT)
    assert set(content["fields"]) == set(NEW)


def test_repeated_fields_and_the_query_come_back_and_photos_are_asked_for_again(desk, later):
    client, token = desk
    later(hours=1)
    photo = SimpleUploadedFile("foto.jpg", b"x", content_type="image/jpeg")
    data = {"families": ["a b", "c d"], "photos": photo, "csrfmiddlewaretoken": token}
    page = come_back(client, client.post("/petugas/baru/?dari=beranda", data)).content.decode()
    assert page.count('name="families"') == 2
    assert 'action="/petugas/baru/?dari=beranda"' in page
    assert "Foto tidak ikut tersimpan" in page


def test_htmx_gets_the_whole_page_instead_of_a_part(desk, later):
    later(hours=1)
    answer = send(desk, **{"HX-Request": "true", "HX-Target": "form"})
    assert answer.status_code == 200
    assert answer["HX-Retarget"] == "body"
    assert hidden(answer.content.decode(), "kept")
