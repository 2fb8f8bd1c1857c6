"""Asking for the recap of a month, and choosing the day on which it makes itself."""

from django import forms

from entries.forms import EntryForm, whole_number
from reports.models import Export, RecapPlan

from .export import purpose_field

RECAP_FORMATS = [
    (Export.Format.XLSX, "Excel, satu lembar untuk tiap tabel"),
    (Export.Format.PDF, "PDF, untuk dicetak dan ditandatangani"),
    (Export.Format.ZIP, "CSV, satu berkas untuk tiap tabel (ZIP)"),
]
USUAL_PURPOSE = "Laporan bulanan koordinator"


def format_field():
    return forms.ChoiceField(
        label="Bentuk berkas", choices=RECAP_FORMATS, widget=forms.RadioSelect, initial=Export.Format.XLSX
    )


class RecapForm(EntryForm):
    """The file of a recap."""

    format = format_field()
    purpose = purpose_field(initial=USUAL_PURPOSE)

    def entry(self):
        """The arguments of operations.ask_export that a person chose."""
        return {"op_id": self.op_id, **self.cleaned_data}


class RecapPlanForm(EntryForm):
    """Every month on a day, or not any more (`day` empty)."""

    day = whole_number(
        "Tanggal berapa tiap bulan",
        1,
        RecapPlan.LATEST_DAY,
        required=False,
        help_text="1 sampai 28. Kosongkan bila tidak perlu dibuat otomatis.",
    )
    format = format_field()

    def entry(self):
        """The arguments of operations.plan_recap."""
        return {"op_id": self.op_id, **self.cleaned_data}
