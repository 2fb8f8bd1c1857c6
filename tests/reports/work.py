"""What the town's people did besides visits: assessments, goals, referrals, trainings, and what there is to help with."""

from datetime import timedelta

from kpm.models import Goal, Household, Pengurus
from pkh_casework.ids import uuid7
from roles.models import Commitment, Incident, Training, TrainingPlace
from tests.factories import KEBON_JAYANTI, SUKAPURA, MemberFactory, ResourceFactory, assess, make_goal
from tests.incidents import make_incident
from tests.referrals import make_referral, make_resource, step

from .conftest import OTHER_KOTA


def families_of(town):
    """The accompanied families by the name of their pendamping, in the order they were made."""
    names = ("ani", "budi", "citra", "dedi", "far")
    return {
        name: list(Household.objects.filter(pendamping=vars(town.users)[name]).active().order_by("pk"))
        for name in names
    }


def add_work(town):
    """All of it, on a town of conftest.py; every text of a family is the town's canary."""
    families = families_of(town)
    _assessments(town, families)
    _goals(town, families)
    _referrals(town, families)
    _trainings(town, families)
    _commitments(town, families)
    _incidents(town, families)
    for area, checked in ((KEBON_JAYANTI, town.today), ("3273", None), (SUKAPURA, None), (OTHER_KOTA, None)):
        ResourceFactory(wilayah_id=area, checked_on=checked, name=f"Bengkel {area}")


def _assessments(town, families):
    """This month one rose, one stood, one fell, one was asked for the first time; one is Budi's by now, one moved."""
    six = {"A1": 2, "A2": 2, "A3": 2, "B2": 2, "B3": 2, "E1": 3}
    ani, citra = families["ani"], families["citra"]
    for family, then, now in (
        (ani[0], {"A1": 1, "B2": 2}, {"A1": 3, "B2": 2}),
        (ani[1], six, six | {"A1": 3}),
        (ani[2], {"A1": 3, "B2": 3}, {"A1": 2, "B2": 3}),
        (ani[3], None, {"A1": 4}),
        (ani[4], {"A1": 1}, None),
        (citra[0], {"A1": 4}, {"A1": 3}),
        (families["dedi"][0], {"A1": 1}, {"A1": 1}),
        (families["far"][0], {"A1": 1}, {"A1": 4}),
    ):
        if then:
            assess(family, then, on=town.last_month)
        if now:
            assess(family, now, on=town.month)
    assess(families["budi"][0], {"A1": 1, "B2": 1}, on=town.month, by=town.users.ani)
    Household.objects.filter(pk=citra[1].pk).update(wilayah_id=KEBON_JAYANTI)
    citra[1].refresh_from_db()
    assess(citra[1], {"A1": 2}, on=town.month)
    Household.objects.filter(pk=citra[1].pk).update(wilayah_id=SUKAPURA)


def _goals(town, families):
    words = {"wish": town.canary, "why": town.canary}
    ani, before, yesterday = families["ani"], town.last_month, town.today - timedelta(days=1)
    make_goal(ani[0], "A1", on=before, target_on=town.today + timedelta(days=60), **words)
    make_goal(ani[1], "A1", on=before, target_on=yesterday, **words)
    late_step = [("keluarga", town.canary, yesterday)]
    make_goal(ani[1], "B2", on=before, target_on=town.today + timedelta(days=60), steps=late_step, **words)
    make_goal(families["budi"][0], "B2", on=before, target_on=yesterday, **words)
    for code, state in (("B3", "tercapai"), ("B4", "tercapai"), ("C1", "dihentikan")):
        goal = (
            make_goal(ani[0], code, on=before, **words)
            if code != "C1"
            else make_goal(ani[2], on=before, **words)
        )
        Goal.objects.filter(pk=goal.pk).update(state=state, closed_on=town.month, closed_reason=town.canary)


