"""The demo's texts: readable TOML files under data/, with {slots} and {one|two} choices filled in here."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
BRACES = re.compile(r"\{([^{}]*)\}")
SENTENCE_START = re.compile(r"(^|[.!?] )([a-z])")


@lru_cache
def texts(name):
    """The content of data/<name>.toml as a dict."""
    return tomllib.loads((DATA / f"{name}.toml").read_text())


def fill(text, slots, rng):
    """`text` with its choices made by `rng` and its slots taken from the dict `slots`; sentences start with a capital.

    Raises KeyError for a slot that isn't there, so that a slip in the files never reaches a page.
    """

    def answer(match):
        inner = match[1]
        return rng.choice(inner.split("|")) if "|" in inner else str(slots[inner])

    while BRACES.search(text):
        text = BRACES.sub(answer, text)
    return SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), text)
