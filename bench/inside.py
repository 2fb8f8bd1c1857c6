"""What needs Django itself, run as a program of its own on one database: prints one JSON value.

`python -m bench.inside COMMAND …`, under the settings module of ours or of the plain project.
"""

import json
import os
import re
import secrets
import sys
from importlib import import_module

import django

from .load import VISITS

SESSIONS_EACH = 64
ASSESSED = 100  # families, each way
# A view's own statements: who is asking and transaction control are not its business (design ruling 11).
NOT_THE_VIEWS = re.compile(
    r"^(SAVEPOINT|RELEASE|BEGIN|COMMIT|ROLLBACK|SET CONSTRAINTS)|django_session|accounts_loginsession"
)
SAID_ALONG = re.compile(r"^SELECT set_config\('pghistory.*?true\); ")  # who writes, for the field history
NOT_THE_USER = re.compile(r'FROM "(\w+_user)" WHERE "\1"."id" = \d+ LIMIT 21$')


def sessions():
    """New logins of the bench's accounts: {"reader": row, "writers": [row, …]}; a row is a session and a token.

    There are as many sessions as families to be visited, so that no two visits at once meet in one.
    """
    from django.contrib.auth import get_user_model

    names = [f"bench{number}" for number in range(VISITS + 1)]
    users = get_user_model().objects.in_bulk(names, field_name="username")
    return {
        "reader": log_in(users["bench0"]),
        "writers": [log_in(users[name]) for _ in range(SESSIONS_EACH) for name in names[1:]],
    }


def log_in(user):
    """A session as a login leaves it, without the password's cost: {session, csrf, holder}."""
    from django.apps import apps
    from django.conf import settings

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
        }
    )
    session.save()
    if apps.is_installed("accounts"):
        user.login_sessions.create(session_key=session.session_key)
    token = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(32))
    return {"session": session.session_key, "csrf": token, "holder": user.username}


def phone(arguments):
    """A new login of the account `arguments[0]`: {session, csrf, holder, case: the number of one of its families}."""
    from accounts.models import User
    from kpm.models import Household

    user = User.objects.get(username=arguments[0])
    family = Household.objects.visible_to(user).active().order_by("name").first()
    return log_in(user) | {"case": family.case_number}


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


def queries(paths, login=None):
    """What a GET of each of `paths` asks of PostgreSQL: [{path, count, buffers, ms, statements}, …].

    `buffers` are 8 KB pages, the same at every run, so they show growth without noise; `ms` is the best of five.
    `login` (see log_in) is who asks, the one who only reads if none is named.
    """
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = (login or sessions()["reader"])["session"]
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
    return log_in(user)


def koordinator_queries(paths):
    """As `queries`, asked by the koordinator of the kota."""
    return queries(paths, koordinator())


