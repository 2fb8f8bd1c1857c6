"""Where and whether somebody has notices by e-mail."""

from django import forms

from pkh_casework.forms import MailField, OneTap


class MailForm(OneTap, forms.Form):
    """The own address, and whether to use it."""

    address = MailField(
        label="Alamat surel",
        required=False,
        max_length=254,
        help_text="Surel hanya berkata bahwa ada pemberitahuan, tanpa nama atau data keluarga.",
        error_messages={
            "invalid": "Tulis alamat surel yang benar, misalnya nama@contoh.id.",
            "max_length": "Alamat surel ini terlalu panjang.",
        },
    )
    wanted = forms.BooleanField(label="Kirim pemberitahuan lewat surel", required=False)

    def clean(self):
        data = super().clean()
        if data.get("wanted") and not data.get("address") and "address" not in self.errors:
            self.add_error("address", "Tulis alamat surelnya, atau hapus centangnya.")
        return data

    def entry(self):
        """The arguments of operations.choose_mail."""
        return {"op_id": self.op_id, **self.cleaned_data}
