"""Writing down which commitments were kept, from a list that was typed or from a school's file.

One save is one verification: an activity of the pendamping, so that it counts where all work counts, with a row for each
member and month. Who saves the same place again on the same day goes on with that activity.
"""

from dataclasses import dataclass, field

from django.utils.formats import date_format

from entries.operations import ChangedMeanwhile, check_keys_now, content_hash, operation
from kpm.models import Component, Member
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from roles.catalogue import catalogue_on
from roles.commitments.rules import rules_in, state_of_attendance, state_of_check
from roles.models import Activity, Commitment, CommitmentKind
from roles.operations.activity import Entry, add_families, store

KIND, SUB_ROLE = "verifikasi", "TEK-1"  # the activity that a verification is


@dataclass
class Outcome:
    """The Commitment rows that were made (`new`) and `changed`, those whose state follows from a change of another month
    (`judged`), and how many say the `same` as before.
    """

    new: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    judged: list = field(default_factory=list)
    same: int = 0

    @property
    def rows(self):
        return [*self.new, *self.changed]

    @property
    def not_kept(self):
        return sum(row.state == Commitment.State.NOT_KEPT for row in self.rows)


def version_of_rows(stored):
    """A mark (hex) of what is stored of some members in a month: `stored` are Commitments, None for none."""
    said = [
        (str(row.member_id), row.kind_id, *(str(getattr(row, name)) for name in Commitment.SAID))
        for row in stored
        if row
    ]
    return content_hash({"said": sorted(said)})[:20]


@operation(
    kind="roles.komitmen", title="Verifikasi komitmen", again=lambda receipt, *_: None, checks_keys=False
)
def record_commitments(told, *, by, op_id, receipt, month, category, place, today, seen=""):
    """Store `told` ([Told]) of the members of one `place` (its name) and `category` in a month; an Outcome.

    What was stored for them before is corrected; its history stays. Raises ChangedMeanwhile with the stored rows when
    they are other than those `seen` (version_of_rows), MonthLocked, OtherContent.
    """
    members = {one.bound.member.pk for one in told}
    hold_members(members)
    if seen:
        rows = Commitment.objects.filter(member__in=members, month=month)
        stored = list(rows.filter(kind__in={one.bound.rule.kind_id for one in told}))
        if seen != version_of_rows(stored):
            raise ChangedMeanwhile(stored)
    name = Component.Category(category).label
    notes = f"Verifikasi komitmen {name} {date_format(month, 'F Y')}."
    source = Commitment.Source.TYPED
    return verify(
        told, by=by, op_id=op_id, receipt=receipt, source=source, today=today, place=place, notes=notes
    )


def hold_members(members):
    """Let two who write about the same members do so one after the other."""
    list(Member.objects.filter(pk__in=members).order_by("pk").select_for_update(of=["self"], no_key=True))


def verify(told, *, by, op_id, receipt, source, today, place, notes):
    """Bring the Commitment rows up to `told` ([Told], each member, kind and month once) within an operation; an Outcome.

    Rows that say the same already are left as they are, and so is what a blank says nothing of. A pendamping's changes
    are an activity of the day at `place`, called `notes`. Raises MonthLocked.
    """
    outcome = _prepared(told, by=by, op_id=op_id, source=source, today=today)
    if not outcome.rows:
        return outcome
    activity, is_new = _activity(outcome, by=by, receipt=receipt, today=today, place=place, notes=notes)
    if activity:
        for row in outcome.rows:
            row.activity = activity
    Commitment.objects.bulk_create(outcome.new)
    Commitment.objects.bulk_update(
        [*outcome.changed, *outcome.judged],
        [*Commitment.SAID, "state", "source", "by", "op_id", "place", "recorded_on", "activity"],
        batch_size=200,
    )
    if activity and not is_new:
        told_in = Commitment.objects.filter(activity=activity)
        activity.outcome = _in_words(told_in.count(), told_in.not_kept().count())
        activity.save(update_fields=["outcome"])
    check_keys_now()
    return outcome


