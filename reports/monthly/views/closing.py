"""The end of a month in an area: who has reported and who has not, and locking all that is ready in one act."""

from collections import Counter
from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import Period
from pkh_casework.access import KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from pkh_casework.phones import whatsapp_url
from pkh_casework.templatetags.formats import tanggal
from reports.figures import FIGURES
from reports.figures.declared.reporting import HANDED_IN, STEPS
from reports.figures.queries import named_parts
from reports.figures.values import by_area, values_by
from reports.figures.views.lens import shell_of, view_of, wider_than
from reports.models import MonthLock, MonthlyReport, due_on
from reports.monthly.forms import LockManyForm
from reports.monthly.operations import is_over, lock_many, opens_words
from reports.monthly.reading import begin_url
from reports.monthly.ready import readiness
from wilayah.clock import local_today
from wilayah.models import DIGITS_BELOW, Wilayah

KOTA, KECAMATAN = 4, 6  # digits of their codes
SLUGS = ("wajib-lapor", *(f"lapor-{step}" for step, *_ in STEPS), "lapor-masuk", "lapor-tepat-waktu")
HEADLINE = ("lapor-masuk", "lapor-tepat-waktu", "lapor-belum")
SHORT = {step: step for step, *_ in STEPS} | {"belum": "belum ada"}
STATES = {state: step for step, _, states, _ in STEPS for state in states}


def _view(request):
    """The View that the address asks for; without a month the last one that is over."""
    view = view_of(request)
    if asked_text(request.GET, "bulan"):
        return view
    return replace(view, lens=replace(view.lens, month=months_after(view.lens.month, -1)))


# --- who has reported -------------------------------------------------------------------------------------------------


@access(only(KOORDINATOR))
@require_safe
def reporting(request):
    """Of one month, from the area down to each pendamping: who has to report and how far each report has come."""
    view = _view(request)
    here, lens = view.areas[-1], view.lens
    if len(here.code) < KECAMATAN:
        parts, total = _parts(view), Counter()
        for part in parts:
            total.update(part["values"])
        kelurahan = []
    else:
        kelurahan, total = _people(view, request)
        parts = []
    context = shell_of(view) | {
        "expected": total["wajib-lapor"],
        "tiles": [
            {
                "figure": FIGURES[slug],
                "value": total[slug],
                "share": total[slug] / total["wajib-lapor"] if total["wajib-lapor"] else None,
                "whole": FIGURES["wajib-lapor"],
                "tone": "bad" if slug == "lapor-belum" and total[slug] else "",
                "url": view.figure_url(slug),
            }
            for slug in HEADLINE
        ],
        "parts": parts,
        "kelurahan": kelurahan,
        "wider": wider_than(view, "reports:reporting"),
        "due": due_on(lens.month),
        "opens_on": "" if is_over(lens.month, lens.today) else opens_words(lens.month),
        "read_url": begin_url(lens.here, lens.month) if total["lapor-menunggu"] else "",
        "lock_url": view.url("reports:months_lock", pendamping=None, rw=None),
    }
    return render_page(request, "reports/reporting.html", context)


def _parts(view):
    """A dict for each area one level down: its numbers, and what is not handed in, in words."""
    values = values_by(SLUGS, view.lens, by_area(DIGITS_BELOW[len(view.lens.here)]))
    return [
        {
            "area": part,
            "values": values[part.code],
            "missing": values[part.code]["lapor-belum"],
            "expected": values[part.code]["wajib-lapor"],
            "handed_in": values[part.code]["lapor-masuk"],
            "words": [(values[part.code][f"lapor-{step}"], SHORT[step]) for step, *_ in STEPS],
            "url": view.url("reports:reporting", wilayah=part.code),
        }
        for part in named_parts(view.lens.user, values)
    ]


def _people(view, request):
    """([(kelurahan, its Period or None, [a dict for each pendamping])], the values of all) of the kecamatan or kelurahan
    looked at: three queries.
    """
    lens, reminder = view.lens, _reminder(request, view.lens.month)
    due, found, total = due_on(lens.month), {}, Counter()
    rows = FIGURES["wajib-lapor"].rows(lens).order_by("household__wilayah", "pendamping__name", "pendamping")
    rows = rows.values(
        "pendamping", "pendamping__name", "household__wilayah", "report_key", "report_state", "handed_on"
    )
    for row in rows:
        step = STATES[row["report_state"]]
        in_time = row["handed_on"] is not None and row["handed_on"] <= due
        total.update(
            {
                "wajib-lapor": 1,
                f"lapor-{step}": 1,
                "lapor-masuk": int(row["report_state"] in HANDED_IN),
                "lapor-tepat-waktu": int(in_time and row["report_state"] in HANDED_IN),
            }
        )
        person = {
            "name": row["pendamping__name"],
            "step": step,
            "words": SHORT[step],
            "handed_on": row["handed_on"],
            "late": (row["handed_on"] - due).days if row["handed_on"] and not in_time else 0,
            "url": MonthlyReport(pk=row["report_key"]).get_absolute_url()
            if row["report_key"]
            else view.url("reports:dashboard", pendamping=row["pendamping"]),
            "whatsapp": "" if row["report_state"] in HANDED_IN else reminder,
        }
        found.setdefault(row["household__wilayah"], []).append(person)
    areas = Wilayah.objects.kelurahan().filter(code__in=found).order_by("code")
    periods = Period.objects.filter(month=lens.month, wilayah__in=list(found))
    periods = {period.wilayah_id: period for period in periods}
    return [(area, periods.get(area.code), found[area.code]) for area in areas], total


