"""Files of lists: what may be asked for, asking, watching one being made, giving it up, taking it."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit
from pkh_casework.access import CASE, CASE_EXPORT, KOORDINATOR, PENDAMPING, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.phones import whatsapp_url
from pkh_casework.sheets import XLSX_TYPE
from reports.files.forms.export import ExportForm
from reports.files.lists import LISTS, name_of, wanted
from reports.files.making import file_name
from reports.files.operations.export import LIFE, SMALL, ask_export, cancel_export, is_small, take_export
from reports.files.recap import name_of_kept
from reports.models import Export
from wilayah.clock import local_today

PAGE = 20
TYPES = {
    Export.Format.XLSX: XLSX_TYPE,
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.ZIP: "application/zip",
    Export.Format.PDF: "application/pdf",
    Export.Format.PACKAGE: "application/octet-stream",
}
HOURS = LIFE.seconds // 3600 + LIFE.days * 24


@access(CASE)
@require_safe
def export_list(request):
    """The asker's files, newest first, and the lists that a file can be made of."""
    page = keyset_page(Export.objects.visible_to(request.user), request, ["-asked_at", "-id"], size=PAGE)
    now = timezone.now()
    for export in page.rows:
        _tell(export, now)
    context = {"page": page, "lists": LISTS.values(), "hours": HOURS}
    return render_page(request, "reports/export_list.html", context, part="export-rows")


@access(only(PENDAMPING, KOORDINATOR, keeps_input=True, audit="export"))
@require_http_methods(["GET", "HEAD", "POST"])
def export_create(request):
    """Ask for a file: `?daftar=` names the list (or `angka/<slug>`), the rest of the address is the page's filter."""
    today = local_today(request.user.wilayah_id)
    what = asked_text(request.GET, "daftar")
    if not what:
        return redirect("reports:export_list")
    want = wanted(what, request.GET, user=request.user, today=today)
    if want is None:
        raise Http404("no such list")
    small = is_small(want.rows)
    form = ExportForm(
        request.POST or None,
        user=request.user,
        today=today,
        columns=want.of.columns_on(today),
        is_small=small,
        has_numbers=want.of.has_numbers,
    )
    ask = partial(ask_export, what, want.query, in_background=not small)
    if receipt := submit(request, form, ask):
        return redirect("reports:export_detail", pk=receipt.object_id)
    context = {
        "form": form,
        "want": want,
        "what": what,
        "back_url": _page_of(what, want),
        "period": want.of.day and not what.startswith("angka/"),
        "number": want.rows.order_by().count() if small else None,
        "most": SMALL,
        "hours": HOURS,
        "kept": [(name, value) for name, value in request.GET.items() if name not in {"dari", "sampai"}],
    }
    return render_page(request, "reports/export_create.html", context)


def _page_of(what, want):
    """The address of the page that the file is made of."""
    if what.startswith("angka/"):
        return f"{reverse('reports:figure_rows', args=[what.removeprefix('angka/')])}?{want.query}"
    return f"{reverse(want.of.page)}?{want.query}" if want.of.page else reverse("reports:export_list")


@access(CASE)
@require_safe
def export_detail(request, pk):
    """One file: how far it is, and the button that takes it."""
    export = _tell(_export_or_404(request.user, pk), timezone.now())
    context = {"export": export, "whatsapp": _whatsapp(request, export)}
    return render_page(request, "reports/export_detail.html", context, part="export-state")


def _whatsapp(request, export):
    """The address at which WhatsApp offers to tell a colleague that a kept recap is ready, with a link that asks who opens
    it; "" for a file that is its asker's alone.
    """
    if not (export.what == Export.RECAP and export.is_there and export.expires_at is None):
        return ""
    address = request.build_absolute_uri(export.get_absolute_url())
    return whatsapp_url("", f"{name_of_kept(export)}, sudah siap. Buka di Langkah sesudah masuk: {address}")


@access(CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def export_cancel(request, pk):
    """Give a file up; who comes by a GET (a reload, a login in between) is led to its page."""
    export = _export_or_404(request.user, pk)
    if request.method == "POST" and cancel_export(export):
        words = "Berkas dihapus dari server." if export.taken_at else "Dibatalkan. Berkasnya tidak disimpan."
        messages.success(request, words)
    return redirect(export)


@access(CASE_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export_take(request, pk):
    """The file itself, as often as its asker needs it in its time; a GET leads to its page."""
    export = _export_or_404(request.user, pk)
    if request.method != "POST":
        return redirect(export)
    taken = take_export(export, by=request.user)
    if taken is None:
        messages.error(request, "Berkas ini sudah tidak ada. Minta lagi bila masih perlu.")
        return redirect(export)
    chunks, size = taken
    response = StreamingHttpResponse(chunks, content_type=TYPES[export.format])
    response["Content-Length"] = size  # by which a browser sees that a download was cut
    response["Content-Disposition"] = f'attachment; filename="{file_name(export)}"'
    return response


def _export_or_404(user, pk):
    return get_object_or_404(Export.objects.open_to(user).select_related("user"), pk=pk)


def _tell(export, now):
    """Give `export` what a page says of it: its name, whether it can be taken, where to ask for it again."""
    export.name = name_of(export.what)
    export.is_there = export.state == Export.State.READY and not export.is_past(now)
    export.is_over = export.state == Export.State.READY and not export.is_there
    if export.what == Export.OFFICE:
        export.again_url = reverse("reports:office_take")
    elif export.what == Export.RECAP:
        export.again_url = f"{reverse('reports:recap')}?{export.query}"
    else:
        again = f"{urlencode({'daftar': export.what})}&{export.query}"
        export.again_url = f"{reverse('reports:export_create')}?{again}"
    return export