def levels(areas):
    """What the figures of levels in each of `areas` ask: [{area, part, cells, buffers, ms}, …].

    `now` and `then` (a year ago) as the page reads them, `unrolled` the same year-ago counts from the scores.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from reports.figures import Lens, progress
    from wilayah.clock import local_today

    koordinator()
    user, today = User.objects.get(username="benchkoordinator"), local_today(None)
    month = today.replace(year=today.year - 1, day=1)
    results = []
    for area in areas:
        lens = Lens(user, today, month, area=area)
        then = progress.levels_then(lens)
        parts = {
            "now": lambda lens=lens: progress.levels_now(lens),
            "then": lambda lens=lens: progress.levels_then(lens),
        }
        for part, read in parts.items():
            with CaptureQueriesContext(connection) as captured:
                cells = _cells(read())
            plans = [_best_plan(connection, query["sql"]) for query in captured]
            results.append({"area": area, "part": part, "cells": cells, **_sum(plans)})
        unrolled = UNROLLED.format(area=area, day=progress.last_day(lens))
        with connection.cursor() as cursor:
            cursor.execute(unrolled)
            counted = {}
            for code, level, families in cursor.fetchall():
                counted.setdefault(code, {})[level] = families
        if counted != then:
            raise RuntimeError(f"{area}: the page and the scores differ")
        plan = _best_plan(connection, unrolled)
        results.append({"area": area, "part": "unrolled", "cells": _cells(counted), **_sum([plan])})
    return results


def kelurahan_of(arguments):
    """The kelurahan of the area `arguments[0]` whose number of families is nearest to `arguments[1]`."""
    from django.db.models import Count

    from kpm.models import Household

    counted = Household.objects.filter(wilayah__code__startswith=arguments[0]).values_list("wilayah")
    sizes = counted.annotate(Count("pk")).order_by("wilayah")
    return min(sizes, key=lambda pair: abs(pair[1] - int(arguments[1])))[0]


def trends(areas):
    """What a year of months of each of `areas` costs: {area: {ours, by hand, rows: {buffers, ms}}}; all say the same."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from pkh_casework.days import months_after
    from reports.figures import Lens
    from reports.figures.trend import trend_of
    from wilayah.clock import local_today

    koordinator()
    user, today = User.objects.get(username="benchkoordinator"), local_today(None)
    months = [months_after(today.replace(day=1), -back) for back in range(13, 0, -1)]
    span = {"first": months[0], "after": today.replace(day=1)}
    results = {}
    for area in areas:
        with CaptureQueriesContext(connection) as captured:
            ours = trend_of(TREND, Lens(user, today, months[-1], area=area), months)
        with connection.cursor() as cursor:
            by_hand, rows = (
                [cursor.mogrify(text, {"area": area, **span}) for text in texts]
                for texts in (ROLLED, COUNTED)
            )
            found = {}
            for text in rows:
                cursor.execute(text)
                for month, *numbers in cursor.fetchall():
                    found.setdefault(month.date(), []).extend(numbers)
        if [found.get(month, [0] * len(TREND)) for month in months] != [
            list(row) for row in zip(*ours.values(), strict=True)
        ]:
            raise RuntimeError(f"{area}: the roll-up and the rows differ")
        ways = {"ours": [query["sql"] for query in captured], "by hand": by_hand, "rows": rows}
        results[area] = {
            way: _sum([_best_plan(connection, text) for text in texts]) for way, texts in ways.items()
        }
    return results


TREND = ("kegiatan", "kegiatan-fasilitasi", "kunjungan", "kpm-dikunjungi")
ROLLED = [
    """SELECT month, "values" FROM reports_monthcount
    WHERE wilayah_id = %(area)s AND pendamping_id IS NULL AND month >= %(first)s AND month < %(after)s"""
]
COUNTED = [
    """SELECT date_trunc('month', occurred_on), count(*), count(*) FILTER (WHERE role_id = 'fasilitasi')
    FROM roles_activity JOIN roles_subrole ON code = sub_role_id
    WHERE starts_with(wilayah_id, %(area)s) AND occurred_on >= %(first)s AND occurred_on < %(after)s GROUP BY 1""",
    """SELECT date_trunc('month', occurred_on), count(*), count(DISTINCT household_id)
    FROM roles_activityhousehold
    WHERE starts_with(wilayah_id, %(area)s) AND is_visit AND met
        AND occurred_on >= %(first)s AND occurred_on < %(after)s GROUP BY 1""",
]

# The levels at the end of a past day, from the scores alone.
UNROLLED = """SELECT code, level, count(*) FROM kpm_score
    WHERE state = 'dijawab' AND assessed_on <= '{day}' AND (until_on IS NULL OR until_on > '{day}')
        AND wilayah_id LIKE '{area}%' GROUP BY code, level"""


