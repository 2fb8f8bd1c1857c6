"""A break between two lines is one sign for every limit, however the browser sends it."""

import pytest
from django import forms
from django.core.exceptions import ValidationError

from pkh_casework.forms import text_field

from .test_numbers_typed import PROJECT, fields

LINES = {name: field for name, field in fields().items() if isinstance(field.widget, forms.Textarea)}
LONGEST = 20_000


def passes(field, text):
    try:
        field.clean(text)
    except ValidationError:
        return False
    return True


def limit_of(field):
    """How many letters the field takes."""
    low, high = 1, LONGEST
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if passes(field, "x" * middle) else (low, middle - 1)
    return low


@pytest.mark.parametrize("field", LINES.values(), ids=LINES)
def test_every_text_of_lines_counts_a_break_once(field):
    limit = limit_of(field)
    assert limit < LONGEST
    for end in ("\r\n", "\n", "\r"):
        whole = ("x" + end) * (limit // 2 - 1) + "xx"
        assert passes(field, whole)
        assert field.clean(whole) == whole.replace(end, "\n")
        assert not passes(field, ("x" + end) * (limit // 2) + "xx")


def test_there_are_such_fields():
    assert len(LINES) >= 15


def test_the_words_count_it_so_too():
    field = text_field("Catatan", 10, rows=3)
    with pytest.raises(ValidationError, match="11 huruf, paling banyak 10"):
        field.clean("12345\r\n67890")


def test_no_form_makes_such_a_field_by_another_way():
    found = [
        str(path.relative_to(PROJECT))
        for path in PROJECT.glob("*/**/*.py")
        if path.relative_to(PROJECT).parts[0] not in {"tests", "bench"}
        and ".venv" not in path.parts
        and "Textarea" in path.read_text()
    ]
    assert found == ["pkh_casework/forms.py"]
