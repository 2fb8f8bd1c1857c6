from django.apps import AppConfig


class PhoneConfig(AppConfig):
    name = "phone"
    verbose_name = "HP"

    def ready(self):
        from . import panels  # noqa: F401  registers them; models are there now
