"""The kelompok."""

from functools import partial

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from kpm.forms import GroupForm
from kpm.listings import GroupListing
from kpm.models import Group, GroupChair, Household
from kpm.operations import save_group
from kpm.views.area import area_of
from pkh_casework.access import CASE, CASE_WRITE, access
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

PAGE = 50
ACTIVE = Q(households__status__in=Household.ACTIVE)


@access(CASE)
@require_safe
def group_list(request):
    listing = GroupListing(request.GET, user=request.user, today=local_today())
    groups = listing.qs.select_related("wilayah", "pendamping")
    page = keyset_page(groups, request, listing.order, size=PAGE)
    ids = [group.pk for group in page.rows]
    sizes = Group.objects.filter(pk__in=ids).annotate(size=Count("households", filter=ACTIVE))
    sizes = dict(sizes.values_list("pk", "size"))
    chairs = dict(
        GroupChair.objects.filter(group__in=ids, to_on=None).values_list("group", "household__name")
    )
    rows = [(group, sizes[group.pk], chairs.get(group.pk, "")) for group in page.rows]
    return render_page(request, "kpm/group_list.html", {"rows": rows, "page": page}, part="group-more")


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def group_create(request):
    area, parts = area_of(request)
    if parts:
        return render_page(request, "kpm/area_choose.html", {"parts": parts, "title": "Tambah kelompok"})
    form = GroupForm(request.POST or None, user=request.user, today=local_today(), area=area)
    if receipt := submit(request, form, partial(save_group, None)):
        thank(request, receipt, "Kelompok tersimpan.")
        return redirect("kpm:group_list")
    return render_page(request, "kpm/group_create.html", {"form": form})


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request, pk):
    group = get_object_or_404(
        Group.objects.visible_to(request.user).select_related("pendamping", "wilayah"), pk=pk
    )
    form = GroupForm(
        request.POST or None, group=group, user=request.user, today=local_today(), area=group.wilayah_id
    )
    if receipt := submit(request, form, partial(save_group, group)):
        thank(request, receipt, "Perubahan tersimpan.")
        return redirect("kpm:group_list")
    return render_page(request, "kpm/group_edit.html", {"form": form, "group": group})