def assess(arguments):
    """One short assessment after another through the operation, for families of those who write: {cpu_ms, pg_ms, statements},
    and for the same rows in four statements by hand {raw_pg_ms}. `arguments` is the pid of PostgreSQL.
    """
    from itertools import cycle, islice

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from kpm.independence.rule import asked_on
    from kpm.models import Household, Instrument
    from kpm.operations import Answer, record_assessment
    from pkh_casework.ids import uuid7
    from wilayah.clock import local_today

    from .measure import Watch

    today = local_today(None)
    # One a family and day: who was assessed by an earlier run today is left out.
    writers = [f"bench{number}" for number in range(1, VISITS + 1)]
    waiting = Household.objects.filter(pendamping__username__in=writers).exclude(
        assessments__assessed_on=today
    )
    families = list(waiting.select_related("pendamping")[: 2 * ASSESSED + 2])
    instrument = Instrument.objects.valid_on(today).get()
    indicators = list(instrument.indicators.all())

    def one(household):
        asked = asked_on(indicators, path=household.path, form="singkat", school_child=True)
        answers = [
            Answer(indicator, family_level=level, level=level)
            for indicator, level in zip(asked, islice(cycle([2, 3, 2, 4]), len(asked)), strict=True)
        ]
        record_assessment(
            household,
            by=household.pendamping,
            op_id=uuid7(),
            on=today,
            form="singkat",
            instrument=instrument,
            answers=answers,
        )

    one(families[0])  # warms up
    with CaptureQueriesContext(connection) as captured:
        one(families[1])
    pids = {"app": os.getpid(), "pg": int(arguments[0])}
    first, second = families[2 : 2 + ASSESSED], families[2 + ASSESSED :]
    watch = Watch(pids).start()
    for household in first:
        one(household)
    watch.stop()
    by_hand = Watch(pids).start()
    for household in second:
        _assess_by_hand(connection, household, today)
    by_hand.stop()
    return {
        "app_ms": watch.cpu["app"] * 1000 / len(first),
        "pg_ms": watch.cpu["pg"] * 1000 / len(first),
        "wall_ms": watch.seconds * 1000 / len(first),
        "strangers": watch.strangers,
        "statements": len(captured),
        "raw_pg_ms": by_hand.cpu["pg"] * 1000 / len(second),
        "raw_wall_ms": by_hand.seconds * 1000 / len(second),
    }


def _assess_by_hand(connection, household, today):
    """The rows of one assessment in as few statements as their constraints allow."""
    from django.db import transaction

    from pkh_casework.ids import uuid7

    values = {"id": uuid7(), "household": household.pk, "user": household.pendamping_id, "day": today}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO entries_receipt (op_id, author_id, kind, content_hash, received_at, object_id)
            VALUES (%(id)s, %(user)s, 'kpm_asesmen', rpad(%(id)s::text, 64, '0'), now(), %(id)s)""",
            values,
        )
        cursor.execute(
            """INSERT INTO kpm_assessment (id, op_id, household_id, wilayah_id, pendamping_id, instrument_id, form,
                path, assessed_on, notes, rule_id, mean, lowest, lacking, is_ready, received_at)
            SELECT %(id)s, %(id)s, id, wilayah_id, %(user)s, 1, 'singkat', path, %(day)s, '', 1, 2.40, 2, 3, false, now()
            FROM kpm_household WHERE id = %(household)s""",
            values,
        )
        cursor.execute(
            """UPDATE kpm_score SET until_on = %(day)s FROM kpm_household household, kpm_indicator indicator
            WHERE household.id = %(household)s AND household_id = household.id AND until_on IS NULL
                AND indicator.key = indicator_id AND path = ANY (string_to_array(short_paths, ' '))""",
            values,
        )
        cursor.execute(
            """INSERT INTO kpm_score (assessment_id, household_id, wilayah_id, indicator_id, code, state, family_level,
                level, note, reason, assessed_on)
            SELECT %(id)s, household.id, wilayah_id, indicator.key, code, 'dijawab', 3, 3, '', '', %(day)s
            FROM kpm_household household JOIN kpm_indicator indicator
                ON path = ANY (string_to_array(short_paths, ' ')) WHERE household.id = %(household)s""",
            values,
        )


def _cells(counts):
    """How many numbers {code: {level: families}} holds."""
    return sum(len(levels) for levels in counts.values())


def _sum(plans):
    return {name: round(sum(plan[name] for plan in plans), 3) for name in ("buffers", "ms")}


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


COMMANDS = {
    command.__name__: command
    for command in (
        sessions,
        koordinator,
        phone,
        seal,
        kelurahan_of,
        trends,
        queries,
        koordinator_queries,
        statements,
        levels,
        assess,
    )
}


def main():
    command, *arguments = sys.argv[1:]
    django.setup()
    json.dump(COMMANDS[command](*([arguments] if arguments else [])), sys.stdout)


if __name__ == "__main__":
    main()
