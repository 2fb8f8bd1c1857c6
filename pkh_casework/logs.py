"""Log lines without the values of rows: what PostgreSQL quotes of a family stays out of every file and terminal, and
so does the secret in the address of a partner's link.
"""

import logging
import re

import psycopg
from django.db import Error as DjangoError

CUT = "(values left out)"
# What follows these words are values of a row, or the statement with them, up to the end of the error's text.
VALUES = re.compile(
    r"(?:\n(?:DETAIL|CONTEXT|QUERY|STATEMENT|LINE \d+):|Failing row contains|Key \([^)]*\)=).*", re.DOTALL
)
# Also the first line may quote what was typed: `invalid input syntax for type integer: "…"`.
QUOTED = re.compile(r': ".*', re.DOTALL)
PARTNER_LINK = re.compile(r"/jawab/[^/\s]+")


class WithoutValues(logging.Formatter):
    """A formatter that cuts from database errors, in the message and in the traceback, what they quote of rows."""

    def format(self, record):
        if record.exc_info:
            record.exc_text = None  # whatever another formatter left there
        return super().format(record)

    def formatException(self, exc_info):
        text = super().formatException(exc_info)
        # The very words of each error, since a value may look like the end of one. The longest first: one may be
        # the beginning of another.
        told = {str(error) for error in _chain(exc_info[1]) if isinstance(error, DjangoError | psycopg.Error)}
        for words in sorted(told, key=len, reverse=True):
            text = text.replace(words, without_values(words))
        return text

    def formatMessage(self, record):
        record.message = PARTNER_LINK.sub("/jawab/…", VALUES.sub(f" {CUT}", record.message))
        return super().formatMessage(record)


def without_values(words):
    """The text of a database error up to the first value of a row that it quotes."""
    return QUOTED.sub(f" {CUT}", VALUES.sub(f" {CUT}", words))


def _chain(error):
    """`error` and all that a traceback prints with it."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return seen
