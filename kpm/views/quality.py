"""What is missing or odd in the data of families: the numbers, the families behind each, and where each is mended."""

from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from kpm.caseload import MOST_PENDAMPING
from kpm.listings import QualityListing
from kpm.quality import BY_SLUG, RULES, add_faults, counts
from pkh_casework.access import CASE, access
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today
from wilayah.models import DIGITS_BELOW, Wilayah

PAGE = 50


@access(CASE)
@require_safe
def data_quality(request):
    """Each rule with how many of the asker's families it names; those that name none stand below as done."""
    listing = _listing(request)
    found = counts(listing.qs, listing.today)
    query = f"?{urlencode(listing.address)}" if listing.address else ""
    rows = [
        (rule, found[rule.slug], reverse("kpm:data_quality_rows", args=[rule.slug]) + query) for rule in RULES
    ]
    context = _filters(listing) | {
        "open": [row for row in rows if row[1]],
        "done": [rule for rule, number, _ in rows if not number],
    }
    return render_page(request, "kpm/data_quality.html", context)


@access(CASE)
@require_safe
def data_quality_rows(request, rule):
    """The families that one rule names, in walking order, each with what is wrong and the form that mends it."""
    named = BY_SLUG.get(rule)
    if named is None:
        raise Http404("no such rule")
    listing = _listing(request)
    families = listing.qs.filter(named.condition(listing.today)).select_related("wilayah", "pendamping")
    page = keyset_page(families, request, listing.order, size=PAGE)
    add_faults(named, page.rows, listing.today, request.user)
    query = f"?{urlencode(listing.address)}" if listing.address else ""
    context = {
        "rule": named,
        "page": page,
        "back_url": reverse("kpm:data_quality") + query,
        "told": listing.told,
    }
    return render_page(request, "kpm/data_quality_rows.html", context, part="quality-more")


def _listing(request):
    return QualityListing(request.GET, user=request.user, today=local_today(request.user.wilayah_id))


def _filters(listing):
    user = listing.user
    if user.is_pendamping:
        return {"pendamping": [], "areas": [], "asked": {}}
    digits = DIGITS_BELOW.get(len(user.wilayah_id), 0)
    areas = Wilayah.objects.filter(parent=user.wilayah_id).values_list("code", "name") if digits else []
    colleagues = User.objects.visible_to(user).pendamping()
    return {
        "pendamping": list(colleagues.values_list("pk", "name")[:MOST_PENDAMPING]),
        "areas": list(areas),
        "asked": listing.asked,
    }
