"""What a programme came to, in numbers that name no family; each number counts rows that can be listed."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from kpm.models import Household
from resources.models import Referral
from roles.models import Attendance, TrainingPlace

from .evidence import ACCEPTED
from .models import Enrolment, Programme, StageMove, there_in

Ending = Enrolment.Ending
GAVE_UP = (Ending.STOPPED, Ending.WITHDRAWN, Ending.MOVED)


@dataclass(frozen=True)
class Fact:
    """One number: its `slug` and words, and the rows that it counts, each with its `household_id` and `day`."""

    slug: str
    words: str
    rows: QuerySet

    @cached_property
    def number(self):
        return self.rows.count()


def facts_of(programme: Programme, user, day: date) -> list[Fact]:
    """The Facts of a programme for what `user` may count, up to `day` or its closing.

    A family that joined twice is one family, as its newest enrolment says.
    """
    until = min(programme.closed_on or day, day)
    ours = enrolments_of(programme, user)

    def during(rows, on):
        """Those of `rows` whose day (the field `on`) lies in an enrolment of their family."""
        theirs = ours.filter(household=OuterRef("household"), enrolled_on__lte=OuterRef(on))
        theirs = theirs.filter(Q(left_on=None) | Q(left_on__gte=OuterRef(on)))
        return rows.filter(Exists(theirs), **{f"{on}__lte": until}).annotate(day=F(on))

    trained = TrainingPlace.objects.filter(state=TrainingPlace.State.PRESENT)
    met = Attendance.objects.filter(state=Attendance.State.PRESENT)
    accepted = Referral.objects.filter(state__in=ACCEPTED)
    moves = StageMove.objects.filter(enrolment__in=ours).exclude(number=1).annotate(day=F("moved_on"))
    families = ours.newest()
    joined, left = families.annotate(day=F("enrolled_on")), families.annotate(day=F("left_on"))
    return [
        Fact("ikut", "keluarga pernah ikut", joined),
        Fact("masih", "masih ikut", joined.open()),
        Fact("tuntas", "tuntas", left.filter(ending=Ending.DONE)),
        Fact("sampai-tutup", "ikut sampai program ditutup", left.filter(ending=Ending.CLOSED)),
        Fact("berhenti", "berhenti, menarik persetujuan, atau pindah", left.filter(ending__in=GAVE_UP)),
        Fact("pelatihan", "kehadiran di pelatihan", during(trained, "training__held_on")),
        Fact("p2k2", "kehadiran di P2K2", during(met, "held_on")),
        Fact("rujukan", "rujukan diterima mitra", during(accepted, "answered_on")),
        Fact("bukti", "pindah tahap dengan bukti", moves.filter(reason="")),
        Fact("alasan", "pindah tahap dengan alasan tertulis", moves.exclude(reason="")),
    ]


def enrolments_of(programme, user):
    """The enrolments that enter a figure shown to `user`."""
    return Enrolment.objects.counted_for(user).filter(programme=programme)


def stages_of(programme, user) -> list:
    """(stage, Fact of the families that ever came to it, Fact of those in it now) of each stage."""
    ours, stages = enrolments_of(programme, user), []
    came = StageMove.objects.filter(enrolment__in=ours, household=OuterRef("household")).order_by("moved_on")
    newest = StageMove.objects.filter(enrolment=OuterRef("pk")).order_by("-number")
    now = ours.open().annotate(
        stage_now=Subquery(newest.values("stage")[:1]), day=Subquery(newest.values("moved_on")[:1])
    )
    for stage in programme.stages.all():
        first = Subquery(came.filter(stage=stage).values("moved_on")[:1])
        ever = ours.newest().annotate(day=first).filter(day__isnull=False)
        reached = Fact(f"sampai-{stage.pk}", f"pernah sampai tahap {stage.name}", ever)
        here = Fact(f"di-{stage.pk}", f"sekarang di tahap {stage.name}", now.filter(stage_now=stage.pk))
        stages.append((stage, reached, here))
    return stages


def groups_of(programme, user) -> list:
    """The business groups, each with the `number` of its members that `user` may count."""
    ours = Q(members__enrolment__in=enrolments_of(programme, user)) & there_in(programme, "members__")
    return list(programme.business_groups.annotate(number=Count("members", filter=ours)))


def families_told(user, pks):
    """{id: what a row of a figure tells of its family}: the number of its case; RW and `status` for who may count it
    today, and its `url` for who may open it.
    """
    urls = {
        one.pk: one.get_absolute_url()
        for one in Household.objects.visible_to(user).filter(pk__in=pks).only("case_number")
    }
    today = {
        one["id"]: {"rw": one["rw"], "status": Household.Status(one["status"]).label.lower()}
        for one in Household.objects.counted_for(user).filter(pk__in=pks).values("id", "rw", "status")
    }
    numbers = Household.objects.filter(pk__in=pks).values_list("id", "case_number")
    return {
        pk: {"case_number": number, "url": urls.get(pk, ""), **today.get(pk, {})} for pk, number in numbers
    }
