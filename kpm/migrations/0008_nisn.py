"""The national number of a pupil, by which schools name children."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0007_merged"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="member",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="member",
            name="update_update",
        ),
        migrations.AddField(
            model_name="member",
            name="nisn",
            field=models.CharField(blank=True, db_default="", max_length=10, verbose_name="NISN"),
        ),
        migrations.AddField(
            model_name="memberevent",
            name="nisn",
            field=models.CharField(blank=True, db_default="", max_length=10, verbose_name="NISN"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("nisn", ""), _negated=True), fields=["nisn"], name="member_nisn"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "kpm_memberevent" ("birth_date", "household_id", "id", "left_on", "left_reason", "name", "nik", "nik_index", "nisn", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "sex") VALUES (NEW."birth_date", NEW."household_id", NEW."id", NEW."left_on", NEW."left_reason", NEW."name", NEW."nik", NEW."nik_index", NEW."nisn", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."relation", NEW."sex"); RETURN NULL;',
                    hash="e4b7bca1bcc50a8a91dab5d503103e526188e99c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ba202",
                    table="kpm_member",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "kpm_memberevent" ("birth_date", "household_id", "id", "left_on", "left_reason", "name", "nik", "nik_index", "nisn", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation", "sex") VALUES (NEW."birth_date", NEW."household_id", NEW."id", NEW."left_on", NEW."left_reason", NEW."name", NEW."nik", NEW."nik_index", NEW."nisn", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."relation", NEW."sex"); RETURN NULL;',
                    hash="5e44c61d8d470f54c94b42a47d199b18da0f44e4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_17603",
                    table="kpm_member",
                    when="AFTER",
                ),
            ),
        ),
    ]
