"""A family moves to another address, in one act; beyond its holder's kecamatan with a handover to whoever works there."""

from functools import partial

from django.db.models import Case, Value, When
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit, thank
from entries.trail import note_look
from kpm.models import Household
from pkh_casework.access import CASE_EDIT, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from roster.forms import FamilyMoveForm
from roster.operations import move_family
from wilayah.clock import local_today
from wilayah.models import Wilayah

MOST_FOUND = 20


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def household_move(request, case):
    """`cari` looks for a kelurahan of the whole installation, `ke` is the code of the one chosen."""
    families = Household.objects.visible_to(request.user).select_related(
        "wilayah", "pendamping__wilayah", "group"
    )
    household = get_object_or_404(families, case_number=case)
    note_look(request, case, holders={household.pendamping_id})
    words, code = asked_text(request.GET, "cari"), asked_text(request.GET, "ke")
    kelurahan = Wilayah.objects.kelurahan().select_related("parent__parent")
    place = kelurahan.filter(pk=code).first() if code else None
    form = FamilyMoveForm(
        request.POST or None,
        household=household,
        area=place.pk if place else household.wilayah_id,
        user=request.user,
        today=local_today(household.wilayah_id),
    )
    if receipt := submit(request, form, partial(move_family, household)):
        offered = form.is_valid() and form.cleaned_data.get("receiver")
        words = (
            "Alamat baru tersimpan. Serah terima menunggu jawaban." if offered else "Alamat baru tersimpan."
        )
        thank(request, receipt, words)
        is_left = Household.objects.visible_to(request.user).filter(pk=household.pk).exists()
        return redirect(household if is_left else "kpm:household_list")
    context = {
        "form": form,
        "household": household,
        "place": place,
        "words": words,
        "found": _found(kelurahan, words, household.wilayah_id) if words else [],
    }
    return render_page(request, "roster/household_move.html", context)


def _found(kelurahan, words, home):
    """The first of the `kelurahan` that `words` name, those around `home` (a code) first."""
    near = [When(code__startswith=home[:digits], then=Value(digits)) for digits in (6, 4, 2)]
    found = kelurahan.named_like(words).annotate(nearness=Case(*near, default=Value(0)))
    return list(found.order_by("-nearness", "search_name", "code")[:MOST_FOUND])
