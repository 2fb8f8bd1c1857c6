"""The families that a resource fits, from its own page."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from pkh_casework.access import CASE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from resources.fitting import families_for
from resources.matches import closed_on
from resources.models import Resource
from wilayah.clock import local_today

MOST_SHOWN = 20  # at first


@access(CASE)
@require_safe
def resource_families(request, pk):
    """Which of the asker's families need this resource and meet what it asks, the best first; with `?semua=1` all."""
    resource = get_object_or_404(Resource.objects.visible_to(request.user).select_related("wilayah"), pk=pk)
    today = local_today(request.user.wilayah_id)
    found = families_for(resource, request.user, today)
    context = {
        "resource": resource,
        "found": found,
        "fits": found.fits if asked_text(request.GET, "semua") else found.fits[:MOST_SHOWN],
        "closed": closed_on(resource, today),
        "is_own": request.user.is_pendamping,
    }
    return render_page(request, "resources/resource_families.html", context)
