"""Graduation: who is ready, the list of proposals, making one, its documents and its berita acara, one case beside the
lens with the steps that are open, and the checks afterwards.
"""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import AccessLog
from entries.submit import submit, thank
from entries.trail import note_access, note_look
from entries.workflow import last_move
from kpm.forms.graduation import GraduationMoveForm, ProposalForm, WatchForm
from kpm.independence.lens import different, read_lens
from kpm.independence.ready import ready_page
from kpm.listings import GraduationListing
from kpm.models import GraduationCase, GraduationFile, GraduationMove, Household, WatchCheck
from kpm.operations import change_case, move_case, prepare_case, record_check
from kpm.operations.graduation import MOVES, may_move, papers_of, still_needed
from pkh_casework.access import CASE, CASE_EDIT, CASE_EXPORT, CASE_LOOK, FIELD_WRITE, access
from pkh_casework.htmx import render_page
from pkh_casework.media import photo_response
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from pkh_casework.places import paper_place_of
from wilayah.clock import local_today
from wilayah.models import Wilayah

PAGE = 30
State = GraduationCase.State
ON_PAPER = {State.PROPOSED, *GraduationCase.STANDING}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
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


@access(CASE)
@require_safe
def graduation_list(request):
    """Proposals, the newest first; a koordinator begins with those that wait for a decision."""
    today = local_today(request.user.wilayah_id)
    listing = GraduationListing(request.GET, user=request.user, today=today)
    cases = listing.qs.select_related("household__wilayah", "kind", "proposed_by")
    context = {
        "page": keyset_page(cases, request, listing.order, size=PAGE),
        "filters": GraduationListing.WORDS.items(),
        "chosen": listing.in_force["keadaan"],
    }
    return render_page(request, "kpm/graduation_list.html", context, part="graduation-rows")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def graduation_create(request, case):
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    form = ProposalForm(
        request.POST or None, household=household, user=request.user, today=local_today(household.wilayah_id)
    )
    if receipt := submit(request, form, partial(prepare_case, household)):
        thank(request, receipt, "Usulan disiapkan. Lengkapi berkasnya, lalu usulkan.")
        return redirect("kpm:graduation_edit", pk=receipt.object_id)
    open_case = GraduationCase.objects.filter(household=household).open().first()
    context = {"form": form, "household": household, "open_case": open_case}
    return render_page(request, "kpm/graduation_create.html", context, part="graduation-form")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def graduation_edit(request, pk):
    """What the proposal says and its documents, while it is not proposed."""
    case = case_or_404(request.user, pk)
    initial = {name: getattr(case, name) for name in ("kind", "statement", "signed_by", "signed_on")}
    form = ProposalForm(
        request.POST or None,
        files=request.FILES or None,
        household=case.household,
        case=case,
        initial=initial,
        user=request.user,
        today=local_today(case.household.wilayah_id),
    )
    if receipt := submit(request, form, partial(change_case, case)):
        thank(request, receipt, "Usulan tersimpan.")
        return redirect(case)
    if case.state not in {State.DRAFT, State.RETURNED} and request.method != "POST":
        return redirect(case)
    context = {"form": form, "household": case.household, "case": case}
    return render_page(request, "kpm/graduation_edit.html", context, part="graduation-form")


@access(CASE_LOOK)
@require_safe
def graduation_file(request, pk, file):
    """One photographed document, for whoever may open the family; never from a public folder, never cached."""
    files = GraduationFile.objects.visible_to(request.user).select_related("household")
    picture = get_object_or_404(files, pk=file, case=pk)
    response = photo_response(picture)
    household = picture.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    return response


@access(CASE_EXPORT)
@require_safe
def graduation_pdf(request, pk):
    """The berita acara, filled in as far as the case goes, to print and sign."""
    case = case_or_404(request.user, pk)
    if case.state not in ON_PAPER:
        raise Http404("nothing to sign yet")
    household = case.household
    note_access(request, AccessLog.Action.EXPORT, subject=household.case_number, fields=["berita_acara"])
    return pdf_response("kpm/graduation.typ", _on_paper(case), f"berita-acara-{household.case_number}.pdf")