def _prepared(told, *, by, op_id, source, today):
    """The Outcome of `told`, not yet written."""
    by_member = _stored(told)
    outcome, touched = Outcome(), {}
    for one in told:
        of_member = by_member.setdefault(one.key[:2], {})
        row, said = of_member.get(one.month), one.said()
        if row is None and one.is_blank:
            continue
        if row is None:
            of_member[one.month] = row = _new_row(one, by)
            outcome.new.append(row)
        elif all(getattr(row, name) == value for name, value in said.items()):
            outcome.same += 1
            continue
        else:
            outcome.changed.append(row)
        for name, value in said.items():
            setattr(row, name, value)
        row.by, row.op_id, row.source, row.place = by, op_id, source, one.bound.place
        row.recorded_on = today
        first, since = touched.get(one.key[:2], (one.month, one.bound.since))
        touched[one.key[:2]] = min(first, one.month), since
    judged = [row for key, told_of in touched.items() for row in _judge(by_member[key], *told_of)]
    written = {row.pk for row in outcome.rows}
    outcome.judged = [row for row in judged if row.pk not in written]
    return outcome


def _stored(told):
    """{(member, kind): {month: Commitment}} of those in `told`, from so far back as an earlier check may still count."""
    if not told:
        return {}
    longest = max(one.bound.rule.within_months for one in told)
    rows = Commitment.objects.filter(member__in={one.bound.member.pk for one in told})
    rows = rows.filter(month__gte=months_after(min(one.month for one in told), 1 - longest))
    by_member = {}
    for row in rows.select_for_update(of=["self"]).select_related("household", "member").order_by("month"):
        by_member.setdefault((row.member_id, row.kind_id), {})[row.month] = row
    return by_member


def _new_row(one, by):
    """Work counts for who did it; what a koordinator stores, for who holds the family."""
    household = one.bound.household
    return Commitment(
        id=uuid7(),
        household=household,
        member=one.bound.member,
        wilayah_id=household.wilayah_id,
        pendamping_id=by.pk if by.is_pendamping else household.pendamping_id,
        kind_id=one.bound.rule.kind_id,
        component_id=one.bound.rule.component_id,
        month=one.month,
    )


def _judge(by_month, told_from, since):
    """Set the state of each row of one member and kind ({month: row}) from the month `told_from` on; those whose state is
    another now.

    A check that was made counts for the months after it as well, so that a correction may change what they say.
    """
    changed = []
    for month, row in sorted(by_month.items()):
        rule = _rule_of(row)
        if rule is None or month < told_from:
            continue
        if rule.kind.measure == CommitmentKind.Measure.ATTENDANCE:
            state = state_of_attendance(rule, row.percent)
        else:
            first = months_after(month, 1 - rule.within_months)
            before = any(other.came for day, other in by_month.items() if first <= day < month)
            state = state_of_check(rule, row.came, came_before=before, since=since, month=month)
        if state != row.state:
            row.state = state
            changed.append(row)
    return changed


def _rule_of(row):
    """The CommitmentRule by which a Commitment is judged, or None."""
    own = (row.kind_id, row.component_id)
    return next((one for one in rules_in(row.month) if (one.kind_id, one.component_id) == own), None)


def _activity(outcome, *, by, receipt, today, place, notes):
    """(the Activity that the rows of `outcome` are part of, whether it is new): gone on with where it is of today. None
    for a koordinator, who logs no activities.
    """
    catalogue = catalogue_on(today)
    kind, sub_role = catalogue.kind(KIND), catalogue.sub_role(SUB_ROLE)
    if not (by.is_pendamping and kind and sub_role):
        return None, False
    families = list({row.household_id: row.household for row in outcome.rows}.values())
    same = {"kind": kind, "sub_role": sub_role, "occurred_on": today, "place": place, "notes": notes}
    activity = Activity.objects.filter(pendamping=by, **same, commitments__isnull=False).first()
    if activity:
        add_families(activity, families)
        return activity, False
    entry = Entry(
        **same,
        outcome=_in_words(len(outcome.rows), outcome.not_kept),
        families=[(household, True) for household in families],
        members=list({row.member_id: row.member for row in outcome.rows}.values()),
    )
    return store(by=by, pk=uuid7(), op_id=receipt.op_id, receipt=receipt, entry=entry), True


def _in_words(told, not_kept):
    return f"{told} komitmen dicek, {not_kept} belum terpenuhi."
