"""What is still to be typed into SIKS-NG: the list, ticked off by a koordinator, and out as a paper and a sheet."""

import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.models import AccessLog
from entries.submit import submit, tap, thank
from entries.trail import note_access, note_look
from pkh_casework.access import CASE, CASE_EXPORT, KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from pkh_casework.sheets import DAY, XLSX_TYPE, Sheet, SheetColumn, write_csv, write_xlsx
from pkh_casework.templatetags.formats import tanggal
from roster.forms.siks import TypedForm
from roster.models import REVERSE, Kind, ToType
from roster.operations.to_type import gather, tick_off, untick
from roster.siks import ORDER, areas_of, in_order, say
from wilayah.clock import local_today

PAGE = 50
MOST_ON_PAPER = 1_000
MOST_IN_SHEET = 20_000
PIECE = 500
State = ToType.State
STATES = ((State.WAITING, "Perlu diketik"), (State.TYPED, "Sudah diketik"), (State.SAME, "Sudah sama"))


@access(CASE)
@require_safe
def to_type_list(request):
    """What waits to be typed, of a kelurahan (`kel`) and kind (`jenis`); with `keadaan` what was typed or has arrived."""
    gather(request.user.wilayah_id)
    rows, asked = _asked(request)
    page = keyset_page(in_order(rows), request, ORDER, size=PAGE)
    waiting = ToType.objects.visible_to(request.user).waiting().order_by()
    counts = dict(waiting.values_list("kind").annotate(Count("pk")))
    context = {
        "page": page,
        "rows": say(page.rows),
        "asked": asked,
        "query": urlencode(asked),
        "states": STATES,
        "kinds": [
            (kind, REVERSE[kind], counts.get(kind, 0))
            for kind in Kind
            if counts.get(kind) or kind == asked["jenis"]
        ],
        "areas": _areas(request.user),
        "total": sum(counts.values()),
        "today": local_today(request.user.wilayah_id),
    }
    return render_page(request, "roster/to_type_list.html", context, part="type-rows")


def _areas(user):
    return areas_of(ToType.objects.visible_to(user)) if user.is_koordinator else []


def _asked(request):
    """(rows of ToType, {name: value} of what the address asks)."""
    state, kind, area = (asked_text(request.GET, name) for name in ("keadaan", "jenis", "kel"))
    state = state if state in dict(STATES) else State.WAITING.value
    kind = kind if kind in Kind.values else ""
    area = area if area.isdigit() and area.startswith(request.user.wilayah_id) else ""
    rows = ToType.objects.visible_to(request.user).filter(state=state)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(wilayah=area) if area else rows
    return rows, {"keadaan": state, "jenis": kind, "kel": area}


@access(only(KOORDINATOR, keeps_input=True, audit="look"))
@require_http_methods(["GET", "HEAD", "POST"])
def to_type_detail(request, pk):
    """One row: what is to be typed, and the day on which it was."""
    row = get_object_or_404(in_order(ToType.objects.visible_to(request.user)), pk=pk)
    note_look(
        request,
        row.household.case_number if row.household else str(row.pk),
        holders={row.household.pendamping_id} if row.household else set(),
    )
    form = TypedForm(request.POST or None, user=request.user, today=local_today(row.wilayah_id))
    if receipt := submit(request, form, partial(tick_off, row)):
        thank(request, receipt, "Dicatat sudah diketik.")
        return redirect(_back(request))
    return render_page(request, "roster/to_type_detail.html", {"row": say([row])[0], "form": form})


@access(only(KOORDINATOR, keeps_input=True))
@require_POST
def to_type_untick(request, pk):
    """It was not typed after all."""
    row = get_object_or_404(ToType.objects.visible_to(request.user), pk=pk)
    receipt, _ = tap(request, partial(untick, row))
    if receipt:
        thank(request, receipt, "Kembali ke daftar yang perlu diketik.")
    return redirect(_back(request))


def _back(request):
    _, asked = _asked(request)
    return f"/siks-ng/ketik/?{urlencode(asked)}"


@access(CASE_EXPORT)
@require_safe
def to_type_paper(request):
    """The list on paper, to sit beside the screen of SIKS-NG."""
    rows, asked = _asked(request)
    shown = say(list(in_order(rows).order_by(*ORDER)[: MOST_ON_PAPER + 1]))
    _note(request, len(shown[:MOST_ON_PAPER]))
    data = {
        "area": request.user.wilayah.name,
        "asked": _words(request.user, asked),
        "day": tanggal(local_today(request.user.wilayah_id)),
        "more": len(shown) > MOST_ON_PAPER,
        "rows": [
            {
                "case": row.household.case_number if row.household else "",
                "name": row.household.name if row.household else row.name,
                "place": _place(row),
                "what": str(row.words),
                "told": "\n".join(f"{label}: {value}" for label, value in row.told),
                "note": row.note,
                "typed": tanggal(row.typed_on) if row.typed_on else "",
            }
            for row in shown[:MOST_ON_PAPER]
        ],
    }
    return pdf_response("roster/to_type.typ", data, "perlu-diketik-siks-ng.pdf")


@access(CASE_EXPORT)
@require_safe
def to_type_sheet(request):
    """The list as a workbook, or with `bentuk=csv` as CSV. Identity numbers are masked, as in every list that leaves."""
    rows, _ = _asked(request)
    is_csv = asked_text(request.GET, "bentuk") == "csv"
    _note(request, min(rows.count(), MOST_IN_SHEET))
    columns = [
        SheetColumn("Nomor kasus"),
        SheetColumn("Nama"),
        SheetColumn("Kelurahan"),
        SheetColumn("RT/RW"),
        SheetColumn("Yang diketik", width=36),
        SheetColumn("Isi", width=60),
        SheetColumn("Catatan", width=40),
        SheetColumn("Diketik tanggal", DAY),
        SheetColumn("Oleh"),
    ]
    sheet = Sheet("Perlu diketik", columns, _lines(rows))
    with tempfile.TemporaryDirectory(prefix="ketik-") as folder:
        path = Path(folder) / "lembar"
        (write_csv(path, sheet) if is_csv else write_xlsx(path, [sheet], footer=""))
        content = path.read_bytes()
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8" if is_csv else XLSX_TYPE)
    name = f"perlu-diketik-siks-ng.{'csv' if is_csv else 'xlsx'}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _lines(rows):
    """The rows of the sheet, a piece at a time."""
    ordered = in_order(rows).order_by(*ORDER)[:MOST_IN_SHEET]
    piece = []
    for row in ordered.iterator(chunk_size=PIECE):
        piece.append(row)
        if len(piece) == PIECE:
            yield from map(_line, say(piece))
            piece = []
    yield from map(_line, say(piece))


def _line(row):
    family = row.household
    return (
        family.case_number if family else "",
        family.name if family else row.name,
        family.wilayah.name if family else row.wilayah.name,
        family.place if family else "",
        str(row.words),
        "; ".join(f"{label}: {value}" for label, value in row.told),
        row.note,
        row.typed_on,
        row.typed_by.name if row.typed_by else "",
    )


def _place(row):
    family = row.household
    return ", ".join(filter(None, [family.place, family.wilayah.name])) if family else row.wilayah.name


def _words(user, asked):
    area = dict(_areas(user)).get(asked["kel"], "")
    kind = REVERSE[Kind(asked["jenis"])] if asked["jenis"] else ""
    return ", ".join(filter(None, [dict(STATES)[asked["keadaan"]], kind, area]))


def _note(request, number):
    fields = [f"{number} baris perlu diketik"]
    note_access(request, AccessLog.Action.EXPORT, subject=request.user.wilayah_id, fields=fields)
