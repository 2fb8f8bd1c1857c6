"""The target for every pendamping stands in reports now."""

from django.conf import settings
from django.db import migrations

# Where the tables of Django's permissions stand already, they forget the model too.
FORGOTTEN = """
DELETE FROM auth_permission USING django_content_type of
    WHERE of.id = content_type_id AND of.app_label = 'kpm' AND of.model = 'target';
DELETE FROM django_content_type WHERE app_label = 'kpm' AND model = 'target';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0009_steps"),
        ("reports", "0009_targets"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),  # and with it Django's permissions
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="target",
            name="target_once_a_day",
        ),
        migrations.DeleteModel(
            name="Target",
        ),
        migrations.RunSQL(FORGOTTEN, migrations.RunSQL.noop),
    ]
