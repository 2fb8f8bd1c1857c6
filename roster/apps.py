from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "roster"
    verbose_name = "Daftar KPM"

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
        from .operations import applying  # noqa: F401  registers its steps with the worker
