"""Sumber daya: finding one, on the list or on the map; reading, adding, correcting and confirming it."""

from functools import partial
from types import SimpleNamespace

from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, thank
from kpm.models import Household
from pkh_casework.access import AREA, AREA_WRITE, access
from pkh_casework.asked import asked_case, asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.templatetags.formats import angka
from resources.duplicates import like_it
from resources.forms.resource import ResourceCheckForm, ResourceForm
from resources.history import changes_of
from resources.matches import WORDS, closed_on, facts_of
from resources.matching import check_all, verdict
from resources.models import Resource, ResourceCheck
from resources.nearby import (
    NO_PLACE,
    ResourceListing,
    area_of_map,
    indicator_choices,
    point_of,
)
from resources.operations.resource import check_resource, save_resource
from resources.results import results_by
from wilayah.clock import local_today
from wilayah.models import Wilayah

PAGE = 50
MOST_PINS = 300
DECIMALS = 5  # about a metre
FIRST_CHECKS = 5


@access(AREA)
@require_safe
def resource_list(request):
    """Resources of the asker's area; with `?di=` those that serve a part of it, with `?kpm=` those of a
    family's area, the nearest first, each checked for the family.
    """
    search = _search(request)
    listing = search.listing
    rows = listing.qs.select_related("category", "partner", "wilayah").prefetch_related("services")
    page = keyset_page(rows, request, listing.order, size=PAGE)
    context = {
        "page": page,
        "rows": [_row(resource, search) for resource in page.rows],
        "question": listing.asked,
        "filters_asked": listing.filters_asked,
        "choices": listing.choices,
        "household": search.household,
        "within": listing.within,
        "origin": listing.origin,
        "query": request.GET.urlencode(),
        "points_url": f"{reverse('resources:resource_points')}?{request.GET.urlencode()}",
        "boundaries_url": search.area and f"{reverse('wilayah:boundaries')}?di={search.area}",
    }
    part = "resource-more" if request.htmx.target == "resource-more" else "resource-rows"
    return render_page(request, "resources/resource_list.html", context, part=part)


@access(AREA)
@require_safe
def resource_points(request):
    """What the map draws, as JSON: the resources that the list shows, as far as they have a place; the kelurahan around
    them; and the family's place.
    """
    search = _search(request)
    origin = search.listing.origin
    rows = search.listing.qs.select_related("category", "wilayah").order_by("name", "pk")[: MOST_PINS + 1]
    pins = [
        {
            "name": resource.name,
            "url": _address(resource, search.household),
            "icon": resource.category.icon,
            "category": resource.category.name,
            "place": [round(number, DECIMALS) for number in point[:2]],
            "exact": point[2],
            "stale": resource.is_stale_on(search.day),
        }
        for resource in rows[:MOST_PINS]
        if (point := point_of(resource))
    ]
    areas = Wilayah.objects.kelurahan().under(search.area).exclude(latitude=None) if search.area else []
    return JsonResponse(
        {
            "pins": pins,
            "without": min(len(rows), MOST_PINS) - len(pins),
            "areas": [
                {"name": area.name, "place": [float(area.latitude), float(area.longitude)]} for area in areas
            ],
            "family": origin
            and {
                "place": [round(origin.latitude, DECIMALS), round(origin.longitude, DECIMALS)],
                "exact": origin.is_exact,
            },
            "sprite": static("icons/sprite.svg"),
        }
    )


def _search(request):
    """What the address asks for, and the resources that answer it."""
    day = local_today(request.user.wilayah_id)
    household = _household(request)
    facts = facts_of(household, day) if household else None
    return SimpleNamespace(
        day=day,
        household=household,
        facts=facts,
        listing=ResourceListing(request.GET, user=request.user, today=day, household=household, facts=facts),
        area=area_of_map(household.wilayah_id if household else request.user.wilayah_id),
    )


def _household(request):
    """The family that `?kpm=` names, or None without one. Only for who holds it: anybody else looks at the family on
    its own page, which keeps that.
    """
    case = asked_case(request.GET, "kpm")
    if not asked_text(request.GET, "kpm"):
        return None
    families = Household.objects.visible_to(request.user).filter(pendamping=request.user)
    return get_object_or_404(families.select_related("wilayah"), case_number=case)


