"""A graduation case beside the lens: what was proposed, what is different now, and the steps that are open."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from entries.trail import note_look
from entries.workflow import last_move
from kpm.forms.graduation import MoveForm
from kpm.models import GraduationCase, GraduationFile, GraduationMove, WatchCheck
from kpm.operations import move_case
from kpm.operations.graduation import MOVES, may_move, papers_of, still_needed
from kpm.views.graduation import case_or_404
from pkh_casework.htmx import render_page
from wilayah.clock import local_today

from .lens import different, read_lens
from .ready import ready_page

State = GraduationCase.State
# Each step of kpm.operations.graduation.MOVES for people: its name, what it means, what is said afterwards.
WORDS = {
    "usulkan": (
        "Usulkan ke koordinator",
        "Koordinator wilayah menerima usulan ini dan memutuskannya. Selama menunggu, isinya tidak dapat diubah.",
        "Usulan terkirim ke koordinator.",
    ),
    "tarik": (
        "Tarik usulan",
        "Usulan berhenti dan keluarga tetap didampingi seperti biasa. Riwayatnya tetap tersimpan.",
        "Usulan ditarik.",
    ),
    "setujui": (
        "Setujui graduasi",
        "Keluarga tercatat graduasi mulai hari ini. Sesudah 3, 6, dan 12 bulan pendamping menengoknya lagi.",
        "Graduasi disetujui. Berita acara siap dicetak.",
    ),
    "kembalikan": (
        "Kembalikan ke pendamping",
        "Tulis apa yang perlu dilengkapi atau diperbaiki. Pendamping dapat mengusulkan lagi.",
        "Usulan dikembalikan ke pendamping.",
    ),
    "batalkan": (
        "Batalkan persetujuan",
        "Keluarga kembali aktif, seolah belum disetujui. Riwayatnya tetap tersimpan.",
        "Persetujuan dibatalkan, keluarga aktif lagi.",
    ),
    "minta-kembali": (
        "Minta keluarga didampingi lagi",
        "Keluarga kembali rentan. Koordinator memutuskan apakah keluarga didampingi lagi.",
        "Permintaan terkirim ke koordinator.",
    ),
    "terima-kembali": (
        "Terima kembali",
        "Keluarga aktif lagi dan didampingi seperti biasa. Riwayat graduasinya tetap ada.",
        "Keluarga aktif lagi.",
    ),
    "tolak-kembali": (
        "Tetap graduasi",
        "Keluarga tetap tercatat graduasi. Tulis alasannya untuk pendamping.",
        "Keluarga tetap graduasi.",
    ),
}


@require_safe
def graduation_detail(request, pk):
    """One case: what it says, its documents, the lens then and now, its history, and the steps open to the asker."""
    case = case_or_404(request.user, pk)
    household = case.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    today = local_today(household.wilayah_id)
    preparing = case.state in {State.DRAFT, State.RETURNED}
    lens = read_lens(household, today) if case.state in GraduationCase.OPEN else None
    context = {
        "case": case,
        "household": household,
        "holds": household.pendamping_id == request.user.pk,
        "papers": _papers(case, today),
        "needed": still_needed(case, today) if preparing else [],
        "preparing": preparing,
        "lens": lens,
        "different": different(case.lens, lens) if lens and case.lens else [],
        "moves": GraduationMove.objects.filter(case=case).select_related("by"),
        "checks": WatchCheck.objects.filter(case=case).select_related("by"),
        "steps": [
            (name, WORDS[name][0])
            for name, way in MOVES.items()
            if case.state in way.origins and may_move(case, way, request.user)
        ],
        "own": case.proposed_by_id == request.user.pk and request.user.is_koordinator,
        "today": today,
    }
    return render_page(request, "desk/graduation_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def graduation_move(request, pk, move):
    """One step of a case, confirmed on a page of its own and with a reason where one is needed."""
    case = case_or_404(request.user, pk)
    way = MOVES.get(move)
    if way is None or not may_move(case, way, request.user):
        raise Http404("not a step of the asker")
    household = case.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    today = local_today(household.wilayah_id)
    title, meaning, afterwards = WORDS[move]
    form = MoveForm(
        request.POST or None,
        seen=last_move(case),
        needs_reason=way.needs_reason,
        user=request.user,
        today=today,
    )
    lens = read_lens(household, today) if move == "usulkan" else None
    if receipt := submit(request, form, partial(move_case, case, move, lens=lens and lens.snapshot())):
        thank(request, receipt, afterwards)
        return redirect(case)
    if case.state not in way.origins and request.method != "POST":
        messages.info(request, f"Usulan ini sekarang {case.get_state_display().lower()}.")
        return redirect(case)
    context = {
        "case": case,
        "household": household,
        "form": form,
        "title": title,
        "meaning": meaning,
        "move": move,
        "lens": lens,
        "needed": still_needed(case, today) if move == "usulkan" else [],
        "risky": move in {"tarik", "batalkan"},
    }
    return render_page(request, "desk/graduation_move.html", context)


@require_safe
def graduation_ready(request):
    """Who can be talked with about graduation, who is near, and what holds them back."""
    page = ready_page(request, local_today(request.user.wilayah_id))
    return render_page(request, "desk/graduation_ready.html", {"page": page}, part="ready-rows")


def graduation_line(household, day):
    """For the family's page: its open or standing case, else the one that ended last, and the next check."""
    cases = GraduationCase.objects.filter(household=household).select_related("kind").order_by("-id")
    case = cases.first()
    waiting = WatchCheck.objects.filter(household=household).waiting().order_by("due_on").first()
    return {"case": case, "check": waiting, "due": bool(waiting) and waiting.due_on <= day}


def _papers(case, today):
    """(paper, its photos) of what the kind asks for, and of what is there besides."""
    there = {}
    for file in GraduationFile.objects.filter(case=case).select_related("paper"):
        there.setdefault(file.paper, []).append(file)
    asked = list(papers_of(case.kind_id, today))
    return [(paper, there.get(paper, [])) for paper in [*asked, *(set(there) - set(asked))]]
