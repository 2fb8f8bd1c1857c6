"""Two families become one, and two again: every row that points at the one goes along, and can be put back.

Rows are locked in one order: families by id, as everywhere. Whoever writes for the family that goes waits for the merge
and finds it as the other one then.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Greatest
from django.tasks import task
from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, operation
from kpm.duplicates import rules_on
from kpm.models import Assessment, DuplicateRule, Goal, GroupChair, Household, Member, Score
from kpm.operations.merged import end_scores, free_slots, settle_scores
from pkh_casework.fields import blind_index, seal
from roster.models import HandoverFamily, Merge, MergedRow, Suspect
from roster.operations.moving import (
    RECKONED,
    as_text,
    bound_together,
    by_model,
    clashes,
    family_models,
    key_of,
    marks,
    named_since,
    pointing_at,
    put_back,
    row_words,
    staying_along,
    unlocked,
)

What = MergedRow.What
# What the family that stands may take over of the other one, field by field.
TAKEN_OVER = ("no_kk", "address", "dusun", "rt", "rw", "phone", "path", "desil", "joined_on", "notes")
OF_A_PERSON = ("nik", "birth_date")  # taken over for who is on both cards where it is missing
UNITED = "Sama dengan anggota lain sesudah penggabungan"
GONE = "Salah satu keluarga ini sudah digabung atau tidak lagi di wilayah Anda. Muat ulang halamannya."
ONE_AT_A_TIME = "Kedua keluarga punya {} yang masih berjalan. Selesaikan dulu salah satunya."
TOO_LATE = "Penggabungan ini sudah lewat batas waktu untuk diurungkan."
FOLLOWED = "Keluarga ini sendiri sudah digabung ke keluarga lain. Urungkan yang itu dulu."
PENGURUS_STAYS = (
    "Pengurus keluarga itu sudah dicatat dengan hal baru sesudah digabung, jadi tidak bisa dipisah lagi."
)


@operation(kind="gabung", title="Penggabungan keluarga", makes=Merge)
def merge(
    *,
    by: User,
    pk: UUID,
    today: date,
    survivor: Household,
    loser: Household,
    taken_over: tuple[str, ...] = (),
    same_people: tuple[tuple[UUID, UUID], ...] = (),
    note: str = "",
) -> Merge:
    """Let `loser` go on as `survivor`, which takes over the fields `taken_over` (of TAKEN_OVER); `same_people` are pairs of
    members (of loser, of survivor) who are one person. Raises Refused.
    """
    survivor, loser = _both(by, survivor, loser)
    days = rules_on(today)[DuplicateRule.UNDO_DAYS].points
    done = Merge.objects.create(
        id=pk,
        survivor=survivor,
        loser=loser,
        by=by,
        note=note,
        undo_until=today + timedelta(days=days),
    )
    kept = _Kept()
    people = _people(survivor, loser, same_people)
    kept.look(Household, [survivor.pk, loser.pk])
    kept.look(Score, Score.objects.filter(household__in=[survivor, loser]).values_list("pk", flat=True))
    kept.look(Assessment, Assessment.objects.filter(household=survivor).values_list("pk", flat=True))
    with unlocked():
        stayed = _prepare(survivor, loser, today, kept)
        _unite(people, today, kept, stayed)
        _move_all(survivor, loser, kept, stayed)
    settle_scores(survivor)
    _take_over(survivor, loser, taken_over)
    Household.every.filter(pk=loser.pk).update(merged_into=survivor)
    kept.store(done, stayed)
    first, second = sorted((survivor.pk, loser.pk))
    Suspect.objects.filter(first=first, second=second).update(
        state=Suspect.State.MERGED, decided_by=by, decided_at=timezone.now()
    )
    transaction.on_commit(follow_later.enqueue)
    return done


def _both(by, *families):
    """The families as they are stored now, held in the order of their ids. Raises Refused unless both stand and are `by`'s."""
    ids = [one.pk for one in families]
    held = Household.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=["self"])
    stored = {one.pk: one for one in held}
    own = Household.objects.visible_to(by).filter(pk__in=ids).count()
    if len(stored) < len(set(ids)) or own < len(ids) or len(set(ids)) < len(ids):
        raise Refused(GONE)
    return [stored[pk] for pk in ids]


