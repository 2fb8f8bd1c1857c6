"""Fields that every form of the house uses."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError

from .images import clean_photo
from .templatetags.formats import angka

MOST_PHOTOS = 4
OLDEST_DAYS = 366  # what was done longer ago than a year is a slip of the finger


def text_field(label, length, *, rows=0, **kwargs):
    """A CharField of at most `length` characters; with `rows` a text area.

    A text that is too long is named and kept: the browser is not told the limit, since it would cut a pasted text
    without a word.
    """
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    field = forms.CharField(label=label, widget=widget, **kwargs)

    def short_enough(text):
        if len(text) > length:
            raise ValidationError(
                f"Terlalu panjang: {angka(len(text))} huruf, paling banyak {angka(length)}. "
                "Tulisan Anda masih ada di sini; ringkas lalu simpan lagi."
            )

    field.validators.append(short_enough)
    return field


def day_of_entry(day, today):
    """`day` when an entry may be for it: not after `today`, and not over OLDEST_DAYS ago. Raises ValidationError."""
    if day > today:
        raise ValidationError("Tanggal tidak boleh di masa depan.")
    if day < today - timedelta(days=OLDEST_DAYS):
        raise ValidationError("Tanggal lebih dari setahun yang lalu. Periksa lagi tahunnya.")
    return day


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos; cleans to a list of CleanPhoto."""

    widget = ManyFilesInput

    def clean(self, data, initial=None):
        uploads = [upload for upload in (data or []) if upload]
        if len(uploads) > MOST_PHOTOS:
            raise ValidationError(f"Paling banyak {MOST_PHOTOS} foto. Yang dipilih: {len(uploads)}.")
        return [clean_photo(upload) for upload in uploads]
