"""Texts that others read name nobody: whole words, in any writing, with a calling before a part of a name."""

import csv
from pathlib import Path

import pytest

from kpm.naming import identifying_words

RULES = Path(__file__).parents[2] / "kpm/data/ejaan_nama.csv"
NAMES = ["Ani Rosmiati", "Ai", "Ida", "Aan", "Dede Putri Lestari", "Djuariah"]
SAYS_NOBODY = [
    "Modal usaha gorengan, tambahan nilai jual dan pemasaran",
    "Bantuan pelatihan menjahit yang tidak jauh",
    "Ibu ini ingin kursus membuat kue. Anaknya sudah besar.",
    "Ibu Rumah Tangga, pak RT sudah tahu",
    "ai belum punya",
    "anak putri ingin usaha lestari",
    "Keluarga Rosmini",  # somebody else
    "MODAL UNTUK USAHA PUTRI",
    "Nilai bantuan PKH untuk modal",
    "",
]
SAYS_WHO = [
    ("Modal untuk Bu Ani", "Bu Ani"),
    ("modal untuk bu ani", "bu ani"),
    ("MODAL UNTUK IBU ANI", "IBU ANI"),
    ("Mak Ida butuh kursi", "Mak Ida"),
    ("titip ke teh rosmiati ya", "teh rosmiati"),
    ("untuk ani rosmiati", "ani rosmiati"),
    ("untuk Rosmiati, Ani", "Rosmiati Ani"),
    ("Ani perlu modal", "Ani"),
    ("keluarga Ai perlu modal", "Ai"),
    ("aan perlu modal", "aan"),
    ("kang aan perlu modal", "kang aan"),
    ("neng putri", "neng putri"),
    ("Juariah", "Juariah"),
    ("ibu\u200b Ani", "ibu Ani"),
    ("Lihat pkh 7f3k2", "pkh 7f3k2"),
    ("PKH-7F3K2", "PKH-7F3K2"),
]


@pytest.mark.parametrize("text", SAYS_NOBODY)
def test_other_words_are_let_through(text):
    assert identifying_words(text, NAMES, "PKH-7F3K2") == ""


@pytest.mark.parametrize(("text", "words"), SAYS_WHO)
def test_the_word_that_says_who_is_told(text, words):
    assert identifying_words(text, NAMES, "PKH-7F3K2") == words


def test_every_calling_before_a_part_of_a_name_is_caught():
    with RULES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    callings = [row["from"] for row in rows if row["kind"] in {"gelar", "panggilan"}]
    assert {"bu", "pak", "ibu", "teh", "kang", "mak", "neng", "bapak", "ceu"} <= set(callings)
    for calling in callings:
        for name in ("Rosmiati", "ani"):
            assert identifying_words(f"modal {calling} {name} dulu", NAMES), calling


def test_a_word_that_only_holds_the_letters_of_a_short_name_says_nobody():
    words = [
        "bantuan",
        "nilai",
        "tidak",
        "pelatihan",
        "makanan",
        "rapi",
        "sampai",
        "ide",
        "kursi",
        "aneka",
        "idaman",
        "seaan",
    ]
    for name in ("Ai", "Ida", "Aan", "Ani", "An"):
        said = [word for word in words if identifying_words(f"perlu {word} segera", [name])]
        assert said == [], (name, said)


def test_among_many_families_a_capital_alone_names_nobody():
    assert identifying_words("Usaha Lestari di Putri Mandiri", NAMES, of_many=True) == ""
    assert identifying_words("Bu Ani paling maju", NAMES, of_many=True) == "Bu Ani"
