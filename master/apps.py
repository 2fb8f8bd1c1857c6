from django.apps import AppConfig


class MasterConfig(AppConfig):
    name = "master"
    verbose_name = "data induk"

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
