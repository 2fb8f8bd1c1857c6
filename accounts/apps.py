from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "petugas"

    def ready(self):
        from . import sessions, throttle  # noqa: F401  listen to signals of Django and of axes
