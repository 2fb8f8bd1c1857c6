"""What a koordinator says when closing a held entry, and the code of a receipt that somebody looks for."""

from django import forms

from pkh_casework.forms import text_field


class ReceiptForm(forms.Form):
    """Sent by GET: the code is no personal data."""

    kode = text_field(
        "Kode tanda terima",
        20,
        help_text="Enam huruf dan angka. Huruf kecil boleh; O dan 0, I dan 1 dianggap sama.",
        error_messages={"required": "Tulis kodenya."},
    )
    kode.widget.attrs |= {"class": "input--code", "autocomplete": "off", "spellcheck": "false"}


class ResolveForm(forms.Form):
    note = text_field(
        "Keputusan dan alasannya",
        500,
        rows=3,
        help_text="Misalnya: dicatat ulang oleh pendamping yang baru, atau tidak perlu karena sudah ada.",
        error_messages={"required": "Tulis keputusan Anda, supaya pengirim tahu."},
    )
