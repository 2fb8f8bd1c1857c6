"""Referrals: choosing where to send a family, the list, one referral with its moves, its letter and its link."""

from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.models import AccessLog, Receipt
from entries.submit import submit, tap, thank
from entries.trail import note_access, note_look
from kpm.models import Goal, Household, Indicator
from kpm.plan import low_scores
from pkh_casework.access import CASE, CASE_EXPORT, CASE_LOOK, FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_case, asked_number, asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from pkh_casework.phones import whatsapp_url
from pkh_casework.places import rw_words
from resources.forms.referral import ReferralForm, ReferralMoveForm, WithdrawForm
from resources.listings import ReferralListing
from resources.matches import matches_for
from resources.models import PartnerLink, Referral, ReferralMove, Resource
from resources.operations.answer import LINK_DAYS, make_link, revoke_link
from resources.operations.referral import (
    MOVES,
    may_leave,
    move_referral,
    moves_from,
    plan_referral,
    withdraw_consent,
)
from wilayah.clock import local_today

PAGE, MOST_MATCHES = 50, 30
State = Referral.State
LATE = "Sudah ada langkah lain lebih dulu: {now}. Yang Anda tulis disimpan sebagai catatan di riwayat."
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@access(CASE)
@require_safe
def referral_list(request):
    """Referrals by what they wait for: the overdue ones longest first, all others newest first."""
    today = local_today(request.user.wilayah_id)
    listing = ReferralListing(request.GET, user=request.user, today=today)
    referrals = listing.qs.select_related("household__wilayah", "household__pendamping", "resource")
    context = {
        "page": keyset_page(referrals, request, listing.order, size=PAGE),
        "filters": ReferralListing.WORDS.items(),
        "chosen": listing.in_force["keadaan"],
        "today": today,
    }
    return render_page(request, "resources/referral_list.html", context, part="referral-rows")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def referral_create(request):
    """A new referral, chosen step by step: the family (`?kpm=`), the need (`?tujuan=` or `?indikator=`), the resource
    (`?sumber=`), then the form.
    """
    typed, case = asked_text(request.GET, "kpm"), asked_case(request.GET, "kpm")
    if not typed:
        return render_page(request, "resources/referral_create.html", {})
    household = Household.objects.visible_to(request.user).select_related("wilayah").filter(case_number=case)
    if not (household := household.first()):
        if request.method == "POST":
            raise Http404("not a family of the asker")
        return render_page(request, "resources/referral_create.html", {"unknown": typed})
    today = local_today(household.wilayah_id)
    goal = _goal(request, household)
    code = goal.code if goal else asked_text(request.GET, "indikator").upper()
    resource = _resource(request)
    context = {"household": household, "goal": goal, "code": code, "resource": resource, "today": today}
    if resource is None or (resource.ended_on and request.method != "POST"):
        context["resource"] = None
        scores = low_scores(household, today)
        context |= {
            "needs": [(score.code, score.indicator.name) for score in scores],
            "matches": matches_for(household, today, [code] if code else None)[:MOST_MATCHES],
            "query": urlencode(_asked(request, "kpm", "tujuan", "indikator")),
        }
        return render_page(request, "resources/referral_create.html", context)
    form = ReferralForm(
        request.POST or None, household=household, goal=goal, code=code, user=request.user, today=today
    )
    form.suggest_visit(household)
    if receipt := submit(request, form, partial(plan_referral, household, resource=resource)):
        thank(request, receipt, "Rujukan direncanakan. Berikutnya: minta persetujuan keluarga, lalu ajukan.")
        return redirect("resources:referral_detail", pk=receipt.object_id)
    context |= {
        "form": form,
        "match": next((one for one in matches_for(household, today) if one.resource == resource), None),
    }
    return render_page(request, "resources/referral_create.html", context)


