"""Visit quality as it is typed: why, by the author; what a koordinator makes of some visits."""

from django import forms

from pkh_casework.forms import OneTap, text_field
from roles.models import VisitReview

LENGTH = 500


class ReasonForm(OneTap, forms.Form):
    """Why a visit was as it was, in the author's words."""

    reason = text_field(
        "Sebabnya", LENGTH, rows=2, error_messages={"required": "Tulis sebabnya, singkat saja."}
    )

    def entry(self):
        """The arguments of operations.explain but the remark."""
        return {"op_id": self.op_id, "reason": self.cleaned_data["reason"]}


class ReviewForm(OneTap, forms.Form):
    """What a koordinator makes of the ticked ones of `remarks` (VisitRemarks)."""

    remark = forms.MultipleChoiceField(
        label="Kunjungan",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Centang kunjungan yang ditinjau.",
            "invalid_choice": "Satu yang dicentang sudah ditinjau atau diperbaiki. Periksa lagi daftarnya.",
        },
    )
    outcome = forms.ChoiceField(
        label="Hasil tinjauan",
        choices=VisitReview.Outcome,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih hasil tinjauannya.", "invalid_choice": "Pilih hasil tinjauannya."},
    )
    note = text_field(
        "Catatan untuk pendamping",
        LENGTH,
        rows=3,
        help_text="Pendamping membacanya persis seperti ini.",
        error_messages={"required": "Tulis catatannya: pendamping membacanya."},
    )

    def __init__(self, *args, remarks, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["remark"].choices = [(str(one.pk), str(one)) for one in remarks]

    def entry(self):
        """The arguments of operations.review but the worker and the kind."""
        said = self.cleaned_data
        return {
            "op_id": self.op_id,
            "remarks": said["remark"],
            "outcome": said["outcome"],
            "note": said["note"],
        }
