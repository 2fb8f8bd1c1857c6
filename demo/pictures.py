"""Drawn pictures for some activities, plainly marked as examples: no real photo of anybody is in the demo."""

import io

from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 960)
SKIES = ["#f7e3c8", "#dcebf2", "#e9e1f3", "#e2f0df", "#fbe4df"]
HOUSES = ["#c9785f", "#7d9d8c", "#d8a657", "#8a7fa8", "#6f94ab", "#b98b9c"]
GROUND, INK, PAPER = "#b9c4a1", "#45324a", "#fffaf0"


def draw(rng, heading, line):
    """A JPEG (bytes): a row of houses under a pastel sky and a board with `heading` and `line`."""
    image = Image.new("RGB", SIZE, rng.choice(SKIES))
    canvas = ImageDraw.Draw(image)
    width, height = SIZE
    sun = rng.randint(100, width - 260)
    canvas.ellipse([sun, 80, sun + 150, 230], fill="#f6c453")
    for turn in range(3):
        left = turn * width // 3 - rng.randint(60, 160)
        canvas.ellipse([left, 330, left + width // 2 + 160, 900], fill=GROUND)
    canvas.rectangle([0, 540, width, height], fill="#a8b58d")
    left = 30
    while left < width - 120:
        left += _house(rng, canvas, left, 560) + rng.randint(14, 60)
    canvas.rounded_rectangle([190, 590, width - 190, 880], 28, fill=PAPER, outline=INK, width=8)
    for leg in (260, width - 276):
        canvas.rectangle([leg, 880, leg + 16, 950], fill=INK)
    _centred(canvas, heading, 665, 58)
    _centred(canvas, line, 755, 36)
    _centred(canvas, "CONTOH: gambar, bukan foto", 830, 28)
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=78, optimize=True)
    return stored.getvalue()


def _house(rng, canvas, left, ground):
    """One house standing on `ground`; returns its width."""
    width, height = rng.randint(130, 210), rng.randint(110, 190)
    top = ground - height
    canvas.rectangle([left, top, left + width, ground], fill=rng.choice(HOUSES))
    canvas.polygon(
        [(left - 18, top), (left + width // 2, top - 70), (left + width + 18, top)], fill="#7a4b3a"
    )
    canvas.rectangle([left + 22, top + 30, left + 62, top + 66], fill=PAPER)
    canvas.rectangle([left + width - 66, ground - 84, left + width - 26, ground], fill="#5d3f34")
    return width


def _centred(canvas, text, middle, size):
    canvas.text((SIZE[0] // 2, middle), text, fill=INK, anchor="mm", font=ImageFont.load_default(size))
