"""Kasus: the list, a new one, one with its steps and the next thing to do, its moves, its confidential notes."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.models import AccessLog
from entries.submit import submit, tap, thank
from entries.trail import note_access, note_look
from kpm.models import Household
from pkh_casework.access import (
    CASE,
    CASE_EDIT,
    CASE_LOOK,
    CASE_SECRET,
    CASE_WRITE,
    FIELD,
    FIELD_WRITE,
    access,
)
from pkh_casework.asked import way_back
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from roles.forms.incident import IncidentForm, IncidentMoveForm, IncidentNoteForm, IncidentStepForm
from roles.incidents.rules import kinds_on
from roles.listings import IncidentListing
from roles.models import Incident, IncidentNote, IncidentStep
from roles.operations.incident import (
    MOVES,
    STAYS,
    add_step,
    finish_step,
    may_move,
    move_incident,
    moves_for,
    report_incident,
    write_note,
)
from wilayah.clock import local_today

PAGE = 50
# What leads a kasus on, first of all; the rest stands below it.
NEXT = ("tangani", "selesai", "jawab", "lanjut", "tetapkan", "putuskan")
# What a move means and what is said afterwards.
WORDS = {
    "tangani": ("Kasus ini mulai Anda tangani.", "Kasus mulai ditangani."),
    "tunggu": (
        "Anda sudah melapor atau bertanya dan menunggu jawaban. Batas waktunya tetap berjalan.",
        "Tercatat menunggu.",
    ),
    "lanjut": ("Yang ditunggu sudah ada jawabannya.", "Kasus ditangani lagi."),
    "putuskan": (
        "Tulis keputusan seperti yang disampaikan kepada keluarga. Sesudah itu sampaikan kepada keluarga.",
        "Keputusan tercatat. Berikutnya: sampaikan ke keluarga.",
    ),
    "tetapkan": (
        "Keputusan Anda tercatat atas nama Anda, dan pendamping menyampaikannya kepada keluarga.",
        "Keputusan tercatat. Pendamping menyampaikannya kepada keluarga.",
    ),
    "selesai": ("Keluarga sudah mendengar keputusannya. Kasus selesai.", "Kasus selesai."),
    "keberatan": (
        "Keluarga tidak setuju: kasus dibuka lagi dan koordinator lain dari yang pertama memutuskan. Hanya satu kali.",
        "Keberatan tercatat dan menunggu koordinator.",
    ),
    "cabut": ("Keluarga menarik keberatannya. Keputusan yang pertama berlaku.", "Keberatan dicabut."),
    "jawab": (
        "Keputusan atas keberatan ini yang terakhir di sini. Pendamping menyampaikannya kepada keluarga.",
        "Keberatan diputus.",
    ),
    "tutup": (
        "Kasus berhenti tanpa keputusan. Keluarga tetap boleh keberatan.",
        "Kasus ditutup tanpa tindak lanjut.",
    ),
    STAYS: ("Batas waktu hanya dapat dimajukan. Alasannya dibaca pendamping.", "Batas waktu dimajukan."),
}


@access(CASE)
@require_safe
def incident_list(request):
    """Kasus that are open, the overdue first; a koordinator finds those that wait for a decision beside them."""
    today = local_today(request.user.wilayah_id)
    listing = IncidentListing(request.GET, user=request.user, today=today)
    incidents = listing.qs.select_related("household__wilayah", "household__pendamping", "kind")
    context = {
        "page": keyset_page(incidents, request, listing.order, size=PAGE),
        "filters": IncidentListing.STATES.items(),
        "chosen": listing.in_force["keadaan"],
        "kinds": [(kind.code, kind.name) for kind in kinds_on(today)],
        "kind": listing.in_force.get("jenis", ""),
        "area": listing.in_force.get("wilayah", ""),
        "today": today,
    }
    return render_page(request, "roles/incident_list.html", context, part="incident-rows")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_create(request, case):
    """Write down a kasus of a family; its deadline follows from its kind."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today(household.wilayah_id)
    form = IncidentForm(request.POST or None, household=household, user=request.user, today=today)
    if receipt := submit(request, form, partial(report_incident, household)):
        thank(request, receipt, "Kasus tercatat.")
        return redirect("roles:incident_detail", pk=receipt.object_id)
    context = {"form": form, "household": household, "kinds": kinds_on(today)}
    return render_page(request, "roles/incident_create.html", context)


