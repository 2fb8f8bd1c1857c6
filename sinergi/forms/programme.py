"""A programme, its stages, its end, its business groups and its budget, as they are typed."""

import re
from datetime import timedelta

from django import forms

from entries.forms import DateField, EntryForm, whole_number
from kpm.models import Member
from kpm.naming import identifying_words, told_apart
from pkh_casework.days import months_after
from pkh_casework.forms import NumberTextField, text_field
from pkh_casework.templatetags.formats import rupiah
from resources.forms.rows import RowForm, areas_for, plain_field
from resources.models import Partner
from sinergi.models import BudgetLine, BusinessGroup, BusinessMember, Programme

LONGEST_MONTHS, FARTHEST_DAYS = 36, 731
MOST_RUPIAH = 10**12
RUPIAH = re.compile(r"(?:rp\.?\s*)?([0-9]{1,20}|[0-9]{1,3}(?:[. ][0-9]{3}){1,6})", re.IGNORECASE)
FEWER, MORE = 1, 200


class ProgrammeForm(RowForm):
    """A programme of the koordinator's area; with another number of families than the rule's it is asked once more."""

    class Meta:
        model = Programme
        fields = ("name", "wilayah", "starts_on", "ends_on", "target", "partners", "note")
        widgets = {"partners": forms.CheckboxSelectMultiple}
        formfield_callback = plain_field

    def __init__(self, data=None, *, rule, instance=None, initial=None, **kwargs):
        today = kwargs["today"]
        starts_on = today if instance is None else instance.starts_on
        initial = {
            "starts_on": starts_on,
            "ends_on": months_after(starts_on, rule.months),
            "target": rule.target,
            **(initial or {}),
        }
        super().__init__(data, instance=instance, initial=initial if instance is None else None, **kwargs)
        if self.instance._state.adding:
            self.instance.op_id = self.op_id
        self.rule = rule
        within = areas_for(self.user).filter(code__startswith=self.user.wilayah_id)
        self.fields["wilayah"].queryset = within
        self.fields["wilayah"].empty_label = "Pilih wilayah"
        self.fields["partners"].queryset = Partner.objects.visible_to(self.user)
        self.fields[
            "target"
        ].help_text = f"Biasanya {rule.least_families} sampai {rule.most_families} keluarga."

    def clean_target(self):
        target = self.cleaned_data["target"]
        if not FEWER <= target <= MORE:
            raise forms.ValidationError(f"Isi angka {FEWER} sampai {MORE}.")
        return target

    def clean(self):
        super().clean()
        starts_on, ends_on = (self.cleaned_data.get(name) for name in ("starts_on", "ends_on"))
        if starts_on and abs((starts_on - self.today).days) > FARTHEST_DAYS:
            self.add_error("starts_on", "Tanggalnya terlalu jauh. Periksa tahunnya.")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", "Program selesai sesudah mulai.")
        elif starts_on and ends_on and ends_on > months_after(starts_on, LONGEST_MONTHS):
            self.add_error("ends_on", f"Paling lama {LONGEST_MONTHS} bulan sejak mulai.")

    @property
    def warning(self):
        """What is unusual about the number of families, as a sentence; "" when nothing is."""
        target, rule = self.cleaned_data.get("target"), self.rule
        if target is None or rule.least_families <= target <= rule.most_families:
            return ""
        return (
            f"Sasaran {target} keluarga tidak biasa: program dirancang untuk {rule.least_families} sampai "
            f"{rule.most_families} keluarga."
        )

    @property
    def warning_waits(self):
        return bool(self.warning) and self.data.get("checked") != str(self.cleaned_data.get("target"))

    def is_valid(self):
        return super().is_valid() and not self.warning_waits

    def entry(self):
        """The arguments of operations.create_programme but its pattern, and of change_programme but its programme."""
        return {"op_id": self.op_id, "partners": self.cleaned_data["partners"]}


class StagesForm(EntryForm):
    """Order and words of all `stages` of a programme that nobody has entered."""

    def __init__(self, data=None, *, stages, **kwargs):
        super().__init__(data, **kwargs)
        self.stages = list(stages)
        for place, stage in enumerate(self.stages, 1):
            self.fields |= {
                f"place-{stage.pk}": whole_number(
                    f"Urutan tahap {place}", 1, len(self.stages), initial=place
                ),
                f"name-{stage.pk}": text_field(f"Nama tahap {place}", 60, initial=stage.name),
                f"purpose-{stage.pk}": text_field(
                    f"Maksud tahap {place}", 200, rows=2, initial=stage.purpose
                ),
            }

    def shown(self):
        """For the page: (stage, its bound fields)."""
        return [
            (stage, [self[f"{name}-{stage.pk}"] for name in ("place", "name", "purpose")])
            for stage in self.stages
        ]

    def clean(self):
        super().clean()
        places = {}
        for stage in self.stages:
            place = self.cleaned_data.get(f"place-{stage.pk}")
            if place is not None and place in places:
                self.add_error(f"place-{stage.pk}", f"Urutan {place} sudah dipakai tahap lain.")
            places[place] = stage

    def entry(self):
        """The arguments of operations.save_stages."""
        for stage in self.stages:
            stage.position = 10 * self.cleaned_data[f"place-{stage.pk}"]
            stage.name = self.cleaned_data[f"name-{stage.pk}"]
            stage.purpose = self.cleaned_data[f"purpose-{stage.pk}"]
        return {"op_id": self.op_id, "stages": self.stages}


