"""The page where a partner answers a referral, without an account: the one door that is open to anyone with a link.

The first look is a shut door, so that a preview robot which follows the link learns and changes nothing. Whatever is
wrong with a link, the answer is the same calm page. Its address is a secret: `Referrer-Policy: same-origin` (the
house's own) sends it to nobody else, and with the stricter `no-referrer` browsers would hide the origin of the
form, so that no answer could be told from a forged one.
"""

import re

import pghistory
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.throttle import client_address
from pkh_casework.access import ANYONE, access
from pkh_casework.htmx import render_page
from pkh_casework.ids import uuid7
from resources.forms.referral import AnswerForm
from resources.operations.answer import (
    MISSES_PER_ADDRESS,
    PER_LINK,
    LinkClosed,
    address_key,
    answer,
    is_open,
    knock,
    knocks,
    link_of,
    mark_opened,
)
from wilayah.clock import local_today

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@access(ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def partner_answer(request, token):
    now, address = timezone.now(), address_key(client_address(request))
    if knocks(address, now) >= MISSES_PER_ADDRESS:
        return _page(request, "sering", status=429)
    link = link_of(token) if SECRET.fullmatch(token) else None
    if link is None:
        knock(address, now)
        return _closed(request)
    if knock(link.secret_hash, now) > PER_LINK:
        return _page(request, "sering", status=429)
    # The field history keeps the path of each write, and this one holds the secret.
    with pghistory.context(path="/jawab/"):
        return _answered(request, link, now)


def _answered(request, link, now):
    referral, step = link.referral, request.POST.get("langkah")
    today = local_today(referral.wilayah_id)
    if step == "jawab":
        form = AnswerForm(request.POST, state=referral.state)
        if form.is_valid():
            try:
                move = answer(link, form.answer(), today=today)
            except LinkClosed:
                return _closed(request)
            return _page(request, "terima_kasih", {"move": move})
    if not is_open(link, now, today):
        return _closed(request)
    if step not in {"buka", "jawab"}:
        return _page(request, "pintu", {"link": link})
    if step == "buka":
        mark_opened(link)
        form = AnswerForm(initial={"op_id": uuid7()}, state=referral.state)
    elif "op_id" in form.errors:
        form = AnswerForm({**request.POST.dict(), "op_id": uuid7()}, state=referral.state)
    names = referral.household.name.split()
    context = {
        "form": form,
        "link": link,
        "referral": referral,
        "initials": " ".join(f"{name[0].upper()}." for name in names),
    }
    return _page(request, "isi", context)


def _closed(request):
    return _page(request, "tutup", status=404)


def _page(request, phase, context=None, *, status=200):
    page = render_page(
        request, "resources/partner_answer.html", {"phase": phase, **(context or {})}, status=status
    )
    page["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return page
