"""Verifikasi komitmen: the places and how far each is, and the page on which one of them is filled in for a month."""

from functools import partial

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from entries.holding import submit_for_families
from entries.submit import thank
from kpm.models import Component
from pkh_casework.access import FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_number, asked_text, month_of
from pkh_casework.days import months_after
from pkh_casework.htmx import render_page
from roles.commitments.people import WITHOUT_PLACE, people_of, places_in
from roles.forms.commitment import ANSWERS, CommitmentForm, row_of
from roles.operations.commitment import record_commitments, version_of_rows
from wilayah.clock import local_today

PAGE = 60  # members on one page of a place


@access(FIELD)
@require_safe
def commitment_list(request):
    """The schools and health posts of the own families, and how many of their members were verified in a month."""
    today = local_today(request.user.wilayah_id)
    month = month_of(asked_text(request.GET, "bulan"), today)
    places = places_in(request.user, month)
    sections = [
        (category, places[category.value]) for category in Component.Category if places.get(category.value)
    ]
    following = months_after(month, 1)
    context = {
        "month": month,
        "before": months_after(month, -1),
        "following": following if following <= today else None,
        "sections": sections,
        "people": sum(place.people for _, of in sections for place in of),
        "told": sum(place.told for _, of in sections for place in of),
        "not_kept": sum(place.not_kept for _, of in sections for place in of),
    }
    return render_page(request, "roles/commitment_list.html", context)


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def commitment_fill(request, category, month, place):
    """All members of one place and month on one page. `?semua=hadir` starts with everybody there."""
    today = local_today(request.user.wilayah_id)
    first, people = place_or_404(request.user, category, month, place, today)
    start = asked_number(request.GET, "mulai") or 0
    start = start if start < len(people) else 0
    shown = people[start : start + PAGE]
    said = {"user": request.user, "today": today, "people": people, "month": first}
    if request.method == "POST":
        form = CommitmentForm(request.POST, **said)
    else:
        effective = [one.stored.effective_days for one in people if one.stored and one.stored.effective_days]
        initial = {
            "version": version_of_rows([one.stored for one in shown]),
            "effective": effective[0] if effective else None,
        }
        form = CommitmentForm(initial=initial, rows=[row_of(one) for one in shown], **said)
        if asked_text(request.GET, "semua") == "hadir":
            form.all_came()
    name = people[0].place
    write = partial(record_commitments, month=first, category=category, place=name, today=today)
    if receipt := submit_for_families(request, form, write):
        thank(request, receipt, "Komitmen tersimpan.")
        return redirect(f"{reverse('roles:commitment_list')}?bulan={first:%Y-%m}")
    context = {
        "form": form,
        "answers": ANSWERS,
        "month": first,
        "category": Component.Category(category),
        "name": name or WITHOUT_PLACE,
        "place": place,
        "people": len(people),
        "next_start": start + PAGE if start + PAGE < len(people) else None,
    }
    return render_page(request, "roles/commitment_fill.html", context, part="roll-form")


def place_or_404(user, category, month, place, today):
    """(first day of the month, [Bound]) of what an address names. Raises Http404."""
    first = month_of(month, today)
    if f"{first:%Y-%m}" != month or category not in Component.Category:
        raise Http404("no such month or category")
    people = people_of(user, category, place, first)
    if not people:
        raise Http404("a place of nobody")
    return first, people
