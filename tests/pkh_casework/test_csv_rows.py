"""What the one reader of CSV files takes, and how it names what it can't."""

import gzip

import pytest
from django.core.exceptions import ValidationError

from pkh_casework.csv_rows import BadFile, each_row, read_rows


@pytest.fixture
def written(tmp_path):
    def write(content, name="uji.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def test_rows_come_with_their_lines_without_comments_and_empty_lines(written):
    path = written(b'\xef\xbb\xbf# sumber\r\nkode,nama\r\n\r\n1,satu\r\n# catatan\r\n2,"du\r\na"\r\n')
    assert list(read_rows(path)) == [
        (4, {"kode": "1", "nama": "satu"}),
        (7, {"kode": "2", "nama": "du\r\na"}),
    ]


def test_a_packed_file_is_read_as_it_is(written):
    path = written(gzip.compress("kode,nama\n1,sé\n".encode()), "uji.csv.gz")
    assert list(read_rows(path)) == [(2, {"kode": "1", "nama": "sé"})]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"kode\n\xff\n", "uji.csv.*utf-8"),
        (b'kode\n1\n"2\n', "uji.csv line 3: "),
    ],
)
def test_what_is_no_csv_is_named(written, content, words):
    with pytest.raises(BadFile, match=words):
        list(read_rows(written(content)))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadFile, match=r"tak-ada\.csv"):
        list(read_rows(tmp_path / "tak-ada.csv"))


def test_all_refused_rows_are_told_and_the_others_are_counted(written):
    def take(line, cells):
        if cells["kode"] == "x":
            raise ValidationError({"kode": "bukan angka"})
        return "taken"

    assert each_row(written(b"kode,nama\n 1 ,a\n2,b\n"), take) == {"taken": 2}

    with pytest.raises(BadFile) as caught:
        each_row(written(b"kode,nama\nx,a\n1,b\n1,b,c\n1\nx,b\n"), take)
    faults = [fault.partition("uji.csv ")[2] for fault in str(caught.value).splitlines()]
    assert faults == [
        "line 2, kode: bukan angka",
        "line 4, row: more or fewer cells than columns",
        "line 5, row: more or fewer cells than columns",
        "line 6, kode: bukan angka",
    ]
