"""Dates and numbers as people in Indonesia write them."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from pkh_casework import phones, places

register = template.Library()

NONE = "–"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
DAYS_IN_WORDS = 6  # up to a week away a count of days says more than a date


def _local_date(value):
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _decimal(value):
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _grouped(number, places=0):
    """`number` (Decimal) rounded half up, with points between thousands and a decimal comma."""
    number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if not number:
        number = abs(number)  # no "-0"
    return f"{number:,f}".translate(str.maketrans(",.", ".,"))


@register.filter
def tanggal(value):
    """A date, or the local date of a moment, as '24 Nov 2026'; '–' for None."""
    if not value:
        return NONE
    day = _local_date(value)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


@register.filter
def tanggal_relatif(value):
    """'hari ini', 'kemarin', 'besok', '3 hari lalu', '3 hari lagi'; a week or more away the date itself."""
    if not value:
        return NONE
    days = (_local_date(value) - timezone.localdate()).days
    near = {0: "hari ini", -1: "kemarin", 1: "besok"}
    if days in near:
        return near[days]
    if abs(days) > DAYS_IN_WORDS:
        return tanggal(value)
    return f"{-days} hari lalu" if days < 0 else f"{days} hari lagi"


@register.filter
def angka(value, places=0):
    """A number as '1.234', or with so many decimal places '1.234,5'; '–' for None."""
    if value is None or value == "":
        return NONE
    return _grouped(_decimal(value), places)


@register.filter
def jarak(kilometres):
    """A distance as '1,2 km', below a kilometre as '350 m', and never nearer than 50 m: no point is more exact."""
    if kilometres >= 1:
        return f"{angka(kilometres, 1)} km"
    return f"{angka(max(50, round(1000 * kilometres, -1)))} m"


@register.filter
def nilai(value):
    """The value of a figure: whole as '1.234', a half as '2,5'; '–' for None."""
    return angka(value, 0 if value is None or value == int(value) else 1)


@register.filter
def rupiah(value):
    """An amount of rupiah as 'Rp4.737.678', without sen; '–' for None."""
    if value is None or value == "":
        return NONE
    amount = _decimal(value)
    sign = "-" if amount <= Decimal("-0.5") else ""
    return f"{sign}Rp{_grouped(abs(amount))}"


@register.filter
def persen(value, places=0):
    """A fraction (0.873) as '87%', or with so many decimal places '87,3%'; '–' for None."""
    if value is None or value == "":
        return NONE
    return f"{_grouped(_decimal(value) * 100, places)}%"


@register.filter
def tempat(family):
    """Where in its kelurahan a family (a row with rt, rw and perhaps dusun) lives: 'RW 05 / RT 03', 'Dusun Sari'."""
    return places.place_of(family)


@register.filter
def tempat_pendek(family):
    """The same for a narrow column: 'RT 03/05'."""
    return places.short_place_of(family)


@register.filter
def sebut_rw(rw):
    """'RW 05', or 'tanpa RW' for none."""
    return places.rw_words(rw)


@register.filter
def sebut_rt(rt):
    """'RT 03', or 'tanpa RT' for none."""
    return places.rt_words(rt)


@register.filter
def nomor_hp(number):
    """A stored phone number as people read it out: '0812-3456-7890'; '–' for none."""
    return phones.phone_words(number) or NONE


@register.filter
def wa_link(number, sender):
    """The address that opens WhatsApp for a stored number, with a ready line of `sender` (a User); "" for no handphone."""
    return phones.whatsapp_url(number, phones.greeting(sender.name)) if number else ""


@register.filter
def telepon_url(number):
    """The address at which a phone dials a stored number."""
    return phones.tel_url(number)


@register.filter
def telepon(text):
    """A phone number as people wrote it (HTML); what can be dialled in it is a link."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{}">{}</a>', url, words) if url else words,)
            for words, url in phones.numbers_said(text)
        ),
    )
