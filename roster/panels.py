"""What this room shows on pages of lower rooms: the way to hand over what an account, a kelompok or a family is."""

from accounts.guards import Moving, stands_against
from kpm.models import Household
from pkh_casework.panels import panel
from pkh_casework.templatetags.formats import angka

KECAMATAN = 6


@stands_against
def families_held(officer, change):
    """An account that holds families is not switched off, nor moved away from them, before they are given on."""
    held = Household.objects.filter(pendamping=officer)
    if isinstance(change, Moving):
        held = held.exclude(wilayah__code__startswith=(change.wilayah_id or "-")[:KECAMATAN])
        where = "di luar wilayah itu "
    else:
        where = ""
    if number := held.count():
        return f"{officer.name} masih memegang {angka(number)} KPM {where}. Serahkan dulu semuanya.".replace(
            " .", "."
        )
    return ""


@panel("accounts:user_detail", "roster/handover_way.html")
def hand_over_all(request, officer):
    """How many families a pendamping holds, and the way to hand them over."""
    if not (request.user.is_koordinator and officer.is_pendamping):
        return None
    number = Household.objects.visible_to(request.user).filter(pendamping=officer).count()
    return {"held": number, "query": f"dari={officer.pk}", "what": "Serahkan semua KPM"} if number else None


@panel("kpm:group_edit", "roster/handover_way.html")
def hand_over_group(request, group):
    """The way to hand a kelompok over."""
    if not request.user.is_koordinator:
        return None
    return {"query": f"kelompok={group.pk}", "what": "Alihkan kelompok ke pendamping lain"}


@panel("kpm:household_edit", "roster/handover_way.html")
def hand_over_family(request, household):
    """The way to hand a family over."""
    if not request.user.is_koordinator:
        return None
    return {"query": f"kpm={household.case_number}", "what": "Alihkan ke pendamping lain"}
