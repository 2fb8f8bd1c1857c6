"""What a quick phrase suggests, and of whom it can be true."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0003_incidents"),
    ]

    operations = [
        migrations.AddField(
            model_name="quickphrase",
            name="category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("kesehatan", "kesehatan"),
                    ("pendidikan", "pendidikan"),
                    ("kesejahteraan", "kesejahteraan sosial"),
                ],
                db_default="",
                max_length=20,
                verbose_name="komponen",
            ),
        ),
        migrations.AddField(
            model_name="quickphrase",
            name="met",
            field=models.CharField(
                blank=True,
                choices=[("ya", "bertemu"), ("tidak", "tidak bertemu")],
                db_default="",
                max_length=5,
                verbose_name="hanya bila",
            ),
        ),
        migrations.AddField(
            model_name="quickphrase",
            name="sub_role",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="roles.subrole",
                verbose_name="peran yang disarankan",
            ),
        ),
    ]
