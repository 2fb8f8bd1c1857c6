"""What came of the benefit of a tahap, as a pendamping found it: one family, or a kelompok in one act."""

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from entries.months import open_month
from entries.operations import ChangedMeanwhile, locked, operation, version_of
from kpm.at_home import done_at_home
from kpm.models import Household, PaymentCheck, PaymentTrouble
from kpm.payments import PayTerm

State = PaymentCheck.State


@dataclass(frozen=True)
class Found:
    """What was found of one family: a PaymentCheck.State, with `trouble` where it is stuck.

    `look_again_on` may be left out: the trouble says after how many days. `amount` in rupiah.
    """

    state: str
    trouble: PaymentTrouble | None = None
    look_again_on: date | None = None
    paid_on: date | None = None
    amount: int | None = None
    note: str = ""


@operation(kind="kpm_penyaluran", title="Cek penyaluran bantuan", about=Household)
def check_payment(
    household: Household,
    *,
    by: User,
    term: PayTerm,
    checked_on: date,
    found: Found,
    version: str,
    at_home: bool = False,
) -> PaymentCheck:
    """Write down what was found of one family. `version` is what the person saw: version_of the latest check, "" when
    there was none. `at_home`: it was found during a home visit of that day.

    Raises ChangedMeanwhile, MonthLocked, OtherContent.
    """
    stored = locked(Household.objects, household.pk)
    open_month(stored.wilayah_id, checked_on)
    latest = PaymentCheck.objects.filter(household=stored).of_term(term).newest().first()
    if latest and version != version_of(latest):
        raise ChangedMeanwhile(latest)
    check = _keep(stored, term, checked_on, found, latest, by)
    if at_home:
        done_at_home(check, by=by, visited_on=checked_on)
    return check


@operation(kind="kpm_penyaluran_kelompok", title="Cek penyaluran satu kelompok")
def check_payments(
    term: PayTerm,
    *,
    by: User,
    checked_on: date,
    found: dict[Household, Found],
    seen: dict[Household, int | None],
) -> list[PaymentCheck]:
    """Write down what was found of many families in one transaction. `seen` has the id of the latest check that the
    person saw of each, None where there was none.

    Raises ChangedMeanwhile with {Household: PaymentCheck} of those that are others now, MonthLocked, OtherContent.
    """
    families = Household.objects.select_for_update(of=["self"], no_key=True).filter(
        pk__in=[household.pk for household in found]
    )
    by_id = {household.pk: household for household in families.order_by("pk")}
    for wilayah in sorted({household.wilayah_id for household in by_id.values()}):
        open_month(wilayah, checked_on)
    latest = PaymentCheck.objects.filter(household__in=by_id).of_term(term).newest()
    latest = {check.household_id: check for check in latest.select_related("trouble")}
    changed = {
        household: latest[household.pk]
        for household in found
        if household.pk in latest and latest[household.pk].pk != seen[household]
    }
    if changed:
        raise ChangedMeanwhile(changed)
    return [
        _keep(by_id[household.pk], term, checked_on, one, latest.get(household.pk), by)
        for household, one in found.items()
    ]


def _keep(household, term, checked_on, found, latest, by):
    """A row of its own; it holds from now on unless what is stored was found on a later day."""
    is_latest = latest is None or latest.checked_on <= checked_on
    if latest and is_latest:
        latest.is_latest = False
        latest.save(update_fields=["is_latest"])
    look_again_on = found.look_again_on
    if found.trouble and look_again_on is None:
        look_again_on = checked_on + timedelta(days=found.trouble.look_again_days)
    return PaymentCheck.objects.create(
        household=household,
        wilayah_id=household.wilayah_id,
        pendamping=by,
        year=term.year,
        stage=term.stage,
        checked_on=checked_on,
        state=found.state,
        trouble=found.trouble,
        look_again_on=look_again_on,
        paid_on=found.paid_on,
        amount=found.amount,
        note=found.note,
        is_latest=is_latest,
    )
