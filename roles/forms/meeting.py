"""The plan of a kelompok as it is typed: for each month a day and a session."""

from datetime import timedelta
from itertools import groupby
from uuid import UUID

from django import forms

from entries.forms import EntryForm
from pkh_casework.templatetags.formats import tanggal
from roles.operations.meeting import CHANGED, PLAN_MONTHS, Planned

MOST_LINES = 3 * PLAN_MONTHS
OLDEST, FARTHEST = timedelta(days=366), timedelta(days=2 * 366)


class StartForm(forms.Form):
    """From which day on a year is proposed."""

    mulai = forms.DateField(
        label="Pertemuan pertama",
        help_text="Bulan berikutnya mengikuti hari yang sama, misalnya Selasa kedua.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Isi tanggalnya.", "invalid": "Tulis tanggal yang benar."},
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


class PlanForm(EntryForm):
    """The `lines` ([meetings.Planned]) with a day and a session each; one whose day is emptied is no meeting.

    Line n is sent as `hari-n`, `sesi-n` and, when it is stored already, `rencana-n` (its id).
    """

    def __init__(self, data=None, *, lines, sessions, waiting, **kwargs):
        """`sessions` are the ModuleSessions to choose from, `waiting` the GroupSessions not held yet, by id."""
        super().__init__(data, **kwargs)
        self.sessions = {session.pk: session for session in sessions}
        self.meetings = [line.meeting for line in lines] if data is None else self._meetings_sent(waiting)
        by_module = groupby(sessions, key=lambda session: session.module)
        choices = [
            (module.name, [(one.pk, f"{one.number}. {one.name}") for one in part])
            for module, part in by_module
        ]
        for number in range(len(self.meetings)):
            line = lines[number] if data is None else None
            self.fields[f"hari-{number}"] = forms.DateField(
                label="Tanggal",
                required=False,
                initial=line and line.on,
                widget=forms.DateInput(attrs={"type": "date", **_bounds(self.today)}, format="%Y-%m-%d"),
                error_messages={"invalid": "Tulis tanggal yang benar."},
            )
            self.fields[f"sesi-{number}"] = forms.ChoiceField(
                label="Sesi",
                choices=choices,
                initial=line and line.session.pk,
                error_messages={"required": "Pilih sesinya.", "invalid_choice": "Pilih sesi dari daftar."},
            )

    def _meetings_sent(self, waiting):
        """For each line sent the GroupSession that it is stored as; None for a new one, CHANGED for one that is gone."""
        meetings = []
        for number in range(MOST_LINES):
            if f"hari-{number}" not in self.data:
                break
            text = self.data.get(f"rencana-{number}", "")
            meetings.append(waiting.get(_id(text), CHANGED) if text else None)
        return meetings

    def clean(self):
        data = super().clean()
        if CHANGED in self.meetings:
            self.add_error(None, CHANGED)
        seen = set()
        for number in range(len(self.meetings)):
            name = f"hari-{number}"
            day = data.get(name)
            if day is None:
                continue
            if not self.today - OLDEST <= day <= self.today + FARTHEST:
                self.add_error(name, "Tanggalnya terlalu jauh. Periksa tahunnya.")
            elif day in seen:
                self.add_error(name, f"Sudah ada pertemuan pada {tanggal(day)}.")
            seen.add(day)
        if not self.errors and not seen and not any(self.meetings):
            self.add_error(None, "Isi paling sedikit satu tanggal.")
        return data

    def shown(self):
        """For the page: (number from 1, the stored GroupSession or None, field of the day, field of the session)."""
        return [
            (number + 1, meeting, self[f"hari-{number}"], self[f"sesi-{number}"])
            for number, meeting in enumerate(self.meetings)
        ]

    def entry(self):
        """The arguments of meetings.save_plan, but for the kelompok."""
        lines = [
            Planned(
                self.sessions[self.cleaned_data[f"sesi-{number}"]],
                self.cleaned_data[f"hari-{number}"],
                meeting,
            )
            for number, meeting in enumerate(self.meetings)
        ]
        return {"op_id": self.op_id, "lines": lines}


def _bounds(today):
    return {"min": (today - OLDEST).isoformat(), "max": (today + FARTHEST).isoformat()}


def _id(text):
    try:
        return UUID(text)
    except ValueError:
        return None
