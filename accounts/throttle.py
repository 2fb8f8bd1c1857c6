"""What django-axes, which stops the guessing of passwords, is told and what it may keep."""

from contextlib import suppress
from ipaddress import ip_address

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models.signals import pre_save
from django.dispatch import receiver


def client_address(request):
    """The address a request came from, as text.

    Behind `TRUSTED_PROXIES` proxies it is what the outermost of them wrote into X-Forwarded-For; whatever stands
    left of that, or the whole header when there are none, may be written by anybody.
    """
    named = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(named):
        with suppress(ValueError):
            return str(ip_address(named[-settings.TRUSTED_PROXIES].strip()))
    return request.META.get("REMOTE_ADDR")


@receiver(pre_save, sender=AccessAttempt)
def keep_nothing_typed(sender, instance, **kwargs):
    """An attempt is an account, an address and a moment; what was typed, and the page asked for, is nobody's."""
    instance.get_data = instance.post_data = ""
