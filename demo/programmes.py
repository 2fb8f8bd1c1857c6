"""Two programmes: one half way in Kebon Jayanti, with families in every stage and some stuck, and one that is over.

Rows come out as sinergi.operations would have written them, but for their receipts, whose numbers follow the order of
arrival and are long given out. A family moves by the evidence that its year holds, else by hand with a reason.
"""

from collections import defaultdict
from datetime import timedelta
from random import Random

from kpm.models import Assessment, Consent
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
from .script import BEGUN_AGO, FIRST_BEGUN_AGO, MONTHS, OVER_AREA, RUNNING_AREA
from .wording import texts

Ending = Enrolment.Ending
MEMBERS = (5, 4)
TRAININGS = 2


def fill_programmes(today, users, families):
    """Store both programmes with those of `families` that are part of them. `users` by username; needs activities,
    assessments, goals and referrals.
    """
    koordinator = users["koordinator.kiaracondong"]
    for name, area, begun_ago in (
        ("berjalan", RUNNING_AREA, BEGUN_AGO),
        ("selesai", OVER_AREA, FIRST_BEGUN_AGO),
    ):
        members = [one for one in families if one.part.programme and one.row.wilayah_id == area]
        ProgrammeWriter(name, koordinator).programme(area, today - timedelta(days=begun_ago), members)


class ProgrammeWriter:
    """Writes one programme; all chance comes from one seeded generator."""

    def __init__(self, name, koordinator):
        self.name, self.rng, self.by = name, Random(name), koordinator  # noqa: S311  made-up stories
        self.words = texts("sinergi")[name]
        self.moves = []

    def programme(self, area, starts_on, members):
        """Everything of one programme and its `members` (Families)."""
        is_over = self.name == "selesai"
        programme = self._programme(area, starts_on)
        if is_over:
            programme.closed_on, programme.closing_words = programme.ends_on, self.words["penutup"]
            programme.save()
        else:
            self._trainings(area, starts_on)
        enrolments = self._enrolments(programme, members)
        self._store(programme, enrolments)
        self._budget(programme, 2.0 if is_over else 1.0)

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
            ends_on=months_after(starts_on, MONTHS),
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

    def _enrolments(self, programme, members):
        """[(Enrolment, Membership)], those who came furthest first."""
        rng, known = self.rng, defaultdict(list)
        members = sorted(members, key=lambda family: (-family.part.programme.stage, family.row.pk))
        for one in Assessment.objects.filter(household__in=[family.row for family in members]).order_by(
            "assessed_on"
        ):
            known[one.household_id].append(one)
        made = []
        for family in members:
            of, row = family.part.programme, family.row
            at = self._moment(row.wilayah_id, of.enrolled_on)
            consent = Consent(
                op_id=self._id(at),
                household=row,
                wilayah_id=row.wilayah_id,
                text_id="program-1",
                given_by=family.people[0].row,
                how=rng.choice(Consent.How.values),
                given_on=of.enrolled_on,
                taken_by_id=row.pendamping_id,
            )
            enrolment = Enrolment(
                id=self._id(at),
                op_id=consent.op_id,
                programme=programme,
                household=row,
                wilayah_id=row.wilayah_id,
                pendamping_id=row.pendamping_id,
                baseline=[one for one in known[row.pk] if one.assessed_on <= of.enrolled_on][-1],
                consent=consent,
                enrolled_on=of.enrolled_on,
                left_on=of.left_on,
                ending=of.ending,
            )
            if of.ending and of.ending != Ending.CLOSED:
                enrolment.left_why = rng.choice(texts("sinergi")["keluar"][of.ending])
            made.append((enrolment, of))
        return made

    def _store(self, programme, members):
        """Everything of the families of `members`, in the order of what leans on what."""
        enrolments = [enrolment for enrolment, _ in members]
        for enrolment in enrolments:
            enrolment.consent.save()
            enrolment.consent_id = enrolment.consent.pk
        Enrolment.objects.bulk_create(enrolments)
        self._businesses(programme, members)
        found = collect(enrolments, CHECKS)
        conditions, stages = Condition.objects.in_bulk(), list(programme.stages.all())
        for enrolment, of in members:
            self._walk(enrolment, of, stages, conditions, found[enrolment.household_id])
        StageMove.objects.bulk_create(self.moves)
        if programme.closed_on:
            self._leave_businesses(programme)

    def _walk(self, enrolment, of, stages, conditions, found):
        """The moves of one family up to its stage, evenly over its time; a day waits for evidence that comes soon."""
        rng = self.rng
        move = self._move(
            enrolment, stages[0], 1, enrolment.enrolled_on, kind="ikut", row=enrolment.consent_id
        )
        pace = (of.last_on - enrolment.enrolled_on) / max(1, of.stage - 1)
        for number in range(2, of.stage + 1):
            day = enrolment.enrolled_on + pace * (number - 1)
            codes = dict.fromkeys(f"{stages[number - 2].exit} {stages[number - 1].entry}".split())
            shown = [first_shown(conditions[code], enrolment, move, found) for code in codes]
            if all(one and one.on <= of.last_on for one in shown):
                newest = max(shown, key=lambda one: one.on)
                day = max(day, newest.on)
                said = {"kind": newest.kind, "row": newest.id}
            else:
                said = {"reason": rng.choice(self.words["alasan"])}
            day = of.last_on if number == of.stage else max(move.moved_on, day)
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

    def _businesses(self, programme, members):
        """Two business groups of families that came as far as capital and networks."""
        free = [member for member in members if member[1].stage >= 4]
        for words, size in zip(texts("sinergi")["usaha"], MEMBERS, strict=True):
            part, free = free[:size], free[size:]
            if not part:
                return
            day = workday(self.rng, min(of.last_on for _, of in part) - timedelta(days=10))
            at = self._moment(programme.wilayah_id, day)
            group = BusinessGroup.objects.create(
                id=self._id(at),
                op_id=self._id(at),
                programme=programme,
                name=words["nama"] if programme.closed_on is None else f"{words['nama']} Sukapura",
                product=words["produk"],
                formed_on=day,
                chair=part[0][0],
                created_by_id=part[0][0].pendamping_id,
                created_at=at,
            )
            BusinessMember.objects.bulk_create(
                BusinessMember(group=group, enrolment=one, household=one.household, joined_on=day)
                for one, _ in part
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
