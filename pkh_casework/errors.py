"""Answers to requests that can't be served: plain words, nothing of the system's inside."""

import logging

from django.shortcuts import render

log = logging.getLogger(__name__)


def csrf_failure(request, reason=""):
    log.warning("csrf refused: %s %s", request.method, request.path)
    return render(request, "403_csrf.html", status=403)


def method_not_allowed(request):
    return render(request, "405.html", status=405)
