"""A target as it is proposed, and the decision on many of them."""

from django import forms
from django.utils.formats import date_format

from entries.forms import NOT_FOUND, EntryForm
from pkh_casework.access import PENDAMPING
from pkh_casework.days import months_after
from pkh_casework.forms import OneTap, WholeNumberField, text_field
from reports.figures import FIGURES
from reports.figures.queries import narrowable_pendamping
from reports.models import Target
from reports.models.target import MOST, REASON_LENGTH
from wilayah.models import Wilayah

MONTHS_BACK, MONTHS_AHEAD = 11, 12
PERSON = "p"  # before the key of a pendamping in `whose`; an area stands there by its code
LONGEST = 19
SPANS = (
    ("Dalam sebulan", lambda period: period.of_month),
    ("Dalam setahun", lambda period: period.of_year),
    ("Menurut keadaan hari ini", lambda period: not period.newest_first),
)
State = Target.State


def figures_offered():
    """The figures that take a target, by the time they are of, as a select has them."""
    found = [
        one
        for one in FIGURES.values()
        if one.takes_target(of_person=False) or one.takes_target(of_person=True)
    ]
    return [
        (words, [(one.slug, one.name) for one in found if fits(one.source.period)]) for words, fits in SPANS
    ]


class TargetForm(EntryForm):
    """A target for an area or a pendamping: of how much of what, from which month on. A pendamping proposes for the own
    families only and is not asked for whom; `offered` are the areas and people that a koordinator chooses from, as a select
    has them.
    """

    whose = forms.CharField(label="Untuk siapa", max_length=LONGEST, widget=forms.Select)
    figure = forms.ChoiceField(
        label="Angka", error_messages={"invalid_choice": NOT_FOUND, "required": "Pilih angkanya."}
    )
    from_month = forms.ChoiceField(
        label="Berlaku mulai", error_messages={"invalid_choice": NOT_FOUND, "required": "Pilih bulannya."}
    )
    value = WholeNumberField(
        label="Target",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Jumlah yang ingin dicapai. Untuk angka yang sebaiknya sedikit, paling banyak berapa.",
    )
    ends = forms.BooleanField(label="Mulai bulan itu tidak ada target lagi", required=False)
    reason = text_field(
        "Mengapa",
        REASON_LENGTH,
        rows=2,
        help_text="Singkat saja. Dibaca koordinator yang memutuskan.",
        error_messages={"required": "Tulis mengapa, singkat saja."},
    )

    def __init__(self, *args, offered=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["whose"].widget.choices = offered
        if self.user.duty == PENDAMPING:
            del self.fields["whose"]
        self.fields["figure"].choices = [("", "Pilih angka"), *figures_offered()]
        months = [months_after(self.today.replace(day=1), at) for at in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
        self.fields["from_month"].choices = [
            (f"{month:%Y-%m}", date_format(month, "F Y")) for month in months
        ]
        self.months = {f"{month:%Y-%m}": month for month in months}

    def clean_whose(self):
        """(area, pendamping or None) that the asker may propose for."""
        text = self.cleaned_data["whose"]
        kind, key = text[:1], text[1:]
        if kind == PERSON and key.isascii() and key.isdigit():
            person = narrowable_pendamping(self.user, int(key))
            if person and person.wilayah_id and person.wilayah_id.startswith(self.user.wilayah_id):
                return person.wilayah_id, person
        area = Wilayah.objects.under(self.user.wilayah_id).filter(code=text).first()
        if area is None:
            raise forms.ValidationError(NOT_FOUND)
        return area.code, None

    def clean_value(self):
        value = self.cleaned_data["value"]
        if value is not None and not 0 <= value <= MOST:
            raise forms.ValidationError("Isi angka dari 0, tanpa koma.")
        return value

    def clean(self):
        data = super().clean()
        value, ends = data.get("value"), data.get("ends")
        if "value" not in self.errors:
            if value is None and not ends:
                self.add_error("value", "Isi targetnya, atau centang bahwa tidak ada target lagi.")
            elif value is not None and ends:
                self.add_error("value", "Kosongkan targetnya, atau hapus centang di bawahnya.")
        figure, whose = FIGURES.get(data.get("figure")), data.get("whose", (None, self.user))
        if figure and whose and not figure.takes_target(of_person=whose[1] is not None):
            unlike = "satu pendamping" if whose[1] else "wilayah"
            self.add_error("figure", f"Angka ini tidak dihitung untuk {unlike}. Pilih angka lain.")
        return data

    def entry(self):
        """The arguments of operations.propose_target."""
        data = self.cleaned_data
        wilayah_id, pendamping = data.get("whose", (self.user.wilayah_id, self.user))
        return {
            "op_id": self.op_id,
            "today": self.today,
            "figure": data["figure"],
            "wilayah_id": wilayah_id,
            "pendamping": pendamping,
            "from_month": self.months[data["from_month"]],
            "value": data["value"],
            "reason": data["reason"],
        }


class DecideForm(OneTap, forms.Form):
    """The proposals ticked on the list, by id, and one decision on all of them; `targets` are those that there are."""

    usulan = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Centang dulu usulan yang diputuskan.", "invalid_choice": NOT_FOUND},
    )
    decision = forms.ChoiceField(
        choices=[(State.APPROVED, "Setujui"), (State.REFUSED, "Tolak")],
        error_messages={
            "required": "Pilih setujui atau tolak.",
            "invalid_choice": "Pilih setujui atau tolak.",
        },
    )
    note = text_field(
        "Catatan", REASON_LENGTH, rows=2, required=False, help_text="Wajib bila ditolak. Pengusul membacanya."
    )

    def __init__(self, *args, targets, **kwargs):
        super().__init__(*args, **kwargs)
        self.targets = {str(target.pk): target for target in targets}
        self.fields["usulan"].choices = [(pk, pk) for pk in self.targets]

    @property
    def chosen(self):
        return [self.targets[pk] for pk in self.cleaned_data["usulan"]]

    def clean(self):
        data = super().clean()
        if data.get("decision") == State.REFUSED and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis mengapa ditolak.")
        return data
