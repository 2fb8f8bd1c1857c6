from django.apps import AppConfig


class PkhCaseworkConfig(AppConfig):
    """The ground floor: no models, only what every app stands on."""

    name = "pkh_casework"

    def ready(self):
        from . import checks  # noqa: F401  registers the system checks
