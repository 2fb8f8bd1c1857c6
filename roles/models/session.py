"""Group sessions (P2K2) and trainings: the catalogue, the plan of a kelompok, and who came."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from kpm.models import Group, Household, Member
from kpm.models.scope import OfTheDayQuerySet
from pkh_casework.access import KELURAHAN, KOORDINATOR, PENDAMPING
from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7
from resources.models import AreaQuerySet, Partner, Resource

from .activity import Activity
from .catalogue import SubRole


class Module(models.Model):
    """A module of P2K2; master data. `sub_role` is the role that its sessions are held in unless told otherwise."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=80)
    position = models.PositiveSmallIntegerField("urutan")
    sub_role = models.ForeignKey(SubRole, models.PROTECT, related_name="+", verbose_name="peran")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "modul"
        ordering = ["position"]

    def __str__(self):
        return self.name


class ModuleSession(models.Model):
    """One session of a module; `lifts` names the indicators it serves, space between."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=24, primary_key=True)
    module = models.ForeignKey(Module, models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField("sesi")
    name = models.CharField("judul", max_length=120)
    lifts = models.CharField("indikator", max_length=40, blank=True)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "sesi"
        ordering = ["module__position", "number"]
        constraints = [models.UniqueConstraint(fields=["module", "number"], name="session_once_a_module")]

    def __str__(self):
        return self.name


class GroupSessionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Sessions of a pendamping's own kelompok; a koordinator's those of the area."""
        if user.duty == PENDAMPING and user.is_asked_as_former_holder:
            return self.filter(group__in=Group.objects.visible_to(user))
        if user.duty == PENDAMPING:
            return self.filter(group__pendamping=user)
        if user.duty == KOORDINATOR:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.none()

    def counted_for(self, user):
        """Sessions that enter a figure shown to `user`, each with its `worker`: who held it, or has to."""
        sessions = self.annotate(worker=Coalesce("activity__pendamping", "group__pendamping"))
        if user.duty == PENDAMPING:
            return sessions.filter(worker=user.pk)
        if user.duty in {KELURAHAN, KOORDINATOR}:
            return sessions.filter(wilayah__code__startswith=user.wilayah_id)
        return self.none()


@pghistory.track()
class GroupSession(models.Model):
    """One session of one kelompok, planned for a day; held once its `activity` is there.

    The activity carries author, day, families and photos; attendance says who of them came.
    """

    personal_fields = frozenset({"place", "facilitator"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="sessions", verbose_name="kelompok")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    session = models.ForeignKey(ModuleSession, models.PROTECT, related_name="+", verbose_name="sesi")
    planned_on = models.DateField("rencana")
    activity = models.OneToOneField(
        Activity, models.PROTECT, null=True, blank=True, related_name="group_session"
    )
    held_on = models.DateField("dilaksanakan", null=True, blank=True)
    facilitator = models.CharField("pengisi", max_length=120, blank=True)
    place = models.CharField("tempat", max_length=120, blank=True)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = GroupSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "pertemuan"
        ordering = ["planned_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="group_session_held_with_activity",
                condition=Q(activity=None, held_on=None) | Q(activity__isnull=False, held_on__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["group", "planned_on"], name="session_of_group"),
            models.Index(fields=["wilayah", "held_on"], name="session_held_by_area"),
        ]

    def get_absolute_url(self):
        return f"/pertemuan/{self.pk}/"


class AttendanceQuerySet(OfTheDayQuerySet):
    author = "group_session__activity__pendamping"

    def counted_for(self, user):
        """Rows that enter a figure shown to `user`, each with its `worker`: who held the session, in the area of the
        day.
        """
        return super().counted_for(user).annotate(worker=F(self.author))


@pghistory.track()
class Attendance(models.Model):
    """Whether a family of the kelompok came to a session, and who came for it."""

    class State(models.TextChoices):
        PRESENT = "hadir", "Hadir"
        EXCUSED = "izin", "Izin"
        ABSENT = "tidak_hadir", "Tidak hadir"

    personal_fields = frozenset({"who", "note"})

    group_session = models.ForeignKey(GroupSession, models.PROTECT, related_name="attendance")
    household = models.ForeignKey(Household, models.PROTECT, related_name="attendance")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    state = models.CharField("kehadiran", max_length=12, choices=State)
    who = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField("keterangan", max_length=120, blank=True)
    held_on = models.DateField()

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group_session", "household"], name="attendance_once")]
        indexes = [
            models.Index(fields=["household", "held_on"], name="attendance_of_household"),
            models.Index(fields=["wilayah", "held_on", "state"], name="attendance_by_area"),
        ]


class TrainingQuerySet(AreaQuerySet):
    def counted_for(self, user):
        """Trainings that enter a figure shown to `user`: those proposed, or held for the area or a part of it."""
        if user.duty == PENDAMPING:
            return self.filter(proposed_by=user)
        if user.duty in {KELURAHAN, KOORDINATOR}:
            return self.filter(wilayah__code__startswith=user.wilayah_id)
        return self.none()


@pghistory.track()
class Training(models.Model):
    """A training for families of an area, shared by several pendamping; held once `held_on` is there.

    All in and around the area see it; its list of families has its own door.
    """

    personal_fields = frozenset({"note"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    title = models.CharField("judul", max_length=120)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+", verbose_name="wilayah")
    code = models.CharField("indikator", max_length=4)
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="trainings")
    trainer = models.CharField("pelatih", max_length=120, blank=True)
    place = models.CharField("tempat", max_length=120, blank=True)
    planned_on = models.DateField("rencana")
    seats = models.PositiveSmallIntegerField("tempat duduk")
    held_on = models.DateField("dilaksanakan", null=True, blank=True)
    note = models.TextField("catatan", max_length=1000, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = "pelatihan"
        ordering = ["-planned_on", "-pk"]
        indexes = [models.Index(fields=["wilayah", "planned_on"], name="training_by_area")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"/pelatihan/{self.pk}/"


@pghistory.track()
class TrainingPlace(models.Model):
    """A family's place in a training: invited, coming, was there or not; then with the `activity` that says so."""

    class State(models.TextChoices):
        INVITED = "diundang", "Diundang"
        COMING = "bersedia", "Bersedia"
        DECLINED = "menolak", "Tidak bisa"
        PRESENT = "hadir", "Hadir"
        ABSENT = "tidak_hadir", "Tidak hadir"

    personal_fields = frozenset({"who", "note"})

    training = models.ForeignKey(Training, models.PROTECT, related_name="places")
    household = models.ForeignKey(Household, models.PROTECT, related_name="training_places")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    who = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("keadaan", max_length=12, choices=State, default=State.INVITED)
    level_before = models.PositiveSmallIntegerField("tingkat saat diundang", null=True)
    note = models.CharField("keterangan", max_length=120, blank=True)
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="training_places"
    )

    objects = OfTheDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "household"], name="training_place_once")]
        indexes = [models.Index(fields=["household"], name="training_of_household")]


@pghistory.track()
class Trainer(models.Model):
    """Somebody who can hold a training, with what."""

    personal_fields = frozenset()

    name = models.CharField("nama", max_length=120)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="trainers")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    topics = models.CharField("bidang", max_length=200)
    codes = models.CharField("indikator", max_length=40, blank=True)
    phone = models.CharField("telepon", max_length=30, blank=True)
    is_active = models.BooleanField("masih aktif", default=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = "pelatih"
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name