def _referrals(town, families):
    """Ani's, of this month in three states, and of last month two that were answered on its last day and this month."""
    resource = make_resource("Warung maju", checked_on=None)
    ani, before = families["ani"], town.last_month
    for family in (*ani[:5], families["citra"][0]):
        member = MemberFactory(household=family, name=town.canary)
        Pengurus.objects.create(household=family, member=member, from_on=family.joined_on)
    for family, state in zip(ani, ("direncanakan", "diajukan", "selesai"), strict=False):
        make_referral(family, state, resource=resource, on=town.month, need=town.canary)
    for family, answered_on in ((ani[3], town.month - timedelta(days=1)), (ani[4], town.month)):
        referral = make_referral(family, "diajukan", resource=resource, on=before, need=town.canary)
        step(referral, "terima", on=answered_on, note=town.canary)
    make_referral(families["citra"][0], "ditolak", resource=resource, on=town.month, need=town.canary)


def _trainings(town, families):
    """One of Ani with families of hers and Budi's, one of last month, one for the whole kota, one still to come."""
    users, ani, budi = town.users, families["ani"], families["budi"]
    for author, area, held_on, places in (
        (
            users.ani,
            KEBON_JAYANTI,
            town.month,
            [*((f, "hadir") for f in ani[:2]), (budi[0], "hadir"), (ani[2], "tidak_hadir")],
        ),
        (users.ani, KEBON_JAYANTI, town.last_month, [(ani[0], "hadir")]),
        (users.kota, "3273", town.month, [(ani[0], "hadir"), (families["citra"][0], "menolak")]),
        (users.ani, KEBON_JAYANTI, None, [(ani[0], "bersedia")]),
    ):
        training = Training.objects.create(
            op_id=uuid7(),
            title=town.canary,
            wilayah_id=area,
            code="C2",
            planned_on=held_on or town.today,
            held_on=held_on,
            seats=20,
            proposed_by=author,
        )
        TrainingPlace.objects.bulk_create(
            TrainingPlace(
                training=training,
                household=family,
                wilayah_id=family.wilayah_id,
                pendamping=family.pendamping,
                state=state,
                note=town.canary,
            )
            for family, state in places
        )


def _commitments(town, families):
    """Of Ani's families this month two kept, one did not, one is not known; one moved, one last month, one elsewhere."""
    ani, citra, far = families["ani"], families["citra"], families["far"]
    kept, not_kept, unknown = "terpenuhi", "belum", "terbuka"
    for family, state, month, area in (
        (ani[0], kept, town.month, KEBON_JAYANTI),
        (ani[1], kept, town.month, KEBON_JAYANTI),
        (ani[2], not_kept, town.month, KEBON_JAYANTI),
        (ani[3], unknown, town.month, KEBON_JAYANTI),
        (ani[0], not_kept, town.last_month, KEBON_JAYANTI),
        (citra[0], not_kept, town.month, SUKAPURA),
        (far[0], kept, town.month, OTHER_KOTA),
    ):
        member = MemberFactory(household=family, name=town.canary)
        Commitment.objects.create(
            household=family,
            member=member,
            wilayah_id=area,
            pendamping=family.pendamping,
            kind_id="hadir_sekolah",
            component_id="sd",
            month=month,
            place=town.canary,
            state=state,
            source="diketik",
            by=family.pendamping,
            op_id=uuid7(),
            recorded_on=town.today,
        )


def _incidents(town, families):
    """Of Ani's families one kasus in time, one late since last month, one decided, and one that is Budi's by now; one
    answered elsewhere.
    """
    ani, yesterday = families["ani"], town.today - timedelta(days=1)
    for family, on, moves, due_on in (
        (ani[0], town.month, (), town.today),
        (ani[1], town.last_month, ("tangani",), yesterday),
        (ani[2], town.month, ("putuskan",), town.today),
        (families["budi"][0], town.month, (), yesterday),
        (families["citra"][0], town.month, ("putuskan", "selesai"), yesterday),
        (families["far"][0], town.month, (), yesterday),
    ):
        incident = make_incident(family, *moves, on=on, what=town.canary)
        Incident.objects.filter(pk=incident.pk).update(due_on=due_on)
    Incident.objects.filter(household=families["budi"][0]).update(pendamping=town.users.ani)
