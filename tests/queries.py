"""Counting a view's own statements: transaction control, session, user, log of looks and history context are left out."""

import re
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# django-pghistory sends its context along with each write, in the same round trip.
HISTORY_CONTEXT = re.compile(r"^SELECT set_config\('pghistory.*?, true\); ", re.DOTALL)
NOT_THE_VIEW = re.compile(
    r"^(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET CONSTRAINTS)"
    r'|django_session|FROM "accounts_user"|accounts_loginsession|"roles_photo"',
    re.IGNORECASE,
)


@contextmanager
def count_queries():
    """`with count_queries() as queries:` fills `queries` with the SQL of each statement that counts."""
    counted = []
    with CaptureQueriesContext(connection) as captured:
        yield counted
    statements = [HISTORY_CONTEXT.sub("", query["sql"]) for query in captured]
    counted += [statement for statement in statements if not NOT_THE_VIEW.search(statement)]


HELD = re.compile(r'FROM "?(\w+)"?.* FOR (SHARE|NO KEY UPDATE|UPDATE)(?: OF "(\w+)")?', re.DOTALL)
MARKS = {"SHARE": "+", "NO KEY UPDATE": "", "UPDATE": "!"}


@contextmanager
def rows_held():
    """`with rows_held() as tables:` fills `tables` with those whose rows are held until the end of the transaction, each
    once, in the order of being held. Behind the name a `+` says that others may hold the row like this too, a `!` that
    nobody may even refer to it, a `?` that rows of joined tables are held as well.
    """
    tables = []
    with CaptureQueriesContext(connection) as captured:
        yield tables
    for query in captured:
        if found := HELD.search(query["sql"]):
            name = found[1] + MARKS[found[2]] + "?" * (found[2] != "SHARE" and found[3] != found[1])
            tables += [] if name in tables else [name]
