"""The sheet for the lurah as a file, taken from the dashboard of a kelurahan."""

import tempfile
from pathlib import Path

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from entries.models import AccessLog
from entries.trail import note_access
from pkh_casework.access import KELURAHAN, KOORDINATOR, access, only
from pkh_casework.pdf import pdf_response
from pkh_casework.sheets import XLSX_TYPE, write_xlsx
from reports.figures.views.lens import view_of
from reports.files.lurah import FOOT, for_typst, name_of_file, sheet_of, sheets_of

TAKES = only(KELURAHAN, KOORDINATOR, audit="export")


@access(TAKES)
@require_safe
def lurah_pdf(request):
    """The sheet through the lens of the dashboard, to sign and hand over."""
    view = _asked(request)
    return pdf_response("reports/lurah.typ", for_typst(sheet_of(view)), name_of_file(view, "pdf"))


@access(TAKES)
@require_safe
def lurah_xlsx(request):
    """The same as a workbook."""
    view = _asked(request)
    sheet = sheet_of(view)
    with tempfile.TemporaryDirectory(prefix="lurah-") as folder:
        path = Path(folder) / "lembar"
        write_xlsx(
            path, sheets_of(sheet), footer=FOOT, properties={"title": sheet["title"], "creator": "Langkah"}
        )
        content = path.read_bytes()
    answer = HttpResponse(content, content_type=XLSX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name_of_file(view, "xlsx")}"'
    return answer


def _asked(request):
    """The view that the address asks for, kept in the trail. Raises Http404 for the numbers of one pendamping."""
    view = view_of(request, has_periods=True)
    if view.colleague:
        raise Http404("not of one person")
    subject = f"{view.lens.here} {view.lens.month:%Y-%m} {view.lens.period}".rstrip()
    note_access(request, AccessLog.Action.EXPORT, subject=subject, fields=["lembar_lurah"])
    return view
