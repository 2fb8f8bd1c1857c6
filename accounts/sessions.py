"""Who is asking, how long a login lasts, from how many places, and what happens to typed data when it ends.

Idle and absolute times per duty follow the project's security notes: a phone in the field stays open for a working
day, an office desk for half an hour. This module is also Django's session engine (SESSION_ENGINE).
"""

from dataclasses import dataclass
from datetime import timedelta

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

from pkh_casework.access import ADMIN, KELURAHAN, KOORDINATOR, PENDAMPING, POLICY

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


# --- who is asking: a session, its login and its user in one look-up ------------------------------------------------------


def _columns(model):
    return ", ".join(f"{model._meta.db_table}.{field.column}" for field in model._meta.concrete_fields)


LOGIN_FIELDS, USER_FIELDS = (
    [field.attname for field in model._meta.concrete_fields] for model in (LoginSession, User)
)
SESSION_WITH_LOGIN = f"""
    SELECT django_session.session_data, {_columns(LoginSession)}, {_columns(User)}
    FROM django_session
    JOIN accounts_loginsession ON accounts_loginsession.session_key = django_session.session_key
    JOIN accounts_user ON accounts_user.id = accounts_loginsession.user_id
    WHERE django_session.session_key = %s AND django_session.expire_date > %s
"""  # noqa: S608  the names of our own columns


class SessionStore(DatabaseSession):
    """Django's session in the database that brings along `login`, its LoginSession with the user, or None."""

    login = None

    def load(self):
        """The content of the session, {} when it is gone."""
        with connection.cursor() as cursor:
            cursor.execute(SESSION_WITH_LOGIN, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:  # nobody logged in with it, or it is gone
            return super().load()
        content, *values = row
        login, user = values[: len(LOGIN_FIELDS)], values[len(LOGIN_FIELDS) :]
        self.login = LoginSession.from_db(connection.alias, LOGIN_FIELDS, login)
        self.login.user = User.from_db(connection.alias, USER_FIELDS, user)
        return self.decode(content)


class Authentication(AuthenticationMiddleware):
    """Django's middleware, without the look-up of a user who came along with the session."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))


def _user_of(request):
    """The user of the login if all is as it was then; of everything else Django decides by itself."""
    session = request.session
    named = session.get(SESSION_KEY)
    user = session.login and session.login.user  # found by reading the session
    if (
        user
        and user.is_active
        and named == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    ):
        return user
    return get_user(request)


# --- how long, and from how many places -----------------------------------------------------------------------------------


@receiver(user_logged_in)
def remember_login(sender, request, user, **kwargs):
    """Note the new session and end the oldest beyond the third."""
    now = timezone.now()
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
    """Middleware: log out after the idle or the absolute time of the duty, or when nobody noted the login.

    When a session was last seen stands in that note alone, so that a request writes no session.
    """

    def middleware(request):
        if request.user.is_authenticated:
            now = timezone.now()
            login, life = request.session.login, LIFETIME[request.user.duty]
            if login is None or now - login.seen_at > life.idle or now - login.started_at > life.absolute:
                logout(request)
            elif now - login.seen_at > SEEN_EVERY:
                LoginSession.objects.filter(pk=login.pk).update(seen_at=now)
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
