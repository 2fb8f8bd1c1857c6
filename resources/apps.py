from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "resources"
    verbose_name = "sumber daya dan mitra"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "PartnerLink": "links that lead to the address of this installation",
        "LinkKnock": "the guard of those links",
    }

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("kategori.csv", "Category", ["code"]),
        ("layanan.csv", "Service", ["code"]),
    ]
    # Which of these may be changed on screen (room master), and what they are called there.
    on_screen = {
        "Category": "Kategori sumber daya",
        "Service": "Layanan sumber daya",
    }

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
