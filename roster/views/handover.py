"""Handing families over: what waits, the act, the answer, and what a family brings along."""

from functools import partial

from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from entries.forms import CASE as CASE_NUMBER
from entries.submit import submit, tap, thank
from entries.trail import note_look
from kpm.models import Goal, Group, Household, MemberComponent
from pkh_casework.access import CASE, CASE_EDIT, CASE_WRITE, KOORDINATOR, access, only
from pkh_casework.asked import asked_number, asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from roster.forms import AnswerForm, OfferForm
from roster.handover import orphans, returns_due, strays
from roster.models import Handover, HandoverFamily
from roster.operations import answer, mark_read, offer
from wilayah.clock import local_today

PAGE = 50
State = HandoverFamily.State


@access(CASE)
@require_safe
def handover_list(request):
    """Handovers that the asker sees, those that wait first asked for: `keadaan=semua` shows all."""
    shows_all = asked_text(request.GET, "keadaan") == "semua"
    handovers = Handover.objects.visible_to(request.user)
    handovers = handovers if shows_all else handovers.open()
    page = keyset_page(handovers.select_related("holder", "receiver"), request, ["-id"], size=PAGE)
    rows = HandoverFamily.objects.visible_to(request.user).filter(handover__in=page.rows)
    counts = rows.values("handover").annotate(
        waiting=Count("pk", filter=Q(state=State.WAITING)), families=Count("pk")
    )
    counts = {row["handover"]: row for row in counts}
    today = local_today(request.user.wilayah_id)
    context = {
        "page": page,
        "rows": [(one, counts.get(one.pk, {}), (today - one.offered_on).days) for one in page.rows],
        "shows_all": shows_all,
        "returns": returns_due(request.user, today) if request.user.is_koordinator else [],
        "strays": _strays(request.user),
        "orphans": orphans(Household.objects.visible_to(request.user)).count()
        if request.user.is_koordinator
        else 0,
    }
    return render_page(request, "roster/handover_list.html", context, part="handover-more")


def _strays(user):
    """The first families that moved away from where their holder works and wait for somebody to be chosen."""
    if not user.is_koordinator:
        return []
    moved = strays(Household.objects.visible_to(user)).select_related("wilayah", "pendamping")
    return list(moved.order_by("pk")[:PAGE])


