"""What is stored of many families at once, as `phone.ahead` draws it: so many statements, however many families.

Rows come as dicts with the names that the templates ask for: of thousands of rows a phone is shown a few columns.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache, partial

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, OuterRef

from accounts.models import User
from kpm.caseload import chips
from kpm.independence.rule import with_school_child
from kpm.models import (
    Component,
    Goal,
    GoalStep,
    Group,
    Household,
    Indicator,
    Member,
    MemberComponent,
    Pengurus,
    Score,
)
from kpm.plan import asked_of, low_among, waiting_among
from pkh_casework.dated import kept_a_minute
from roles.commitments.follow_up import to_follow_up, words_of
from roles.models import ActivityHousehold, ActivityKind, SubRole
from roles.models.activity import CONTACTS
from wilayah.models import Wilayah

SHOWN_ACTIVITIES = 3
MANY = 100  # families from which on it costs less to read all that the asker holds than to name each
RELATIONS = dict(Member.Relation.choices)
WHOSE = dict(GoalStep.Whose.choices)


@dataclass
class Family:
    """What hangs on one family: Members who are on the card and the same as rows for a page, the open Pengurus (a dict)
    or None, rows of open goals with their steps, Scores that a goal may be made from and those that wait for one, rows
    of the newest activities and of open promises, commitments to speak of with their words, whether a child is of school
    age, how many people count for which component, and that as chips.
    """

    path: str
    members: list = field(default_factory=list)
    people: list = field(default_factory=list)
    pengurus: dict | None = None
    goals: list = field(default_factory=list)
    low: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    activities: list = field(default_factory=list)
    promises: list = field(default_factory=list)
    commitments: list = field(default_factory=list)
    school: bool = False
    components: Counter = field(default_factory=Counter)
    chips: str = ""


@kept_a_minute
def _kinds():
    """Master data by key: components, indicators, kinds of activity, sub-roles."""
    return tuple(model.objects.in_bulk() for model in (Component, Indicator, ActivityKind, SubRole))


def read_families(user, today, households):
    """{id: Family} of `households` (Household rows of `user`), which also get their kelompok and wilayah. Constant in
    statements.
    """
    families = {household.pk: Family(household.path) for household in households}
    asked = Household.objects.visible_to(user)
    of_these = {}
    if len(households) <= MANY:
        asked = asked.filter(pk__in=list(families))
        of_these = {"household__in": list(families)}
    read = partial(_rows, families=families, of_these=of_these)
    components, indicators, kinds, sub_roles = _kinds()
    _name_places(user, households)
    _read_people(read, user, today, components)
    _read_goals(read, user, indicators)
    _read_activities(read, user, asked, kinds, sub_roles)
    _read_commitments(user, today, families, of_these)
    at_school = with_school_child(asked, today)
    for pk, family in families.items():
        family.school = pk in at_school
        said = [(components[code], people) for code, people in family.components.items()]
        said.sort(key=lambda pair: pair[0].position)
        family.chips = chips(tuple((component.short_name, people) for component, people in said))
    _read_scores(read, user, indicators)
    return families


def _rows(rows, *columns, families, of_these):
    """(Family, the `columns` of a row) of each of `rows` that belongs to one of the families asked for."""
    for pk, *row in rows.filter(**of_these).values_list("household_id", *columns):
        family = families.get(pk)
        if family is not None:
            yield family, row


def _name_places(user, households):
    groups = {group.pk: group for group in Group.objects.visible_to(user)}
    areas = Wilayah.objects.in_bulk({household.wilayah_id for household in households})
    for household in households:
        household.wilayah = areas[household.wilayah_id]
        # One of somebody else can't be a family's; should it be, its name is not the asker's to see.
        household.group = groups.get(household.group_id)


def _read_people(read, user, today, components):
    held = defaultdict(list)
    columns = ("member_id", "component_id", "place")
    for family, (member, component, place) in read(
        MemberComponent.objects.visible_to(user).on(today), *columns
    ):
        held[member].append({"component": components[component], "place": place})
        family.components[component] += 1
    # The number itself is nothing for a phone; its blind index tells whether somebody changed it meanwhile.
    columns = ("id", "nik_index", *Member.OFFERED[:1], *Member.OFFERED[2:])
    for family, row in read(Member.objects.visible_to(user).present(), *columns):
        member = Member(**dict(zip(columns, row, strict=True)))
        family.members.append(member)
        family.people.append(
            {
                "pk": str(member.id),
                "name": member.name,
                "get_relation_display": RELATIONS[member.relation],
                "age": member.age_on(today),
                "today_components": held.get(member.id, ()),
            }
        )
    terms = Pengurus.objects.visible_to(user).filter(to_on=None)
    for family, (member, heir) in read(terms, "member_id", "heir_id"):
        family.pengurus = {"member_id": str(member), "heir_id": heir and str(heir)}


def _read_goals(read, user, indicators):
    found = {}
    columns = ("id", "wish", "why", "target_on", "indicator_id")
    goals = Goal.objects.visible_to(user).open().order_by("slot", "id")
    for family, (pk, wish, why, target_on, indicator) in read(goals, *columns):
        goal = {"pk": str(pk), "wish": wish, "why": why, "target_on": target_on}
        goal |= {"indicator": indicators[indicator], "steps": {"all": []}, "done_steps": 0, "next_step": None}
        found[pk] = goal
        family.goals.append(goal)
    columns = ("id", "goal_id", "whose", "text", "due_on", "done_on")
    steps = GoalStep.objects.visible_to(user).filter(goal__state=Goal.State.OPEN)
    for _, (pk, goal, whose, text, due_on, done_on) in read(steps.order_by("due_on", "id"), *columns):
        step = {"pk": str(pk), "whose": whose, "get_whose_display": WHOSE[whose], "text": text}
        step |= {"due_on": due_on, "done_on": done_on}
        of = found[goal]
        of["steps"]["all"].append(step)
        of["done_steps"] += done_on is not None
        of["next_step"] = of["next_step"] or (step if done_on is None else None)


def _read_scores(read, user, indicators):
    """Scores are only looked at, so that all families share the one that says the same level of an indicator."""

    @cache
    def score(key, level):
        return Score(indicator=indicators[key], code=indicators[key].code, level=level)

    @cache
    def concern(path, school):
        return asked_of(indicators.values(), path=path, school_child=school)

    for name, among in (("low", low_among), ("waiting", waiting_among)):
        scores = among(Score.objects.visible_to(user))
        for family, (key, level) in read(scores, "indicator_id", "level"):
            if key in concern(family.path, family.school):
                getattr(family, name).append(score(key, level))


def _read_activities(read, user, asked, kinds, sub_roles):
    newest = ActivityHousehold.objects.filter(household=OuterRef("pk")).order_by("-occurred_on", "-id")
    newest = ArraySubquery(newest.values("pk")[:SHOWN_ACTIVITIES])
    shown = asked.values_list(Func(newest, function="unnest"))
    rows = ActivityHousehold.objects.visible_to(user).filter(pk__in=shown).order_by("-occurred_on", "-id")
    said = ("notes", "outcome", "next_step", "next_step_on")
    keys = ("id", "kind_id", "sub_role_id", "pendamping_id")
    columns = (
        "occurred_on",
        "is_call",
        "met",
        "step_done_on",
        *(f"activity__{name}" for name in (*keys, *said)),
    )
    authors = defaultdict(list)
    for family, (day, is_call, met, done_on, pk, kind, sub_role, author, *words) in read(rows, *columns):
        activity = dict(zip(said, words, strict=True))
        activity |= {"pk": pk, "kind": kinds[kind], "sub_role": sub_roles[sub_role]}
        authors[author].append(activity)
        row = {
            "occurred_on": day,
            "met": met,
            "contact": CONTACTS[is_call, met],
            "step_done_on": done_on,
            "activity": activity,
        }
        family.activities.append(row | {"photos": (), "editable": False})
    others = User.objects.filter(pk__in=authors.keys() - {user.pk}).only("name")
    for author in [user, *others]:
        for activity in authors[author.pk]:
            activity["pendamping"] = author.name
    rows = ActivityHousehold.objects.visible_to(user).open_steps().order_by("step_due_on", "id")
    for family, (pk, due_on, step) in read(rows, "id", "step_due_on", "activity__next_step"):
        family.promises.append({"pk": str(pk), "step_due_on": due_on, "activity": {"next_step": step}})


def _read_commitments(user, today, families, of_these):
    for row in to_follow_up(user, today).filter(**of_these):
        if row.household_id in families:
            families[row.household_id].commitments.append((row, words_of(row)))
