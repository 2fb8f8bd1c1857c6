from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "angka dan laporan"

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("rhk.csv", "RHK", ["key"]),
        ("rencana_aksi.csv", "PlanAction", ["key"]),
        ("peta_rhk.csv", "RHKRule", ["kind", "sub_role", "valid_from"]),
    ]

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
