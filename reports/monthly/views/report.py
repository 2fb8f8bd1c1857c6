"""Monthly reports: the author writes and hands in, a koordinator returns or approves, also many at once."""

from dataclasses import replace
from functools import partial
from itertools import product
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models.functions import TruncMonth
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import AccessLog
from entries.submit import submit, thank
from entries.trail import note_access
from entries.workflow import last_move
from kpm.models import Household
from pkh_casework.access import CASE, CASE_EXPORT, CASE_WRITE, FIELD_WRITE, KOORDINATOR, access, only
from pkh_casework.asked import asked_text, ids_in, month_of
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from reports.figures import FIGURES, Lens
from reports.figures.declared.reporting import pairs_in
from reports.figures.targets import coverage_of
from reports.figures.views.lens import MONTHS_OFFERED
from reports.models import MonthlyReport, ReportMove
from reports.monthly.forms import ApproveForm, ReasonForm, ReportForm
from reports.monthly.frozen import MONTH_FIGURES
from reports.monthly.operations import (
    MOVES,
    approve_many,
    change_report,
    is_over,
    may_move,
    move_report,
    open_report,
    opens_words,
)
from reports.monthly.reading import MOST, begin_url, reading_of
from reports.monthly.report import latest_lock, lens_of, rhk_values, told_late, values_for
from reports.monthly.report_paper import paper_of
from roles.models import Activity
from wilayah.clock import local_today
from wilayah.models import Wilayah

PAGE = 50
EVERY = "semua"
State = MonthlyReport.State
FILTERS = {
    "menunggu": ("Menunggu", (State.SUBMITTED,)),
    "dikembalikan": ("Dikembalikan", (State.RETURNED,)),
    "disetujui": ("Disetujui", (State.APPROVED,)),
    "terkunci": ("Terkunci", (State.LOCKED,)),
    "draf": ("Draf", (State.DRAFT,)),
    EVERY: ("Semua", tuple(State)),
}
# Each move for people: its name, what it means, what is said afterwards.
WORDS = {
    "ajukan": (
        "Ajukan ke koordinator",
        (
            "Koordinator membaca laporan ini lalu menyetujui atau mengembalikannya. Selama menunggu, tulisan Anda "
            "tidak dapat diubah; kegiatan masih boleh dicatat dan ikut terhitung sampai bulannya dikunci."
        ),
        "Laporan terkirim ke koordinator.",
    ),
    "setujui": (
        "Setujui laporan",
        "Laporan disetujui atas nama Anda. Angkanya dibekukan saat bulannya dikunci.",
        "Laporan disetujui.",
    ),
    "kembalikan": (
        "Kembalikan ke pendamping",
        "Tulis apa yang perlu diperbaiki. Pendamping dapat mengajukannya lagi.",
        "Laporan dikembalikan.",
    ),
}


