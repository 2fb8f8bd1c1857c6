"""What the pages of programmes read: how far each has come, its board by stages, and who could join it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from kpm.models import Goal, Household, Level, Score
from pkh_casework.access import KELURAHAN

from .evidence import standings
from .models import Condition, Enrolment, Stage, StageMove


@dataclass
class BoardColumn:
    """A stage on the board: what a family needs to go on from it (`leaves`, Conditions), the asker's families in it
    (Standing), and how many of colleagues.
    """

    stage: Stage
    leaves: list
    standings: list = field(default_factory=list)
    others: int = 0


def board_of(programme, user, day, rule):
    """The Columns of a programme for `user`, families in the order of their last move, the longest waiting first."""
    stages = list(programme.stages.all())
    conditions = Condition.objects.in_bulk({code for stage in stages for code in stage.exit.split()})
    columns = {
        stage.pk: BoardColumn(stage, [conditions[code] for code in stage.exit.split()]) for stage in stages
    }
    own = Enrolment.objects.visible_to(user).filter(programme=programme).open()
    own = own.select_related("household__pendamping", "household__wilayah", "baseline")
    for standing in sorted(
        standings(programme, own, day, rule), key=lambda one: (-one.days, one.enrolment.household.name)
    ):
        columns[standing.move.stage_id].standings.append(standing)
    for stage, number in stage_counts(programme.enrolments.all())[programme.pk].items():
        columns[stage].others = number - len(columns[stage].standings)
    return list(columns.values())


def stage_counts(enrolments):
    """{programme id: Counter of the open ones of `enrolments` by stage id}; one query."""
    counts = defaultdict(Counter)
    moves = StageMove.objects.filter(enrolment__in=enrolments.open()).newest()
    for programme, stage in moves.values_list("enrolment__programme", "stage"):
        counts[programme][stage] += 1
    return counts


def with_progress(programmes, user, day):
    """(programme, its state on `day`, families now, families ever, [(stage, families)]) of each; three queries. All
    families count, but for a kelurahan those of its area.
    """
    ids = [programme.pk for programme in programmes]
    stages = defaultdict(list)
    for stage in Stage.objects.filter(programme__in=ids):
        stages[stage.programme_id].append(stage)
    enrolments = Enrolment.objects.counted_for(user) if user.duty == KELURAHAN else Enrolment.objects.all()
    enrolments = enrolments.filter(programme__in=ids).order_by()
    counts = stage_counts(enrolments)
    ever = dict(enrolments.values_list("programme").annotate(Count("household", distinct=True)))
    return [
        (
            programme,
            programme.state_on(day),
            counts[programme.pk].total(),
            ever.get(programme.pk, 0),
            [(stage, counts[programme.pk][stage.pk]) for stage in stages[programme.pk]],
        )
        for programme in programmes
    ]


def candidates_for(programme, user, rule):
    """The asker's families that `programme` could take, with `low` (how many of the rule's indicators are at level 1
    or 2) and `has_goal`; without an assessment there is nothing to begin from.
    """
    codes = rule.fit_codes.split()
    low = Q(scores__until_on=None, scores__code__in=codes, scores__level__lte=Level.BERTAHAN)
    families = (
        Household.objects.visible_to(user)
        .active()
        .filter(wilayah__code__startswith=programme.wilayah_id, path__in=rule.fit_paths.split())
    )
    families = families.exclude(Exists(Enrolment.objects.filter(household=OuterRef("pk")).open()))
    goal = Goal.objects.open().filter(household=OuterRef("pk"), code__in=codes)
    return families.annotate(low=Count("scores", filter=low), has_goal=Exists(goal)).filter(low__gt=0)


def low_names(households, rule):
    """{household id: names of the rule's indicators at level 1 or 2}; one query."""
    scores = Score.objects.standing().filter(
        household__in=households, code__in=rule.fit_codes.split(), level__lte=Level.BERTAHAN
    )
    names = defaultdict(list)
    for household, name, level in scores.order_by("level", "code").values_list(
        "household", "indicator__name", "level"
    ):
        names[household].append((name, level))
    return names


def current_of(household):
    """For the family's page: (enrolment, stage) of the programme that the family is in, or None; two queries at most."""
    enrolment = Enrolment.objects.filter(household=household).open().select_related("programme").first()
    return enrolment and (enrolment, enrolment.moves.select_related("stage").latest("number").stage)
