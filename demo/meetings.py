"""P2K2 as sessions with attendance, a plan for the months to come, and two trainings shared by colleagues.

The activities are there already; sessions, attendance and places come out as roles.operations would
have written them beside these.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from random import Random

from kpm.models import Group, Household, Member, Pengurus, Score
from pkh_casework.ids import uuid7
from roles.models import (
    Activity,
    ActivityHousehold,
    Attendance,
    GroupSession,
    Trainer,
    Training,
    TrainingPlace,
)
from roles.operations.meeting import PLAN_MONTHS, propose_plan, same_weekday, sessions_on

from .calendar import workday
from .copying import store
from .families import local_moment
from .wording import texts

SEED = 712
EXCUSED, BY_ANOTHER, NO_PLAN = 0.6, 0.12, 9  # every so many kelompok still waits for a plan
TRAINED_AGO, TRAINING_IN = (70, 200), 12
INVITED_EACH = (8, 5)
State, Place = Attendance.State, TrainingPlace.State


def fill_meetings(today, workers):
    """Store sessions, attendance and trainings of `workers`. Needs activities, families and assessments."""
    rng = Random(SEED)  # noqa: S311  made-up people need no secrecy
    workers = sorted(workers, key=lambda user: user.username)
    sessions, attendance = _held(rng, today, workers)
    store(GroupSession, sessions)
    store(Attendance, attendance)
    store(GroupSession, _planned(rng, today, workers))
    _trainings(rng, today, workers)


def _held(rng, today, workers):
    """(sessions, attendance) of the P2K2 activities, in the order in which they were done."""
    titles = {session.name: session for session in sessions_on(today)}
    activities = Activity.objects.filter(kind_id="p2k2", group__isnull=False, pendamping__in=workers)
    activities = activities.select_related("group").order_by("occurred_on", "pk")
    rows = defaultdict(list)
    for row in ActivityHousehold.objects.filter(activity__in=activities).order_by("pk"):
        rows[row.activity_id].append(row)
    pengurus, grown = _people()
    sessions, attendance = [], []
    for activity in activities:
        title = activity.notes.partition(", sesi ")[2].partition(". ")[0]
        session = GroupSession(
            id=_id(rng, activity.received_at),
            group=activity.group,
            wilayah_id=activity.group.wilayah_id,
            session=titles[title],
            planned_on=workday(rng, activity.occurred_on - timedelta(days=rng.choice([0, 0, 0, 1, 3]))),
            activity=activity,
            held_on=activity.occurred_on,
            facilitator=rng.choice(texts("hadir")["pengisi"]),
            place=activity.place,
            planned_by_id=activity.pendamping_id,
        )
        sessions.append(session)
        attendance += [_attendance(rng, session, row, pengurus, grown) for row in rows[activity.pk]]
    return sessions, attendance


def _people():
    """{family id: its pengurus' id} and {family id: ids of those old enough to come for it}."""
    pengurus = dict(Pengurus.objects.filter(to_on=None).values_list("household", "member"))
    grown = defaultdict(list)
    for family, member in (
        Member.objects.present()
        .filter(relation__in=["kepala", "pasangan", "orang_tua"])
        .values_list("household", "pk")
    ):
        grown[family].append(member)
    return pengurus, grown


def _attendance(rng, session, row, pengurus, grown):
    state = State.PRESENT if row.met else State.EXCUSED if rng.random() < EXCUSED else State.ABSENT
    who = None
    if row.met:
        others = grown[row.household_id]
        who = rng.choice(others) if others and rng.random() < BY_ANOTHER else pengurus.get(row.household_id)
    return Attendance(
        group_session=session,
        household_id=row.household_id,
        wilayah_id=row.wilayah_id,
        state=state,
        who_id=who,
        note=rng.choice(texts("hadir")["izin"]) if state == State.EXCUSED else "",
        held_on=session.held_on,
    )


def _planned(rng, today, workers):
    """The plan of each kelompok from its last session on, but for a few that have none yet."""
    groups = Group.objects.filter(pendamping__in=workers).order_by("pendamping__username", "name")
    for number, group in enumerate(groups, 1):
        last = GroupSession.objects.filter(group=group).order_by("-held_on").first()
        if last is None or number % NO_PLAN == 0:
            continue
        for line in propose_plan(group, same_weekday(last.held_on, 1), today)[:PLAN_MONTHS]:
            yield GroupSession(
                id=_id(rng, local_moment(group.wilayah_id, last.held_on, 19, 30)),
                group=group,
                wilayah_id=group.wilayah_id,
                session=line.session,
                planned_on=line.on,
                planned_by_id=group.pendamping_id,
            )


def _trainings(rng, today, workers):
    """One training that was held, with the families that came, and one that colleagues invite to together."""
    for name, topics, codes, phone in texts("hadir")["pelatih"]:
        Trainer.objects.create(
            name=name, topics=topics, codes=codes, phone=phone, wilayah_id=workers[0].wilayah_id[:6]
        )
    [(area, _)] = Counter(user.wilayah_id for user in workers).most_common(1)  # where colleagues are
    colleagues = [user for user in workers if user.wilayah_id == area]
    lately = [today - timedelta(days=days) for days in TRAINED_AGO]
    done = Activity.objects.filter(
        kind_id="pelatihan", pendamping=colleagues[0], occurred_on__range=(lately[1], lately[0])
    )
    if activity := done.order_by("-occurred_on", "pk").first():
        training = _training(rng, "sudah", colleagues[0], activity.occurred_on, held_on=activity.occurred_on)
        families = Household.objects.filter(activity_rows__activity=activity).order_by("pk")
        _places(training, families, activity.pendamping, lambda: Place.PRESENT, activity=activity)
    training = _training(rng, "akan_datang", colleagues[-1], today + timedelta(days=TRAINING_IN))
    for user, number in zip(colleagues, INVITED_EACH, strict=False):
        low = Score.objects.standing().filter(code=training.code, level__lte=2).values("household")
        families = Household.objects.active().filter(pendamping=user, pk__in=low).order_by("pk")[:number]
        _places(
            training,
            families,
            user,
            lambda: rng.choice([Place.INVITED, Place.COMING, Place.COMING, Place.DECLINED]),
        )


def _training(rng, name, by, planned_on, **fields):
    words = texts("hadir")[name]
    moment = local_moment(by.wilayah_id, planned_on - timedelta(days=30), 10, 15)
    return Training.objects.create(
        id=_id(rng, moment),
        op_id=_id(rng, moment - timedelta(minutes=3)),
        code=words["kode"],
        title=words["judul"],
        place=words["tempat"],
        trainer=words["pelatih"],
        note=words["catatan"],
        wilayah_id=by.wilayah_id[:6],
        planned_on=planned_on,
        seats=25,
        proposed_by=by,
        created_at=moment,
        **fields,
    )


def _places(training, families, by, state, **fields):
    """A place for each family, with the level that it had on the day, or has now."""
    scores = Score.objects.standing(training.held_on).filter(code=training.code, household__in=list(families))
    levels = dict(scores.values_list("household", "level"))
    TrainingPlace.objects.bulk_create(
        TrainingPlace(
            training=training,
            household=family,
            wilayah_id=family.wilayah_id,
            pendamping=by,
            state=state(),
            level_before=levels.get(family.pk),
            **fields,
        )
        for family in families
    )


def _id(rng, moment):
    return uuid7(int(moment.timestamp() * 1000), rng.randbytes)
