"""Families of a programme: who could join, one that joins, one that moves on or leaves, and its way so far."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.submit import submit, tap, thank
from entries.trail import note_look
from kpm.models import Household
from pkh_casework.access import CASE_LOOK, FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from sinergi.board import candidates_for, low_names
from sinergi.evidence import explained, standings
from sinergi.forms.enrolment import EnrolForm, LeaveForm, StageMoveForm
from sinergi.models import Enrolment, Programme, ProgrammeRule
from sinergi.operations.enrolment import advance, baseline_of, enrol, leave, move_by_hand
from wilayah.clock import local_today

from .programme import programme_or_404

PAGE, MOST_AT_ONCE = 50, 300
STAYED = "{number} keluarga tetap di tahapnya: buktinya tidak ada lagi, atau sudah pindah sejak halaman ini dibuka."
NOBODY = "Tidak ada yang dipindahkan: buktinya belum ada, atau sudah dipindahkan sebelumnya."


@access(FIELD)
@require_safe
def candidate_list(request, pk):
    """The asker's families that the programme could help, those with the most reasons first."""
    programme = programme_or_404(request.user, pk)
    rule = ProgrammeRule.on(local_today(programme.wilayah_id))
    families = candidates_for(programme, request.user, rule)
    page = keyset_page(families, request, ["-has_goal", "-low", "rw", "id"], size=PAGE)
    names = low_names([household.pk for household in page.rows], rule)
    context = {
        "programme": programme,
        "page": page,
        "rows": [(household, names[household.pk]) for household in page.rows],
    }
    return render_page(request, "sinergi/candidate_list.html", context, part="candidate-rows")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_create(request, pk, case):
    """One family joins: its baseline, its yes, and the day."""
    programme = programme_or_404(request.user, pk)
    families = Household.objects.visible_to(request.user).select_related("wilayah")
    household = get_object_or_404(families, case_number=case)
    today = local_today(household.wilayah_id)
    rule = ProgrammeRule.on(today)
    form = EnrolForm(
        request.POST or None, programme=programme, household=household, user=request.user, today=today
    )
    if receipt := submit(request, form, partial(enrol, household, programme=programme)):
        thank(request, receipt, f"{household.name} ikut program.")
        return redirect("sinergi:enrolment_detail", pk=receipt.object_id)
    context = {
        "programme": programme,
        "household": household,
        "form": form,
        "baseline": baseline_of(household, today, rule),
        "rule": rule,
        "early": programme.starts_on > today,
        "ended": household.status not in Household.ACTIVE,
        "open": Enrolment.objects.filter(household=household).open().select_related("programme").first(),
    }
    return render_page(request, "sinergi/enrolment_create.html", context)


@access(FIELD)
@require_POST
def enrolment_advance(request, pk):
    """One tap: those of the named families go on whose evidence is there."""
    programme, back = _tapped_or_404(request.user, pk)
    named, today = _named(request), local_today(programme.wilayah_id)
    receipt, moved = tap(request, partial(advance, programme, enrolments=named, today=today))
    if moved:
        words = "1 keluarga" if moved == 1 else f"{moved} keluarga"
        thank(request, receipt, f"{words} pindah tahap dengan buktinya.")
        if stayed := len(named) - moved:
            messages.warning(request, STAYED.format(number=stayed))
    elif receipt:
        messages.error(request, NOBODY)
    return redirect(back)


@access(CASE_LOOK)
@require_safe
def enrolment_detail(request, pk):
    """One family in one programme: where it stands, what is missing, and its whole way."""
    enrolment = _enrolment_or_404(request.user, pk)
    household = enrolment.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    today = local_today(household.wilayah_id)
    rule = ProgrammeRule.on(today)
    moves = list(enrolment.moves.select_related("stage", "by"))
    running = enrolment.left_on is None
    context = {
        "enrolment": enrolment,
        "household": household,
        "programme": enrolment.programme,
        "opens": Programme.objects.visible_to(request.user).filter(pk=enrolment.programme_id).exists(),
        "holds": household.pendamping_id == request.user.pk,
        "standing": standings(enrolment.programme, [enrolment], today, rule)[0] if running else None,
        "history": explained(moves[::-1]),
        "path": _path(enrolment.programme, moves),
        "rule": rule,
        "membership": enrolment.business_memberships.filter(left_on=None).select_related("group").first(),
    }
    return render_page(request, "sinergi/enrolment_detail.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_move(request, pk):
    """By hand, with a reason."""
    enrolment = _enrolment_or_404(request.user, pk)
    today = local_today(enrolment.household.wilayah_id)
    if enrolment.left_on and request.method != "POST":
        return redirect(enrolment)
    [standing] = standings(enrolment.programme, [enrolment], today, ProgrammeRule.on(today))
    form = StageMoveForm(request.POST or None, standing=standing, user=request.user, today=today)
    if receipt := submit(request, form, partial(move_by_hand, enrolment)):
        thank(request, receipt, "Keluarga pindah tahap. Alasannya tersimpan di riwayat.")
        return redirect(enrolment)
    context = {"enrolment": enrolment, "household": enrolment.household, "form": form, "standing": standing}
    return render_page(request, "sinergi/enrolment_move.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_leave(request, pk):
    enrolment = _enrolment_or_404(request.user, pk)
    today = local_today(enrolment.household.wilayah_id)
    if enrolment.left_on and request.method != "POST":
        return redirect(enrolment)
    form = LeaveForm(
        request.POST or None,
        enrolment=enrolment,
        ending=asked_text(request.GET, "akhir"),
        user=request.user,
        today=today,
    )
    if receipt := submit(request, form, partial(leave, enrolment)):
        thank(request, receipt, "Keikutsertaan keluarga berakhir.")
        return redirect(enrolment)
    context = {"enrolment": enrolment, "household": enrolment.household, "form": form}
    return render_page(request, "sinergi/enrolment_leave.html", context)


def _enrolment_or_404(user, pk):
    enrolments = Enrolment.objects.visible_to(user).select_related(
        "household__wilayah",
        "household__pendamping",
        "programme",
        "baseline",
        "consent__given_by",
        "consent__text",
    )
    return get_object_or_404(enrolments, pk=pk)


def _tapped_or_404(user, pk):
    """(programme, where a tap leads back to). Who holds a family that came from elsewhere can't open its programme, but
    takes the family on.
    """
    if programme := Programme.objects.visible_to(user).filter(pk=pk).first():
        return programme, programme
    seen = Enrolment.objects.visible_to(user).filter(programme=pk).select_related("programme")
    if enrolment := seen.open().first():
        return enrolment.programme, enrolment
    raise Http404("no programme of the asker's families")


def _path(programme, moves):
    """(stage, day of its newest move or None, whether it is now) of each stage of the programme."""
    days = {move.stage_id: move.moved_on for move in moves}
    here = moves[-1].stage_id if moves else None
    return [(stage, days.get(stage.pk), stage.pk == here) for stage in programme.stages.all()]


def _named(request):
    """{enrolment id: number of its newest move} as a form names them, `<id>:<number>`; what is none is nobody's."""
    named = {}
    for text in request.POST.getlist("peserta")[:MOST_AT_ONCE]:
        pk, _, number = text.partition(":")
        try:
            named[UUID(pk)] = int(number)
        except ValueError:
            continue
    return named
