"""What anchors speak of in rupiah: the thresholds of the day, as words to read aloud."""

from decimal import Decimal

from kpm.models import Anchor, Threshold
from pkh_casework.templatetags.formats import rupiah

OF_WHOM = {Threshold.Code.POVERTY_LINE: "{} per orang", Threshold.Code.MINIMUM_WAGE: "UMK {}"}
MISSING = {
    Threshold.Code.POVERTY_LINE: "angka garis kemiskinan belum diisi",
    Threshold.Code.MINIMUM_WAGE: "angka UMK belum diisi",
}


def sums_in_words(anchor: Anchor, thresholds: dict[str, Threshold]) -> str:
    """The rupiah behind an anchor's text, such as '(Rp500.000 sampai Rp750.000 per orang)'; "" when it names none.

    `thresholds` as Threshold.objects.of gives them.
    """
    amounts = {}
    for part in anchor.sums.split():
        code, times = part.split("*")
        amounts.setdefault(code, []).append(Decimal(times))
    words = [
        OF_WHOM[code].format(" sampai ".join(rupiah(thresholds[code].monthly * times) for times in multiples))
        if code in thresholds
        else MISSING[code]
        for code, multiples in amounts.items()
    ]
    return f"({'; '.join(words)})" if words else ""
