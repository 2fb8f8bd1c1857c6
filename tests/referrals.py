"""Referrals for tests, made by the operations themselves, and the resources they lead to."""

from datetime import date, timedelta

from kpm.models import Consent
from kpm.operations.consent import Yes, consent_text_on
from pkh_casework.ids import uuid7
from resources.models import Partner, Resource
from resources.operations.answer import make_link
from resources.operations.referral import move_referral, plan_referral
from tests.factories import KEBON_JAYANTI

ON = date(2026, 11, 2)
WAY = {
    "direncanakan": [],
    "diajukan": ["ajukan"],
    "diterima": ["ajukan", "terima"],
    "ditolak": ["ajukan", "tolak"],
    "berjalan": ["ajukan", "terima", "mulai"],
    "selesai": ["ajukan", "terima", "mulai", "selesai"],
    "gagal": ["ajukan", "terima", "gagal"],
    "dibatalkan": ["batalkan"],
}


def make_resource(
    name="Z-Mart Baznas", *, wilayah_id="3273", category_id="zakat", partner="Baznas Kota Bandung", **fields
):
    """A resource of Kota Bandung that lifts C1 and was checked on the day ON; `partner` None for one without."""
    if partner:
        partner, _ = Partner.objects.get_or_create(name=partner, wilayah_id="3273", category_id=category_id)
    return Resource.objects.create(
        **{
            "name": name,
            "partner": partner,
            "category_id": category_id,
            "wilayah_id": wilayah_id,
            "description": "Modal dan renovasi warung.",
            "lifts": ["C1"],
            "checked_on": ON,
            **fields,
        }
    )


def yes_of(household, *, on=ON, how=Consent.How.SPOKEN):
    """The family's yes, by its pengurus."""
    return Yes(consent_text_on(on, "rujukan"), household.pengurus_terms.get(to_on=None).member, how, on)


def step(referral, move, *, on=ON, note="Begitu kata mitra.", by=None, **values):
    """One move of the referral by the family's holder; with `ajukan` the family agrees on the same day."""
    by = by or referral.household.pendamping
    if move == "ajukan":
        values.setdefault("consent", yes_of(referral.household, on=on))
    return move_referral(
        referral, move, by=by, op_id=uuid7(), sent=move, today=on, happened_on=on, note=note, **values
    )


def make_referral(
    household,
    state="direncanakan",
    *,
    resource=None,
    on=ON,
    goal=None,
    need="Modal jualan",
    due_on=None,
    code="C1",
):
    """A referral in `state`, every move on the day `on`."""
    referral = plan_referral(
        household,
        by=household.pendamping,
        op_id=uuid7(),
        sent="",
        today=on,
        resource=resource or make_resource(wilayah_id=household.wilayah_id[:4] or KEBON_JAYANTI),
        need=need,
        due_on=due_on or on + timedelta(days=7),
        goal=goal,
        code=code,
    )
    for move in WAY[state]:
        step(referral, move, on=on, **({"due_on": due_on} if due_on else {}))
    referral.refresh_from_db()
    return referral


def make_for_walker(family, need, note, on):
    """(a referral that waits for its partner's answer, the secret of the link): `note` is kept with its move."""
    referral = make_referral(family, on=on, need=need)
    step(referral, "ajukan", on=on, note=note)
    return referral, make_secret(referral, on=on)


def make_secret(referral, *, on=ON):
    """The secret of a new link for the partner of `referral`."""
    return make_link(referral, by=referral.household.pendamping, op_id=uuid7(), sent="", today=on)
