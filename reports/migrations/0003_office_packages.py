from django.db import migrations, models

FORMATS = [
    ("xlsx", "Excel (XLSX)"),
    ("csv", "CSV"),
    ("zip", "CSV, satu berkas per tabel (ZIP)"),
    ("pdf", "PDF"),
    ("pkt", "Paket terkunci"),
]


def format_of(model, **said):
    field = models.CharField(verbose_name="bentuk berkas", max_length=4, choices=FORMATS, **said)
    return migrations.AlterField(model_name=model, name="format", field=field)


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_rhk_figures")]

    operations = [
        migrations.AddField(
            model_name="export", name="key", field=models.BinaryField(verbose_name="kunci paket", null=True)
        ),
        format_of("export"),
        format_of("recapplan", default="xlsx", blank=True),
        format_of("recapplanevent", default="xlsx", blank=True),
    ]