def _row(resource, search):
    """What the list prints of one resource."""
    checks = check_all(resource, search.facts) if search.facts else []
    fits = verdict(checks) if search.facts else ""
    return SimpleNamespace(
        resource=resource,
        url=_address(resource, search.household),
        stale=resource.is_stale_on(search.day),
        closed=closed_on(resource, search.day),
        fits=fits,
        fits_words=WORDS.get(fits, ""),
        far=_far(getattr(resource, "metres", NO_PLACE)),
        exact=bool(resource.latitude) and (search.listing.origin is None or search.listing.origin.is_exact),
    )


def _far(metres):
    """A distance in words; "" where none is known."""
    if metres == NO_PLACE:
        return ""
    return f"{angka(metres / 1000, 1)} km" if metres >= 1000 else f"{angka(max(50, round(metres, -1)))} m"


def _address(resource, household):
    url = resource.get_absolute_url()
    return f"{url}?kpm={household.case_number}" if household else url


@access(AREA)
@require_safe
def resource_detail(request, pk):
    """One resource: what it gives and asks, whether it is still true, and what changed about it."""
    resource = _resource_or_404(request.user, pk)
    return render_page(
        request, "resources/resource_detail.html", _detail(request, resource), part="resource-check"
    )


def _detail(request, resource, form=None):
    day = local_today(request.user.wilayah_id)
    household = _household(request)
    checks = check_all(resource, facts_of(household, day)) if household else []
    names = dict(indicator_choices(day))
    return {
        "resource": resource,
        "today": day,
        "stale": resource.is_stale_on(day),
        "closed": closed_on(resource, day),
        "household": household,
        "checks": checks,
        "fits": WORDS[verdict(checks)] if household else "",
        "lifts": [(code, names[code]) for code in resource.lifts if code in names],
        "results": results_by("resource", [resource.pk]).get(resource.pk),
        "looks": resource.checks.select_related("by")[:FIRST_CHECKS],
        "changes": changes_of(resource),
        "check": form or ResourceCheckForm(user=request.user, today=day),
    }


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def resource_create(request):
    form = _form(request)
    if receipt := submit(request, form, save_resource):
        thank(request, receipt, "Sumber daya tersimpan.")
        return redirect(form.instance if form.instance.pk else "resources:resource_list")
    return render_page(request, "resources/resource_form.html", {"form": form})


@access(AREA_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def resource_edit(request, pk):
    resource = _resource_or_404(request.user, pk)
    form = _form(request, instance=_resource_or_404(request.user, pk))
    if receipt := submit(request, form, save_resource):
        thank(request, receipt, "Perubahan tersimpan.")
        return redirect(resource)
    last = resource.checks.filter(outcome=ResourceCheck.Outcome.CHANGED).first()
    context = {"form": form, "resource": resource, "told": last if resource.checked_on is None else None}
    return render_page(request, "resources/resource_form.html", context)


def _form(request, instance=None):
    today = local_today(request.user.wilayah_id)
    return ResourceForm(
        request.POST or None,
        user=request.user,
        today=today,
        instance=instance,
        indicators=indicator_choices(today),
    )


@access(AREA)
@require_safe
def resource_twins(request):
    """While a name is typed (`?name=`): what is there already under a close name."""
    resources = Resource.objects.visible_to(request.user).active()
    twins = like_it(resources, asked_text(request.GET, "name"), area=request.user.wilayah_id)
    return render_page(request, "resources/resource_twins.html", {"twins": twins}, part="twins")


@access(AREA_WRITE)
@require_POST
def resource_check(request, pk):
    """Still true, something changed, or gone: one tap, or with a note. What changed leads on to correcting it."""
    resource = _resource_or_404(request.user, pk)
    form = ResourceCheckForm(request.POST, user=request.user, today=local_today(request.user.wilayah_id))
    if receipt := submit(request, form, partial(check_resource, resource)):
        thank(request, receipt, "Terima kasih, tercatat.")
        if form.cleaned_data.get("outcome") == ResourceCheck.Outcome.CHANGED:
            return redirect("resources:resource_edit", pk=pk)
        return redirect("desk:today" if "hari-ini" in request.POST else resource)
    return render_page(request, "resources/resource_detail.html", _detail(request, resource, form))


def _resource_or_404(user, pk):
    resources = Resource.objects.visible_to(user).select_related(
        "category", "partner", "wilayah", "checked_by"
    )
    return get_object_or_404(resources, pk=pk)
