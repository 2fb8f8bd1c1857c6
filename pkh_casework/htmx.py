"""All the htmx that the Python side knows."""

from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers


def render_page(request, template, context, *, part=None, status=200):
    """Render `template`, or only its partial `part` when htmx is filling the element with that id.

    The server names the part, so a client can't step around a condition in the page by asking for another one.
    """
    if part and request.htmx.target == part:
        template = f"{template}#{part}"
    response = TemplateResponse(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def client_redirects(get_response):
    """Send redirects of htmx requests as HX-Redirect, so no page (a login page, say) lands inside a part."""

    def middleware(request):
        response = get_response(request)
        if request.htmx and "Location" in response:
            response["HX-Redirect"] = response["Location"]
            del response["Location"]
            response.status_code = 204
        return response

    return middleware
