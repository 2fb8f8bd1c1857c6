"""Pages and forms rendered ahead by their own views and templates, for a family that stands in for all.

A stand-in family is stored, every page that works without signal is asked for as its holder would ask, and all of it is
taken back: no view and no template knows of it. What stands in the pages for the stand-in (its case number, its ids, its
name) the phone replaces by what `phone.ahead` gives for the family that is opened.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.http import Http404

from entries.holding import asked_again
from kpm.models import (
    Assessment,
    Component,
    Goal,
    GoalStep,
    Household,
    Indicator,
    Instrument,
    Level,
    Member,
    MemberComponent,
    Score,
)
from pkh_casework.context import FOR_WORK
from pkh_casework.ids import uuid7
from resources.models import Resource
from roles.models import GroupSession

from .ahead import families_ahead, lean

CASES = ("PKH-ZZZZZ", "PKH-ZZZZY", "PKH-ZZZZX")  # that of the stand-in: the first that no family has
RW, RT = 997, 998  # a number that the phone finds again
OPEN_MARK, CLOSE_MARK = "\ue000", "\ue001"  # around a text of the stand-in; no person types these
LOCKED = "/hp/buka/"  # holds nobody's data: it lies among the files
MEETINGS, MEETINGS_BACK, MEETINGS_AHEAD = 8, timedelta(days=14), timedelta(days=3)
SHORT_LIVED = re.compile(r'(name="csrfmiddlewaretoken" value=|name="csrf-token" content=)"[^"]*"')
STATIC = re.compile(r'["\s](/static/[^"#?\s]+)')


@dataclass
class Shells:
    """`pages`: {address: HTML}; `stand_in`: what in them stands for a family: {"case", "where" (place_of), "member", "goal",
    "step", "score", "score_name", "inside" (as in phone.ahead), "resource": [id, name], where there is one}; `indicators`
    {code: name} and `resources` {id: name} are what it may be instead.
    """

    pages: dict = field(default_factory=dict)
    stand_in: dict = field(default_factory=dict)
    indicators: dict = field(default_factory=dict)
    resources: dict = field(default_factory=dict)

    @property
    def statics(self):
        """The addresses of styles, scripts and pictures that the pages need."""
        return sorted({address for page in self.pages.values() for address in STATIC.findall(page)})


def shells_for(request, today):
    """The Shells of the asker on `today`, as the pages are at this moment. Nothing of it stays in the database."""
    shells = Shells()
    with transaction.atomic():
        try:
            _render(request, today, shells)
        finally:
            transaction.set_rollback(True)
    return shells


def meetings_for(request, today):
    """{address: HTML} of the sessions that may be held while there is no signal, each with its roll call."""
    between = (today - MEETINGS_BACK, today + MEETINGS_AHEAD)
    waiting = GroupSession.objects.visible_to(request.user).filter(activity=None, planned_on__range=between)
    pages = {}
    for pk in waiting.order_by("-planned_on").values_list("pk", flat=True)[:MEETINGS]:
        for address in (f"/pertemuan/{pk}/", f"/pertemuan/{pk}/hadir/"):
            pages[address] = page_of(request, address)
    return pages


def page_of(request, address):
    """The HTML that the asker gets at `address`, without what lives for this request only; None when there is no page."""
    again = asked_again(request, request.user, address, "GET", former=False)
    again.is_ahead = True
    again.COOKIES = {**request.COOKIES, FOR_WORK: "1"}
    match = again.resolver_match
    with suppress(Http404):
        page = match.func(again, *match.args, **match.kwargs)
        if hasattr(page, "render"):
            page.render()
        if page.status_code == 200:
            return lean(SHORT_LIVED.sub(r'\1""', page.content.decode()))
    return None


def _render(request, today, shells):
    case = _stand_in(request.user, today, shells.stand_in)
    stand_in = shells.stand_in
    goal, step, member = stand_in["goal"], stand_in["step"], stand_in["member"]
    addresses = [
        "/lainnya/",
        "/kelompok/",
        "/pertemuan/",
        "/kiriman/",
        "/hp/",
        "/hp/belum-ada/",
        LOCKED,
        f"/kpm/?q={case}",
        f"/kpm/{case}/",
        f"/kpm/{case}/ubah/",
        f"/kpm/{case}/anggota/baru/",
        f"/kpm/{case}/anggota/{member}/",
        "/kegiatan/catat/",
        f"/kegiatan/catat/?kpm={case}",
        f"/kegiatan/tunda/{case}/",
        f"/kasus/baru/{case}/",
        f"/tujuan/baru/{case}/",
        f"/tujuan/baru/{case}/?indikator={stand_in['score']}",
        f"/tujuan/{goal}/ubah/",
        f"/tujuan/{goal}/tutup/",
        f"/tujuan/{goal}/langkah/",
        f"/tujuan/langkah/{step}/ubah/",
        f"/rujukan/baru/?kpm={case}",
    ]
    if resource := _resources(request.user).first():
        stand_in["resource"] = [resource.pk, resource.name]
        addresses.append(f"/rujukan/baru/?kpm={case}&sumber={resource.pk}")
        shells.resources = dict(_resources(request.user).values_list("pk", "name"))
    shells.indicators = dict(Indicator.objects.values_list("code", "name"))
    for address in addresses:
        shells.pages[address] = page_of(request, address)
    for path in Household.Path:  # which questions are asked
        Household.objects.filter(case_number=case).update(path=path)
        for form in Assessment.Form:
            page = page_of(request, f"/asesmen/{case}/?bentuk={form}")
            shells.pages[f"/asesmen/{case}/?bentuk={form}&jalur={path}"] = page
    missing = [address for address, page in shells.pages.items() if page is None]
    if missing:
        raise ValueError(f"no page to render ahead at {', '.join(missing)}")


def _resources(user):
    """The resources that families can be sent to."""
    return Resource.objects.visible_to(user).active().filter(ended_on=None)


def _stand_in(user, today, known):
    """Store the stand-in family with a member, a low score, a goal and a step; fills `known`, returns its case number."""
    taken = set(Household.objects.filter(case_number__in=CASES).values_list("case_number", flat=True))
    case = next(number for number in CASES if number not in taken)
    name = f"{OPEN_MARK}nama{CLOSE_MARK}"
    family = Household.objects.create(
        case_number=case,
        name=name,
        no_kk="0" * 16,
        address=f"{OPEN_MARK}alamat{CLOSE_MARK}",
        rt=RT,
        rw=RW,
        wilayah_id=user.wilayah_id,
        pendamping=user,
        joined_on=today,
    )
    member = Member.objects.create(
        household=family, name=f"{OPEN_MARK}anggota{CLOSE_MARK}", sex="P", relation="kepala"
    )
    school = Component.objects.valid_on(today).filter(category=Component.Category.EDUCATION).first()
    if school:
        MemberComponent.objects.create(household=family, member=member, component=school, from_on=today)
    here = {"household": family, "wilayah_id": user.wilayah_id, "pendamping": user}
    score, offered = _low_scores(here, today)
    goal = Goal.objects.create(
        op_id=uuid7(),
        **here,
        indicator=score.indicator,
        code=score.code,
        slot=1,
        wish=f"{OPEN_MARK}tujuan{CLOSE_MARK}",
        why="–",
        started_on=today,
        target_on=today + timedelta(days=30),
    )
    step = GoalStep.objects.create(
        household=family, goal=goal, text=f"{OPEN_MARK}langkah{CLOSE_MARK}", whose="keluarga", due_on=today
    )
    known |= {
        "case": case,
        "where": family.place,
        "score": offered.code,
        "score_name": offered.indicator.name,
    }
    (drawn,) = families_ahead(user, today, [family])
    known["inside"] = drawn["inside"]
    known |= {"member": str(member.pk), "goal": str(goal.pk), "step": str(step.pk)}
    return case


def _low_scores(here, today):
    """Two scores at level 1 of the stand-in: one that has a goal, one of which a goal can be made."""
    instrument = Instrument.objects.valid_on(today).latest("valid_from")
    indicators = Indicator.objects.filter(dimension__instrument=instrument).order_by("position")[:2]
    talk = Assessment.objects.create(
        op_id=uuid7(),
        **here,
        instrument=instrument,
        form=Assessment.Form.SHORT,
        path=here["household"].path,
        assessed_on=today,
    )
    lowest = {"family_level": Level.RENTAN, "level": Level.RENTAN, "assessed_on": today}
    family = {"household": here["household"], "wilayah_id": here["wilayah_id"]}
    return [
        Score.objects.create(assessment=talk, indicator=indicator, code=indicator.code, **family, **lowest)
        for indicator in indicators
    ]
