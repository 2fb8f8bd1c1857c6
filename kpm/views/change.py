"""What happens to a family as a family: set inactive or taken up again, and another pengurus."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit, tap, thank
from entries.trail import note_look
from kpm.forms import ActiveAgainForm, HousePointForm, InactiveForm, PengurusForm
from kpm.models import FamilyChange, Household
from kpm.operations import change_pengurus, change_status, set_point
from pkh_casework.access import CASE_EDIT, access
from pkh_casework.htmx import render_page
from wilayah.clock import local_today
from wilayah.sheet import sheet_of

AT_HOME = "Sedang di rumah keluarga ini? HP bisa mengisi titiknya. Tanyakan dulu kepada keluarga."


def _family(request, case):
    families = Household.objects.visible_to(request.user).select_related("wilayah")
    household = get_object_or_404(families, case_number=case)
    note_look(request, case, holders={household.pendamping_id})
    return household


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def household_status(request, case):
    """Set a family inactive, or take an inactive one up again: with a coded reason and a day."""
    household = _family(request, case)
    is_inactive = household.status == Household.Status.NONAKTIF
    # What was filled in on the other form, while somebody else changed the status, is told so by the operation.
    asks_again = is_inactive if request.method != "POST" else request.POST.get("to") == "aktif"
    form_class = ActiveAgainForm if asks_again else InactiveForm
    form = form_class(request.POST or None, user=request.user, today=local_today(household.wilayah_id))
    if receipt := submit(request, form, partial(change_status, household)):
        thank(request, receipt, "Keluarga aktif lagi." if asks_again else "Keluarga dinonaktifkan.")
        return redirect(household)
    last = FamilyChange.objects.filter(household=household, kind=FamilyChange.Kind.INACTIVE).first()
    context = {
        "form": form,
        "household": household,
        "asks_again": asks_again,
        "last": last if is_inactive else None,
    }
    return render_page(request, "kpm/household_status.html", context)


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def pengurus_change(request, case):
    """Another pengurus in one act: the heir takes over. Who has no heir on the card is shown the ways that are left."""
    household = _family(request, case)
    form = PengurusForm(
        request.POST or None,
        household=household,
        user=request.user,
        today=local_today(household.wilayah_id),
    )
    if receipt := submit(request, form, partial(change_pengurus, household)):
        thank(request, receipt, "Pengurus baru tersimpan.")
        return redirect(household)
    return render_page(request, "kpm/pengurus_change.html", {"form": form, "household": household})


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def household_point(request, case):
    """Where the house stands: typed, pasted from a map app, or as the phone finds it; `hapus` forgets it."""
    household = _family(request, case)
    if "hapus" in request.POST:
        receipt, _ = tap(request, partial(set_point, household, point=None))
        if receipt:
            thank(request, receipt, "Titik rumah dihapus.")
        return redirect("kpm:household_point", case=household.case_number)
    form = HousePointForm(
        request.POST or None,
        household=household,
        user=request.user,
        today=local_today(household.wilayah_id),
    )
    if receipt := submit(request, form, partial(set_point, household)):
        thank(request, receipt, "Titik rumah tersimpan.")
        return redirect(household)
    has_point = household.latitude is not None
    point = (household.latitude, household.longitude)
    sheet = sheet_of(household.wilayah_id, [point] if has_point else [])
    context = {
        "form": form,
        "household": household,
        "sheet": sheet,
        "mark": sheet.spot(point) if sheet and has_point else None,
        "here": AT_HOME,
    }
    return render_page(request, "kpm/household_point.html", context)