# --- lists ------------------------------------------------------------------------------------------------------------


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def report_list(request):
    """A pendamping's months, with the reports of each; a koordinator's reports of the area, to approve many at once."""
    if request.user.is_pendamping:
        return render_page(request, "reports/report_months.html", {"months": _own_months(request.user)})
    chosen = asked_text(request.GET, "keadaan")
    chosen = chosen if chosen in FILTERS else "menunggu"
    results = {}
    if request.method == "POST":
        reports = MonthlyReport.objects.visible_to(request.user).select_related("pendamping")
        asked = reports.filter(pk__in=ids_in(request.POST.getlist("laporan")))
        form = ApproveForm(request.POST, reports=asked)
        if form.is_valid():
            today = local_today(request.user.wilayah_id)
            done = approve_many(form.chosen, by=request.user, op_id=form.cleaned_data["op_id"], today=today)
            results = {report.pk: (report, words) for report, words in done}
            if not any(words for _, words in done):
                messages.success(request, f"{len(done)} laporan disetujui.")
                return redirect(request.get_full_path())
    else:
        form = ApproveForm(reports=())
    reports = MonthlyReport.objects.visible_to(request.user).filter(state__in=FILTERS[chosen][1])
    reports = reports.select_related("pendamping", "wilayah__parent")
    page = keyset_page(reports, request, ["wilayah_id", "-month", "id"], size=PAGE)
    _add_last_moves(page.rows)
    ticked = set(request.POST.getlist("laporan"))
    every = asked_text(request.GET, "centang") == EVERY and request.method != "POST"
    for report in page.rows:
        report.ticked = every or str(report.pk) in ticked
        report.may_approve = report.state == State.SUBMITTED and may_move(
            report, MOVES["setujui"], request.user
        )
        report.problem = results.get(report.pk, (None, ""))[1]
    context = {
        "page": page,
        "filters": [(name, words) for name, (words, _) in FILTERS.items()],
        "chosen": chosen,
        "form": form,
        "op_id": uuid7(),
        "tick_url": f"?{urlencode({'keadaan': chosen, 'centang': EVERY})}",
        "read_url": begin_url() if chosen == "menunggu" and page.rows else "",
        "any_to_approve": any(report.may_approve for report in page.rows),
        "approved": [report for report, words in results.values() if not words],
        "failed": [(report, words) for report, words in results.values() if words],
    }
    return render_page(request, "reports/report_list.html", context, part="report-rows")


def _own_months(user):
    """[(month, kelurahan, MonthlyReport or None)] of the last months, newest first: of the own kelurahan, of others where
    the pendamping worked in that month, and of those where families are held, which are waited for now.
    """
    this_month = local_today(user.wilayah_id).replace(day=1)
    months = [months_after(this_month, -back) for back in range(MONTHS_OFFERED)]
    known = {(row.month, row.wilayah_id): row for row in MonthlyReport.objects.visible_to(user)}
    worked = Activity.objects.counted_for(user).filter(
        occurred_on__gte=months[-1], occurred_on__lt=months_after(this_month, 1)
    )
    worked = worked.order_by().annotate(month=TruncMonth("occurred_on")).values_list("month", "wilayah")
    held = Household.objects.visible_to(user).order_by().values_list("wilayah", flat=True).distinct()
    offered = {
        *known,
        *worked.distinct(),
        *product(months, [user.wilayah_id]),
        *product(months[:2], held),
    }
    areas = Wilayah.objects.kelurahan().in_bulk({code for _, code in offered})
    rows = [(month, areas[code], known.get((month, code))) for month, code in offered if code in areas]
    return sorted(rows, key=lambda row: (row[0], row[1].pk), reverse=True)


def _add_last_moves(reports):
    """Give each report `last`, its last move."""
    moves = ReportMove.objects.filter(report__in=reports).order_by("report", "-pk").distinct("report")
    last = {move.report_id: move for move in moves}
    for report in reports:
        report.last = last[report.pk]


# --- writing ----------------------------------------------------------------------------------------------------------


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def report_create(request):
    """Begin the report of `?bulan=2026-11` in the kelurahan `?wilayah=`; without them, of now and the own one."""
    today = local_today(request.user.wilayah_id)
    month = _asked_month(request, today)
    area = _asked_area(request, month, today)
    report = MonthlyReport(pendamping=request.user, wilayah=area, month=month)
    form = ReportForm(request.POST or None, user=request.user, today=today)
    if receipt := submit(request, form, partial(open_report, wilayah_id=area.pk, month=month)):
        thank(request, receipt, "Draf laporan tersimpan.")
        return redirect("reports:report_detail", pk=receipt.object_id)
    if request.method != "POST":
        there = MonthlyReport.objects.visible_to(request.user).filter(wilayah=area, month=month).first()
        if there:
            return redirect(there)
    context = {"form": form, "report": report, "figures": _figures(report, values_for(report), request.user)}
    return render_page(request, "reports/report_form.html", context)


