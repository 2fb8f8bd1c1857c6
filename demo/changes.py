"""What families went through: inactive ones with their reason, a daughter with a family of her own, an heir who took over,
a family that moved, a child that waits to move, and some houses on the map.
"""

from datetime import timedelta
from itertools import cycle

from entries.operations import Refused
from kpm.models import CaseReason, FamilyChange, Household, Member
from kpm.operations import change_pengurus, found_family, move_member, set_point
from kpm.operations.change import keep_change
from pkh_casework.ids import uuid7
from roster.operations import move_family
from wilayah.models import Wilayah

INACTIVE = ("nonaktif-tidak-ditemukan", "nonaktif-pindah", "nonaktif-mundur", "nonaktif-tidak-layak")
WENT_TO = "Ikut anak ke Garut"
POINTS = 8
NEW_CARD = "3273990101209990"
A_STEP = 0.0007  # degrees between two houses of the demo, about 80 metres


def fill_changes(today, users):
    """Do each once, as of `today`; `users` are the demo's by username."""
    holder = users["pendamping.kebonjayanti"]
    own = Household.objects.filter(pendamping=holder).active().order_by("pk")
    if FamilyChange.objects.exists() or not own.exists():
        return
    _give_reasons(today)
    used = set()
    for change in (_heir_takes_over, _daughter_founds, _moves_away):
        for family in own.exclude(pk__in=used):
            if change(family, holder, today):
                used.add(family.pk)
                break
    _asks_to_move(users, today)
    _draw(own.filter(latitude=None)[:POINTS], holder)


def _give_reasons(today):
    """Every family that is inactive already gets a day and a reason."""
    reasons = cycle(CaseReason.objects.in_bulk(INACTIVE).values())
    gone = Household.objects.filter(status=Household.Status.NONAKTIF).select_related("pendamping")
    for number, (family, reason) in enumerate(zip(gone.order_by("pk"), reasons, strict=False)):
        day = max(family.joined_on, today - timedelta(days=30 + 9 * number))
        words = WENT_TO if reason.needs_words else ""
        keep_change(family, FamilyChange.Kind.INACTIVE, family.pendamping, uuid7(), reason, day, words)


def _heir_takes_over(family, holder, today):
    term = family.pengurus_terms.filter(to_on=None, heir__isnull=False).select_related("heir").first()
    return term and _tried(
        change_pengurus,
        family,
        by=holder,
        successor=term.heir,
        heir=None,
        reason=CaseReason.objects.get(pk="pengurus-meninggal"),
        on=today - timedelta(days=12),
    )


def _daughter_founds(family, holder, today):
    people = Member.objects.filter(household=family, relation="anak", sex="P").present()
    grown = next((one for one in people if (one.age_on(today) or 0) >= 19), None)
    if grown is None or people.count() < 2:
        return False
    same = {name: getattr(family, name) for name in ("address", "dusun", "rt", "rw", "wilayah", "group")}
    return _tried(
        found_family,
        grown,
        by=holder,
        today=today,
        relation="pasangan",
        along={},
        on=today,
        reason=CaseReason.objects.get(pk="pindah-menikah"),
        no_kk=NEW_CARD,
        joined_on=today,
        **same,
    )


def _moves_away(family, holder, today):
    elsewhere = Wilayah.objects.kelurahan().under(family.wilayah_id[:6]).exclude(pk=family.wilayah_id).first()
    door = Household.objects.filter(wilayah=family.wilayah_id, rw=family.rw, rt=family.rt)
    if not door.exclude(pk=family.pk).exists():  # each RT of the demo keeps a family
        return False
    home = {"wilayah": elsewhere, "address": "Gang Mawar 11", "dusun": "", "rt": 3, "rw": 4}
    return elsewhere and _tried(
        move_family,
        family,
        by=holder,
        today=today,
        home=home,
        reason=CaseReason.objects.get(pk="rumah-kontrak"),
        on=today - timedelta(days=6),
    )


def _asks_to_move(users, today):
    """A child of a neighbour's family is to live with an aunt."""
    holder, other = users["pendamping2.kebonjayanti"], users["pendamping.kebonjayanti"]
    target = Household.objects.filter(pendamping=other).active().order_by("pk").last()
    people = Member.objects.filter(household__pendamping=holder, relation="anak").present()
    child = people.order_by("household", "pk").first()
    if child and target:
        _tried(
            move_member,
            child,
            by=holder,
            today=today,
            asked_case=target.case_number,
            target=target,
            at_once=False,
            relation="lainnya",
            on=today - timedelta(days=2),
            reason=CaseReason.objects.get(pk="pindah-diasuh"),
        )


def _draw(families, holder):
    for number, family in enumerate(families.select_related("wilayah")):
        area = family.wilayah
        if area.latitude is not None:
            point = (
                round(float(area.latitude) + (number % 3 - 1) * A_STEP, 6),
                round(float(area.longitude) + (number // 3 - 1) * A_STEP, 6),
            )
            _tried(set_point, family, by=holder, point=point)


def _tried(write, *about, **said):
    """Whether the write took place; what does not fit a family is done for the next one."""
    try:
        write(*about, op_id=uuid7(), sent="demo", **said)
    except Refused:
        return False
    return True
