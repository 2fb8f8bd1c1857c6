"""How long a login lasts, from how many places, and what happens to typed data when it ends.

Idle and absolute times per duty follow the project's security notes: a phone in the field stays open for a working
day, an office desk for half an hour.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.urls import resolve
from django.utils import timezone

from pkh_casework.access import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING, POLICY

from . import kept
from .models import LoginSession

MOST_SESSIONS = 3
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Lifetime:
    idle: timedelta
    absolute: timedelta


LIFETIME = {
    PENDAMPING: Lifetime(timedelta(hours=8), timedelta(days=7)),
    KELURAHAN: Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    KOORDINATOR: Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    ADMIN: Lifetime(timedelta(minutes=15), timedelta(hours=8)),
}


@receiver(user_logged_in)
def remember_login(sender, request, user, **kwargs):
    """Note the new session and end the oldest beyond the third."""
    now = timezone.now()
    request.session["started"] = request.session["seen"] = now.timestamp()
    if not request.session.session_key:
        request.session.save()
    # Logging in again in the same session keeps its key.
    LoginSession.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "agent": request.headers.get("User-Agent", "")[:120],
            "started_at": now,
            "seen_at": now,
        },
    )
    extra = LoginSession.objects.filter(user=user).order_by("-started_at")[MOST_SESSIONS:]
    end_sessions(LoginSession.objects.filter(pk__in=[login.pk for login in extra]))


@receiver(user_logged_out)
def forget_login(sender, request, user, **kwargs):
    """Drop the note of a session that its user (or the clock) ended."""
    LoginSession.objects.filter(session_key=request.session.session_key).delete()


def live_sessions(user):
    """The LoginSessions of `user` that still open something: those past their time end at their next request."""
    now, life = timezone.now(), LIFETIME[user.duty]
    return user.login_sessions.filter(started_at__gte=now - life.absolute, seen_at__gte=now - life.idle)


def end_sessions(logins):
    """End the given LoginSessions (a queryset) at once."""
    keys = list(logins.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    logins.delete()


def session_clock(get_response):
    """Middleware: log out after the idle or the absolute time of the duty, or when the account was switched off."""

    def middleware(request):
        if request.user.is_authenticated:
            now = timezone.now()
            session, life = request.session, LIFETIME[request.user.duty]
            started = datetime.fromtimestamp(session.get("started", 0), UTC)
            seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
            if now - seen > life.idle or now - started > life.absolute:
                logout(request)
            elif now - seen > SEEN_EVERY:
                session["seen"] = now.timestamp()
                LoginSession.objects.filter(session_key=session.session_key).update(seen_at=now)
        return get_response(request)

    return middleware


class KeepTypedInput:
    """Middleware: a form sent after the session ended is not lost; the login page carries it along.

    It stands after the CSRF check, so nothing of a forged request is ever shown, and before the policy's Guard, which
    would redirect and drop the form. Both ways of ending, the clock and a session row that is gone, arrive here as
    an anonymous request.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        rule = POLICY.get(request.resolver_match.view_name)
        if request.method != "POST" or request.user.is_authenticated or not rule or not rule.keeps_input:
            return None
        packed = kept.pack(request)
        if packed is None:
            return None
        response = resolve(settings.LOGIN_URL).func(request, kept=packed)
        if request.htmx:  # the page must not land inside a part, and a redirect would drop what it carries
            response.status_code = 200
            response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
        return response
