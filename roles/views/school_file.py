"""Forms of attendance from schools: sent, looked at row by row, and stored."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, tap, thank
from pkh_casework.access import CASE, CASE_WRITE, access
from pkh_casework.asked import asked_number
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from roles.commitments.matching import match_pupils
from roles.forms.school_file import SchoolFileForm
from roles.models import SchoolFile
from roles.operations.school_file import content_of, receive_school_file, store_school_file
from wilayah.clock import local_today

PAGE = 30
ROWS = 60


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def school_file_list(request):
    """Send a file, and those sent before."""
    form = SchoolFileForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, receive_school_file):
        return redirect("roles:school_file_detail", pk=receipt.object_id)
    page = keyset_page(SchoolFile.objects.visible_to(request.user), request, ["-sent_at", "-id"], size=PAGE)
    context = {"form": form, "page": page}
    return render_page(request, "roles/school_file_list.html", context, part="file-rows")


@access(CASE)
@require_safe
def school_file_detail(request, pk):
    """What the file says of whom, before it is stored and after: what needs mending first, then what is below the limit."""
    file = get_object_or_404(SchoolFile.objects.visible_to(request.user), pk=pk)
    today = local_today(request.user.wilayah_id)
    matches = match_pupils(content_of(file), file.first_month, request.user, today)
    matches.sort(key=lambda one: (not one.is_refused, not one.troubles, not one.is_below, one.is_same))
    start = asked_number(request.GET, "mulai") or 0
    start = start if start < len(matches) else 0
    good = [one for one in matches if not one.is_refused]
    context = {
        "file": file,
        "months": [months_after(file.first_month, turn) for turn in range(3)],
        "matches": matches[start : start + ROWS],
        "next_start": start + ROWS if start + ROWS < len(matches) else None,
        "numbers": {
            "all": len(matches),
            "found": len(good),
            "to_store": sum(not one.is_same for one in good),
            "below": sum(one.is_below for one in good),
            "refused": len(matches) - len(good),
        },
    }
    return render_page(request, "roles/school_file_detail.html", context)


@access(CASE_WRITE)
@require_POST
def school_file_store(request, pk):
    """Store the rows that were found."""
    file = get_object_or_404(SchoolFile.objects.visible_to(request.user), pk=pk)
    write = partial(store_school_file, file, today=local_today(request.user.wilayah_id))
    receipt, _ = tap(request, write)
    if receipt:
        thank(request, receipt, "Kehadiran tersimpan; hasilnya di bawah ini.")
    return redirect(file)