class CloseProgrammeForm(EntryForm):
    """The day on which a programme ends, and what is to be said about it in the closing report."""

    closed_on = DateField(label="Ditutup pada")
    words = text_field(
        "Kata penutup",
        1000,
        rows=4,
        required=False,
        help_text="Masuk ke laporan penutup. Jangan tulis nama keluarga.",
    )

    def __init__(self, data=None, *, programme, **kwargs):
        super().__init__(data, initial={"closed_on": kwargs["today"]}, **kwargs)
        self.programme = programme
        self.fields["closed_on"].oldest = programme.starts_on
        self.fields["closed_on"].bound_by(self.today)

    def clean_words(self):
        """The closing report names no family."""
        words = self.cleaned_data["words"]
        people = Member.objects.filter(household__in=self.programme.enrolments.values("household"))
        names = people.values_list("name", flat=True) if words else ()
        if named := identifying_words(words, names, of_many=True):
            raise forms.ValidationError(told_apart(named))
        return words

    def entry(self):
        """The arguments of operations.close_programme."""
        return {"op_id": self.op_id, **self.cleaned_data}


class FamiliesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, enrolment):
        return f"{enrolment.household.name} ({enrolment.household.case_number})"


class ChairChoice(forms.ModelChoiceField):
    label_from_instance = FamiliesField.label_from_instance


class BusinessForm(RowForm):
    """A business group of `programme`; `families` are the enrolments that the asker may put into it.

    `shown` are those that stood ticked when the page was opened: only what differs from them is changed.
    """

    members = FamiliesField(
        None,
        label="Anggota",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Pilihan ini tidak ditemukan."},
    )
    shown = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    chair = ChairChoice(
        None,
        label="Ketua",
        required=False,
        empty_label="Belum ada",
        error_messages={"invalid_choice": "Pilihan ini tidak ditemukan."},
    )

    class Meta:
        model = BusinessGroup
        fields = ("name", "product", "formed_on", "members", "shown", "chair")
        formfield_callback = plain_field

    def __init__(self, data=None, *, programme, families, **kwargs):
        super().__init__(data, **kwargs)
        row = self.instance
        if row._state.adding:
            row.op_id, row.programme = self.op_id, programme
            self.initial["formed_on"] = self.today
        else:
            self.initial["members"] = families.filter(
                business_memberships__group=row, business_memberships__left_on=None
            )
            self.initial["shown"] = [one.pk for one in self.initial["members"]]
        self.families = families
        self.fields["members"].queryset = families
        self.fields["chair"].queryset = families
        self.fields["name"].help_text = "Nama usahanya, bukan nama keluarga."
        # The chair of a colleague's family stays when this asker can't see it.
        leading = BusinessMember.objects.filter(group=row, enrolment=row.chair_id, left_on=None)
        self.keeps_chair = leading.exclude(enrolment__in=families).exists()
        if self.keeps_chair:
            del self.fields["chair"]

    @property
    def notes(self):
        """What the page says below the fields."""
        notes = [] if self.families else ["Keluarga yang ikut program ini dapat dipilih di sini."]
        if self.keeps_chair:
            outside = "dampingan rekan" if self.user.is_pendamping else "di luar wilayah Anda"
            notes.append(f"Ketuanya keluarga {outside}.")
        return notes

    def clean_formed_on(self):
        day = self.cleaned_data["formed_on"]
        if day > self.today:
            raise forms.ValidationError("Tanggal tidak boleh di masa depan.")
        if day < self.today - timedelta(days=10 * 366):
            raise forms.ValidationError("Terlalu lama. Periksa tahunnya.")
        return day

    def clean(self):
        super().clean()
        chair, members = self.cleaned_data.get("chair"), self.cleaned_data.get("members")
        if chair and members is not None and chair not in members:
            if chair.pk == self.instance.chair_id:  # unticked: who left leads nobody
                self.cleaned_data["chair"] = None
            else:
                self.add_error("chair", "Ketua dipilih dari anggota.")

    def entry(self):
        """The arguments of operations.save_business, but for the group."""
        ticked, shown = set(self.cleaned_data["members"]), set(self.cleaned_data["shown"])
        shown = {one for one in self.families if str(one.pk) in shown}
        return {
            "op_id": self.op_id,
            "today": self.today,
            "joining": ticked - shown,
            "leaving": shown - ticked,
        }


class AmountField(NumberTextField):
    """An amount in whole rupiah, as people type it: 1.500.000 or Rp 1500000. What could mean a fraction is asked again."""

    def __init__(self, **kwargs):
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "numeric"}), **kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text and not self.required:
            return 0
        if not (typed := RUPIAH.fullmatch(text)):
            raise forms.ValidationError("Tulis angka rupiah tanpa sen, misalnya 1.500.000.")
        amount = int(typed[1].replace(".", "").replace(" ", ""))
        if amount > MOST_RUPIAH:
            raise forms.ValidationError(f"Paling banyak {rupiah(MOST_RUPIAH)}. Periksa lagi angkanya.")
        return amount


class BudgetForm(RowForm):
    """One line of a programme's budget."""

    planned = AmountField(label="Rencana (Rp)", error_messages={"required": "Isi jumlahnya."})
    spent = AmountField(label="Terpakai (Rp)", required=False)

    class Meta:
        model = BudgetLine
        fields = ("stage", "what", "planned", "spent", "source")
        formfield_callback = plain_field

    def __init__(self, data=None, *, programme, **kwargs):
        super().__init__(data, **kwargs)
        self.instance.programme = programme
        self.fields["stage"].queryset = programme.stages.all()
        self.fields["stage"].empty_label = "Untuk semua tahap"

    def entry(self):
        """The arguments of operations.save_budget, but for the line."""
        return {"op_id": self.op_id}
