"""Photos from phones: checked, turned upright, made small, and rid of all metadata before they are kept."""

import hashlib
import io
import struct
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from pi_heif import options, register_heif_opener
from PIL import ExifTags, Image, ImageOps

from .uploads import PHOTOS, what_is

register_heif_opener()  # HEIC, as newer phones keep their photos; turned upright while it is read
options.DECODE_THREADS = 1  # the other cores answer other requests

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
# Only a plain JPEG is made small while it is read. All else lies in memory whole, also when the file is tiny.
MOST_PIXELS_WHOLE = 12_500_000  # a camera of 12 megapixels has up to 4080 x 3060
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
BY_ROWS = ("JPEG", "MPO")  # MPO: a JPEG with a second picture in it, as many phones make them
ORIENTATION = ExifTags.Base.Orientation


@dataclass(frozen=True)
class CleanPhoto:
    """A re-encoded JPEG (`jpeg`, bytes) with its size in pixels; `sha256` (hex) names what the phone sent."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


def clean_photo(upload):
    """Re-encode an uploaded image (a Django UploadedFile) as a JPEG of at most LONGEST_SIDE pixels, without EXIF.

    Raises ValidationError, in words for the person who chose the file, for anything that is no photo. The pixel
    count is read from the header before decoding: a file of 20 kB can unpack to a gigabyte.
    """
    if upload.size > MOST_BYTES:
        raise ValidationError(f"Foto “{upload.name}” lebih dari 10 MB. Pilih foto yang lebih kecil.")
    original = upload.read()
    if not original:
        raise ValidationError(f"Foto “{upload.name}” kosong. Pilih lagi fotonya, atau ambil ulang.")
    try:
        image = Image.open(io.BytesIO(original), formats=FORMATS)
        _check_pixels(image, upload.name)
        orientation = _orientation(image)
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image.convert("RGB"), mask=image.getchannel("A") if "A" in image.getbands() else None)
        # Turned last, on a picture with no other note: exif_transpose writes all notes anew and fails at damaged ones.
        flat.getexif()[ORIENTATION] = orientation
        ImageOps.exif_transpose(flat, in_place=True)
    except Image.DecompressionBombError as error:
        raise ValidationError(f"Foto “{upload.name}” terlalu besar ukurannya.") from error
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError) as error:
        raise ValidationError(_why_none(upload.name, original)) from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=82, optimize=True)
    return CleanPhoto(out.getvalue(), flat.width, flat.height, hashlib.sha256(original).hexdigest())


def _why_none(name, original):
    """Why a file is no photo, in words."""
    what = what_is(original[:4096])
    if what in PHOTOS:
        return f"Foto “{name}” rusak atau belum selesai disalin. Pilih lagi fotonya, atau ambil ulang dengan kamera HP."
    if what == "foto AVIF":
        return (
            f"“{name}” foto AVIF, yang belum bisa dibaca. Buka fotonya, simpan sebagai JPG, lalu pilih lagi."
        )
    what = f"{what}, " if what else ""
    return f"“{name}” {what}bukan foto. Pakai foto JPG, PNG, WebP atau HEIC dari kamera."


def _check_pixels(image, name):
    """Raise ValidationError for an image too big to unpack. Its pixels are not read yet, only its header."""
    pixels = image.width * image.height
    if pixels > MOST_PIXELS:
        raise ValidationError(f"Foto “{name}” terlalu besar ukurannya. Ambil ulang dengan kamera HP.")
    if pixels > MOST_PIXELS_WHOLE and (image.format not in BY_ROWS or "progressive" in image.info):
        raise ValidationError(
            f"Gambar “{name}” lebih dari 12 megapiksel. Pakai foto JPG langsung dari kamera, atau perkecil dulu."
        )


def _orientation(image):
    """The orientation that the camera noted; None without one, and also when its notes are damaged."""
    try:
        return image.getexif().get(ORIENTATION)
    except (OSError, SyntaxError, TypeError, ValueError, struct.error):
        return None
