"""Whether an act was done during a home visit, as it is asked on the forms of such acts."""

from datetime import timedelta

from django import forms

from pkh_casework.forms import OLDEST_DAYS, OneTap
from pkh_casework.ids import day_of_id

YES, NO = "ya", "tidak"


class AtHomeForm(OneTap, forms.Form):
    """An act that may be done during a home visit. `household`: the family, for a form not yet sent."""

    at_home = forms.BooleanField(
        label="Ini saat kunjungan ke rumah keluarga",
        help_text="Tercatat sebagai kunjungan. Bila kunjungannya sudah Anda catat, menyatu dengannya.",
        required=False,
    )

    def suggest_visit(self, household):
        """Let the tick stand already where `household` was visited today."""
        self.initial["at_home"] = household.last_visited_on == self.today

    @property
    def visited_on(self):
        """The day of the visit of an act that has no day of its own, None without one: the day on which its form was
        opened, since what was typed without signal may be sent days later.
        """
        if not self.cleaned_data.get("at_home"):
            return None
        opened = day_of_id(self.op_id)
        is_likely = opened and self.today - timedelta(days=OLDEST_DAYS) <= opened <= self.today
        return opened if is_likely else self.today


def saved(words, at_home):
    """`words` about an act that is stored, and that it is told of a visit where it was `at_home`."""
    return f"{words} Tercatat pada kunjungan rumah." if at_home else words


def where_field():
    """The same question where it is asked in words: `read_where` reads the answer."""
    return forms.ChoiceField(
        label="Di mana bicaranya?",
        choices=[(YES, "Di rumah keluarga"), (NO, "Di tempat lain")],
        widget=forms.RadioSelect,
        required=False,
        help_text="Di rumah: tercatat juga sebagai kunjungan, dan dihitung satu kali saja.",
        error_messages={"invalid_choice": "Pilih satu dari daftar."},
    )


def read_where(answer):
    """What was answered in where_field: whether it was at home; None where nothing was said."""
    return {YES: True, NO: False}.get(answer)
