from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "petugas"

    # What an office does not take along (roster.office): model or model.field, and why.
    left_behind = {
        "User.password": "every account is opened anew, with a code",
        "User.last_login": "logins of this installation",
        "LoginSession": "logins of this installation",
        "ActivationCode": "codes that open accounts here alone",
        "CodeRequest": "asks for such a code",
    }

    def ready(self):
        from . import sessions, throttle  # noqa: F401  listen to signals of Django and of axes
