"""How long a login lasts, from how many places, and who can end it."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import LoginSession

from .conftest import PASSWORD, hidden, log_in

pytestmark = pytest.mark.django_db

PLACES = {"pendamping": "3273161002", "kelurahan": "3273161002", "koordinator": "327316", "admin": None}


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def is_in(client):
    return client.get("/akun/").status_code == 200


@pytest.mark.parametrize(
    ("duty", "idle"),
    [("pendamping", 8 * 60), ("kelurahan", 30), ("koordinator", 30), ("admin", 15)],
)
def test_a_session_ends_after_the_idle_time_of_the_duty(make_user, later, duty, idle):
    client = logged_in(make_user("orang", duty=duty, wilayah_id=PLACES[duty]))
    later(minutes=idle + 1)
    assert not is_in(client)
    assert not LoginSession.objects.exists()


@pytest.mark.parametrize(
    ("duty", "idle"),
    [("pendamping", 8 * 60), ("kelurahan", 30), ("koordinator", 30), ("admin", 15)],
)
def test_each_visit_begins_the_idle_time_anew(make_user, later, duty, idle):
    client = logged_in(make_user("orang", duty=duty, wilayah_id=PLACES[duty]))
    for _ in range(3):
        later(minutes=idle - 1)
        assert is_in(client)


@pytest.mark.parametrize(
    ("duty", "step", "absolute"),
    [
        ("pendamping", 7 * 60, 7 * 24 * 60),
        ("kelurahan", 29, 720),
        ("koordinator", 29, 720),
        ("admin", 14, 480),
    ],
)
def test_a_session_ends_after_the_absolute_time_however_busy(make_user, later, duty, step, absolute):
    client = logged_in(make_user("orang", duty=duty, wilayah_id=PLACES[duty]))
    passed = 0
    while passed + step < absolute:
        later(minutes=step)
        passed += step
        assert is_in(client)
    later(minutes=step + 1)
    assert not is_in(client)


def test_the_newest_three_sessions_stay(make_user):
    siti = make_user("siti")
    clients = [logged_in(siti) for _ in range(5)]
    assert [is_in(client) for client in clients] == [False, False, True, True, True]
    assert LoginSession.objects.count() == 3


def test_sessions_of_others_do_not_count(make_user):
    siti, dewi = make_user("siti"), make_user("dewi")
    first = logged_in(siti)
    for _ in range(4):
        logged_in(dewi)
    assert is_in(first)


def test_nobody_ends_the_session_of_somebody_else(make_user):
    siti, dewi = make_user("siti"), make_user("dewi")
    client = logged_in(siti)
    login = LoginSession.objects.get(user=siti)
    assert logged_in(dewi).post(f"/akun/sesi/{login.pk}/akhiri/").status_code == 404
    assert is_in(client)


def test_ending_a_session_is_no_link(make_user):
    siti = make_user("siti")
    client = logged_in(siti)
    login = LoginSession.objects.get(user=siti)
    assert client.get(f"/akun/sesi/{login.pk}/akhiri/").status_code == 405


def test_an_owner_sees_and_ends_the_own_other_sessions(make_user):
    siti = make_user("siti")
    phone = Client(
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 11; SM-A105F) Chrome/126.0 Mobile Safari"}
    )
    log_in(phone, "siti")
    desk = logged_in(siti)
    assert "Chrome di ponsel Android" in desk.get("/akun/").content.decode()
    login = LoginSession.objects.get(user=siti, agent__contains="Android")
    assert desk.post(f"/akun/sesi/{login.pk}/akhiri/")["Location"] == "/akun/"
    assert not is_in(phone)
    assert is_in(desk)


def test_ending_the_present_session_leads_to_the_login_page(make_user):
    siti = make_user("siti")
    client = logged_in(siti)
    login = LoginSession.objects.get(user=siti)
    assert client.post(f"/akun/sesi/{login.pk}/akhiri/")["Location"] == "/masuk/"
    assert not is_in(client)


def test_logging_in_over_the_session_of_somebody_else_ends_it(make_user):
    siti, dewi = make_user("siti"), make_user("dewi")
    phone = logged_in(siti)
    before = phone.session.session_key
    phone.post("/masuk/", {"username": "dewi", "password": PASSWORD})
    assert not LoginSession.objects.filter(user=siti).exists()
    assert not Session.objects.filter(pk=before).exists()
    assert LoginSession.objects.get().user == dewi
    assert "Dewi" in phone.get("/akun/").content.decode()


def test_sessions_past_their_time_are_not_listed(make_user, later):
    siti = make_user("siti")
    logged_in(siti)
    later(hours=9)
    page = logged_in(siti).get("/akun/").content.decode()
    assert page.count("perangkat ini") == 1
    assert "/akhiri/" not in page


def test_switching_an_account_off_ends_its_sessions_at_once(make_user, koordinator):
    siti = make_user("siti")
    client = logged_in(siti)
    desk = logged_in(koordinator)
    desk.post(f"/petugas/{siti.pk}/nonaktif/", {"aktif": "0"})
    assert not is_in(client)
    assert not LoginSession.objects.filter(user=siti).exists()
    assert "tidak cocok" in log_in(Client(), "siti").content.decode()
    desk.post(f"/petugas/{siti.pk}/nonaktif/", {"aktif": "1"})
    assert log_in(Client(), "siti").status_code == 302


def test_an_account_switched_off_behind_the_pages_is_out_too(make_user):
    siti = make_user("siti")
    client = logged_in(siti)
    type(siti).objects.update(is_active=False)
    assert not is_in(client)


NEW = {"new_password": "perahu-kertas-di-sungai", "repeated": "perahu-kertas-di-sungai"}


def test_a_new_password_needs_the_old_one(make_user):
    siti = make_user("siti")
    client = logged_in(siti)
    answer = client.post("/akun/sandi/", {"password": "bukan-yang-lama", **NEW})
    assert answer.status_code == 200
    assert "Sandi tidak cocok" in answer.content.decode()
    siti.refresh_from_db()
    assert siti.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("pendek", "pendek", "Sandi"),
        ("1234567890123", "1234567890123", "angka"),
        ("bandung2026!", "bandung2026!", "mudah ditebak"),
        ("perahu-kertas-di-sungai", "perahu-kertas-di-laut", "Kedua sandi belum sama"),
    ],
)
def test_weak_or_unequal_new_passwords_are_refused(make_user, new, again, words):
    siti = make_user("siti")
    answer = logged_in(siti).post(
        "/akun/sandi/", {"password": PASSWORD, "new_password": new, "repeated": again}
    )
    assert answer.status_code == 200
    assert words.lower() in answer.content.decode().lower()
    siti.refresh_from_db()
    assert siti.check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(make_user):
    siti = make_user("siti")
    other, client = logged_in(siti), logged_in(siti)
    assert client.post("/akun/sandi/", {"password": PASSWORD, **NEW})["Location"] == "/akun/"
    assert is_in(client)
    assert not is_in(other)
    session = LoginSession.objects.get(user=siti)
    assert session.session_key == client.cookies["sesi"].value
    assert log_in(Client(), "siti").status_code == 200
    assert log_in(Client(), "siti", NEW["new_password"]).status_code == 302


def test_guessing_the_own_password_ends_the_session(make_user):
    client = logged_in(make_user("siti"))
    for _ in range(7):
        client.post("/akun/sandi/", {"password": "salah-terus-saja", **NEW})
    assert is_in(client)
    answer = client.post("/akun/sandi/", {"password": "salah-terus-saja", **NEW})
    assert answer.status_code == 429
    assert hidden(answer.content.decode(), "kept") in {None, ""}
    assert not is_in(client)


# --- the session and its user in one look-up --------------------------------------------------------------------------

LOOK_UP = "django_session", "accounts_user", "accounts_loginsession"


def looked_up(client):
    """The statements by which a page finds out who asks; the page itself must open."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/lainnya/").status_code == 200
    return [query["sql"] for query in asked if any(table in query["sql"] for table in LOOK_UP)]


