"""A desa without RT and RW, its dusun, and the phone number of a family."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0001_first_tables"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="household",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="household",
            name="update_update",
        ),
        migrations.RemoveConstraint(
            model_name="household",
            name="household_rt_rw_from_1",
        ),
        migrations.AddField(
            model_name="household",
            name="dusun",
            field=models.CharField(blank=True, max_length=60, verbose_name="dusun"),
        ),
        migrations.AddField(
            model_name="household",
            name="phone",
            field=models.CharField(blank=True, max_length=20, verbose_name="nomor HP keluarga"),
        ),
        migrations.AddField(
            model_name="householdevent",
            name="dusun",
            field=models.CharField(blank=True, max_length=60, verbose_name="dusun"),
        ),
        migrations.AddField(
            model_name="householdevent",
            name="phone",
            field=models.CharField(blank=True, max_length=20, verbose_name="nomor HP keluarga"),
        ),
        migrations.AlterField(
            model_name="household",
            name="rt",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="RT"),
        ),
        migrations.AlterField(
            model_name="household",
            name="rw",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="RW"),
        ),
        migrations.AlterField(
            model_name="householdevent",
            name="rt",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="RT"),
        ),
        migrations.AlterField(
            model_name="householdevent",
            name="rw",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="RW"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="household",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "kpm_householdevent" ("address", "case_number", "created_at", "desil", "dusun", "group_id", "id", "joined_on", "latitude", "longitude", "name", "no_kk", "no_kk_index", "notes", "path", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "rt", "rw", "status", "wilayah_id") VALUES (NEW."address", NEW."case_number", NEW."created_at", NEW."desil", NEW."dusun", NEW."group_id", NEW."id", NEW."joined_on", NEW."latitude", NEW."longitude", NEW."name", NEW."no_kk", NEW."no_kk_index", NEW."notes", NEW."path", NEW."pendamping_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."rt", NEW."rw", NEW."status", NEW."wilayah_id"); RETURN NULL;',
                    hash="bd88fb998c23a419292949af16a37730a859bcee",
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
                    condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."case_number" IS DISTINCT FROM (NEW."case_number") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."desil" IS DISTINCT FROM (NEW."desil") OR OLD."dusun" IS DISTINCT FROM (NEW."dusun") OR OLD."group_id" IS DISTINCT FROM (NEW."group_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."joined_on" IS DISTINCT FROM (NEW."joined_on") OR OLD."latitude" IS DISTINCT FROM (NEW."latitude") OR OLD."longitude" IS DISTINCT FROM (NEW."longitude") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."no_kk" IS DISTINCT FROM (NEW."no_kk") OR OLD."no_kk_index" IS DISTINCT FROM (NEW."no_kk_index") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."path" IS DISTINCT FROM (NEW."path") OR OLD."pendamping_id" IS DISTINCT FROM (NEW."pendamping_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."rt" IS DISTINCT FROM (NEW."rt") OR OLD."rw" IS DISTINCT FROM (NEW."rw") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."wilayah_id" IS DISTINCT FROM (NEW."wilayah_id"))',
                    func='INSERT INTO "kpm_householdevent" ("address", "case_number", "created_at", "desil", "dusun", "group_id", "id", "joined_on", "latitude", "longitude", "name", "no_kk", "no_kk_index", "notes", "path", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "rt", "rw", "status", "wilayah_id") VALUES (NEW."address", NEW."case_number", NEW."created_at", NEW."desil", NEW."dusun", NEW."group_id", NEW."id", NEW."joined_on", NEW."latitude", NEW."longitude", NEW."name", NEW."no_kk", NEW."no_kk_index", NEW."notes", NEW."path", NEW."pendamping_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."rt", NEW."rw", NEW."status", NEW."wilayah_id"); RETURN NULL;',
                    hash="5c425fdd1c657c0c3ae8e591bbf62a4b0d9736e1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_77275",
                    table="kpm_household",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="household",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rt", None), ("rt__range", (1, 999)), _connector="OR"),
                    models.Q(("rw", None), ("rw__range", (1, 999)), _connector="OR"),
                ),
                name="household_rt_rw_from_1",
                violation_error_message="RT dan RW antara 1 dan 999.",
            ),
        ),
    ]
