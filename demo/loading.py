"""Puts the demo together and stores it: accounts, caseloads, one year of activities, the families' way to independence,
and a few loose ends.
"""

import random
from collections import defaultdict
from datetime import timedelta
from hashlib import sha256

import pghistory
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts.models import User
from entries.models import HeldEntry, Receipt
from entries.operations import content_hash
from kpm.independence.levels import roll_up as roll_up_levels
from kpm.models import (
    Assessment,
    Assignment,
    Deferral,
    Goal,
    GoalStep,
    GraduationCase,
    GraduationFile,
    GraduationMove,
    Group,
    GroupChair,
    Household,
    Member,
    MemberComponent,
    Pengurus,
    Score,
    Threshold,
    WatchCheck,
)
from kpm.operations import next_case_numbers
from pkh_casework.access import PENDAMPING
from pkh_casework.ids import uuid7
from reports.figures.rollups import roll_up
from roles.models import Activity, ActivityHousehold, Photo, Postponement, VisitAct
from wilayah.models import Wilayah

from . import pictures
from .assessments import Course, Surveyor
from .calendar import workday
from .changes import fill_changes
from .commitments import fill_commitments
from .copying import store
from .duplicates import fill_duplicates
from .exports import are_filled, fill_exports
from .families import Maker, local_moment
from .graduations import Registrar
from .handovers import fill_handovers
from .incidents import fill_incidents
from .log import Log, held_visit, sent_form
from .logins import DEMO_LOGINS, DEMO_PASSWORD
from .meetings import fill_meetings
from .network import fill_network
from .office import is_sent, send_file
from .outlines import fill_outlines
from .payments import fill_payments
from .phones import fill_phones
from .plans import Planner
from .programmes import fill_programmes
from .quality import fill_quality
from .referrals import fill_referrals
from .reports import fill_reports, lock_month, months_to_lock
from .rounds import record_rounds
from .script import LONGEST_AGO, SEED, everyone
from .siks import fill_siks
from .story import VISIT, year_of
from .targets import fill_targets
from .wording import texts

FAMILIES = 300
PHOTOS_EACH, POSTPONED_EACH, HELD = 3, 4, 2
PHOTO_DAYS = 30
POVERTY_LINE, NOT_REAL = 650_000, "angka contoh demo, bukan garis kemiskinan yang sebenarnya"


def load(today, *, families=FAMILIES):
    """Store the demo as of `today` (date), with about `families` families for each pendamping.

    Needs areas and master data. The same day gives the same content: all chance comes from one seeded generator.
    """
    begin(today, families=families)
    finish(today)


@transaction.atomic
def begin(today, *, families):
    """Store what the first pages show: all but the months that are over and what is counted from them."""
    rng = random.Random(SEED)  # noqa: S311  made-up people need no secrecy
    with connection.cursor() as cursor:
        # Checks put off to the end would pile up, and the history's trigger goes through the pile at every row.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pghistory.context(command="load_demo"):
        users = _users()
        maker = _caseload(rng, today, users, everyone(today, families))
        told = maker.load.families
        log = Log(rng, today)
        _year(rng, log, today, users, told)
        way = _way(rng, log, today, users, maker.load)
        # Receipts are numbered in the order in which entries came in.
        log.activities.sort(key=lambda activity: activity.pk)
        log.receipts.sort(key=lambda receipt: receipt.received_at)
        _store(maker.load, log, way)
        HeldEntry.objects.bulk_create(_held(rng, today, told))
        Postponement.objects.bulk_create(_postponements(rng, today, told))
        _store_photos(rng, today, log)
        _poverty_line(today, users["koordinator.bandung"])
        workers = [user for user in users.values() if user.duty == PENDAMPING]
        fill_network(today, workers)
        fill_outlines(today)
        fill_meetings(today, workers)
        fill_referrals(today, told)
        fill_commitments(today, workers)
        fill_programmes(today, users, told)
        fill_payments(today, workers)
        fill_incidents(today, users, workers)
        fill_quality(today, users, workers)
        fill_reports(today, users["koordinator.kiaracondong"], workers)
        fill_targets(today, users)
        fill_phones(today, users)


def is_finished():
    """Whether `finish` is done; also of an empty database, where there is nothing to finish."""
    return are_filled() or not Household.objects.exists()


