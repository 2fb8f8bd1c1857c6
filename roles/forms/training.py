"""A training as it is proposed, whose families are invited, and who can hold one."""

from django import forms

from entries.forms import EntryForm
from resources.forms.rows import RowForm, areas_for, plain_field
from resources.models import Partner, Resource
from roles.models import Trainer, Training, TrainingPlace

State = TrainingPlace.State
NOT_INVITED = ("", "Belum")
ANSWERS = [
    NOT_INVITED,
    *((state.value, state.label) for state in (State.INVITED, State.COMING, State.DECLINED)),
]
FEWEST_SEATS, MOST_SEATS = 1, 500


class TrainingForm(RowForm):
    """A training for the asker's area; `indicators` are the (code, name) pairs to choose from."""

    code = forms.ChoiceField(label="Untuk kebutuhan apa")

    class Meta:
        model = Training
        fields = ("code", "title", "planned_on", "seats", "place", "partner", "resource", "trainer", "note")
        formfield_callback = plain_field

    def __init__(self, data=None, *, indicators, trainers=(), **kwargs):
        super().__init__(data, **kwargs)
        row = self.instance
        if row._state.adding:
            row.op_id, row.proposed_by, row.wilayah_id = self.op_id, self.user, self.user.wilayah_id
        self.fields["code"].choices = indicators
        self.fields["partner"].queryset = Partner.objects.visible_to(self.user)
        self.fields["resource"].queryset = Resource.objects.visible_to(self.user).active()
        self.fields["partner"].empty_label, self.fields["resource"].empty_label = (
            "Tanpa mitra",
            "Tidak dari daftar",
        )
        self.fields["resource"].label, self.fields["resource"].required = "Dari sumber daya", False
        self.fields["seats"].min_value = FEWEST_SEATS
        self.fields["trainer"].widget.attrs |= {"list": "pelatih", "autocomplete": "off"}
        self.trainers = trainers

    def clean_planned_on(self):
        day = self.cleaned_data["planned_on"]
        if abs((day - self.today).days) > 366:
            raise forms.ValidationError("Tanggalnya terlalu jauh. Periksa tahunnya.")
        return day

    def clean_seats(self):
        seats = self.cleaned_data["seats"]
        if not FEWEST_SEATS <= seats <= MOST_SEATS:
            raise forms.ValidationError(f"Isi angka {FEWEST_SEATS} sampai {MOST_SEATS}.")
        return seats

    def entry(self):
        """The arguments of operations.save_training."""
        return {"op_id": self.op_id, "row": self.instance}


class TrainerForm(RowForm):
    """Who can hold a training; `indicators` are the (code, name) pairs that it may help with."""

    codes = forms.MultipleChoiceField(
        label="Membantu dalam hal apa?", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Trainer
        fields = ("name", "topics", "codes", "partner", "wilayah", "phone", "is_active")
        formfield_callback = plain_field

    def __init__(self, data=None, *, indicators, **kwargs):
        super().__init__(data, **kwargs)
        row = self.instance
        self.fields["codes"].choices = indicators
        self.initial["codes"] = row.codes.split()
        self.fields["partner"].queryset = Partner.objects.visible_to(self.user)
        self.fields["partner"].empty_label = "Tanpa mitra"
        self.fields["wilayah"].queryset = areas_for(self.user, row.wilayah_id)
        self.fields["wilayah"].empty_label = "Pilih wilayah"
        if row.pk is None:
            self.initial["wilayah"] = self.user.wilayah_id

    def clean_codes(self):
        return " ".join(self.cleaned_data["codes"])

    entry = TrainingForm.entry


class InviteForm(EntryForm):
    """For each of `households` whether it is invited and what it answered; `said` is {household id: state}."""

    def __init__(self, data=None, *, households, said, **kwargs):
        super().__init__(data, **kwargs)
        self.households = households
        for household in households:
            self.fields[self._name(household)] = forms.ChoiceField(
                label=household.name,
                choices=ANSWERS,
                required=False,
                initial=said.get(household.pk, ""),
                error_messages={"invalid_choice": "Pilih dari daftar."},
            )

    @staticmethod
    def _name(household):
        return f"undang-{household.case_number}"

    def shown(self):
        """For the page: (household, its field)."""
        return [(household, self[self._name(household)]) for household in self.households]

    def entry(self):
        """The arguments of training.save_invitations; a family that the page did not show is left as it is."""
        states = {
            household: self.cleaned_data[self._name(household)]
            for household in self.households
            if self._name(household) in self.data
        }
        return {"op_id": self.op_id, "states": states}
