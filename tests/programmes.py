"""Program Sinergi Kreatif for tests, made by the operations themselves."""

from datetime import date, timedelta

from kpm.models import Assessment, Consent
from kpm.operations.consent import Yes, consent_text_on
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from roles.models import Training, TrainingPlace
from sinergi.models import BudgetLine, BusinessGroup, Programme, Template
from sinergi.operations.enrolment import advance, enrol, leave, move_by_hand
from sinergi.operations.programme import create_programme, save_business
from tests.factories import KEBON_JAYANTI, UserFactory, assess

START, TODAY = date(2026, 6, 1), date(2026, 11, 20)
LEVELS = {"A1": 1, "A3": 1, "C1": 2, "C3": 1, "E1": 2}


def said():
    return {"op_id": uuid7(), "sent": ""}


def make_programme(
    by=None, *, wilayah_id=KEBON_JAYANTI, starts_on=START, pattern=None, partners=(), **fields
):
    """A programme of twelve months with the stages of the ready pattern, made by a koordinator."""
    op_id = uuid7()
    programme = Programme(
        **{
            "op_id": op_id,
            "name": "Sinergi Kebon Jayanti",
            "wilayah_id": wilayah_id,
            "starts_on": starts_on,
            "ends_on": months_after(starts_on, 12),
            "target": 20,
            **fields,
        }
    )
    create_programme(
        programme,
        by=by or UserFactory(koordinator=True),
        op_id=op_id,
        sent="",
        partners=partners,
        pattern=pattern or Template.objects.get(),
    )
    return programme


def yes_of(household, *, on):
    member = household.pengurus_terms.get(to_on=None).member
    return Yes(consent_text_on(on, "program"), member, Consent.How.SPOKEN, on)


def join(household, programme, *, on=START, levels=None, today=TODAY):
    """The family joins on the day `on`, assessed the day before unless `levels` is {}. Returns the Enrolment."""
    if levels != {}:
        assess(household, levels or LEVELS, on=on - timedelta(days=1))
    return enrol(
        household,
        by=household.pendamping,
        **said(),
        today=today,
        programme=programme,
        enrolled_on=on,
        yes=yes_of(household, on=on),
    )


def stage_of(enrolment):
    """The name of the stage that the family is in."""
    return enrolment.moves.latest("number").stage.name


def go_on(enrolment, *, by=None, today=TODAY):
    """Move by evidence; whether there was some."""
    by = by or enrolment.household.pendamping
    seen = {enrolment.pk: enrolment.moves.latest("number").number}
    return bool(advance(enrolment.programme, by=by, **said(), today=today, enrolments=seen))


def put(enrolment, name, *, on=TODAY, reason="Begitu kesepakatannya.", seen=None, by=None):
    """Move by hand to the stage of this name."""
    newest = enrolment.moves.latest("number")
    move_by_hand(
        enrolment,
        by=by or enrolment.household.pendamping,
        **said(),
        today=on,
        stage=enrolment.programme.stages.get(name=name),
        moved_on=on,
        reason=reason,
        seen=seen or newest.number,
    )


def end(enrolment, ending="berhenti", *, on=TODAY, why="Pindah kerja."):
    by = enrolment.household.pendamping
    leave(enrolment, by=by, **said(), today=on, left_on=on, ending=ending, why=why)


def train(household, *, on):
    """The family was at a training on the day `on`. Returns its place."""
    by = household.pendamping
    training = Training.objects.create(
        op_id=uuid7(),
        title="Pelatihan kemasan",
        wilayah_id=household.wilayah_id,
        code="C3",
        planned_on=on,
        held_on=on,
        seats=20,
        proposed_by=by,
    )
    return TrainingPlace.objects.create(
        training=training,
        household=household,
        wilayah_id=household.wilayah_id,
        pendamping=by,
        state=TrainingPlace.State.PRESENT,
    )


def make_business(programme, enrolments, *, on=TODAY, by=None, **fields):
    """A business group of `enrolments`, whose families join on the day `on`."""
    group = BusinessGroup(
        **{
            "op_id": uuid7(),
            "programme": programme,
            "name": "Dapur Rasa",
            "product": "Keripik pisang",
            "formed_on": on,
            **fields,
        }
    )
    save_business(
        group,
        by=by or enrolments[0].household.pendamping,
        **said(),
        joining=enrolments,
        leaving=[],
        today=on,
    )
    return group


def make_for_walker(family, words, on):
    """A programme of the family's kelurahan with the family in it, moved once for a reason that holds `words`, in a
    business group; the family's newest assessment is the baseline.
    """
    programme = make_programme(wilayah_id=family.wilayah_id, starts_on=on, name="Sinergi Walker")
    assert Assessment.objects.filter(household=family).exists()
    enrolment = join(family, programme, on=on, levels={}, today=on)
    put(enrolment, "Rencana keluarga", on=on, reason=words)
    group = make_business(programme, [enrolment], on=on)
    return {
        "programme": programme,
        "enrolment": enrolment,
        "business": group,
        "budget": BudgetLine.objects.create(
            programme=programme, stage=programme.stages.first(), what="Bahan", planned=500_000
        ),
    }
