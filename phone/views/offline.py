"""What the service worker and the outbox of a phone ask for: the worker itself, the bundle, a token, photos."""

import re

from django.db import transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.answers import HEADER, LOGIN_FIRST, VERSION, under_our_header
from phone.bundle import app_version, bundle_for, packed
from phone.forms import phone_of
from phone.models import MOST_PHOTO_BYTES
from phone.operations import is_over, now_ms
from phone.uploads import NotThisPhoto, WrongPiece, add_piece, received_of
from pkh_casework.access import ANYONE, FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.context import user_tag
from pkh_casework.htmx import render_page

PARTS = (
    "vendor/idb/idb.js",
    "js/phone/store.js",
    "js/phone/finding.js",
    "js/phone/pages.js",
    "js/phone/bundle.js",
    "js/phone/outbox.js",
    "js/phone/worker.js",
)


@access(ANYONE)
@require_safe
def service_worker(request):
    """The script that stands between the pages and the network; other with each release, so that browsers notice."""
    parts = ", ".join(f"'{static(part)}'" for part in PARTS)
    script = f"'use strict';\nself.VERSION = '{app_version()}';\nimportScripts({parts});\n"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@access(FIELD)
@require_safe
def bundle(request):
    """The pages rendered ahead: all of them, or with `?sejak=` (the mark of an earlier bundle) what changed since, of
    "user", who may be another than whose phone asks.
    """
    content = {"user": user_tag(request.user), **bundle_for(request, asked_text(request.GET, "sejak"))}
    if "br" in request.headers.get("Accept-Encoding", ""):
        headers = {HEADER: VERSION, "Content-Encoding": "br", "Vary": "Accept-Encoding"}
        return HttpResponse(packed(content), content_type="application/json", headers=headers)
    return under_our_header(content)


@access(ANYONE)
@transaction.non_atomic_requests
@require_safe
def token(request):
    """Who is logged in, and the token that a form is sent with: read just before sending, since each login begins a
    new one. {"user", "csrf", "now": ms, "app"}; 401 for a stranger; 410, logged in or not, when `?phone=` (its id) names a
    phone that was ended, or whose user was switched off.
    """
    if is_over(phone_of(request.GET)):
        return under_our_header({"state": "ended"}, status=410)
    if not request.user.is_authenticated:
        return under_our_header({"reason": LOGIN_FIRST}, status=401)
    said = {"user": user_tag(request.user), "csrf": get_token(request), "app": app_version(), "now": now_ms()}
    return under_our_header(said)


@access(FIELD)
@require_safe
def not_ahead(request):
    """What a phone shows without signal in place of a page that it does not hold."""
    return render_page(request, "phone/not_ahead.html", {})


@access(FIELD_WRITE)
@require_http_methods(["GET", "PUT"])
def photo_piece(request, sha256):
    """A photo that travels ahead of its entry: GET tells how much is here, PUT `?dari=<position>&jumlah=<bytes of all>` adds
    the next piece. {"received"}; 409 for a piece that does not follow, 422 for a photo that is none of this name.
    """
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        return _received(0, status=422)
    try:
        if request.method == "GET":
            return _received(received_of(request.user, sha256))
        at, size = (int(request.GET.get(name, "")) for name in ("dari", "jumlah"))
        if len(request.body) > MOST_PHOTO_BYTES or not 0 <= at < size <= MOST_PHOTO_BYTES:
            return _received(0, status=422)
        return _received(add_piece(request.user, sha256, at=at, size=size, piece=request.body))
    except WrongPiece as wrong:
        return _received(wrong.received, status=409)
    except (NotThisPhoto, ValueError):
        return _received(0, status=422)


def _received(count, *, status=200):
    return under_our_header({"received": count}, status=status)


@access(FIELD_WRITE)
@require_POST
def send(request):
    """Answered by phone.batch, which lies before the named answers of each form; here only its address stands."""
    raise AssertionError("phone.batch answers this")
