"""Help in place: the chapter of the guide that tells of the page in front of us."""

from django import template

from guide.chapters import chapter_about

register = template.Library()


@register.simple_tag(takes_context=True)
def chapter_here(context):
    """The Chapter about this page; None for pages without one."""
    request = context.get("request")
    match = request and request.resolver_match
    return chapter_about(match.view_name) if match else None
