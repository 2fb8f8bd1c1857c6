"""A resource and a check of it, as they are typed."""

from django import forms
from django.db.models import Q

from pkh_casework.forms import NumberTextField, OneTap, text_field
from pkh_casework.points import read_point
from resources.duplicates import like_it
from resources.models import Category, Partner, Resource, ResourceCheck, Service

from .rows import RowForm, areas_for, plain_field

FIRST_YEAR = 2000


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

    point = NumberTextField(
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
        try:
            return read_point(text)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

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


class ResourceCheckForm(OneTap, forms.Form):
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


def _is_filled(field):
    value = field.value()
    return field.name != "residents_only" and value not in (None, "", False, [])
