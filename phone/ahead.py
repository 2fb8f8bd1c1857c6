"""All families of a pendamping rendered ahead, for a phone without signal: what its pages and forms show of each.

Drawn by the very templates of the pages. They are read for days: a day stands as its date, and what depends on the day
of reading has its date in an attribute for the phone (`data-due`, `data-seen`).
"""

import re
from datetime import timedelta

from django.template import Context
from django.template.loader import get_template
from django.utils.html import format_html_join

from entries.operations import version_of
from kpm.caseload import family_row
from kpm.models import MOST_GOALS, GoalStep, Household
from pkh_casework.phones import phone_words

from .reading import read_families

LOG_URL = "/kegiatan/catat/"
# What a pendamping can't change of a family (kpm.forms.HouseholdForm.not_offered).
NOT_OFFERED = frozenset({"pendamping"})
EDITED = [name for name in Household.OWN_FIELDS if name != "no_kk"]
INDENTED = re.compile(r"\n\s+")
PERSON = ["name", "birth_date", "sex", "relation", "nisn", "left_on", "left_reason"]


def families_ahead(user, today, households):
    """A dict for each of `households` (Household rows that came through the door of `user`, who holds them): "case",
    "name", "rw", "rt", "where" (both in words), "group", "group_pk", "find", "seen_on", "path", "school", "goals_full"; the HTML of its "row" in
    the list, of its "page", of what may be ticked "inside" a visit {"promises" (with commitments), "goals", "members"} and of the "scores"
    that a goal may be made from; and what its forms hold, {field: [values]}: "edit", and "fill" of its "members" and
    "goals" with their "steps". No NIK, no No KK.
    """
    families = read_families(user, today, households)
    draw = Drawing(user, today)
    for household in households:
        yield draw.family(household, families[household.pk])


class Drawing:
    """The templates of one bundle, looked up once, and the context that all families share."""

    def __init__(self, user, today):
        self.today = today
        self.soon = today + timedelta(days=1)
        self.context = Context(
            {
                "request": {"is_ahead": True},
                "user": user,
                "today": today,
                "holds": True,
                "log_url": LOG_URL,
                "most_goals": MOST_GOALS,
                "part": False,
                "single": True,
                "ticked_promises": (),
                "ticked_commitments": (),
                "ticked_goals": (),
                "ticked_steps": (),
                "ticked_members": (),
            }
        )
        self.templates = {}
        self.choices, self.events = {}, {}

    def html(self, name, **said):
        """The template or partial `name` with what is `said` of one family."""
        return lean(self.render(name, **said))

    def render(self, name, **said):
        template = self.templates.get(name)
        if template is None:
            template = self.templates[name] = get_template(name).template
        with self.context.push(**said):
            return template.render(self.context)

    def family(self, household, family):
        group = household.group.name if household.group else ""
        is_full = len(family.goals) >= MOST_GOALS
        seen_on = household.last_visited_on
        return {
            "case": household.case_number,
            "name": household.name,
            "rw": household.rw,
            "rt": household.rt,
            "where": household.place,
            "group": group,
            "group_pk": household.group_id,
            "find": found_by(household, family.members),
            "seen_on": seen_on and seen_on.isoformat(),
            "row": self._row(household, family),
            "page": self._page(household, family),
            "inside": self._inside(household, family),
            "path": household.path,
            "school": family.school,
            "scores": "" if is_full else self._choice(household, family),
            "goals_full": is_full,
            "edit": edit_of(household),
            "members": [member_of(member, family.pengurus) for member in family.members],
            "goals": [goal_of(goal, self.today) for goal in family.goals],
        }

    def _row(self, household, family):
        row = family_row(household, chips=family.chips, today=self.today)
        return self.html("kpm/household_list.html#household-row", row=row)

    def _page(self, household, family):
        seen_on = household.last_visited_on
        return self.html(
            "phone/household.html",
            household=household,
            log={"label": "Catat kunjungan", "url": f"{LOG_URL}?kpm={household.case_number}"},
            days_since=(self.today - seen_on).days if seen_on else None,
            steps=family.promises,
            plan=family.goals,
            waiting=family.waiting,
            events=[self._event(row) for row in family.activities],
            members=family.people,
            pengurus=family.pengurus,
        )

    def _event(self, row):
        """One activity of the timeline; all families at a meeting have the same."""
        key = (row["activity"]["pk"], row["met"], row["step_done_on"])
        if key not in self.events:
            self.events[key] = self.render("desk/timeline.html#event", row=row)
        return self.events[key]

    def _inside(self, household, family):
        """As roles.views.activity draws it for this family alone."""
        drawn = dict.fromkeys(("promises", "goals", "members"), "")
        if family.promises:
            drawn["promises"] = self._part("promises", household, rows=family.promises)
        if family.commitments:
            drawn["promises"] += self._part("commitments", household, rows=family.commitments)
        if family.goals:
            goals, unfold = [], False
            for goal in family.goals:
                steps = [step for step in goal["steps"]["all"] if not step["done_on"]]
                unfold = unfold or any(step["due_on"] <= self.soon for step in steps)
                goals.append((goal, steps, False))
            drawn["goals"] = self._part("goals", household, goals=goals, unfold=unfold)
        if family.members:
            drawn["members"] = self._part("members", household, rows=family.people)
        return drawn

    def _part(self, name, household, **said):
        return self.html(f"roles/activity_form.html#inside-{name}", family=household, **said)

    def _choice(self, household, family):
        """Most families share the levels of an indicator: each is drawn once."""
        if not family.low:
            return ""
        for score in family.low:
            if id(score) not in self.choices:
                self.choices[id(score)] = self.render("kpm/score_choice.html#score-row", score=score)
        rows = format_html_join("", "{}", ((self.choices[id(score)],) for score in family.low))
        return self.html("kpm/score_choice.html", drawn=rows)


