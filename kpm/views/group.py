"""The kelompok."""

from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from kpm.forms import GroupForm
from kpm.models import Group, GroupChair, Household
from kpm.operations import Refused, save_group
from ledger.operations import OtherContent
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

from .entry import TAKEN, area_of, thank, was_sent

PAGE = 50
ACTIVE = Q(households__status__in=[Household.Status.AKTIF, Household.Status.CALON_GRADUASI])


@require_safe
def group_list(request):
    groups = Group.objects.visible_to(request.user).annotate(folded_name=Lower("name"))
    page = keyset_page(
        groups.select_related("wilayah", "pendamping"), request, ["folded_name", "pk"], size=PAGE
    )
    ids = [group.pk for group in page.rows]
    sizes = Group.objects.filter(pk__in=ids).annotate(size=Count("households", filter=ACTIVE))
    sizes = dict(sizes.values_list("pk", "size"))
    chairs = dict(
        GroupChair.objects.filter(group__in=ids, to_on=None).values_list("group", "household__name")
    )
    rows = [(group, sizes[group.pk], chairs.get(group.pk, "")) for group in page.rows]
    return render_page(request, "kpm/group_list.html", {"rows": rows, "page": page}, part="group-more")


@require_http_methods(["GET", "HEAD", "POST"])
def group_create(request):
    area, parts = area_of(request)
    if parts:
        return render_page(request, "kpm/area_choose.html", {"parts": parts, "title": "Tambah kelompok"})
    form = GroupForm(request.POST or None, user=request.user, today=local_today(), area=area)
    return _saved(request, form, "Kelompok tersimpan.") or render_page(
        request, "kpm/group_create.html", {"form": form}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request, pk):
    group = get_object_or_404(
        Group.objects.visible_to(request.user).select_related("pendamping", "wilayah"), pk=pk
    )
    form = GroupForm(
        request.POST or None, group=group, user=request.user, today=local_today(), area=group.wilayah_id
    )
    return _saved(request, form, "Perubahan tersimpan.") or render_page(
        request, "kpm/group_edit.html", {"form": form, "group": group}
    )


def _saved(request, form, words):
    """The redirect after a valid submission was stored, else None with the faults on the form."""
    if request.method != "POST":
        return None
    form.sent_before = was_sent(request.user, form.op_id)
    if not form.is_valid():
        return None
    try:
        save_group(form.group, by=request.user, **form.entry())
    except Refused as refusal:
        form.refuse(refusal)
    except OtherContent:
        form.already_taken(TAKEN)
    else:
        thank(request, form.op_id, words)
        return redirect("kpm:group_list")
    return None
