from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "roster"
    verbose_name = "Daftar KPM"

    def ready(self):
        from .operations import applying  # noqa: F401  registers its steps with the worker
