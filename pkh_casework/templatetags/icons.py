"""Icons from the one sprite, and the marks that always come as colour, icon and word together."""

import re
from functools import cache, lru_cache

from django import template
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()

SPRITE = "icons/sprite.svg"
PICTURES, STAIRS = "icons/asesmen.svg", "icons/tangga.svg"
ON_LEVELS, ON_STAIRS = "0 0 64 48", "0 -10 120 84"  # what part of its sheet a drawing of each file fills

# The look of the four roles: their names and sub-roles are master data, their word and icon never change.
ROLES = {
    "fasilitasi": ("Fasilitasi", "handshake"),
    "edukasi": ("Edukasi", "book-open"),
    "representasi": ("Representasi", "megaphone"),
    "teknis": ("Teknis", "wrench"),
}
LEVELS = (1, 2, 3, 4)


@cache
def icon_names():
    """The names that the sprite holds, as a frozenset of str."""
    with open(finders.find(SPRITE), encoding="utf-8") as sprite:
        return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite.read()))


def refuse_unknown_icon(name):
    """Raise ValidationError, for the field `icon`, where the sprite holds no such picture."""
    if name not in icon_names():
        raise ValidationError({"icon": f"Tidak ada gambar bernama {name}. Pakai yang ada pada baris lain."})


@register.simple_tag
@lru_cache(maxsize=500)  # a page draws hundreds
def icon(name, label=""):
    """An icon of the sprite: silent for screen readers unless `label` gives it words.

    Raises ValueError for a name that the sprite does not hold, since the page would show a hole.
    """
    if name not in icon_names():
        raise ValueError(f"no icon named {name!r} in {SPRITE}")
    href = f"{static(SPRITE)}#{name}"
    # The size for a page whose style sheet did not come: there a drawing without one fills the screen.
    if label:
        return format_html(
            '<svg class="icon" width="20" height="20" role="img" aria-label="{}"><use href="{}"/></svg>',
            label,
            href,
        )
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true"><use href="{}"/></svg>', href
    )


@register.simple_tag
def icon_label(name, text):
    """Icon and words side by side, on one line."""
    return format_html('<span class="icon-label">{} <span>{}</span></span>', icon(name), text)


@register.simple_tag
def role_icon(code):
    """The role's icon alone, for places where its word stands beside it already."""
    return icon(ROLES[code][1])


@register.simple_tag
def role_badge(code, label=""):
    """Colour, icon and word of one of the four roles.

    `label` shows a sub-role's name in place of the word; the role's word is then still read out. Raises KeyError
    for an unknown code.
    """
    word, icon_name = ROLES[code]
    if label:
        word = format_html('<span class="visually-hidden">{}: </span>{}', word, label)
    return format_html(
        '<span class="role-badge role--{}">{}<span>{}</span></span>', code, icon(icon_name), word
    )


@register.simple_tag
def level_badge(level, label=""):
    """A level from 1 to 4 as a stair with so many steps filled, its number and, given `label`, its words.

    None stands for a level that is not assessed yet.
    """
    if level is None:
        return format_html('<span class="level level--none">{}</span>', label or "Belum dinilai")
    level = int(level)
    if level not in LEVELS:
        raise ValueError(f"a level is 1 to 4, not {level}")
    words = f"{level} · {label}" if label else f"Tingkat {level}"
    return format_html(
        '<span class="level level--{}">{}<span>{}</span></span>', level, icon(f"level-{level}"), words
    )


@cache
def drawings(file=PICTURES):
    """{name: what is drawn} of `file`: a level of an indicator as "A1-2", the stair with somebody on its second step as
    "tangga-2", and the shapes that both are made of.
    """
    with open(finders.find(file), encoding="utf-8") as sprite:
        return dict(re.findall(r'^<g id="([^"]+)">(.*)</g>$', sprite.read(), re.MULTILINE))


@register.simple_tag
@lru_cache(maxsize=500)
def level_picture(code, level, width=84):
    """What life is like at `level` of indicator `code`, drawn; silent, the words stand beside it. An indicator that has
    no drawing yet shows the stair.
    """
    name = f"{code}-{level}"
    return _picture(PICTURES, name, ON_LEVELS, width) if name in drawings() else stair_picture(level, width)


@register.simple_tag
@lru_cache(maxsize=500)
def stair_picture(level, width=240):
    """The stair of four steps with somebody on the one of `level`; silent, the words stand beside it."""
    return _picture(STAIRS, f"tangga-{level}", ON_STAIRS, width)


def _picture(file, name, box, width):
    *_, across, down = map(int, box.split())
    return format_html(
        '<svg class="picture" width="{}" height="{}" viewBox="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        width,
        round(width * down / across),
        box,
        static(file),
        name,
    )


def whole_drawing(name):
    """The drawing `name` as an SVG file of its own, for paper; "" for one that there is not."""
    file, box = (STAIRS, ON_STAIRS) if name.startswith("tangga") else (PICTURES, ON_LEVELS)
    shapes = drawings(file)
    if name not in shapes:
        return ""
    used = sorted(set(re.findall(r'href="#([^"]+)"', shapes[name])))
    parts = "".join(f'<g id="{shape}">{shapes[shape]}</g>' for shape in used)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" fill="none" stroke="#16202b" color="#16202b"'
        f' stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"><defs>{parts}</defs>{shapes[name]}</svg>'
    )
