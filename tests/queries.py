"""Counting a view's own statements: transaction control, session, user, log of looks and history context are left out."""

import re
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# django-pghistory sends its context along with each write, in the same round trip.
HISTORY_CONTEXT = re.compile(r"^SELECT set_config\('pghistory.*?, true\); ", re.DOTALL)
NOT_THE_VIEW = re.compile(
    r"^(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET CONSTRAINTS)"
    r'|"django_session"|FROM "accounts_user"|"accounts_loginsession"|"roles_photo"',
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
