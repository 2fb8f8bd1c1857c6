"""P2K2 and trainings for tests that walk every page, made by the operations themselves."""

from datetime import timedelta

from pkh_casework.ids import uuid7
from roles.models import Attendance, GroupSession, Trainer, Training, TrainingPlace
from tests.factories import hold, plan_session


def make_for_walker(family, group, words, today):
    """A session held today and one to come, a training that the family is invited to, a trainer; every text of the
    family holds `words`.
    """
    meeting = hold(plan_session(group, on=today), {family: "hadir"})
    GroupSession.objects.filter(pk=meeting.pk).update(place=words, facilitator=words)
    Attendance.objects.filter(group_session=meeting).update(note=words)
    pendamping = family.pendamping
    training = Training.objects.create(
        op_id=uuid7(),
        title="Pelatihan legalitas",
        wilayah_id=pendamping.wilayah_id,
        code="A1",
        planned_on=today,
        seats=20,
        proposed_by=pendamping,
    )
    TrainingPlace.objects.create(
        training=training, household=family, wilayah_id=family.wilayah_id, pendamping=pendamping, note=words
    )
    return {
        "meeting": meeting,
        "planned": plan_session(group, "ekonomi-2", on=today + timedelta(days=30)),
        "training": training,
        "trainer": Trainer.objects.create(
            name="Ibu Lilis", wilayah_id=pendamping.wilayah_id, topics="Kemasan"
        ),
    }
