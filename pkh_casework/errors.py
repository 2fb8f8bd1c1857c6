"""Answers to requests that can't be served: plain words, nothing of the system's inside."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from psycopg.errors import IdleInTransactionSessionTimeout

log = logging.getLogger(__name__)

RETRY_AFTER = 30  # seconds


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