@access(CASE_LOOK)
@require_safe
def referral_detail(request, pk):
    referral = _referral_or_404(request.user, pk)
    household = referral.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    today, now = local_today(household.wilayah_id), timezone.now()
    holds = household.pendamping_id == request.user.pk
    moves = list(referral.moves.select_related("by"))
    possible = moves_from(referral.state) if holds else {}
    asks_partner = may_leave(referral, today) and bool(moves_from(referral.state, by_partner=True))
    context = {
        "referral": referral,
        "household": household,
        "holds": holds,
        "today": today,
        "moves": moves,
        "possible": possible,
        "path": _path(referral, moves),
        "need_name": _need_name(referral),
        "may_leave": may_leave(referral, today),
        "consent_stands": referral.consent and referral.consent.holds_on(today),
        "asks_partner": holds and asks_partner,
        "link": PartnerLink.objects.filter(referral=referral).usable_at(now).first()
        if asks_partner
        else None,
        "links": list(PartnerLink.objects.filter(referral=referral)),
    }
    return render_page(request, "resources/referral_detail.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def referral_move(request, pk, move):
    """One move of a referral; one that somebody else made impossible meanwhile is kept as a note."""
    if move not in MOVES:
        raise Http404("no such move")
    referral = _referral_or_404(request.user, pk)
    household = referral.household
    oldest = referral.moves.filter(counts=True).latest("at").happened_on
    form = ReferralMoveForm(
        request.POST or None,
        referral=referral,
        name=move,
        oldest=oldest,
        user=request.user,
        today=local_today(household.wilayah_id),
    )
    if receipt := submit(request, form, partial(move_referral, referral, move)):
        kept = ReferralMove.objects.filter(op_id=receipt.op_id, counts=False).first()
        if kept:
            referral.refresh_from_db()
            messages.warning(request, LATE.format(now=referral.get_state_display().lower()))
        else:
            thank(request, receipt, f"Tercatat: {MOVES[move].target.label.lower()}.")
        return redirect(referral)
    if referral.state not in MOVES[move].origins and not form.is_bound:
        return redirect(referral)
    context = {"form": form, "referral": referral, "household": household, "move": MOVES[move]}
    return render_page(request, "resources/referral_move.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_withdraw(request, pk):
    """The family takes its yes back."""
    referral = _referral_or_404(request.user, pk)
    today = local_today(referral.household.wilayah_id)
    form = WithdrawForm(request.POST or None, user=request.user, today=today)
    if receipt := submit(request, form, partial(withdraw_consent, referral)):
        thank(
            request, receipt, "Persetujuan ditarik. Mulai sekarang tidak ada lagi yang disampaikan ke mitra."
        )
        return redirect(referral)
    if not form.is_bound and not (referral.consent and referral.consent.holds_on(today)):
        return redirect(referral)
    context = {"form": form, "referral": referral, "household": referral.household}
    return render_page(request, "resources/consent_withdraw.html", context)


@access(FIELD)
@require_POST
def link_create(request, pk):
    """A link for the partner, shown this one time."""
    referral = _referral_or_404(request.user, pk)
    today = local_today(referral.household.wilayah_id)
    _, secret = tap(request, partial(make_link, referral, today=today))
    if not secret:
        return redirect(referral)
    address = request.build_absolute_uri(reverse("resources:partner_answer", args=[secret]))
    words = (
        f"Yth. {referral.partner or referral.resource}, mohon jawaban untuk satu rujukan keluarga PKH. "
        f"Buka tautan ini, berlaku {LINK_DAYS} hari dan untuk satu jawaban: {address}"
    )
    context = {
        "referral": referral,
        "household": referral.household,
        "address": address,
        "words": words,
        "whatsapp": whatsapp_url("", words),
        "days": LINK_DAYS,
    }
    return render_page(request, "resources/link_create.html", context)


@access(FIELD)
@require_POST
def link_revoke(request, pk):
    referral = _referral_or_404(request.user, pk)
    receipt, _ = tap(request, partial(revoke_link, referral))
    if receipt:
        thank(request, receipt, "Tautan dicabut. Mitra tidak dapat menjawab lewat tautan itu lagi.")
    return redirect(referral)


@access(CASE_EXPORT)
@require_safe
def referral_pdf(request, pk):
    """The letter that the family or the pendamping brings along: the least that the partner has to know."""
    referral = _referral_or_404(request.user, pk)
    if not may_leave(referral, local_today(referral.household.wilayah_id)):
        raise Http404("nothing may leave")
    case = referral.household.case_number
    note_access(request, AccessLog.Action.EXPORT, subject=case, fields=["surat_rujukan"])
    number = _number(referral)
    name = f"surat-rujukan-{number.partition('/')[0]}.pdf"
    return pdf_response("resources/referral.typ", _on_paper(referral, number), name)


def _referral_or_404(user, pk):
    referrals = Referral.objects.visible_to(user).select_related(
        "household__wilayah",
        "household__pendamping",
        "resource",
        "partner",
        "goal",
        "consent__text",
        "consent__given_by",
    )
    return get_object_or_404(referrals, pk=pk)


def _goal(request, household):
    """The open goal of the family that `?tujuan=` names, or None."""
    try:
        pk = UUID(asked_text(request.GET, "tujuan"))
    except ValueError:
        return None
    return Goal.objects.filter(household=household, pk=pk).open().first()


def _resource(request):
    """The resource that `?sumber=` names and the asker's area knows, or None; it may be gone meanwhile."""
    resources = Resource.objects.visible_to(request.user).select_related("partner", "wilayah")
    return resources.filter(pk=asked_number(request.GET, "sumber")).first()


def _asked(request, *names):
    return {name: value for name in names if (value := asked_text(request.GET, name))}


def _need_name(referral):
    """The name of the indicator that should rise, or ""."""
    if not referral.code:
        return ""
    newest = Indicator.objects.filter(code=referral.code).order_by("-instrument").first()
    return newest.name if newest else ""


def _path(referral, moves):
    """(label, day or None, whether it is now) of the way that a referral goes or went."""
    days = {move.to_state: move.happened_on for move in moves if move.counts}
    way = [State.PLANNED, State.SENT, State.ACCEPTED, State.RUNNING, State.DONE]
    if referral.state not in way:
        way = [state for state in way if state in days] + [State(referral.state)]
    words = {State.PLANNED: "Rencana"}  # a narrow column has no room for more
    return [(words.get(state, state.label), days.get(state), state == referral.state) for state in way]


def _number(referral):
    """The number of the letter: the receipt under which the referral was planned, which a koordinator can find."""
    receipt = Receipt.objects.filter(op_id=referral.op_id).first()
    code = receipt.code if receipt else referral.pk.hex[-6:].upper()
    return f"{code}/RUJ/{ROMAN[referral.sent_on.month - 1]}/{referral.sent_on.year}"


def _on_paper(referral, number):
    """What templates/resources/referral.typ prints: no identity number, no address, no RT, no case number."""
    household, consent, pendamping = referral.household, referral.consent, referral.household.pendamping
    partner = referral.partner
    return {
        "number": number,
        "day": date_format(referral.sent_on, "j F Y"),
        "kelurahan": household.wilayah.name,
        "to": partner.name if partner else referral.resource.name,
        "to_address": (partner.address if partner else referral.resource.address) or "",
        "resource": referral.resource.name,
        "family": household.name,
        "rw": f"{rw_words(household.rw)}, " if household.rw else "",
        "need": referral.need,
        "consent": consent.text.text,
        "consent_how": consent.get_how_display().lower(),
        "consent_on": date_format(consent.given_on, "j F Y"),
        "pendamping": pendamping.name,
        "phone": pendamping.phone or "",
    }
