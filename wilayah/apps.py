from django.apps import AppConfig


class WilayahConfig(AppConfig):
    name = "wilayah"
    verbose_name = "wilayah administratif"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "Wilayah": "the same codes in every installation, loaded by load_wilayah",
        "Boundary": "loaded by load_boundaries",
    }
