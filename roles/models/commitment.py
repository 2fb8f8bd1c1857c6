"""Verifikasi komitmen: what PKH expects of a member of a family each month, and whether it was kept."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kpm.models import Component, Household, Member
from kpm.models.scope import OfTheDayQuerySet
from pkh_casework.access import KOORDINATOR, PENDAMPING
from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7

from .activity import Activity

MOST_DAYS = 31  # in a month


def percent_words(percent):
    """A percent (Decimal or None) with all its places, never rounded up to a limit that it does not reach: '84,61'."""
    return "" if percent is None else f"{percent.normalize():f}".replace(".", ",")


class CommitmentKind(models.Model):
    """What is verified: the attendance at school as days away, all else as having come to the service or not."""

    class Measure(models.TextChoices):
        ATTENDANCE = "hadir", "persen hadir"
        CHECK = "periksa", "datang atau tidak"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=24, primary_key=True)
    name = models.CharField("nama", max_length=60)
    measure = models.CharField("cara mengukur", max_length=10, choices=Measure)
    category = models.CharField("bagian", max_length=20, choices=Component.Category)
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "komitmen"
        ordering = ["position"]

    def __str__(self):
        return self.name


class CommitmentRule(models.Model):
    """Which members a kind of commitment binds and when it is kept; master data.

    Ages in months, both included. Attendance: at least `least_percent` of the school days of a month; whether days with
    leave or ill count as present is said here. A check: once `within_months`.
    """

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=24, primary_key=True)
    kind = models.ForeignKey(CommitmentKind, models.PROTECT, related_name="rules", verbose_name="komitmen")
    component = models.ForeignKey(Component, models.PROTECT, related_name="+", verbose_name="komponen")
    least_age_months = models.PositiveSmallIntegerField("umur paling sedikit", null=True, blank=True)
    most_age_months = models.PositiveSmallIntegerField("umur paling banyak", null=True, blank=True)
    least_percent = models.PositiveSmallIntegerField("persen paling sedikit", null=True, blank=True)
    leave_is_present = models.BooleanField("izin dihitung hadir")
    ill_is_present = models.BooleanField("sakit dihitung hadir")
    within_months = models.PositiveSmallIntegerField("sekali dalam bulan")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "aturan komitmen"
        ordering = ["kind__position", "key"]

    def binds(self, age_months):
        """Whether it holds for who is so many months old; None stands for an age that nobody knows: then those in the
        middle of life's stages bind.
        """
        least, most = self.least_age_months, self.most_age_months
        if age_months is None:
            return (least is None) == (most is None)
        return (least is None or least <= age_months) and (most is None or age_months <= most)


class CommitmentQuerySet(OfTheDayQuerySet):
    def not_kept(self):
        """Those that were verified and not kept."""
        return self.filter(state=Commitment.State.NOT_KEPT)


@pghistory.track()
class Commitment(models.Model):
    """Whether a member kept one commitment in one month; `month` is its first day.

    Of attendance it tells the school days and the days away, and the `percent` present, cut to two places; of a check
    whether the member `came`, None where nobody knows. `pendamping` is who verified it first (of what a koordinator
    stored, who held the family), `wilayah` the area of that day, `activity` the verification in which it was, `op_id`
    the tap whose receipt stands for it.
    """

    class State(models.TextChoices):
        KEPT = "terpenuhi", "Terpenuhi"
        NOT_KEPT = "belum", "Belum terpenuhi"
        OPEN = "terbuka", "Belum dinilai"

    class Source(models.TextChoices):
        TYPED = "diketik", "Diketik"
        FILE = "berkas", "Berkas sekolah"

    SAID = ("effective_days", "absent", "leave", "ill", "percent", "came")

    personal_fields = frozenset({"kind", "component", "place", *SAID})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="commitments")
    member = models.ForeignKey(Member, models.PROTECT, related_name="commitments")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.ForeignKey(CommitmentKind, models.PROTECT, related_name="+", verbose_name="komitmen")
    component = models.ForeignKey(Component, models.PROTECT, related_name="+", verbose_name="komponen")
    month = models.DateField("bulan")
    place = models.CharField("sekolah/faskes", max_length=120, blank=True)
    effective_days = models.PositiveSmallIntegerField("hari efektif", null=True)
    absent = models.PositiveSmallIntegerField("alpa", null=True)
    leave = models.PositiveSmallIntegerField("izin", null=True)
    ill = models.PositiveSmallIntegerField("sakit", null=True)
    percent = models.DecimalField("persen hadir", max_digits=5, decimal_places=2, null=True)
    came = models.BooleanField("datang", null=True)
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.OPEN)
    source = models.CharField("asal", max_length=10, choices=Source)
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="commitments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    op_id = models.UUIDField()
    recorded_on = models.DateField("dicatat")

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = "komitmen"
        ordering = ["-month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "month", "kind"], name="commitment_once_a_month"),
            models.CheckConstraint(name="commitment_of_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="commitment_percent_of_hundred",
                condition=Q(percent=None) | Q(percent__gte=0, percent__lte=100),
            ),
        ]
        indexes = [
            models.Index(fields=["household", "month"], name="commitment_of_household"),
            models.Index(fields=["wilayah", "month", "state"], name="commitment_by_area"),
            models.Index(fields=["pendamping", "month"], name="commitment_by_pendamping"),
        ]

    @property
    def missed(self):
        """Days not in class, for any reason."""
        return (self.absent or 0) + (self.leave or 0) + (self.ill or 0)

    @property
    def is_told(self):
        """Whether anything is known of it."""
        return self.percent is not None or self.came is not None

    @property
    def percent_words(self):
        """'84,61', or "" for none."""
        return percent_words(self.percent)


class SchoolFileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A file is its sender's alone: what stands in it may be about children of others."""
        return self.filter(user=user) if user.duty in {PENDAMPING, KOORDINATOR} else self.none()


class SchoolFile(models.Model):
    """A school's form as it was sent, sealed, until it is stored or OLDEST days have gone: see commitments.school_file.

    `first_month` is the first day of its quarter; `outcome` numbers of what came of it, {} until it is stored.
    """

    personal_fields = frozenset({"name", "school", "content"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField("nama berkas", max_length=200)
    sha256 = models.CharField(max_length=64)
    npsn = models.CharField("NPSN", max_length=20, blank=True)
    school = models.CharField("sekolah", max_length=120, blank=True)
    first_month = models.DateField("bulan pertama")
    content = models.BinaryField("isi")
    outcome = models.JSONField("hasil", default=dict)
    sent_at = models.DateTimeField("dikirim", default=timezone.now)
    stored_at = models.DateTimeField("disimpan", null=True)

    objects = SchoolFileQuerySet.as_manager()

    class Meta:
        verbose_name = "berkas sekolah"
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["user", "-sent_at"], name="school_file_of_user")]

    def __str__(self):
        return self.pk.hex[-8:].upper()

    def get_absolute_url(self):
        return f"/komitmen/berkas/{self.pk}/"