def _asked_area(request, month, today):
    """The kelurahan to report of: the own one, or one that the asker worked in or held families of in the `month`."""
    user, code = request.user, asked_text(request.GET, "wilayah") or request.user.wilayah_id
    area = Wilayah.objects.kelurahan().filter(pk=code).first()
    if area is None or not (
        code.startswith(user.wilayah_id)
        or pairs_in(Lens(user, today, month)).filter(household__wilayah=area, pendamping=user).exists()
        or Activity.objects.counted_for(user).filter(wilayah=area).exists()
    ):
        raise Http404("no area to report of")
    return area


def _asked_month(request, today):
    """The month to report of: this one, or one named since PKH began."""
    text = asked_text(request.GET, "bulan")
    month = month_of(text, today)
    if text not in ("", f"{month:%Y-%m}"):
        raise Http404("no month to report of")
    return month


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def report_edit(request, pk):
    report = report_or_404(request.user, pk)
    if report.pendamping_id != request.user.pk:
        raise Http404("not the author")
    initial = {name: getattr(report, name) for name in MonthlyReport.WORDS}
    today = local_today(report.wilayah_id)
    form = ReportForm(request.POST or None, initial=initial, row=report, user=request.user, today=today)
    if receipt := submit(request, form, partial(change_report, report)):
        thank(request, receipt, "Draf laporan tersimpan.")
        return redirect(report)
    if report.state not in MonthlyReport.WRITABLE and request.method != "POST":
        return redirect(report)
    context = {"form": form, "report": report, "figures": _figures(report, values_for(report), request.user)}
    return render_page(request, "reports/report_form.html", context)


# --- reading and deciding ---------------------------------------------------------------------------------------------


@access(CASE)
@require_safe
def report_detail(request, pk):
    """One report: its figures with the rows behind them, the author's words, susulan, history, and the steps open."""
    report = report_or_404(request.user, pk)
    today = local_today(report.wilayah_id)
    values, lock = values_for(report), latest_lock(report.wilayah_id, report.month)
    moves = list(ReportMove.objects.filter(report=report).select_related("by"))
    reading, last = _reading(request, report), moves[-1]
    handed_in = next((move for move in reversed(moves) if move.to_state == State.SUBMITTED), None)
    context = {
        "report": report,
        "lock": lock,
        "figures": _figures(report, values, request.user, lock),
        "rhk": [
            (result, value, _rows_url(f"rhk-{result.number}", report, request.user, lock))
            for result, value in rhk_values(report, values)
        ],
        "late": told_late(report),
        "came_late": values["susulan"],
        "late_url": _narrowed("reports:figure_rows", report, request.user, "susulan"),
        "moves": moves,
        "moved": _moved(handed_in, values) if handed_in and report.state != State.RETURNED else [],
        "writes": report.pendamping_id == request.user.pk and report.state in MonthlyReport.WRITABLE,
        "own": request.user.is_koordinator and report.pendamping_id == request.user.pk,
        "steps": [
            (name, WORDS[name][0])
            for name, way in MOVES.items()
            if report.state in way.origins
            and may_move(report, way, request.user)
            and (name != "ajukan" or is_over(report.month, today))
        ],
        "opens_on": "" if is_over(report.month, today) else opens_words(report.month),
        "seen": last.pk,
        "op_id": uuid7(),
        **_reading_words(reading, report),
        "rhk_url": _narrowed("reports:rhk_list", report, request.user),
    }
    return render_page(request, "reports/report_detail.html", context)


@access(only(KOORDINATOR))
@require_safe
def report_read(request):
    """Begin to read what waits, one after the other: of the area `?wilayah=` and the month `?bulan=`, or all of it."""
    reading = reading_of(request.user, request.GET, local_today(request.user.wilayah_id))
    first = reading.reports.first()
    if first is None:
        messages.info(request, "Tidak ada laporan yang menunggu dibaca.")
        return redirect("reports:report_list")
    return redirect(replace(reading, total=min(reading.reports.count(), MOST)).url(first))


def _reading(request, report):
    """The Reading in which `report` was opened, or None."""
    if not request.user.is_koordinator:
        return None
    reading = reading_of(request.user, request.GET, local_today(report.wilayah_id))
    return reading if reading.total and report.submitted_on else None


