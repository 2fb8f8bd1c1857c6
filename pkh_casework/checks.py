"""System checks of the ground floor: what must be true before the app may serve."""

import stat

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def identity_keys_are_safe(app_configs, **kwargs):
    """Real and demo mode need a key file that only its owner can read; without it no family can be stored."""
    if settings.TEST:
        return []
    path = settings.IDENTITY_KEYS_FILE
    if not settings.IDENTITY_KEYS:
        return [Error(f"{path} is missing: make it with `manage.py make_keys`.", id="pkh_casework.E001")]
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return [Error(f"{path} must have mode 0600.", id="pkh_casework.E002")]
    return []
