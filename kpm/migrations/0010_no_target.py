"""The target for every pendamping stands in reports now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0009_steps"),
        ("reports", "0009_targets"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="target",
            name="target_once_a_day",
        ),
        migrations.DeleteModel(
            name="Target",
        ),
    ]
