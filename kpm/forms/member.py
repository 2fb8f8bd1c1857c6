"""A person of a family: new, or changed with components, the office of pengurus, and leaving the card."""

import re

from django import forms

from entries.forms import OLDEST_BIRTH, DateField, EntryForm, IdentityField
from kpm.duplicates import Doubt, same_number, same_person
from kpm.identity import doubts_of_nik, faults_of_nik, known_provinces
from kpm.models import Component, Member, MemberComponent, Pengurus
from pkh_casework.fields import digits_of
from pkh_casework.forms import NumberTextField, text_field

FIELDS = ["name", "nisn", "birth_date", "sex", "relation"]


class PersonFields(EntryForm):
    """The fields of a person and of one component to open."""

    name = text_field("Nama lengkap", 120, help_text="Seperti di Kartu Keluarga.")
    nik = IdentityField(
        label="NIK", required=False, help_text="16 angka di Kartu Keluarga. Bisa diisi nanti."
    )
    nisn = NumberTextField(
        label="NISN",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "input--code"}),
        help_text="10 angka dari sekolah, untuk mencocokkan berkas kehadiran. Bisa diisi nanti.",
    )
    birth_date = DateField(label="Tanggal lahir", required=False, oldest=OLDEST_BIRTH)
    sex = forms.ChoiceField(label="Jenis kelamin", choices=Member.Sex.choices, widget=forms.RadioSelect)
    relation = forms.ChoiceField(label="Hubungan keluarga", choices=Member.Relation.choices)
    component = forms.ModelChoiceField(
        Component.objects.none(), label="Tambah komponen", required=False, empty_label="Tidak ada"
    )
    component_place = text_field("Sekolah atau faskes", 120, required=False)
    component_from = DateField(label="Terhitung sejak", required=False)

    def __init__(self, *args, household, **kwargs):
        super().__init__(*args, **kwargs)
        self.household = household
        self.fields["component"].queryset = Component.objects.valid_on(self.today)
        self.fields["component_from"].initial = self.today

    def clean_nik(self):
        text = self.cleaned_data["nik"]
        if not text:
            return ""
        if faults := faults_of_nik(text, provinces=known_provinces()):
            raise forms.ValidationError(faults)
        return digits_of(text)

    def clean_nisn(self):
        text = self.cleaned_data["nisn"]
        digits = re.sub(r"[\s.\-]", "", text)
        if digits and not re.fullmatch(r"[0-9]{10}", digits):
            raise forms.ValidationError("NISN terdiri dari 10 angka. Nol di depan ikut ditulis.")
        return digits

    def clean(self):
        data = super().clean()
        if data.get("component") and not data.get("component_from") and "component_from" not in self.errors:
            self.add_error("component_from", "Isi tanggalnya.")
        if data.get("component_place") and not data.get("component") and "component" not in self.errors:
            self.add_error("component", "Pilih komponennya, atau kosongkan sekolah/faskes.")
        born, since = data.get("birth_date"), data.get("component_from")
        if born and since and data.get("component") and since < born and data["component"].pk != "ibu_hamil":
            self.add_error("component_from", "Tanggal ini sebelum tanggal lahir.")
        if not self.errors and data["nik"]:
            facts = {"sex": data["sex"], "birth_date": data["birth_date"], "area": self.household.wilayah_id}
            self.doubts += [Doubt("nik", text) for text in doubts_of_nik(data["nik"], **facts)]
            self.doubts += same_number(self.user, data["nik"], "nik", but=[self.household.pk])
            self.doubts += self._same_nik_at_home(data["nik"])
        return data

    def _same_nik_at_home(self, digits):
        others = Member.objects.present().filter(household=self.household)
        if self.row:
            others = others.exclude(pk=self.row.pk)
        return [Doubt("nik", f"NIK ini sama dengan NIK {other.name}.") for other in others.with_nik(digits)]

    def opened(self):
        """The component to open (arguments of operations.open_component), or None."""
        data = self.cleaned_data
        if not data["component"]:
            return None
        return {
            "component": data["component"],
            "place": data["component_place"],
            "from_on": data["component_from"],
        }


