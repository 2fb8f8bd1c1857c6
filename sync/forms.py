"""What a koordinator says about a held entry, and the code of a receipt that somebody looks for."""

from django import forms

from kpm.models import Household
from ledger.models import HeldEntry
from pkh_casework.forms import text_field

Decision = HeldEntry.Decision
WITH_REASON = {Decision.RETURNED, Decision.CLOSED}


class ReceiptForm(forms.Form):
    """Sent by GET: the code is no personal data."""

    kode = text_field(
        "Kode tanda terima",
        20,
        help_text="Enam huruf dan angka. Huruf kecil boleh; O dan 0, I dan 1 dianggap sama.",
        error_messages={"required": "Tulis kodenya."},
    )
    kode.widget.attrs |= {"class": "input--code", "autocomplete": "off", "spellcheck": "false"}


class DecideForm(forms.Form):
    """One decision on a held entry of the area of `user`, a koordinator. `household` is there when it is attached."""

    decision = forms.ChoiceField(
        choices=Decision,
        error_messages={"required": "Pilih satu keputusan.", "invalid_choice": "Pilih satu keputusan."},
    )
    note = text_field(
        "Catatan untuk pengirim",
        450,
        rows=3,
        required=False,
        help_text="Wajib bila dikembalikan atau ditutup. Pengirim membacanya.",
    )
    case = text_field(
        "Nomor KPM yang benar",
        20,
        required=False,
        help_text="Hanya bila kunjungan ini ternyata untuk keluarga lain, misalnya PKH-7F3K2.",
    )
    case.widget.attrs |= {"class": "input--code", "autocomplete": "off", "spellcheck": "false"}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.household = user, None

    def clean(self):
        data = super().clean()
        decision = data.get("decision")
        if decision in WITH_REASON and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya, supaya pengirim tahu.")
        if decision == Decision.ATTACHED and "case" in data:
            families = Household.objects.visible_to(self.user).filter(
                case_number=data["case"].strip().upper()
            )
            self.household = families.first()
            if self.household is None:
                self.add_error("case", "Keluarga dengan nomor itu tidak ditemukan.")
        return data
