"""The plan of a pendamping's day: about ten houses in walking order, the same ones from morning to night.

The first of them has the most points (desk.due); each further one the most together with those for living near one that
is chosen: the same RT, the same RW. The ids are kept in the session, so that what is done meanwhile changes no order: a
house that was visited is ticked, and one that was put off makes room for another at the end.
"""

import math
import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from kpm.models import Household, Level, Score
from pkh_casework.places import walk_key
from roles.models import ActivityHousehold

HOUSES = 10
SAME_RT, SAME_RW = 20, 8  # points for a neighbour of a house that is chosen
LOOKED_INTO = 40  # so many that wait most are asked for their lowest levels, before ten of them are chosen
KEPT = "rencana"
ORDERS = {"": "Terdekat", "berat": "Terberat", "lama": "Terlama"}
# How far houses are from each other where one has no point, in degrees of latitude (about 111 km each).
IN_RT, IN_RW, BEYOND = 0.001, 0.004, 0.02


@dataclass
class Visited:
    """A family sought at home today, or one of the plan for which nothing is left to do (`met` is None)."""

    family: object
    met: bool | None

    @property
    def words(self):
        said = {True: "baru dikunjungi hari ini", False: "didatangi, tidak bertemu", None: "sudah beres"}
        return said[self.met]


@dataclass
class Plan:
    """`open` are the Dues still to be visited, in the order that was asked for, `done` the Visited of the day, `put_off`
    the Dues that were put off after they had been proposed; `others` are the Dues that are not proposed today.
    """

    open: list
    done: list
    put_off: list
    others: list

    @property
    def total(self):
        return len(self.open) + len(self.done)


def plan_of(request, dues, day, *, rw=None, order=""):
    """The Plan of the asker for `day` among `dues` (desk.due.due_families), of one RW where that is asked for."""
    user = request.user
    done = _visited_on(user, day)
    free = {pk: due for pk, due in dues.items() if not due.put_off and pk not in done}
    here = {pk: due for pk, due in free.items() if rw is None or due.family.rw == (rw or None)}
    kept = _kept(request, day, rw)
    ids = list(kept)
    rest = {pk: due for pk, due in here.items() if pk not in set(ids)}
    wanted = HOUSES - sum(pk in free or pk in done for pk in ids)
    settled = [pk for pk in ids if pk not in dues and pk not in done]
    names = {row.id: row for row in _named(user, settled)}
    wanted -= len(names)
    if not kept:
        wanted -= len(done)
    if wanted > 0 and rest:
        _add_levels(user, sorted(rest.values(), key=_most_first)[:LOOKED_INTO])
        chosen = _choose(rest, [dues[pk].family for pk in ids if pk in dues], wanted)
        ids += chosen if kept else [due.family.id for due in walk([rest[pk] for pk in chosen])]
        kept |= {pk: rest[pk].low or 0 for pk in chosen}
        _keep(request, day, rw, {pk: kept[pk] for pk in ids})
    shown = [here[pk] for pk in ids if pk in here]
    for due in shown:
        due.low = kept[due.family.id]
    finished = [Visited(names[pk], None) for pk in ids if pk in names]
    return Plan(
        open=_ordered(shown, order),
        done=[*done.values(), *finished],
        put_off=[dues[pk] for pk in ids if pk in dues and dues[pk].put_off],
        others=[due for pk, due in here.items() if pk not in set(ids)],
    )


def _visited_on(user, day):
    """{id: Visited} of the families that `user` sought at home on `day`, the first of them first; met if met once."""
    rows = ActivityHousehold.objects.visible_to(user).filter(pendamping=user, occurred_on=day, is_visit=True)
    found = {}
    for row in rows.select_related("household").order_by("id"):
        seen = found.setdefault(row.household_id, Visited(row.household, met=False))
        seen.met = seen.met or row.met
    return found


def _named(user, ids):
    return Household.objects.visible_to(user).filter(pk__in=ids) if ids else []


# --- what the session keeps --------------------------------------------------------------------------------------------


def _kept(request, day, rw):
    """{id: indicators at the lowest level} of the families that were proposed earlier on `day`."""
    plan = request.session.get(KEPT, {})
    of_today = plan.get(_name(rw), ()) if plan.get("hari") == day.isoformat() else ()
    return {UUID(pk): low for pk, low in of_today}


def _keep(request, day, rw, families):
    plan = request.session.get(KEPT, {})
    if plan.get("hari") != day.isoformat():
        plan = {"hari": day.isoformat()}
    request.session[KEPT] = plan | {_name(rw): [(str(pk), low) for pk, low in families.items()]}


def _name(rw):
    return "semua" if rw is None else str(rw)


# --- which houses ------------------------------------------------------------------------------------------------------


def _add_levels(user, dues):
    """Give each of `dues` its number of indicators at the lowest level: one query."""
    asked = {due.family.id: due for due in dues}
    rows = Score.objects.visible_to(user).standing().filter(household__in=asked, level=Level.RENTAN)
    found = dict(rows.order_by().values_list("household").annotate(Count("pk")))
    for pk, due in asked.items():
        due.low = found.get(pk, 0)


def _most_first(due):
    return -due.points, natural(due.family)


def _choose(rest, near, number):
    """Up to `number` ids of `rest`, one after the other: points, and those for a neighbour of one that is chosen."""
    rts = {_rt(family) for family in near}
    rws = {_rw(family) for family in near}
    left = sorted(rest.values(), key=_most_first)
    chosen = []
    while left and len(chosen) < number:
        best = max(left, key=lambda due: due.points + _nearness(due.family, rts, rws))
        left.remove(best)
        chosen.append(best.family.id)
        rts.add(_rt(best.family))
        rws.add(_rw(best.family))
    return chosen


def _nearness(family, rts, rws):
    return SAME_RT if _rt(family) in rts else SAME_RW if _rw(family) in rws else 0


def _rw(family):
    return family.wilayah_id, family.rw, family.dusun if family.rw is None else ""


def _rt(family):
    return *_rw(family), family.rt


# --- in which order ----------------------------------------------------------------------------------------------------


def _ordered(dues, order):
    if order == "berat":
        return sorted(dues, key=lambda due: -due.points)
    if order == "lama":
        return sorted(
            dues, key=lambda due: (due.family.last_visited_on is not None, due.family.last_visited_on)
        )
    return dues


def by_place(dues, order=""):
    """`dues` by RW and RT, those with most points first in each; or in another of ORDERS."""
    if order:
        return _ordered(sorted(dues, key=lambda due: natural(due.family)), order)
    return sorted(dues, key=lambda due: (walk_key(due.family), -due.points, due.family.name))


def natural(family):
    """Where a family lives, as a person sorts it: Gang 2 before Gang 10."""
    address = [
        int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", family.address.casefold())
    ]
    return walk_key(family), address, family.name


def walk(dues):
    """`dues` as one walk: from the first by RW and RT always to the nearest house that is left; where a house has no point
    on the map, by RT, RW and address.
    """
    left = sorted(dues, key=lambda due: natural(due.family))
    way = left[:1]
    del left[:1]
    while left:
        here = way[-1].family
        nearest = min(left, key=lambda due: _leg(here, due.family))  # the first of equals, as they are sorted
        left.remove(nearest)
        way.append(nearest)
    return way


def _leg(here, there):
    if None not in {here.latitude, there.latitude}:
        north, east = float(there.latitude - here.latitude), float(there.longitude - here.longitude)
        return math.hypot(north, east * math.cos(math.radians(float(here.latitude))))
    return IN_RT if _rt(here) == _rt(there) else IN_RW if _rw(here) == _rw(there) else BEYOND