def lean(html):
    """`html` without the indentation of its templates, which is half of a page. What people wrote keeps its lines: the
    templates print them with a tag between, or in one line.
    """
    return INDENTED.sub("\n", html).strip()


# --- what the forms hold ----------------------------------------------------------------------------------------------


def edit_of(household):
    """{field: [values]} of the form that changes a family (kpm.forms.HouseholdForm) but the No KK."""
    held = {name: _value(getattr(household, household._meta.get_field(name).attname)) for name in EDITED}
    held["phone"] = [phone_words(household.phone)]
    return held | {"version": [version_of(household, but=NOT_OFFERED)]}


def member_of(member, pengurus):
    """One person: "pk", "name", "is_pengurus" and "fill" of the form that changes it (kpm.forms.MemberForm), but the NIK."""
    pk = str(member.pk)
    is_pengurus = pengurus is not None and pengurus["member_id"] == pk
    fill = {name: _value(getattr(member, name)) for name in PERSON}
    fill["heir"] = _value(pengurus["heir_id"] if is_pengurus else None)
    fill["version"] = [version_of(member)]
    return {"pk": pk, "name": member.name, "is_pengurus": is_pengurus, "fill": fill}


def goal_of(goal, today):
    """One open goal: "pk", "wish", "fill" of the form that changes it, "steps" not done yet with theirs, and "new_step",
    what the form of one more step begins with.
    """
    return {
        "pk": goal["pk"],
        "wish": goal["wish"],
        "fill": {name: _value(goal[name]) for name in ("wish", "why", "target_on")},
        "steps": [
            {
                "pk": step["pk"],
                "text": step["text"],
                "fill": {name: _value(step[name]) for name in ("whose", "text", "due_on")},
            }
            for step in goal["steps"]["all"]
            if not step["done_on"]
        ],
        "new_step": {
            "whose": [GoalStep.Whose.FAMILY.value],
            "due_on": _value(max(goal["target_on"], today)),
        },
    }


def found_by(household, members):
    """What the family is found by besides its name and kelompok (kpm.finding.Home): "people", "address", "dusun", "phone"."""
    present = [member.name for member in members if not member.left_on and member.name != household.name]
    return {
        "people": present,
        "address": household.address,
        "dusun": household.dusun,
        "phone": household.phone,
    }


def _value(value):
    """A value of a form as the page sends it back: a day as 2026-11-24, nothing as ""."""
    if value is None:
        return [""]
    return [value.isoformat() if hasattr(value, "isoformat") else str(value)]
