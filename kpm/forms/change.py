"""What happens to a family as a family: its status, its pengurus. Each with a coded reason and a day."""

from django import forms

from entries.forms import DateField, EntryForm
from kpm.models import CaseReason, Household, Member, Pengurus
from pkh_casework.forms import text_field

WORDS = 200


class ReasonFields(EntryForm):
    """A day and a coded reason, of those for `use` that hold today; some need words too."""

    use = ""

    on = DateField(label="Sejak tanggal")
    reason = forms.ModelChoiceField(
        CaseReason.objects.none(),
        label="Alasan",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih alasannya.", "invalid_choice": "Pilih alasannya."},
    )
    words = text_field("Keterangan", WORDS, required=False)

    def __init__(self, data=None, *, initial=None, **kwargs):
        super().__init__(data, initial={"on": kwargs["today"], **(initial or {})}, **kwargs)
        reasons = CaseReason.objects.valid_on(self.today).filter(use=self.use)
        self.fields["reason"].queryset = reasons

    def clean(self):
        data = super().clean()
        reason = data.get("reason")
        if reason and reason.needs_words and not data.get("words") and "words" not in self.errors:
            self.add_error("words", f"{reason.words_label or 'Tulis keterangannya.'} Tulis singkat saja.")
        return data

    def entry(self):
        data = self.cleaned_data
        return {"op_id": self.op_id, **{name: data[name] for name in ("on", "reason", "words")}}

    @property
    def reason_fields(self):
        return self.noted("on", "reason", "words")


class InactiveForm(ReasonFields):
    """A family that is not accompanied any more, and is no graduate."""

    use = CaseReason.Use.INACTIVE

    def entry(self):
        """The arguments of operations.change_status."""
        return {**super().entry(), "to": Household.Status.NONAKTIF}


class ActiveAgainForm(ReasonFields):
    """A family that was inactive and is accompanied again."""

    use = CaseReason.Use.ACTIVE_AGAIN

    def entry(self):
        """The arguments of operations.change_status."""
        return {**super().entry(), "to": Household.Status.AKTIF}


class PengurusForm(ReasonFields):
    """Another pengurus: the heir who was named, or anybody on the card."""

    use = CaseReason.Use.PENGURUS
    field_order = ["successor", "on", "reason", "words", "heir", "was"]

    successor = forms.ModelChoiceField(
        Member.objects.none(),
        label="Pengurus baru",
        empty_label="Pilih anggota",
        error_messages={"required": "Pilih pengurus barunya."},
    )
    heir = forms.ModelChoiceField(
        Member.objects.none(),
        label="Ahli waris berikutnya",
        required=False,
        empty_label="Belum ditentukan",
        help_text="Siapa yang menggantikan bila pengurus baru berhalangan.",
    )
    was = forms.ModelChoiceField(Member.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, household, **kwargs):
        terms = Pengurus.objects.filter(household=household, to_on=None)
        self.term = terms.select_related("member").first()
        initial = {}
        if self.term:
            initial = {"successor": self.term.heir_id, "was": self.term.member_id}
        super().__init__(data, initial=initial, **kwargs)
        people = Member.objects.filter(household=household).present()
        others = people.exclude(pk=self.term.member_id) if self.term else people
        self.others = list(others)
        self.fields["was"].queryset = Member.objects.filter(household=household)
        self.fields["successor"].queryset = others
        self.fields["heir"].queryset = people

    def clean(self):
        data = super().clean()
        successor, heir, reason = data.get("successor"), data.get("heir"), data.get("reason")
        if heir and heir == successor:
            self.add_error("heir", "Ahli waris harus orang lain, bukan pengurus barunya.")
        elif heir and self.term and heir.pk == self.term.member_id and reason and reason.leaves:
            self.add_error("heir", "Orang ini keluar dari KK. Pilih anggota lain.")
        return data

    def entry(self):
        """The arguments of operations.change_pengurus."""
        data = self.cleaned_data
        return {**super().entry(), **{name: data[name] for name in ("successor", "heir", "was")}}
