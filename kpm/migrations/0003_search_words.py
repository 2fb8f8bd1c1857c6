"""Families are found by everybody on the card, the street and the phone number."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("kpm", "0002_place_and_phone"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="household",
            name="household_name_trigram",
        ),
        migrations.AddIndex(
            model_name="household",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name", "address", "dusun", "phone"],
                name="household_words_trigram",
                opclasses=["gin_trgm_ops", "gin_trgm_ops", "gin_trgm_ops", "gin_trgm_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name"], name="member_name_trigram", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
