"""The page of the list of families: its rows, its orders and what its filters offer.

A pendamping's caseload, or one that a koordinator chose, is a few hundred rows: it may be counted and sorted at will.
A whole area may hold a million: it is walked along an index, RT by RT, and never counted.
"""

from collections import namedtuple
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache

from django.db.models import Count
from django.db.models.functions import Coalesce, Lower
from django.utils.html import format_html_join

from accounts.models import User
from pkh_casework.asked import asked_text
from pkh_casework.dated import kept_a_minute
from pkh_casework.paging import keyset_page, list_page
from pkh_casework.places import WITHOUT_RW, place_of, rw_words

from .listings import HouseholdListing
from .models import Component, Household, MemberComponent
from .models.search import reason

PAGE = 50
SOON, OVERDUE = 30, 60  # days since the last home visit
WAITS = (30, 60, 90)
SORTS = {
    "nama": ("Nama", ["folded_name", "id"]),
    "kunjungan": ("Paling lama tidak dikunjungi", ["seen_on", "folded_name", "id"]),
    "rt": ("RW dan RT", ["wilayah_id", "rw", "rt", "folded_name", "id"]),
}
WALK = ["wilayah_id", "rw", "rt", "name", "id"]  # as the index of a wide area lies
MOST_PENDAMPING = 300
COLUMNS = ["id", "case_number", "name", "dusun", "rt", "rw", "status", "last_visited_on"]
NEVER = date(1, 1, 1)


class Caseload:
    """One page of the list for one asker. Each part is asked of the database only when the page shows it."""

    def __init__(self, request, today):
        self.request, self.user, self.today = request, request.user, today
        self.listing = HouseholdListing(request.GET, user=self.user, today=today)
        order = asked_text(request.GET, "urut")
        self.question = self.listing.asked | {"urut": order if order in SORTS else ""}

    @property
    def is_one_caseload(self):
        return self.listing.is_one_caseload

    @property
    def group_name(self):
        """The lookup of a kelompok's name among the families."""
        return "own_group__name" if self.is_one_caseload else "group__name"

    @cached_property
    def page(self):
        """A paging.Page whose rows are dicts ready for the template: two queries, whatever the size; a search over a wide area costs two more."""
        question = self.question
        columns = list(COLUMNS)
        if not self.user.is_pendamping:
            columns += ["pendamping__name", "wilayah__name"]
        self.listing.columns = columns
        families, found = self.listing.qs, self.listing.found
        if found and question["urut"] in {"", "nama"}:
            return self._found_page(found, namedtuple("Row", columns))
        if not self.listing.is_narrow:
            order = WALK
            # Says no more than the prefix of visible_to, but as a range, which an index can be entered by.
            own = self.user.wilayah_id
            families = families.filter(wilayah__gte=own, wilayah__lt=str(int(own) + 1))
        else:
            families = families.annotate(
                folded_name=Lower("name"), seen_on=Coalesce("last_visited_on", NEVER)
            )
            order = SORTS[question["urut"] or "nama"][1]
        columns += [name for name in order if name not in COLUMNS]
        page = keyset_page(families.values_list(*columns, named=True), self.request, order, size=PAGE)
        why = {home.pk: reason(home, hit) for home, hit in found.hits} if found else {}
        return self._drawn(page, page.rows, why)

    def _found_page(self, found, shown):
        page = list_page(found.hits, self.request, size=PAGE)
        why = {home.pk: reason(home, hit) for home, hit in page.rows}
        return self._drawn(page, [shown(*home.row) for home, _ in page.rows], why)

    def _drawn(self, page, rows, why):
        held = chips_of([row.id for row in rows], self.today)
        drawn = [self._row(row, held.get(row.id, ""), why.get(row.id, "")) for row in rows]
        return replace(page, rows=drawn)

    def _row(self, row, chips, why):
        drawn = {"why": why} | family_row(row, chips=chips, today=self.today)
        if not self.user.is_pendamping:
            drawn["place"] = f"{row.wilayah__name}, {drawn['place']}"
            drawn["status"] = f"{drawn['status']} · {row.pendamping__name}"
        return drawn

    @cached_property
    def facets(self):
        """(rw, group id, group name, families) of one caseload: its filters and, nearly always, its count."""
        families = self.listing.narrowed("pendamping", "status")
        return list(
            families.order_by("rw", self.group_name, "group")
            .values_list("rw", "group", self.group_name)
            .annotate(Count("pk"))
        )

    @cached_property
    def total(self):
        """How many families were found, as words: exact for one caseload, else as far as this page can tell."""
        question, shown = self.question, len(self.page.rows)
        if self.page.first and not self.page.next_url:
            return str(shown)
        if found := self.listing.found:
            return f"{len(found.hits)}{'+' * found.is_cut}"
        if not self.is_one_caseload:
            return f"{PAGE}+"
        if question["komponen"] or question["lama"] is not None:
            return str(self.listing.qs.count()) if self.user.is_pendamping else f"{PAGE}+"
        return str(
            sum(
                families
                for rw, group, _, families in self.facets
                if question["rw"] in {None, rw or WITHOUT_RW} and question["kelompok"] in {None, group}
            )
        )

    # --- what the filters offer: (value, label) pairs --------------------------------------------------------

    @cached_property
    def rw_choices(self):
        found = {rw for rw, *_ in self.facets}
        numbered = [(rw, rw_words(rw)) for rw in sorted(found - {None})]
        return [*numbered, (WITHOUT_RW, rw_words(None).capitalize())] if None in found else numbered

    @cached_property
    def group_choices(self):
        return sorted({(group, name) for _, group, name, _ in self.facets if group}, key=lambda pair: pair[1])

    @property
    def component_choices(self):
        return components_on(self.today)

    @cached_property
    def pendamping_choices(self):
        colleagues = User.objects.visible_to(self.user).pendamping().filter(is_active=True)
        return list(colleagues.values_list("pk", "name")[:MOST_PENDAMPING])

    status_choices = list(HouseholdListing.STATUSES.items())
    account_choices = [(HouseholdListing.SWITCHED_OFF, "Sudah nonaktif")]
    wait_choices = [(days, f"{days} hari atau lebih") for days in WAITS]

    @property
    def sort_choices(self):
        return [(code, label) for code, (label, _) in SORTS.items()] if self.listing.is_narrow else []


