"""A family's goal as it is typed: what to change, why, the steps of both sides, and how it ended."""

from datetime import timedelta

from django import forms

from entries.forms import EntryForm
from kpm.models import Goal, GoalPhrase, GoalStep
from kpm.operations import Step
from pkh_casework.forms import DayField, text_field

from .at_home import AtHomeForm

FARTHEST_DAYS = 2 * 365
WISH_LENGTH, WHY_LENGTH, STEP_LENGTH, REASON_LENGTH = 200, 500, 200, 300
STEP_ROWS = {
    GoalStep.Whose.FAMILY: 3,
    GoalStep.Whose.PENDAMPING: 2,
}  # how many steps a new goal may begin with
CHOOSE_AGAIN = "Pilihan ini sudah tidak menunggu. Kembali ke halaman keluarga dan pilih lagi."


class ComingDateField(DayField):
    """A day from `first` on, at most FARTHEST_DAYS away."""

    def not_before(self, first, words):
        """Refuse days before `first`, with `words`."""
        last = first + timedelta(days=FARTHEST_DAYS)

        def within(day):
            if day < first:
                raise forms.ValidationError(words)
            if day > last:
                raise forms.ValidationError("Terlalu jauh: paling lama dua tahun lagi. Periksa tahunnya.")

        self.validators = [within]
        self.widget.attrs.update(min=first.isoformat(), max=last.isoformat())


def _wish():
    return text_field(
        "Apa yang ingin diubah",
        WISH_LENGTH,
        help_text="Pakai kata-kata keluarga sendiri.",
        error_messages={"required": "Tulis apa yang ingin diubah, dengan kata-kata keluarga."},
    )


def _why():
    return text_field(
        "Mengapa ini penting",
        WHY_LENGTH,
        rows=2,
        error_messages={"required": "Tulis mengapa ini penting bagi keluarga."},
    )


class WordsForm(EntryForm):
    """What an open goal says."""

    wish, why = _wish(), _why()
    target_on = ComingDateField(label="Target tercapai")

    def __init__(self, data=None, *, goal=None, **kwargs):
        initial = (
            {"wish": goal.wish, "why": goal.why, "target_on": goal.target_on}
            if goal
            else kwargs.pop("initial", {})
        )
        super().__init__(data, initial=initial, **kwargs)
        started = goal.started_on if goal else self.today
        self.fields["target_on"].not_before(
            started + timedelta(days=1),
            "Target harus sesudah hari mulai." if goal else "Target harus sesudah hari ini.",
        )

    def entry(self):
        """The arguments of operations.change_goal."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


class GoalForm(AtHomeForm, WordsForm):
    """A new goal from one of `scores` (what low_scores offers); `score` is the one chosen on the page, if any.

    Steps are pairs of fields, such as keluarga_1 and keluarga_1_on; a step without a day is due on the target.
    """

    score = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, scores, score=None, **kwargs):
        super().__init__(data, initial={"score": score and score.code}, **kwargs)
        self.scores = {each.code: each for each in scores}
        phrases = GoalPhrase.objects.valid_on(self.today).filter(code=score.code) if score else ()
        self.phrases = {part: [] for part in GoalPhrase.Part.values}
        for phrase in phrases:
            self.phrases[phrase.part].append(phrase.text)
        for whose, count in STEP_ROWS.items():
            for number in range(1, count + 1):
                self._add_step_fields(whose, number)
        self._suggest("wish", GoalPhrase.Part.WISH)
        self._suggest("why", GoalPhrase.Part.WHY)

    def _add_step_fields(self, whose, number):
        required = {"required": "Tulis paling sedikit satu langkah."}
        name = f"{whose}_{number}"
        label = whose.label if number == 1 else f"{whose.label} {number}"
        self.fields[name] = text_field(label, STEP_LENGTH, required=number == 1, error_messages=required)
        day = ComingDateField(label="Paling lambat", required=False)
        if number == 1:
            day.help_text = "Kosong berarti sama dengan target."
        day.not_before(self.today, "Tanggal langkah tidak boleh sebelum hari ini.")
        self.fields[f"{name}_on"] = day
        self._suggest(name, whose.value, hint=number == 1)

    def _suggest(self, name, part, *, hint=True):
        """Offer the ready phrases of `part` on the field, the first one in sight."""
        texts, field = self.phrases[part], self.fields[name]
        if texts and isinstance(field.widget, forms.TextInput):
            field.widget.attrs["list"] = f"contoh-{part}"
        if texts and hint:
            field.help_text = f"{field.help_text} Misalnya: {texts[0]}.".strip()

    def first_steps(self):
        """[(legend, [(text, day), …] to show, the same to fold, whether they are in use), …] of bound fields."""
        parts = []
        for whose, count in STEP_ROWS.items():
            pairs = [
                (self[f"{whose}_{number}"], self[f"{whose}_{number}_on"]) for number in range(1, count + 1)
            ]
            used = any(field.value() or field.errors for pair in pairs[1:] for field in pair)
            parts.append((whose, pairs[:1], pairs[1:], used))
        return parts

    def clean_score(self):
        score = self.scores.get(self.cleaned_data["score"])
        if score is None:  # nobody sees a fault of a hidden field
            self.add_error(None, CHOOSE_AGAIN)
        return score

    def clean(self):
        data = super().clean()
        self.steps = []
        for whose, count in STEP_ROWS.items():
            for number in range(1, count + 1):
                self._clean_step(data, whose, f"{whose}_{number}")
        return data

    def _clean_step(self, data, whose, name):
        text, day, target = data.get(name), data.get(f"{name}_on"), data.get("target_on")
        if day and not text and name not in self.errors:
            self.add_error(name, "Tulis langkahnya, atau kosongkan tanggalnya.")
        if day and target and day > target:
            self.add_error(f"{name}_on", "Langkah ini sesudah tanggal target.")
        if text and target:
            self.steps.append(Step(whose, text, day or target))

    def entry(self):
        """The arguments of operations.set_goal."""
        names = ("score", "wish", "why", "target_on")
        return {
            "op_id": self.op_id,
            "today": self.today,
            "steps": self.steps,
            "visited_on": self.visited_on,
            **{name: self.cleaned_data[name] for name in names},
        }


class CloseGoalForm(EntryForm):
    """How a goal ended, and why."""

    state = forms.ChoiceField(
        label="Bagaimana akhirnya?",
        choices=[choice for choice in Goal.State.choices if choice[0] != Goal.State.OPEN],
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    reason = text_field(
        "Ceritakan singkat",
        REASON_LENGTH,
        rows=3,
        help_text="Apa yang berubah, atau mengapa tujuan ini diganti atau dihentikan.",
        error_messages={"required": "Tulis alasan menutup tujuan ini, singkat saja."},
    )

    def entry(self):
        """The arguments of operations.close_goal."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}


