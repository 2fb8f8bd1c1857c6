"""People who move from one family to another, or found one; and what waits for an answer."""

from functools import partial

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from entries.trail import note_look
from kpm.forms import FoundForm, MoveAnswerForm, MoveForm
from kpm.listings import HouseholdListing
from kpm.models import Household, Member, MemberMove
from kpm.operations import answer_move, found_family, move_member
from pkh_casework.access import CASE, CASE_EDIT, CASE_WRITE, access
from pkh_casework.asked import asked_case, asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

MOST_FOUND, PAGE = 20, 50
OF_NOBODY = "Usulan terkirim. Menunggu jawaban pendamping keluarga tujuan atau koordinator."


def _person(request, case, pk):
    """The Member `pk` of the family `case`, on its card. Raises Http404."""
    people = Member.objects.visible_to(request.user).present().select_related("household__wilayah")
    member = get_object_or_404(people, pk=pk, household__case_number=case)
    note_look(request, case, holders={member.household.pendamping_id})
    return member


def _is_pengurus(member):
    return member.pengurus_terms.filter(household=member.household_id, to_on=None).exists()


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def member_move(request, case, pk):
    """A person goes to another family: `q` looks for it among the asker's, `ke` is its case number."""
    member = _person(request, case, pk)
    families = Household.objects.visible_to(request.user).exclude(pk=member.household_id)
    words, number = asked_text(request.GET, "q"), asked_case(request.GET, "ke")
    target = families.filter(case_number=number).first() if number else None
    form = MoveForm(
        request.POST or None,
        member=member,
        target=target,
        user=request.user,
        today=local_today(member.household.wilayah_id),
    )
    if receipt := submit(request, form, partial(move_member, member)):
        move = get_object_or_404(MemberMove.objects.visible_to(request.user), pk=receipt.object_id)
        done = f"{move.member.name} sudah pindah." if not move.is_waiting else OF_NOBODY
        thank(request, receipt, done)
        return redirect(move.target if move.state == MemberMove.State.DONE else move)
    found = _found(request.user, words, member) if words else []
    context = {
        "form": form,
        "member": member,
        "household": member.household,
        "target": target,
        "words": words,
        "found": found,
        "is_pengurus": _is_pengurus(member),
        "waits": member.moves.waiting().first(),
    }
    return render_page(request, "kpm/member_move.html", context)


def _found(user, words, member):
    """The first of the families of `user` that `words` mean, but the one that is left."""
    query = QueryDict(mutable=True)
    query["q"] = words
    listing = HouseholdListing(query, user=user, today=local_today(user.wilayah_id))
    families = listing.qs.exclude(pk=member.household_id)
    if listing.found:
        places = {pk: place for place, pk in enumerate(listing.found.ids)}
        return sorted(families, key=lambda family: places[family.pk])[:MOST_FOUND]
    return list(families.order_by("name", "pk")[:MOST_FOUND])


@access(CASE_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def member_found(request, case, pk):
    """A person founds a family of its own, with those who come along."""
    member = _person(request, case, pk)
    form = FoundForm(
        request.POST or None,
        member=member,
        user=request.user,
        today=local_today(member.household.wilayah_id),
    )
    if receipt := submit(request, form, partial(found_family, member)):
        household = get_object_or_404(Household.objects.visible_to(request.user), pk=receipt.object_id)
        thank(request, receipt, f"Keluarga baru {household.case_number} tersimpan.")
        return redirect(household)
    context = {
        "form": form,
        "member": member,
        "household": member.household,
        "is_pengurus": _is_pengurus(member),
    }
    return render_page(request, "kpm/member_found.html", context)


@access(CASE)
@require_safe
def move_list(request):
    """People who are to move between families and wait for an answer, the newest first."""
    moves = MemberMove.objects.visible_to(request.user).waiting()
    page = keyset_page(
        moves.select_related("member", "household", "target", "by"), request, ["-id"], size=PAGE
    )
    return render_page(request, "kpm/move_list.html", {"page": page}, part="moves-more")


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def move_detail(request, pk):
    """One move between families: who, from where to where, why; and the answer of whoever may give it."""
    moves = MemberMove.objects.visible_to(request.user).select_related(
        "member", "household", "target", "by", "decided_by", "reason"
    )
    move = get_object_or_404(moves, pk=pk)
    seen = set(
        Household.objects.visible_to(request.user)
        .filter(pk__in=[key for key in (move.household_id, move.target_id) if key])
        .values_list("pk", flat=True)
    )
    choices = answers_of(move, request.user, seen)
    form = MoveAnswerForm(
        request.POST or None,
        move=move,
        choices=choices,
        user=request.user,
        today=local_today(move.wilayah_id),
    )
    if request.method == "POST" and not choices and move.is_waiting:
        raise Http404("no answer to give")
    if receipt := submit(request, form, partial(answer_move, move)):
        thank(request, receipt, "Jawaban tersimpan.")
        is_left = MemberMove.objects.visible_to(request.user).filter(pk=move.pk).exists()
        return redirect(move if is_left else "kpm:move_list")
    context = {
        "form": form if choices else None,
        "move": move,
        "sees_source": move.household_id in seen,
        "sees_target": move.target_id in seen,
    }
    return render_page(request, "kpm/move_detail.html", context)


def answers_of(move, user, seen):
    """[(code, words)] of the answers that `user`, who sees the families `seen` (ids), may give to a waiting move.

    The side of the family that gets the person takes or refuses; the side that asked withdraws. A koordinator of either
    side may refuse, so that what is for a number of nobody comes to an end.
    """
    if not move.is_waiting:
        return []
    choices = []
    if move.target_id in seen:
        choices += [("terima", "Terima"), ("tolak", "Tolak")]
    if move.household_id in seen:
        choices += [("tarik", "Batalkan usulan")]
        if user.is_koordinator and move.target_id not in seen:
            choices += [("tolak", "Tolak")]
    return choices