def finish(today, say=lambda text: None):
    """Lock the months before the last one, count the months that are over, make the files that wait; step by step, so
    that what was cut short goes on. `say` is told each step, as text.
    """
    users = User.objects.in_bulk([login.username for login in DEMO_LOGINS], field_name="username")
    workers = [user for user in users.values() if user.duty == PENDAMPING]
    with pghistory.context(command="load_demo"):
        for month in months_to_lock(today):
            say(f"locking the reports of {month:%Y-%m}")
            lock_month(today, month, users["koordinator.kiaracondong"], workers)
        say("counting the months that are over")
        roll_up_levels()
        roll_up()
        fill_changes(today, users)
        fill_handovers(today, users)
        fill_duplicates(today, users)
        say("making the files that wait to be taken")
        if not is_sent():
            send_file(users)
        fill_siks(today, users)
        fill_exports(today, users)


def _users():
    """The demo's accounts by username, made where they are missing; one hash for all, since hashing is slow."""
    password = make_password(DEMO_PASSWORD)
    known = User.objects.in_bulk([login.username for login in DEMO_LOGINS], field_name="username")
    User.objects.bulk_create(
        User(
            username=login.username,
            name=login.name,
            duty=login.duty,
            wilayah_id=login.area,
            nip=login.nip,
            phone=f"0800-0000-{1000 + number}",  # such mobile numbers do not exist
            password=password,
        )
        for number, login in enumerate(DEMO_LOGINS)
        if login.username not in known
    )
    accounts = User.objects.select_related("wilayah").filter(
        username__in=[one.username for one in DEMO_LOGINS]
    )
    return {user.username: user for user in accounts}


def _caseload(rng, today, users, plan):
    workers = {}
    for username in plan:
        workers.setdefault(users[username].wilayah, []).append(users[username])
    numbers = next_case_numbers(sum(map(len, plan.values())))
    maker = Maker(rng, today, numbers, users["koordinator.kiaracondong"])
    for area, people in workers.items():
        maker.kelurahan(area, people, [plan[user.username] for user in people])
    return maker


def _year(rng, log, today, users, families):
    by_worker = {user: [] for user in users.values() if user.duty == PENDAMPING}
    for family in families:
        by_worker[family.row.pendamping].append(family)
        for contact in year_of(rng, family, today):
            log.add(
                family.holder_on(contact.day),
                day=contact.day,
                kind=contact.kind,
                sub_role=contact.sub_role,
                notes=contact.notes,
                outcome=contact.outcome,
                step=contact.step,
                due=contact.due,
                families=[(family, contact.met, contact.done)],
                people=contact.people,
                wilayah=family.row.wilayah,
            )
    for worker, part in by_worker.items():
        record_rounds(rng, log, today, worker, part)


def _way(rng, log, today, users, load):
    """Assessments, plans and graduations of all families, as (model, rows) in the order in which they must be stored."""
    visits, courses = defaultdict(list), {}
    for row in log.rows:
        if row.is_visit and row.met:
            visits[row.household_id].append(row)
    surveyor, planner = Surveyor(rng, log, today, load), Planner(rng, log, today)
    for family in load.families:
        course = courses[family] = Course(family, visits[family.row.pk])
        for assessment in surveyor.rounds(course):
            planner.after(course, assessment)
    koordinators = [users["koordinator.kiaracondong"], users["koordinator.bandung"]]
    registrar = Registrar(rng, log, today, koordinators)
    registrar.everyone(courses)
    return (
        (Assessment, surveyor.assessments),
        (Score, surveyor.scores),
        (Goal, planner.goals),
        (GoalStep, planner.steps),
        (Deferral, planner.deferrals),
        (VisitAct, list(_done_in_visits(log, surveyor.assessments, planner.goals))),
        (ActivityHousehold.goals.through, planner.served),
        (ActivityHousehold.goal_steps.through, planner.ticked),
        (GraduationCase, registrar.with_lens()),
        (GraduationMove, registrar.moves),
        (GraduationFile, registrar.files),
        (WatchCheck, registrar.checks),
    )


def _done_in_visits(log, assessments, goals):
    """The assessments and new goals of days on which their author visited the family, on that visit."""
    visits = {
        (row.household_id, row.pendamping_id, row.occurred_on): row
        for row in log.rows
        if row.is_visit and row.met
    }
    dated = [("assessment", "asesmen", row, row.assessed_on) for row in assessments]
    dated += [("goal", "tujuan", row, row.started_on) for row in goals]
    for name, kind, act, day in dated:
        if visit := visits.get((act.household_id, act.pendamping_id, day)):
            yield VisitAct(id=act.pk, row_id=visit.pk, kind_id=kind, **{f"{name}_id": act.pk})


