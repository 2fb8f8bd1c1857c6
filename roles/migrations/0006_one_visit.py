"""Acts hang on the home visit in which they were done, and a call is told apart from meeting a family."""

import django.db.models.deletion
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import pkh_casework.ids

# A call was "met" until now; it stays answered or not, and is known as a call. What was locked keeps its own rows.
CALLS = """
UPDATE roles_activitykind SET is_call = true WHERE code = 'komunikasi';
UPDATE roles_activityhousehold reached SET is_call = true
FROM roles_activity done WHERE done.id = reached.activity_id AND done.kind_id = 'komunikasi';
UPDATE roles_activityhouseholdevent reached SET is_call = true
FROM roles_activity done WHERE done.id = reached.activity_id AND done.kind_id = 'komunikasi';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0009_steps"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("resources", "0001_first_tables"),
        ("roles", "0005_rhk_action"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActKind",
            fields=[
                (
                    "code",
                    models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="kode"),
                ),
                ("name", models.CharField(max_length=60, verbose_name="nama")),
                ("sentence", models.CharField(max_length=120, verbose_name="kalimat")),
                ("position", models.PositiveSmallIntegerField(verbose_name="urutan")),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
            ],
            options={
                "verbose_name": "yang dikerjakan saat kunjungan",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="VisitAct",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=pkh_casework.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitActEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=pkh_casework.ids.uuid7, editable=False, serialize=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="activity",
            name="before_change_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="activity",
            name="before_delete_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="activityhousehold",
            name="before_change_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="activityhousehold",
            name="before_delete_delete",
        ),
        migrations.AddField(
            model_name="activity",
            name="from_acts",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="activityevent",
            name="from_acts",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="activityhousehold",
            name="is_call",
            field=models.BooleanField(db_default=False, default=False, verbose_name="telepon atau pesan"),
        ),
        migrations.AddField(
            model_name="activityhouseholdevent",
            name="is_call",
            field=models.BooleanField(db_default=False, default=False, verbose_name="telepon atau pesan"),
        ),
        migrations.AddField(
            model_name="activitykind",
            name="is_call",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="lewat telepon atau pesan"
            ),
        ),
        migrations.RunSQL(CALLS, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="before_change_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "roles_activityevent" ("from_acts", "group_id", "id", "kind_id", "next_step", "next_step_on", "notes", "occurred_on", "op_id", "outcome", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "received_at", "reopened_until", "rhk_action", "sub_role_id", "wilayah_id") VALUES (OLD."from_acts", OLD."group_id", OLD."id", OLD."kind_id", OLD."next_step", OLD."next_step_on", OLD."notes", OLD."occurred_on", OLD."op_id", OLD."outcome", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_change\', OLD."id", OLD."place", OLD."received_at", OLD."reopened_until", OLD."rhk_action", OLD."sub_role_id", OLD."wilayah_id"); RETURN NULL;',
                    hash="d822070956e7fb3cbcdf70e775d81a8080c6cfff",
                    operation="UPDATE",
                    pgid="pgtrigger_before_change_update_1a225",
                    table="roles_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="before_delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "roles_activityevent" ("from_acts", "group_id", "id", "kind_id", "next_step", "next_step_on", "notes", "occurred_on", "op_id", "outcome", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "received_at", "reopened_until", "rhk_action", "sub_role_id", "wilayah_id") VALUES (OLD."from_acts", OLD."group_id", OLD."id", OLD."kind_id", OLD."next_step", OLD."next_step_on", OLD."notes", OLD."occurred_on", OLD."op_id", OLD."outcome", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_delete\', OLD."id", OLD."place", OLD."received_at", OLD."reopened_until", OLD."rhk_action", OLD."sub_role_id", OLD."wilayah_id"); RETURN NULL;',
                    hash="512e0f8cd54b255e62fe292458de4db97a3e18b8",
                    operation="DELETE",
                    pgid="pgtrigger_before_delete_delete_e6f61",
                    table="roles_activity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activityhousehold",
            trigger=pgtrigger.compiler.Trigger(
                name="before_change_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "roles_activityhouseholdevent" ("activity_id", "household_id", "id", "is_call", "is_visit", "met", "occurred_on", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "step_done_on", "step_due_on", "wilayah_id") VALUES (OLD."activity_id", OLD."household_id", OLD."id", OLD."is_call", OLD."is_visit", OLD."met", OLD."occurred_on", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_change\', OLD."id", OLD."step_done_on", OLD."step_due_on", OLD."wilayah_id"); RETURN NULL;',
                    hash="777759d6087618875e31060ef1a3eca36b96db73",
                    operation="UPDATE",
                    pgid="pgtrigger_before_change_update_03f4e",
                    table="roles_activityhousehold",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activityhousehold",
            trigger=pgtrigger.compiler.Trigger(
                name="before_delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "roles_activityhouseholdevent" ("activity_id", "household_id", "id", "is_call", "is_visit", "met", "occurred_on", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "step_done_on", "step_due_on", "wilayah_id") VALUES (OLD."activity_id", OLD."household_id", OLD."id", OLD."is_call", OLD."is_visit", OLD."met", OLD."occurred_on", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_delete\', OLD."id", OLD."step_done_on", OLD."step_due_on", OLD."wilayah_id"); RETURN NULL;',
                    hash="5982f95fe85215e1441fc7a508695592fce321be",
                    operation="DELETE",
                    pgid="pgtrigger_before_delete_delete_42655",
                    table="roles_activityhousehold",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="activitykind",
            constraint=models.CheckConstraint(
                condition=models.Q(("counts_as_visit", False), ("is_call", False), _connector="OR"),
                name="kind_call_is_no_visit",
                violation_error_message="Telepon bukan kunjungan rumah. Pilih salah satu.",
            ),
        ),
        migrations.AddField(
            model_name="actkind",
            name="sub_role",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="roles.subrole",
                verbose_name="peran bila kunjungannya tidak dicatat sendiri",
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="assessment",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visit_act",
                to="kpm.assessment",
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="goal",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visit_act",
                to="kpm.goal",
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="goal_step",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visit_act",
                to="kpm.goalstep",
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.actkind"
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="payment_check",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visit_act",
                to="kpm.paymentcheck",
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="referral",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visit_act",
                to="resources.referral",
            ),
        ),
        migrations.AddField(
            model_name="visitact",
            name="row",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="roles.activityhousehold"
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="assessment",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="kpm.assessment",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="goal",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="kpm.goal",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="goal_step",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="kpm.goalstep",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="kind",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="roles.actkind",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="payment_check",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="kpm.paymentcheck",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="roles.visitact",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="referral",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="resources.referral",
            ),
        ),
        migrations.AddField(
            model_name="visitactevent",
            name="row",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="roles.activityhousehold",
            ),
        ),
        migrations.AddConstraint(
            model_name="visitact",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("assessment"),
                        models.F("goal"),
                        models.F("goal_step"),
                        models.F("referral"),
                        models.F("payment_check"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="visit_act_is_one_act",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visitact",
            trigger=pgtrigger.compiler.Trigger(
                name="before_change_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "roles_visitactevent" ("assessment_id", "goal_id", "goal_step_id", "id", "kind_id", "payment_check_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "referral_id", "row_id") VALUES (OLD."assessment_id", OLD."goal_id", OLD."goal_step_id", OLD."id", OLD."kind_id", OLD."payment_check_id", _pgh_attach_context(), NOW(), \'before_change\', OLD."id", OLD."referral_id", OLD."row_id"); RETURN NULL;',
                    hash="6d1baf4ded16b1312a5a7d77e0274ef5530b8af5",
                    operation="UPDATE",
                    pgid="pgtrigger_before_change_update_77609",
                    table="roles_visitact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visitact",
            trigger=pgtrigger.compiler.Trigger(
                name="before_delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "roles_visitactevent" ("assessment_id", "goal_id", "goal_step_id", "id", "kind_id", "payment_check_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "referral_id", "row_id") VALUES (OLD."assessment_id", OLD."goal_id", OLD."goal_step_id", OLD."id", OLD."kind_id", OLD."payment_check_id", _pgh_attach_context(), NOW(), \'before_delete\', OLD."id", OLD."referral_id", OLD."row_id"); RETURN NULL;',
                    hash="d768d98b220cdec92c901d73786ab812fa656c23",
                    operation="DELETE",
                    pgid="pgtrigger_before_delete_delete_88c08",
                    table="roles_visitact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="visitactevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="77afa48e6ad77375b6fdb7ec4e12d6faee840e32",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1e9c6",
                    table="roles_visitactevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