def _reminder(request, month):
    """The address at which WhatsApp offers to write that the report of `month` is waited for, to whom the writer chooses:
    no name, no number, and a link that asks who opens it.
    """
    words = (
        f"Selamat hari ini, laporan bulan {date_format(month, 'F Y')} belum diajukan. Paling lambat tanggal "
        f"{tanggal(due_on(month))}. Buka di Langkah sesudah masuk: "
        f"{request.build_absolute_uri(reverse('reports:report_list'))}"
    )
    return whatsapp_url("", words)


# --- locking many months ----------------------------------------------------------------------------------------------


@access(only(KOORDINATOR, keeps_input=True))
@transaction.non_atomic_requests  # each kelurahan is a transaction of its own
@require_http_methods(["GET", "HEAD", "POST"])
def months_lock(request):
    """Of one month every kelurahan of the area: what is ready, what stands against the rest, and the lock of all that is
    ticked, with a result for each.
    """
    view = _view(request)
    lens = view.lens
    today = local_today(lens.here)
    if len(lens.here) < KOTA:  # thousands of kelurahan: one kota after the other
        kota = Wilayah.objects.filter(parent=lens.here).order_by("name")
        return render_page(request, "reports/months_lock.html", shell_of(view) | {"kota": kota})
    found = readiness(request.user, lens.month, today, area=lens.area)
    form = LockManyForm(
        request.POST if request.method == "POST" else None, months=found, user=request.user, today=today
    )
    results = {}
    if form.is_bound and form.is_valid() and is_over(lens.month, today):
        done = lock_many(
            form.chosen, by=request.user, op_id=form.op_id, today=today, reason=form.cleaned_data["reason"]
        )
        results = {one.area.code: (one, words) for one, words in done}
        if not any(words for _, words in done):
            messages.success(request, f"{len(done)} kelurahan dikunci.")
            return redirect(request.get_full_path())
        found = readiness(request.user, lens.month, today, area=lens.area)
        form = LockManyForm(None, months=found, user=request.user, today=today)
    seen = _seen(found)
    for one in found:
        one.seen = seen.get(one.area.code, "")
        one.problem = results.get(one.area.code, (None, ""))[1]
    every = asked_text(request.GET, "centang") == "siap"
    ticked = set(form.data.getlist("kelurahan")) if form.is_bound else set()
    ticked |= {one.area.code for one in found if one.is_ready} if every and not form.is_bound else set()
    context = shell_of(view) | {
        "form": form,
        "groups": _grouped(found, ticked),
        "states": [
            (words, sum(map(test, found)))
            for words, test in (
                ("siap dikunci", lambda one: one.is_ready),
                ("belum siap", lambda one: not one.is_locked and not one.is_ready),
                ("sudah dikunci", lambda one: one.is_locked),
            )
        ],
        "any_ready": any(one.is_ready for one in found),
        "any_open": any(one.can_lock for one in found),
        "tick_url": view.url("reports:months_lock", centang="siap"),
        "opens_on": "" if is_over(lens.month, today) else opens_words(lens.month),
        "locked": [one for one, words in results.values() if not words],
        "failed": [(one, words) for one, words in results.values() if words],
        "wider": wider_than(view, "reports:months_lock"),
        "reporting_url": view.url("reports:reporting"),
    }
    return render_page(request, "reports/months_lock.html", context)


def _seen(found):
    """{code of a kelurahan: what a person sees of its month, as seen_of says it}."""
    periods = [one.period for one in found if one.period]
    counted = MonthLock.objects.filter(period__in=periods).order_by().values_list("period")
    locks = dict(counted.annotate(Count("pk")))
    return {period.wilayah_id: f"{locks.get(period.pk, 0)}-{period.state}" for period in periods}


def _grouped(found, ticked):
    """[(kecamatan, [(Readiness, whether it is ticked)])], in the order of their codes."""
    codes = {one.area.code[:KECAMATAN] for one in found}
    names = dict(Wilayah.objects.filter(code__in=codes).values_list("code", "name"))
    groups = {}
    for one in found:
        groups.setdefault(one.area.code[:KECAMATAN], []).append((one, one.area.code in ticked))
    return [(names.get(code, ""), rows) for code, rows in groups.items()]
