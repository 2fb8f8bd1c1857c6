"""A partner, its people and what was agreed, as they are typed."""

from django.db.models import Q

from resources.models import Agreement, Category, Contact, Partner

from .rows import RowForm, areas_for, plain_field


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