@access(only(KOORDINATOR, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def handover_create(request):
    """Offer what one pendamping holds: `dari` (an account), `kelompok`, `kpm` (case numbers) or `kembali` (the Handover of
    a leave that is over) say whose and which.
    """
    asked = _asked(request)
    if asked is None:
        return redirect(f"{reverse('accounts:user_list')}?tugas=pendamping")
    holder, ticked, returns = asked
    families = Household.objects.visible_to(request.user).filter(pendamping=holder)
    form = OfferForm(
        request.POST or None,
        holder=holder,
        families=families,
        ticked=ticked,
        returns=returns,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, offer):
        handover = get_object_or_404(Handover.objects.visible_to(request.user), pk=receipt.object_id)
        words = (
            "KPM sudah diterima atas nama penerima." if form.cleaned_data["for_them"] else "KPM ditawarkan."
        )
        thank(request, receipt, words)
        return redirect(handover)
    return render_page(request, "roster/handover_create.html", {"form": form, "holder": holder})


def _asked(request):
    """(holder, ticked Households, Handover given back) that the address asks for; None when it names nobody. Raises Http404
    for what the asker does not see.
    """
    families = Household.objects.visible_to(request.user)
    if code := asked_text(request.GET, "kembali"):
        leaves = Handover.objects.visible_to(request.user).filter(kind=Handover.Kind.LEAVE)
        leave = next((one for one in leaves.select_related("receiver") if str(one.pk) == code), None)
        if leave is None:
            raise Http404("no such leave")
        lent = families.filter(
            pendamping=leave.receiver, handovers__handover=leave, handovers__state=State.TAKEN
        )
        return leave.receiver, list(lent), leave
    if number := asked_number(request.GET, "kelompok"):
        groups = Group.objects.visible_to(request.user).select_related("pendamping")
        group = get_object_or_404(groups, pk=number)
        return group.pendamping, list(families.filter(group=group)), None
    if cases := request.GET.getlist("kpm"):
        cases = [case for case in cases[:PAGE] if CASE_NUMBER.fullmatch(case)]
        chosen = list(families.filter(case_number__in=cases).select_related("pendamping"))
        if not chosen or len({one.pendamping_id for one in chosen}) > 1:
            raise Http404("no such family, or of several holders")
        return chosen[0].pendamping, chosen, None
    if number := asked_number(request.GET, "dari"):
        accounts = User.objects.visible_to(request.user).pendamping()
        return get_object_or_404(accounts, pk=number), (), None
    return None


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def handover_detail(request, pk):
    """One handover: each family and what became of it, and the answer of whoever may give it."""
    handovers = Handover.objects.visible_to(request.user).select_related(
        "holder", "receiver", "by", "returns"
    )
    handover = get_object_or_404(handovers, pk=pk)
    own = HandoverFamily.objects.visible_to(request.user).filter(handover=handover)
    allowed = handover.answers_of(request.user)
    form = AnswerForm(
        request.POST or None,
        handover=handover,
        waiting=own,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, partial(answer, handover)):
        thank(request, receipt, _outcome(handover, form.cleaned_data.get("decision", "")))
        is_left = Handover.objects.visible_to(request.user).filter(pk=handover.pk).exists()
        return redirect(handover if is_left else "roster:handover_list")
    rows = list(
        own.select_related("household__wilayah", "group", "decided_by").order_by("household__name", "pk")
    )
    for row in rows:
        row.handover = handover
    sent = set(request.POST.getlist("rows"))
    context = {
        "handover": handover,
        "form": form,
        "allowed": allowed,
        "waiting": [(row, str(row.pk) in sent) for row in rows if row.is_waiting],
        "answered": [row for row in rows if not row.is_waiting],
        "is_receiver": request.user.pk == handover.receiver_id,
    }
    return render_page(request, "roster/handover_detail.html", context)


def _outcome(handover, decision):
    """What an answer came to, in words: how many were taken, and how many could not be."""
    rows = handover.families.all()
    if not decision.startswith("terima"):
        return "Jawaban tersimpan."
    taken, faults = rows.filter(state=State.TAKEN).count(), rows.waiting().exclude(fault="").count()
    words = f"{taken} KPM sudah diterima dalam serah terima ini."
    return f"{words} {faults} belum bisa, alasannya di bawah." if faults else words


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def handover_family(request, pk):
    """What one family brings along: what was promised, planned and done last. The receiver ticks that it was read."""
    rows = HandoverFamily.objects.visible_to(request.user).select_related(
        "handover__holder", "handover__receiver", "household__wilayah", "household__group"
    )
    row = get_object_or_404(rows, pk=pk)
    household, is_receiver = row.household, request.user.pk == row.handover.receiver_id
    note_look(request, household.case_number, holders={household.pendamping_id})
    if request.method == "POST":
        if not is_receiver:  # whose reading counts is the receiver alone
            return redirect(row)
        receipt, _ = tap(request, partial(mark_read, row))
        if receipt:
            thank(request, receipt, "Ditandai sudah dibaca.")
        return redirect(row.handover)
    today = local_today(household.wilayah_id)
    goals = Goal.objects.filter(household=household).open().select_related("indicator")
    components = MemberComponent.objects.filter(household=household).on(today)
    context = {
        "row": row,
        "household": household,
        "handover": row.handover,
        "is_receiver": is_receiver,
        "today": today,
        "goals": list(goals.prefetch_related("steps")),
        "components": sorted(set(components.values_list("component__short_name", flat=True))),
        "days_since": (today - household.last_visited_on).days if household.last_visited_on else None,
    }
    return render_page(request, "roster/handover_family.html", context)
