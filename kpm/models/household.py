"""The case: one family (KPM), identified by its family card, and who holds it since when."""

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pkh_casework.fields import BlindIndexField, IdentityNumberField
from pkh_casework.ids import uuid7
from pkh_casework.phones import is_mobile
from pkh_casework.places import place_of, read_place

from .dated import one_a_day
from .group import Group
from .scope import CaseQuerySet
from .search import found_in


class HouseholdQuerySet(CaseQuerySet):
    to_household = ""

    def active(self):
        """Families still accompanied: aktif or calon graduasi."""
        return self.filter(status__in=Household.ACTIVE)

    def not_visited_since(self, day):
        """Families without a home visit on or after `day`."""
        return self.filter(Q(last_visited_on=None) | Q(last_visited_on__lt=day))

    def at_place(self, rt, rw):
        """Families of this RT and RW (ints); None asks for neither, both None for families that have neither."""
        if rt is None and rw is None:
            return self.filter(rt=None, rw=None)
        return self.filter(**{name: value for name, value in (("rt", rt), ("rw", rw)) if value is not None})

    def searched(self, text):
        """Families of one caseload that a person means by `text`: a name of the pengurus or of anybody on the card, the
        street, dusun, kelompok or phone number, with a slip of the finger; `RW 5`, `RT 3 RW 5` or `3/5`; a case number with
        or without `PKH-`. In no order; models.search.found_in tells it.
        """
        found = found_in(self, text)
        return self.asked_place(text) if found is None else self.filter(pk__in=found.ids)

    def asked_place(self, text):
        """Families at the place that `text` says ("RT 3 RW 5"); all, when it says none."""
        place = read_place(text)
        return self.at_place(*place) if place else self


_Families = models.Manager.from_queryset(HouseholdQuerySet)


class StandingManager(_Families):
    """The families as they stand: without those that were found to be another one."""

    def get_queryset(self):
        return super().get_queryset().filter(merged_into=None)


@pghistory.track(exclude=["last_visited_on"])
class Household(models.Model):
    """Keluarga Penerima Manfaat: one beneficiary family, on one family card (KK). In the UI: *KPM*.

    `name` (the pengurus' name) and `pendamping` are caches, written only by kpm.operations in the transaction that
    changes the dated rows behind them; `last_visited_on` is written by roles. Without an RT or RW in its desa a family has
    None there. `phone` is kept as pkh_casework.phones makes it. `merged_into` is the family that this one was found to be:
    it is then no family of its own any more, its address leads there (kpm.converters), and only `every` still finds it.
    """

    class Status(models.TextChoices):
        AKTIF = "aktif", "Aktif"
        CALON_GRADUASI = "calon_graduasi", "Calon graduasi"
        GRADUASI = "graduasi", "Graduasi"
        NONAKTIF = "nonaktif", "Nonaktif"

    ACTIVE = (Status.AKTIF, Status.CALON_GRADUASI)

    class Path(models.TextChoices):
        USAHA = "usaha", "Jalur usaha"
        KERJA = "kerja", "Jalur kerja"
        PERLINDUNGAN = "perlindungan", "Jalur perlindungan"

    # What forms offer of a family; handing it over has its own operation.
    OWN_FIELDS = (
        "no_kk",
        "address",
        "dusun",
        "rt",
        "rw",
        "wilayah",
        "phone",
        "group",
        "status",
        "path",
        "desil",
        "joined_on",
        "notes",
    )
    OFFERED = (*OWN_FIELDS, "pendamping")

    personal_fields = frozenset(
        {"name", "no_kk", "address", "dusun", "rt", "phone", "latitude", "longitude", "notes"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_number = models.CharField("nomor kasus", max_length=9, unique=True, editable=False)
    name = models.CharField("nama pengurus", max_length=120, editable=False)
    no_kk = IdentityNumberField("nomor KK")
    no_kk_index = BlindIndexField(of="no_kk")
    address = models.CharField("alamat", max_length=200)
    dusun = models.CharField("dusun", max_length=60, blank=True)
    rt = models.PositiveSmallIntegerField("RT", null=True, blank=True)
    rw = models.PositiveSmallIntegerField("RW", null=True, blank=True)
    wilayah = models.ForeignKey("wilayah.Wilayah", models.PROTECT, related_name="+", verbose_name="kelurahan")
    latitude = models.DecimalField("lintang", max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("bujur", max_digits=9, decimal_places=6, null=True, blank=True)
    phone = models.CharField("nomor HP keluarga", max_length=20, blank=True)
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="households", verbose_name="kelompok"
    )
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="households")
    status = models.CharField("status", max_length=20, choices=Status, default=Status.AKTIF)
    path = models.CharField("jalur", max_length=20, choices=Path, default=Path.USAHA)
    desil = models.PositiveSmallIntegerField("desil", null=True, blank=True)
    joined_on = models.DateField("menjadi KPM sejak")
    notes = models.TextField("catatan", blank=True, max_length=1000)
    last_visited_on = models.DateField("kunjungan terakhir", null=True, editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        db_index=False,  # nearly nobody's; a whole index would be taken for the answer to every search
        related_name="merged",
        verbose_name="digabung ke",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StandingManager()
    every = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = "KPM"
        constraints = [
            models.CheckConstraint(
                name="household_desil_1_to_10",
                condition=Q(desil=None) | Q(desil__range=(1, 10)),
                violation_error_message="Desil antara 1 dan 10.",
            ),
            models.CheckConstraint(
                name="household_rt_rw_from_1",
                condition=(Q(rt=None) | Q(rt__range=(1, 999))) & (Q(rw=None) | Q(rw__range=(1, 999))),
                violation_error_message="RT dan RW antara 1 dan 999.",
            ),
        ]
        indexes = [
            models.Index(fields=["pendamping", "name", "id"], name="household_of_pendamping"),
            models.Index(fields=["wilayah", "rw", "rt", "name", "id"], name="household_by_place"),
            models.Index(fields=["no_kk_index"], name="household_no_kk_index"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="household_merged"
            ),
            GinIndex(
                fields=["name", "address", "dusun", "phone"],
                opclasses=["gin_trgm_ops"] * 4,
                name="household_words_trigram",
            ),
        ]

    def __str__(self):
        return self.case_number

    def get_absolute_url(self):
        return f"/kpm/{self.case_number}/"

    @property
    def place(self):
        """Where in its kelurahan it lives (pkh_casework.places)."""
        return place_of(self)

    @property
    def has_whatsapp(self):
        """Whether its number may be written to."""
        return is_mobile(self.phone)

    @property
    def geo_url(self):
        """The address that opens the house in the map app of a phone, "" without a point."""
        if self.latitude is None or self.longitude is None:
            return ""
        point = f"{self.latitude:.6f},{self.longitude:.6f}"
        return f"geo:{point}?q={point}"

    def is_held_by(self, user):
        """Whether `user` accompanies the family, or did when what is let in now was written down."""
        return self.pendamping_id == user.pk or user.is_asked_as_former_holder


class Assignment(models.Model):
    """Who holds a family in [from_on, to_on). Written only by kpm.operations.assign; never two holders on one day."""

    personal_fields = frozenset()

    household = models.ForeignKey(Household, models.PROTECT, related_name="assignments")
    pendamping = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    from_on = models.DateField("sejak")
    to_on = models.DateField("sampai", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField("alasan", max_length=200, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            one_a_day("assignment_one_holder_a_day", "KPM ini sudah punya pendamping pada tanggal itu."),
        ]
        indexes = [models.Index(fields=["pendamping", "from_on"], name="assignment_of_pendamping")]
