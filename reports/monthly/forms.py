"""What people say to a monthly report and to a month: the own words, a decision, why it is locked or opened."""

from django import forms

from entries.forms import EntryForm
from pkh_casework.forms import OneTap, Typed, text_field
from reports.models import MonthlyReport
from reports.models.lock import REASON_LENGTH
from reports.models.report import WORDS_LENGTH


class ReportForm(EntryForm):
    """The author's own words beside the figures; all of them may stay empty."""

    results = text_field(
        "Capaian dan perubahan",
        WORDS_LENGTH,
        rows=5,
        required=False,
        help_text="Apa yang berubah pada keluarga bulan ini, dan apa sebabnya menurut Anda.",
    )
    obstacles = text_field(
        "Kendala",
        WORDS_LENGTH,
        rows=4,
        required=False,
        help_text="Apa yang menghambat, dan apa yang sudah dicoba.",
    )
    plans = text_field("Rencana bulan depan", WORDS_LENGTH, rows=4, required=False)

    @property
    def words(self):
        """(bound field, remark) pairs."""
        return self.noted(*MonthlyReport.WORDS)

    def entry(self):
        """The arguments of operations.open_report or change_report."""
        seen = {"version": self.seen_version} if self.row else {}
        return {"op_id": self.op_id, "today": self.today, **seen, **self.cleaned_data}


class ReasonForm(EntryForm):
    """One step with a reason; `seen` names what the person saw."""

    reason = text_field("Keterangan", REASON_LENGTH, rows=3, required=False)

    def __init__(self, *args, seen="", needs_reason=False, label="Alasan", **kwargs):
        super().__init__(*args, **kwargs)
        self.version = seen
        if needs_reason:
            self.fields["reason"].required = True
            self.fields["reason"].label = label
            self.fields["reason"].error_messages["required"] = "Tulis alasannya, singkat saja."

    def entry(self):
        """The arguments of operations.move_report, lock_month or reopen_month."""
        return {
            "op_id": self.op_id,
            "today": self.today,
            "seen": self.seen_version,
            "reason": self.cleaned_data["reason"],
        }


class LateForm(EntryForm):
    """Why a late entry is let in."""

    reason = text_field(
        "Mengapa terlambat",
        REASON_LENGTH,
        rows=3,
        help_text="Tertulis di laporan berikutnya, di samping kegiatannya.",
        error_messages={"required": "Tulis alasannya, singkat saja."},
    )

    def entry(self):
        """The arguments of operations.accept_late."""
        return {"op_id": self.op_id, "today": self.today, "reason": self.cleaned_data["reason"]}


class ApproveForm(Typed, forms.Form):
    """The reports ticked on the list, by id; the page says which there are."""

    op_id = forms.UUIDField()
    laporan = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Centang dulu laporan yang disetujui."},
    )

    def __init__(self, *args, reports, **kwargs):
        super().__init__(*args, **kwargs)
        self.reports = {str(report.pk): report for report in reports}
        self.fields["laporan"].choices = [(pk, pk) for pk in self.reports]

    @property
    def chosen(self):
        """(report, the move that was seen of it) pairs of operations.approve_many."""
        return [
            (self.reports[pk], self.data.get(f"dilihat-{pk}", "")[:20]) for pk in self.cleaned_data["laporan"]
        ]


class LockManyForm(OneTap, forms.Form):
    """The kelurahan ticked whose month is to be locked, by code; `months` are the Readiness of all that there are."""

    kelurahan = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Centang dulu kelurahan yang dikunci."},
    )
    reason = text_field(
        "Mengapa tetap dikunci",
        REASON_LENGTH,
        rows=2,
        required=False,
        help_text="Hanya perlu bila ada yang dicentang walau laporannya belum lengkap.",
    )

    def __init__(self, *args, months, **kwargs):
        super().__init__(*args, **kwargs)
        self.months = {one.area.code: one for one in months}
        self.fields["kelurahan"].choices = [(code, one.area.name) for code, one in self.months.items()]

    def clean(self):
        data = super().clean()
        chosen = [self.months[code] for code in data.get("kelurahan", ())]
        if any(one.can_lock and not one.is_ready for one in chosen) and not data.get("reason", "").strip():
            self.add_error(
                "reason", "Ada yang laporannya belum lengkap. Tulis mengapa tetap dikunci, singkat saja."
            )
        return data

    @property
    def chosen(self):
        """(Readiness, what was seen of its month) pairs of operations.lock_many."""
        return [
            (self.months[code], self.data.get(f"dilihat-{code}", "")[:20])
            for code in self.cleaned_data["kelurahan"]
        ]


class RHKForm(OneTap, forms.Form):
    """Under which rencana aksi of the `listed` RHKList an activity is counted; `mapped` is what the map says, or None."""

    action = forms.ChoiceField(
        label="Rencana aksi",
        required=False,
        error_messages={"invalid_choice": "Pilih salah satu dari daftar."},
    )

    def __init__(self, *args, listed, mapped, **kwargs):
        super().__init__(*args, **kwargs)
        by_map = f"{mapped.rhk}, {mapped}" if mapped else "tanpa RHK"
        self.fields["action"].choices = [
            ("", f"Menurut peta: {by_map}"),
            *(
                (f"{result}. {result.name}", [(action.key, action.name) for action in result.own_actions])
                for result in listed.results
            ),
        ]

    def entry(self):
        """The arguments of operations.choose_rhk but the activity."""
        return {"op_id": self.op_id, "action": self.cleaned_data["action"]}
