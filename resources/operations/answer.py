"""A partner's answer without an account: a link with a random secret, for one referral, once, for LINK_DAYS.

Only the hash of the secret is stored; 256 random bits need no slow hash. Knocks are counted for each link and, where
no link fits, for each address: see LinkKnock.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from entries.operations import Refused, locked, operation
from resources.models import LinkKnock, PartnerLink, Referral, ReferralMove
from resources.operations.referral import MOVES, may_leave, moves_from, note_move, take_move

LINK_DAYS = 14
SECRET_BYTES = 32
PER_LINK, MISSES_PER_ADDRESS = 60, 60  # an hour; many phones of one provider share an address
KEPT = timedelta(days=1)


class LinkClosed(Exception):
    """No answer may come by this link: unknown, used, expired, revoked, or nothing is asked. Never says which."""


@dataclass(frozen=True)
class PartnerAnswer:
    """What a partner filled in: `move` names one of MOVES, `name` is the person who answers."""

    op_id: UUID
    move: str
    name: str
    note: str


@operation(kind="roles.tautan", title="Tautan jawaban mitra", about=Referral, again=lambda receipt, _: "")
def make_link(referral: Referral, *, by: User, today: date) -> str:
    """A new link for `referral`: its secret, which can't be had again; "" on a resend. Older links are revoked.

    Raises Refused when nothing may leave or no answer is expected, OtherContent.
    """
    stored = locked(Referral.objects, referral.pk)
    if not may_leave(stored, today) or not moves_from(stored.state, by_partner=True):
        raise Refused("Rujukan ini sedang tidak menunggu jawaban mitra.")
    revoke(stored)
    secret, now = secrets.token_urlsafe(SECRET_BYTES), timezone.now()
    PartnerLink.objects.create(
        referral=stored,
        secret_hash=hash_of(secret),
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=LINK_DAYS),
    )
    return secret


@operation(kind="roles.tautan_cabut", title="Pencabutan tautan mitra", about=Referral)
def revoke_link(referral: Referral, *, by: User) -> None:
    """Close the link of `referral` before its time. Raises OtherContent."""
    revoke(referral)


def revoke(referral):
    """Close every link of `referral` that is still open."""
    now = timezone.now()
    PartnerLink.objects.filter(referral=referral).usable_at(now).update(revoked_at=now)


def hash_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def link_of(secret: str) -> PartnerLink | None:
    """The link with this secret, whatever its state, with its referral; None without."""
    links = PartnerLink.objects.select_related(
        "referral__resource", "referral__consent", "referral__household", "made_by"
    )
    return links.filter(secret_hash=hash_of(secret)).first()


def is_open(link: PartnerLink, now: datetime, today: date) -> bool:
    """Whether the page behind `link` may be shown: usable, the family's yes stands, and an answer is expected."""
    usable = link.revoked_at is None and link.answered_at is None and link.expires_at > now
    referral = link.referral
    return usable and may_leave(referral, today) and bool(moves_from(referral.state, by_partner=True))


def mark_opened(link: PartnerLink) -> None:
    """Keep when the partner first saw the referral."""
    PartnerLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now())


@transaction.atomic
def answer(link: PartnerLink, given: PartnerAnswer, *, today: date) -> ReferralMove:
    """Store a partner's answer; the move has `counts` False when another came first.

    The same answer again is answered as the first time. An answer that was on its way while another came in is kept
    as well; otherwise a link answers once. Raises LinkClosed.
    """
    was_answered = link.answered_at is not None
    referral = locked(Referral.objects, link.referral_id)
    link = PartnerLink.objects.get(pk=link.pk)
    if earlier := ReferralMove.objects.filter(op_id=given.op_id).first():
        if _same(earlier, referral, given):
            return earlier
        raise LinkClosed
    now = timezone.now()
    if was_answered or link.revoked_at or link.expires_at <= now or not may_receive(referral, today):
        raise LinkClosed
    move = MOVES[given.move]
    said = {"op_id": given.op_id, "on": today, "answered_by": given.name, "note": given.note}
    PartnerLink.objects.filter(pk=link.pk, answered_at=None).update(answered_at=now)
    if link.answered_at or referral.state not in move.origins:
        return note_move(referral, move.target, counts=False, **said)
    return take_move(referral, move, **said)


def may_receive(referral, today):
    """Whether words about `referral` may still come in: the family has not taken its yes back."""
    return referral.consent is not None and referral.consent.holds_on(today)


def _same(move, referral, given):
    stored = (move.referral_id, move.by_id, move.to_state, move.answered_by, move.reason)
    return stored == (referral.pk, None, MOVES[given.move].target, given.name, given.note)


def address_key(address: str) -> str:
    """Stands for an address in LinkKnock without saying it."""
    return salted_hmac("resources.knock", address or "", algorithm="sha256").hexdigest()


def knocks(key: str, now: datetime) -> int:
    """How often `key` knocked in this hour."""
    return sum(LinkKnock.objects.filter(key=key, hour=_hour(now)).values_list("count", flat=True))


def knock(key: str, now: datetime) -> int:
    """Count one more knock of `key`; how many these are in this hour."""
    hour = _hour(now)
    with connection.cursor() as cursor:
        # Two at once must not read the same count; update_or_create would need a lock and a second round.
        cursor.execute(
            "INSERT INTO resources_linkknock (key, hour, count) VALUES (%s, %s, 1)"
            " ON CONFLICT (hour, key) DO UPDATE SET count = resources_linkknock.count + 1 RETURNING count",
            [key, hour],
        )
        count = cursor.fetchone()[0]
    if count == 1:
        LinkKnock.objects.filter(hour__lt=hour - KEPT).delete()
    return count


def _hour(now):
    return now.replace(minute=0, second=0, microsecond=0)
