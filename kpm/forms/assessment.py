"""What one submission of an assessment may say, and the words for what it may not."""

import re
from datetime import timedelta
from types import SimpleNamespace

from django import forms

from entries.forms import AuthorsForm
from kpm.at_home import is_at_home
from kpm.independence.thresholds import sums_in_words
from kpm.models import Assessment, Level, Score
from kpm.operations import Answer
from pkh_casework.forms import OLDEST_DAYS, DayField, day_of_entry, text_field

from .at_home import NO, YES, read_where, where_field

NOTES_LENGTH, NOTE_LENGTH, REASON_LENGTH = 1000, 300, 200
AGREED = "sama"
LEVELS = [str(level.value) for level in Level]
IN_WORDS = [(str(level.value), f"{level.value} {level.label}") for level in Level]
ASIDE = [Score.State.SKIPPED, Score.State.NOT_APPLICABLE]
PART = re.compile(r"([A-Z]\d{1,2})-(family|level|note|reason)")


class AssessmentForm(AuthorsForm):
    """One talk with a family as a person fills it in; `answers` (of operations.Answer) are there once it is valid.

    For each of `indicators` (with their anchors) four fields by code: `A1-family` (a level, or one of ASIDE),
    `A1-level` (AGREED, or the pendamping's own level), `A1-note` and `A1-reason`. `thresholds` as
    Threshold.objects.of gives them.
    """

    form = forms.ChoiceField(choices=Assessment.Form, widget=forms.HiddenInput)
    instrument = forms.IntegerField(widget=forms.HiddenInput)
    assessed_on = DayField(
        label="Tanggal bicara dengan keluarga",
    )
    at_home = where_field()
    notes = text_field("Catatan pembicaraan", NOTES_LENGTH, rows=3, required=False)

    def __init__(self, data=None, *, instrument, indicators, thresholds, corrects=False, **kwargs):
        super().__init__(data, **kwargs)
        self.corrects = corrects
        self.instrument, self.indicators, self.thresholds = instrument, indicators, thresholds
        today = self.today
        self.fields["assessed_on"].widget.attrs |= {
            "min": (today - timedelta(days=OLDEST_DAYS)).isoformat(),
            "max": today.isoformat(),
        }
        for indicator in indicators:
            self.fields |= _fields_of(indicator)

    @property
    def questions(self):
        """Each indicator for the page: its fields, what is chosen in them (str), its anchors with their rupiah."""
        return [
            SimpleNamespace(
                indicator=indicator,
                anchors=[
                    (anchor, sums_in_words(anchor, self.thresholds)) for anchor in indicator.anchors.all()
                ],
                **{part: self[f"{indicator.code}-{part}"] for part in ("family", "level", "note", "reason")},
                chosen=str(self[f"{indicator.code}-family"].value() or ""),
                chosen_level=str(self[f"{indicator.code}-level"].value() or ""),
            )
            for indicator in self.indicators
        ]

    def clean_assessed_on(self):
        return day_of_entry(self.cleaned_data["assessed_on"], self.today)

    def clean(self):
        data = super().clean()
        self.answers = [self._answer(indicator, data) for indicator in self.indicators]
        if not self.errors and all(answer.state != Score.State.ANSWERED for answer in self.answers):
            self.add_error(None, "Belum ada pertanyaan yang dijawab keluarga.")
        return data

    def _answer(self, indicator, data):
        """The Answer to one indicator, with an error beside the field for what is missing."""
        family, level, note, reason = (
            data.get(f"{indicator.code}-{part}", "") for part in ("family", "level", "note", "reason")
        )
        if family == Score.State.NOT_APPLICABLE:
            self._need(indicator, "reason", reason, "Tulis mengapa tidak berlaku bagi keluarga ini.")
            return Answer(indicator, state=family, note=note, reason=reason)
        if family not in LEVELS:
            return Answer(indicator, state=Score.State.SKIPPED, note=note)
        self._need(indicator, "level", level, "Tekan Setuju, atau pilih tingkat menurut Anda.")
        if level not in {"", AGREED, family}:
            words = "Tulis mengapa penilaian Anda berbeda dengan pilihan keluarga."
            self._need(indicator, "note", note, words)
        own = int(level if level in LEVELS else family)
        return Answer(indicator, family_level=int(family), level=own, note=note)

    def entry(self):
        """The arguments of operations.record_assessment but the family, or of change_assessment but the assessment."""
        data = self.cleaned_data
        said = {
            "op_id": self.op_id,
            "on": data["assessed_on"],
            "answers": self.answers,
            "notes": data["notes"],
            "at_home": read_where(data["at_home"]),
        }
        if self.corrects:
            return said | {"seen": data["version"]}
        return said | {"form": data["form"], "instrument": self.instrument}

    def _need(self, indicator, part, text, words):
        name = f"{indicator.code}-{part}"
        if not text and name not in self.errors:
            self.add_error(name, words)


def _fields_of(indicator):
    name = indicator.name
    choose = {"invalid_choice": "Pilih satu dari daftar."}
    return {
        f"{indicator.code}-family": forms.ChoiceField(
            label=name,
            choices=[*IN_WORDS, *((state.value, state.label) for state in ASIDE)],
            widget=forms.RadioSelect,
            error_messages=choose | {"required": "Pilih satu gambar, atau Lewati dulu."},
        ),
        f"{indicator.code}-level": forms.ChoiceField(
            label=f"{name}, menurut Anda",
            choices=[(AGREED, "setuju"), *IN_WORDS],
            widget=forms.RadioSelect,
            required=False,
            error_messages=choose,
        ),
        f"{indicator.code}-note": text_field(
            "Mengapa berbeda dengan pilihan keluarga", NOTE_LENGTH, rows=2, required=False
        ),
        f"{indicator.code}-reason": text_field("Mengapa tidak berlaku", REASON_LENGTH, required=False),
    }


def initial_of(assessment):
    """What AssessmentForm shows of an assessment that is corrected."""
    initial = {
        "form": assessment.form,
        "instrument": assessment.instrument_id,
        "assessed_on": assessment.assessed_on,
        "at_home": YES if is_at_home(assessment) else NO,
        "notes": assessment.notes,
    }
    for score in assessment.scores.all():
        answered = score.state == Score.State.ANSWERED
        initial |= {
            f"{score.code}-family": score.family_level if answered else score.state,
            f"{score.code}-level": AGREED if score.level == score.family_level else score.level,
            f"{score.code}-note": score.note,
            f"{score.code}-reason": score.reason,
        }
        if not answered:
            initial[f"{score.code}-level"] = ""
    return initial


def codes_sent(data):
    """The codes of the indicators that a submission speaks of."""
    return {part[1] for name in data if (part := PART.fullmatch(name))}
