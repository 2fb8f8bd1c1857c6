"""What can be known of a NIK or No KK from its digits alone: faults that refuse it, and doubts that only warn.

A NIK is area (6), birth day (2, women +40), month (2), year (2), serial (4); a No KK is area (6), date of issue (6),
serial (4). The area is where the number was first given, not where the person lives now, and a NIK is not changed
when its date turns out wrong: so anything past the form of the number is a doubt and never a fault.
"""

from pkh_casework.fields import digits_of
from pkh_casework.unseen import as_number
from wilayah.models import Wilayah

LENGTH = 16
WOMEN_DAYS = 40
SEPARATORS = set(" .-")


def known_provinces():
    """The two-digit codes of all provinces, as a set of str."""
    return set(Wilayah.objects.filter(level=Wilayah.Level.PROVINSI).values_list("code", flat=True))


def faults_of_no_kk(text, *, provinces):
    """What is wrong with `text` as a No KK, in words for the form; empty when it may be stored."""
    digits = digits_of(text)
    if not set(as_number(text)) <= SEPARATORS | set("0123456789"):
        return ["Tulis angka saja."]
    if len(digits) != LENGTH:
        return [f"Harus {LENGTH} angka; ini {len(digits)} angka."]
    if digits[:2] not in provinces:
        return ["Dua angka pertama bukan kode provinsi yang dikenal."]
    return []


def faults_of_nik(text, *, provinces):
    """What is wrong with `text` as a NIK, in words for the form; empty when it may be stored."""
    faults = faults_of_no_kk(text, provinces=provinces)
    if faults:
        return faults
    digits = digits_of(text)
    day, month, serial = int(digits[6:8]), int(digits[8:10]), digits[12:]
    if not (1 <= day <= 31 or WOMEN_DAYS + 1 <= day <= WOMEN_DAYS + 31):
        faults.append("Angka ke-7 dan 8 (tanggal lahir) harus 01–31, atau 41–71 untuk perempuan.")
    if not 1 <= month <= 12:
        faults.append("Angka ke-9 dan 10 (bulan lahir) harus 01–12.")
    if serial == "0000":
        faults.append("Empat angka terakhir tidak mungkin 0000.")
    return faults


def doubts_of_no_kk(digits, *, area):
    """Doubts about a faultless No KK of a family that lives in `area` (a wilayah code)."""
    return _doubts_of_area(digits, "No KK", area)


def doubts_of_nik(digits, *, sex="", birth_date=None, area=""):
    """Doubts about a faultless NIK of a person with this sex ("P" or "L"), birth date and area; blanks are passed
    over.
    """
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    is_woman = day > WOMEN_DAYS
    doubts = []
    if sex and (sex == "P") != is_woman:
        doubts.append("Jenis kelamin di NIK berbeda dengan isian.")
    if birth_date:
        written = (day - WOMEN_DAYS * is_woman, month, year)
        if written != (birth_date.day, birth_date.month, birth_date.year % 100):
            doubts.append("Tanggal lahir di NIK berbeda dengan isian.")
    return doubts + _doubts_of_area(digits, "NIK", area)


def _doubts_of_area(digits, name, area):
    if area and digits[:4] != area[:4]:
        return [f"{name} ini diterbitkan di luar kota/kabupaten ini. Wajar bila keluarga pindahan."]
    return []
