"""What an address asks for: odd text is cut to what a query may use, odd numbers are no numbers."""

import pytest
from django.http import QueryDict

from pkh_casework.asked import LARGEST, LONGEST, asked_number, asked_text


@pytest.mark.parametrize(
    ("query", "text"),
    [("q=+sari+", "sari"), ("q=sa%00ri", "sari"), ("", ""), (f"q={'x' * 500}", "x" * LONGEST)],
)
def test_text_is_trimmed_and_cut_and_holds_no_nul(query, text):
    assert asked_text(QueryDict(query), "q") == text


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("rw=5", 5),
        ("rw=+05%00", 5),
        (f"rw={LARGEST}", LARGEST),
        (f"rw={LARGEST + 1}", None),
        (f"rw={'9' * 300}", None),
        ("rw=-1", None),
        ("rw=1e3", None),
        ("rw=²", None),
        ("rw=٣", 3),
        ("rw=", None),
        ("", None),
    ],
)
def test_a_number_is_whole_and_small_or_none(query, number):
    assert asked_number(QueryDict(query), "rw") == number
