"""Under which rencana aksi of the RHK a person put an activity, where that is not what the map says."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0004_phrase_roles"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="activity",
            name="before_change_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="activity",
            name="before_delete_delete",
        ),
        migrations.AddField(
            model_name="activity",
            name="rhk_action",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=16,
                verbose_name="rencana aksi RHK",
            ),
        ),
        migrations.AddField(
            model_name="activityevent",
            name="rhk_action",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=16,
                verbose_name="rencana aksi RHK",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="activity",
            trigger=pgtrigger.compiler.Trigger(
                name="before_change_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "roles_activityevent" ("group_id", "id", "kind_id", "next_step", "next_step_on", "notes", "occurred_on", "op_id", "outcome", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "received_at", "reopened_until", "rhk_action", "sub_role_id", "wilayah_id") VALUES (OLD."group_id", OLD."id", OLD."kind_id", OLD."next_step", OLD."next_step_on", OLD."notes", OLD."occurred_on", OLD."op_id", OLD."outcome", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_change\', OLD."id", OLD."place", OLD."received_at", OLD."reopened_until", OLD."rhk_action", OLD."sub_role_id", OLD."wilayah_id"); RETURN NULL;',
                    hash="3ff93a7b853cf07c1c7c9585d31c62a5f5797116",
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
                    func='INSERT INTO "roles_activityevent" ("group_id", "id", "kind_id", "next_step", "next_step_on", "notes", "occurred_on", "op_id", "outcome", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "received_at", "reopened_until", "rhk_action", "sub_role_id", "wilayah_id") VALUES (OLD."group_id", OLD."id", OLD."kind_id", OLD."next_step", OLD."next_step_on", OLD."notes", OLD."occurred_on", OLD."op_id", OLD."outcome", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_delete\', OLD."id", OLD."place", OLD."received_at", OLD."reopened_until", OLD."rhk_action", OLD."sub_role_id", OLD."wilayah_id"); RETURN NULL;',
                    hash="506ad88dc94bc6f828d395a233358c86e565a450",
                    operation="DELETE",
                    pgid="pgtrigger_before_delete_delete_e6f61",
                    table="roles_activity",
                    when="AFTER",
                ),
            ),
        ),
    ]
