"""Numbers as people type and paste them: whatever hides in them is cleaned, in every field of the app that takes one."""

import re
from pathlib import Path

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

import pkh_casework.urls  # noqa: F401  every form of the app
from entries.forms import whole_number
from kpm.identity import faults_of_nik, faults_of_no_kk
from pkh_casework.fields import digits_of
from pkh_casework.forms import NumberTyped, WholeNumberField
from pkh_casework.unseen import as_number

PROJECT = Path(__file__).parents[2]
UNSEEN = [
    chr(code)
    for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xAD)
]
SPACES = ["\xa0", "\u2007", "\u2009", "\u200a", "\u202f", "\u3000", "\t"]
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
NIK = "3273995203850001"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *((f"{sign}32{sign}73{sign}", "3273") for sign in UNSEEN),
        *((f"{sign}32{sign}73{sign}", "32 73") for sign in SPACES),
        ("'0812", "0812"),
        ("’ 0812", "0812"),
        ("\u200e'0812\u202c", "0812"),
        *((NIK.translate(script), NIK) for script in (WIDE, ARABIC, PERSIAN)),
        ("００３／００５", "003/005"),
        ("2026‑11–30", "2026-11-30"),
        ("−6,9", "-6,9"),
        ("+62 812-3456", "+62 812-3456"),
        ("Rp\xa01.500.000", "Rp 1.500.000"),
        ("3²", "3²"),
        ("①", "①"),
        ("", ""),
    ],
)
def test_a_number_is_read_as_it_was_meant(typed, meant):
    assert as_number(typed) == meant


@given(st.text())
def test_digits_are_always_those_that_a_number_is_stored_with(text):
    assert re.fullmatch("[0-9]*", digits_of(text))
    assert as_number(as_number(text)) == as_number(text)


def test_raised_and_circled_digits_are_no_digits():
    assert digits_of("3²①½Ⅳ4") == "34"
    assert faults_of_no_kk("327399520385000²", provinces={"32"}) == ["Tulis angka saja."]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("750.000", 750_000),
        ("1.500.000", 1_500_000),
        ("1 500 000", 1_500_000),
        ("75", 75),
        ("-1.000", -1000),
        ("12.0", 12),
    ],
)
def test_thousands_keep_their_zeros_in_every_field_of_a_whole_number(typed, meant):
    for kind in (WholeNumberField, *WholeNumberField.__subclasses__()):
        assert forms.IntegerField.to_python(kind(), kind().to_python(typed)) == meant


def test_an_identity_number_may_be_pasted():
    for typed in (f"'{NIK}", f"\u202a{NIK}\u202c", NIK.translate(ARABIC), "3273\xa09952\u20090385\u200b0001"):
        assert faults_of_nik(typed, provinces={"32"}) == []
        assert digits_of(typed) == NIK


# --- every field ------------------------------------------------------------------------------------------------------


def forms_of_the_app(of=forms.BaseForm):
    for one in of.__subclasses__():
        yield from forms_of_the_app(one)
        if (PROJECT / one.__module__.partition(".")[0]).is_dir() and not one.__module__.startswith("tests"):
            yield one


def fields():
    """{"Form.field": field} of all fields that stand in a class and may be typed in."""
    return {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in forms_of_the_app()
        for name, field in getattr(form, "base_fields", {}).items()
        if not field.widget.is_hidden
    }


def takes_a_number(field):
    numbers = (
        forms.IntegerField,
        forms.DecimalField,
        forms.FloatField,
        forms.DateField,
        forms.DateTimeField,
        forms.TimeField,
    )
    return isinstance(field, numbers) or field.widget.attrs.get("inputmode") in {"numeric", "decimal", "tel"}


NUMBERS = {name: field for name, field in fields().items() if takes_a_number(field)}


def test_every_field_that_takes_a_number_is_found_and_cleans_it():
    assert len(NUMBERS) > 20
    assert [name for name, field in NUMBERS.items() if not isinstance(field, NumberTyped)] == []


SAMPLES = ("3", "2", "2026-11-03", "081234567890", NIK, "1500000", "-6.92744, 107.64680")


def cleaned(field, text):
    try:
        return field.clean(text)
    except forms.ValidationError:
        return None


def test_what_hides_in_a_number_changes_nothing():
    fields = {**NUMBERS, "whole_number": whole_number("RT", 1, 999)}
    for name, field in fields.items():
        meant = next((text for text in SAMPLES if cleaned(field, text) is not None), None)
        assert meant, name
        for typed in (
            f"\xa0'{meant}\u200b",
            f"\u202a{meant}\u202c",
            meant.translate(WIDE),
            meant.translate(ARABIC),
        ):
            assert cleaned(field, typed) == cleaned(field, meant), (name, typed)


def test_no_form_makes_such_a_field_by_another_class():
    """Also the fields that are made while a form is opened, which stand in no class."""
    found = []
    for path in PROJECT.glob("*/**/*.py"):
        parts = path.relative_to(PROJECT).parts
        if parts[0] in {"tests", "bench"} or parts[0].startswith(".") or "migrations" in parts:
            continue
        for line in path.read_text().splitlines():
            odd = re.search(r"forms\.(Integer|Decimal|Float|Date|DateTime|Time)Field\(", line)
            if odd and "HiddenInput" not in line and not line.startswith("class "):
                found.append(f"{path.relative_to(PROJECT)}: {line.strip()}")
    assert found == []