@access(CASE_LOOK)
@require_safe
def incident_detail(request, pk):
    """One kasus: what happened, what is to be done next, its steps, decision and history."""
    incident = incident_or_404(request.user, pk)
    household = incident.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    moves = moves_for(incident, request.user)
    first = next((name for name in NEXT if name in moves), "")
    context = {
        "incident": incident,
        "household": household,
        "holds": household.pendamping_id == request.user.pk,
        "today": local_today(household.wilayah_id),
        "next": (first, moves.pop(first).words) if first else None,
        "others": [(name, move.words) for name, move in moves.items()],
        "steps": list(incident.steps.all()),
        "moves": list(incident.moves.select_related("by")),
        "notes": IncidentNote.objects.visible_to(request.user).filter(incident=incident).count(),
        "own_decision": incident.state == Incident.State.APPEALED
        and incident.decided_with_id == request.user.pk,
    }
    return render_page(request, "roles/incident_detail.html", context)


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_move(request, pk, move):
    """One move of a kasus, with what it asks for."""
    incident = incident_or_404(request.user, pk)
    if move not in MOVES or not may_move(incident, move, request.user):
        raise Http404("not a move of the asker")
    household = incident.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    form = IncidentMoveForm(
        request.POST or None,
        incident=incident,
        name=move,
        user=request.user,
        today=local_today(household.wilayah_id),
    )
    meaning, afterwards = WORDS[move]
    if receipt := submit(request, form, partial(move_incident, incident, move)):
        thank(request, receipt, afterwards)
        return redirect(incident)
    if move not in moves_for(incident, request.user) and request.method != "POST":
        messages.info(request, f"Kasus ini sekarang {incident.get_state_display().lower()}.")
        return redirect(incident)
    context = {
        "form": form,
        "incident": incident,
        "household": household,
        "title": MOVES[move].words,
        "meaning": meaning,
        "risky": move == "tutup",
    }
    return render_page(request, "roles/incident_move.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_step(request, pk):
    """Write down what is to be done for a kasus."""
    incident = incident_or_404(request.user, pk)
    today = local_today(incident.household.wilayah_id)
    form = IncidentStepForm(request.POST or None, incident=incident, user=request.user, today=today)
    if receipt := submit(request, form, partial(add_step, incident)):
        thank(request, receipt, "Langkah tercatat.")
        return redirect(incident)
    context = {"form": form, "incident": incident, "household": incident.household}
    return render_page(request, "roles/incident_step.html", context)


@access(FIELD)
@require_POST
def incident_step_done(request, pk):
    """Tick a step; leads back to the page it was ticked on."""
    step = get_object_or_404(IncidentStep.objects.visible_to(request.user), pk=pk)
    receipt, _ = tap(request, partial(finish_step, step, on=local_today(request.user.wilayah_id)))
    if receipt:
        thank(request, receipt, "Langkah ditandai selesai.")
    return HttpResponseRedirect(way_back(request))


@access(CASE_SECRET)
@require_safe
def incident_notes(request, pk):
    """The confidential notes of a kasus, for the family's holder and the koordinator of its area; each opening is kept,
    the holder's as well.
    """
    incident = incident_or_404(request.user, pk)
    case = incident.household.case_number
    note_access(request, AccessLog.Action.LOOK, subject=case, fields=["catatan_rahasia"])
    notes = IncidentNote.objects.visible_to(request.user).filter(incident=incident).select_related("by")
    context = {
        "incident": incident,
        "household": incident.household,
        "notes": [(note, note.read()) for note in notes],
    }
    return render_page(request, "roles/incident_notes.html", context)


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_note(request, pk):
    """Write a confidential note; those that are there already are not shown here."""
    incident = incident_or_404(request.user, pk)
    today = local_today(incident.household.wilayah_id)
    form = IncidentNoteForm(request.POST or None, user=request.user, today=today)
    if receipt := submit(request, form, partial(write_note, incident)):
        thank(request, receipt, "Catatan rahasia tersimpan.")
        return redirect(incident)
    context = {"form": form, "incident": incident, "household": incident.household}
    return render_page(request, "roles/incident_note.html", context)


def incident_or_404(user, pk):
    """The kasus `pk` with what its pages print, for whoever may open its family."""
    incidents = Incident.objects.visible_to(user).select_related(
        "household__wilayah",
        "household__pendamping",
        "kind",
        "member",
        "referral__resource",
        "pendamping",
        "appeal_decided_by",
    )
    return get_object_or_404(incidents, pk=pk)
