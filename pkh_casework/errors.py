"""Answers to requests that can't be served: plain words, nothing of the system's inside."""

import codecs
import logging
import sys

from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import parse_header_parameters
from django.views import defaults
from psycopg.errors import IdleInTransactionSessionTimeout

log = logging.getLogger(__name__)

RETRY_AFTER = 30  # seconds
UNREADABLE = "text/plain; charset=unreadable"


def csrf_failure(request, reason=""):
    log.warning("csrf refused: %s %s", request.method, request.path)
    return render(request, "403_csrf.html", status=403)


def server_error(request):
    """Django's answer to an exception that nobody caught: 503 while the database is away, busy or full, else 500."""
    error = sys.exc_info()[1]
    gave_up = isinstance(getattr(error, "__cause__", None), IdleInTransactionSessionTimeout)
    if not gave_up and not isinstance(error, (OperationalError, InterfaceError)):
        return defaults.server_error(request)
    template = "503.html#notice" if "HX-Request" in request.headers else "503.html"
    # Without the request: who asks would be looked up in the database.
    return HttpResponse(render_to_string(template), status=503, headers={"Retry-After": str(RETRY_AFTER)})


def fill_method_not_allowed(get_response):
    """Middleware: Django answers a wrong method with an empty page; give it words. The Allow header stays."""

    def middleware(request):
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = render_to_string("405.html", request=request)
        return response

    return middleware


def _is_utf8(content_type):
    """Whether the words of `content_type` name UTF-8 or no charset, which means the same here."""
    try:
        charset = parse_header_parameters(content_type)[1].get("charset")
        return not charset or codecs.lookup(charset).name in {"utf-8", "ascii"}
    except (LookupError, ValueError):
        return False


def only_utf8(get_response):
    """Middleware: our pages send UTF-8 and nothing else. Django would read address and body with whatever codec the
    content type names, also with one that makes no text, and each view would fail in a place of its own.
    """

    def middleware(request):
        if not _is_utf8(request.META.get("CONTENT_TYPE", "")):
            raise BadRequest("a charset that is not read here")
        if request.encoding:
            request.encoding = "utf-8"  # also where it goes by another name, which Django refuses
        return get_response(request)

    return middleware


def with_content_type(application):
    """WSGI: some content types stop Django while it makes the request, before any middleware. They become one that
    `only_utf8` answers.
    """

    def serve(environ, start_response):
        if not _is_utf8(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = UNREADABLE
        return application(environ, start_response)

    return serve
