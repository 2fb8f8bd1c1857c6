from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0004_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="monthcount",
            name="counting",
            field=models.CharField(default="", max_length=32, verbose_name="hitungan"),
            preserve_default=False,
        ),
        migrations.RemoveIndex(model_name="monthcount", name="month_count_by_month"),
        migrations.AddIndex(
            model_name="monthcount",
            index=models.Index(fields=["month", "counting"], name="month_count_by_counting"),
        ),
    ]
