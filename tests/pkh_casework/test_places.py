"""RT, RW, dusun and phone numbers: however people write them, read the same, and printed without what isn't there."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from pkh_casework.phones import greeting, phone_of, phone_words, whatsapp_url
from pkh_casework.places import (
    address_of,
    paper_place_of,
    place_of,
    read_dusun,
    read_place,
    rw_words,
    short_place_of,
    walk_key,
)

NUMBERS = st.integers(1, 999)
ZEROS = st.sampled_from(["", "0", "00"])
WORDS = st.sampled_from(["{}", "{}.", "{} ", "{}. ", "{}: ", "{} . "])
BETWEEN = st.sampled_from(["/", " ", ", ", " / ", "-", " - ", ".", ""])
UNSEEN = st.sampled_from(["", "\u200e", "\ufeff", "\xa0", "'", "  "])
CASES = st.sampled_from([str.upper, str.lower, str.title])


def family(rt=3, rw=5, dusun="", address="Gang Melati 4"):
    return SimpleNamespace(rt=rt, rw=rw, dusun=dusun, address=address)


@given(NUMBERS, NUMBERS, ZEROS, ZEROS, WORDS, WORDS, BETWEEN, CASES, st.booleans(), UNSEEN)
def test_rt_and_rw_are_read_in_any_order(
    rt, rw, zero, other_zero, word, other_word, between, case, rt_first, unseen
):
    first = word.format("rt") + zero + str(rt)
    second = other_word.format("rw") + other_zero + str(rw)
    text = between.join([first, second] if rt_first else [second, first])

    assert read_place(unseen + case(text)) == (rt, rw)


@given(
    NUMBERS,
    NUMBERS,
    st.sampled_from(["{:03d}/{:03d}", "{}/{}", "RT/RW {:03d}/{:03d}", "rt. {} / {}", "RT/RW: {}-{}"]),
)
def test_a_pair_is_rt_before_rw(rt, rw, pattern):
    assert read_place(pattern.format(rt, rw)) == (rt, rw)


@given(NUMBERS, ZEROS, CASES, WORDS)
def test_one_of_them_alone(number, zero, case, word):
    assert read_place(case(word.format("rw") + zero + str(number))) == (None, number)
    assert read_place(case(word.format("rt") + zero + str(number))) == (number, None)


@given(st.text())
def test_any_text_is_read_or_is_none(text):
    place = read_place(text)
    assert place is None or all(number is None or 1 <= number <= 999 for number in place)


@given(st.one_of(st.none(), NUMBERS), st.one_of(st.none(), NUMBERS))
def test_what_is_printed_is_read_again(rt, rw):
    someone = family(rt, rw)
    for words in (place_of(someone), short_place_of(someone), paper_place_of(someone)):
        if rt is None and rw is None:
            assert read_place(words) is None
        else:
            assert read_place(words) == (rt, rw)


@pytest.mark.parametrize("text", ["000/000", "-/-", "0/0", "RT - RW -", "rt 000 / rw 000", "RT/RW -/-"])
def test_a_card_without_them_says_so(text):
    assert read_place(text) == (None, None)


@pytest.mark.parametrize(
    "text", ["", "5", "Asep", "RT", "3-5", "RT 3 Asep", "1000/3", "PKH-7F3K2", "0812/3456"]
)
def test_other_words_are_no_place(text):
    assert read_place(text) is None


@pytest.mark.parametrize(
    ("rt", "rw", "dusun", "row", "paper", "short"),
    [
        (3, 5, "", "RW 05 / RT 03", "RT 03/RW 05", "RT 03/05"),
        (3, None, "", "RT 03", "RT 03", "RT 03"),
        (None, 5, "", "RW 05", "RW 05", "RW 05"),
        (None, None, "", "tanpa RT/RW", "", "tanpa RT/RW"),
        (None, None, "Cikapundung", "Dusun Cikapundung", "Dusun Cikapundung", "Dusun Cikapundung"),
        (2, None, "Sari", "Dusun Sari, RT 02", "Dusun Sari, RT 02", "Dusun Sari, RT 02"),
        (None, None, "Kampung Baru", "Kampung Baru", "Kampung Baru", "Kampung Baru"),
    ],
)
def test_what_is_not_there_is_not_printed(rt, rw, dusun, row, paper, short):
    someone = family(rt, rw, dusun)
    assert place_of(someone, unbroken=False) == row
    assert place_of(someone).replace("\xa0", " ") == row
    assert paper_place_of(someone) == paper
    assert short_place_of(someone) == short
    assert address_of(someone) == ", ".join(filter(None, ["Gang Melati 4", paper]))


def test_one_walk_goes_by_number_and_then_by_dusun():
    sari, wangi, third, fifth = family(1, None, "Sari"), family(2, None, "wangi"), family(9, 3), family(1, 5)
    assert sorted([wangi, fifth, sari, third], key=walk_key) == [third, fifth, sari, wangi]
    assert (rw_words(5), rw_words(None), rw_words(0)) == ("RW 05", "tanpa RW", "tanpa RW")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Dsn. Sari", "Sari"), ("DUSUN  Sari", "Sari"), ("-", ""), ("000", ""), ("Dustira", "Dustira")],
)
def test_a_dusun_is_kept_without_the_word(typed, kept):
    assert read_dusun(typed) == kept


# --- phone numbers ----------------------------------------------------------------------------------------------------


@given(
    st.from_regex(r"8[1-9][0-9]{7,10}", fullmatch=True),
    st.sampled_from(["0", "+62", "62", "", "0062", "+62 (0)", "+620", "'0", "\u200e0", "\xa0+62 "]),
    st.sampled_from(["", "-", " ", ".", "\xa0", "\u2013"]),
)
def test_one_number_however_it_is_typed(digits, before, between):
    typed = before + between.join([digits[:3], digits[3:7], digits[7:]])
    assert phone_of(typed) == f"+62{digits}"
    assert phone_of(phone_words(phone_of(typed))) == f"+62{digits}"


@given(st.text())
def test_any_text_is_a_number_or_is_refused(text):
    with suppress(ValidationError):
        number = phone_of(text)
        assert number == "" or (number.startswith("+62") and number[1:].isdigit() and len(number) <= 20)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0812", "terlalu pendek"),
        ("0812 3456 7890 0813 3456 7890", "terlalu panjang"),
        ("+1 555 0100 200", "Hanya nomor Indonesia"),
        ("tidak ada", "angka saja"),
        ("0812-3456-7890 (anak)", "angka saja"),
    ],
)
def test_what_is_no_number_is_refused(typed, words):
    with pytest.raises(ValidationError, match=words):
        phone_of(typed)


def test_the_ready_line_tells_nothing_of_the_family():
    url = whatsapp_url("+6281234567890", greeting("Rina"))
    assert url.startswith("https://wa.me/6281234567890?text=Selamat+hari+ini") and "PKH" not in url
