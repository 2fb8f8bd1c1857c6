"""What a phone may send as a photo, and what is kept of it."""

import io
import struct

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from pkh_casework.images import LONGEST_SIDE, MOST_PIXELS, MOST_PIXELS_WHOLE, ORIENTATION, clean_photo

RED, BLUE = (200, 30, 30), (30, 30, 200)


def encoded(image, kind="JPEG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def cleaned(content, name="foto.jpg"):
    """(CleanPhoto, the image that is kept)"""
    photo = clean_photo(SimpleUploadedFile(name, content))
    return photo, Image.open(io.BytesIO(photo.jpeg))


def exif(*entries, head=b"II*\0", first=8, count=None):
    """A hand-made EXIF block of little-endian directory entries: (tag, type, number of values, value or offset)."""
    directory = struct.pack("<H", len(entries) if count is None else count)
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"Exif\0\0" + head + struct.pack("<I", first) + directory + bytes(4)


SHORT, RATIONAL, DOUBLE = 3, 5, 12
DAMAGED = {
    "nothing": b"Exif\0\0",
    "no TIFF header": exif(head=b"ABCD"),
    "half a header": b"Exif\0\0II*\0",
    "a BigTIFF that ends at once": exif(head=b"II+\0"),
    "a directory beyond the end": exif(first=2**32 - 1),
    "more entries than bytes": exif((ORIENTATION, SHORT, 1, 1), count=65535),
    "an entry cut off": exif((ORIENTATION, SHORT, 1, 6))[:-10],
    "values beyond the end": exif((ORIENTATION, SHORT, 2**31, 2**31)),
    "no value": exif((ORIENTATION, SHORT, 0, 0)),
    "an unknown kind of value": exif((ORIENTATION, 99, 1, 6)),
    "a fraction by nothing": exif((ORIENTATION, RATIONAL, 1, 26)) + bytes(8),
    "a number that is none": exif((ORIENTATION, DOUBLE, 1, 26)) + b"\xff" * 8,
    "a loop of directories": exif((0x8769, 4, 1, 8), (ORIENTATION, SHORT, 1, 99)),
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("block", DAMAGED.values(), ids=DAMAGED)
def test_a_photo_with_damaged_exif_is_taken_as_it_lies(block, kind):
    photo, kept = cleaned(encoded(Image.new("RGB", (40, 30), RED), kind, exif=block))

    assert (photo.width, photo.height) == kept.size == (40, 30)


BESIDE_DAMAGE = {
    "text in place of a resolution": ((0x011A, 2, 2, 147),),
    "a number in place of text": ((0x0131, 11, 1, 26),),
    "text in place of the thumbnail": ((0x02BC, 2, 1, 38),),
    "a pointer to nowhere": ((0xA005, 7, 1, 8), (0x8825, 18, 0, 38)),
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("entries", BESIDE_DAMAGE.values(), ids=BESIDE_DAMAGE)
def test_an_orientation_that_can_be_read_counts_whatever_else_is_damaged(entries):
    block = exif((ORIENTATION, SHORT, 1, 6), *entries)

    assert cleaned(encoded(Image.new("RGB", (40, 30)), exif=block))[1].size == (30, 40)


@pytest.mark.parametrize("keyword", ["exif", "xmp", "Raw profile type exif"])
def test_a_png_that_names_its_words_like_metadata_is_taken_too(keyword):
    words = PngInfo()
    words.add_text(keyword, "kata\nbiasa\nsaja\nxyz")

    assert cleaned(encoded(Image.new("RGB", (40, 30)), "PNG", pnginfo=words))[0].width == 40


def corner(image):
    """Where the red corner of `image` lies: "left top", …"""
    right, bottom = image.width - 2, image.height - 2
    points = {
        "left top": (1, 1),
        "right top": (right, 1),
        "left bottom": (1, bottom),
        "right bottom": (right, bottom),
    }
    return max(points, key=lambda name: image.getpixel(points[name])[0])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "MPO"])
@pytest.mark.parametrize("orientation", range(10))
def test_every_photo_is_turned_upright(orientation, kind):
    # How EXIF counts: where the first row and the first column of the picture belong.
    upright = Image.new("RGB", (64, 48), BLUE)
    upright.paste(RED, (0, 0, 32, 24))
    as_held = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(as_held[orientation]) if orientation in as_held else upright
    note = Image.Exif()
    note[ORIENTATION] = orientation
    more = {"save_all": True, "append_images": [upright]} if kind == "MPO" else {}

    _, kept = cleaned(encoded(stored, kind, exif=note, **more))

    assert kept.size == (64, 48)
    assert corner(kept) == "left top"
    assert not kept.getexif()


@pytest.fixture
def never_decoded(monkeypatch):
    """Reading one pixel of any image is an error that no one catches."""

    class Decoded(BaseException):
        pass

    def decode(*args, **kwargs):
        raise Decoded

    monkeypatch.setattr(ImageFile.ImageFile, "load", decode)
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile.load", decode)
    return Decoded


SIDE = 3600  # squared 13 million
WHOLE = {
    "PNG": ("PNG", {}),
    "WebP": ("WEBP", {"lossless": True}),
    "JPEG in passes": ("JPEG", {"progressive": True}),
}


@pytest.mark.parametrize(("kind", "options"), WHOLE.values(), ids=WHOLE)
def test_a_picture_that_would_unpack_to_hundreds_of_megabytes_is_refused_unread(kind, options, never_decoded):
    assert SIDE**2 > MOST_PIXELS_WHOLE
    content = encoded(Image.new("L" if kind == "JPEG" else "RGB", (SIDE, SIDE)), kind, **options)
    assert len(content) < 200_000

    with pytest.raises(ValidationError, match="lebih dari 12 megapiksel"):
        cleaned(content, "besar.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_is_too_big_in_any_form_is_refused_unread(kind, never_decoded):
    side = 6500
    assert side**2 > MOST_PIXELS

    with pytest.raises(ValidationError, match="terlalu besar ukurannya"):
        cleaned(encoded(Image.new("L", (side, side)), kind))


def test_the_guard_sees_pixels_that_are_read(never_decoded):
    with pytest.raises(never_decoded):
        cleaned(encoded(Image.new("RGB", (40, 30)), "PNG"))


@pytest.mark.parametrize("options", [{"kind": "JPEG"}, {"kind": "MPO", "save_all": True}])
def test_a_big_photo_of_a_phone_is_made_small_while_it_is_read(options, monkeypatch):
    more = {"append_images": [Image.new("RGB", (40, 30))]} if options["kind"] == "MPO" else {}
    content = encoded(Image.new("RGB", (6000, 4000), RED), **options, **more)
    loaded, load = [], ImageFile.ImageFile.load

    def watched(self):
        loaded.append(self.size)
        return load(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)

    photo, _ = cleaned(content)

    assert (photo.width, photo.height) == (LONGEST_SIDE, 1067)
    assert max(width for width, _ in loaded) <= 2 * LONGEST_SIDE
