"""Master data of programmes: their numbers, the conditions of a stage, and the pattern that a programme starts from."""

from django.db import models

from pkh_casework.dated import DatedQuerySet


class ProgrammeRule(models.Model):
    """The numbers in force from one day to another.

    `months` and `target` (families) are what a new programme begins with; outside of `least_families` to
    `most_families` it is warned about. Without a move for `stuck_days` a family counts as stuck. A baseline is at most
    `baseline_days` old. Similar families differ by at most `near_mean` in the mean level; fewer than `small_number`
    families are said to be few. `fit_paths` and `fit_codes` (indicators) tell whom a programme can help.
    """

    personal_fields = frozenset()

    valid_from = models.DateField("berlaku sejak", unique=True)
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)
    months = models.PositiveSmallIntegerField("lama (bulan)")
    target = models.PositiveSmallIntegerField("sasaran keluarga")
    least_families = models.PositiveSmallIntegerField("keluarga paling sedikit")
    most_families = models.PositiveSmallIntegerField("keluarga paling banyak")
    stuck_days = models.PositiveSmallIntegerField("hari tanpa langkah")
    baseline_days = models.PositiveSmallIntegerField("umur asesmen awal (hari)")
    near_mean = models.DecimalField("selisih rata-rata", max_digits=3, decimal_places=2)
    small_number = models.PositiveSmallIntegerField("batas angka kecil")
    fit_paths = models.CharField("jalur yang cocok", max_length=60)
    fit_codes = models.CharField("indikator yang cocok", max_length=60)

    objects = DatedQuerySet.as_manager()

    @classmethod
    def on(cls, day):
        """The rule in force on `day`."""
        return cls.objects.valid_on(day).get()


class Condition(models.Model):
    """One thing that must be there before a family enters or leaves a stage, in words a family understands.

    Any of `checks` (names in sinergi.evidence) shows it; `codes` are the indicators that a check speaks of.
    """

    class Since(models.TextChoices):
        START = "awal", "sejak ikut program"
        STAGE = "tahap", "sejak masuk tahap"

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=80)
    explanation = models.CharField("penjelasan", max_length=300)
    checks = models.CharField("bukti", max_length=60)
    codes = models.CharField("indikator", max_length=40, blank=True)
    since = models.CharField("sejak", max_length=10, choices=Since)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "syarat"

    def __str__(self):
        return self.name


class Template(models.Model):
    """A ready order of stages that a new programme copies."""

    personal_fields = frozenset()

    code = models.CharField("kode", max_length=20, primary_key=True)
    name = models.CharField("nama", max_length=60)
    description = models.CharField("keterangan", max_length=200)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "pola"
        ordering = ["name"]

    def __str__(self):
        return self.name


class TemplateStage(models.Model):
    """One stage of a template; `entry` and `exit` are codes of conditions, space between, all of which must hold."""

    personal_fields = frozenset()

    key = models.CharField("kunci", max_length=24, primary_key=True)
    template = models.ForeignKey(Template, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField("urutan")
    name = models.CharField("nama", max_length=60)
    purpose = models.CharField("maksud", max_length=200)
    entry = models.CharField("syarat masuk", max_length=80, blank=True)
    exit = models.CharField("syarat keluar", max_length=80, blank=True)
    valid_from = models.DateField("berlaku sejak")
    valid_to = models.DateField("berlaku sampai", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "tahap pola"
        ordering = ["template", "position"]
        constraints = [models.UniqueConstraint(fields=["template", "position"], name="template_stage_place")]
