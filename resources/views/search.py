"""What an address asks of the resources, for a family or not, and what the list and the map print of one."""

from types import SimpleNamespace

from django.shortcuts import get_object_or_404

from kpm.models import Household
from pkh_casework.asked import asked_case, asked_text
from pkh_casework.templatetags.formats import jarak
from resources.matches import WORDS, closed_on, facts_of
from resources.matching import check_all, verdict
from resources.nearby import NO_PLACE, ResourceListing
from wilayah.clock import local_today


def search_of(request):
    """What the address asks for, and the resources that answer it."""
    day = local_today(request.user.wilayah_id)
    household = household_asked(request)
    facts = facts_of(household, day) if household else None
    return SimpleNamespace(
        day=day,
        household=household,
        facts=facts,
        listing=ResourceListing(request.GET, user=request.user, today=day, household=household, facts=facts),
    )


def as_asked(request, search):
    """What the list and the map need to say what was asked, and to ask on."""
    listing = search.listing
    return {
        "question": listing.asked,
        "filters_asked": listing.filters_asked,
        "choices": listing.choices,
        "household": search.household,
        "within": listing.within,
        "origin": listing.origin,
        "query": request.GET.urlencode(),
    }


def household_asked(request):
    """The family that `?kpm=` names, or None without one. Only for who holds it: anybody else looks at the family on
    its own page, which keeps that.
    """
    case = asked_case(request.GET, "kpm")
    if not asked_text(request.GET, "kpm"):
        return None
    families = Household.objects.visible_to(request.user).filter(pendamping=request.user)
    return get_object_or_404(families.select_related("wilayah"), case_number=case)


def row_of(resource, search):
    """What the list prints of one resource."""
    checks = check_all(resource, search.facts) if search.facts else []
    fits = verdict(checks) if search.facts else ""
    has_point, origin = resource.latitude is not None, search.listing.origin
    is_exact = origin is None or origin.is_exact
    return SimpleNamespace(
        resource=resource,
        url=address_of(resource, search.household),
        stale=resource.is_stale_on(search.day),
        closed=closed_on(resource, search.day),
        fits=fits,
        fits_words=WORDS.get(fits, ""),
        far=far(resource) if has_point or is_exact else "",
        exact=has_point and is_exact,
    )


def far(resource):
    """The distance of a resource from where its list begins, in words; "" where none is known."""
    metres = getattr(resource, "metres", NO_PLACE)
    return "" if metres == NO_PLACE else jarak(metres / 1000)


def address_of(resource, household):
    url = resource.get_absolute_url()
    return f"{url}?kpm={household.case_number}" if household else url
