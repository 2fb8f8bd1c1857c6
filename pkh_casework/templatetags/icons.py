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
PICTURES = "icons/asesmen.svg"
# Where what an indicator is about stands on the stair of 88 by 60, one step for each level.
ON_THE_STAIR = {1: (0, 26), 2: (19, 20), 3: (40, 14), 4: (58, 8)}

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


@register.simple_tag
@lru_cache(maxsize=500)
def level_picture(code, level):
    """What indicator `code` is about, standing on the step of `level`; silent, the words stand beside it."""
    sprite, (x, y) = static(PICTURES), ON_THE_STAIR[level]
    return format_html(
        '<svg class="picture level--{}" width="84" height="57" viewBox="0 0 88 60" aria-hidden="true">'
        '<use href="{}#tangga-{}"/>'
        '<use class="picture__thing" href="{}#{}" x="{}" y="{}" width="29" height="29"/></svg>',
        level,
        sprite,
        level,
        sprite,
        code,
        x,
        y,
    )
