"""A family's yes: the words that hold on a day, and writing down that they were agreed to."""

from dataclasses import dataclass
from datetime import date

from accounts.models import User
from kpm.models import Consent, ConsentText, Household, Member
from pkh_casework.ids import uuid7


@dataclass(frozen=True)
class Yes:
    """What a family agreed to: in which words, who said so, how, and on which day."""

    text: ConsentText
    given_by: Member
    how: str
    given_on: date


def consent_text_on(day: date, purpose: str) -> ConsentText:
    """The words read to a family for `purpose` (a ConsentText.Purpose), as they are in force on `day`."""
    return ConsentText.objects.valid_on(day).filter(purpose=purpose).order_by("-version")[0]


def keep_consent(household: Household, yes: Yes, *, by: User) -> Consent:
    """Store the family's yes, in the transaction of what it allows."""
    return Consent.objects.create(
        op_id=uuid7(),
        household=household,
        wilayah_id=household.wilayah_id,
        text=yes.text,
        given_by=yes.given_by,
        how=yes.how,
        given_on=yes.given_on,
        taken_by=by,
    )
