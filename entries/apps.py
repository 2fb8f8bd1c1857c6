from django.apps import AppConfig


class EntriesConfig(AppConfig):
    name = "entries"
    verbose_name = "kiriman"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "LateWrite": "what is to be counted anew; everything is, after loading",
    }

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
