"""What this room shows and tells on pages of lower rooms: what was done for a goal or with a partner, who knows it."""

from django.db.models import Count, Min
from django.urls import reverse

from kpm.independence.met import Met, tells_meetings
from pkh_casework.paging import keyset_page
from pkh_casework.panels import panel, row_notes
from pkh_casework.templatetags.formats import tanggal
from pkh_casework.waits import Waiting, waits
from wilayah.clock import local_today

from .incidents.waiting import piles_for
from .models import Activity, ActivityHousehold, Incident, VisitRemark
from .network import contacts_with, known_by
from .operations import visit  # noqa: F401  keeps what lower rooms do during a visit

SERVED_PAGE, LOG_PAGE, KNOWN_SHOWN = 20, 20, 3
DONE_LAST = 3  # activities told in a handover


@tells_meetings
def activities_that_met(household):
    """The activities at which the family was met, once for each indicator whose goal they served: one query."""
    met = ActivityHousehold.objects.filter(household=household).in_person().order_by("occurred_on", "pk")
    for day, code, activity in met.values_list("occurred_on", "goals__code", "activity"):
        yield Met(day, code, reverse("roles:activity_detail", args=[activity]))


@panel("kpm:goal_detail", "roles/goal_served.html", part="served-rows")
def served_goal(request, goal):
    """The activities that served `goal`, newest first."""
    served = ActivityHousehold.objects.filter(household=goal.household, goals=goal)
    served = served.select_related("activity__kind", "activity__sub_role", "activity__pendamping")
    served = served.prefetch_related("goal_steps")
    return {"goal": goal, "page": keyset_page(served, request, ["-occurred_on", "-id"], size=SERVED_PAGE)}


@panel("roster:handover_family", "roles/handover_past.html")
def what_was_done(request, row):
    """What was promised to a family that is handed over, and the last activities that reached it."""
    about = ActivityHousehold.objects.filter(household=row.household)
    past = about.select_related("activity__kind", "activity__sub_role", "activity__pendamping")
    promised = about.open_steps().select_related("activity").order_by("step_due_on", "id")
    return {
        "today": local_today(row.household.wilayah_id),
        "promised": list(promised),
        "past": list(past.order_by("-occurred_on", "-id")[:DONE_LAST]),
    }


@panel("roster:handover_family", "roles/handover_incidents.html")
def incidents_handed_over(request, row):
    """Open kasus of a family that is handed over; their confidential notes open for the new holder alone."""
    incidents = Incident.objects.filter(household=row.household).open().select_related("kind")
    return {"incidents": list(incidents.order_by("due_on", "id"))}


@waits
def incidents_of_koordinator(user, today):
    """Kasus that ask for a decision, objections to answer, and what is late whoever has to act."""
    return [
        Waiting("triangle-alert", pile.words, pile.number, pile.url, pile.since, presses=pile.presses)
        for pile in piles_for(user, today)
    ]


@waits
def visits_to_review(user, today):
    """Visits that something is asked about, once their author said why or had a day to."""
    waiting = VisitRemark.objects.listed_for(user, today).order_by()
    found = waiting.aggregate(number=Count("pk"), since=Min("noted_on"))
    url = reverse("roles:remark_list")
    return [Waiting("eye", "kunjungan perlu ditinjau mutunya", found["number"], url, found["since"])]


@panel("roster:suspect_detail", "roles/last_done.html")
def last_done(request, household):
    """The last activities that reached a family which may be another one as well."""
    about = ActivityHousehold.objects.filter(household=household)
    past = about.select_related("activity__kind", "activity__pendamping").order_by("-occurred_on", "-id")
    return {"household": household, "past": list(past[:DONE_LAST])}


@panel("resources:partner_detail", "roles/partner_log.html", part="contact-more")
def partner_log(request, partner):
    """Activities with `partner`; when and who for everybody, the words only for whoever may read the activity."""
    log = keyset_page(contacts_with(partner), request, ["-occurred_on", "-id"], size=LOG_PAGE)
    readable = Activity.objects.visible_to(request.user).filter(pk__in=[row.pk for row in log.rows])
    readable = set(readable.values_list("pk", flat=True))
    return {"log": log, "rows": [(row, row.pk in readable) for row in log.rows]}


@panel("resources:partner_detail beside", "roles/partner_known.html")
def partner_known(request, partner):
    """The colleagues who spoke with `partner`, whoever did last first."""
    known = known_by([partner.pk]).get(partner.pk, [])
    return {"known": known[:KNOWN_SHOWN], "others": len(known[KNOWN_SHOWN:])}


@row_notes("resources:partner_list")
def partner_spoken_with(request, partners):
    """Who spoke with each of `partners` last."""
    known = known_by([partner.pk for partner in partners])
    return {partner.pk: _last(known.get(partner.pk)) for partner in partners}


def _last(known):
    return (
        f"Terakhir dihubungi {known[0].name}, {tanggal(known[0].last_on)}"
        if known
        else "Belum pernah dihubungi"
    )