def _people(survivor, loser, pairs):
    """{member of loser: member of survivor}, each once and as they are stored. Raises Refused."""
    theirs = {one.pk: one for one in Member.objects.filter(household=loser).present()}
    ours = {one.pk: one for one in Member.objects.filter(household=survivor).present()}
    if not all(one in theirs and other in ours for one, other in pairs):
        raise Refused("Anggota keluarganya sudah berubah. Muat ulang halaman ini.")
    if len({one for one, _ in pairs}) < len(pairs) or len({other for _, other in pairs}) < len(pairs):
        raise Refused("Satu anggota hanya bisa disamakan dengan satu anggota lain.")
    return {theirs[one]: ours[other] for one, other in pairs}


class _Kept:
    """What rows held before, as text, and what became of them."""

    def __init__(self):
        self.before: dict[Any, dict] = defaultdict(dict)
        self.moved: dict[Any, set] = defaultdict(set)

    def look(self, model, keys):
        """Remember the rows `keys` as they are, unless they are known already."""
        fresh = [key for key in keys if key not in self.before[model]]
        if fresh:
            self.before[model] |= as_text(model, fresh)

    def store(self, done, stayed):
        """Write what changed of the rows looked at, and which rows stayed."""
        rows = []
        for model, before in self.before.items():
            now, moved = as_text(model, before), self.moved[model] & before.keys()
            left = marks(model, before.keys() - moved) | marks(
                model, moved, but=RECKONED.get(model._meta.label, ())
            )
            for key, old in before.items():
                changed = {name: value for name, value in old.items() if value != now[key][name]}
                if not changed:
                    continue
                row = MergedRow(
                    merge=done, model=model._meta.label, row=str(key), before=changed, mark=left[key]
                )
                row.what = What.MOVED if key in moved else What.CHANGED
                if model is Household:  # which goes on being worked with: its fields go back one by one
                    row.before = {name: [value, now[key][name]] for name, value in changed.items()}
                rows.append(row)
        known = {(row.model, row.row) for row in rows}
        for model, keys in stayed.items():
            for key in keys:
                if (model._meta.label, str(key)) not in known:
                    rows.append(
                        MergedRow(merge=done, model=model._meta.label, row=str(key), what=What.STAYED)
                    )
        MergedRow.objects.bulk_create(rows, batch_size=500)


def _prepare(survivor, loser, today, kept):
    """What can't be twice in one family ends or makes room first: {model: keys of rows that stay}."""
    slots = free_slots(survivor, loser)
    kept.look(Goal, slots)
    for key, slot in slots.items():
        Goal.objects.filter(pk=key).exclude(slot=slot).update(slot=slot)
    offered = HandoverFamily.objects.filter(household=loser).waiting()
    waiting = list(offered.values_list("pk", flat=True))
    kept.look(HandoverFamily, waiting)
    HandoverFamily.objects.filter(pk__in=waiting).update(
        state=HandoverFamily.State.WITHDRAWN, fault="Sudah digabung dengan keluarga lain.", decided_on=today
    )
    chairs = GroupChair.objects.filter(household=loser, to_on=None).exclude(group=survivor.group_id)
    ended = list(chairs.values_list("pk", flat=True))
    kept.look(GroupChair, ended)
    GroupChair.objects.filter(pk__in=ended).update(to_on=today)
    # A score that stays with a day on which both were asked stands no more, wherever it is.
    end_scores(loser)
    end_scores(survivor)
    return defaultdict(set)


def _unite(people, today, kept, stayed):
    """What is said of a person of the one family is said of the same person of the other; who is so twice stays, as left."""
    for theirs, ours in people.items():
        kept.look(Member, [theirs.pk, ours.pk])
        for model, field in pointing_at(Member):
            rows = model._base_manager.filter(**{field.name: theirs})
            at_a_time, alike = clashes(model, field, rows, ours)
            staying = {*at_a_time.values_list("pk", flat=True), *alike.values_list("pk", flat=True)}
            stayed[model] |= staying
            keys = set(rows.values_list("pk", flat=True)) - staying
            kept.look(model, keys)
            model._base_manager.filter(pk__in=keys).update(**{field.name: ours})
        changes = {}
        if ours.nik is None and theirs.nik is not None:
            digits = theirs.nik.reveal()
            changes |= {
                "nik": seal(digits, f"kpm.member:nik:{ours.pk}"),
                "nik_index": blind_index(digits, "nik"),
            }
        if ours.birth_date is None and theirs.birth_date is not None:
            changes["birth_date"] = theirs.birth_date
        if changes:
            Member.objects.filter(pk=ours.pk).update(**changes)
        Member.objects.filter(pk=theirs.pk).update(left_on=today, left_reason=UNITED)
        stayed[Member].add(theirs.pk)


