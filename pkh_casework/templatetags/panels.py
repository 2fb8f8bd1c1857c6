"""Where the panels of upper rooms stand on a page."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from pkh_casework.panels import PANELS

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context, place, thing):
    """The panels of `place` about `thing`, one below the other."""
    request = context["request"]
    shown = filter(None, (panel(request, thing) for panel in PANELS[place]))
    parts = [render_to_string(template, said, request) for template, said in shown]
    return mark_safe("".join(parts))  # noqa: S308  each is a template's own output, escaped there
