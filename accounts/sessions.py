"""Who is asking, how long a login lasts, from how many places, and what happens to typed data when it ends.

Idle and absolute times per duty follow the project's security notes: a phone in the field stays open for a working
day, an office desk for half an hour. This module is also Django's session engine (SESSION_ENGINE).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user, logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.dispatch import receiver
from django.urls import resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from pkh_casework.policy import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING, POLICY

from . import kept
from .models import LoginSession, User

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


# --- who is asking: the session and its user in one look-up --------------------------------------------------------------

USER_COLUMNS = ", ".join(f"accounts_user.{field.column}" for field in User._meta.concrete_fields)
SESSION_AND_USER = f"""
    SELECT django_session.session_data, {USER_COLUMNS} FROM django_session
    JOIN accounts_loginsession USING (session_key)
    JOIN accounts_user ON accounts_user.id = accounts_loginsession.user_id
    WHERE django_session.session_key = %s AND django_session.expire_date > %s
"""  # noqa: S608  the names of our own columns
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]


class SessionStore(DatabaseSession):
    """Django's session in the database that brings along `holder`, the User who logged in with it, or None."""

    holder = None

    def load(self):
        """The content of the session, {} when it is gone."""
        with connection.cursor() as cursor:
            cursor.execute(SESSION_AND_USER, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:  # nobody logged in with it, or it is gone
            return super().load()
        content, *values = row
        self.holder = User.from_db(connection.alias, USER_FIELDS, values)
        return self.decode(content)


class Authentication(AuthenticationMiddleware):
    """Django's middleware, without the look-up of a user who came along with the session."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))


def _user_of(request):
    """The holder of the session if all is as at the login; of everything else Django decides by itself."""
    session = request.session
    named = session.get(SESSION_KEY)
    holder = session.holder  # found by reading the session
    if (
        holder
        and holder.is_active
        and named == str(holder.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), holder.get_session_auth_hash())
    ):
        return holder
    return get_user(request)


# --- how long, and from how many places -----------------------------------------------------------------------------------


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
