"""What an answer holds, what keeps it private, and whether asking left the database alone."""

from django.apps import apps
from django.conf import settings
from django.db import connection

# Rows that a visit to a page may write: the trail of looks and refusals, sessions, the guessing guard.
MAY_CHANGE = {"entries_accesslog", "django_session", "accounts_loginsession", "resources_linkknock"}


def everything(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{response.status_code}\n{headers}\n".encode() + body


def unguarded(response):
    """What is missing of the headers that keep an answer private, or ""."""
    promised = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }
    missing = [name for name, value in promised.items() if value not in response.get(name, "")]
    if "'unsafe" in response.get("Content-Security-Policy", ""):
        missing.append("'unsafe")
    return " ".join(missing)


def database_content():
    """A fingerprint of every table that a page view must leave alone."""
    prints = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if model._meta.app_label not in settings.HOUSE_APPS or table in MAY_CHANGE:
                continue
            # The name comes from the model, not from a person.
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")  # noqa: S608
            prints[table] = cursor.fetchone()
    return prints
