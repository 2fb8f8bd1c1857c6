"""RHK: how a month's activities fall on the list, and the RHK reports of one activity or of a month."""

import io
import zipfile

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from entries.models import AccessLog
from entries.trail import note_access
from pkh_casework.access import AREA, CASE_EXPORT, access
from pkh_casework.asked import asked_number
from pkh_casework.htmx import render_page
from pkh_casework.pdf import pdf_response
from reports.figures import FIGURES
from reports.figures.declared.rhk import rhk_in
from reports.figures.queries import sees_people
from reports.figures.values import values_of
from reports.figures.views.lens import shell_of, view_of
from reports.monthly.rhk_paper import PART, exportable, for_typst, paper_name, papers_of
from reports.monthly.rhk_word import rhk_document

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@access(AREA)
@require_safe
def rhk_list(request):
    """How the activities of a month fall on the RHK in force; each number opens its rows."""
    view = view_of(request)
    results = rhk_in(view.lens.month).results
    slugs = [f"rhk-{result.number}" for result in results]
    counted = {result: [slug for slug in result.counted if slug in FIGURES] for result in results}
    besides = [slug for slugs_of in counted.values() for slug in slugs_of]
    values = values_of([*slugs, *besides, "rhk-tanpa", "kegiatan"], view.lens)
    context = shell_of(view) | {
        "results": [
            {
                "rhk": result,
                "value": values[slug],
                "url": view.figure_url(slug),
                "besides": [
                    {"figure": FIGURES[other], "value": values[other], "url": view.figure_url(other)}
                    for other in counted[result]
                ],
            }
            for result, slug in zip(results, slugs, strict=True)
        ],
        "without": values["rhk-tanpa"],
        "without_url": view.figure_url("rhk-tanpa"),
        "total": values["kegiatan"],
        "parts": _parts(view, values["kegiatan"]) if sees_people(request.user) else [],
        "part_size": PART,
    }
    return render_page(request, "reports/rhk_list.html", context)


def _parts(view, total):
    """The files of a month: PART activities each."""
    return [
        {
            "first": first,
            "last": min(first + PART - 1, total),
            "pdf": view.url("reports:rhk_month_pdf", bagian=number),
            "docx": view.url("reports:rhk_month_docx", bagian=number),
        }
        for number, first in enumerate(range(1, total + 1, PART), 1)
    ]


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
    """The RHK reports of a part of the month in one PDF; `?bagian=2` for the second PART activities."""
    papers, name = _papers_of_month(request)
    return pdf_response("reports/rhk.typ", for_typst(papers), f"{name}.pdf")


@access(CASE_EXPORT)
@require_safe
def rhk_month_docx(request):
    """The same as Word documents, one for each activity, in a zip."""
    papers, name = _papers_of_month(request)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        for number, paper in enumerate(papers, 1):
            files.writestr(f"{number:02d}-{paper_name(paper, 'docx')}", rhk_document(paper))
    return _download(out.getvalue(), f"{name}.zip", "application/zip")


def _papers_of_one(request, pk):
    activity = get_object_or_404(exportable(request.user), pk=pk)
    note_access(request, AccessLog.Action.EXPORT, subject=activity.pk, fields=["laporan_rhk"])
    return papers_of(exportable(request.user).filter(pk=pk), request.user)


def _papers_of_month(request):
    """(papers, file name without ending) of the asked part; an empty month gives one sheet that says so."""
    view, part = view_of(request), max(asked_number(request.GET, "bagian") or 1, 1)
    rows = FIGURES["kegiatan"].rows(view.lens).order_by("occurred_on", "pk")
    note_access(
        request,
        AccessLog.Action.EXPORT,
        subject=f"{view.lens.month:%Y-%m}/{part}",
        fields=["laporan_rhk_bulan"],
    )
    papers = papers_of(rows[(part - 1) * PART : part * PART], request.user)
    return papers, f"rhk-{view.lens.month:%Y-%m}-bagian-{part}"


def _download(content, name, content_type):
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
