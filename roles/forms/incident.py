"""Kasus as they are typed: a new one, a move with what it asks for, a step, a confidential note."""

from typing import Any

from django import forms

from entries.forms import DateField, EntryForm
from entries.workflow import last_move
from kpm.forms.goal import ComingDateField
from kpm.models import Member
from pkh_casework.forms import day_of_entry, text_field
from resources.models import Referral
from roles.incidents.rules import kinds_on
from roles.models import Incident
from roles.operations.incident import MOVES, STAYS

WHAT_LENGTH, REASON_LENGTH, NAME_LENGTH, STEP_LENGTH, NOTE_LENGTH = 2000, 1000, 120, 200, 4000
CHOOSE = {"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."}
NOT_FOUND = {"invalid_choice": "Pilihan ini tidak ditemukan."}


class RecentField(DateField):
    """A day of the past year."""

    def bound_by(self, today):
        super().bound_by(today)
        self.validators = [lambda day: day_of_entry(day, today)]


class ReferralField(forms.ModelChoiceField):
    """A referral by where it leads."""

    def label_from_instance(self, obj):
        return obj.resource.name


def radios(label, choices):
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, error_messages=CHOOSE)


class IncidentForm(EntryForm):
    """A new kasus of `household`."""

    kind = forms.ChoiceField(label="Jenis kasus", error_messages=CHOOSE)
    what = text_field(
        "Apa yang terjadi",
        WHAT_LENGTH,
        rows=4,
        help_text="Tulis yang dilihat atau didengar. Nama pelapor atau pelaku tulis di catatan rahasia, sesudah disimpan.",
        error_messages={"required": "Tulis apa yang terjadi."},
    )
    member = forms.ModelChoiceField(
        Member.objects.none(),
        label="Menyangkut siapa",
        required=False,
        empty_label="Seluruh keluarga",
        error_messages=NOT_FOUND,
    )
    reported_by = radios("Dilaporkan oleh", Incident.Reporter)
    happened_on = RecentField(label="Terjadi tanggal")
    reported_on = RecentField(label="Dilaporkan tanggal")

    def __init__(self, data=None, *, household, **kwargs):
        today = kwargs["today"]
        initial = {"happened_on": today, "reported_on": today, **kwargs.pop("initial", {})}
        super().__init__(data, initial=initial, **kwargs)
        self.kinds = {kind.code: kind for kind in kinds_on(today)}
        self.fields["kind"].choices = [
            ("", "Pilih jenis kasus"),
            *(
                (code, f"{kind.name} ({kind.get_urgency_display().lower()})")
                for code, kind in self.kinds.items()
            ),
        ]
        self.fields["member"].queryset = Member.objects.filter(household=household).present()

    def clean_kind(self):
        return self.kinds[self.cleaned_data["kind"]]

    def clean(self):
        data = super().clean()
        happened, reported = data.get("happened_on"), data.get("reported_on")
        if happened and reported and happened > reported:
            self.add_error("reported_on", "Dilaporkan sesudah terjadi: periksa kedua tanggalnya.")
        return data

    def entry(self):
        """The arguments of operations.incident.report_incident."""
        return {"op_id": self.op_id, **self.cleaned_data}


class IncidentMoveForm(EntryForm):
    """The move `name` of MOVES of `incident`, with the fields that it asks for; `seen` is the move that was the last when
    the page was opened.
    """

    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data=None, *, incident, name, **kwargs):
        today, move = kwargs["today"], MOVES[name]
        super().__init__(data, initial={"seen": last_move(incident)}, **kwargs)
        for key, field in _asked(incident, name, today).items():
            self.fields[key] = field
            if isinstance(field, DateField):
                field.bound_by(today)
        self.fields["reason"] = text_field(
            move.asks,
            REASON_LENGTH,
            rows=3,
            required=move.needs_reason,
            error_messages={"required": "Tulis singkat saja."},
        )

    def entry(self):
        """The arguments of operations.incident.move_incident but kasus and move."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


def _asked(incident, name, today) -> dict[str, Any]:
    """{field: form field} of what a move asks for besides its reason."""
    if name == "tunggu":
        return {"waits_for": radios("Menunggu siapa", Incident.Waits), **_referral(incident)}
    if name in {"tangani", "lanjut"}:
        return _referral(incident)
    if name == "putuskan":
        by = text_field(
            "Diputus oleh",
            NAME_LENGTH,
            help_text="Nama instansi atau jabatan, misalnya Dinas Sosial Kota Bandung.",
            error_messages={"required": "Tulis siapa yang memutuskan."},
        )
        return {
            "decided_by": by,
            "decided_on": DateField(label="Tanggal keputusan", oldest=incident.reported_on, initial=today),
        }
    if name == "selesai":
        decided_on = incident.appeal_decided_on or incident.decided_on or incident.reported_on
        return {"told_on": DateField(label="Disampaikan tanggal", oldest=decided_on, initial=today)}
    if name == "keberatan":
        ended_on = incident.ended_on or incident.decided_on or incident.reported_on
        return {"appealed_on": DateField(label="Tanggal keberatan", oldest=ended_on, initial=today)}
    if name == "jawab":
        return {"answer": radios("Keberatan ini", Incident.Answer)}
    if name == STAYS:
        field = ComingDateField(label="Batas waktu baru", initial=today)
        field.not_before(today, "Paling cepat hari ini.")
        return {"due_on": field}
    return {}


def _referral(incident):
    """The referrals of the family to choose from, where there are any."""
    referrals = Referral.objects.filter(household=incident.household_id).open().select_related("resource")
    if not referrals.exists():
        return {}
    field = ReferralField(
        referrals,
        label="Rujukan yang menyangkut kasus ini",
        required=False,
        empty_label="Tidak ada",
        initial=incident.referral_id,
        error_messages=NOT_FOUND,
    )
    return {"referral": field}


class IncidentStepForm(EntryForm):
    """Something to be done for a kasus."""

    text = text_field(
        "Apa yang dilakukan",
        STEP_LENGTH,
        help_text="Misalnya: antar ke puskesmas, minta surat dari sekolah.",
        error_messages={"required": "Tulis apa yang dilakukan."},
    )
    whom = text_field("Oleh siapa", 80, error_messages={"required": "Tulis siapa yang melakukannya."})
    due_on = ComingDateField(label="Paling lambat")

    def __init__(self, data=None, *, incident, **kwargs):
        today = kwargs["today"]
        initial = {"whom": "Pendamping", "due_on": max(today, incident.due_on)}
        super().__init__(data, initial=initial, **kwargs)
        self.fields["due_on"].not_before(today, "Tanggalnya tidak boleh sebelum hari ini.")

    def entry(self):
        """The arguments of operations.incident.add_step but the kasus."""
        return {"op_id": self.op_id, **self.cleaned_data}


class IncidentNoteForm(EntryForm):
    """A confidential note: what it says is asked for and never shown on the page where it is typed."""

    text = text_field(
        "Catatan rahasia",
        NOTE_LENGTH,
        rows=6,
        help_text="Hanya pemegang keluarga ini dan koordinator wilayahnya yang dapat membukanya; tiap pembukaan tercatat.",
        error_messages={"required": "Tulis catatannya."},
    )

    def entry(self):
        """The arguments of operations.incident.write_note but the kasus."""
        return {"op_id": self.op_id, **self.cleaned_data}
