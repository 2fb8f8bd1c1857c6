"""What a cell of an office's file means: cleaned into a value, or a plain word on what is wrong with it.

A number that a spreadsheet has damaged is never repaired: sixteen digits don't fit a cell of numbers, which keeps
fifteen, so the last one is gone and nothing in the file tells it.
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ValidationError

from entries.forms import OLDEST_BIRTH
from kpm.identity import LENGTH, faults_of_nik, faults_of_no_kk
from pkh_casework import phones
from pkh_casework.csv_rows import read_rows
from pkh_casework.days import PKH_BEGAN
from pkh_casework.fields import digits_of
from pkh_casework.places import read_dusun, read_place
from pkh_casework.unseen import one_line

from .columns import heading_form, text_of

SPOKEN_FILE = Path(__file__).parent / "data" / "sebutan.csv"
FIRST_SERIAL, LAST_SERIAL = (
    10_000,
    80_000,
)  # days since 1899-12-30: 1927 to 2119, as a cell of dates is stored
MONTHS = ["jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des"]
OTHER_MONTHS = {"may": 5, "aug": 8, "agt": 8, "ags": 8, "oct": 10, "dec": 12, "nop": 11, "peb": 2}
LENGTHS = {"name": 120, "address": 200, "dusun": 60, "group": 60, "place": 120, "pengurus_name": 120}
NOTHING = {
    "",
    "-",
    "--",
    "0",
    "00",
    "000",
    "n/a",
    "na",
    "null",
    "none",
    "kosong",
    "tidak ada",
    "nihil",
    "#n/a",
    ".",
}
E_NOTATION = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
DAMAGED = (
    "Nomor ini tersimpan sebagai angka, dan Excel membuang angka ke-16. Ubah kolomnya menjadi Teks, lalu tulis ulang dari "
    "kartu; jangan ditebak."
)
ONE_SHORT = "Hanya 15 angka: angka terakhirnya mungkin dibuang Excel. Tulis ulang dari kartu."
ROUNDED = (
    "Hampir semua nomor di kolom ini berakhir 0: tandanya Excel pernah membulatkannya. Tulis ulang dari kartu, atau minta "
    "berkas aslinya."
)


class Fault(Exception):
    """What is wrong with a cell, in words for the person who keeps the file."""


def plain(cell):
    """The text of a cell as it is meant, in one line and without unseen signs."""
    return one_line(text_of(cell))


@lru_cache
def _spoken():
    words = {}
    for _, row in read_rows(SPOKEN_FILE):
        for word in row["words"].split("|"):
            words.setdefault((row["field"], heading_form(word)), row["value"])
    return words


def _told(field, cell, what):
    """The stored value of a word that the field knows. Raises Fault."""
    text = plain(cell)
    if not text or text in NOTHING - {"0", "-"}:
        return ""
    value = _spoken().get((field, heading_form(text) or text))
    if value is None:
        raise Fault(f"“{text[:40]}” belum dikenal sebagai {what}.")
    return value


# --- identity numbers -------------------------------------------------------------------------------------------------


def identity(cell, faults_of, provinces):
    """The 16 digits of a NIK or No KK, or "" for none. Raises Fault, also for what a spreadsheet damaged."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not cell:
            return ""
        raise Fault(DAMAGED)
    text = plain(cell)
    if text.lower() in NOTHING or not text.strip("0-. "):
        return ""
    if E_NOTATION.fullmatch(text.replace(" ", "")):
        raise Fault(DAMAGED)
    digits = digits_of(text)
    if len(digits) == LENGTH - 1 and len(digits) == len(re.sub(r"[ .\-]", "", text)):
        raise Fault(ONE_SHORT)
    if faults := faults_of(text, provinces=provinces):
        raise Fault(" ".join(faults))
    return digits


def nik_of(cell, provinces):
    return identity(cell, faults_of_nik, provinces)


def no_kk_of(cell, provinces):
    return identity(cell, faults_of_no_kk, provinces)


def is_rounded(cells):
    """Whether the numbers of a column lost their last digit somewhere before: nine in ten of at least five end in 0."""
    ends = [text[-1] for text in map(plain, cells) if len(text) == LENGTH and text.isdigit()]
    return len(ends) >= 5 and ends.count("0") >= 0.9 * len(ends)


# --- days -------------------------------------------------------------------------------------------------------------


