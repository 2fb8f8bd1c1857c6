"""What this room shows on pages of other rooms: the way to hand over what an account, a kelompok or a family is, and what
waits for a koordinator.
"""

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.timezone import localdate, now

from accounts.guards import Moving, stands_against
from kpm.models import Household
from pkh_casework.panels import panel
from pkh_casework.templatetags.formats import angka
from pkh_casework.waits import Waiting, waits

from .handover import orphans, returns_due
from .models import Batch, HandoverFamily, StagedFamily, Suspect
from .operations.batch import OLDEST

KECAMATAN = 6
FILES_TOLD = (Batch.State.MATCHING, Batch.State.READY, Batch.State.FAILED, Batch.State.APPLIED)
Verdict = StagedFamily.Verdict


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


@waits
def handovers(user, today):
    """Families offered and not answered, leaves that are over, and families whose holder is switched off."""
    offered = HandoverFamily.objects.visible_to(user).waiting()
    offered = offered.aggregate(number=Count("pk"), since=Min("handover__offered_on"))
    over, url = returns_due(user, today), reverse("roster:handover_list")
    alone, held_off = (
        orphans(Household.objects.visible_to(user)).count(),
        f"{reverse('kpm:household_list')}?akun=nonaktif",
    )
    return [
        Waiting(
            "users", "KPM dipegang akun nonaktif, tidak ada yang mendatangi", alone, held_off, presses=True
        ),
        Waiting("send", "KPM ditawarkan, belum dijawab penerimanya", url=url, **offered),
        Waiting(
            "history", "cuti selesai, KPM belum kembali", len(over), url, over[0].back_on if over else None
        ),
    ]


@waits
def duplicates(user, today):
    """Pairs of families that may be one."""
    pairs = Suspect.objects.visible_to(user).open()
    pairs = pairs.aggregate(number=Count("pk"), first=Min("found_at"))
    since = pairs["first"] and localdate(pairs["first"])
    url = reverse("roster:suspect_list")
    return [Waiting("users", "pasang keluarga mungkin tercatat dua kali", pairs["number"], url, since)]


@waits
def files(user, today):
    """Files of families that wait for this office, and those of which something was refused and can still be taken."""
    sent = Batch.objects.visible_to(user).filter(state__in=FILES_TOLD, sent_at__gt=now() - OLDEST)
    waiting, refused = [], []
    for batch in sent.order_by("sent_at").only("state", "sent_at", "totals", "file"):
        if batch.can_be_cancelled:
            waiting.append(batch)
        elif batch.state == Batch.State.FAILED or (batch.file and batch.totals.get(Verdict.REFUSED)):
            refused.append(batch)
    url = reverse("roster:batch_list")
    return [
        Waiting(icon, words, len(found), url, localdate(found[0].sent_at) if found else None)
        for icon, words, found in (
            ("file-spreadsheet", "berkas KPM menunggu ditinjau", waiting),
            ("circle-alert", "berkas KPM ditolak, seluruhnya atau sebagian", refused),
        )
    ]
