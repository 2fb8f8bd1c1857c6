"""An index for lists of wide areas: of a kota's or a province's activities the newest come first, unsorted."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("roles", "0002_goals_served")]

    operations = [
        AddIndexConcurrently(
            model_name="activity",
            index=models.Index(fields=["-occurred_on", "-id"], name="activity_newest_first"),
        ),
    ]