def test_one_statement_finds_the_session_and_its_user(make_user):
    client = logged_in(make_user("siti"))
    assert len(looked_up(client)) == 1


def test_a_session_that_nobody_noted_is_over(make_user):
    client = logged_in(make_user("siti"))
    LoginSession.objects.all().delete()
    assert not is_in(client)
    assert not Session.objects.exists()


def test_a_session_is_never_written_after_its_login(make_user, later):
    siti = make_user("siti")
    client = logged_in(siti)
    for _ in range(3):
        later(minutes=2)
        with CaptureQueriesContext(connection) as asked:
            assert is_in(client)
        written = [query["sql"] for query in asked if query["sql"].startswith(("UPDATE", "INSERT"))]
        assert len(written) == 1 and 'UPDATE "accounts_loginsession"' in written[0]
        assert timezone.now() - LoginSession.objects.get().seen_at < timedelta(seconds=59)
    with CaptureQueriesContext(connection) as asked:
        assert is_in(client)
    assert not [query for query in asked if query["sql"].startswith(("UPDATE", "INSERT"))]


def test_a_visitor_without_a_session_is_looked_up_nowhere(db):
    with CaptureQueriesContext(connection) as asked:
        assert Client().get("/masuk/").status_code == 200
    assert not [query for query in asked if any(table in query["sql"] for table in LOOK_UP)]


def test_the_session_says_who_it_is_and_not_the_note_of_it(make_user):
    siti, dewi = make_user("siti"), make_user("dewi")
    client = logged_in(siti)
    LoginSession.objects.update(user=dewi)
    assert client.get("/akun/").context["user"] == siti


def test_the_user_comes_whole(make_user):
    siti = make_user("siti", nip="198001012006041001", phone="0812")
    client = logged_in(siti)
    siti.refresh_from_db()
    found = client.get("/akun/").context["user"]
    names = [field.attname for field in siti._meta.concrete_fields]
    assert {name: getattr(found, name) for name in names} == {name: getattr(siti, name) for name in names}
    assert not found.get_deferred_fields()


def let_it_expire(client, siti, settings):
    Session.objects.update(expire_date=timezone.now())


def remove_it(client, siti, settings):
    Session.objects.all().delete()


def change_the_password(client, siti, settings):
    siti.set_password("perahu-kertas-di-laut")
    siti.save()


def switch_off(client, siti, settings):
    type(siti).objects.update(is_active=False)


def take_away_the_way_in(client, siti, settings):
    settings.AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend"]


def log_in_with_another_secret(client, siti, settings):
    settings.SECRET_KEY = "another-secret-" * 4


@pytest.mark.parametrize(
    "change",
    [
        let_it_expire,
        remove_it,
        change_the_password,
        switch_off,
        take_away_the_way_in,
        log_in_with_another_secret,
    ],
)
def test_what_ends_a_session_for_django_ends_it_here(change, make_user, settings):
    siti = make_user("siti")
    client = logged_in(siti)
    assert is_in(client)
    change(client, siti, settings)
    assert not is_in(client)