def _next_to_read(reading, report):
    """Where reading goes on after `report`, which is told when it was the last."""
    if following := reading.after(report):
        return reading.url(following)
    return reverse("reports:report_list")


def _reading_words(reading, report):
    """What the page of a report says of the Reading: which of how many, and where skipping leads; {} outside of one."""
    if reading is None:
        return {}
    following = reading.after(report)
    return {
        "place": reading.place(report) if report.state == State.SUBMITTED else None,
        "query": f"?{reading.query}",
        "next_url": reading.url(following) if following else "",
    }


def _moved(handed_in, values):
    """[(name, then, now)] of the figures that differ from when the report was handed in."""
    then = handed_in.values
    return [
        (FIGURES[slug].name, then[slug], values.get(slug, 0))
        for slug in MONTH_FIGURES
        if slug in then and then[slug] != values.get(slug, 0)
    ]


def _figures(report, values, user, lock=None):
    """[{figure, value, coverage, url}] for the page."""
    coverage = coverage_of({slug: values.get(slug, 0) for slug in MONTH_FIGURES}, lens_of(report))
    return [
        {
            "figure": FIGURES[slug],
            "value": values.get(slug, 0),
            "coverage": coverage.get(slug),
            "url": _rows_url(slug, report, user, lock),
        }
        for slug in MONTH_FIGURES
    ]


def _rows_url(slug, report, user, lock):
    """Where the rows behind a number of a report open: the frozen ones of a locked month, else those of now."""
    if lock is None:
        return _narrowed("reports:figure_rows", report, user, slug)
    url = reverse("reports:version_rows", args=[lock.pk, slug])
    return f"{url}?pendamping={report.pendamping_id}" if user.is_koordinator else url


def _narrowed(route, report, user, *args):
    """The address of `route` through the report's lens; "" where the asker's pages reach no other kelurahan."""
    if not report.wilayah_id.startswith(user.wilayah_id):
        return ""
    query = {
        "bulan": f"{report.month:%Y-%m}",
        "wilayah": report.wilayah_id,
        "pendamping": report.pendamping_id,
    }
    return f"{reverse(route, args=args)}?{urlencode(query)}"


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def report_move(request, pk, move):
    """One step of a report, confirmed on a page of its own and with a reason where one is needed."""
    report = report_or_404(request.user, pk)
    way = MOVES.get(move)
    if way is None or not may_move(report, way, request.user):
        raise Http404("not a step of the asker")
    title, meaning, afterwards = WORDS[move]
    form = ReasonForm(
        request.POST or None,
        seen=last_move(report),
        needs_reason=way.needs_reason,
        user=request.user,
        today=local_today(report.wilayah_id),
    )
    reading = _reading(request, report)
    if receipt := submit(request, form, partial(move_report, report, move)):
        thank(request, receipt, afterwards)
        return redirect(_next_to_read(reading, report) if reading else report)
    if report.state not in way.origins and request.method != "POST":
        messages.info(request, f"Laporan ini sekarang {report.get_state_display().lower()}.")
        return redirect(report)
    context = {
        "report": report,
        "back_url": reading.url(report) if reading else report.get_absolute_url(),
        "form": form,
        "title": title,
        "meaning": meaning,
        "needs_reason": way.needs_reason,
    }
    return render_page(request, "reports/report_move.html", context)


@access(CASE_EXPORT)
@require_safe
def report_pdf(request, pk):
    """The report on paper: what was logged, the author's words or lines for them, and where to sign."""
    report = report_or_404(request.user, pk)
    note_access(request, AccessLog.Action.EXPORT, subject=report.pk, fields=["laporan_bulanan"])
    name = f"laporan-bulanan-{slugify(report.wilayah.name)}-{date_format(report.month, 'Y-m')}.pdf"
    return pdf_response("reports/monthly.typ", paper_of(report), name)


def report_or_404(user, pk):
    reports = MonthlyReport.objects.visible_to(user).select_related("pendamping", "wilayah", "decided_by")
    return get_object_or_404(reports, pk=pk)
