"""A family that was found to be another one, when two may be one, and people by the day they were born."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0006_family_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="DuplicateRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, verbose_name="kode")),
                ("points", models.SmallIntegerField(verbose_name="nilai")),
                ("most", models.PositiveSmallIntegerField(default=1, verbose_name="paling banyak")),
                ("valid_from", models.DateField(verbose_name="berlaku sejak")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="berlaku sampai")),
                ("source", models.CharField(max_length=200, verbose_name="sumber")),
            ],
            options={
                "verbose_name": "aturan keluarga ganda",
                "ordering": ["code", "valid_from"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="household",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="household",
            name="update_update",
        ),
        migrations.AddField(
            model_name="household",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="kpm.household",
                verbose_name="digabung ke",
            ),
        ),
        migrations.AddField(
            model_name="householdevent",
            name="merged_into",
            field=models.ForeignKey(
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="kpm.household",
                verbose_name="digabung ke",
            ),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="household_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["birth_date"], name="member_born"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="household",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "kpm_householdevent" ("address", "case_number", "created_at", "desil", "dusun", "group_id", "id", "joined_on", "latitude", "longitude", "merged_into_id", "name", "no_kk", "no_kk_index", "notes", "path", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "rt", "rw", "status", "wilayah_id") VALUES (NEW."address", NEW."case_number", NEW."created_at", NEW."desil", NEW."dusun", NEW."group_id", NEW."id", NEW."joined_on", NEW."latitude", NEW."longitude", NEW."merged_into_id", NEW."name", NEW."no_kk", NEW."no_kk_index", NEW."notes", NEW."path", NEW."pendamping_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."rt", NEW."rw", NEW."status", NEW."wilayah_id"); RETURN NULL;',
                    hash="6b22c91a26cf6477f9113e24db59ae9b4fbeefe3",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7b9fb",
                    table="kpm_household",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="household",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."case_number" IS DISTINCT FROM (NEW."case_number") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."desil" IS DISTINCT FROM (NEW."desil") OR OLD."dusun" IS DISTINCT FROM (NEW."dusun") OR OLD."group_id" IS DISTINCT FROM (NEW."group_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."joined_on" IS DISTINCT FROM (NEW."joined_on") OR OLD."latitude" IS DISTINCT FROM (NEW."latitude") OR OLD."longitude" IS DISTINCT FROM (NEW."longitude") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."no_kk" IS DISTINCT FROM (NEW."no_kk") OR OLD."no_kk_index" IS DISTINCT FROM (NEW."no_kk_index") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."path" IS DISTINCT FROM (NEW."path") OR OLD."pendamping_id" IS DISTINCT FROM (NEW."pendamping_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."rt" IS DISTINCT FROM (NEW."rt") OR OLD."rw" IS DISTINCT FROM (NEW."rw") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."wilayah_id" IS DISTINCT FROM (NEW."wilayah_id"))',
                    func='INSERT INTO "kpm_householdevent" ("address", "case_number", "created_at", "desil", "dusun", "group_id", "id", "joined_on", "latitude", "longitude", "merged_into_id", "name", "no_kk", "no_kk_index", "notes", "path", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "rt", "rw", "status", "wilayah_id") VALUES (NEW."address", NEW."case_number", NEW."created_at", NEW."desil", NEW."dusun", NEW."group_id", NEW."id", NEW."joined_on", NEW."latitude", NEW."longitude", NEW."merged_into_id", NEW."name", NEW."no_kk", NEW."no_kk_index", NEW."notes", NEW."path", NEW."pendamping_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."rt", NEW."rw", NEW."status", NEW."wilayah_id"); RETURN NULL;',
                    hash="b2288b239c013d29250d98b316bc3c37a11d8913",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_77275",
                    table="kpm_household",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicaterule",
            constraint=models.UniqueConstraint(
                fields=("code", "valid_from"), name="duplicate_rule_once_a_day"
            ),
        ),
    ]
