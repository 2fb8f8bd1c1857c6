from django.apps import AppConfig


class SinergiConfig(AppConfig):
    name = "sinergi"
    verbose_name = "Program Sinergi Kreatif"

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("aturan.csv", "ProgrammeRule", ["valid_from"]),
        ("syarat.csv", "Condition", ["code"]),
        ("pola.csv", "Template", ["code"]),
        ("tahap.csv", "TemplateStage", ["key"]),
    ]
