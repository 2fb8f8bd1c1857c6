from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "petugas"

    def ready(self):
        from . import sessions  # noqa: F401  listens to Django's own login signal
