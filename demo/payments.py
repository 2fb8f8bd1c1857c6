"""How the benefit came in: the tahap before is told of every family, this one as far as its weeks have gone."""

from datetime import timedelta
from itertools import groupby

from kpm.models import Household, PaymentCheck, PaymentTrouble
from kpm.payments import terms_back

from .copying import store

State = PaymentCheck.State
ROUND = 20  # days that a pendamping takes to ask all families
STUCK_EVERY = 90  # of so many families one is stuck
TROUBLES = ("kks-hilang", "rekening-pasif", "saldo-nol", "pin-terblokir")
NOTES = {"kks-hilang": "Surat kehilangan sudah diurus, menunggu kartu pengganti."}


def fill_payments(today, workers):
    """Store what each of the `workers` found of their families by `today`."""
    troubles = PaymentTrouble.objects.in_bulk(TROUBLES)
    families = Household.objects.filter(pendamping__in=workers).active().order_by("pendamping", "pk")
    checks = []
    for _, own in groupby(families, key=lambda family: family.pendamping_id):
        own = list(own)
        for term, is_over in zip(terms_back(today, 2), (False, True), strict=True):
            checks += _checks_of(own, term, today, troubles, is_over=is_over)
    store(PaymentCheck, checks)


def _checks_of(families, term, today, troubles, *, is_over):
    """The checks about one tahap: of all families when it is over, else of those whose turn has come since it began."""
    gone = (today - term.first_on).days
    for number, family in enumerate(families):
        last = term.last_on if is_over else today
        day = last - timedelta(days=number % ROUND)
        if day < max(term.first_on, family.joined_on) or (not is_over and number % 100 > gone):
            continue
        state = State.PAID
        if number % STUCK_EVERY == 3:
            state = State.TROUBLE
        elif not is_over and number % 9 == 4:
            state = State.NOT_YET
        trouble = (
            troubles[TROUBLES[number // STUCK_EVERY % len(TROUBLES)]] if state == State.TROUBLE else None
        )
        yield PaymentCheck(
            household=family,
            wilayah_id=family.wilayah_id,
            pendamping_id=family.pendamping_id,
            year=term.year,
            stage=term.stage,
            checked_on=day,
            state=state,
            trouble=trouble,
            look_again_on=day + timedelta(days=trouble.look_again_days) if trouble else None,
            paid_on=day - timedelta(days=number % 5)
            if state == State.PAID and number % 5 <= (day - term.first_on).days
            else None,
            note=NOTES.get(trouble.pk, "") if trouble else "",
        )
