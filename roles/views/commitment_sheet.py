"""The list of a place and quarter out of the house: on paper, blank or filled, and as the file that schools know."""

from datetime import datetime, time

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import AccessLog
from entries.trail import note_access
from kpm.models import Component
from pkh_casework.access import PENDAMPING, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.pdf import pdf_response
from roles.commitments.people import WITHOUT_PLACE
from roles.commitments.sheet import paper_of, quarter_sheet, school_csv
from roles.forms.commitment_sheet import SheetForm
from wilayah.clock import local_today

from .commitment import place_or_404

FILLED = "terisi"
EDUCATION = Component.Category.EDUCATION
NUMBERS_A_DAY = 300  # families whose NIKs may leave in such files; a pendamping has about as many
OUT = only(PENDAMPING, audit="export")


@access(OUT)
@require_http_methods(["GET", "HEAD", "POST"])
def commitment_sheet(request, category, month, place):
    """What can be taken away of a place; a POST takes the file of a school."""
    first, sheet = _sheet_or_404(request, category, month, place)
    form = SheetForm(request.POST if request.method == "POST" else None)
    asked = request.method == "POST" and category == EDUCATION and form.is_valid()
    if asked and _may_open(request, form, len(_cases(sheet))):
        return _file(request, form, sheet, place)
    context = {
        "form": form,
        "month": first,
        "category": Component.Category(category),
        "is_school": category == EDUCATION,
        "place": place,
        "name": sheet.name or WITHOUT_PLACE,
        "months": sheet.months,
        "people": len(sheet.lines),
    }
    return render_page(request, "roles/commitment_sheet.html", context)


@access(OUT)
@require_safe
def commitment_pdf(request, category, month, place):
    """The paper, blank; with `?isi=terisi` what is stored."""
    _, sheet = _sheet_or_404(request, category, month, place)
    filled = asked_text(request.GET, "isi") == FILLED
    note_access(request, AccessLog.Action.EXPORT, subject=place, fields=["formulir_komitmen"])
    data = {
        **paper_of(sheet, filled=filled),
        "category": Component.Category(category).label.capitalize(),
        "is-school": category == EDUCATION,
        "pendamping": request.user.name,
    }
    data["place"] = data["place"] or WITHOUT_PLACE
    name = f"komitmen-{sheet.months[0]:%Y-%m}{'-terisi' if filled else ''}.pdf"
    return pdf_response("roles/commitment_sheet.typ", data, name)


def _sheet_or_404(request, category, month, place):
    """(first day of the month, QuarterSheet) of what an address names. Raises Http404."""
    today = local_today(request.user.wilayah_id)
    first, _ = place_or_404(request.user, category, month, place, today)
    sheet = quarter_sheet(request.user, category, place, first)
    if sheet is None:
        raise Http404("a place of nobody")
    return first, sheet


def _cases(sheet):
    return sorted({line.bound.household.case_number for line in sheet.lines})


def _may_open(request, form, families):
    """Whether so many families' NIKs may still leave today, if they are asked for; else it is said on the form."""
    if not form.cleaned_data["numbers"]:
        return True
    midnight = timezone.make_aware(datetime.combine(local_today(request.user.wilayah_id), time.min))
    route = request.resolver_match.view_name
    opened = AccessLog.objects.filter(
        user=request.user, action=AccessLog.Action.REVEAL, route=route, at__gte=midnight
    )
    if opened.count() + families <= NUMBERS_A_DAY:
        return True
    form.add_error(
        "numbers", f"Sudah {NUMBERS_A_DAY} keluarga yang nomornya dibuka hari ini. Coba lagi besok."
    )
    return False


def _file(request, form, sheet, place):
    numbers, reason = form.cleaned_data["numbers"], form.cleaned_data["reason"]
    note_access(request, AccessLog.Action.EXPORT, subject=place, fields=["berkas_komitmen"], reason=reason)
    for case in _cases(sheet) if numbers else ():
        note_access(request, AccessLog.Action.REVEAL, subject=case, fields=["nik"], reason=reason)
    text = school_csv(sheet, request.user.name, with_numbers=numbers)
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="komitmen-{sheet.months[0]:%Y-%m}.csv"'
    return answer
