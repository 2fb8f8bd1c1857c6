"""What each assessment says against the family's earlier answers, so that a month counts without reading them all."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# As kpm.operations.assessment.compare has it.
FROM_SCORES = """
UPDATE kpm_assessment SET compared = gone.compared, steps = gone.steps
FROM (
    SELECT own.assessment_id, count(*) AS compared, sum(own.level - before.level) AS steps
    FROM kpm_score own
    JOIN kpm_score before ON before.household_id = own.household_id AND before.code = own.code
        AND before.until_on = own.assessed_on
    WHERE own.level IS NOT NULL AND before.level IS NOT NULL
    GROUP BY own.assessment_id
) gone
WHERE gone.assessment_id = kpm_assessment.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0008_nisn"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="assessment",
            name="before_change_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="assessment",
            name="before_delete_delete",
        ),
        migrations.AddField(
            model_name="assessment",
            name="compared",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="assessment",
            name="steps",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="assessmentevent",
            name="compared",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="assessmentevent",
            name="steps",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.RunSQL(FROM_SCORES, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="before_change_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."assessed_on" IS DISTINCT FROM (NEW."assessed_on") OR OLD."form" IS DISTINCT FROM (NEW."form") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."path" IS DISTINCT FROM (NEW."path"))',
                    func='INSERT INTO "kpm_assessmentevent" ("assessed_on", "compared", "form", "household_id", "id", "instrument_id", "is_ready", "lacking", "lowest", "mean", "notes", "op_id", "path", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "rule_id", "steps", "wilayah_id") VALUES (OLD."assessed_on", OLD."compared", OLD."form", OLD."household_id", OLD."id", OLD."instrument_id", OLD."is_ready", OLD."lacking", OLD."lowest", OLD."mean", OLD."notes", OLD."op_id", OLD."path", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_change\', OLD."id", OLD."received_at", OLD."rule_id", OLD."steps", OLD."wilayah_id"); RETURN NULL;',
                    hash="8161f8a2b3dfcf59685780f13c7884c930b93511",
                    operation="UPDATE",
                    pgid="pgtrigger_before_change_update_455f7",
                    table="kpm_assessment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="before_delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "kpm_assessmentevent" ("assessed_on", "compared", "form", "household_id", "id", "instrument_id", "is_ready", "lacking", "lowest", "mean", "notes", "op_id", "path", "pendamping_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "received_at", "rule_id", "steps", "wilayah_id") VALUES (OLD."assessed_on", OLD."compared", OLD."form", OLD."household_id", OLD."id", OLD."instrument_id", OLD."is_ready", OLD."lacking", OLD."lowest", OLD."mean", OLD."notes", OLD."op_id", OLD."path", OLD."pendamping_id", _pgh_attach_context(), NOW(), \'before_delete\', OLD."id", OLD."received_at", OLD."rule_id", OLD."steps", OLD."wilayah_id"); RETURN NULL;',
                    hash="5c5a7b37cf1f701d4851c83d34e478665c9db8ce",
                    operation="DELETE",
                    pgid="pgtrigger_before_delete_delete_721a3",
                    table="kpm_assessment",
                    when="AFTER",
                ),
            ),
        ),
    ]
