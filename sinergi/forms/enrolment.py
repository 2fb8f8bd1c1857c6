"""A family that joins a programme, one that is moved by hand, one that leaves."""

from django import forms

from entries.forms import NOT_FOUND, DateField, EntryForm
from kpm.forms.consent import ask_consent, yes_of
from kpm.models import ConsentText
from kpm.operations.consent import consent_text_on
from pkh_casework.forms import text_field
from sinergi.models import Enrolment, Stage
from sinergi.operations.enrolment import NOT_LAST

Ending = Enrolment.Ending


class EnrolForm(EntryForm):
    """The day a family joins `programme`, and its yes in the words of `consent_text`."""

    enrolled_on = DateField(label="Ikut sejak")

    def __init__(self, data=None, *, programme, household, **kwargs):
        super().__init__(data, initial={"enrolled_on": kwargs["today"]}, **kwargs)
        self.fields["enrolled_on"].oldest = programme.starts_on
        self.fields["enrolled_on"].bound_by(self.today)
        self.consent_text = consent_text_on(self.today, ConsentText.Purpose.PROGRAMME)
        ask_consent(self, household)

    def clean(self):
        data = super().clean()
        given_on, enrolled_on = data.get("given_on"), data.get("enrolled_on")
        if given_on and enrolled_on and given_on > enrolled_on:
            self.add_error("given_on", "Persetujuan diminta sebelum keluarga ikut.")
        return data

    def entry(self):
        """The arguments of operations.enrol, but for the programme."""
        enrolled_on = self.cleaned_data["enrolled_on"]
        return {"op_id": self.op_id, "today": self.today, "enrolled_on": enrolled_on, "yes": yes_of(self)}


class StageMoveForm(EntryForm):
    """Another stage for the family of a Standing, by hand."""

    stage = forms.ModelChoiceField(
        Stage.objects.none(),
        label="Pindah ke tahap",
        empty_label=None,
        error_messages={"invalid_choice": NOT_FOUND, "required": "Pilih tahapnya."},
    )
    moved_on = DateField(label="Tanggal")
    reason = text_field(
        "Alasan",
        300,
        rows=3,
        help_text="Ditulis karena pindah tanpa bukti yang tercatat.",
        error_messages={"required": "Tulis alasannya, singkat saja."},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, standing, **kwargs):
        move = standing.move
        initial = {"moved_on": kwargs["today"], "seen": move.number, "stage": standing.following}
        super().__init__(data, initial=initial, **kwargs)
        self.newest = move.number
        stages = standing.enrolment.programme.stages
        # A stage that the family entered meanwhile is refused by the operation, which knows more.
        self.fields["stage"].queryset = stages.all() if data else stages.exclude(pk=move.stage_id)
        self.fields["moved_on"].oldest = standing.enrolment.enrolled_on
        self.fields["moved_on"].bound_by(self.today)

    def refuse(self, refusal):
        """The page now says where the family is; what is sent next has seen that."""
        super().refuse(refusal)
        self.data = self.data.copy()
        self.data["seen"] = self.newest

    def entry(self):
        """The arguments of operations.move_by_hand, but for the enrolment."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


class LeaveForm(EntryForm):
    """How a family's part in a programme ends; the whole way was gone only from the last stage."""

    ending = forms.ChoiceField(
        label="Bagaimana berakhir",
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    left_on = DateField(label="Tanggal")
    why = text_field(
        "Keterangan",
        300,
        rows=3,
        required=False,
        help_text="Keluarga yang menarik persetujuan tidak wajib memberi alasan.",
    )

    def __init__(self, data=None, *, enrolment, ending="", **kwargs):
        super().__init__(data, initial={"left_on": kwargs["today"], "ending": ending}, **kwargs)
        hidden = {Ending.CLOSED}
        if not enrolment.is_at_last_stage():
            hidden.add(Ending.DONE)
            self.fields["ending"].error_messages["invalid_choice"] = NOT_LAST
        self.fields["ending"].choices = [(one.value, one.label) for one in Ending if one not in hidden]
        self.fields["left_on"].oldest = enrolment.enrolled_on
        self.fields["left_on"].bound_by(self.today)

    def clean(self):
        data = super().clean()
        if data.get("ending") and data["ending"] != Ending.WITHDRAWN and not data.get("why"):
            self.add_error("why", "Tulis keterangannya, singkat saja.")
        return data

    def entry(self):
        """The arguments of operations.leave, but for the enrolment."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}
