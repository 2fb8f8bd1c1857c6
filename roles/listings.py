"""The lists about work, each declared once for its page and its file: activities, sessions, trainings."""

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Lower

from pkh_casework.listing import Choice, Listing, Text
from wilayah.models import Wilayah

from .incidents.waiting import FOR_KOORDINATOR
from .models import (
    Activity,
    Attendance,
    Commitment,
    GroupSession,
    Incident,
    IncidentKind,
    Trainer,
    Training,
    TrainingPlace,
    VisitRemark,
)


class ActivityListing(Listing):
    """Activities, newest first: a pendamping's own, those done in a koordinator's area.

    Through the door of figures: what `visible_to` adds (activities done elsewhere for a family that came here later)
    is read on that family's page, and would make this list as slow as the country is large.
    """

    order = ("-occurred_on", "-id")

    def start(self):
        return Activity.objects.counted_for(self.user)


class SessionListing(Listing):
    """The next session of each kelompok, the longest due first, or the sessions held."""

    NEXT, DONE = "berikutnya", "sudah"
    STATES = {NEXT: "Berikutnya", DONE: "Sudah"}

    keadaan = Choice("Keadaan", STATES, default=NEXT, method="in_state")

    def start(self):
        return GroupSession.objects.visible_to(self.user)

    def in_state(self, sessions, name, chosen):
        if chosen == self.DONE:
            return sessions.exclude(activity=None)
        waiting = GroupSession.objects.filter(activity=None, group=OuterRef("group"))
        return sessions.filter(pk=Subquery(waiting.order_by("planned_on", "pk").values("pk")[:1]))

    @property
    def order(self):
        return ("-held_on", "-id") if self.in_force["keadaan"] == self.DONE else ("planned_on", "id")


class AttendanceListing(Listing):
    order = ("-held_on", "-pk")

    def start(self):
        return Attendance.objects.visible_to(self.user)


class CommitmentListing(Listing):
    order = ("-month", "-pk")

    def start(self):
        return Commitment.objects.visible_to(self.user)


class IncidentListing(Listing):
    """Kasus by what they wait for: the open ones by deadline, the overdue first; those that ended newest first."""

    OPEN, OVERDUE, DECIDE, APPEALED, DONE = "terbuka", "terlambat", "putusan", "keberatan", "selesai"
    STATES = {
        OPEN: "Terbuka",
        OVERDUE: "Lewat batas",
        DECIDE: "Menunggu koordinator",
        APPEALED: "Keberatan",
        DONE: "Selesai",
    }

    keadaan = Choice("Keadaan", STATES, default=OPEN, method="in_state")
    jenis = Text("Jenis kasus", field_name="kind", names=lambda listing: IncidentKind.objects.all())
    wilayah = Text("Wilayah", method="in_area", names=lambda listing: Wilayah.objects.all())

    def start(self):
        return Incident.objects.visible_to(self.user)

    def in_state(self, incidents, name, chosen):
        if chosen == self.DONE:
            return incidents.exclude(state__in=Incident.OPEN)
        incidents = incidents.open()
        if chosen == self.DECIDE:
            return incidents.filter(FOR_KOORDINATOR)
        if chosen == self.APPEALED:
            return incidents.filter(state=Incident.State.APPEALED)
        return incidents.filter(due_on__lt=self.today) if chosen == self.OVERDUE else incidents

    def in_area(self, incidents, name, code):
        return incidents.filter(household__wilayah__code__startswith=code)

    @property
    def order(self):
        return ("-id",) if self.in_force["keadaan"] == self.DONE else ("due_on", "id")


class RemarkListing(Listing):
    """What is asked about visits: what waits, or what was reviewed."""

    OPEN, DONE = "terbuka", "selesai"
    STATES = {OPEN: "Menunggu", DONE: "Sudah ditinjau"}

    keadaan = Choice("Keadaan", STATES, default=OPEN, method="in_state")

    def start(self):
        return VisitRemark.objects.visible_to(self.user)

    def in_state(self, remarks, name, chosen):
        if chosen == self.DONE:
            return remarks.exclude(review=None)
        return VisitRemark.objects.listed_for(self.user, self.today)


class TrainingListing(Listing):
    """Trainings of the area: those to come by day, those held newest first."""

    COMING, HELD = "akan-datang", "sudah"
    STATES = {COMING: "Akan datang", HELD: "Sudah"}

    keadaan = Choice("Keadaan", STATES, default=COMING, method="in_state")

    def start(self):
        return Training.objects.visible_to(self.user)

    def in_state(self, trainings, name, chosen):
        return trainings.exclude(held_on=None) if chosen == self.HELD else trainings.filter(held_on=None)

    @property
    def order(self):
        return ("-held_on", "-pk") if self.in_force["keadaan"] == self.HELD else ("planned_on", "pk")


class PlaceListing(Listing):
    order = ("-training__planned_on", "-pk")

    def start(self):
        return TrainingPlace.objects.visible_to(self.user)


class TrainerListing(Listing):
    order = ("folded_name", "pk")

    def start(self):
        trainers = Trainer.objects.visible_to(self.user).filter(is_active=True)
        return trainers.annotate(folded_name=Lower("name"))
