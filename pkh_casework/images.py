"""Photos from phones: checked, turned upright, made small, and rid of all metadata before they are kept."""

import hashlib
import io
import warnings
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(original), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise ValidationError(
                    f"Foto “{upload.name}” terlalu besar ukurannya. Ambil ulang dengan kamera HP."
                )
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image = ImageOps.exif_transpose(image)
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            flat = Image.new("RGB", image.size, "white")
            flat.paste(image.convert("RGB"), mask=image.getchannel("A") if "A" in image.getbands() else None)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(f"Foto “{upload.name}” terlalu besar ukurannya.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError(
            f"“{upload.name}” bukan foto. Pakai foto JPG, PNG atau WebP dari kamera."
        ) from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=82, optimize=True)
    return CleanPhoto(out.getvalue(), flat.width, flat.height, hashlib.sha256(original).hexdigest())
