"""The RHK report of an activity, as facts for paper: what was logged, and "" where a person fills in by hand."""

import io
import logging
from collections import defaultdict

from django.db.models import Count
from django.utils.formats import date_format
from PIL import Image

from kpm.models import Household, Pengurus
from pkh_casework.places import address_of
from reports.figures.declared.rhk import rhk_in
from roles.models import Activity, ActivityHousehold, Attendance, GroupSession, Photo
from wilayah.models import Wilayah

POST = "Pendamping Sosial PKH"
PHOTO_SIDE, PHOTO_QUALITY = 800, 75  # pixels of the longer side: sharp on half a page

log = logging.getLogger(__name__)


def papers_of(activities, user):
    """The reports of `activities` (a queryset that `user` may export), in its order, as a list of dicts.

    Keys as templates/reports/rhk.typ reads them; `photos` are JPEG bytes. Families out of the user's scope by now
    stand with their case number only, identity numbers are masked.
    """
    activities = list(
        activities.select_related("kind", "sub_role__role", "pendamping", "group").prefetch_related(
            "partners"
        )
    )
    families = families_of(activities, user)
    sessions = sessions_of(activities)
    photos = defaultdict(list)
    for photo in Photo.objects.visible_to(user).filter(activity__in=activities):
        photos[photo.activity_id].append(photo)
    codes = {activity.wilayah_id[:digits] for activity in activities for digits in (4, 6, 10)}
    areas = dict(Wilayah.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        _paper(activity, families[activity.pk], sessions.get(activity.pk), photos[activity.pk], areas)
        for activity in activities
    ]


def _paper(activity, families, session, photos, areas):
    action, day, code = (
        rhk_in(activity.occurred_on.replace(day=1)).action_of(activity),
        activity.occurred_on,
        activity.wilayah_id,
    )
    pictures = [jpeg for photo in photos if (jpeg := small(photo, PHOTO_SIDE))]
    return {
        "number": action.rhk.number if action else None,
        "result": action.rhk.name if action else "",
        "action": action.name if action else "",
        "about": activity.kind.name,
        "day": day.isoformat(),
        "month": date_format(day, "F Y"),
        "kelurahan": areas.get(code, ""),
        "kecamatan": areas.get(code[:6], ""),
        "kota": areas.get(code[:4], ""),
        "facts": [
            ("Jenis kegiatan", activity.kind.name),
            ("Hari, tanggal", date_format(day, "l, j F Y")),
            ("Waktu", ""),
            ("Tempat", activity.place),
            ("Peran", f"{activity.sub_role.role.name}: {activity.sub_role.name}"),
            *([("Kelompok", activity.group.name)] if activity.group else []),
            *(session or []),
            *([("Mitra", ", ".join(map(str, partners)))] if (partners := activity.partners.all()) else []),
        ],
        "goals": sorted({goal.wish for row, _ in families if row.named for goal in row.goals.all()}),
        "notes": activity.notes,
        "families": [face for _, face in families],
        "outcome": activity.outcome,
        "next_step": (
            f"{activity.next_step} ({date_format(activity.next_step_on, 'j F Y')})"
            if activity.next_step
            else ""
        ),
        "worker": activity.pendamping.name,
        "nip": activity.pendamping.nip,
        "post": POST,
        "photos": pictures,
        "lost_photos": len(photos) - len(pictures),
    }


def families_of(activities, user):
    """{activity: [(ActivityHousehold, what the table shows of the family), …]}; the rows know whether they are named."""
    rows = (
        ActivityHousehold.objects.filter(activity__in=activities)
        .prefetch_related("goals")
        .order_by("household__case_number")
    )
    rows = list(rows.select_related("household"))
    known = Household.objects.visible_to(user).filter(pk__in={row.household_id for row in rows})
    known = known.select_related("wilayah").in_bulk()
    heads = {
        term.household_id: term.member
        for term in Pengurus.objects.filter(household__in=known, to_on=None).select_related("member")
    }
    by_activity = defaultdict(list)
    for row in rows:
        household = known.get(row.household_id)
        row.named = household is not None
        answered = row.is_call and row.met
        contact = "lewat telepon" if answered else "ya" if row.met else "tidak"
        face = {"case": row.household.case_number, "met": row.met, "is_call": row.is_call, "contact": contact}
        if household:
            nik = heads[household.pk].nik if household.pk in heads else None
            face |= {
                "name": household.name,
                "nik": str(nik) if nik else "",
                "no_kk": str(household.no_kk),
                "address": address_of(household),
                "kelurahan": household.wilayah.name,
            }
        by_activity[row.activity_id].append((row, face))
    return by_activity


def sessions_of(activities):
    """{activity: facts of the P2K2 that it was}: module, session, who filled it, who came."""
    sessions = GroupSession.objects.filter(activity__in=activities).select_related("session__module")
    came = defaultdict(dict)
    counts = Attendance.objects.filter(group_session__in=sessions).order_by()
    for session, state, number in counts.values_list("group_session", "state").annotate(Count("pk")):
        came[session][state] = number
    return {
        session.activity_id: [
            ("Modul", session.session.module.name),
            ("Sesi", f"{session.session.number}. {session.session.name}"),
            ("Pemateri", session.facilitator),
            (
                "Kehadiran",
                ", ".join(
                    f"{state.label.lower()} {came[session.pk].get(state, 0)}" for state in Attendance.State
                ),
            ),
        ]
        for session in sessions
    }


def small(photo, side):
    """The photo as a JPEG (bytes) of at most `side` pixels; None when the file is gone or damaged, which is an error for
    the operator.
    """
    try:
        with photo.file.open("rb") as file, Image.open(file, formats=("JPEG",)) as image:
            image.draft("RGB", (side, side))
            image.thumbnail((side, side))
            out = io.BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=PHOTO_QUALITY)
            return out.getvalue()
    except OSError as error:
        log.error("photo %s can't be put on paper: %s", photo.pk, type(error).__name__)
        return None


def for_typst(papers):
    """The data of templates/reports/rhk.typ, which takes a photo as the list of its bytes."""
    return {"papers": [paper | {"photos": [list(jpeg) for jpeg in paper["photos"]]} for paper in papers]}


def paper_name(paper, ending):
    """A file name without any personal data, such as rhk-3-2026-11-20.docx."""
    return f"rhk-{paper['number'] or 'tanpa'}-{paper['day']}.{ending}"


def exportable(user):
    """The activities whose RHK report `user` may take: the own ones, or those of the area of the day."""
    return Activity.objects.visible_to(user).filter(pk__in=Activity.objects.counted_for(user).values("pk"))
