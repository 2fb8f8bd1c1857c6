"""Kasus: their kinds, what happened and what came of it, the steps, the history, and the confidential notes."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from pkh_casework.ids import uuid7
from pkh_casework.tables import CreateTables, insert_only, numbered, table, with_history

STATES = [
    ("terbuka", "Terbuka"),
    ("ditangani", "Ditangani"),
    ("menunggu", "Menunggu pihak lain"),
    ("diputus", "Diputus"),
    ("banding", "Keberatan"),
    ("selesai", "Selesai"),
    ("ditutup", "Ditutup tanpa tindak lanjut"),
]
OPEN = Q(state__in=["terbuka", "ditangani", "menunggu", "diputus", "banding"])


def key_to(model, **said):
    return models.ForeignKey(model, models.PROTECT, **({"related_name": "+"} | said))


def own_key():
    return models.UUIDField(default=uuid7, editable=False, primary_key=True, serialize=False)


def of_one_tap():
    return models.UUIDField(editable=False, unique=True)


def number(name):
    return models.PositiveSmallIntegerField(name)


def maybe(name):
    return models.DateField(name, blank=True, null=True)


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0008_nisn"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("resources", "0001_first_tables"),
        ("roles", "0002_commitments"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            table(
                "IncidentKind",
                code=models.CharField("kode", max_length=24, primary_key=True, serialize=False),
                name=models.CharField("nama", max_length=60),
                urgency=models.CharField(
                    "kegentingan",
                    max_length=10,
                    choices=[("darurat", "Darurat"), ("segera", "Segera"), ("biasa", "Biasa")],
                ),
                days=number("batas (hari)"),
                tell_days=number("batas menyampaikan (hari)"),
                appeal_days=number("batas keberatan (hari)"),
                tell=models.CharField("wajib diberi tahu", max_length=200),
                advice=models.CharField("yang pertama dilakukan", max_length=200),
                position=number("urutan"),
                source=models.CharField("sumber", max_length=200),
                valid_from=models.DateField("berlaku sejak"),
                valid_to=maybe("berlaku sampai"),
                options={"verbose_name": "jenis kasus", "ordering": ["position"]},
            ),
            with_history(
                "Incident",
                id=own_key(),
                op_id=of_one_tap(),
                household=key_to("kpm.household", related_name="incidents"),
                member=key_to("kpm.member", verbose_name="menyangkut siapa", null=True, blank=True),
                wilayah=key_to("wilayah.wilayah"),
                pendamping=key_to(settings.AUTH_USER_MODEL),
                kind=key_to("roles.incidentkind", verbose_name="jenis kasus"),
                what=models.TextField("apa yang terjadi", max_length=2000),
                reported_by=models.CharField(
                    "dilaporkan oleh",
                    max_length=10,
                    choices=[
                        ("keluarga", "Keluarga sendiri"),
                        ("tetangga", "Tetangga"),
                        ("rt", "RT, RW, atau kader"),
                        ("temuan", "Temuan pendamping"),
                        ("lain", "Pihak lain"),
                    ],
                ),
                happened_on=models.DateField("terjadi"),
                reported_on=models.DateField("dilaporkan"),
                due_on=models.DateField("batas waktu"),
                state=models.CharField("keadaan", max_length=10, choices=STATES, default="terbuka"),
                waits_for=models.CharField(
                    "menunggu siapa",
                    max_length=12,
                    blank=True,
                    choices=[
                        ("koordinator", "Koordinator PKH"),
                        ("dinas", "Dinas atau instansi"),
                        ("mitra", "Bank, Pos, atau mitra"),
                        ("kelurahan", "Kelurahan atau desa"),
                        ("keluarga", "Keluarga"),
                    ],
                ),
                waits_since=maybe("menunggu sejak"),
                referral=key_to("resources.referral", verbose_name="rujukan", null=True, blank=True),
                decision=models.TextField("keputusan", max_length=1000, blank=True),
                decided_by=models.CharField("diputus oleh", max_length=120, blank=True),
                decided_on=maybe("diputus"),
                decided_with=key_to(settings.AUTH_USER_MODEL, null=True, blank=True),
                told_on=maybe("disampaikan ke keluarga"),
                appealed_on=maybe("keberatan"),
                appeal_reason=models.TextField("alasan keberatan", max_length=1000, blank=True),
                appeal_answer=models.CharField(
                    "jawaban keberatan",
                    max_length=12,
                    blank=True,
                    choices=[
                        ("dikabulkan", "Dikabulkan"),
                        ("sebagian", "Dikabulkan sebagian"),
                        ("ditolak", "Ditolak"),
                    ],
                ),
                appeal_decision=models.TextField("keputusan atas keberatan", max_length=1000, blank=True),
                appeal_decided_by=key_to(settings.AUTH_USER_MODEL, null=True, blank=True),
                appeal_decided_on=maybe("keberatan diputus"),
                ended_on=maybe("berakhir"),
                options={
                    "verbose_name": "kasus",
                    "ordering": ["due_on", "id"],
                    "constraints": [
                        models.CheckConstraint(
                            name="incident_reported_after_it_happened",
                            condition=Q(happened_on__lte=F("reported_on")),
                            violation_error_message="Kasus dilaporkan sesudah terjadi.",
                        ),
                        models.CheckConstraint(
                            name="incident_decided_with_words",
                            condition=Q(decided_on=None) | ~Q(decision=""),
                            violation_error_message="Tulis keputusannya.",
                        ),
                    ],
                    "indexes": [
                        models.Index(fields=["household", "-id"], name="incident_of_household"),
                        models.Index(
                            fields=["wilayah", "due_on"], name="incident_open_by_area", condition=OPEN
                        ),
                        models.Index(fields=["due_on", "id"], name="incident_open_by_day", condition=OPEN),
                        models.Index(fields=["wilayah", "reported_on"], name="incident_by_area"),
                        models.Index(fields=["wilayah", "decided_on"], name="incident_decided_by_area"),
                    ],
                },
            ),
            table(
                "IncidentMove",
                id=numbered(),
                op_id=of_one_tap(),
                incident=key_to("roles.incident", related_name="moves"),
                household=key_to("kpm.household"),
                to_state=models.CharField("menjadi", max_length=10, choices=STATES),
                happened_on=models.DateField("tanggal"),
                by=key_to(settings.AUTH_USER_MODEL),
                reason=models.CharField("alasan atau catatan", max_length=1000, blank=True),
                at=models.DateTimeField(default=django.utils.timezone.now),
                options={
                    "verbose_name": "riwayat kasus",
                    "ordering": ["at", "pk"],
                    "triggers": [insert_only()],
                },
            ),
            with_history(
                "IncidentStep",
                id=own_key(),
                op_id=of_one_tap(),
                incident=key_to("roles.incident", related_name="steps"),
                household=key_to("kpm.household"),
                text=models.CharField("apa yang dilakukan", max_length=200),
                whom=models.CharField("oleh siapa", max_length=80),
                due_on=models.DateField("paling lambat"),
                done_on=maybe("selesai"),
                options={"verbose_name": "langkah kasus", "ordering": ["due_on", "id"]},
            ),
            table(
                "IncidentNote",
                id=own_key(),
                op_id=of_one_tap(),
                incident=key_to("roles.incident", related_name="notes"),
                household=key_to("kpm.household"),
                by=key_to(settings.AUTH_USER_MODEL),
                at=models.DateTimeField("ditulis", default=django.utils.timezone.now),
                sealed=models.BinaryField("isi"),
                options={
                    "verbose_name": "catatan rahasia",
                    "ordering": ["at", "pk"],
                    "triggers": [insert_only()],
                },
            ),
        ),
    ]
