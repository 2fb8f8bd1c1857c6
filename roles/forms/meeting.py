"""The plan of a kelompok as it is typed: for each month a day and a session."""

from datetime import timedelta
from itertools import groupby

from django import forms

from entries.forms import EntryForm
from pkh_casework.forms import DayField, Typed, WithRows
from pkh_casework.templatetags.formats import tanggal
from roles.operations.meeting import CHANGED, PLAN_MONTHS, Planned

MOST_LINES = 3 * PLAN_MONTHS
OLDEST, FARTHEST = timedelta(days=366), timedelta(days=2 * 366)


class StartForm(forms.Form):
    """From which day on a year is proposed."""

    mulai = DayField(
        label="Pertemuan pertama",
        help_text="Bulan berikutnya mengikuti hari yang sama, misalnya Selasa kedua.",
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["mulai"].widget.attrs |= _bounds(today)

    def clean_mulai(self):
        day = self.cleaned_data["mulai"]
        if not self.today - OLDEST <= day <= self.today + OLDEST:
            raise forms.ValidationError("Tanggalnya terlalu jauh. Periksa tahunnya.")
        return day


class LineForm(Typed, forms.Form):
    """One meeting of a plan; `rencana` is what it is stored as already. Without a day it is no meeting."""

    hari = DayField(
        label="Tanggal",
        required=False,
    )
    sesi = forms.ChoiceField(
        label="Sesi",
        error_messages={"required": "Pilih sesinya.", "invalid_choice": "Pilih sesi dari daftar."},
    )
    rencana = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, today, choices, waiting, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.waiting = today, waiting
        self.fields["hari"].widget.attrs |= _bounds(today)
        self.fields["sesi"].choices = choices

    def clean_hari(self):
        day = self.cleaned_data["hari"]
        if day and not self.today - OLDEST <= day <= self.today + FARTHEST:
            raise forms.ValidationError("Tanggalnya terlalu jauh. Periksa tahunnya.")
        return day

    def clean_rencana(self):
        """The GroupSession; CHANGED for one that is gone."""
        pk = self.cleaned_data["rencana"]
        return self.waiting.get(pk, CHANGED) if pk else None


class Lines(forms.BaseFormSet):
    default_error_messages = {"too_many_forms": CHANGED}

    def clean(self):
        meetings = [line.cleaned_data.get("rencana") for line in self]
        if CHANGED in meetings or not self.management_form.is_valid():
            raise forms.ValidationError(CHANGED)
        seen = set()
        for line in self:
            day = line.cleaned_data.get("hari")
            if day in seen:
                line.add_error("hari", f"Sudah ada pertemuan pada {tanggal(day)}.")
            elif day:
                seen.add(day)
        if not seen and not any(meetings) and not any(self.errors):
            raise forms.ValidationError("Isi paling sedikit satu tanggal.")


LineFormSet = forms.formset_factory(
    LineForm, Lines, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES, validate_max=True
)


class PlanForm(WithRows, EntryForm):
    """The `lines` ([meetings.Planned]) with a day and a session each."""

    def __init__(self, data=None, *, lines, sessions, waiting, **kwargs):
        """`sessions` are the ModuleSessions to choose from, `waiting` the GroupSessions not held yet, by id."""
        super().__init__(data, **kwargs)
        self.sessions = {session.pk: session for session in sessions}
        by_module = groupby(sessions, key=lambda session: session.module)
        self.rows = LineFormSet(
            data,
            prefix="baris",
            initial=[
                {"hari": line.on, "sesi": line.session.pk, "rencana": line.meeting and line.meeting.pk}
                for line in lines
            ],
            form_kwargs={
                "today": self.today,
                "choices": [
                    (module.name, [(one.pk, f"{one.number}. {one.name}") for one in part])
                    for module, part in by_module
                ],
                "waiting": {str(pk): meeting for pk, meeting in waiting.items()},
                "empty_permitted": False,
            },
        )

    def entry(self):
        """The arguments of meetings.save_plan, but for the kelompok."""
        lines = [
            Planned(self.sessions[line["sesi"]], line["hari"], line["rencana"])
            for line in self.rows.cleaned_data
        ]
        return {"op_id": self.op_id, "lines": lines}


def _bounds(today):
    return {"min": (today - OLDEST).isoformat(), "max": (today + FARTHEST).isoformat()}
