"""Phones of the field: one silent for days, one for longer, one with entries that wait; the first worker has none yet."""

from datetime import timedelta

from phone.bundle import app_version
from phone.models import Phone
from phone.operations import register_phone

from .families import local_moment

# Worker, browser, days since it was heard, entries that wait, by how many seconds its clock is fast.
PHONES = (
    ("pendamping2.kebonjayanti", "Chrome 119, Android 10", 4, 0, 0),
    ("pendamping.sukapura", "Chrome 96, Android 9", 9, 0, 0),
    ("pendamping.babakansari", "Samsung Internet 23, Android 11", 1, 3, 840),
)
OLDER = "2026.09"  # an app that was not heard of this week
LATELY, REGISTERED = 7, 40  # days


def fill_phones(today, users):
    """Store the phones as of `today` (date); `users` are the demo's by username."""
    for username, browser, days, waiting, skew_s in PHONES:
        user = users[username]
        phone, _ = register_phone(user, browser, app_version() if days < LATELY else OLDER)
        heard = local_moment(user.wilayah_id, today - timedelta(days=days), 17, 40)
        Phone.objects.filter(pk=phone.pk).update(
            registered_at=heard - timedelta(days=REGISTERED),
            opened_at=heard - timedelta(hours=9),
            heard_at=heard,
            waiting=waiting,
            waiting_since=heard - timedelta(hours=2) if waiting else None,
            skew_s=skew_s,
        )
