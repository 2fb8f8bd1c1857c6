"""Targets on screen: how far what is looked at has come, proposing one, and deciding on those that wait."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from entries.submit import submit, tap, thank
from pkh_casework.access import CASE, CASE_WRITE, KOORDINATOR, access, only
from pkh_casework.asked import asked_text, ids_in
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from pkh_casework.paging import keyset_page
from reports.figures import FIGURES
from reports.figures.queries import MOST_COLLEAGUES
from reports.figures.targets import all_coverage
from reports.figures.views.lens import shell_of, view_of, wider_than
from reports.models import Target
from wilayah.clock import local_today
from wilayah.models import DIGITS_BELOW, Wilayah

from .forms import PERSON, DecideForm, TargetForm
from .operations import decide_many, decide_target, propose_target

PAGE = 50
EVERY = "semua"
LIST = "reports:target_list"
State = Target.State


@access(CASE)
@require_safe
def target_list(request):
    """How far an area or a pendamping has come with each figure that has a target, and every target there ever was."""
    view = view_of(request)
    lens, user = view.lens, request.user
    if lens.rw is not None:
        raise Http404("an RW has no targets")
    person = user if user.is_pendamping else view.colleague
    rows = Target.objects.visible_to(user).filter(pendamping=person)
    if person is None:
        rows = rows.filter(wilayah=lens.here)
    page = keyset_page(_told(rows), request, ["-id"], size=PAGE)
    _name_figures(page.rows)
    context = shell_of(view) | {
        "coverage": [{"of": one, "url": view.figure_url(one.figure.slug)} for one in all_coverage(lens)],
        "page": page,
        "parts": _parts(view),
        "wider": wider_than(view, LIST),
        "propose_url": view.url("reports:target_propose"),
        "waiting": Target.objects.to_decide(user).count() if user.is_koordinator else 0,
    }
    return render_page(request, "reports/target_list.html", context, part="target-rows")


def _told(rows):
    """Targets with the people and the area that are told of them."""
    return rows.select_related("wilayah", "pendamping", "proposed_by", "decided_by")


def _name_figures(targets):
    """Give each of `targets` what people call its figure; one that is counted no more keeps its slug."""
    for target in targets:
        figure = FIGURES.get(target.figure)
        target.figure_name, target.unit = (figure.name, figure.unit) if figure else (target.figure, "")


def _parts(view):
    """[(title, [(name, address), …])] of the areas below the one looked at and of its pendamping, for a koordinator."""
    if not view.lens.user.is_koordinator or view.colleague:
        return []
    areas, people = _below(view)
    parts = [
        ("Wilayah di dalamnya", [(area.name, view.url(LIST, wilayah=area.code)) for area in areas]),
        ("Pendamping", [(one.name, view.url(LIST, pendamping=one.pk)) for one in people]),
    ]
    return [part for part in parts if part[1]]


def _below(view):
    """(the areas one level below the one looked at, its pendamping); of too many pendamping none."""
    here, user = view.lens.here, view.lens.user
    digits = DIGITS_BELOW.get(len(here))
    areas = Wilayah.objects.filter(parent=here).order_by("name") if digits else []
    people = User.objects.visible_to(user).pendamping().filter(is_active=True, wilayah__code__startswith=here)
    people = list(people.order_by("name")[: MOST_COLLEAGUES + 1])
    return areas, people if len(people) <= MOST_COLLEAGUES else []


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def target_propose(request):
    """Propose a target; the address may name the figure (`?angka=`), and the area or pendamping looked at."""
    view = view_of(request)
    form = TargetForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        today=local_today(request.user.wilayah_id),
        offered=_whose(view),
        initial={
            "figure": asked_text(request.GET, "angka"),
            "from_month": f"{view.lens.today:%Y-%m}",
            "whose": f"{PERSON}{view.colleague.pk}" if view.colleague else view.lens.here,
        },
    )
    if receipt := submit(request, form, propose_target):
        thank(request, receipt, "Usulan target tersimpan. Koordinator lain yang memutuskan.")
        return redirect("reports:target_detail", pk=receipt.object_id)
    context = {"form": form, "back_url": view.url(LIST)}
    return render_page(request, "reports/target_propose.html", context)


def _whose(view):
    """The areas and people that a koordinator chooses from, as a select has them."""
    if view.lens.user.is_pendamping:
        return []
    here, (areas, people) = view.areas[-1], _below(view)
    if view.colleague and view.colleague not in people:
        people = [view.colleague, *people]
    return [
        ("Wilayah", [(area.code, area.name) for area in [here, *areas]]),
        ("Pendamping", [(f"{PERSON}{one.pk}", one.name) for one in people]),
    ]


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def target_detail(request, pk):
    """One target: what, for whom, since when, who proposed and who decided; its proposer may withdraw it while it waits."""
    target = get_object_or_404(_told(Target.objects.visible_to(request.user)), pk=pk)
    is_own = target.proposed_by_id == request.user.pk
    if request.method == "POST":
        if not is_own:
            raise Http404("not the proposer")
        today = local_today(request.user.wilayah_id)
        receipt, _ = tap(request, partial(decide_target, target, today=today, decision=State.WITHDRAWN))
        if receipt:
            thank(request, receipt, "Usulan ditarik.")
        return redirect(target)
    _name_figures([target])
    decides = request.user.is_koordinator and Target.objects.to_decide(request.user).filter(pk=pk).exists()
    context = {
        "target": target,
        "withdraws": is_own and target.is_open,
        "op_id": uuid7(),
        "decide_url": reverse("reports:targets_decide") if decides else "",
    }
    return render_page(request, "reports/target_detail.html", context)


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def targets_decide(request):
    """The proposals that wait for the asker: approve or refuse all that are ticked, with a result for each."""
    user, today, results, form = request.user, local_today(request.user.wilayah_id), {}, None
    if request.method == "POST":
        asked = Target.objects.visible_to(user).filter(pk__in=ids_in(request.POST.getlist("usulan")))
        form = DecideForm(request.POST, targets=_told(asked), user=user, today=today)
        if form.is_valid():
            said = {"decision": form.cleaned_data["decision"], "note": form.cleaned_data["note"]}
            done = decide_many(form.chosen, by=user, op_id=form.op_id, today=today, **said)
            results = {target.pk: (target, words) for target, words in done}
            if not any(words for _, words in done):
                words = "disetujui" if said["decision"] == State.APPROVED else "ditolak"
                messages.success(request, f"{len(done)} usulan {words}.")
                return redirect(request.get_full_path())
    page = keyset_page(_told(Target.objects.to_decide(user)), request, ["wilayah_id", "id"], size=PAGE)
    ticked = set(form.data.getlist("usulan")) if form else set()
    every = asked_text(request.GET, "centang") == EVERY and not form
    held = _held_now(user, page.rows, today)
    _name_figures([*page.rows, *(target for target, _ in results.values())])
    for target in page.rows:
        target.ticked = every or str(target.pk) in ticked
        target.problem = results.get(target.pk, (None, ""))[1]
        target.now = held.get((target.figure, target.wilayah_id, target.pendamping_id))
    context = {
        "page": page,
        "form": form or DecideForm(None, targets=(), user=user, today=today),
        "tick_url": f"?centang={EVERY}",
        "decided": [target for target, words in results.values() if not words],
        "failed": [(target, words) for target, words in results.values() if words],
    }
    return render_page(request, "reports/targets_decide.html", context, part="proposal-rows")


def _held_now(user, targets, today):
    """{(figure, area, pendamping): value} of what holds this month for the same as `targets`."""
    rows = Target.objects.visible_to(user).in_force(today.replace(day=1))
    rows = rows.filter(
        figure__in=[target.figure for target in targets],
        wilayah__in=[target.wilayah_id for target in targets],
    )
    return {(row.figure, row.wilayah_id, row.pendamping_id): row.value for row in rows}
