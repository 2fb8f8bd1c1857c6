"""Who may open which route: the rule beside each view, the one table made of them, and the middleware that enforces it.

A route without a rule is refused. What a person sees *inside* a page is decided by `visible_to(user)` of each
model; a rule only says which duties may knock at the door, and what the access trail keeps of the visit.
"""

from collections import UserDict
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.urls import URLPattern, get_resolver

PENDAMPING, KELURAHAN, KOORDINATOR, ADMIN = "pendamping", "kelurahan", "koordinator", "admin"
EVERYONE = frozenset({PENDAMPING, KELURAHAN, KOORDINATOR, ADMIN})


@dataclass(frozen=True)
class Rule:
    """One route: the duties that may open it and what is kept of the visit.

    `audit` is "" (nothing beyond the field history), "look" (that a person other than the holder opened it is kept),
    "secret" (that anybody opened it), "reveal" (also each identity number shown) or "export" (whoever took a document
    away is kept); a test holds the views to it. Refusals are kept on every route.
    `keeps_input`: a POST that meets an expired session is offered again after login instead of being lost.
    """

    duties: frozenset = frozenset()
    open: bool = False
    audit: str = ""
    keeps_input: bool = False


def only(*duties, **more):
    return Rule(duties=frozenset(duties), **more)


ANYONE = Rule(open=True)
SIGNED_IN = Rule(duties=EVERYONE)
FIELD = only(PENDAMPING)
FIELD_WRITE = only(PENDAMPING, keeps_input=True)
CASE = only(PENDAMPING, KOORDINATOR)
CASE_LOOK = only(PENDAMPING, KOORDINATOR, audit="look")
CASE_SECRET = only(PENDAMPING, KOORDINATOR, audit="secret")
CASE_EXPORT = only(PENDAMPING, KOORDINATOR, audit="export")
CASE_WRITE = only(PENDAMPING, KOORDINATOR, keeps_input=True)
AREA = only(PENDAMPING, KELURAHAN, KOORDINATOR)
AREA_WRITE = only(PENDAMPING, KELURAHAN, KOORDINATOR, keeps_input=True)
CASE_EDIT = only(PENDAMPING, KOORDINATOR, keeps_input=True, audit="look")


def access(rule: Rule):
    """Decorator of a view: who may open its routes. It stands above all others, which keep what it says."""

    def mark(view):
        view.rule = rule
        return view

    return mark


class _Table(UserDict):
    """The rule of every route by its name, read off the views when somebody asks first: these know this module."""

    def __init__(self):
        pass

    @cached_property
    def data(self):
        return dict(_rules(get_resolver().url_patterns))


def _rules(patterns, namespace=""):
    """(name, rule) of each route whose view has one."""
    for entry in patterns:
        if isinstance(entry, URLPattern):
            if rule := getattr(entry.callback, "rule", None):
                yield f"{namespace}{entry.name}", rule
        else:
            yield from _rules(entry.url_patterns, f"{entry.namespace}:" if entry.namespace else namespace)


POLICY = _Table()


def may_enter(user, route):
    """Whether the door of `route` opens for `user` (None for a stranger)."""
    rule = POLICY[route]
    return rule.open or (user is not None and user.is_authenticated and user.duty in rule.duties)


class Guard:
    """Middleware: refuse routes without a rule, send strangers to the login page, hide what is not theirs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        rule = request.rule = POLICY.get(request.resolver_match.view_name)
        if rule is None:
            raise Http404("a route without a rule")
        if rule.open:
            return None
        if not request.user.is_authenticated:
            wanted = {"next": request.get_full_path()} if request.method in {"GET", "HEAD"} else {}
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode(wanted)}".rstrip("?"))
        if request.user.duty not in rule.duties:
            raise Http404("another duty")
        return None


def no_store(get_response):
    """Middleware: keep pages out of every cache, so that Back after logout shows nothing of a family."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware
