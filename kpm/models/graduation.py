"""The way out of the programme: a proposal, four eyes, a berita acara, and the watch afterwards."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from pkh_casework.dated import DatedQuerySet
from pkh_casework.ids import uuid7

from .assessment import Assessment
from .household import Household
from .member import Member
from .scope import CaseQuerySet, OfTheDayQuerySet


class GraduationKind(models.Model):
    """Why a family leaves; master data. `needs_family` kinds are signed by the family."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=60)
    explanation = models.CharField("penjelasan", max_length=300)
    needs_family = models.BooleanField("ditandatangani keluarga")
    position = models.PositiveSmallIntegerField("urutan")
    source = models.CharField("sumber", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "jenis graduasi"
        ordering = ["position"]

    def __str__(self):
        return self.name


class GraduationPaper(models.Model):
    """A document that a kind of graduation asks for; master data."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=40, primary_key=True)
    kind = models.ForeignKey(GraduationKind, models.PROTECT, related_name="papers")
    name = models.CharField("nama", max_length=120)
    required = models.BooleanField("wajib")
    position = models.PositiveSmallIntegerField("urutan")
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "position"]

    def __str__(self):
        return self.name


class GraduationCaseQuerySet(OfTheDayQuerySet):
    author = "proposed_by"

    def open(self):
        """Cases under way; a family has at most one."""
        return self.filter(state__in=GraduationCase.OPEN)

    def standing(self):
        """Cases by which a family is graduated now; a family has at most one."""
        return self.filter(state__in=GraduationCase.STANDING)


@pghistory.track()
class GraduationCase(models.Model):
    """One proposal that a family graduates; at most one of a family is open.

    `lens` is what the graduation lens said on the day of the proposal, as the koordinator then read it.
    `graduated_on` is the day of an approval that was not undone. `decided_by` is never `proposed_by`: the database
    refuses. `wilayah` is the area on the day of the last proposal or approval.
    """

    class State(models.TextChoices):
        DRAFT = "disiapkan", "Disiapkan"
        PROPOSED = "diusulkan", "Diusulkan"
        RETURNED = "dikembalikan", "Dikembalikan"
        APPROVED = "disetujui", "Disetujui"
        WITHDRAWN = "ditarik", "Ditarik"
        UNDONE = "dibatalkan", "Dibatalkan"
        ASKED_BACK = "minta_kembali", "Minta didampingi lagi"
        BACK = "kembali", "Kembali didampingi"

    OPEN = (State.DRAFT, State.PROPOSED, State.RETURNED)
    STANDING = (State.APPROVED, State.ASKED_BACK)

    personal_fields = frozenset({"statement", "lens", "signed_by", "decision"})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    op_id = models.UUIDField(unique=True, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="graduation_cases")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    kind = models.ForeignKey(GraduationKind, models.PROTECT, related_name="+", verbose_name="jenis graduasi")
    state = models.CharField("keadaan", max_length=15, choices=State, default=State.DRAFT)
    statement = models.TextField("alasan dan keadaan keluarga", max_length=2000)
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="+")
    lens = models.JSONField(default=dict, editable=False)
    signed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="ditandatangani oleh"
    )
    signed_on = models.DateField("tanggal tanda tangan", null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="graduations")
    proposed_on = models.DateField("diusulkan", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_on = models.DateField("diputuskan", null=True, blank=True)
    decision = models.CharField("keterangan keputusan", max_length=500, blank=True)
    graduated_on = models.DateField("graduasi", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = GraduationCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "graduasi"
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state__in=["disiapkan", "diusulkan", "dikembalikan"]),
                name="graduation_one_open_case",
                violation_error_message="Keluarga ini sudah punya usulan graduasi yang berjalan.",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state__in=["disetujui", "minta_kembali"]),
                name="graduation_one_standing_case",
                violation_error_message="Keluarga ini sudah graduasi.",
            ),
            models.CheckConstraint(
                name="graduation_four_eyes",
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                violation_error_message="Pengusul tidak boleh memutuskan usulannya sendiri.",
            ),
            models.CheckConstraint(
                name="graduation_approved_is_decided",
                condition=~Q(state__in=["disetujui", "dibatalkan", "minta_kembali", "kembali"])
                | Q(decided_by__isnull=False, decided_on__isnull=False),
            ),
            models.CheckConstraint(
                name="graduation_day_while_approved",
                condition=Q(state__in=["disetujui", "minta_kembali", "kembali"], graduated_on__isnull=False)
                | (~Q(state__in=["disetujui", "minta_kembali", "kembali"]) & Q(graduated_on=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["wilayah", "state", "proposed_on"], name="graduation_by_area"),
            models.Index(fields=["proposed_by", "graduated_on"], name="graduation_of_pendamping"),
            models.Index(fields=["household"], name="graduation_of_household"),
        ]

    def __str__(self):
        return f"{self.kind_id} {self.get_state_display()}"

    def get_absolute_url(self):
        return f"/graduasi/{self.pk}/"


class GraduationMove(models.Model):
    """One change of state of a case: who, when, why. Insert-only; nobody decides who once proposed or prepared."""

    personal_fields = frozenset({"reason"})

    op_id = models.UUIDField(unique=True, editable=False)
    case = models.ForeignKey(GraduationCase, models.PROTECT, related_name="moves")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    to_state = models.CharField("menjadi", max_length=15, choices=GraduationCase.State)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField("alasan", max_length=500, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        triggers = [
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="four_eyes",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=pgtrigger.Func(
                    "IF NEW.to_state IN ('disetujui', 'dikembalikan', 'dibatalkan', 'kembali') AND EXISTS ("
                    "SELECT FROM kpm_graduationmove WHERE case_id = NEW.case_id AND by_id = NEW.by_id"
                    " AND to_state IN ('disiapkan', 'diusulkan', 'minta_kembali')) THEN"
                    " RAISE EXCEPTION 'who proposed never decides' USING ERRCODE = 'check_violation'; END IF;"
                    " RETURN NEW;"
                ),
            ),
        ]


class GraduationFile(models.Model):
    """A photographed document of a case: re-encoded JPEG without metadata, under a random name."""

    personal_fields = frozenset({"file"})

    case = models.ForeignKey(GraduationCase, models.PROTECT, related_name="files")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    paper = models.ForeignKey(GraduationPaper, models.PROTECT, related_name="+")
    file = models.FileField(upload_to="graduasi/%Y/%m")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["paper", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "paper", "sha256"], name="graduation_file_once_a_paper")
        ]


class WatchCheckQuerySet(OfTheDayQuerySet):
    author = "case__proposed_by"

    def waiting(self):
        """Checks not done yet, of graduations that stand."""
        return self.filter(done_on=None, case__state__in=GraduationCase.STANDING)


@pghistory.track()
class WatchCheck(models.Model):
    """A light look after graduation, `months` months later: by phone or visit, how the family stands."""

    class Outcome(models.TextChoices):
        STANDS = "bertahan", "Tetap mandiri"
        SHAKY = "goyah", "Mulai goyah"
        FALLEN = "kembali_rentan", "Kembali rentan"
        UNREACHED = "tidak_terhubungi", "Tidak dapat dihubungi"

    personal_fields = frozenset({"note"})

    case = models.ForeignKey(GraduationCase, models.PROTECT, related_name="checks")
    household = models.ForeignKey(Household, models.PROTECT, related_name="checks")
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+")
    months = models.PositiveSmallIntegerField("bulan sesudah graduasi")
    due_on = models.DateField("waktunya")
    op_id = models.UUIDField(unique=True, null=True, editable=False)
    done_on = models.DateField("dilakukan", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    by_phone = models.BooleanField("lewat telepon", default=False)
    outcome = models.CharField("keadaan", max_length=20, choices=Outcome, blank=True)
    note = models.TextField("catatan", max_length=1000, blank=True)

    objects = WatchCheckQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "months"], name="watch_check_once"),
            models.CheckConstraint(
                name="watch_check_done_is_told",
                condition=Q(done_on=None, outcome="") | (Q(done_on__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            models.Index(fields=["household", "due_on"], condition=Q(done_on=None), name="watch_check_due")
        ]

    def get_absolute_url(self):
        return f"/graduasi/{self.case_id}/cek/{self.months}/"
