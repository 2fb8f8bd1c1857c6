"""Makes the fonts of this folder and `signs.txt` out of the files that README.md names; run by hand, never by the app.

    python pkh_casework/fonts/make.py FOLDER

FOLDER holds the originals, by the names in TAKEN. Needs fonttools, which the development lock brings along.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent
SIGNS = HERE / "signs.txt"
PLAIN_SYMBOLS = [*range(0x1D400), *range(0x1F000, 0x1FB00)]  # ornate letters are printed as their plain ones
SCRIPTS = [
    *(
        "NotoSansJavanese-Regular",
        "NotoSansJavanese-Bold",
        "NotoSansSundanese-Regular",
        "NotoSansSundanese-Bold",
    ),
    *(
        "NotoSansBatak-Regular",
        "NotoSansBalinese-Regular",
        "NotoSansBalinese-Bold",
        "NotoSansBuginese-Regular",
    ),
    *(
        "NotoSansRejang-Regular",
        "NotoSansDevanagari-Regular",
        "NotoSansTamil-Regular",
        "NotoSerifThai-Regular",
    ),
]


def usual_chinese():
    """The 3,755 letters in everyday use (first plane of GB 2312), the kana, and full-width signs."""
    rows = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    letters = {ord(sign) for pair in rows if (sign := pair.decode("gb2312", "ignore"))}
    return letters | set(range(0x3000, 0x3018)) | set(range(0x3041, 0x3100)) | set(range(0xFF01, 0xFFE7))


# (file of this folder, signs to keep; None for all, "new" for those that no font before has)
TAKEN = [
    ("LibertinusSerif-Regular.ttf", None),
    ("LibertinusSerif-Bold.ttf", None),
    *((f"{name}.ttf", None) for name in SCRIPTS),
    ("NotoNaskhArabic-Regular.ttf", [*range(0xFB50), 0xFDF2, 0xFDFA, 0xFDFB, 0xFDFD, *range(0xFE70, 0xFF00)]),
    ("NotoNaskhArabic-Bold.ttf", [*range(0xFB50), 0xFDF2, 0xFDFA, 0xFDFB, 0xFDFD, *range(0xFE70, 0xFF00)]),
    ("NotoEmoji-Regular.ttf", None),
    ("NotoSerif-Regular.ttf", None),
    ("NotoSansMath-Regular.ttf", "new"),
    ("NotoSansSymbols-Regular.ttf", "new"),
    ("NotoSansSymbols2-Regular.ttf", "new"),
    ("NotoSansCJKsc-Regular.otf", sorted(usual_chinese())),
]


def main(folder):
    have = set()
    for name, kept in TAKEN:
        font = opened(folder, name)
        signs = set(font.getBestCmap())
        if kept == "new":
            signs = (signs & set(PLAIN_SYMBOLS)) - have
        elif kept is not None:
            signs &= set(kept)
        options = subset.Options(hinting=False, layout_features=["*"], notdef_outline=True)
        options.drop_tables += ["DSIG", "FFTM", "meta", "vhea", "vmtx", "VORG", "BASE"]
        maker = subset.Subsetter(options)
        maker.populate(unicodes=signs)
        maker.subset(font)
        font.save(HERE / name)
        have |= signs
    SIGNS.write_text(covered(), encoding="ascii")


def opened(folder, name):
    collection = folder / "NotoSansCJK-Regular.ttc"
    if "CJK" not in name:
        return TTFont(folder / name)
    return next(
        font for font in TTCollection(collection) if font["name"].getDebugName(1) == "Noto Sans CJK SC"
    )


def covered():
    """The text of signs.txt: a line for each family, its name and the signs that all of its files show, in ranges."""
    families = {}
    for path in sorted(HERE.glob("*.[ot]tf")):
        with TTFont(path) as font:
            families.setdefault(font["name"].getBestFamilyName(), []).append(set(font.getBestCmap()))
    lines = ["# Made by make.py: which signs (hexadecimal) each family of fonts in this folder can show."]
    for family, files in families.items():
        lines.append(f"{family}: {' '.join(ranges(sorted(set.intersection(*files))))}")
    return "\n".join(lines) + "\n"


def ranges(numbers):
    first = last = numbers[0]
    for number in [*numbers[1:], None]:
        if number != last + 1:
            yield f"{first:x}" if first == last else f"{first:x}-{last:x}"
            first = number
        last = number


if __name__ == "__main__":
    main(Path(sys.argv[1]))
