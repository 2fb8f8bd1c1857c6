from django.apps import AppConfig


class RolesConfig(AppConfig):
    name = "roles"
    verbose_name = "peran dan kegiatan"

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("peran.csv", "Role", ["code"]),
        ("sub_peran.csv", "SubRole", ["code"]),
        ("jenis_kegiatan.csv", "ActivityKind", ["code"]),
        ("frasa.csv", "QuickPhrase", ["kind", "text"]),
        ("modul.csv", "Module", ["code"]),
        ("sesi.csv", "ModuleSession", ["key"]),
        ("komitmen.csv", "CommitmentKind", ["code"]),
        ("aturan_komitmen.csv", "CommitmentRule", ["key"]),
    ]

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
