"""A promise is called a promise in the history of changes and in faults, too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0010_no_target"),
        ("resources", "0001_first_tables"),
        ("roles", "0008_postpone_reason"),
        ("wilayah", "0001_first_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="activity",
            name="next_step",
            field=models.CharField(blank=True, max_length=300, verbose_name="janji"),
        ),
        migrations.AlterField(
            model_name="activity",
            name="next_step_on",
            field=models.DateField(blank=True, null=True, verbose_name="tanggal janji"),
        ),
        migrations.AlterField(
            model_name="activityevent",
            name="next_step",
            field=models.CharField(blank=True, max_length=300, verbose_name="janji"),
        ),
        migrations.AlterField(
            model_name="activityevent",
            name="next_step_on",
            field=models.DateField(blank=True, null=True, verbose_name="tanggal janji"),
        ),
        migrations.AlterConstraint(
            model_name="activity",
            name="activity_step_and_date_together",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_step", ""), ("next_step_on", None)),
                    models.Q(models.Q(("next_step", ""), _negated=True), ("next_step_on__isnull", False)),
                    _connector="OR",
                ),
                name="activity_step_and_date_together",
                violation_error_message="Isi janji bersama tanggalnya.",
            ),
        ),
    ]
