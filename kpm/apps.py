from django.apps import AppConfig


class KpmConfig(AppConfig):
    name = "kpm"
    verbose_name = "keluarga penerima manfaat"

    # Dated master data, loaded by `manage.py load_master`: file under data/, model, natural key.
    master_data = [
        ("komponen.csv", "Component", ["code"]),
        ("indeks_bantuan.csv", "ComponentRate", ["component", "valid_from"]),
    ]
