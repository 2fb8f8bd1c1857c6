"""Coming in and going out, and what stops guessing."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client

from .conftest import PASSWORD, hidden, log_in

pytestmark = pytest.mark.django_db


def problem_of(response):
    """The words of the error on the login page."""
    html = response.content.decode()
    return html.partition('role="alert"')[2].partition("</p>")[0].rpartition("<p>")[2]


def test_unknown_wrong_disabled_and_unopened_accounts_get_the_same_words(make_user, browser):
    make_user("siti")
    make_user("dewi", is_active=False)
    make_user("baru", password=None)
    answers = [
        log_in(browser(), "tidak.ada"),
        log_in(browser(), "siti", "bukan-sandinya-ini"),
        log_in(browser(), "dewi"),
        log_in(browser(), "baru"),
    ]
    words = {problem_of(answer) for answer in answers}
    assert len(words) == 1
    assert "tidak cocok" in words.pop()
    assert [answer.status_code for answer in answers] == [200] * 4


def test_the_login_page_shows_nothing_without_a_csrf_token(make_user, browser):
    make_user("siti")
    response = browser().post("/masuk/", {"username": "siti", "password": PASSWORD})
    assert response.status_code == 403
    assert "sesi" not in response.cookies


def test_the_right_password_opens_a_new_session_on_the_front_page(make_user, browser):
    make_user("siti")
    client = browser()
    client.get("/masuk/")
    response = log_in(client, " Siti ")  # a phone writes the first letter large and a space after it
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.cookies["sesi"]["httponly"]
    assert client.cookies["sesi"]["samesite"] == "Lax"


def test_the_session_key_changes_at_login(make_user):
    make_user("siti")
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    client.cookies["sesi"] = before
    log_in(client, "siti")
    assert client.cookies["sesi"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_the_stored_hash_is_argon2id_with_the_intended_cost(make_user):
    stored = make_user("siti").password
    assert stored.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    "address",
    [
        "https://jahat.example/",
        "//jahat.example/",
        "/\\jahat.example",
        "javascript:alert(1)",
        "http:///jahat.example",
    ],
)
def test_login_never_leads_to_another_site(make_user, address):
    make_user("siti")
    assert log_in(Client(), "siti", next=address)["Location"] == "/"


def test_login_leads_to_the_page_that_was_asked_for(make_user):
    make_user("siti")
    client = Client()
    asked = client.get("/akun/")
    assert asked["Location"] == "/masuk/?next=%2Fakun%2F"
    page = client.get(asked["Location"]).content.decode()
    assert log_in(client, "siti", next=hidden(page, "next"))["Location"] == "/akun/"


def test_login_does_not_lead_straight_out_again(make_user):
    make_user("siti")
    assert log_in(Client(), "siti", next="/keluar/")["Location"] == "/"


def test_who_is_logged_in_is_not_asked_again(make_user):
    client = Client()
    client.force_login(make_user("siti"))
    assert client.get("/masuk/?next=/akun/")["Location"] == "/akun/"


def test_eight_wrong_passwords_lock_the_account_whatever_the_spelling(make_user):
    make_user("siti")
    client = Client()
    spellings = ["siti", "SITI", "Siti", " siti", "siti ", "sItI", "siti"]
    for spelling in spellings:
        assert log_in(client, spelling, "salah-terus-saja").status_code == 200
    assert log_in(client, "siti", "salah-terus-saja").status_code == 429
    answer = log_in(client, "siti")  # the right one
    assert answer.status_code == 429
    assert "Tunggu 15 menit" in answer.content.decode()
    assert 'value="siti"' in answer.content.decode()
    assert client.get("/akun/").status_code == 302


def test_a_letter_that_only_the_database_takes_for_the_same_opens_nothing(make_user):
    make_user("siti")
    assert log_in(Client(), "s\u0131ti").status_code == 200
    assert log_in(Client(), "\u017fiti").status_code == 200


def test_a_locked_account_says_the_same_when_it_does_not_exist(make_user):
    make_user("siti")
    answers = []
    for name in ("siti", "tidak.ada"):
        for _ in range(8):
            answer = log_in(Client(), name, "salah-terus-saja")
        answers.append((answer.status_code, problem_of(answer)))
    assert answers[0] == answers[1]


def test_a_locked_account_locks_nobody_else_at_the_same_address(make_user):
    make_user("siti")
    make_user("dewi")
    for _ in range(9):
        log_in(Client(), "siti", "salah-terus-saja")
    assert log_in(Client(), "dewi").status_code == 302


def test_changing_the_address_does_not_get_around_the_lock(make_user):
    make_user("siti")
    for number in range(8):
        log_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), "siti", "salah-terus-saja")
    assert log_in(Client(REMOTE_ADDR="10.9.9.9"), "siti").status_code == 429


def test_the_lock_opens_by_itself_and_further_tries_do_not_prolong_it(make_user):
    make_user("siti")
    for _ in range(8):
        log_in(Client(), "siti", "salah-terus-saja")
    assert AccessAttempt.objects.get().failures_since_start == 8
    log_in(Client(), "siti", "salah-terus-saja")
    attempt = AccessAttempt.objects.get()
    assert attempt.failures_since_start == 8
    attempt.attempt_time -= timedelta(minutes=16)
    attempt.save()
    assert log_in(Client(), "siti").status_code == 302


def test_a_koordinator_clears_the_lock(make_user, koordinator):
    siti = make_user("siti")
    for _ in range(8):
        log_in(Client(), "siti", "salah-terus-saja")
    desk = Client()
    desk.force_login(koordinator)
    assert "Terkunci sementara" in desk.get(f"/petugas/{siti.pk}/").content.decode()
    desk.post(f"/petugas/{siti.pk}/buka-kunci/")
    assert log_in(Client(), "siti").status_code == 302


def test_nothing_typed_is_kept_with_the_attempts(make_user):
    siti = make_user("siti")
    desk, client = Client(), Client()
    desk.force_login(siti)
    wrong = {"username": "siti", "password": "sandi-salah-rahasia", "next": "/kpm/?q=sari+rahayu+rahasia"}
    for _ in range(2):
        client.post("/masuk/?next=/kpm/%3Fq%3Dsari%2Brahayu%2Brahasia&q=rahasia", wrong)
    new = {"new_password": "calon-sandi-rahasia", "repeated": "calon-sandi-rahasia"}
    desk.post("/akun/sandi/?q=rahasia", {"password": "sandi-lama-rahasia", **new})

    (attempt,) = AccessAttempt.objects.values()

    assert attempt["failures_since_start"] == 3
    assert "rahasia" not in str(attempt)


@pytest.mark.parametrize(
    ("proxies", "named", "kept"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.5", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "siapa saja", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_only_what_the_trusted_proxies_wrote_counts_as_the_address(proxies, named, kept, make_user, settings):
    make_user("siti")
    settings.TRUSTED_PROXIES = proxies
    log_in(Client(REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": named}), "siti", "salah-sekali-ini")
    assert AccessAttempt.objects.get().ip_address == kept


def test_logging_out_needs_a_post_with_a_token(make_user, browser):
    make_user("siti")
    client = browser()
    log_in(client, "siti")
    page = client.get("/keluar/")
    assert page.status_code == 200
    assert client.post("/keluar/").status_code == 403
    assert client.get("/akun/").status_code == 200
    token = hidden(page.content.decode(), "csrfmiddlewaretoken")
    assert client.post("/keluar/", {"csrfmiddlewaretoken": token})["Location"] == "/masuk/"
    assert client.get("/akun/").status_code == 302
    assert not Session.objects.exists()
