"""What a koordinator says when closing a held entry."""

from django import forms

from pkh_casework.forms import text_field


class ResolveForm(forms.Form):
    note = text_field(
        "Keputusan dan alasannya",
        500,
        rows=3,
        help_text="Misalnya: dicatat ulang oleh pendamping yang baru, atau tidak perlu karena sudah ada.",
        error_messages={"required": "Tulis keputusan Anda, supaya pengirim tahu."},
    )
