"""What needs Django itself, run as a program of its own on one database: prints one JSON value.

`python -m bench.inside COMMAND …`, under the settings module of ours or of the plain project.
"""

import json
import re
import secrets
import sys
from importlib import import_module

import django

from .load import VISITS

SESSIONS_EACH = 64
# A view's own statements: who is asking and transaction control are not its business (design ruling 11).
NOT_THE_VIEWS = re.compile(
    r'^(SAVEPOINT|RELEASE|BEGIN|COMMIT|ROLLBACK|SET CONSTRAINTS)|"(django_session|accounts_loginsession)"'
)
SAID_ALONG = re.compile(r"^SELECT set_config\('pghistory.*?true\); ")  # who writes, for the field history
NOT_THE_USER = re.compile(r'FROM "(\w+_user)" WHERE "\1"."id" = \d+ LIMIT 21$')


def sessions():
    """New logins of the bench's accounts: {"reader": row, "writers": [row, …]}; a row is a session and a token.

    A success message waits in its session until a page shows it. Many sessions keep that pile as low as it is
    when people follow the redirect, so that a run does not measure a growing session.
    """
    from django.contrib.auth import get_user_model

    names = [f"bench{number}" for number in range(VISITS + 1)]
    users = get_user_model().objects.in_bulk(names, field_name="username")
    return {
        "reader": _log_in(users["bench0"]),
        "writers": [_log_in(users[name]) for _ in range(SESSIONS_EACH) for name in names[1:]],
    }


def _log_in(user):
    """A session as a login leaves it, without the password's cost: {session, csrf, holder}."""
    from django.conf import settings
    from django.utils import timezone

    now = timezone.now().timestamp()
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
            "started": now,
            "seen": now,
        }
    )
    session.save()
    token = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(32))
    return {"session": session.session_key, "csrf": token, "holder": user.username}


def seal():
    """Give the families whose pages are read real identity numbers, so that their pages open."""
    from django.db import transaction

    from kpm.models import Household, Member

    with transaction.atomic():
        families = Household.objects.filter(pendamping__username="bench0")
        for place, household in enumerate(families):
            household.no_kk = f"32739901012{place:05}"
            household.save(update_fields=["no_kk", "no_kk_index"])
        for place, member in enumerate(Member.objects.filter(household__in=families)):
            member.nik = f"32739941018{place:05}"
            member.save(update_fields=["nik", "nik_index"])


def queries(paths):
    """What a GET of each of `paths` asks of PostgreSQL: [{path, count, buffers, ms, statements}, …].

    `buffers` are 8 KB pages, the same at every run, so they show growth without noise; `ms` is the best of five.
    """
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = sessions()["reader"]["session"]
    results = []
    for path in paths:
        client.get(path)  # what is cached on first use is no part of a page
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")
        own = [query["sql"] for query in captured if _is_own(query["sql"])]
        plans = [_best_plan(connection, statement) for statement in own]
        results.append(
            {
                "path": path,
                "count": len(own),
                "buffers": sum(plan["buffers"] for plan in plans),
                "ms": round(sum(plan["ms"] for plan in plans), 3),
                "statements": own,
            }
        )
    return results


def statements():
    """How many statements one request of a POST job makes: {own, all}. The job comes on standard input."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from pkh_casework.ids import uuid7

    job = json.load(sys.stdin)
    client = Client(headers={"host": "127.0.0.1"})
    for row in job["rows"][:2]:  # the first warms up
        client.cookies[settings.SESSION_COOKIE_NAME] = row["session"]
        row = row | {"uuid": uuid7()}
        fields = {name.format(**row): value.format(**row) for name, value in job["fields"].items()}
        with CaptureQueriesContext(connection) as captured:
            response = client.post(job["path"], fields)
        if response.status_code != job["expect"]:
            raise RuntimeError(f"{job['path']}: {response.status_code}")
    return {"own": sum(_is_own(query["sql"]) for query in captured), "all": len(captured)}


def koordinator():
    """A login that `/` sends on without a page: what a signed-in request costs before any work is done."""
    from accounts.models import User

    user, _ = User.objects.get_or_create(
        username="benchkoordinator",
        defaults={"name": "Koordinator", "duty": "koordinator", "wilayah_id": "3273"},
    )
    return _log_in(user)


def _is_own(statement):
    statement = SAID_ALONG.sub("", statement)
    return not (NOT_THE_VIEWS.search(statement) or NOT_THE_USER.search(statement))


def _best_plan(connection, statement):
    plans = []
    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
            plan = cursor.fetchone()[0][0]
        pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        plans.append({"buffers": pages, "ms": plan["Execution Time"] + plan["Planning Time"]})
    return min(plans, key=lambda plan: plan["ms"])


COMMANDS = {command.__name__: command for command in (sessions, koordinator, seal, queries, statements)}


def main():
    command, *arguments = sys.argv[1:]
    django.setup()
    json.dump(COMMANDS[command](*([arguments] if arguments else [])), sys.stdout)


if __name__ == "__main__":
    main()
