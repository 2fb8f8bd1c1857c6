"""What is said about a referral: the need, a move with its day, the family's yes, a partner's answer."""

import re
from datetime import timedelta
from typing import Any

from django import forms

from entries.forms import DateField, EntryForm
from kpm.forms.at_home import AtHomeForm
from kpm.forms.consent import ask_consent, yes_of
from kpm.forms.goal import ComingDateField
from kpm.models import ConsentText, Goal, Member
from kpm.naming import LONG_NUMBER, identifying_words, told_apart
from kpm.operations.consent import consent_text_on
from pkh_casework.forms import Typed, text_field
from resources.operations.answer import PartnerAnswer
from resources.operations.referral import MOVES, PLAN_DAYS, moves_from

NEED_LENGTH, NOTE_LENGTH, NAME_LENGTH = 500, 500, 120
CODE = re.compile(r"[A-Z]\d")


class ReferralForm(AtHomeForm, EntryForm):
    """A new referral of `household` to `resource`; `goal` (a Goal) is the one it was begun from, if any."""

    need = text_field(
        "Kebutuhan keluarga",
        NEED_LENGTH,
        rows=3,
        help_text="Kalimat ini dibaca mitra. Jangan tulis nama, alamat, NIK, atau nomor kasus.",
        error_messages={"required": "Tulis apa yang dibutuhkan keluarga."},
    )
    goal = forms.ModelChoiceField(
        Goal.objects.none(),
        label="Untuk tujuan keluarga",
        required=False,
        empty_label="Tanpa tujuan",
        error_messages={"invalid_choice": "Pilihan ini tidak ditemukan."},
    )
    due_on = ComingDateField(
        label="Diajukan paling lambat", help_text="Pada tanggal ini Hari ini mengingatkan Anda."
    )

    def __init__(self, data=None, *, household, goal=None, code="", **kwargs):
        due = kwargs["today"] + timedelta(days=PLAN_DAYS)
        initial = {"need": goal.wish if goal else "", "goal": goal, "due_on": due}
        super().__init__(data, initial=initial, **kwargs)
        self.household = household
        self.code = code if CODE.fullmatch(code) else ""
        self.fields["goal"].queryset = Goal.objects.filter(household=household).open()
        self.fields["due_on"].not_before(self.today, "Tanggalnya tidak boleh sebelum hari ini.")

    def clean_need(self):
        """The partner reads it as it stands: nothing in it may say who the family is."""
        need = self.cleaned_data["need"]
        if LONG_NUMBER.search(need):
            raise forms.ValidationError("Jangan tulis NIK atau nomor KK di sini.")
        names = Member.objects.filter(household=self.household).values_list("name", flat=True)
        if words := identifying_words(need, names, self.household.case_number):
            raise forms.ValidationError(told_apart(words))
        return need

    def entry(self):
        """The arguments of operations.referral.plan_referral, but for the resource."""
        said = {name: self.cleaned_data[name] for name in ("need", "goal", "due_on")}
        visit = {"visited_on": self.visited_on}
        return {"op_id": self.op_id, "today": self.today, "code": self.code, **said, **visit}


class ReferralMoveForm(EntryForm):
    """One move of `referral`; with `ajukan` also the family's yes, in the words of `consent_text`."""

    happened_on = DateField(label="Tanggal")
    note = text_field("Catatan", NOTE_LENGTH, rows=3, required=False)
    due_on = ComingDateField(label="Dilihat lagi paling lambat")

    def __init__(self, data=None, *, referral, name, oldest, **kwargs):
        today, move = kwargs["today"], MOVES[name]
        due = today + timedelta(days=move.due_days or 0)
        super().__init__(data, initial={"happened_on": today, "due_on": due}, **kwargs)
        self.consent_text = None
        day, note = self.fields["happened_on"], self.fields["note"]
        day.oldest = oldest
        day.bound_by(today)
        note.label = move.asks
        if move.needs_reason:
            note.required = True
            note.error_messages["required"] = "Tulis singkat saja."
        if move.due_days:
            self.fields["due_on"].not_before(today, "Tanggalnya tidak boleh sebelum hari ini.")
        else:
            del self.fields["due_on"]
        if name == "ajukan":
            self.consent_text = consent_text_on(today, ConsentText.Purpose.REFERRAL)
            ask_consent(self, referral.household)

    def clean(self):
        data = super().clean()
        given_on, happened_on = data.get("given_on"), data.get("happened_on")
        if given_on and happened_on and given_on > happened_on:
            self.add_error("given_on", "Persetujuan diminta sebelum rujukan diajukan.")
        return data

    def entry(self):
        """The arguments of operations.referral.move_referral."""
        data = self.cleaned_data
        said: dict[str, Any] = {
            name: data[name] for name in ("happened_on", "note", "due_on") if name in data
        }
        if self.consent_text:
            said["consent"] = yes_of(self)
        return {"op_id": self.op_id, "today": self.today, **said}


class WithdrawForm(EntryForm):
    """The family takes its yes back."""

    note = text_field(
        "Apa kata keluarga",
        NOTE_LENGTH - 30,
        rows=3,
        required=False,
        help_text="Keluarga tidak wajib memberi alasan.",
    )

    def entry(self):
        """The arguments of operations.referral.withdraw_consent."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


class AnswerForm(Typed, forms.Form):
    """A partner's answer to a referral in `state`; what is no longer possible there is still understood."""

    LABELS = {"terima": "Kami terima", "tolak": "Belum dapat kami terima", "selesai": "Sudah selesai"}

    op_id = forms.UUIDField(widget=forms.HiddenInput)
    move = forms.ChoiceField(
        label="Jawaban",
        choices=list(LABELS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    name = text_field(
        "Nama Anda",
        NAME_LENGTH,
        help_text="Supaya pendamping tahu siapa yang menjawab.",
        error_messages={"required": "Tulis nama Anda."},
    )
    note = text_field("Catatan", NOTE_LENGTH, rows=3, required=False)

    def __init__(self, *args, state, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = set(moves_from(state, by_partner=True))

    @property
    def options(self):
        """The radios of what may be answered now."""
        return [radio for radio in self["move"] if radio.data["value"] in self.offered]

    def clean(self):
        data = super().clean()
        if data.get("move") == "tolak" and not data.get("note") and "note" not in self.errors:
            self.add_error("note", "Tulis alasannya, supaya keluarga dapat dicarikan jalan lain.")
        return data

    def answer(self):
        """The PartnerAnswer that was filled in."""
        return PartnerAnswer(**self.cleaned_data)
