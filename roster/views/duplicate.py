"""Families that may be one: the list, side by side, the decision, and what a merge did."""

from functools import partial

from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, tap, thank
from entries.trail import note_look
from pkh_casework.access import CASE, CASE_EDIT, KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from roster.forms.duplicate import DecideForm, MergeForm, TellForm
from roster.models import Merge, MergedRow, Suspect
from roster.operations import ask_holder, keep_apart, look_again, merge, tell, undo_merge
from roster.operations.moving import row_words
from roster.sides import fields_of, people_of, reasons_of
from wilayah.clock import local_today

PAGE = 50
State = Suspect.State
THANKS = {
    "bukan": "Dicatat: bukan keluarga yang sama.",
    "tanya": "Pertanyaan tersampaikan ke pendampingnya.",
}
BOTH = (
    "first__wilayah",
    "first__group",
    "first__pendamping",
    "second__wilayah",
    "second__group",
    "second__pendamping",
)


@access(CASE)
@require_safe
def suspect_list(request):
    """Pairs of the asker's families that may be one, the surest first; `keadaan=bukan` those that were kept apart,
    `keadaan=gabung` what was merged.
    """
    asked = asked_text(request.GET, "keadaan")
    if asked == "gabung":
        merges = Merge.objects.visible_to(request.user).select_related("survivor", "loser", "by")
        page = keyset_page(merges, request, ["-id"], size=PAGE)
        context = {"asked": asked, "page": page, "merges": page.rows}
        return render_page(request, "roster/suspect_list.html", context, part="suspect-more")
    pairs = Suspect.objects.visible_to(request.user).select_related("first", "second")
    pairs = pairs.filter(state=State.DIFFERENT) if asked == "bukan" else pairs.open()
    page = keyset_page(pairs, request, ["-score", "-id"], size=PAGE)
    rows = [(one, one.sides(request.user), reasons_of(one)) for one in page.rows]
    context = {"asked": asked, "page": page, "rows": rows}
    return render_page(request, "roster/suspect_list.html", context, part="suspect-more")


@access(only(KOORDINATOR, keeps_input=True))
@require_POST
def suspect_find(request):
    """Look for families that may be one in the area of the asker."""
    receipt, is_done = tap(request, look_again)
    if receipt:
        words = "Data sudah diperiksa." if is_done else "Data sedang diperiksa. Muat ulang sebentar lagi."
        thank(request, receipt, words)
    return redirect("roster:suspect_list")


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def suspect_detail(request, pk):
    """Two families side by side. A koordinator decides; who holds one of them tells what they know."""
    suspect = _pair(request, pk)
    said = {"user": request.user, "today": local_today(request.user.wilayah_id)}
    if request.user.is_pendamping:
        form = TellForm(request.POST or None, **said)
        write, words = partial(tell, suspect), "Jawaban tersimpan, koordinator akan memutuskan."
    else:
        form = DecideForm(request.POST or None, **said)
        asks = request.POST.get("decision") == "tanya"
        write = partial(ask_holder if asks else keep_apart, suspect)
        words = THANKS["tanya" if asks else "bukan"]
    if receipt := submit(request, form, write):
        thank(request, receipt, words)
        return redirect("roster:suspect_list")
    first, second = suspect.sides(request.user)
    context = {
        "suspect": suspect,
        "form": form,
        "first": first,
        "second": second,
        "sides": [one for one in (first, second) if one],
        "fields": fields_of(first, second),
        "people": people_of(first, second),
        "reasons": reasons_of(suspect),
    }
    return render_page(request, "roster/suspect_detail.html", context)


@access(only(KOORDINATOR, keeps_input=True, audit="look"))
@require_http_methods(["GET", "HEAD", "POST"])
def merge_create(request, pk):
    """Let two families be one: what stays, field by field and person by person."""
    suspect = _pair(request, pk)
    form = MergeForm(
        request.POST or None,
        first=suspect.first,
        second=suspect.second,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, merge):
        thank(request, receipt, "Kedua keluarga sudah menjadi satu.")
        return redirect("roster:merge_detail", pk=receipt.object_id)
    return render_page(request, "roster/merge_create.html", {"form": form, "suspect": suspect})


def _pair(request, pk):
    """The Suspect `pk` that the asker sees, with both families at hand; that these were looked at is kept."""
    suspect = get_object_or_404(Suspect.objects.visible_to(request.user).select_related(*BOTH), pk=pk)
    for one in filter(None, suspect.sides(request.user)):
        note_look(request, one.case_number, holders={one.pendamping_id})
    return suspect


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_detail(request, pk):
    """What a merge moved and what stayed; a koordinator undoes it within its days."""
    merges = Merge.objects.visible_to(request.user).select_related("survivor", "loser", "by", "undone_by")
    done = get_object_or_404(merges, pk=pk)
    note_look(request, done.survivor.case_number, holders={done.survivor.pendamping_id})
    today = local_today(request.user.wilayah_id)
    if request.method == "POST" and request.user.is_koordinator:
        receipt, _ = tap(request, partial(undo_merge, done, today=today))
        if receipt:
            thank(request, receipt, "Penggabungan sudah diurungkan.")
        return redirect(done)
    counted = done.rows.values("model", "what").annotate(number=Count("pk")).order_by("model", "what")
    context = {
        "done": done,
        "moved": _in_words(counted, MergedRow.What.MOVED),
        "stayed": _in_words(counted, MergedRow.What.STAYED),
        "can_undo": request.user.is_koordinator and done.undone_at is None and today <= done.undo_until,
    }
    return render_page(request, "roster/merge_detail.html", context)


def _in_words(counted, what):
    """[(name of the kind of row, how many)] of the rows of a merge."""
    return row_words({row["model"]: row["number"] for row in counted if row["what"] == what})
