"""Sumber daya: finding one on the list; reading, adding, correcting and confirming it."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, thank
from pkh_casework.access import AREA, AREA_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from resources.duplicates import like_it
from resources.forms.resource import ResourceCheckForm, ResourceForm
from resources.history import changes_of
from resources.matches import WORDS, closed_on, facts_of
from resources.matching import check_all, verdict
from resources.models import Resource, ResourceCheck
from resources.nearby import indicator_choices, origin_of, way_between
from resources.operations.resource import check_resource, save_resource
from resources.results import results_by
from wilayah.clock import local_today

from .search import as_asked, household_asked, row_of, search_of

PAGE = 50
FIRST_CHECKS = 5


@access(AREA)
@require_safe
def resource_list(request):
    """Resources of the asker's area; with `?di=` those that serve a part of it, with `?kpm=` those of a
    family's area, the nearest first, each checked for the family.
    """
    search = search_of(request)
    listing = search.listing
    rows = listing.qs.select_related("category", "partner", "wilayah").prefetch_related("services")
    page = keyset_page(rows, request, listing.order, size=PAGE)
    context = as_asked(request, search) | {
        "page": page,
        "rows": [row_of(resource, search) for resource in page.rows],
    }
    part = "resource-more" if request.htmx.target == "resource-more" else "resource-rows"
    return render_page(request, "resources/resource_list.html", context, part=part)


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
    household = household_asked(request)
    checks = check_all(resource, facts_of(household, day)) if household else []
    way = way_between(resource, origin_of(household)) if household else None
    names = dict(indicator_choices(day))
    return {
        "resource": resource,
        "today": day,
        "stale": resource.is_stale_on(day),
        "closed": closed_on(resource, day),
        "household": household,
        "checks": checks,
        "way": way,
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
