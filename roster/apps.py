from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "roster"
    verbose_name = "Daftar KPM"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "Batch": "a file on its way in, sealed for this installation; what came of it is in the tables of families",
        "StagedFamily": "rows of such a file",
        "StagedRow": "rows of such a file",
        "SiksFile": "what such a file is on the SIKS-NG desk",
        "Difference": "what such a file and the tables of families differed in; the next file finds it anew",
    }

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
        from .operations import applying  # noqa: F401  registers its steps with the worker
