"""A row that an area shares, as it is typed: its fields in the manner of the house, and whether somebody changed it."""

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst

from pkh_casework.forms import (
    DayField,
    DecimalNumberField,
    MailField,
    NumberTextField,
    OneTap,
    SiteField,
    WholeNumberField,
    text_field,
)
from wilayah.models import Wilayah

KOTA = 4  # digits of a code
CHANGED = "Data ini diubah orang lain sejak Anda buka. Periksa isian di bawah, lalu simpan lagi."


class AreaField(forms.ModelChoiceField):
    def label_from_instance(self, area):
        kind = (
            ""
            if area.level <= Wilayah.Level.KOTA
            else f"{area.get_level_display().partition('/')[0].capitalize()} "
        )
        return f"{kind}{area.name}"


def plain_field(field, **kwargs):
    """The form field of a model field, in the manner of the house."""
    label = capfirst(field.verbose_name)
    if isinstance(field, models.EmailField):
        return MailField(
            label=label, required=False, error_messages={"invalid": "Tulis alamat surel yang benar."}
        )
    if isinstance(field, models.URLField):
        return SiteField(
            label=label,
            required=False,
            max_length=field.max_length,
            error_messages={"invalid": "Tulis alamat situs yang benar, misalnya https://contoh.id."},
        )
    if field.name == "phone":
        made = text_field(
            label, field.max_length, kind=NumberTextField, required=not field.blank, help_text=field.help_text
        )
        made.widget.attrs["inputmode"] = "tel"
        return made
    if isinstance(field, models.TextField) or (isinstance(field, models.CharField) and not field.choices):
        rows = 4 if isinstance(field, models.TextField) else 0
        return text_field(
            label, field.max_length, rows=rows, required=not field.blank, help_text=field.help_text
        )
    if isinstance(field, models.DateField):
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        return field.formfield(widget=widget, form_class=DayField)
    if field.related_model is Wilayah:
        return field.formfield(form_class=AreaField)
    if isinstance(field, models.IntegerField) and not field.choices:
        number = forms.NumberInput(attrs={"inputmode": "numeric"})
        return field.formfield(**{"form_class": WholeNumberField, "widget": number, **kwargs})
    if isinstance(field, models.DecimalField):
        return field.formfield(form_class=DecimalNumberField, **kwargs)
    return field.formfield(**kwargs)


class RowForm(OneTap, forms.ModelForm):
    """A row as it is typed, and whether it changed since the page was opened."""

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.version = _newest(self.instance)

    def clean(self):
        super().clean()
        if self.instance.pk and self.data.get("version", self.version) != self.version:
            self.add_error(None, CHANGED)


def areas_for(user, present=None):
    """Areas that a resource or partner may be for: the own one, those around it up to the kota, and from a kota on
    those within it; `present` is a code that stays possible.
    """
    own = user.wilayah_id or ""
    within = Q(code__startswith=own) if len(own) >= KOTA else Q(code=own) | Q(parent=own)
    around = Q(code__in=[own[:length] for length in (4, 6, 10) if length <= len(own)])
    return Wilayah.objects.filter(within | around | Q(code=present or "")).order_by("code")


def _newest(row):
    """The newest entry in the history of `row`, as str; "" for a row that is not stored yet."""
    if not row.pk:
        return ""
    return str(row.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or "")
