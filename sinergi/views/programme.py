"""Programmes: the list, a new one and its stages, the board, the closing."""

from functools import partial
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from entries.trail import note_look
from pkh_casework.access import AREA, CASE_LOOK, KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from sinergi.board import board_of, with_progress
from sinergi.forms.programme import CloseProgrammeForm, ProgrammeForm, StagesForm
from sinergi.models import Enrolment, Programme, ProgrammeRule, Template
from sinergi.operations.programme import (
    change_programme,
    close_programme,
    create_programme,
    save_stages,
)
from wilayah.clock import local_today

PAGE = 20
STUCK = "tertahan"
State = Programme.State


@access(AREA)
@require_safe
def programme_list(request):
    """Programmes of the area, the newest first, each with how far its families have come."""
    today = local_today(request.user.wilayah_id)
    programmes = Programme.objects.visible_to(request.user).select_related("wilayah")
    page = keyset_page(programmes, request, ["-starts_on", "-pk"], size=PAGE)
    context = {"page": page, "rows": with_progress(page.rows, request.user, today), "today": today}
    return render_page(request, "sinergi/programme_list.html", context, part="programme-rows")


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def programme_create(request):
    """A new programme from a ready pattern, or from an earlier programme by `?dari=`."""
    today = local_today(request.user.wilayah_id)
    earlier = _earlier(request)
    pattern = earlier or Template.objects.valid_on(today).first()
    initial = {"wilayah": request.user.wilayah_id}
    if earlier:
        initial = {
            "name": earlier.name,
            "wilayah": earlier.wilayah_id,
            "target": earlier.target,
            "partners": list(earlier.partners.all()),
            "note": earlier.note,
        }
    form = ProgrammeForm(
        request.POST or None, rule=ProgrammeRule.on(today), initial=initial, user=request.user, today=today
    )
    if receipt := submit(request, form, partial(create_programme, form.instance, pattern=pattern)):
        thank(request, receipt, "Program dibuat. Periksa tahapnya, lalu daftarkan keluarga.")
        return redirect("sinergi:programme_detail", pk=receipt.object_id)
    context = {
        "form": form,
        "pattern": pattern,
        "stages": list(pattern.stages.all()),
        "earlier": earlier,
        "title": "Program baru",
    }
    return render_page(request, "sinergi/programme_form.html", context)


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def programme_edit(request, pk):
    programme = _led_or_404(request.user, pk)
    today = local_today(programme.wilayah_id)
    form = ProgrammeForm(
        request.POST or None,
        rule=ProgrammeRule.on(today),
        instance=programme,
        user=request.user,
        today=today,
    )
    if receipt := submit(request, form, partial(change_programme, programme)):
        thank(request, receipt, "Program diperbarui.")
        return redirect(programme)
    context = {"form": form, "programme": programme, "title": "Ubah program"}
    return render_page(request, "sinergi/programme_form.html", context)


@access(CASE_LOOK)
@require_safe
def programme_detail(request, pk):
    """The board: the asker's families by stage, what each needs to go on, who is stuck and why."""
    programme = programme_or_404(request.user, pk)
    if request.user.is_koordinator:
        note_look(request, programme.pk, holders=())
    today = local_today(programme.wilayah_id)
    rule = ProgrammeRule.on(today)
    columns = board_of(programme, request.user, today, rule)
    standings = [one for column in columns for one in column.standings]
    running = programme.closed_on is None
    only_stuck = asked_text(request.GET, "tampil") == STUCK
    stuck = [one for one in standings if one.is_stuck and running]
    context = _shell(request, programme, today) | {
        "columns": columns,
        "earlier": Programme.objects.visible_to(request.user).filter(pk=programme.copied_from_id).first(),
        "rule": rule,
        "mine": len(standings),
        "others": sum(column.others for column in columns),
        "stuck": stuck,
        "only_stuck": only_stuck,
        "ready": [one for one in standings if one.may_advance] if running else [],
        "moves": running and request.user.is_pendamping,
        "early": programme.starts_on > today,
        "ended": Enrolment.objects.visible_to(request.user)
        .filter(programme=programme, left_on__isnull=False)
        .select_related("household")
        .order_by("-left_on", "pk"),
    }
    return render_page(request, "sinergi/programme_detail.html", context, part="board")


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def stage_edit(request, pk):
    """Order and words of the stages, until the first family enters."""
    programme = _led_or_404(request.user, pk)
    form = StagesForm(
        request.POST or None,
        stages=programme.stages.all(),
        user=request.user,
        today=local_today(programme.wilayah_id),
    )
    if receipt := submit(request, form, partial(save_stages, programme)):
        thank(request, receipt, "Tahap tersimpan.")
        return redirect(programme)
    context = {"form": form, "programme": programme, "entered": programme.enrolments.exists()}
    return render_page(request, "sinergi/stage_edit.html", context)


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def programme_close(request, pk):
    programme = _led_or_404(request.user, pk)
    form = CloseProgrammeForm(
        request.POST or None,
        programme=programme,
        user=request.user,
        today=local_today(programme.wilayah_id),
    )
    if receipt := submit(request, form, partial(close_programme, programme)):
        thank(request, receipt, "Program ditutup. Laporan penutupnya siap dicetak.")
        return redirect("sinergi:programme_figures", pk=programme.pk)
    if programme.closed_on and not form.is_bound:
        return redirect(programme)
    context = {
        "form": form,
        "programme": programme,
        "running": programme.enrolments.open().count(),
        "early": programme.starts_on > form.today,
    }
    return render_page(request, "sinergi/programme_close.html", context)


def programme_or_404(user, pk):
    """The programme, if its area concerns `user`."""
    programmes = Programme.objects.visible_to(user).select_related("wilayah", "created_by")
    return get_object_or_404(programmes, pk=pk)


def _led_or_404(user, pk):
    programme = programme_or_404(user, pk)
    if not programme.is_led_by(user):
        raise Http404("not of the asker's area")
    return programme


def _shell(request, programme, today):
    """What every page of a programme shows around its own content."""
    return {
        "programme": programme,
        "state": programme.state_on(today),
        "leads": programme.is_led_by(request.user),
        "partners": programme.partners.all(),
        "today": today,
    }


def _earlier(request):
    """The programme that `?dari=` names and the asker may see, or None."""
    try:
        pk = UUID(asked_text(request.GET, "dari"))
    except ValueError:
        return None
    return Programme.objects.visible_to(request.user).filter(pk=pk).first()
