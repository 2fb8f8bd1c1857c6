"""Faults refuse a number, doubts only warn: exactly the rules of C4."""

from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kpm.identity import doubts_of_nik, doubts_of_no_kk, faults_of_nik, faults_of_no_kk, known_provinces
from tests.factories import nik

PROVINCES = {"11", "32", "73", "91"}

provinces = st.sampled_from(sorted(PROVINCES))
four_digits = st.integers(0, 9999).map("{:04d}".format)
birth_dates = st.dates(date(1930, 1, 1), date(2026, 11, 1))
separators = st.sampled_from(["", " ", ".", "-"])


@given(
    provinces,
    four_digits,
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 9999),
)
@example("32", "7399", 0, 6, 85, 1)
@example("32", "7399", 72, 12, 85, 1)
@example("32", "7399", 41, 0, 85, 1)
def test_sixteen_digits_pass_exactly_when_day_month_and_serial_may_be(
    province, area, day, month, year, serial
):
    text = f"{province}{area}{day:02d}{month:02d}{year:02d}{serial:04d}"

    allowed = (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12 and serial != 0

    assert (faults_of_nik(text, provinces=PROVINCES) == []) == allowed
    assert faults_of_no_kk(text, provinces=PROVINCES) == []


@given(st.text(st.sampled_from("0123456789 .-"), max_size=40))
def test_a_number_of_another_length_is_refused(text):
    assume(sum(character.isdigit() for character in text) != 16)

    assert faults_of_nik(text, provinces=PROVINCES)
    assert faults_of_no_kk(text, provinces=PROVINCES)


@given(st.text(max_size=30))
def test_any_text_is_answered_in_words_and_never_breaks(text):
    faults = faults_of_nik(text, provinces=PROVINCES)

    assert all(fault.endswith(".") for fault in faults)
    if not faults:
        assert sum(character.isascii() and character.isdigit() for character in text) == 16


@given(st.integers(0, 99).map("{:02d}".format), st.text("0123456789", min_size=14, max_size=14))
def test_an_unknown_province_is_refused(province, rest):
    assume(province not in PROVINCES)

    assert faults_of_nik(province + rest, provinces=PROVINCES)
    assert faults_of_no_kk(province + rest, provinces=PROVINCES)


@given(birth_dates, st.sampled_from("PL"), separators)
def test_a_nik_raises_no_doubt_about_the_person_it_was_made_for(born, sex, between):
    digits = nik(7, born=born, sex=sex)

    assert faults_of_nik(between.join(digits), provinces=PROVINCES) == []
    assert doubts_of_nik(digits, sex=sex, birth_date=born, area="3273161002") == []


@given(birth_dates, birth_dates, st.sampled_from("PL"))
def test_another_birth_date_raises_a_doubt_unless_only_the_century_differs(born, claimed, sex):
    doubts = doubts_of_nik(nik(7, born=born, sex=sex), sex=sex, birth_date=claimed)

    assert (doubts == []) == (f"{born:%d%m%y}" == f"{claimed:%d%m%y}")


def test_the_other_sex_and_another_kota_raise_doubts_and_blanks_do_not():
    digits = nik(7, sex="P")

    assert doubts_of_nik(digits, sex="L") == ["Jenis kelamin di NIK berbeda dengan isian."]
    assert len(doubts_of_nik(digits, area="3201012001")) == 1
    assert doubts_of_nik(digits) == []
    assert len(doubts_of_no_kk(digits, area="3201012001")) == 1
    assert doubts_of_no_kk(digits, area="3273161002") == []


@pytest.mark.django_db
def test_every_province_of_the_country_is_known():
    assert {"11", "31", "32", "94", "96"} <= known_provinces()
    assert len(known_provinces()) == 38