def day_of(cell):
    """The date of a cell: a cell of dates, its number, 31/12/2014, 2014-12-31 or 31 Desember 2014; None for none.

    Raises Fault for what may be two days or none.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if FIRST_SERIAL <= cell <= LAST_SERIAL:
            return date(1899, 12, 30) + timedelta(days=int(cell))
        if cell == 0:
            return None
    text = plain(cell).lower()
    if text in NOTHING:
        return None
    parts = [part for part in re.split(r"[^0-9a-z]+", text.removesuffix("00:00:00").strip()) if part]
    if len(parts) != 3:
        raise Fault(f"“{text[:30]}” bukan tanggal. Tulis hari/bulan/tahun, misalnya 31/12/2014.")
    day, month, year = parts
    if len(day) == 4:
        day, year = year, day
    number = _month(month)
    if not (day.isdigit() and year.isdigit() and number and len(year) == 4):
        short = year.isdigit() and len(year) == 2
        raise Fault(
            f"Tahun pada “{text[:30]}” hanya dua angka. Tulis empat angka."
            if short
            else f"“{text[:30]}” bukan tanggal. Tulis hari/bulan/tahun, misalnya 31/12/2014."
        )
    try:
        return date(int(year), number, int(day))
    except ValueError as error:
        raise Fault(f"Tanggal “{text[:30]}” tidak ada. Tulis hari/bulan/tahun.") from error


def _month(text):
    if text.isdigit():
        return int(text) if 1 <= int(text) <= 12 else 0
    name = text[:3]
    return MONTHS.index(name) + 1 if name in MONTHS else OTHER_MONTHS.get(name, 0)


def birth_of(cell, today):
    day = day_of(cell)
    if day and not OLDEST_BIRTH <= day <= today:
        raise Fault("Tanggal lahir ini di masa depan atau terlalu lama. Periksa tahunnya.")
    return day


def joined_of(cell, today):
    """The day since which the family is in PKH: a date, or a year alone (its first day)."""
    text = plain(cell)
    day = date(int(text), 1, 1) if re.fullmatch(r"(19|20)\d\d", text) else day_of(cell)
    if day and not PKH_BEGAN <= day <= today:
        raise Fault(f"PKH dimulai tahun {PKH_BEGAN.year}; tanggal ini tidak mungkin.")
    return day


# --- the rest ---------------------------------------------------------------------------------------------------------


def words_of(cell, field):
    """A text no longer than its field. Raises Fault."""
    text = plain(cell)
    if text.lower() in NOTHING:
        return ""
    if len(text) > LENGTHS[field]:
        raise Fault(f"Terlalu panjang: {len(text)} huruf, paling banyak {LENGTHS[field]}.")
    return text


def sex_of(cell):
    return _told("sex", cell, "jenis kelamin (L atau P)")


def relation_of(cell):
    return _told("relation", cell, "hubungan keluarga")


def is_pengurus(cell):
    return _told("is_pengurus", cell, "tanda pengurus (ya atau tidak)") == "ya"


def component_of(cell, known):
    """The code of a component; `known` is {heading_form of code, name or short name: code}. Raises Fault."""
    text = plain(cell)
    if text.lower() in NOTHING:
        return ""
    form = heading_form(text)
    code = known.get(form) or _spoken().get(("component", form))
    if code is None or code not in known.values():
        raise Fault(f"“{text[:40]}” belum dikenal sebagai komponen PKH.")
    return code


def desil_of(cell):
    found = re.search(r"\d+", plain(cell))
    if plain(cell).lower() in NOTHING:
        return None
    if not found or not 1 <= int(found[0]) <= 10:
        raise Fault("Desil antara 1 dan 10.")
    return int(found[0])


def rt_rw_of(cell):
    """(RT, RW) of one cell such as 003/005, RT.03/RW.05 or rw 5 rt 2; None for each that it does not tell."""
    text = plain(cell)
    if text.lower() in NOTHING:
        return None, None
    found = read_place(text)
    if found is None:
        raise Fault(f"“{text[:30]}” bukan RT/RW. Tulis misalnya 003/005.")
    return found


def place_number(cell, label):
    """The number of an RT or RW from 1 to 999; None for none, which 000 and - mean as well. Raises Fault."""
    found = re.fullmatch(r"(?:r[tw])?[\s.:]*0*(\d{0,3})", plain(cell), re.IGNORECASE)
    if plain(cell).lower() in NOTHING:
        return None
    if found is None:
        raise Fault(f"{label} “{plain(cell)[:20]}” bukan angka 1 sampai 999.")
    return int(found[1] or 0) or None


def phone_of(cell):
    """A phone number as it is stored, "" for none. Raises Fault."""
    text = plain(cell)
    if text.lower() in NOTHING:
        return ""
    try:
        return phones.phone_of(text)
    except ValidationError as error:
        raise Fault(" ".join(error.messages)) from error


def dusun_of(cell):
    """The name of a dusun, "" for none. Raises Fault."""
    return words_of(read_dusun(plain(cell)), "dusun")