def chips_of(households, today):
    """Component chips (HTML) by household id, of `households` (ids or a queryset): one query."""
    held = (
        MemberComponent.objects.on(today)
        .filter(household__in=households)
        .order_by("household", "component__position")
        .values_list("household", "component__short_name")
        .annotate(Count("pk"))
    )
    names = {}
    for household, name, people in held:
        names.setdefault(household, []).append((name, people))
    return {household: chips(tuple(said)) for household, said in names.items()}


@lru_cache(maxsize=500)  # most families share a few combinations
def chips(said):
    """The chips (HTML) of `said`, a tuple of (name of a component, how many people count for it)."""
    words = ((name if people == 1 else f"{name} ×{people}",) for name, people in said)
    return format_html_join(" ", '<span class="chip">{}</span>', words)


def family_row(family, *, chips, today):
    """What the list shows of a `family` (a Household or a row with the COLUMNS) with its `chips`: a dict for the
    template.
    """
    state, seen = visit_age(family.last_visited_on, today)
    return {
        "case": family.case_number,
        "name": family.name,
        "place": place_of(family),
        "status": Household.Status(family.status).label,
        "chips": chips,
        "state": state,
        "seen": seen,
        "seen_on": family.last_visited_on and family.last_visited_on.isoformat(),
    }


@kept_a_minute
def components_on(day):
    """(code, short name) of the components in force on `day`."""
    return list(Component.objects.valid_on(day).values_list("code", "short_name"))


def visit_age(last_visited_on, today):
    """How long ago the last home visit was: (state, words), the state being ok, soon, overdue or none."""
    if last_visited_on is None:
        return "none", "Belum pernah"
    days = (today - last_visited_on).days
    words = {0: "Hari ini", 1: "Kemarin"}.get(days, f"{days} hari lalu")
    return ("overdue" if days >= OVERDUE else "soon" if days >= SOON else "ok"), words
