"""Answers to requests that can't be served: plain words, nothing of the system's inside."""

import logging

from django.shortcuts import render
from django.template.loader import render_to_string

log = logging.getLogger(__name__)


def csrf_failure(request, reason=""):
    log.warning("csrf refused: %s %s", request.method, request.path)
    return render(request, "403_csrf.html", status=403)


def fill_method_not_allowed(get_response):
    """Middleware: Django answers a wrong method with an empty page; give it words. The Allow header stays."""

    def middleware(request):
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            response.content = render_to_string("405.html", request=request)
        return response

    return middleware
