"""Whether the benefit of a tahap arrived: how it stands by kelompok, what is stuck, and writing it down."""

from functools import partial

from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_safe

from entries.holding import submit_for_families
from entries.submit import submit, thank
from kpm.benefits import outlook_of
from kpm.forms.at_home import saved
from kpm.forms.payment import PaymentForm, PaymentRollForm, rows_of
from kpm.listings import PaymentListing
from kpm.models import Group, Household, PaymentCheck
from kpm.operations.payment import check_payment, check_payments
from kpm.payments import counts_by_group, counts_of, terms_back, trouble_counts
from pkh_casework.access import CASE, FIELD_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

PAGE = 50
UNGROUPED = 0  # in addresses, the families without kelompok


@access(CASE)
@require_safe
def payment_list(request):
    """One tahap (`?tahap=2026-T4`): by kelompok, or (`?keadaan=`) the families that are paid, not yet, stuck, unchecked."""
    today = local_today(request.user.wilayah_id)
    term = _term_or_404(asked_text(request.GET, "tahap"), today)
    listing = PaymentListing(request.GET, user=request.user, today=today, term=term)
    chosen = listing.in_force["keadaan"]
    families = Household.objects.visible_to(request.user).active()
    context = {
        "term": term,
        "terms": terms_back(today),
        "chosen": chosen,
        "filters": PaymentListing.STATES.items(),
        "today": today,
        "counts": SimpleLazyObject(
            partial(counts_of, families, term)
        ),  # of the whole page, not of its next rows
    }
    if chosen == PaymentListing.BY_GROUP:
        context |= _by_group(request, families, term)
    else:
        of_check = chosen != PaymentListing.UNCHECKED
        told = [f"{'household__' if of_check else ''}{name}" for name in ("wilayah", "pendamping", "group")]
        rows = listing.qs.select_related(*told, *(["trouble"] if of_check else []))
        context["page"] = keyset_page(rows, request, listing.order, size=PAGE)
        if chosen == PaymentListing.TROUBLE:
            context |= {
                "troubles": SimpleLazyObject(partial(trouble_counts, request.user, term)),
                "trouble": listing.in_force.get("masalah"),
            }
    return render_page(request, "kpm/payment_list.html", context, part="payment-rows")


def _by_group(request, families, term):
    groups = Group.objects.visible_to(request.user).select_related("wilayah", "pendamping")
    page = keyset_page(groups.annotate(folded_name=Lower("name")), request, ["folded_name", "pk"], size=PAGE)
    ids = [group.pk for group in page.rows]
    counts = counts_by_group(families.filter(group__in=ids), term)
    rows = [(group, counts[group.pk]) for group in page.rows if group.pk in counts]
    ungrouped = None
    if request.user.is_pendamping:
        ungrouped = SimpleLazyObject(partial(counts_of, families.filter(group=None), term))
    return {"page": page, "rows": rows, "ungrouped": ungrouped}


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def payment_roll(request, tahap, group):
    """Write down one tahap for the families of a kelompok (0: those without) on one page; `?semua=cair` fills in that all
    the rest are paid.
    """
    today = local_today(request.user.wilayah_id)
    term = _term_or_404(tahap, today)
    of_group = get_object_or_404(Group.objects.visible_to(request.user), pk=group) if group else None
    said = {"user": request.user, "today": today, "term": term}
    if request.method == "POST":
        form = PaymentRollForm(request.POST, **said)
        if receipt := submit_for_families(request, form, partial(check_payments, term)):
            thank(request, receipt, "Tercatat.")
            return redirect(_list_of(term))
    else:
        families = Household.objects.visible_to(request.user).active().filter(group=of_group)
        form = PaymentRollForm(rows=rows_of(families.order_by("name", "id"), term), **said)
        if asked_text(request.GET, "semua") == PaymentCheck.State.PAID:
            form.all_paid()
    context = {"form": form, "term": term, "group": of_group, "back": _list_of(term)}
    return render_page(request, "kpm/payment_roll.html", context, part="roll-form")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def payment_edit(request, case, tahap):
    """Write down one tahap for one family; what was found before stays below."""
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    today = local_today(household.wilayah_id)
    term = _term_or_404(tahap, today)
    checks = (
        PaymentCheck.objects.filter(household=household).of_term(term).select_related("trouble", "pendamping")
    )
    latest = checks.newest().first()
    form = PaymentForm(request.POST or None, term=term, row=latest, user=request.user, today=today)
    form.suggest_visit(household)
    if receipt := submit(request, form, partial(check_payment, household)):
        thank(request, receipt, saved("Tercatat.", form.cleaned_data.get("at_home")))
        return redirect(f"{household.get_absolute_url()}keluarga/#bantuan")
    outlook = outlook_of(household, today)
    context = {
        "form": form,
        "term": term,
        "terms": terms_back(today),
        "household": household,
        "checks": checks,
        "expected": outlook.per_stage if outlook.stage == term.stage else None,
    }
    return render_page(request, "kpm/payment_edit.html", context)


def _term_or_404(key, today):
    """The tahap that an address names, of those that can still be written down; the present one when it names none."""
    terms = terms_back(today)
    term = next((term for term in terms if term.key == key), None) if key else next(iter(terms), None)
    if term is None:
        raise Http404("no such tahap")
    return term


def _list_of(term):
    return f"/bantuan/?tahap={term.key}"
