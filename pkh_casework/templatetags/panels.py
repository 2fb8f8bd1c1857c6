"""Where the panels of upper rooms stand on a page."""

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from pkh_casework.panels import PANELS

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context, place, thing):
    """The panels of `place` about `thing`, one below the other."""
    request = context["request"]
    shown = [(panel.template, panel.about(request, thing)) for panel in PANELS[place]]
    parts = [render_to_string(template, said, request) for template, said in shown if said is not None]
    return format_html_join("", "{}", ([part] for part in parts))
