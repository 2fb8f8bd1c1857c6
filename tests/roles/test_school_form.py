"""The school's form of attendance, as offices have it."""

import csv

import pytest

from roles.commitments.school_form import OtherForm, read_school_form

NIK = "3273994107150001"
HEAD = (
    "No;NIK Pengurus;Nama Pengurus;NIK Siswa;NISN;Nama Siswa;Bentuk Pendidikan;Tingkat Pendidikan"
    + ";Alpa;Izin;Sakit;Jml;%" * 3
    + ";Ket;Nama Pendamping"
)
ROW = f"1;3273990101800001;Siti;{NIK};0123456789;Rina;SD;4;1;0;1;2;90;0;0;0;0;100;4;0;1;5;75;;Dewi"
FORM = f"""FORM VERIFIKASI KOMITMEN PENDIDIKAN
NPSN:: 20219999
Nama Sekolah::;SD Contoh
;;;;;;;;APRIL;;;;;MEI;;;;;JUNI
{HEAD}
Hari efektif;;;;;;;;20;;;;;18;;;;;20;;;;;;
{ROW}
"""


def read(text, delimiter=";"):
    return read_school_form(enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1))


def test_the_form_says_school_months_days_and_children():
    form = read(FORM)
    assert (form.npsn, form.school) == ("20219999", "SD Contoh")
    assert (form.months, form.effective) == ([4, 5, 6], [20, 18, 20])
    (pupil,) = form.pupils
    assert (pupil.line, pupil.nik, pupil.nisn, pupil.name) == (7, NIK, "0123456789", "Rina")
    assert [marks.missed for marks in pupil.marks] == [2, 0, 5]
    assert [marks.present(days) for marks, days in zip(pupil.marks, form.effective, strict=True)] == [
        90,
        100,
        75,
    ]
    assert pupil.faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + FORM,
        "\ufeffsep=;\n" + FORM,
        FORM.replace("NPSN::", "NPSN :"),
        FORM.replace(NIK, f"'{NIK}"),
        FORM.replace(NIK, f"\u200e{NIK}\u00a0"),
        FORM.replace("APRIL", "Bulan: April"),
        FORM.replace("\n", "\n;;;\n"),
    ],
)
def test_what_offices_do_to_the_file_changes_nothing(text):
    told, plain = read(text), read(FORM)
    assert (told.npsn, told.school, told.months, told.effective) == (
        plain.npsn,
        plain.school,
        plain.months,
        plain.effective,
    )
    assert [(one.nik, one.marks) for one in told.pupils] == [(one.nik, one.marks) for one in plain.pupils]


def test_commas_part_the_cells_as_well():
    assert read(FORM.replace(";", ","), ",").pupils[0].marks == read(FORM).pupils[0].marks


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (NIK, "3,27399E+15", "NIK siswa rusak oleh program tabel (bentuk E+)."),
        (NIK, NIK[:15], "NIK siswa bukan 16 angka."),
        ("0123456789", "123456789", "NISN bukan 10 angka."),
        (";1;0;1;2;90", ";x;0;1;2;90", "Alpa bulan ke-1 bukan jumlah hari."),
        (";1;0;1;2;90", ";1;0;1;2;190", "Persen bulan ke-1 bukan angka 0 sampai 100."),
        (";1;0;1;2;90", ";20;0;1;21;0", "Bulan ke-1: tidak masuk 21 hari, hari efektif hanya 20."),
    ],
)
def test_a_row_that_is_wrong_says_why_and_stays(old, new, fault):
    (pupil,) = read(FORM.replace(old, new, 1)).pupils
    assert pupil.faults == (fault,)


def test_an_empty_month_is_no_month_of_full_presence():
    (pupil,) = read(FORM.replace(";4;0;1;5;75;", ";;;;;;")).pupils
    assert pupil.marks[2].is_blank and pupil.marks[2].present(20) is None


def test_without_school_days_the_share_told_counts():
    form = read("\n".join(line for line in FORM.splitlines() if "efektif" not in line))
    assert form.effective == [None, None, None]
    assert form.pupils[0].marks[2].present(None) == 75


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nama;alamat\nSiti;RT 1\n", "bukan formulir"),
        ("", "bukan formulir"),
        (FORM.replace("APRIL", "").replace("MEI", ""), "ketiga bulan"),
        (FORM.replace("MEI", "JULI"), "tidak berurutan"),
    ],
)
def test_another_file_is_told(text, words):
    with pytest.raises(OtherForm, match=words):
        read(text)


def test_a_child_without_numbers_is_a_row_and_numbers_of_columns_are_none():
    numbers = ";".join(str(number) for number in range(1, 26))
    form = read(FORM.replace(ROW, f"{numbers}\n{ROW}\n2;;;;;Tono;SD\n;;;;;;;\n"))
    assert [(pupil.name, pupil.nik) for pupil in form.pupils] == [("Rina", NIK), ("Tono", "")]
