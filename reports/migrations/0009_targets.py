"""Targets, and the one for every pendamping, which stood in kpm."""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import pkh_casework.ids


def take_over(apps, editor):
    """Bring along what kpm.Target holds, and what is proposed for it."""
    rule = apps.get_model("reports", "TargetRule")
    rule.objects.bulk_create(
        rule(
            figure=old.figure,
            value=old.yearly,
            valid_from=old.valid_from,
            valid_to=old.valid_to,
            source=old.source,
        )
        for old in apps.get_model("kpm", "Target").objects.all()
    )
    for proposal in apps.get_model("master", "Proposal").objects.filter(table="kpm.target"):
        proposal.table = "reports.targetrule"
        proposal.rows = [
            {"value" if name == "yearly" else name: text for name, text in row.items()}
            for row in proposal.rows
        ]
        proposal.save(update_fields=["table", "rows"])


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0009_steps"),
        ("master", "0001_first_tables"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("reports", "0008_letterhead"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Target",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pkh_casework.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("op_id", models.UUIDField(editable=False, unique=True)),
                ("figure", models.CharField(max_length=40, verbose_name="angka")),
                ("from_month", models.DateField(verbose_name="berlaku mulai bulan")),
                ("until_month", models.DateField(blank=True, null=True, verbose_name="sampai sebelum bulan")),
                ("value", models.PositiveIntegerField(blank=True, null=True, verbose_name="target")),
                ("reason", models.CharField(max_length=300, verbose_name="mengapa")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("diajukan", "Menunggu"),
                            ("disetujui", "Disetujui"),
                            ("ditolak", "Ditolak"),
                            ("ditarik", "Ditarik"),
                        ],
                        default="diajukan",
                        max_length=12,
                        verbose_name="keadaan",
                    ),
                ),
                ("proposed_on", models.DateField(verbose_name="diusulkan")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="diputuskan")),
                (
                    "decision",
                    models.CharField(blank=True, max_length=300, verbose_name="keterangan keputusan"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pendamping",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wilayah",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="wilayah.wilayah"
                    ),
                ),
            ],
            options={
                "verbose_name": "target",
                "ordering": ["-from_month", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TargetEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=pkh_casework.ids.uuid7, editable=False, serialize=False)),
                ("op_id", models.UUIDField(editable=False)),
                ("figure", models.CharField(max_length=40, verbose_name="angka")),
                ("from_month", models.DateField(verbose_name="berlaku mulai bulan")),
                ("until_month", models.DateField(blank=True, null=True, verbose_name="sampai sebelum bulan")),
                ("value", models.PositiveIntegerField(blank=True, null=True, verbose_name="target")),
                ("reason", models.CharField(max_length=300, verbose_name="mengapa")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("diajukan", "Menunggu"),
                            ("disetujui", "Disetujui"),
                            ("ditolak", "Ditolak"),
                            ("ditarik", "Ditarik"),
                        ],
                        default="diajukan",
                        max_length=12,
                        verbose_name="keadaan",
                    ),
                ),
                ("proposed_on", models.DateField(verbose_name="diusulkan")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="diputuskan")),
                (
                    "decision",
                    models.CharField(blank=True, max_length=300, verbose_name="keterangan keputusan"),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pendamping",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="reports.target",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wilayah",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="wilayah.wilayah",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TargetRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figure", models.CharField(max_length=40, verbose_name="angka")),
                ("value", models.PositiveIntegerField(verbose_name="per pendamping")),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
                ("source", models.CharField(max_length=200, verbose_name="sumber")),
            ],
            options={
                "verbose_name": "target umum",
                "ordering": ["figure", "valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("figure", "valid_from"), name="target_rule_once_a_day")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["wilayah", "state", "figure"], name="target_by_area"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["pendamping", "state"], name="target_of_pendamping"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_month__day", 1)), name="target_month_is_first_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_month", None),
                    models.Q(("until_month__day", 1), ("until_month__gte", models.F("from_month"))),
                    _connector="OR",
                ),
                name="target_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", None), ("decided_on", None), ("state", "diajukan")),
                    models.Q(
                        models.Q(("state", "diajukan"), _negated=True),
                        ("decided_by__isnull", False),
                        ("decided_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="target_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("state", "ditarik"),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="target_four_eyes",
                violation_error_message="Usulan sendiri diputuskan orang lain.",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "disetujui"), ("until_month", None)),
                fields=("figure", "wilayah", "pendamping"),
                name="target_one_without_end",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "diajukan")),
                fields=("figure", "wilayah", "pendamping", "from_month"),
                name="target_one_proposal_a_month",
                nulls_distinct=False,
                violation_error_message="Usulan untuk bulan itu sudah ada dan masih menunggu.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="approved_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF OLD.state = 'disetujui' AND (OLD.figure, OLD.wilayah_id, OLD.pendamping_id, OLD.from_month, OLD.value, OLD.state) IS DISTINCT FROM (NEW.figure, NEW.wilayah_id, NEW.pendamping_id, NEW.from_month, NEW.value, NEW.state) THEN RAISE EXCEPTION 'a target in force is replaced, never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="f3385bc37c80ab7b9bb075b7069d8898579d6ae7",
                    operation="UPDATE",
                    pgid="pgtrigger_approved_stays_ac9c2",
                    table="reports_target",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="before_change_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reports_targetevent" ("created_at", "decided_by_id", "decided_on", "decision", "figure", "from_month", "id", "op_id", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "proposed_on", "reason", "state", "until_month", "value", "wilayah_id") VALUES (OLD."created_at", OLD."decided_by_id", OLD."decided_on", OLD."decision", OLD."figure", OLD."from_month", OLD."id", OLD."op_id", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_change\', OLD."id", OLD."proposed_by_id", OLD."proposed_on", OLD."reason", OLD."state", OLD."until_month", OLD."value", OLD."wilayah_id"); RETURN NULL;',
                    hash="6a039bc92012d295e46b44991ab86fe336083759",
                    operation="UPDATE",
                    pgid="pgtrigger_before_change_update_79a79",
                    table="reports_target",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="target",
            trigger=pgtrigger.compiler.Trigger(
                name="before_delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reports_targetevent" ("created_at", "decided_by_id", "decided_on", "decision", "figure", "from_month", "id", "op_id", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "proposed_on", "reason", "state", "until_month", "value", "wilayah_id") VALUES (OLD."created_at", OLD."decided_by_id", OLD."decided_on", OLD."decision", OLD."figure", OLD."from_month", OLD."id", OLD."op_id", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_delete\', OLD."id", OLD."proposed_by_id", OLD."proposed_on", OLD."reason", OLD."state", OLD."until_month", OLD."value", OLD."wilayah_id"); RETURN NULL;',
                    hash="c348971d6cfa0db6f95ebbce8ec582e99e430b50",
                    operation="DELETE",
                    pgid="pgtrigger_before_delete_delete_8ca73",
                    table="reports_target",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="targetevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b24e0f555af54da97da6f48c39932b059f4e9414",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_adc18",
                    table="reports_targetevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
