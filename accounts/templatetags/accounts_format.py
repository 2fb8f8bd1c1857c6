"""How the accounts room names things on its pages."""

from django import template
from django.utils.html import escape, format_html_join

register = template.Library()

# First match wins: Edge and Samsung's browser also call themselves Chrome, and Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("OPR", "Opera"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "ponsel Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "komputer Windows"),
    ("Macintosh", "komputer Mac"),
    ("Linux", "komputer Linux"),
)


@register.filter
def breakable(username):
    """A username as HTML that may break after its dots and nowhere else before."""
    *parts, last = username.split(".")
    return format_html_join("", "{}.<wbr>", ((part,) for part in parts)) + escape(last)


@register.filter
def device(agent):
    """A browser's User-Agent in words, as 'Chrome di ponsel Android'; 'Perangkat lain' when it says nothing known."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " di ".join(filter(None, (browser, system))) or "Perangkat lain"
