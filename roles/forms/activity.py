"""What one submission about an activity may say, and the words for what it may not."""

import re
from datetime import timedelta
from types import SimpleNamespace

from django import forms

from kpm.forms.families import MOST_FAMILIES, FamiliesForm
from kpm.models import Goal, GoalStep, Group, Member
from pkh_casework.forms import DayField, ManyFilesInput, OneTap, PhotosField, day_of_entry, text_field
from resources.models import Partner
from roles.commitments.follow_up import words_of
from roles.models import ActivityHousehold, Commitment, PostponeReason, QuickPhrase
from roles.models.activity import CONTACTS
from roles.operations.activity import Entry
from roster.handover import just_given
from wilayah.clock import local_today

FARTHEST_STEP_DAYS = 366
NOTES_LENGTH, OUTCOME_LENGTH, STEP_LENGTH, PLACE_LENGTH = 4000, 1000, 300, 120
ROW_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"[0-9]{1,9}")
REPRESENTATION = "representasi"
MOST_PARTNERS = 40  # offered to tick; any other is reached from its own page
MET = {"ya": True, "tidak": False}


class ActivityForm(FamiliesForm):
    """One activity as a person fills it in.

    Families come as repeated `kpm` (case numbers), each with `met-<case number>` = ya/tidak; members as repeated
    `member`, earlier promises kept by this activity as repeated `janji`, commitments spoken of as repeated `komitmen`,
    goals served as repeated `tujuan`, steps of goals finished as repeated `langkah_tujuan` and partners spoken with (role
    representasi) as repeated `mitra`: they are rows of the page, not fields, so `family_rows` and the `ticked_…` sets carry
    them through a redrawn form.
    """

    group = forms.IntegerField(required=False, widget=forms.HiddenInput)
    occurred_on = DayField(
        label="Tanggal",
        error_messages={"required": "Isi tanggal kegiatan."},
    )
    kind = forms.ChoiceField(
        label="Jenis kegiatan",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih jenis kegiatan.",
            "invalid_choice": "Pilih jenis kegiatan dari daftar.",
        },
    )
    sub_role = forms.ChoiceField(
        label="Peran",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Pilih satu peran yang paling menggambarkan kegiatan ini.",
            "invalid_choice": "Pilih peran dari daftar.",
        },
    )
    phrase = forms.MultipleChoiceField(
        label="Kalimat cepat", required=False, widget=forms.CheckboxSelectMultiple
    )
    notes = text_field("Apa yang dilakukan", NOTES_LENGTH, rows=4, required=False)
    outcome = text_field("Hasil", OUTCOME_LENGTH, rows=2, required=False)
    next_step = text_field("Janji", STEP_LENGTH, required=False)
    next_step_on = DayField(
        label="Tanggal janji",
        help_text="Wajib bila langkahnya diisi.",
        required=False,
    )
    place = text_field("Tempat", PLACE_LENGTH, required=False)
    photos = PhotosField(label="Foto", required=False, widget=ManyFilesInput(attrs={"accept": "image/*"}))

    def __init__(self, *args, user, catalogue, families=(), rows=(), given=(), **kwargs):
        """`families`: (Household, "ya" or "tidak") pairs to start from, for a form not yet sent; `rows`: the
        ActivityHousehold of an activity that is corrected; `given`: HandoverFamily rows whose families the author gave on
        just now, for which own work is still added. Of these no more is shown than the number of the case.
        """
        super().__init__(*args, user=user, today=local_today(user.wilayah_id), **kwargs)
        self.catalogue, self.rows = catalogue, rows
        self.given = {row.household.case_number: row.household for row in given}
        self.family_errors = []
        self.fields["kind"].choices = [(kind.code, kind.name) for kind in catalogue.kinds]
        self.fields["sub_role"].choices = [(sub.code, sub.name) for sub in catalogue.sub_roles]
        self.fields["occurred_on"].widget.attrs["max"] = self.today.isoformat()
        self.fields["next_step_on"].widget.attrs["min"] = self.today.isoformat()
        if self.is_bound:
            ticked = self.data.getlist("phrase")
            self.phrases = (
                list(
                    QuickPhrase.objects.filter(pk__in=[pk for pk in ticked if pk.isascii() and pk.isdigit()])
                )
                if ticked
                else []
            )
            self.fields["phrase"].choices = [(str(phrase.pk), phrase.text) for phrase in self.phrases]
            if self.suggested:
                self.fields["sub_role"].error_messages["required"] = (
                    f"Kalimat yang dicentang cocok dengan peran {self.suggested.name}. Periksa, lalu simpan lagi."
                )
            self.households = self.households_sent()
            self.met = {
                row.case_number: self.data.get(f"met-{row.case_number}", "") for row in self.households
            }
            self.ticked_members = self._ids_sent("member")
            self.ticked_promises = self._ids_sent("janji")
            self.ticked_commitments = self._ids_sent("komitmen")
            self.commitments = self._commitments()
            self.ticked_goals = self._ids_sent("tujuan")
            self.ticked_steps = self._ids_sent("langkah_tujuan")
            self.ticked_partners = {text for text in self.data.getlist("mitra") if NUMBER.fullmatch(text)}
        else:
            self.phrases = []
            self.households = [household for household, _ in families]
            self.met = {household.case_number: met for household, met in families}
            self.ticked_members = {str(pk) for pk in self.initial.get("members", ())}
            self.ticked_promises = self.ticked_commitments = set()
            self.commitments = []
            self.ticked_goals = {str(pk) for pk in self.initial.get("goals", ())}
            self.ticked_steps = {str(pk) for pk in self.initial.get("goal_steps", ())}
            self.ticked_partners = {str(pk) for pk in self.initial.get("partners", ())}

    @property
    def suggested(self):
        """The SubRole that the first ticked phrase suggests, for the person to confirm; None without one."""
        codes = (phrase.sub_role_id for phrase in self.phrases)
        return next(filter(None, map(self.catalogue.sub_role, codes)), None)

    def _ids_sent(self, name):
        return {text for text in self.data.getlist(name) if ROW_ID.fullmatch(text)}

    def family_rows(self):
        """The chosen families for the page: household, met ("ya", "tidak" or ""), hint when visited on this day."""
        return [
            SimpleNamespace(
                household=household,
                met=self.met[household.case_number],
                visited_today=household.last_visited_on == self.today,
            )
            for household in self.households
        ]

    @property
    def day(self):
        """The day as it stands in the form, for the page to print; what can't be read counts as today."""
        try:
            return self.fields["occurred_on"].to_python(self["occurred_on"].value()) or self.today
        except forms.ValidationError:
            return self.today

    def clean_occurred_on(self):
        return day_of_entry(self.cleaned_data["occurred_on"], self.today)

    def clean_group(self):
        if self.cleaned_data["group"] is None:
            return None
        group = Group.objects.visible_to(self.user).filter(pk=self.cleaned_data["group"]).first()
        if group is None:
            self.add_error(None, "Kelompok tidak ditemukan.")
        return group

    def clean_kind(self):
        return self.catalogue.kind(self.cleaned_data["kind"])

    def clean_sub_role(self):
        return self.catalogue.sub_role(self.cleaned_data["sub_role"])

    def clean(self):
        data = super().clean()
        ticked = [phrase.text for phrase in self.phrases]
        ticked += [f"Membicarakan komitmen: {words_of(row)}." for row in self.commitments]
        if data.get("notes") == "":
            self._refuse_contradiction()
        if "notes" in data:
            data["notes"] = "\n".join(part for part in (" ".join(ticked), data["notes"]) if part)
        if data.get("notes") == "":
            self.add_error("notes", "Pilih kalimat cepat atau tulis apa yang dilakukan.")
        step, step_on = data.get("next_step"), data.get("next_step_on")
        if step and not step_on and "next_step_on" not in self.errors:
            self.add_error("next_step_on", "Isi tanggalnya, supaya muncul di Hari ini.")
        if step_on and not step and "next_step" not in self.errors:
            self.add_error("next_step", "Tulis langkahnya, atau kosongkan tanggalnya.")
        if step_on and data.get("occurred_on") and step_on < data["occurred_on"]:
            self.add_error("next_step_on", "Tanggal janji tidak boleh sebelum kegiatan.")
        if step_on and step_on > self.today + timedelta(days=FARTHEST_STEP_DAYS):
            self.add_error("next_step_on", "Tanggalnya lebih dari setahun lagi. Periksa tahunnya.")
        self._clean_families(data)
        return data

    def _refuse_contradiction(self):
        """A phrase that is true only of a family met, or not met, needs a word of explanation for the others."""
        told = {self.data.get(f"met-{case}", "") for case in self.cases_sent()}
        for phrase in self.phrases:
            if phrase.met and told and phrase.met not in told:
                self.add_error(
                    "notes",
                    f"Kalimat “{phrase.text}” hanya cocok bila {phrase.get_met_display()} dengan keluarganya. Hapus "
                    "centangnya, ganti pilihan bertemu atau tidak, atau jelaskan di sini.",
                )
        for row in self.commitments:
            if self.met.get(row.household.case_number) == "tidak":
                self.add_error(
                    "notes",
                    f"Komitmen {row.member.name} hanya bisa dibicarakan bila bertemu. Hapus centangnya, ganti pilihan "
                    "bertemu atau tidak, atau jelaskan di sini.",
                )

    def _clean_families(self, data):
        cases = self.cases_sent()
        if len(cases) > MOST_FAMILIES:
            self._refuse_family(f"Paling banyak {MOST_FAMILIES} keluarga dalam satu kegiatan.")
            return
        missing = (
            "tidak ditemukan." if self.among is None else "tidak ada di kegiatan ini. Catat kegiatan baru."
        )
        for case in self.set_handed_over({row.case_number for row in self.households}):
            self._refuse_family(f"Keluarga {case[:12]} {missing}")
        self._find_given(data)
        kind = data.get("kind")
        if kind and kind.needs_family and not cases:
            self._refuse_family("Pilih keluarga (KPM) untuk kegiatan ini.")
        for household in self.households:
            if self.met[household.case_number] not in MET:
                reached = CONTACTS[bool(kind and kind.is_call), True]
                self._refuse_family(f"{household.name}: pilih {reached} atau tidak {reached}.")

    def _find_given(self, data):
        """Own work of the day before the handover or later is added for a family given on just now. What would change
        something of it, a promise kept or a goal served, or names a member of it, as a commitment does, waits for a
        koordinator as before.
        """
        changes = self.ticked_promises or self.ticked_commitments or self.ticked_goals or self.ticked_steps
        day = data.get("occurred_on")
        if not self.handed_over or self.among is not None or changes or day is None:
            return
        for row in just_given(self.user, self.today):
            case = row.household.case_number
            if case in self.handed_over and day >= row.decided_on - timedelta(days=1):
                self.handed_over.remove(case)
                self.given[case] = row.household
                self.met[case] = self.data.get(f"met-{case}", "")
                if self.met[case] not in MET:
                    self._refuse_family(f"{case}: pilih bertemu atau tidak bertemu.")

    @property
    def given_rows(self):
        """(case number, "ya", "tidak" or "") of the families given on just now."""
        return [(case, self.met.get(case, "")) for case in self.given]

    def _refuse_family(self, words):
        self.family_errors.append(words)
        self.add_error(None, words)

    def _members(self):
        ticked = self.ticked_members | {str(row.member_id) for row in self.commitments}
        if not ticked:
            return []
        members = Member.objects.filter(household__in=[*self.households, *self.given.values()])
        return [member for member in members if str(member.pk) in ticked]

    def _commitments(self):
        """The ticked commitments that were not kept; what was said of them becomes a sentence of the notes."""
        if not self.ticked_commitments:
            return []
        rows = Commitment.objects.not_kept().filter(
            household__in=self.households, pk__in=self.ticked_commitments
        )
        return list(rows.select_related("household", "member", "kind").order_by("month", "pk"))

    def _kept_promises(self):
        if not self.ticked_promises:
            return []
        open_steps = ActivityHousehold.objects.filter(household__in=self.households).open_steps()
        return [row for row in open_steps if str(row.pk) in self.ticked_promises]

    def _goals(self):
        if not self.ticked_goals:
            return []
        return list(Goal.objects.filter(household__in=self.households, pk__in=self.ticked_goals))

    def partner_choices(self):
        """The partners to tick: those ticked already, then those of the area by name, at most MOST_PARTNERS."""
        partners = Partner.objects.visible_to(self.user).order_by("name", "pk")
        ticked = list(partners.filter(pk__in=self.ticked_partners)) if self.ticked_partners else []
        return [*ticked, *partners.exclude(pk__in=self.ticked_partners)[:MOST_PARTNERS]]

    def _partners(self, sub_role):
        """The ticked partners; of another role than representasi none, whatever the page still carried."""
        if sub_role.role_id != REPRESENTATION or not self.ticked_partners:
            return []
        return list(Partner.objects.visible_to(self.user).filter(pk__in=self.ticked_partners))

    def _goal_steps(self):
        if not self.ticked_steps:
            return []
        return list(GoalStep.objects.filter(household__in=self.households, pk__in=self.ticked_steps))

    def entry(self):
        """The arguments of operations.record_activity and change_activity but what is changed."""
        data = self.cleaned_data
        kept = {household.pk for household in self.households}
        entry = Entry(
            occurred_on=data["occurred_on"],
            kind=data["kind"],
            sub_role=data["sub_role"],
            notes=data["notes"],
            outcome=data["outcome"],
            next_step=data["next_step"],
            next_step_on=data["next_step_on"],
            place=data["place"],
            group=data["group"],
            families=[
                *((row, MET[self.met[row.case_number]]) for row in self.households),
                *((row, MET[self.met[case]]) for case, row in self.given.items()),
            ],
            members=self._members(),
            kept_promises=self._kept_promises(),
            goals=self._goals(),
            goal_steps=self._goal_steps(),
            partners=self._partners(data["sub_role"]),
            photos=data["photos"],
            # A row that the page showed sends its answer also without its tick.
            dropped=[
                row.household
                for row in self.rows
                if row.household_id not in kept and f"met-{row.household.case_number}" in self.data
            ],
            seen=data["version"],
        )
        return {"op_id": self.op_id, "entry": entry}

    @property
    def is_left_alone(self):
        """Whether every family that was named is somebody else's by now."""
        return bool(self.handed_over) and not self.households and not self.given

    def rest(self):
        """What was said of the families handed over meanwhile, as entries.holding.hold_rest asks for it."""
        here = {row.case_number for row in self.households} | self.given.keys()
        said = {name: values for name, values in self.data.lists() if name.partition("-")[2] not in here}
        return "", {**said, "kpm": self.handed_over}

    def row_in_words(self, name, value):
        """(label, words) of a row that was sent and is no field, for who decides about it; None for others."""
        part, _, case = name.partition("-")
        if part == "met" and case:
            kind = self.catalogue.kind(self.data.get("kind"))
            return CONTACTS[bool(kind and kind.is_call), MET.get(value, False)].capitalize(), case
        own = self.households
        promises = ActivityHousehold.objects.filter(household__in=own)
        ticked = {
            "member": ("Anggota", ROW_ID, Member.objects.filter(household__in=own)),
            "tujuan": ("Tujuan", ROW_ID, Goal.objects.filter(household__in=own)),
            "langkah_tujuan": ("Langkah tujuan", ROW_ID, GoalStep.objects.filter(household__in=own)),
            "janji": ("Janji yang selesai", ROW_ID, promises),
            "komitmen": ("Komitmen yang dibicarakan", ROW_ID, Commitment.objects.filter(household__in=own)),
            "mitra": ("Mitra", NUMBER, Partner.objects.visible_to(self.user)),
        }
        if part not in ticked:
            return None
        label, readable, rows = ticked[part]
        found = rows.filter(pk=value).first() if readable.fullmatch(value) else None
        return label, str(found or value)


