"""Two programmes: one half way in Kebon Jayanti, with families in every stage and some stuck, and one that is over.

Rows come out as sinergi.operations would have written them, but for their receipts, whose numbers follow the order of
arrival and are long given out. A family moves by the evidence that its year holds, else by hand with a reason.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from kpm.models import Assessment, Assignment, Consent, Household, Pengurus
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from resources.models import Partner
from roles.models import Activity, ActivityHousehold, Training, TrainingPlace
from sinergi.evidence import CHECKS, collect, first_shown
from sinergi.models import (
    BudgetLine,
    BusinessGroup,
    BusinessMember,
    Condition,
    Enrolment,
    Programme,
    Stage,
    StageMove,
    Template,
)

from .calendar import workday
from .families import local_moment
from .wording import texts

Ending = Enrolment.Ending
RUNNING_AREA, OVER_AREA = "3273161002", "3273161001"
BEGUN_AGO, FIRST_BEGUN_AGO = 190, 430  # days
# How many families of the running programme stand in each stage, and how many of them have not moved for long.
IN_STAGES, STUCK = (3, 4, 4, 4, 3, 2), 6
# What became of those of the first one: the ending and the stage it came at.
ENDINGS = [(Ending.DONE, 6)] * 8 + [(Ending.CLOSED, 5)] * 4 + [(Ending.STOPPED, 2)] * 2 + [(Ending.MOVED, 3)]
MEMBERS = (5, 4)
BASELINE_DAYS = 120
TRAININGS = 2


@dataclass
class Plan:
    """One family to be written: its enrolment, the stage to reach (from 1) and the day it came there."""

    enrolment: Enrolment
    stage: int
    last_on: object


def fill_programmes(today, users):
    """Store both programmes. `users` by username; needs activities, assessments, goals and referrals."""
    koordinator = users["koordinator.kiaracondong"]
    Writer("berjalan", today, koordinator).running(RUNNING_AREA, today - timedelta(days=BEGUN_AGO))
    Writer("selesai", today, koordinator).over(OVER_AREA, today - timedelta(days=FIRST_BEGUN_AGO))


class Writer:
    """Writes one programme; all chance comes from one seeded generator."""

    def __init__(self, name, today, koordinator):
        self.rng, self.today, self.by = Random(name), today, koordinator  # noqa: S311  made-up stories
        self.words = texts("sinergi")[name]
        self.moves = []

    def running(self, area, starts_on):
        rng = self.rng
        programme = self._programme(area, starts_on)
        self._trainings(area, starts_on)
        stages = [place for place, number in enumerate(IN_STAGES, 1) for _ in range(number)]
        enrolments = self._enrolments(programme, len(stages))
        rng.shuffle(enrolments)
        later = range(IN_STAGES[0], len(enrolments))
        late = set(rng.sample(later, min(STUCK, len(later))))
        plans = []
        for number, (enrolment, stage) in enumerate(zip(enrolments, stages, strict=False)):
            days = rng.randint(64, 110) if number in late else rng.randint(2, 50)
            plans.append(Plan(enrolment, stage, workday(rng, self.today - timedelta(days=days))))
            if stage == 1:
                self._joined_later(plans[-1])
        self._store(programme, plans)
        self._budget(programme, 1.0)

    def over(self, area, starts_on):
        rng = self.rng
        programme = self._programme(area, starts_on)
        programme.closed_on, programme.closing_words = programme.ends_on, self.words["penutup"]
        programme.save()
        enrolments, plans = self._enrolments(programme, len(ENDINGS)), []
        for enrolment, (ending, stage) in zip(enrolments, ENDINGS, strict=False):
            last_on = programme.closed_on - timedelta(days=rng.randint(10, 60))
            if ending in {Ending.STOPPED, Ending.MOVED}:
                last_on -= timedelta(days=rng.randint(90, 150))
            plans.append(Plan(enrolment, stage, workday(rng, last_on)))
            closed = ending == Ending.CLOSED
            enrolment.ending = ending
            enrolment.left_on = (
                programme.closed_on if closed else plans[-1].last_on + timedelta(days=rng.randint(1, 9))
            )
            enrolment.left_why = "" if closed else rng.choice(texts("sinergi")["keluar"][ending])
        self._store(programme, plans)
        self._budget(programme, 2.0)

    def _programme(self, area, starts_on):
        at = self._moment(area, starts_on - timedelta(days=20))
        template = Template.objects.order_by("pk")[0]
        programme = Programme.objects.create(
            id=self._id(at),
            op_id=self._id(at),
            name=self.words["nama"],
            note=self.words["catatan"],
            wilayah_id=area,
            starts_on=starts_on,
            ends_on=months_after(starts_on, 12),
            target=20,
            template=template,
            created_by=self.by,
            created_at=at,
        )
        Stage.objects.bulk_create(
            Stage(
                programme=programme,
                position=of.position,
                name=of.name,
                purpose=of.purpose,
                entry=of.entry,
                exit=of.exit,
            )
            for of in template.stages.all()
        )
        programme.partners.set(Partner.objects.for_area(area).order_by("name", "pk")[:3])
        return programme

    def _trainings(self, area, since):
        """Some trainings of the area's pendamping since then become trainings with places."""
        done = Activity.objects.filter(
            kind_id="pelatihan",
            wilayah=area,
            occurred_on__gt=since + timedelta(days=14),
            training_places=None,
        )
        by_worker = defaultdict(list)
        for activity in done.order_by("occurred_on", "pk"):
            by_worker[activity.pendamping_id].append(activity)
        for activity in (one for some in by_worker.values() for one in some[:TRAININGS]):
            day, at = activity.occurred_on, self._moment(area, activity.occurred_on - timedelta(days=15))
            training = Training.objects.create(
                id=self._id(at),
                op_id=self._id(at),
                title="Pelatihan kemasan dan hitung laba",
                wilayah_id=area,
                code="C3",
                place=activity.place,
                planned_on=day,
                held_on=day,
                seats=25,
                proposed_by_id=activity.pendamping_id,
                created_at=at,
            )
            rows = ActivityHousehold.objects.filter(activity=activity, met=True).order_by("pk")
            TrainingPlace.objects.bulk_create(
                TrainingPlace(
                    training=training,
                    household_id=row.household_id,
                    wilayah_id=row.wilayah_id,
                    pendamping_id=activity.pendamping_id,
                    state=TrainingPlace.State.PRESENT,
                    activity=activity,
                )
                for row in rows
            )

    def _enrolments(self, programme, number):
        """So many families of the area: two thirds of them with the most evidence, the rest with the least."""
        rng, start = self.rng, programme.starts_on
        held = Assignment.objects.filter(to_on=None, from_on__lte=start - timedelta(days=10))
        families = Household.objects.active().filter(
            wilayah=programme.wilayah_id,
            path__in=["usaha", "kerja"],
            pk__in=held.values("household"),
            enrolments=None,
        )
        fresh = Assessment.objects.filter(
            household__in=families, assessed_on__range=(start - timedelta(days=BASELINE_DAYS - 20), start)
        )
        baselines = {one.household_id: one for one in fresh.order_by("assessed_on")}
        members = dict(Pengurus.objects.filter(to_on=None).values_list("household", "member"))
        made = []
        for family in families.filter(pk__in=baselines).order_by("pk"):
            day = workday(rng, start + timedelta(days=rng.randint(1, 18)))
            at = self._moment(family.wilayah_id, day)
            consent = Consent(
                op_id=self._id(at),
                household=family,
                wilayah_id=family.wilayah_id,
                text_id="program-1",
                given_by_id=members[family.pk],
                how=rng.choice(Consent.How.values),
                given_on=day,
                taken_by_id=family.pendamping_id,
            )
            made.append(
                Enrolment(
                    id=self._id(at),
                    op_id=consent.op_id,
                    programme=programme,
                    household=family,
                    wilayah_id=family.wilayah_id,
                    pendamping_id=family.pendamping_id,
                    baseline=baselines[family.pk],
                    consent=consent,
                    enrolled_on=day,
                )
            )
        found = collect(made, set(CHECKS) - {"ikut"})
        made.sort(key=lambda one: -sum(map(bool, found[one.household_id].values())))
        if len(made) <= number:
            return made
        least = number // 3
        return made[: number - least] + made[-least:]

    def _joined_later(self, plan):
        """A family in the first stage came in while the others went on already."""
        enrolment, day = plan.enrolment, plan.last_on
        span = (day - timedelta(days=BASELINE_DAYS), day)
        fresh = Assessment.objects.filter(household=enrolment.household, assessed_on__range=span)
        if baseline := fresh.order_by("-assessed_on").first():
            enrolment.baseline, enrolment.enrolled_on, enrolment.consent.given_on = baseline, day, day

    def _store(self, programme, plans):
        """Everything of the families of `plans`, in the order of what leans on what."""
        for plan in plans:
            plan.enrolment.consent.save()
            plan.enrolment.consent_id = plan.enrolment.consent.pk
        Enrolment.objects.bulk_create(plan.enrolment for plan in plans)
        self._businesses(programme, plans)
        found = collect([plan.enrolment for plan in plans], CHECKS)
        conditions, stages = Condition.objects.in_bulk(), list(programme.stages.all())
        for plan in plans:
            self._walk(plan, stages, conditions, found[plan.enrolment.household_id])
        StageMove.objects.bulk_create(self.moves)
        if programme.closed_on:
            self._leave_businesses(programme)

    def _walk(self, plan, stages, conditions, found):
        """The moves of one family up to its stage, evenly over its time; a day waits for evidence that comes soon."""
        enrolment, rng = plan.enrolment, self.rng
        move = self._move(
            enrolment, stages[0], 1, enrolment.enrolled_on, kind="ikut", row=enrolment.consent_id
        )
        pace = (plan.last_on - enrolment.enrolled_on) / max(1, plan.stage - 1)
        for number in range(2, plan.stage + 1):
            day = enrolment.enrolled_on + pace * (number - 1)
            codes = dict.fromkeys(f"{stages[number - 2].exit} {stages[number - 1].entry}".split())
            shown = [first_shown(conditions[code], enrolment, move, found) for code in codes]
            if all(one and one.on <= plan.last_on for one in shown):
                newest = max(shown, key=lambda one: one.on)
                day = max(day, newest.on)
                said = {"kind": newest.kind, "row": newest.id}
            else:
                said = {"reason": rng.choice(self.words["alasan"])}
            day = plan.last_on if number == plan.stage else max(move.moved_on, day)
            move = self._move(enrolment, stages[number - 1], number, day, **said)

    def _move(self, enrolment, stage, number, day, *, kind="", row="", reason=""):
        at = self._moment(enrolment.wilayah_id, day)
        move = StageMove(
            op_id=self._id(at),
            enrolment=enrolment,
            household=enrolment.household,
            stage=stage,
            number=number,
            moved_on=day,
            by_id=enrolment.pendamping_id,
            evidence_kind=kind,
            evidence_id=str(row),
            reason=reason,
            at=at,
        )
        self.moves.append(move)
        return move

    def _businesses(self, programme, plans):
        """Two business groups of families that came as far as capital and networks."""
        free = [plan for plan in plans if plan.stage >= 4]
        for words, size in zip(texts("sinergi")["usaha"], MEMBERS, strict=True):
            members, free = free[:size], free[size:]
            if not members:
                return
            day = workday(self.rng, min(plan.last_on for plan in members) - timedelta(days=10))
            at = self._moment(programme.wilayah_id, day)
            group = BusinessGroup.objects.create(
                id=self._id(at),
                op_id=self._id(at),
                programme=programme,
                name=words["nama"] if programme.closed_on is None else f"{words['nama']} Sukapura",
                product=words["produk"],
                formed_on=day,
                chair=members[0].enrolment,
                created_by_id=members[0].enrolment.pendamping_id,
                created_at=at,
            )
            BusinessMember.objects.bulk_create(
                BusinessMember(
                    group=group, enrolment=plan.enrolment, household=plan.enrolment.household, joined_on=day
                )
                for plan in members
            )

    def _leave_businesses(self, programme):
        """Nobody is in a business group of a programme any more once its own part has ended."""
        members = list(BusinessMember.objects.filter(group__programme=programme).select_related("enrolment"))
        for member in members:
            member.left_on = max(member.joined_on, member.enrolment.left_on)
        BusinessMember.objects.bulk_update(members, ["left_on"])
        programme.business_groups.update(chair=None)

    def _budget(self, programme, done):
        stages = list(programme.stages.all())
        BudgetLine.objects.bulk_create(
            BudgetLine(
                programme=programme,
                stage=stages[line["tahap"] - 1],
                what=line["untuk"],
                planned=line["rencana"],
                spent=int(line["rencana"] * min(1.0, line["terpakai"] * done)),
                source=line["sumber"],
            )
            for line in texts("sinergi")["anggaran"]
        )

    def _moment(self, area, day):
        return local_moment(area, day, self.rng.randint(8, 15), self.rng.randint(0, 59))

    def _id(self, moment):
        return uuid7(int(moment.timestamp() * 1000), self.rng.randbytes)
