"""The decisions about two families that may be one."""

from django import forms

from pkh_casework.forms import OneTap, text_field
from roster.operations import TAKEN_OVER
from roster.sides import differs, people_of, said_of

FIRST, SECOND = "pertama", "kedua"
DECISIONS = {"bukan": "Bukan keluarga yang sama", "tanya": "Tanyakan ke pendamping"}
LABELS = {
    "no_kk": "No KK",
    "address": "Alamat",
    "dusun": "Dusun",
    "rt": "RT",
    "rw": "RW",
    "phone": "Nomor HP",
    "path": "Jalur",
    "desil": "Desil",
    "joined_on": "Menjadi KPM sejak",
    "notes": "Catatan",
}


class DecideForm(OneTap, forms.Form):
    """A koordinator keeps two families apart, or asks who holds them."""

    decision = forms.ChoiceField(
        choices=list(DECISIONS.items()),
        error_messages={"required": "Pilih satu keputusan.", "invalid_choice": "Pilih satu keputusan."},
    )
    note = text_field("Keterangan", 300, required=False, help_text="Wajib bila bertanya ke pendamping.")

    def clean(self):
        data = super().clean()
        if data.get("decision") == "tanya" and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis apa yang ingin ditanyakan.")
        return data

    def entry(self):
        """The arguments of operations.keep_apart and ask_holder, but for the pair."""
        return {"op_id": self.op_id, "note": self.cleaned_data["note"]}


class TellForm(OneTap, forms.Form):
    """What a holder knows of two families that may be one."""

    answer = text_field(
        "Yang Anda tahu",
        250,
        rows=2,
        help_text="Misalnya: sama, pindah KK bulan lalu; atau: kakak beradik, rumahnya berbeda.",
        error_messages={"required": "Tulis jawabannya, singkat saja."},
    )

    def entry(self):
        """The arguments of operations.tell, but for the pair."""
        return {"op_id": self.op_id, "answer": self.cleaned_data["answer"]}


class MergeForm(OneTap, forms.Form):
    """Two families become one: which of them stays, which value of each field that differs, and who is one person."""

    stays = forms.ChoiceField(
        label="Yang dipertahankan",
        widget=forms.RadioSelect,
        help_text="Pendamping, kelompok, dan nomor KPM-nya tetap. Semua catatan keluarga lainnya ikut ke sini.",
        error_messages={"required": "Pilih keluarga yang dipertahankan."},
    )
    note = text_field("Keterangan", 300, required=False)

    def __init__(self, data=None, *, first, second, **kwargs):
        super().__init__(data, **kwargs)
        self.first, self.second = first, second
        self.fields["stays"].choices = [
            (FIRST, f"{first.name} ({first.case_number})"),
            (SECOND, f"{second.name} ({second.case_number})"),
        ]
        older = (
            FIRST
            if (first.joined_on, first.case_number) <= (second.joined_on, second.case_number)
            else SECOND
        )
        self.fields["stays"].initial = older
        self.differing = [name for name in TAKEN_OVER if differs(first, second, name)]
        for name in self.differing:
            self.fields[f"isi_{name}"] = forms.ChoiceField(
                label=LABELS[name],
                choices=[(FIRST, said_of(first, name)), (SECOND, said_of(second, name))],
                widget=forms.RadioSelect,
                initial=self._filled(name, older),
                error_messages={"required": "Pilih satu."},
            )
        self.pairs = [pair for pair in people_of(first, second) if pair.key]
        for pair in self.pairs:
            self.fields[f"orang_{pair.key}"] = forms.BooleanField(
                label=f"{pair.first.member.name} dan {pair.second.member.name} orang yang sama ({pair.fit})",
                required=False,
                initial=True,
            )

    def _filled(self, name, older):
        """The value of the family that stays, unless only the other one has any; who joined first joined first."""
        one, other = (self.first, self.second) if older == FIRST else (self.second, self.first)
        if getattr(one, name) in {None, ""} and getattr(other, name) not in {None, ""}:
            return SECOND if older == FIRST else FIRST
        return older

    @property
    def value_fields(self):
        return [self[f"isi_{name}"] for name in self.differing]

    @property
    def people_fields(self):
        return [self[f"orang_{pair.key}"] for pair in self.pairs]

    def entry(self):
        """The arguments of operations.merge."""
        data = self.cleaned_data
        stays = data["stays"]
        survivor, loser = (self.first, self.second) if stays == FIRST else (self.second, self.first)
        same = [
            (pair.first.member.pk, pair.second.member.pk) for pair in self.pairs if data[f"orang_{pair.key}"]
        ]
        return {
            "op_id": self.op_id,
            "today": self.today,
            "survivor": survivor,
            "loser": loser,
            "taken_over": tuple(name for name in self.differing if data[f"isi_{name}"] != stays),
            "same_people": tuple((two, one) if stays == FIRST else (one, two) for one, two in same),
            "note": data["note"],
        }
