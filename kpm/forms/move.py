"""A person who moves to another family, or founds one; and the answer of the family's side."""

from django import forms

from entries.forms import CASE
from kpm.forms.change import WORDS, ReasonFields
from kpm.forms.household import FamilyFields
from kpm.models import CaseReason, Household, Member
from pkh_casework.forms import CaseField, OneTap, text_field
from wilayah.models import Wilayah

FOUNDED_WITH = (
    "no_kk",
    "address",
    "dusun",
    "rt",
    "rw",
    "phone",
    "wilayah",
    "group",
    "path",
    "desil",
    "notes",
)


def relation_field(label="Hubungan di keluarga baru"):
    return forms.ChoiceField(label=label, choices=Member.Relation.choices)


class MoveForm(ReasonFields):
    """One person goes to the family whose case number is typed. Of a family that the asker does not see nothing is told."""

    use = CaseReason.Use.MEMBER_MOVES
    field_order = ["case", "relation", "on", "reason", "words"]

    case = text_field(
        "Nomor KPM tujuan",
        20,
        kind=CaseField,
        help_text="Misalnya PKH-7F3K2. Cari di atas, atau tanyakan kepada pendampingnya.",
        error_messages={"required": "Tulis nomor KPM tujuannya."},
    )
    case.widget.attrs |= {"class": "input--code", "autocomplete": "off", "spellcheck": "false"}
    relation = relation_field()

    def __init__(self, data=None, *, member, target=None, **kwargs):
        self.member, self.target = member, target
        initial = {"relation": member.relation, "case": target.case_number if target else ""}
        super().__init__(data, initial=initial, **kwargs)

    def clean_case(self):
        case = self.cleaned_data["case"]
        if not CASE.fullmatch(case):
            raise forms.ValidationError("Tulis nomornya lengkap: PKH- lalu lima huruf dan angka.")
        if case == self.member.household.case_number:
            raise forms.ValidationError("Ini keluarganya sekarang. Tulis nomor keluarga tujuan.")
        return case

    def entry(self):
        """The arguments of operations.move_member but what it is moved to."""
        data = self.cleaned_data
        own = Household.objects.visible_to(self.user).filter(case_number=data["case"]).first()
        # Who typed the number of a family elsewhere is not told whether there is one.
        target = own or Household.objects.filter(case_number=data["case"]).first()
        return {
            **super().entry(),
            "today": self.today,
            "asked_case": data["case"],
            "target": target,
            "at_once": own is not None,
            "relation": data["relation"],
        }


class FoundForm(ReasonFields, FamilyFields):
    """A family of its own for one person, and those who come along. Address and kelompok begin as they were."""

    use = CaseReason.Use.MEMBER_MOVES

    relation = relation_field("Hubungan keluarga pengurus baru")

    def __init__(self, data=None, *, member, **kwargs):
        household = member.household
        self.member, self.household = member, household
        same = ("address", "dusun", "rt", "rw", "wilayah", "group", "path", "desil")
        initial = {name: getattr(household, household._meta.get_field(name).attname) for name in same}
        initial |= {"relation": Member.Relation.HEAD}
        super().__init__(data, initial=initial, area=household.wilayah_id, **kwargs)
        for name in ("status", "joined_on"):
            del self.fields[name]
        self.fields["words"].label = "Keterangan pindah"
        kelurahan = self.fields["wilayah"]
        kelurahan.queryset = kelurahan.queryset | Wilayah.objects.filter(pk=household.wilayah_id)
        self.fields["group"].queryset = self.fields["group"].queryset.filter(
            pendamping=household.pendamping_id
        )
        others = Member.objects.filter(household=household).present().exclude(pk=member.pk)
        heads = household.pengurus_terms.filter(to_on=None).values("member")
        self.others = list(others.exclude(pk__in=heads))
        for person in self.others:
            self.fields[f"with_{person.pk}"] = forms.BooleanField(label=f"{person.name} ikut", required=False)
            relation = relation_field(f"Hubungan {person.name} di keluarga baru")
            relation.initial = person.relation
            self.fields[f"relation_{person.pk}"] = relation

    def clean(self):
        data = super().clean()
        if not self.errors:
            self.doubts_of_no_kk(data)
            if self.household.rt is not None or self.household.rw is not None:
                self.doubt_of_place(data)
        return data

    @property
    def along_fields(self):
        """(tick, relation) bound fields of everybody who may come along."""
        return [(self[f"with_{one.pk}"], self[f"relation_{one.pk}"]) for one in self.others]

    @property
    def programme_fields(self):
        return self.noted("group", "path", "desil", "notes")

    def entry(self):
        """The arguments of operations.found_family."""
        data = self.cleaned_data
        along = {one: data[f"relation_{one.pk}"] for one in self.others if data[f"with_{one.pk}"]}
        fields = {name: data[name] for name in FOUNDED_WITH}
        return {
            **super().entry(),
            "today": self.today,
            "relation": data["relation"],
            "along": along,
            "joined_on": data["on"],
            **fields,
        }


class MoveAnswerForm(OneTap, forms.Form):
    """The answer to a person who is to come or go. `choices` are the answers that the asker may give."""

    decision = forms.ChoiceField(
        label="Jawaban",
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih jawabannya.", "invalid_choice": "Pilih jawabannya."},
    )
    relation = relation_field()
    words = text_field("Keterangan", WORDS, required=False, help_text="Wajib bila ditolak.")

    def __init__(self, data=None, *, move, choices, **kwargs):
        super().__init__(data, initial={"relation": move.relation}, **kwargs)
        self.fields["decision"].choices = choices
        self.fields["relation"].required = False
        if not any(code == "terima" for code, _ in choices):
            del self.fields["relation"]

    def clean(self):
        data = super().clean()
        if data.get("decision") == "tolak" and not data.get("words") and "words" not in self.errors:
            self.add_error("words", "Tulis alasannya, supaya pengusul tahu.")
        return data

    def entry(self):
        """The arguments of operations.answer_move."""
        data = self.cleaned_data
        return {
            "op_id": self.op_id,
            "today": self.today,
            "decision": data["decision"],
            "relation": data.get("relation", ""),
            "words": data["words"],
        }
