"""What happens to a phone: registered, opened with its key, heard of, ended. Each is safe to repeat."""

import logging
import os
import re
from base64 import b64decode, b64encode
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import LoginSession, User
from accounts.sessions import end_sessions
from pkh_casework.fields import identity_keys, seal, unseal

from .models import Phone

log = logging.getLogger(__name__)

KEY_BYTES = 32
MOST_PHONES = 3
HEARD_EVERY = timedelta(minutes=1)
LARGEST = (1 << 31) - 1  # what a column of whole numbers holds
# First match wins: Edge and Samsung's browser also call themselves Chrome, and Chrome calls itself Safari.
BROWSERS = (
    ("Edge", r"Edg(?:A|iOS)?/(\d{1,4})"),
    ("Samsung Internet", r"SamsungBrowser/(\d{1,4})"),
    ("Opera", r"OPR/(\d{1,4})"),
    ("UC Browser", r"UCBrowser/(\d{1,4})"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d{1,4})"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d{1,4})"),
    ("Safari", r"Version/(\d{1,4})[\d.]* (?:Mobile/\w+ )?Safari"),
)
SYSTEMS = (
    ("Android", r"Android (\d{1,3})"),
    ("iOS", r"(?:iPhone|CPU) OS (\d{1,3})"),
    ("Windows", r"Windows NT()"),
    ("Mac", r"Macintosh()"),
    ("Linux", r"Linux()"),
)
UNKNOWN = "Peramban lain"


class PhoneEnded(Exception):
    """No key for this phone: unknown, somebody else's, ended, or its user is switched off; which, stays here."""


def now_ms():
    """This moment in ms since the epoch, as scripts tell time."""
    return round(timezone.now().timestamp() * 1000)


def browser_label(agent):
    """What a User-Agent (str) says of browser and system, as "Chrome 96, Android 10"; UNKNOWN where it says nothing."""
    parts = []
    for names in (BROWSERS, SYSTEMS):
        for name, pattern in names:
            if found := re.search(pattern, agent):
                parts.append(f"{name} {found[1]}".strip())
                break
    return ", ".join(parts) or UNKNOWN


@transaction.atomic
def register_phone(user, browser, app_version, *, session=""):
    """Make a key for a phone that `user` begins to work with: (Phone, key). `browser` and `app_version` are short texts,
    `session` is the key of its login, the key is KEY_BYTES random bytes. Beyond MOST_PHONES in use the one longest not heard of ends.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once end no more than they should
    key = os.urandom(KEY_BYTES)
    phone = Phone(user=user, browser=browser[:60], app_version=app_version[:40], session_key=session or "")
    phone.key = seal(b64encode(key).decode(), phone.key_context)
    phone.save(force_insert=True)
    others = Phone.objects.visible_to(user).in_use().filter(user=user).exclude(pk=phone.pk)
    for extra in others.order_by("-heard_at", "-pk")[MOST_PHONES - 1 :]:
        end_phone(extra, by=user, but=session)
    return phone, key


def open_phone(user, pk, app_version="", *, session=""):
    """(Phone, key) for its own user, with the key of the login `session`. Raises PhoneEnded."""
    phone = _own(user, pk)
    phone.opened_at = phone.heard_at = timezone.now()
    phone.app_version = app_version[:40] or phone.app_version
    phone.session_key = session or phone.session_key
    said = ("opened_at", "heard_at", "app_version", "session_key")
    if not _in_use(phone).update(**{name: getattr(phone, name) for name in said}):
        raise PhoneEnded  # meanwhile
    return phone, key_of(phone)


def hear_from(user, pk, *, waiting, waiting_since, app_version, skew_s):
    """Note what a phone says of itself; the Phone. Raises PhoneEnded.

    `waiting`: entries not sent yet, None where it says nothing; `waiting_since`: when the first of them was written;
    `skew_s`: by how many seconds its clock is fast. Written once a minute at most, unless something else waits.
    """
    phone = _own(user, pk)
    now = timezone.now()
    if waiting is None:
        waiting, waiting_since = phone.waiting, phone.waiting_since
    news = {
        "waiting": min(waiting, LARGEST),
        "waiting_since": (waiting_since or phone.waiting_since or now) if waiting else None,
        "app_version": app_version[:40] or phone.app_version,
    }
    is_news = news["waiting"] != phone.waiting or news["app_version"] != phone.app_version
    if is_news or now - phone.heard_at >= HEARD_EVERY:
        news |= {"heard_at": now, "skew_s": max(-LARGEST, min(skew_s, LARGEST))}
        if not _in_use(phone).update(**news):
            raise PhoneEnded  # meanwhile
        vars(phone).update(news)
    return phone


@transaction.atomic
def end_phone(phone, *, by, but=""):
    """Give the key of `phone` to nobody any more, and end the login there, unless it is that of the session `but`; whether
    it was still in use. The row stays, with who ended it.
    """
    if phone.session_key and phone.session_key != but:
        end_sessions(LoginSession.objects.filter(user=phone.user_id, session_key=phone.session_key))
    ended = bool(_in_use(phone).update(ended_at=timezone.now(), ended_by=by))
    if ended:
        log.info("phone ended: %s by %s", phone.pk, by.pk)
    return ended


def is_over(pk):
    """Whether the phone `pk` (a UUID or None) was ended, or its user switched off: whoever asks learns no more."""
    return Phone.objects.filter(pk=pk).exclude(ended_at=None, user__is_active=True).exists()


def key_of(phone):
    """The key of `phone`, KEY_BYTES bytes. Raises pkh_casework.fields.NumberUnreadable."""
    return b64decode(unseal(phone.key, phone.key_context))


def reseal_phones():
    """Seal the keys of all phones with the current encryption key: (rows read, written). Safe to stop and to repeat.

    Raises NumberUnreadable when no known key opens one.
    """
    read = written = 0
    current = int(identity_keys()["current"]["encryption"])
    for phone in Phone.objects.order_by("pk").only("pk", "key").iterator():
        read += 1
        if bytes(phone.key)[1] != current:
            sealed = seal(unseal(phone.key, phone.key_context), phone.key_context)
            written += Phone.objects.filter(pk=phone.pk).update(key=sealed)
    return read, written


def _own(user, pk):
    """The Phone `pk` (a UUID or None) that `user` has in use. Raises PhoneEnded."""
    phone = Phone.objects.visible_to(user).in_use().filter(user=user, pk=pk).first() if pk else None
    if phone is None or not user.is_active:
        raise PhoneEnded
    return phone


def _in_use(phone):
    return Phone.objects.in_use().filter(pk=phone.pk)
