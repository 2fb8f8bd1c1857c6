"""What this room shows on pages of lower rooms: what was done with a partner, and who knows it."""

from pkh_casework.paging import keyset_page
from pkh_casework.panels import panel, row_notes
from pkh_casework.templatetags.formats import tanggal

from .models import Activity
from .network import contacts_with, known_by

LOG_PAGE, KNOWN_SHOWN = 20, 3


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
