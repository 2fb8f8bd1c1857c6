"""When a visit is asked about: its author's own words, when it was recorded, and what the rules of the day say to it.

All questions about some visits are asked in one statement: each number is that of the families of the same worker's visits
that are alike, within the hour, or at once, found by an index.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from pkh_casework.dated import kept_a_minute
from pkh_casework.ids import moment_of_id
from roles.models import Activity, ActivityHousehold, Doubt, Photo, QuickPhrase, Recording, VisitRule
from wilayah.clock import local_today, zone_of

MOST_ALIKE = 10
UNITS = {"hari": "days", "menit": "minutes", "detik": "seconds"}


@kept_a_minute
def rules_on(day):
    """{Doubt: [VisitRule, …]} in force on `day`."""
    rules = {}
    for rule in VisitRule.objects.valid_on(day).select_related("activity_kind").order_by("key"):
        rules.setdefault(Doubt(rule.kind), []).append(rule)
    return rules


def rule_of(doubt, day):
    """The VisitRule with a number for `doubt` on `day`, or None."""
    return next(iter(rules_on(day).get(doubt, ())), None)


def photo_kinds_on(day):
    """The ActivityKinds that have a photo on `day`."""
    return [rule.activity_kind for rule in rules_on(day).get(Doubt.PHOTO, ())]


def span_of(rule):
    """How far apart two visits may be that `rule` counts together (timedelta)."""
    return timedelta(**{UNITS[rule.unit]: rule.span})


@kept_a_minute
def _ready_sentences():
    """Every ready sentence there ever was, folded, the longest first."""
    return sorted({_folded(text) for text in QuickPhrase.objects.values_list("text", flat=True)}, key=len)[
        ::-1
    ]


def _folded(text):
    return " ".join(text.casefold().split())


def own_words(notes):
    """(fingerprint, letters) of `notes` without its ready sentences, whatever its capitals and spaces; ("", 0) of none."""
    said = _folded(notes)
    for sentence in _ready_sentences():
        said = said.replace(sentence, " ")
    said = " ".join(said.split())
    return (sha256(said.encode()).hexdigest(), min(len(said), 4000)) if said else ("", 0)


def recorded_at(op_id, received_at):
    """When an entry was recorded: the moment of its id, which a phone makes without signal too; at the latest when it came."""
    return min(moment_of_id(op_id) or received_at, received_at)


def found_in(recordings):
    """[(Recording, {Doubt: number}), …] of `recordings` (a queryset of one worker's): what is asked about each, with the
    number of families, 0 for a photo. Two queries, one more for each change of the rules between their days.
    """
    by_rules = {}
    for day in set(recordings.values_list("occurred_on", flat=True)):
        by_rules.setdefault(tuple(rule.pk for of in rules_on(day).values() for rule in of), []).append(day)
    rows = recordings.select_related("activity__kind")
    return [pair for days in by_rules.values() for pair in _found_on(rows.filter(occurred_on__in=days), days)]


def _found_on(recordings, days):
    rules = rules_on(days[0])
    same, fast, at_once = (rule_of(doubt, days[0]) for doubt in (Doubt.SAME, Doubt.FAST, Doubt.AT_ONCE))
    counted = {"has_photo": Exists(Photo.objects.filter(activity=OuterRef("activity")))}
    if same:
        counted["same"] = _families(_alike(span_of(same)))
    if fast:
        counted["fast"] = _families(_within(span_of(fast)))
    if at_once:
        counted["at_once"] = _families(_beside(span_of(at_once)))
        counted["missed"] = _families(_beside(span_of(at_once)).filter(met=False))
    for row in recordings.annotate(**counted):
        activity, found = row.activity, {}
        if activity.kind.counts_as_visit:
            if same and row.letters >= (same.least_letters or 0) and row.same >= same.number:
                found[Doubt.SAME] = row.same
            if fast and row.fast > fast.number and _on_its_own_day(row):
                found[Doubt.FAST] = row.fast
            if at_once and row.at_once >= at_once.number and not row.missed:
                found[Doubt.AT_ONCE] = row.at_once
        if not row.has_photo and any(_is_due(rule, activity) for rule in rules.get(Doubt.PHOTO, ())):
            found[Doubt.PHOTO] = 0
        yield row, found


def _on_its_own_day(row):
    """Whether a visit was recorded on its day: what is recorded later tells nothing of how fast somebody went."""
    return row.recorded_at.astimezone(zone_of(row.activity.wilayah_id)).date() == row.occurred_on


def _is_due(rule, activity):
    return rule.activity_kind_id == activity.kind_id and rule.sub_role_id in {None, activity.sub_role_id}


def _visits(**recorded):
    """Visits (ActivityHousehold) of the same worker that were recorded as said."""
    said = {f"activity__recording__{name}": value for name, value in recorded.items()}
    return ActivityHousehold.objects.filter(
        is_visit=True, activity__recording__pendamping=OuterRef("pendamping"), **said
    )


def _alike(span):
    """Those in the same own words, up to `span` before or after, to families that this one did not reach."""
    reached = ActivityHousehold.objects.filter(activity=OuterRef(OuterRef("activity"))).values("household")
    day = OuterRef("occurred_on")
    alike = _visits(words=OuterRef("words"), occurred_on__gte=day - span, occurred_on__lte=day + span)
    return alike.exclude(household__in=reached)


def _within(span):
    """Those of the same day recorded in the time `span` that ends with this one."""
    moment = OuterRef("recorded_at")
    return _visits(
        occurred_on=OuterRef("occurred_on"), recorded_at__lte=moment, recorded_at__gt=moment - span
    )


def _beside(span):
    """Those recorded less than `span` before or after this one."""
    moment = OuterRef("recorded_at")
    return _visits(recorded_at__gt=moment - span, recorded_at__lt=moment + span)


def _families(visits):
    """How many families `visits` reached, as an expression."""
    number = visits.order_by().values("pendamping").annotate(number=Count("household", distinct=True))
    return Coalesce(Subquery(number.values("number")), 0)


def alike_of(activity, user):
    """The newest Activities that `user` may read in the same own words as `activity`, at most MOST_ALIKE; one query."""
    words = Recording.objects.filter(activity=activity).values("words")
    rule = rule_of(Doubt.SAME, activity.occurred_on)
    if rule is None:
        return []
    near = activity.occurred_on - span_of(rule), activity.occurred_on + span_of(rule)
    alike = Recording.objects.filter(
        pendamping=activity.pendamping_id,
        words=Subquery(words[:1]),
        occurred_on__range=near,
        activity__in=Activity.objects.visible_to(user).values("pk"),
    ).exclude(activity=activity)
    rows = alike.select_related("activity__kind").order_by("-occurred_on", "-activity")[:MOST_ALIKE]
    return [row.activity for row in rows]


def asked_before_saving(user, notes, now: datetime):
    """What would be asked about a visit of `user` with these `notes` saved now, in words: two queries at most."""
    day, hints = local_today(user.wilayah_id), []
    mine = ActivityHousehold.objects.filter(is_visit=True, activity__recording__pendamping=user)
    words, letters = own_words(notes)
    if (rule := rule_of(Doubt.SAME, day)) and words and letters >= (rule.least_letters or 0):
        alike = mine.filter(activity__recording__words=words)
        number = _number_of(alike.filter(activity__recording__occurred_on__gte=day - span_of(rule)))
        if number >= rule.number:
            hints.append(f"Catatan ini sama persis dengan kunjungan ke {number} keluarga lain.")
    if rule := rule_of(Doubt.FAST, day):
        lately = mine.filter(occurred_on=day, activity__recording__recorded_at__gt=now - span_of(rule))
        if (number := _number_of(lately)) >= rule.number:
            hints.append(f"Sudah {number} keluarga dicatat dikunjungi dalam {rule.span} {rule.unit} ini.")
    return hints


def _number_of(visits):
    return visits.aggregate(number=Count("household", distinct=True))["number"]
