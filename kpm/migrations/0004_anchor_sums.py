from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kpm", "0003_goal_phrases")]

    operations = [
        migrations.AddField(
            model_name="anchor",
            name="sums",
            field=models.CharField(blank=True, max_length=60, verbose_name="kelipatan ambang"),
        ),
    ]
