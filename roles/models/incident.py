"""Kasus: a complaint or a danger that a family is in, until it is answered; with notes that few may read."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kpm.models import Household, Member
from kpm.models.scope import CaseQuerySet, OfTheDayQuerySet
from pkh_casework.dated import DatedQuerySet
from pkh_casework.fields import seal, unseal
from pkh_casework.ids import uuid7
from resources.models import Referral


class IncidentKind(models.Model):
    """A sort of kasus, how soon it must be answered, and who must be told; master data.

    `days` from the report to the answer, `tell_days` from there until the family has heard it, `appeal_days` from an
    appeal to its answer. Who writes a kasus down sees `tell` and `advice` at once.
    """

    class Urgency(models.TextChoices):
        DANGER = "darurat", "Darurat"
        SOON = "segera", "Segera"
        PLAIN = "biasa", "Biasa"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=24, primary_key=True)
    name = models.CharField("nama", max_length=60)
    urgency = models.CharField("kegentingan", max_length=10, choices=Urgency)
    days = models.PositiveSmallIntegerField("batas (hari)")
    tell_days = models.PositiveSmallIntegerField("batas menyampaikan (hari)")
    appeal_days = models.PositiveSmallIntegerField("batas keberatan (hari)")
    tell = models.CharField("wajib diberi tahu", max_length=200)
    advice = models.CharField("yang pertama dilakukan", max_length=200)
    position = models.PositiveSmallIntegerField("urutan")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "jenis kasus"
        ordering = ["position"]

    def __str__(self):
        return self.name


class IncidentQuerySet(OfTheDayQuerySet):
    def open(self):
        """Those that somebody still has to answer, or whose answer the family has not heard."""
        return self.filter(state__in=Incident.OPEN)


@pghistory.track()
class Incident(models.Model):
    """One kasus of a family, or of one `member` of it; `state` is the newest of its moves.

    `pendamping` is who wrote it down, `wilayah` the area of that day. `due_on` is the day by which the next answer must
    be there: the decision, that the family has heard of it, and once the family objects the second decision. `decided_by` says who decided, in
    words, since it is mostly an institution; `decided_with` is who wrote it down. A family objects once, and then a
    koordinator who is not `decided_with` decides.
    """

    class State(models.TextChoices):
        NEW = "terbuka", "Terbuka"
        HANDLED = "ditangani", "Ditangani"
        WAITING = "menunggu", "Menunggu pihak lain"
        DECIDED = "diputus", "Diputus"
        APPEALED = "banding", "Keberatan"
        DONE = "selesai", "Selesai"
        CLOSED = "ditutup", "Ditutup tanpa tindak lanjut"

    class Reporter(models.TextChoices):
        FAMILY = "keluarga", "Keluarga sendiri"
        NEIGHBOUR = "tetangga", "Tetangga"
        RT = "rt", "RT, RW, atau kader"
        OWN = "temuan", "Temuan pendamping"
        OTHER = "lain", "Pihak lain"

    class Waits(models.TextChoices):
        KOORDINATOR = "koordinator", "Koordinator PKH"
        AGENCY = "dinas", "Dinas atau instansi"
        PARTNER = "mitra", "Bank, Pos, atau mitra"
        VILLAGE = "kelurahan", "Kelurahan atau desa"
        FAMILY = "keluarga", "Keluarga"

    class Answer(models.TextChoices):
        GRANTED = "dikabulkan", "Dikabulkan"
        PARTLY = "sebagian", "Dikabulkan sebagian"
        REFUSED = "ditolak", "Ditolak"

    ANSWERABLE = (State.NEW, State.HANDLED, State.WAITING)
    OPEN = (*ANSWERABLE, State.DECIDED, State.APPEALED)

    personal_fields = frozenset(
        {"kind", "what", "decision", "decided_by", "appeal_reason", "appeal_decision", "reported_by"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="incidents")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="menyangkut siapa"
    )
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.ForeignKey(IncidentKind, models.PROTECT, related_name="+", verbose_name="jenis kasus")
    what = models.TextField("apa yang terjadi", max_length=2000)
    reported_by = models.CharField("dilaporkan oleh", max_length=10, choices=Reporter)
    happened_on = models.DateField("terjadi")
    reported_on = models.DateField("dilaporkan")
    due_on = models.DateField("batas waktu")
    state = models.CharField("keadaan", max_length=10, choices=State, default=State.NEW)
    waits_for = models.CharField("menunggu siapa", max_length=12, choices=Waits, blank=True)
    waits_since = models.DateField("menunggu sejak", null=True, blank=True)
    referral = models.ForeignKey(
        Referral, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="rujukan"
    )
    decision = models.TextField("keputusan", max_length=1000, blank=True)
    decided_by = models.CharField("diputus oleh", max_length=120, blank=True)
    decided_on = models.DateField("diputus", null=True, blank=True)
    decided_with = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    told_on = models.DateField("disampaikan ke keluarga", null=True, blank=True)
    appealed_on = models.DateField("keberatan", null=True, blank=True)
    appeal_reason = models.TextField("alasan keberatan", max_length=1000, blank=True)
    appeal_answer = models.CharField("jawaban keberatan", max_length=12, choices=Answer, blank=True)
    appeal_decision = models.TextField("keputusan atas keberatan", max_length=1000, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    appeal_decided_on = models.DateField("keberatan diputus", null=True, blank=True)
    ended_on = models.DateField("berakhir", null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = "kasus"
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="incident_reported_after_it_happened",
                condition=Q(happened_on__lte=models.F("reported_on")),
                violation_error_message="Kasus dilaporkan sesudah terjadi.",
            ),
            models.CheckConstraint(
                name="incident_decided_with_words",
                condition=Q(decided_on=None) | ~Q(decision=""),
                violation_error_message="Tulis keputusannya.",
            ),
        ]
        indexes = [
            models.Index(fields=["household", "-id"], name="incident_of_household"),
            models.Index(
                fields=["wilayah", "due_on"],
                condition=Q(state__in=["terbuka", "ditangani", "menunggu", "diputus", "banding"]),
                name="incident_open_by_area",
            ),
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state__in=["terbuka", "ditangani", "menunggu", "diputus", "banding"]),
                name="incident_open_by_day",
            ),
            models.Index(fields=["wilayah", "reported_on"], name="incident_by_area"),
            models.Index(fields=["wilayah", "decided_on"], name="incident_decided_by_area"),
        ]

    def __str__(self):
        return f"{self.kind_id} {self.get_state_display()}"

    def get_absolute_url(self):
        return f"/kasus/{self.pk}/"

    @property
    def is_open(self):
        return self.state in self.OPEN


class IncidentMove(models.Model):
    """One change of a kasus: when, by whom, why. Insert-only."""

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="moves")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    to_state = models.CharField("menjadi", max_length=10, choices=Incident.State)
    happened_on = models.DateField("tanggal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField("alasan atau catatan", max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "riwayat kasus"
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class IncidentStepQuerySet(CaseQuerySet):
    def waiting(self):
        return self.filter(done_on=None)


@pghistory.track()
class IncidentStep(models.Model):
    """Something to be done for a kasus: what, by whom, by which day."""

    personal_fields = frozenset({"text", "whom"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="steps")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    text = models.CharField("apa yang dilakukan", max_length=200)
    whom = models.CharField("oleh siapa", max_length=80)
    due_on = models.DateField("paling lambat")
    done_on = models.DateField("selesai", null=True, blank=True)

    objects = IncidentStepQuerySet.as_manager()

    class Meta:
        verbose_name = "langkah kasus"
        ordering = ["due_on", "id"]

    def __str__(self):
        return self.text


class IncidentNoteQuerySet(CaseQuerySet):
    """The narrowest door of the house: who holds the family now, and a koordinator of its area."""

    def visible_to(self, user):
        """None to the author of a held form, who is asked as a former holder: the notes went with the family."""
        return self.none() if user.is_asked_as_former_holder else super().visible_to(user)

    def counted_for(self, user):
        """In no figure."""
        return self.none()


class IncidentNote(models.Model):
    """A confidential note to a kasus, sealed for its row. Insert-only; every opening is kept in the trail."""

    personal_fields = frozenset({"sealed"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="notes")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("ditulis", default=timezone.now)
    sealed = models.BinaryField("isi")

    objects = IncidentNoteQuerySet.as_manager()

    class Meta:
        verbose_name = "catatan rahasia"
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    @property
    def _context(self):
        return f"roles.incidentnote:sealed:{self.pk}"

    def write(self, text):
        """Seal `text` (str) with the current key."""
        self.sealed = seal(text, self._context)

    def read(self):
        """The text. Raises NumberUnreadable when no known key opens it."""
        return unseal(self.sealed, self._context)

    @property
    def key_id(self):
        """The id of the encryption key that sealed it."""
        return bytes(self.sealed)[1]
