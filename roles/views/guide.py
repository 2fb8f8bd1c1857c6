"""The four roles explained: what each sub-role means and what it looks like in the field."""

from django.views.decorators.http import require_safe

from pkh_casework.access import SIGNED_IN, access
from pkh_casework.htmx import render_page
from roles.catalogue import catalogue_on
from wilayah.clock import local_today


@access(SIGNED_IN)
@require_safe
def role_guide(request):
    catalogue = catalogue_on(local_today(request.user.wilayah_id))
    return render_page(request, "roles/role_guide.html", {"roles": catalogue.by_role()})
