from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "HP"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "Phone": "keys of phones that work with this installation",
        "Upload": "pieces of entries that are still being sent",
    }

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
