from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "angka dan laporan"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "Export": "files asked for here, gone within a day",
        "MonthCount": "counted from the rows, by roll_up",
        "Notice": "told here; what is due there is told there",
        "MailChoice": "an address for this installation's e-mail",
    }

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("rhk.csv", "RHK", ["key"]),
        ("rencana_aksi.csv", "PlanAction", ["key"]),
        ("peta_rhk.csv", "RHKRule", ["kind", "sub_role", "valid_from"]),
        ("batas_laporan.csv", "ReportDue", ["valid_from"]),
        ("kop.csv", "Letterhead", ["wilayah", "valid_from"]),
        ("target.csv", "TargetRule", ["figure", "valid_from"]),
    ]
    # Which of these may be changed on screen (room master), and what they are called there.
    on_screen = {
        "RHK": "RHK",
        "PlanAction": "Rencana aksi",
        "RHKRule": "Peta kegiatan ke RHK",
        "ReportDue": "Batas laporan bulanan",
        "Letterhead": "Kop laporan",
        "TargetRule": "Target umum tiap pendamping",
    }
    # Of these one must always hold: the code asks for them by name.
    always_in_force = {"ReportDue"}

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