class ReopenForm(OneTap, forms.Form):
    """Why a koordinator lets an old entry be corrected."""

    reason = text_field(
        "Alasan dibuka lagi",
        200,
        rows=2,
        error_messages={"required": "Tulis alasannya, singkat saja."},
    )

    def entry(self):
        """The arguments of operations.reopen_activity but the activity."""
        return {"op_id": self.op_id}


class PostponeForm(OneTap, forms.Form):
    """Until when and why a family is taken off today's list; a ready reason (`alasan`) says both."""

    ready = forms.ModelChoiceField(PostponeReason.objects.none(), required=False, widget=forms.HiddenInput)
    until_on = DayField(
        label="Tunda sampai",
    )
    reason = text_field(
        "Alasan",
        200,
        error_messages={"required": "Tulis alasannya, singkat saja."},
    )

    MOST_DAYS = 90

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["until_on"].widget.attrs["min"] = (self.today + timedelta(days=1)).isoformat()
        self.fields["ready"].queryset = PostponeReason.objects.valid_on(self.today)
        if self.is_bound and self.data.get("ready"):
            for name in ("until_on", "reason"):
                self.fields[name].required = False

    def clean_until_on(self):
        day = self.cleaned_data["until_on"]
        if day is None:
            return day
        if day <= self.today:
            raise forms.ValidationError("Pilih tanggal sesudah hari ini.")
        if day > self.today + timedelta(days=self.MOST_DAYS):
            raise forms.ValidationError(f"Paling lama {self.MOST_DAYS} hari ke depan.")
        return day

    def entry(self):
        """The arguments of operations.postpone but the family."""
        ready = self.cleaned_data["ready"]
        said = {name: self.cleaned_data[name] for name in ("until_on", "reason")}
        if ready:
            said = {"until_on": self.today + timedelta(days=ready.days), "reason": ready.words}
        return {"op_id": self.op_id, **said}