def _poverty_line(today, koordinator):
    """So that the anchors speak of rupiah."""
    city = Wilayah.objects.get(pk=koordinator.wilayah_id)
    begin = today - timedelta(days=LONGEST_AGO)
    Threshold.objects.create(
        code=Threshold.Code.POVERTY_LINE,
        wilayah=city,
        monthly=POVERTY_LINE,
        valid_from=begin.replace(month=1, day=1),
        source=NOT_REAL,
    )


def _store(load, log, way):
    stored = (
        (Group, load.groups),
        (Household, [family.row for family in load.families]),
        (Member, load.members),
        (MemberComponent, load.components),
        (Pengurus, load.pengurus),
        (Assignment, load.assignments),
        (GroupChair, load.chairs),
        (Activity, log.activities),
        (ActivityHousehold, log.rows),
        (ActivityHousehold.members.through, log.concerned),
        *way,
        (Receipt, log.receipts),
    )
    for model, rows in stored:
        store(model, rows)
    # Nobody else sees these rows before the end; without their number the questions to come are planned for none.
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model, _ in stored)}")


def _held(rng, today, families):
    """Late entries of the former pendamping about families handed over meanwhile, waiting for the koordinator."""
    moved = [family for family in families if family.part.handed_on]
    moved.sort(key=lambda family: family.part.handed_on, reverse=True)
    for family in moved[:HELD]:
        author, _, handed_on = family.holders[-2]
        day = min(handed_on + timedelta(days=3), today - timedelta(days=1))
        visited_on = workday(rng, day)
        fields = sent_form(
            day=visited_on,
            kind=VISIT,
            sub_role="FAS-3",
            notes="Catatan kunjungan perpisahan yang baru terkirim: pamit dan mengenalkan pendamping yang baru.",
            outcome="Keluarga sudah tahu siapa yang akan datang berikutnya.",
            families=[(family, True, None)],
        )
        payload = held_visit(fields, visited_on)
        yield HeldEntry(
            op_id=_id(rng, local_moment(author.wilayah_id, day, 16, 20)),
            author=author,
            wilayah_id=author.wilayah_id,
            payload=payload,
            content_hash=content_hash(payload),
            reason=HeldEntry.Reason.HANDED_OVER,
            received_at=local_moment(author.wilayah_id, day, 19, 5),
        )


def _postponements(rng, today, families):
    """A few families long not visited, put off with a reason."""
    waiting = {}
    for family in families:
        last = family.row.last_visited_on
        if family.part.is_active and last and (today - last).days > 45:
            waiting.setdefault(family.row.pendamping, []).append(family)
    yesterday = today - timedelta(days=1)
    for worker, part in waiting.items():
        moment = local_moment(worker.wilayah_id, yesterday, 8, 15)
        for family in rng.sample(part, min(POSTPONED_EACH, len(part))):
            yield Postponement(
                op_id=_id(rng, moment),
                household=family.row,
                pendamping=worker,
                until_on=today + timedelta(days=rng.randint(3, 20)),
                reason=rng.choice(texts("kontak")["tunda"]),
                created_at=moment,
            )


def _store_photos(rng, today, log):
    """Drawn pictures for the newest meetings and trainings of each pendamping, in Django's storage."""
    by_worker = {}
    for activity in reversed(log.activities):
        recent = (today - activity.occurred_on).days <= PHOTO_DAYS
        if recent and activity.kind_id in {"p2k2", "pelatihan"}:
            by_worker.setdefault(activity.pendamping_id, []).append(activity)
    photos = []
    for activity in (one for newest in by_worker.values() for one in newest[:PHOTOS_EACH]):
        name = activity.group.name if activity.group else "Pelatihan"
        day = activity.occurred_on
        jpeg = pictures.draw(rng, name, f"{day:%d}-{day:%m}-{day:%Y}")
        width, height = pictures.SIZE
        path = f"kegiatan/{day:%Y/%m}/{rng.randbytes(16).hex()}.jpg"
        photos.append(
            Photo(
                id=_id(rng, activity.received_at),
                activity=activity,
                file=default_storage.save(path, ContentFile(jpeg)),
                sha256=sha256(jpeg).hexdigest(),
                width=width,
                height=height,
            )
        )
    Photo.objects.bulk_create(photos)


def _id(rng, moment):
    return uuid7(int(moment.timestamp() * 1000), rng.randbytes)