class NewMemberForm(PersonFields):
    """One more person of a family."""

    def clean(self):
        data = super().clean()
        if not self.errors:
            own = {"area": self.household.wilayah_id, "but": [self.household.pk]}
            self.doubts += same_person(self.user, data["name"], data["birth_date"], **own)
        return data

    def entry(self):
        """The arguments of operations.add_member."""
        data = self.cleaned_data
        fields = {name: data[name] for name in FIELDS}
        if data["nik"]:
            fields["nik"] = data["nik"]
        return {"op_id": self.op_id, "today": self.today, "opened": self.opened(), **fields}


class MemberForm(PersonFields):
    """Changing a person. The NIK is never shown; a new number typed replaces it."""

    left_on = DateField(
        label="Keluar dari KK sejak", required=False, help_text="Menikah, pindah, atau meninggal."
    )
    left_reason = text_field("Alasan keluar", 120, required=False)
    pengurus = forms.BooleanField(label="Jadikan pengurus keluarga ini", required=False)
    heir = forms.ModelChoiceField(
        Member.objects.none(), label="Ahli waris pengurus", required=False, empty_label="Belum ditentukan"
    )

    def __init__(self, data=None, *, row, **kwargs):
        self.term = Pengurus.objects.filter(household=row.household, to_on=None).first()
        self.is_pengurus = self.term is not None and self.term.member_id == row.pk
        initial = {name: getattr(row, name) for name in [*FIELDS, "left_on", "left_reason"]}
        initial["heir"] = self.term.heir_id if self.term and self.is_pengurus else None
        super().__init__(data, row=row, household=row.household, initial=initial, **kwargs)
        if row.nik:
            self.fields["nik"].help_text = f"Tersimpan: {row.nik}. Isi hanya bila nomornya berganti."
        self.fields["heir"].queryset = (
            Member.objects.present().filter(household=row.household).exclude(pk=row.pk)
        )
        self.periods = list(
            MemberComponent.objects.filter(member=row).select_related("component").order_by("-from_on")
        )
        for period in self.open_periods:
            end = DateField(label="Selesai pada", required=False)
            end.bound_by(self.today)
            self.fields[f"end_{period.pk}"] = end
        if self.is_pengurus:
            del self.fields["pengurus"]

    @property
    def open_periods(self):
        return [period for period in self.periods if period.to_on is None]

    def period_fields(self):
        """(period, bound field for its end or None when it has ended) for the page."""
        return [
            (period, self[f"end_{period.pk}"] if period.to_on is None else None) for period in self.periods
        ]

    def clean(self):
        data = super().clean()
        if data.get("heir") and not (self.is_pengurus or data.get("pengurus")):
            self.add_error("heir", "Ahli waris hanya untuk pengurus. Centang “Jadikan pengurus” dulu.")
        if data.get("left_on") and data.get("pengurus"):
            self.add_error("pengurus", "Yang sudah keluar dari KK tidak bisa menjadi pengurus.")
        if data.get("left_reason") and not data.get("left_on") and "left_on" not in self.errors:
            self.add_error("left_on", "Isi tanggal keluarnya, atau kosongkan alasannya.")
        return data

    @property
    def person_fields(self):
        return self.noted("name", "nik", "nisn", "birth_date", "sex", "relation")

    @property
    def left_fields(self):
        return self.noted("left_on", "left_reason")

    def stored_value(self, name):
        """The NIK counts as it is (an empty field leaves it); the office of pengurus is no field of the person."""
        return ... if name in {"nik", "pengurus", "heir"} else super().stored_value(name)

    def entry(self):
        """The arguments of operations.change_member."""
        data = self.cleaned_data
        changes = {name: data[name] for name in [*FIELDS, "left_on", "left_reason"]}
        if data["nik"]:
            changes["nik"] = data["nik"]
        ends = {period: data[f"end_{period.pk}"] for period in self.open_periods}
        names_pengurus = data.get("pengurus") or (self.is_pengurus and "heir" in self.changed_data)
        return {
            "op_id": self.op_id,
            "today": self.today,
            "version": self.seen_version,
            "opened": self.opened(),
            "closed": {period: day for period, day in ends.items() if day},
            "pengurus": {"heir": data["heir"]} if names_pengurus else None,
            **changes,
        }
