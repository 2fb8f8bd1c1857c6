"""A resource, a check of it, a partner and its people, as they are typed."""

import re

from django import forms
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst

from pkh_casework.forms import OneTap, text_field
from wilayah.models import Wilayah

from .duplicates import like_it
from .models import Agreement, Category, Contact, Partner, Resource, ResourceCheck, Service

KOTA = 4  # digits of a code
POINT = re.compile(r"\s*(-?\d{1,2}[.,]\d+)\s*[,;\s]\s*(\d{2,3}[.,]\d+)\s*")
COUNTRY = ((-12, 7), (94, 142))  # degrees of latitude and of longitude
FIRST_YEAR = 2000
CHANGED = "Data ini diubah orang lain sejak Anda buka. Periksa isian di bawah, lalu simpan lagi."


class AreaChoice(forms.ModelChoiceField):
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
        return forms.EmailField(
            label=label, required=False, error_messages={"invalid": "Tulis alamat surel yang benar."}
        )
    if isinstance(field, models.URLField):
        return forms.URLField(
            label=label,
            required=False,
            max_length=field.max_length,
            error_messages={"invalid": "Tulis alamat situs yang benar, misalnya https://contoh.id."},
        )
    if isinstance(field, models.TextField) or (isinstance(field, models.CharField) and not field.choices):
        rows = 4 if isinstance(field, models.TextField) else 0
        return text_field(
            label, field.max_length, rows=rows, required=not field.blank, help_text=field.help_text
        )
    if isinstance(field, models.DateField):
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        return field.formfield(widget=widget)
    if field.related_model is Wilayah:
        return field.formfield(form_class=AreaChoice)
    made = field.formfield(**kwargs)
    if isinstance(made, forms.IntegerField):
        made.widget.attrs["inputmode"] = "numeric"
    return made


class RowForm(OneTap, forms.ModelForm):
    """A row as it is typed, and whether it changed since the page was opened."""

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        self.version = _newest(self.instance)

    def clean(self):
        super().clean()
        if self.instance.pk and self.data.get("version", self.version) != self.version:
            self.add_error(None, CHANGED)


class ResourceForm(RowForm):
    """A resource, new or changed. `indicators` are the (code, words) pairs it may lift.

    With a new one, close names that exist already (`twins`) are shown once more before it is stored.
    """

    SECTIONS = (
        ("Siapa yang bisa", ("residents_only", "women_only", "age_from", "age_to", "desil_to", "business_months", "requirements")),
        ("Nilai, biaya, dan risiko", ("value_text", "value_most", "cost_text", "risk")),
        ("Kuota dan waktu", ("quota", "quota_left", "opens_on", "closes_on", "hours")),
        ("Tempat dan kontak", ("partner", "address", "point", "phone", "website")),
        ("Dari mana keterangan ini", ("source", "true_in")),
    )  # fmt: skip

    point = forms.CharField(
        label="Titik di peta",
        required=False,
        help_text="Dua angka, misalnya -6.92744, 107.64680. Di aplikasi peta: tekan lama tempatnya, lalu salin.",
    )
    lifts = forms.MultipleChoiceField(
        label="Membantu dalam hal apa?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Supaya muncul pada keluarga yang membutuhkannya.",
    )

    class Meta:
        model = Resource
        fields = (
            "name", "category", "services", "description", "wilayah", "lifts", "residents_only", "women_only",
            "age_from", "age_to", "desil_to", "business_months", "requirements", "value_text", "value_most",
            "cost_text", "risk", "quota", "quota_left", "opens_on", "closes_on", "hours", "partner", "address",
            "phone", "website", "source", "true_in",
        )  # fmt: skip
        widgets = {"services": forms.CheckboxSelectMultiple}
        formfield_callback = plain_field

    def __init__(self, data=None, *, indicators, **kwargs):
        super().__init__(data, **kwargs)
        row = self.instance
        self.twins = []
        self.fields["lifts"].choices = indicators
        self.fields["category"].queryset = Category.objects.filter(
            Q(pk__in=Category.objects.valid_on(self.today)) | Q(pk=row.category_id)
        )
        self.fields["services"].queryset = Service.objects.valid_on(self.today)
        self.fields["wilayah"].queryset = areas_for(self.user, row.wilayah_id)
        self.fields["partner"].queryset = Partner.objects.filter(
            Q(pk__in=Partner.objects.visible_to(self.user)) | Q(pk=row.partner_id)
        )
        for name, words in (
            ("category", "Pilih kategori"),
            ("wilayah", "Pilih wilayah"),
            ("partner", "Tanpa mitra"),
        ):
            self.fields[name].empty_label = words
        if row.latitude is not None:
            self.initial["point"] = f"{row.latitude:f}, {row.longitude:f}"

    def clean_point(self):
        text = self.cleaned_data["point"]
        if not text:
            return None
        found = POINT.fullmatch(text)
        if not found:
            raise forms.ValidationError(
                "Tulis dua angka dengan koma di antaranya, misalnya -6.92744, 107.64680."
            )
        point = [round(float(number.replace(",", ".")), 6) for number in found.groups()]
        if any(not low <= value <= high for value, (low, high) in zip(point, COUNTRY, strict=True)):
            raise forms.ValidationError(
                "Titik ini di luar Indonesia. Angka lintang (misalnya -6,9) lebih dulu."
            )
        return point

    def clean_true_in(self):
        year = self.cleaned_data["true_in"]
        if year is not None and not FIRST_YEAR <= year <= self.today.year:
            raise forms.ValidationError(f"Isi tahun antara {FIRST_YEAR} dan {self.today.year}.")
        return year

    def clean(self):
        super().clean()
        data = self.cleaned_data
        self.instance.latitude, self.instance.longitude = data.get("point") or (None, None)
        if not self.instance.pk and data.get("name") and data.get("wilayah"):
            self.twins = like_it(Resource.objects.active(), data["name"], area=data["wilayah"].pk)

    @property
    def twins_mark(self):
        """Names the twins shown, so that a tick for these is not a tick for others."""
        return " ".join(str(twin.pk) for twin in self.twins)

    @property
    def twins_wait(self):
        return bool(self.twins) and self.data.get("checked") != self.twins_mark

    def is_valid(self):
        return super().is_valid() and not self.twins_wait

    def sections(self):
        """[(title, bound fields, whether to unfold), …] of the parts below the fold."""
        return [
            (title, fields, any(field.errors or _is_filled(field) for field in fields))
            for title, names in self.SECTIONS
            for fields in [[self[name] for name in names]]
        ]

    def entry(self):
        """The arguments of operations.save_resource."""
        services = self.cleaned_data["services"]
        return {"op_id": self.op_id, "today": self.today, "services": services, "resource": self.instance}


