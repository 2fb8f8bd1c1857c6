"""The fields in which a family's yes is written down, on the form of what it allows."""

from django import forms
from django.db.models import Q

from entries.forms import DateField
from kpm.models import Consent, Member
from kpm.operations.consent import Yes
from pkh_casework.days import months_after

ADULT_MONTHS = 18 * 12  # who is younger does not agree for the family (UU 27/2022, Ps. 25)


def ask_consent(form, household):
    """Add who agreed, how and when to `form`, an EntryForm with its `consent_text`."""
    children = Q(birth_date__gt=months_after(form.today, -ADULT_MONTHS))
    people = Member.objects.filter(household=household).present().exclude(children)
    pengurus = household.pengurus_terms.filter(to_on=None).first()
    form.fields |= {
        "given_by": forms.ModelChoiceField(
            people,
            label="Siapa yang menyetujui",
            empty_label=None,
            initial=pengurus and pengurus.member_id,
            error_messages={"required": "Pilih siapa dari keluarga yang menyetujui."},
        ),
        "how": forms.ChoiceField(
            label="Cara menyetujui",
            choices=Consent.How.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Pilih caranya."},
        ),
        "given_on": DateField(label="Tanggal persetujuan", initial=form.today),
    }
    form.fields["given_on"].bound_by(form.today)


def yes_of(form):
    """The Yes that was filled in."""
    data = form.cleaned_data
    return Yes(form.consent_text, data["given_by"], data["how"], data["given_on"])
