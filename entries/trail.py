"""The trail: who looked at other people's families or was refused (AccessTrail), who changed what (FieldHistory)."""

from contextlib import contextmanager
from uuid import uuid4

import pghistory.middleware
from pghistory import runtime

from .models import AccessLog


def note_access(request, action, *, subject="", fields=(), reason=""):
    """Store one AccessLog row for this request; `subject` is a case number or id, never a name."""
    return AccessLog.objects.create(
        user=request.user,
        action=action,
        route=request.resolver_match.view_name if request.resolver_match else "",
        path=request.path[:200],
        subject=str(subject)[:60],
        fields=list(fields),
        reason=reason[:200],
    )


def note_look(request, subject, *, holders):
    """Keep that this page shows data of a family to somebody who is none of `holders` (ids of users).

    Routes that call it say so by `audit` in their rule. While a held form is looked at or let in, its author looks at
    nothing.
    """
    if request.user.pk not in holders and not request.user.is_asked_as_former_holder:
        note_access(request, AccessLog.Action.LOOK, subject=subject)


class AccessTrail:
    """Middleware: keep refusals, after and outside the view's transaction (which may have been rolled back)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code in {403, 404} and request.resolver_match and request.user.is_authenticated:
            note_access(request, AccessLog.Action.DENIED)
        return response


class FieldHistory(pghistory.middleware.HistoryMiddleware):
    """Middleware: every changed field is tagged with the user and the path, never with the query string."""

    def get_context(self, request):
        return {"user": request.user.pk if request.user.is_authenticated else None, "path": request.path}


@contextmanager
def history_of_its_own():
    """Within it the field history names who it is told, and not whoever writes around it: one context of pghistory knows
    one user, and nested ones are the same.
    """
    around = getattr(runtime._tracker, "value", None)
    if around is None:
        yield
        return
    runtime._tracker.value = runtime.Context(id=uuid4(), metadata=dict(around.metadata))
    try:
        yield
    finally:
        runtime._tracker.value = around
