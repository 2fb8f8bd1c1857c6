"""What is chosen by mistake is told by its true name, in every field of the app that takes a file."""

import io
from base64 import b64decode

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from master.forms import FileForm
from pkh_casework.forms import OneFileField, PhotosField
from pkh_casework.images import MOST_BYTES, clean_photo
from pkh_casework.uploads import what_is
from roster.files.kinds import kind_of
from roster.files.text import FileRefused

from .test_images import encoded
from .test_numbers_typed import PROJECT, fields

# Red with a blue left half, 40 x 30, turned to the right by the phone that took it; with the maker's name.
HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAcdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB6wABAAAAAAAAAFIAAgAAAAACPQABAAAAAAAAADgAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABBmlwcnAAAADlaXBjbwAAAHVodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "rprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFw"
    "AAAAKAAAAAEAAAAeAAAAAf///+gAAAAC////3gAAAAIAAAAQcGl4aQAAAAADCAgIAAAACWlyb3QDAAAAGWlwbWEAAAAAAAAAAQAB"
    "BoECAwWEhgAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAkm1kYXQAAABOKAGvCchrxx45I1d//+dyDkfth7/+lPOXfYsAv3B6"
    "t7LmDqBKW/PkaF8M55R//8KMChPqEmqS70Dad/R8hIk4KtCGwLz9wdfImwZAIduuAAAABkV4aWYAAE1NACoAAAAIAAIBDwACAAAA"
    "BwAAACYBEgADAAAAAQAGAAAAAAAAQ29udG9oAAA="
)
OTHERS = {
    "surat.pdf": (b"%PDF-1.7 ...", "PDF"),
    "layar.mp4": (b"\0\0\0\x18ftypmp42....", "video"),
    "layar.webm": (b"\x1a\x45\xdf\xa3....", "video"),
    "suara.mp3": (b"ID3\x04\x00....", "rekaman suara"),
    "lucu.gif": (b"GIF89a....", "gambar GIF"),
    "pindai.tif": (b"II*\0....", "gambar TIFF"),
    "gambar.svg": (b'<?xml version="1.0"?>\n<!-- x --><svg xmlns="..."/>', "gambar SVG"),
    "arsip.rar": (b"Rar!\x1a\x07", "arsip RAR"),
    "surat.rtf": (b"{\\rtf1 x}", "dokumen RTF"),
    "program.exe": (b"MZ\x90\0....", "program"),
}
OF_OFFICE = {
    "surat.docx": (b"PK\x03\x04....", "berkas Office atau ZIP"),
    "surat.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "berkas Office"),
    "unduhan.htm": (b"<!DOCTYPE html><html>", "halaman web"),
}
BROKEN = {
    "jpg": encoded(Image.new("RGB", (40, 30)))[:200],
    "png": encoded(Image.new("RGB", (400, 300)), "PNG")[:60],
    "webp": encoded(Image.new("RGB", (40, 30)), "WEBP")[:30],
    "heic": HEIC[:300],
    "heif": HEIC[:-70],
}


def refusal(name, content):
    with pytest.raises(ValidationError) as refused:
        clean_photo(SimpleUploadedFile(name, content))
    return refused.value.messages[0]


def test_a_photo_kept_as_heic_is_taken_upright_and_without_its_notes():
    photo = clean_photo(SimpleUploadedFile("IMG_0001.HEIC", HEIC))
    kept = Image.open(io.BytesIO(photo.jpeg))

    assert what_is(HEIC) == "foto HEIC"
    assert kept.format == "JPEG" and kept.size == (photo.width, photo.height) == (30, 40)
    red, blue = kept.getpixel((15, 35)), kept.getpixel((15, 5))
    assert red[0] > 150 > red[2] and blue[2] > 150 > blue[0]
    assert not kept.getexif() and "exif" not in kept.info


def test_a_big_heic_is_refused_by_its_head(monkeypatch):
    monkeypatch.setattr("pkh_casework.images.MOST_PIXELS_WHOLE", 40 * 30 - 1)
    assert "megapiksel" in refusal("besar.heic", HEIC)


@pytest.mark.parametrize(("name", "content"), BROKEN.items(), ids=BROKEN)
def test_a_photo_that_was_cut_off_is_said_to_be_broken(name, content):
    words = refusal(f"foto.{name}", content)
    assert "rusak atau belum selesai disalin" in words and "bukan foto" not in words


@pytest.mark.parametrize(("name", "file"), (OTHERS | OF_OFFICE).items(), ids=OTHERS | OF_OFFICE)
def test_another_kind_of_file_is_told_by_its_name(name, file):
    content, what = file
    assert what_is(content) == what
    assert f"“{name}” {what}, bukan foto" in refusal(name, content)


def test_what_cannot_be_told_apart_is_no_photo():
    assert "“catatan.txt” bukan foto" in refusal("catatan.txt", b"halo")
    assert "kosong" in refusal("kosong.jpg", b"")
    assert "AVIF" in refusal("foto.avif", b"\0\0\0\x1cftypavif....")
    large = SimpleUploadedFile("besar.jpg", b"")
    large.size = MOST_BYTES + 1
    with pytest.raises(ValidationError, match="lebih dari 10 MB"):
        clean_photo(large)


@pytest.mark.parametrize(("name", "file"), OTHERS.items(), ids=OTHERS)
def test_a_list_tells_it_too(tmp_path, name, file):
    path = tmp_path / name
    path.write_bytes(file[0])
    with pytest.raises(FileRefused, match=f"Ini {file[1]}, bukan daftar"):
        kind_of(path)


@pytest.mark.parametrize(("name", "file"), (OTHERS | OF_OFFICE).items(), ids=OTHERS | OF_OFFICE)
def test_a_file_of_rows_tells_it_too(name, file):
    form = FileForm.__new__(FileForm)
    form.cleaned_data = {"file": SimpleUploadedFile(name, file[0])}
    with pytest.raises(ValidationError, match=f"Ini {file[1]}, bukan berkas CSV"):
        form.clean_file()


def test_every_field_that_takes_a_file_is_of_a_kind_that_says_what_is_wrong():
    taking = {name: field for name, field in fields().items() if isinstance(field, forms.FileField)}
    assert len(taking) >= 6
    assert [
        name for name, field in taking.items() if not isinstance(field, (OneFileField, PhotosField))
    ] == []
    for path in PROJECT.glob("*/**/*.py"):
        if path.relative_to(PROJECT).parts[0] not in {"tests", "bench"} and ".venv" not in path.parts:
            assert "forms.ImageField(" not in path.read_text(), path
