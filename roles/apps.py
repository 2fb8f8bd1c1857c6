from django.apps import AppConfig


class RolesConfig(AppConfig):
    name = "roles"
    verbose_name = "peran dan kegiatan"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "IncidentNote": "confidential: read one by one, each time kept in the trail, and never carried out in a file",
    }

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("peran.csv", "Role", ["code"]),
        ("sub_peran.csv", "SubRole", ["code"]),
        ("jenis_kegiatan.csv", "ActivityKind", ["code"]),
        ("tindakan.csv", "ActKind", ["code"]),
        ("frasa.csv", "QuickPhrase", ["kind", "text"]),
        ("modul.csv", "Module", ["code"]),
        ("sesi.csv", "ModuleSession", ["key"]),
        ("komitmen.csv", "CommitmentKind", ["code"]),
        ("aturan_komitmen.csv", "CommitmentRule", ["key"]),
        ("jenis_kasus.csv", "IncidentKind", ["code"]),
        ("alasan_tunda.csv", "PostponeReason", ["code"]),
        ("aturan_mutu.csv", "VisitRule", ["key", "valid_from"]),
    ]
    # Which of these may be changed on screen (room master), and what they are called there.
    on_screen = {
        "CommitmentRule": "Batas komitmen",
        "IncidentKind": "Jenis kasus",
        "VisitRule": "Batas mutu kunjungan",
        "ActivityKind": "Jenis kegiatan",
        "QuickPhrase": "Kalimat siap pakai",
        "PostponeReason": "Alasan menunda kunjungan",
        "Module": "Modul P2K2",
        "ModuleSession": "Sesi P2K2",
    }
    # Of these one must always hold: the code asks for them by name.
    always_in_force = {"ActivityKind"}

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
