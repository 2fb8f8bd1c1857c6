"""What a person typed while the session ended: carried, signed, through the login page and offered again after it.

The signature says that this server received the form with a valid CSRF token; the browser's mark keeps a carried
form in the browser it was typed in. So no one can prepare a login page that sends something in another's name.

Whose it is, the browser says: a signed cookie of the last login there. A form with a valid token was not drawn for
anybody before that login, since each login begins a new token.
"""

from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.middleware.csrf import get_token
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare, salted_hmac

from pkh_casework.access import POLICY

SALT = "accounts.kept"
MAX_AGE = 24 * 3600
# The login form must stay below DATA_UPLOAD_MAX_MEMORY_SIZE (2.5 MB). Packed, this holds any form a hand can type.
MOST_CHARACTERS = 2_000_000
NEVER_KEPT = {"csrfmiddlewaretoken", "password"}
IDENTITY_NUMBERS = {"nik", "no_kk", "number"}


@dataclass(frozen=True)
class Kept:
    """A form on its way: where it goes, its fields (name -> list of str), who typed it (None: unknown)."""

    path: str
    fields: dict
    typed_by: int | None
    had_files: bool
    browser: str

    def pairs(self):
        """The fields as (name, value) pairs, in their order."""
        return [(name, value) for name, values in self.fields.items() for value in values]

    def texts(self):
        """The sentences among the values, by which their author recognises the form."""
        return [value for _, value in self.pairs() if len(value.split()) > 1]

    def fits(self, user):
        """Whether `user` may send it: typed by nobody else, to a route that keeps input and is open to the duty."""
        if self.typed_by not in {None, user.pk}:
            return False
        try:
            rule = POLICY.get(resolve(self.path.partition("?")[0]).view_name)
        except Resolver404:
            return False
        return bool(rule and rule.keeps_input and user.duty in rule.duties)


def _mark_of(request):
    get_token(request)  # makes the CSRF secret when the browser has none yet
    return salted_hmac(SALT, request.META["CSRF_COOKIE"], algorithm="sha256").hexdigest()


def remember_author(response, user):
    """Let the browser know for as long as a session of `user` and a form typed in it can last who logged in."""
    response.set_signed_cookie(
        settings.AUTHOR_COOKIE_NAME,
        user.pk,
        salt=SALT,
        max_age=settings.SESSION_COOKIE_AGE + MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _author_of(request):
    """The pk of the User who logged in last in this browser, or None."""
    named = request.get_signed_cookie(settings.AUTHOR_COOKIE_NAME, default=None, salt=SALT)
    return named and int(named)


def pack(request):
    """The form in `request.POST` as signed text, or None when it is too large to be carried."""
    author = _author_of(request)
    left_out = NEVER_KEPT if author else NEVER_KEPT | IDENTITY_NUMBERS
    kept = Kept(
        path=request.get_full_path(),
        fields={name: values for name, values in request.POST.lists() if name not in left_out},
        typed_by=author,
        had_files=bool(request.FILES),
        browser=_mark_of(request),
    )
    text = signing.dumps(asdict(kept), salt=SALT, compress=True)
    return text if len(text) <= MOST_CHARACTERS else None


def unpack(request, text):
    """The Kept in signed `text`, or None when it is altered, older than a day or from another browser.

    Call it before the login itself, which gives the browser a new mark.
    """
    try:
        kept = Kept(**signing.loads(text, salt=SALT, max_age=MAX_AGE))
    except signing.BadSignature:
        return None
    return kept if constant_time_compare(kept.browser, _mark_of(request)) else None
