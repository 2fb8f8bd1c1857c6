"""RHK: how a month's activities fall on the list, and the RHK reports of one activity or of a month."""

from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import AccessLog
from entries.submit import submit, thank
from entries.trail import note_access
from pkh_casework.access import AREA, CASE_EXPORT, CASE_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.pdf import pdf_response
from reports.figures import FIGURES
from reports.figures.declared.locked import lock_state
from reports.figures.declared.rhk import rhk_in
from reports.figures.queries import sees_people
from reports.figures.values import values_of
from reports.figures.views.lens import shell_of, view_of
from reports.monthly.forms import RHKForm
from reports.monthly.operations import choose_rhk
from reports.monthly.rhk_month import WITHOUT, month_name, month_paper
from reports.monthly.rhk_month import for_typst as month_for_typst
from reports.monthly.rhk_paper import exportable, for_typst, paper_name, papers_of
from reports.monthly.rhk_word import month_document, rhk_document
from wilayah.clock import local_today

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@access(AREA)
@require_safe
def rhk_list(request):
    """How the activities of a month fall on the RHK in force; each number opens its rows."""
    view = view_of(request)
    listed = rhk_in(view.lens.month)
    results = listed.results
    slugs = [f"rhk-{result.number}" for result in results]
    counted = {result: [slug for slug in result.counted if slug in FIGURES] for result in results}
    besides = [slug for slugs_of in counted.values() for slug in slugs_of]
    values = values_of([*slugs, *besides, "rhk-tanpa", "kegiatan", "susulan"], view.lens)
    context = shell_of(view) | {
        "results": [
            {
                "rhk": result,
                "value": values[slug],
                "url": view.figure_url(slug),
                "files": _files(view, result.number),
                "besides": [
                    {"figure": FIGURES[other], "value": values[other], "url": view.figure_url(other)}
                    for other in counted[result]
                ],
            }
            for result, slug in zip(results, slugs, strict=True)
        ],
        "map_since": listed.map_since,
        "without": values["rhk-tanpa"],
        "without_url": view.figure_url("rhk-tanpa"),
        "total": values["kegiatan"],
        "takes_files": sees_people(request.user),
        "without_files": _files(view, WITHOUT),
        "locked": lock_state(view.lens),
        "late": values["susulan"],
        "late_url": view.figure_url("susulan"),
    }
    return render_page(request, "reports/rhk_list.html", context)


def _files(view, number):
    """The addresses of the report of one RHK of this month, by the ending of the file."""
    routes = {"pdf": "reports:rhk_month_pdf", "docx": "reports:rhk_month_docx"}
    return {ending: view.url(route, rhk=number) for ending, route in routes.items()}


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def rhk_choose(request, pk):
    """Which rencana aksi an activity serves: by the map, or as its author or the koordinator says."""
    activity = get_object_or_404(
        exportable(request.user).select_related("kind", "sub_role", "pendamping"), pk=pk
    )
    listed = rhk_in(activity.occurred_on.replace(day=1))
    mapped = listed.mapped(activity)
    form = RHKForm(
        request.POST or None,
        listed=listed,
        mapped=mapped,
        initial={"action": activity.rhk_action if activity.rhk_action in listed.actions else ""},
        user=request.user,
        today=local_today(activity.wilayah_id),
    )
    if receipt := submit(request, form, partial(choose_rhk, activity)):
        thank(request, receipt, "RHK kegiatan ini tersimpan.")
        return redirect(activity)
    context = {
        "activity": activity,
        "form": form,
        "served": listed.action_of(activity),
        "is_chosen": activity.rhk_action in listed.actions,
        "map_since": listed.map_since,
    }
    return render_page(request, "reports/rhk_choose.html", context)


@access(CASE_EXPORT)
@require_safe
def rhk_pdf(request, pk):
    papers = _papers_of_one(request, pk)
    return pdf_response("reports/rhk.typ", for_typst(papers), paper_name(papers[0], "pdf"))


@access(CASE_EXPORT)
@require_safe
def rhk_docx(request, pk):
    [paper] = _papers_of_one(request, pk)
    return _download(rhk_document(paper), paper_name(paper, "docx"), DOCX)


@access(CASE_EXPORT)
@require_safe
def rhk_month_pdf(request):
    """The report of one RHK for the month: `?rhk=3`, or `tanpa` for activities that serve none."""
    view, number = _asked(request)
    paper = month_paper(view, number)
    return pdf_response("reports/rhk_month.typ", month_for_typst(paper), month_name(view, number, "pdf"))


@access(CASE_EXPORT)
@require_safe
def rhk_month_docx(request):
    """The same as a Word document."""
    view, number = _asked(request)
    return _download(month_document(month_paper(view, number)), month_name(view, number, "docx"), DOCX)


def _asked(request):
    """(view, number of the RHK or None) of an address, kept in the trail; the first of the list when it names none.
    Raises Http404 for an RHK that the list of the month does not have.
    """
    view, asked = view_of(request), asked_text(request.GET, "rhk")
    listed = {str(result.number): result.number for result in rhk_in(view.lens.month).results} | {
        WITHOUT: None
    }
    if asked and asked not in listed:
        raise Http404("no such RHK")
    number = listed[asked] if asked else next(iter(listed.values()))
    subject = f"{view.lens.month:%Y-%m} RHK {number or WITHOUT}"
    note_access(request, AccessLog.Action.EXPORT, subject=subject, fields=["laporan_rhk_bulan"])
    return view, number


def _papers_of_one(request, pk):
    activity = get_object_or_404(exportable(request.user), pk=pk)
    note_access(request, AccessLog.Action.EXPORT, subject=activity.pk, fields=["laporan_rhk"])
    return papers_of(exportable(request.user).filter(pk=pk), request.user)


def _download(content, name, content_type):
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