class CheckForm(OneTap, forms.Form):
    """Whether a resource is still as described; what has changed is told in a few words."""

    outcome = forms.ChoiceField(
        choices=ResourceCheck.Outcome.choices,
        widget=forms.RadioSelect,
        label="Masih benar?",
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    note = text_field(
        "Catatan", 300, rows=2, required=False, help_text="Misalnya: kuota habis, nomor telepon ganti."
    )

    def clean(self):
        super().clean()
        if self.cleaned_data.get("outcome") == ResourceCheck.Outcome.CHANGED and not self.cleaned_data.get(
            "note"
        ):
            self.add_error("note", "Tulis apa yang berubah, singkat saja.")

    def entry(self):
        """The arguments of operations.check_resource."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


class PartnerForm(RowForm):
    class Meta:
        model = Partner
        fields = ("name", "category", "wilayah", "address", "phone", "email", "website", "note")
        formfield_callback = plain_field

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        row = self.instance
        self.fields["category"].queryset = Category.objects.filter(
            Q(pk__in=Category.objects.valid_on(self.today)) | Q(pk=row.category_id)
        )
        self.fields["wilayah"].queryset = areas_for(self.user, row.wilayah_id)
        self.fields["category"].empty_label, self.fields["wilayah"].empty_label = (
            "Pilih kategori",
            "Pilih wilayah",
        )

    def entry(self):
        """The arguments of the operation that saves the row."""
        return {"op_id": self.op_id, "row": self.instance}


class OfPartnerForm(RowForm):
    """A row that hangs on a partner: `partner` for a new one."""

    def __init__(self, data=None, *, partner, **kwargs):
        super().__init__(data, **kwargs)
        self.instance.partner = partner

    entry = PartnerForm.entry


class ContactForm(OfPartnerForm):
    class Meta:
        model = Contact
        fields = ("name", "duty", "phone", "email", "note", "is_active")
        formfield_callback = plain_field


class AgreementForm(OfPartnerForm):
    class Meta:
        model = Agreement
        fields = ("subject", "number", "signed_on", "valid_to")
        formfield_callback = plain_field


def areas_for(user, present=None):
    """Areas that a resource or partner may be for: the own one, those around it up to the kota, and from a kota on
    those within it; `present` is a code that stays possible.
    """
    own = user.wilayah_id or ""
    within = Q(code__startswith=own) if len(own) >= KOTA else Q(code=own) | Q(parent=own)
    around = Q(code__in=[own[:length] for length in (4, 6, 10) if length <= len(own)])
    return Wilayah.objects.filter(within | around | Q(code=present or "")).order_by("code")


def _is_filled(field):
    value = field.value()
    return field.name != "residents_only" and value not in (None, "", False, [])


def _newest(row):
    """The newest entry in the history of `row`, as str; "" for a row that is not stored yet."""
    if not row.pk:
        return ""
    return str(row.events.order_by("-pgh_id").values_list("pgh_id", flat=True).first() or "")