@access(CASE_LOOK)
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
    return render_page(request, "kpm/graduation_detail.html", context)


@access(CASE_EDIT)
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
    form = GraduationMoveForm(
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
    return render_page(request, "kpm/graduation_move.html", context)


@access(CASE)
@require_safe
def graduation_ready(request):
    """Who can be talked with about graduation, who is near, and what holds them back."""
    page = ready_page(request, local_today(request.user.wilayah_id))
    return render_page(request, "kpm/graduation_ready.html", {"page": page}, part="ready-rows")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def watch_check(request, pk, months):
    """How the family stands so many months after graduation; one that fell back leads on to asking for its return."""
    checks = WatchCheck.objects.visible_to(request.user).select_related("case", "household")
    check = get_object_or_404(checks, case=pk, months=months)
    today = local_today(check.household.wilayah_id)
    form = WatchForm(
        request.POST or None,
        initial={"done_on": today, "by_phone": "ya"},
        graduated_on=check.case.graduated_on or check.due_on,
        user=request.user,
        today=today,
    )
    if receipt := submit(request, form, partial(record_check, check)):
        thank(request, receipt, f"Cek {check.months} bulan tersimpan.")
        check.refresh_from_db()
        if check.outcome == WatchCheck.Outcome.FALLEN and check.case.state == State.APPROVED:
            return redirect("kpm:graduation_move", pk=check.case_id, move="minta-kembali")
        return redirect(check.case)
    if check.done_on and request.method != "POST":
        return redirect(check.case)
    context = {"form": form, "check": check, "household": check.household}
    return render_page(request, "kpm/watch_check.html", context)


def case_or_404(user, pk):
    """The case `pk` with what its pages print, for whoever may open its family."""
    cases = GraduationCase.objects.visible_to(user).select_related(
        "household__wilayah", "household__pendamping", "kind", "signed_by", "proposed_by", "decided_by"
    )
    return get_object_or_404(cases, pk=pk)


def _papers(case, today):
    """(paper, its photos) of what the kind asks for, and of what is there besides."""
    there = {}
    for file in GraduationFile.objects.filter(case=case).select_related("paper"):
        there.setdefault(file.paper, []).append(file)
    asked = list(papers_of(case.kind_id, today))
    return [(paper, there.get(paper, [])) for paper in [*asked, *(set(there) - set(asked))]]


def _on_paper(case):
    """What templates/kpm/graduation.typ prints; identity numbers only masked."""
    household, decided = case.household, case.state in GraduationCase.STANDING
    day = case.graduated_on or case.proposed_on
    code = household.wilayah_id
    areas = {area.pk: area.name for area in Wilayah.objects.filter(pk__in=[code, code[:6], code[:4]])}
    signer = case.signed_by or household.pengurus_terms.select_related("member").get(to_on=None).member
    return {
        "draft": not decided,
        "number": f"{household.case_number}/GRAD/{ROMAN[day.month - 1]}/{day.year}",
        "weekday": date_format(day, "l"),
        "day": date_format(day, "j F Y"),
        "kind": case.kind.name,
        "explanation": case.kind.explanation,
        "case": household.case_number,
        "family": {
            "pengurus": household.name,
            "signer": signer.name,
            "relation": signer.get_relation_display(),
            "nik": str(signer.nik) if signer.nik else "belum dicatat",
            "no_kk": str(household.no_kk),
            "address": household.address,
            "rt_rw": paper_place_of(household),
            "since": date_format(household.joined_on, "F Y"),
        },
        "place": {
            "kelurahan": areas.get(code, ""),
            "kecamatan": areas.get(code[:6], ""),
            "kota": areas.get(code[:4], ""),
        },
        "statement": case.statement,
        "signed_on": date_format(case.signed_on, "j F Y") if case.signed_on else "",
        "papers": list(
            case.files.order_by("paper__position").values_list("paper__name", flat=True).distinct()
        ),
        "proposed_on": date_format(case.proposed_on, "j F Y"),
        "pendamping": case.proposed_by.name,
        "pendamping_nip": case.proposed_by.nip or "",
        "koordinator": case.decided_by.name if decided else "",
        "koordinator_nip": (case.decided_by.nip or "") if decided else "",
    }