def _move_all(survivor, loser, kept, stayed):
    """Let every row of `loser` point at `survivor` but what it has the like of. Raises Refused for what is under way in
    both.
    """
    for model in family_models():
        for field in [own for of, own in pointing_at(Household) if of is model]:
            rows = model._base_manager.filter(**{field.name: loser}).exclude(pk__in=stayed[model])
            at_a_time, alike = clashes(model, field, rows, survivor)
            staying = {*alike.values_list("pk", flat=True)}
            staying |= set(staying_along(model, rows, stayed).values_list("pk", flat=True))
            if at_a_time.exclude(pk__in=staying).exists():
                raise Refused(ONE_AT_A_TIME.format(str(model._meta.verbose_name)))
            stayed[model] |= staying
            keys = set(rows.values_list("pk", flat=True)) - stayed[model]
            kept.look(model, keys)
            refused = _refused(model, field, keys, survivor)
            stayed[model] |= refused
            kept.moved[model] |= keys - refused
    earlier = set(Household.every.filter(merged_into=loser).values_list("pk", flat=True))
    kept.look(Household, earlier)
    Household.every.filter(pk__in=earlier).update(merged_into=survivor)


def _refused(model, field, keys, survivor):
    """Let the rows `keys` point at `survivor`: those that the database refuses there, such as a move between the two."""
    refused = set()
    for some in (keys, *({key} for key in keys)):
        try:
            with transaction.atomic():
                model._base_manager.filter(pk__in=some).update(**{field.name: survivor})
        except IntegrityError:
            refused |= some if len(some) == 1 else set()
        else:
            if some is keys:
                break
    return refused


def _take_over(survivor, loser, names):
    """The chosen fields, and the newer of the two last visits."""
    changes: dict[str, Any] = {name: getattr(loser, name) for name in names if name in TAKEN_OVER}
    if "no_kk" in changes:
        digits = loser.no_kk.reveal()
        changes["no_kk"] = seal(digits, f"kpm.household:no_kk:{survivor.pk}")
        changes["no_kk_index"] = blind_index(digits, "no_kk")
    visits = Household.every.filter(pk__in=[survivor.pk, loser.pk])
    changes["last_visited_on"] = visits.aggregate(newest=Max("last_visited_on"))["newest"]
    Household.objects.filter(pk=survivor.pk).update(**changes)


# --- what was on its way ------------------------------------------------------------------------------------------------


@task()
def follow_later():
    """What follow_strays does, as a worker does, when who wrote meanwhile has ended."""
    follow_strays()


@transaction.atomic
def follow_strays() -> int:
    """Let rows follow that were written for a family while it was being merged: whoever looked it up before wrote for the
    old number. How many there were.
    """
    number = 0
    with unlocked():
        for model, field in pointing_at(Household):
            if model is Household:
                continue
            late = model._base_manager.filter(
                **{f"{field.name}__in": Household.every.exclude(merged_into=None)}
            )
            for key, loser in late.values_list("pk", field.attname):
                number += _follow(model, field, key, loser)
    return number