class StepForm(AtHomeForm, EntryForm):
    """One step of an open goal, new or (`step`) changed."""

    whose = forms.ChoiceField(
        label="Langkah siapa?",
        choices=GoalStep.Whose.choices,
        widget=forms.RadioSelect,
        initial=GoalStep.Whose.FAMILY,
        error_messages={"required": "Pilih salah satu.", "invalid_choice": "Pilih salah satu."},
    )
    text = text_field("Langkah", STEP_LENGTH, error_messages={"required": "Tulis langkahnya."})
    due_on = ComingDateField(label="Paling lambat")

    def __init__(self, data=None, *, goal, step=None, **kwargs):
        initial = (
            {"whose": step.whose, "text": step.text, "due_on": step.due_on}
            if step
            else {"due_on": max(goal.target_on, kwargs["today"])}
        )
        super().__init__(data, initial=initial, **kwargs)
        self.is_new = step is None
        if step:
            del self.fields["at_home"]
        first = min(self.today, step.due_on) if step else self.today
        self.fields["due_on"].not_before(first, "Tanggal langkah tidak boleh sebelum hari ini.")

    def entry(self):
        """The arguments of operations.add_step and change_step."""
        said = {name: self.cleaned_data[name] for name in ("whose", "text", "due_on")}
        visit = {"visited_on": self.visited_on} if self.is_new else {}
        return {"op_id": self.op_id, "today": self.today, "step": Step(**said), **visit}


class DeferForm(EntryForm):
    """The written *belum* for one of `scores` (what waiting_scores gives)."""

    score = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = text_field(
        "Mengapa belum?",
        REASON_LENGTH,
        rows=3,
        help_text="Misalnya: keluarga ingin menyelesaikan urusan sekolah anak dulu.",
        error_messages={"required": "Tulis alasannya, singkat saja."},
    )

    def __init__(self, data=None, *, scores, score=None, **kwargs):
        super().__init__(data, initial={"score": score and score.code}, **kwargs)
        self.scores = {each.code: each for each in scores}

    def clean_score(self):
        score = self.scores.get(self.cleaned_data["score"])
        if score is None:  # nobody sees a fault of a hidden field
            self.add_error(None, CHOOSE_AGAIN)
        return score

    def entry(self):
        """The arguments of operations.defer."""
        return {"op_id": self.op_id, "today": self.today, **self.cleaned_data}
