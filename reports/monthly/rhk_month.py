"""The report of one RHK for a whole month: one document for all its activities, as facts for paper and Word."""

from itertools import islice

from django.utils.formats import date_format
from django.utils.text import slugify

from pkh_casework.access import PENDAMPING
from reports.figures import FIGURES
from reports.figures.declared.locked import rows_in_force
from reports.figures.declared.rhk import rhk_in
from roles.models import Photo
from wilayah.models import Wilayah

from .rhk_paper import POST, families_of, sessions_of, small

MOST = 1000  # activities of one report; a pendamping has some hundreds a month
MOST_PHOTOS = 120  # four pages of pictures a side; more of them say no more
PHOTO_SIDE = 480  # pixels: sharp at a third of a page
MOST_GOALS = 20
NAMED = 3  # families named in the line of an activity; all of them stand in the annex
WITHOUT = "tanpa"


def month_paper(view, number):
    """The report (a dict as templates/reports/rhk_month.typ reads it) of the RHK `number`, or of none, through the lens
    of `view`. Photos are JPEG bytes. Families out of the asker's scope by now stand with their case number only.
    """
    lens, user = view.lens, view.lens.user
    listed = rhk_in(lens.month)
    result = next((one for one in listed.results if one.number == number), None)
    figure = FIGURES[f"rhk-{number}" if number else "rhk-tanpa"]
    rows = rows_in_force(figure, lens).order_by("occurred_on", "pk")
    rows = rows.select_related("kind", "sub_role__role", "pendamping", "group").prefetch_related("partners")
    activities = list(rows[: MOST + 1])
    cut, activities = len(activities) > MOST, activities[:MOST]
    families, sessions = families_of(activities, user), sessions_of(activities)
    served = [listed.action_of(activity) for activity in activities]
    here = view.areas[-1]
    codes = dict(Wilayah.objects.filter(code__in=[here.code[:6], here.code[:4]]).values_list("code", "name"))
    one = view.colleague or (user if user.duty == PENDAMPING else None)
    signs = one or user
    return {
        "number": number,
        "result": result.name if result else "Kegiatan di luar daftar RHK",
        "actions": [
            [action.name, served.count(action)]
            for action in (result.own_actions if result else [])
            if action in served
        ],
        "month": date_format(lens.month, "F Y"),
        "area": here.name,
        "places": [
            name for code in (here.code[:6], here.code[:4]) if (name := codes.get(code)) and name != here.name
        ],
        "goals": _goals(families),
        "activities": [
            _line(activity, families[activity.pk], sessions.get(activity.pk), names_worker=one is None)
            for activity in activities
        ],
        "families": _all_families(activities, families),
        **_pictures(activities, user),
        "cut": cut,
        "worker": signs.name,
        "nip": signs.nip,
        "post": POST if one else "Koordinator PKH",
    }


def month_name(view, number, ending):
    """A file name that says what, where and when, such as rhk-3-kebon-jayanti-2026-11.pdf; no name of a person."""
    return f"rhk-{number or WITHOUT}-{slugify(view.areas[-1].name)}-{view.lens.month:%Y-%m}.{ending}"


def _line(activity, rows, session, *, names_worker):
    named = [face.get("name") or face["case"] for _, face in rows]
    more = len(named) - NAMED
    facts = [activity.sub_role.name, activity.place, activity.group.name if activity.group else ""]
    facts += [f"{name.lower()} {value}" for name, value in session or []]
    if partners := ", ".join(map(str, activity.partners.all())):
        facts.append(f"bersama {partners}")
    return {
        "day": date_format(activity.occurred_on, "j M"),
        "kind": activity.kind.name,
        "about": "; ".join(filter(None, facts)),
        "worker": activity.pendamping.name if names_worker else "",
        "families": "; ".join(named[:NAMED]) + (f"; dan {more} lainnya" if more > 0 else ""),
        "notes": activity.notes,
        "outcome": activity.outcome,
    }


def _goals(families):
    wishes = {
        goal.wish for rows in families.values() for row, _ in rows if row.named for goal in row.goals.all()
    }
    told, more = sorted(wishes)[:MOST_GOALS], len(wishes) - MOST_GOALS
    return [*told, f"dan {more} tujuan lagi"] if more > 0 else told


def _all_families(activities, families):
    """Each family once, by case number, with the days on which it was met and not met."""
    found = {}
    for activity in activities:
        for _, face in families[activity.pk]:
            family = found.setdefault(face["case"], {**face, "met": [], "missed": []})
            family["met" if face["met"] else "missed"].append((activity.occurred_on.day, face["is_call"]))
    return [
        {
            **family,
            **{name: ", ".join(map(_day, sorted(set(family[name])))) for name in ("met", "missed")},
        }
        for _, family in sorted(found.items())
    ]


def _day(contact):
    """A day of the month, and that it was no meeting but a call."""
    day, is_call = contact
    return f"{day} (telepon)" if is_call else str(day)


def _pictures(activities, user):
    """`photos` in the order of the activities, how many are lost, and how many more there are."""
    of = {activity.pk: activity for activity in activities}
    photos = list(Photo.objects.visible_to(user).filter(activity__in=of))
    order = {pk: at for at, pk in enumerate(of)}
    photos.sort(key=lambda photo: (order[photo.activity_id], str(photo.pk)))
    pictures, lost = [], 0
    for photo in islice(photos, MOST_PHOTOS):
        activity = of[photo.activity_id]
        if jpeg := small(photo, PHOTO_SIDE):
            day = date_format(activity.occurred_on, "j F Y")
            pictures.append({"jpeg": jpeg, "caption": f"{day}, {activity.kind.name}"})
        else:
            lost += 1
    return {"photos": pictures, "lost_photos": lost, "more_photos": max(len(photos) - MOST_PHOTOS, 0)}


def for_typst(paper):
    """The data of templates/reports/rhk_month.typ, which takes a photo as the list of its bytes."""
    return paper | {"photos": [photo | {"jpeg": list(photo["jpeg"])} for photo in paper["photos"]]}