def _follow(model, field, key, loser):
    """Move one row unless it stayed with its old number on purpose: whether it moved."""
    done = Merge.objects.filter(loser=loser, undone_at=None).select_for_update(of=["self"]).first()
    named = {"model": model._meta.label, "row": str(key)}
    if done is None or MergedRow.objects.filter(merge=done, what=What.STAYED, **named).exists():
        return False
    row = model._base_manager.filter(pk=key)
    at_a_time, alike = clashes(model, field, row, done.survivor_id)
    if at_a_time.exists() or alike.exists():
        MergedRow.objects.create(merge=done, what=What.STAYED, **named)
        return False
    before = as_text(model, [key], [field.column])[key]
    row.update(**{field.name: done.survivor_id})
    mark = marks(model, [key], but=RECKONED.get(model._meta.label, ()))[key]
    MergedRow.objects.create(merge=done, what=What.MOVED, before=before, mark=mark, **named)
    if hasattr(model._default_manager, "home_visits"):
        newest = (
            model._default_manager.filter(pk=key).home_visits().aggregate(newest=Max("occurred_on"))["newest"]
        )
        family = Household.objects.filter(pk=done.survivor_id)
        family.update(last_visited_on=Greatest("last_visited_on", newest))
    return True


# --- and two again ----------------------------------------------------------------------------------------------------


@operation(kind="gabung_urung", title="Penggabungan diurungkan", about=Merge)
def undo_merge(done: Merge, *, by: User, today: date) -> Merge:
    """Put back what a merge moved; what somebody worked with since stays with the family and stands in `returned`, as
    [[name of the kind of row, how many]]. Raises Refused.
    """
    families = [done.survivor_id, done.loser_id]
    held = Household.every.filter(pk__in=families).order_by("pk").select_for_update(of=["self"])
    stored = {one.pk: one for one in held}
    done = Merge.objects.visible_to(by).select_for_update(of=["self"]).filter(pk=done.pk).first()
    if done is None or done.undone_at or stored[done.loser_id].merged_into_id != done.survivor_id:
        raise Refused(FOLLOWED if done and not done.undone_at else GONE)
    if today > done.undo_until:
        raise Refused(TOO_LATE)
    rows = by_model(done.rows.exclude(what=What.STAYED))
    ours = rows.pop(Household, {})
    keys = {model: {key_of(model, text) for text in of} for model, of in rows.items()}
    touched = _touched(keys, rows, done.survivor_id)
    _refuse_lost_pengurus(done.loser_id, touched)
    _return_fields(ours)
    with unlocked():
        _return(rows, keys, touched)
    if Score in keys:
        settle_scores(stored[done.survivor_id])
        settle_scores(stored[done.loser_id])
    counted: dict[str, int] = defaultdict(int)
    for model, _ in touched:
        counted[model._meta.label] += 1
    done.undone_at, done.undone_by, done.returned = timezone.now(), by, row_words(counted)
    done.save(update_fields=["undone_at", "undone_by", "returned"])
    first, second = sorted(families)
    Suspect.objects.filter(first=first, second=second).update(state=Suspect.State.OPEN)
    return done


def _touched(keys, rows, survivor):
    """(model, key) of the rows with which somebody worked since, and of those that moved and hang together with them."""
    moved = {
        model: {key for key in of if rows[model][str(key)].what == What.MOVED} for model, of in keys.items()
    }
    found = named_since(moved, survivor)
    for model, of in keys.items():
        now = marks(model, of - moved[model])
        now |= marks(model, moved[model], but=RECKONED.get(model._meta.label, ()))
        found |= {(model, key) for key in of if now.get(key) != rows[model][str(key)].mark}
    leader = bound_together(moved)
    bad = {leader[one] for one in found if one in leader}
    return found | {one for one, first in leader.items() if first in bad}


def _refuse_lost_pengurus(loser, touched):
    """A family can't come back without the one who answers for it."""
    gone = [key for model, key in touched if model is Member]
    if Member.objects.filter(
        pk__in=gone, pengurus_terms__household=loser, pengurus_terms__to_on=None
    ).exists():
        raise Refused(PENGURUS_STAYS)


def _return_fields(rows):
    """The fields of the families, each unless it was changed since."""
    for text, row in rows.items():
        key = key_of(Household, text)
        now = as_text(Household, [key])[key]
        if same := {name: old for name, (old, new) in row.before.items() if now[name] == new}:
            put_back(Household, key, same)


def _return(rows, keys, touched):
    """Put the rows back, those that moved first: they make room for what the other family had."""
    for what in (What.MOVED, What.CHANGED):
        for model, of in keys.items():
            for key in sorted(of, key=str):
                row = rows[model][str(key)]
                if row.what == what and (model, key) not in touched:
                    put_back(model, key, row.before)
