"""Answers to requests that can't be served say so in words."""

import io

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection

from pkh_casework.errors import with_content_type
from tests.factories import UserFactory


def test_a_wrong_method_gets_words_and_what_would_be_right(client, db):
    client.force_login(UserFactory())

    response = client.put("/lainnya/")

    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert "tidak bisa dibuka dengan cara itu" in response.content.decode()


def test_a_form_with_too_many_fields_gets_words(client, db, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    client.force_login(UserFactory())

    response = client.post("/kegiatan/catat/", {f"kpm{number}": "x" for number in range(9)})

    assert response.status_code == 400
    assert "Kiriman ini tidak bisa dibaca" in response.content.decode()


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
ODD_CHARSETS = ["utf-16", "utf-7", "cp037", "rot13", "idna", "undefined", "base64", "nonsense", "..", "a\0b"]
ODD_TYPES = [
    "a; charset*=nonsense''x",
    *(f"{kind}; charset={odd}" for kind in (FORM, PARTS) for odd in ODD_CHARSETS),
]


@pytest.fixture(scope="module")
def server():
    return with_content_type(get_wsgi_application())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ODD_TYPES)
def test_what_is_not_utf_8_gets_words(kind, method, server, db):
    """As a server asks: Django fails at some of these while it makes the request."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/masuk/",
        "QUERY_STRING": "next=/lainnya/",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "CONTENT_TYPE": kind,
    }
    told = []
    answer = server(environ, lambda *said: told.append(said))

    (status, headers), *_ = told
    assert status == "400 Bad Request"
    assert "no-store" in dict(headers)["Cache-Control"]
    assert "Kiriman ini tidak bisa dibaca" in b"".join(answer).decode()


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "us-ascii", '"utf-8"', ""])
def test_utf_8_is_read_by_whatever_name(charset, client, db):
    client.force_login(UserFactory())

    kind = f"application/x-www-form-urlencoded; charset={charset}"
    response = client.generic("POST", "/kegiatan/catat/", "notes=K\u00e9ju".encode(), content_type=kind)

    assert response.status_code == 200
    assert response.context["form"]["notes"].value() == "K\u00e9ju"


def test_static_files_are_as_closed_to_other_sites_as_pages_are(client):
    response = client.get("/static/css/base.css")

    assert response.status_code == 200
    assert list(response)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response


def test_an_unknown_page_gets_words(client, db):
    response = client.get("/tidak-ada/")

    assert response.status_code == 404
    assert "<h1>" in response.content.decode()


@pytest.mark.parametrize(
    ("cause", "status"),
    [("SELECT pg_sleep(1)", 503), ("SELECT * FROM no_such_table", 500)],
    ids=["too slow", "our mistake"],
)
def test_a_statement_that_takes_too_long_is_no_mistake_of_ours(cause, status, client, db):
    def fail(execute, sql, params, many, context):
        with context["connection"].cursor().cursor as cursor:
            cursor.execute("SET LOCAL statement_timeout = 50")
            with context["connection"].wrap_database_errors:
                cursor.execute(cause)

    client.force_login(UserFactory())
    client.raise_request_exception = False
    with connection.execute_wrapper(fail):
        response = client.get("/lainnya/")

    assert response.status_code == status
    assert ("Retry-After" in response) == (status == 503)
