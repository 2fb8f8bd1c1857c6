"""Whether a way is open to its reader, so that no page shows one that answers 404."""

from urllib.parse import urlsplit

from django import template
from django.urls import Resolver404, resolve

from pkh_casework.access import may_enter

register = template.Library()


@register.filter
def opens_for(way, user):
    """Whether the policy lets `user` in: `{% if "roles:activity_create"|opens_for:user %}`. `way` is the name of a route,
    or an address; one that begins with `?` stays on the page.
    """
    if not way.startswith("/"):
        return way.startswith("?") or may_enter(user, way)
    try:
        return may_enter(user, resolve(urlsplit(way).path).view_name)
    except Resolver404:
        return False
