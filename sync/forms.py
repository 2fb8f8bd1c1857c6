"""What a koordinator says when closing a held entry."""

from django import forms


class ResolveForm(forms.Form):
    note = forms.CharField(
        label="Keputusan dan alasannya",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Misalnya: dicatat ulang oleh pendamping yang baru, atau tidak perlu karena sudah ada.",
        error_messages={"required": "Tulis keputusan Anda, supaya pengirim tahu."},
    )
