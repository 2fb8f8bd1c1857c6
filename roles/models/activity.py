"""What was done: an activity in one role, the families it reached, its photos."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from entries.history import keep_old_versions
from kpm.models import Goal, GoalStep, Group, Household, Member
from kpm.models.scope import OfTheDayQuerySet
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.ids import uuid7
from resources.models import Partner

from .catalogue import ActivityKind, SubRole

EDIT_DAYS = 7
CONTACTS = {
    (False, True): "bertemu",
    (False, False): "tidak bertemu",
    (True, True): "tersambung",
    (True, False): "tidak tersambung",
}


class ActivityQuerySet(OfTheDayQuerySet):
    def visible_to(self, user):
        """Activities `user` may read: own ones (also of families handed over), those that reached a family held
        now, and for a koordinator all of the area of the day or of families now in the area.
        """
        if user.duty == PENDAMPING:
            reached = ActivityHousehold.objects.filter(household__pendamping=user).values("activity")
            return self.filter(Q(pendamping=user) | Q(pk__in=reached))
        if user.duty == KOORDINATOR:
            reached = ActivityHousehold.objects.filter(
                household__wilayah__code__startswith=user.wilayah_id
            ).values("activity")
            return self.filter(Q(wilayah__code__startswith=user.wilayah_id) | Q(pk__in=reached))
        return self.none()


@keep_old_versions
class Activity(models.Model):
    """One thing done on one day in one role, for none, one or many families.

    `sub_role` is the only one that counts in figures. `wilayah` is the area of the day. `reopened_until` is set by a
    koordinator when an entry older than EDIT_DAYS must be corrected. `rhk_action` is the key of the rencana aksi that a
    person put it under (reports.models.PlanAction), "" where the map says it. `from_acts`: nobody wrote this home visit
    down by itself; it stands for what was done in it (VisitAct), which roles.operations.visit tells of it.
    """

    personal_fields = frozenset({"notes", "outcome", "next_step", "place"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="activities")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    occurred_on = models.DateField("tanggal")
    kind = models.ForeignKey(ActivityKind, models.PROTECT, related_name="+", verbose_name="jenis kegiatan")
    sub_role = models.ForeignKey(SubRole, models.PROTECT, related_name="+", verbose_name="peran")
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField("tempat", max_length=120, blank=True)
    partners = models.ManyToManyField(
        Partner, blank=True, related_name="activities", verbose_name="mitra yang dihubungi"
    )
    notes = models.TextField("apa yang dilakukan", max_length=4000)
    outcome = models.TextField("hasil", max_length=1000, blank=True)
    next_step = models.CharField("janji", max_length=300, blank=True)
    next_step_on = models.DateField("tanggal janji", null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    reopened_until = models.DateTimeField(null=True, editable=False)
    rhk_action = models.CharField(
        "rencana aksi RHK", max_length=16, blank=True, default="", db_default="", editable=False
    )
    from_acts = models.BooleanField(default=False, db_default=False, editable=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "kegiatan"
        ordering = ["-occurred_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="activity_step_and_date_together",
                condition=Q(next_step="", next_step_on=None)
                | (~Q(next_step="") & Q(next_step_on__isnull=False)),
                violation_error_message="Isi janji bersama tanggalnya.",
            )
        ]
        indexes = [
            models.Index(fields=["pendamping", "-occurred_on", "-id"], name="activity_of_pendamping"),
            models.Index(fields=["wilayah", "-occurred_on"], name="activity_of_wilayah"),
            # The newest of a kota or province, without sorting all that was ever done there.
            models.Index(fields=["-occurred_on", "-id"], name="activity_newest_first"),
        ]

    def __str__(self):
        return f"{self.kind_id} {self.occurred_on}"

    def get_absolute_url(self):
        return f"/kegiatan/{self.pk}/"

    def editable_until(self):
        """The moment until which the author may change this entry: EDIT_DAYS after the server received it."""
        window = self.received_at + timedelta(days=EDIT_DAYS)
        return max(window, self.reopened_until) if self.reopened_until else window

    def is_editable_by(self, user, now):
        """Whether its author may still correct it, or a koordinator lets a correction in that came too late."""
        is_in_time = now < self.editable_until() or user.is_asked_as_former_holder
        return self.pendamping_id == user.pk and is_in_time


class ActivityHouseholdQuerySet(OfTheDayQuerySet):
    def home_visits(self):
        """Home visits at which the family was met: the only rows that set `last_visited_on`."""
        return self.filter(is_visit=True, met=True)

    def calls(self):
        """Calls and messages that the family answered."""
        return self.filter(is_call=True, met=True)

    def in_person(self):
        """Where the family was met: a call meets nobody."""
        return self.filter(met=True, is_call=False)

    def open_steps(self):
        """Next steps promised and not yet done."""
        return self.filter(step_due_on__isnull=False, step_done_on=None)


@keep_old_versions
class ActivityHousehold(models.Model):
    """An activity reached a family, or tried to (`met` False: tidak bertemu; of a call: tidak tersambung).

    Pendamping, area, day and whether it is a home visit or a call are copied from the activity, so that a family's timeline,
    the last visit and the month's figures each read one index; `roles.operations` is their only writer.
    """

    personal_fields = frozenset()

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="families")
    household = models.ForeignKey(Household, models.PROTECT, related_name="activity_rows")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    occurred_on = models.DateField("tanggal")
    is_visit = models.BooleanField("kunjungan rumah")
    is_call = models.BooleanField("telepon atau pesan", default=False, db_default=False)
    met = models.BooleanField("bertemu")
    members = models.ManyToManyField(Member, blank=True, related_name="+", verbose_name="anggota terkait")
    goals = models.ManyToManyField(
        Goal, blank=True, related_name="activity_rows", verbose_name="tujuan yang dilayani"
    )
    goal_steps = models.ManyToManyField(
        GoalStep, blank=True, related_name="activity_rows", verbose_name="langkah yang selesai"
    )
    step_due_on = models.DateField(null=True)
    step_done_on = models.DateField(null=True)

    objects = ActivityHouseholdQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "household"], name="activity_once_per_household"),
        ]
        indexes = [
            models.Index(fields=["household", "-occurred_on", "-id"], name="timeline_of_household"),
            models.Index(fields=["wilayah", "occurred_on"], name="activity_rows_of_wilayah"),
            models.Index(fields=["pendamping", "occurred_on"], name="activity_rows_of_pendamping"),
            models.Index(
                fields=["household", "step_due_on"],
                name="open_steps_of_household",
                condition=Q(step_due_on__isnull=False, step_done_on=None),
            ),
        ]

    @property
    def contact(self):
        """Whether the family was reached, in words."""
        return CONTACTS[self.is_call, self.met]


class PhotoQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Photos of activities that reached a family `user` may open. After a handover the author, and after a move
        the area of the day, still reads the text, but the pictures stay with the family's present holder and area.
        """
        if user.duty == PENDAMPING:
            family, without = Q(household__pendamping=user), Q(pendamping=user)
        elif user.duty == KOORDINATOR:
            family = Q(household__wilayah__code__startswith=user.wilayah_id)
            without = Q(wilayah__code__startswith=user.wilayah_id)
        else:
            return self.none()
        # Subqueries, since a join to the families would repeat a photo for each of them.
        reached = ActivityHousehold.objects.filter(family).values("activity")
        without_family = Activity.objects.filter(without, families=None).values("pk")
        return self.filter(Q(activity__in=reached) | Q(activity__in=without_family))


class Photo(models.Model):
    """A photo of an activity: re-encoded JPEG without metadata, under a random name."""

    personal_fields = frozenset({"file"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="photos")
    file = models.FileField(upload_to="kegiatan/%Y/%m")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["activity", "sha256"], name="photo_once_per_activity")]
