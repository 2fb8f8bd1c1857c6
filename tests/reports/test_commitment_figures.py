"""Figures of commitments against a query of their own."""

from datetime import date

import pytest
from django.db import connection

from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.queries import figure_page
from reports.figures.values import values_of
from roles.commitments.people import Bound
from roles.commitments.rules import rule_for
from roles.commitments.told import Told
from roles.operations.commitment import record_commitments
from tests.factories import HouseholdFactory, MemberFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
MONTH = TODAY.replace(day=1)


def values(user, *slugs):
    return list(values_of(slugs, Lens(user, TODAY, MONTH)).values())


def test_commitments_are_what_a_query_of_its_own_counts():
    sri, rina = UserFactory(), UserFactory(koordinator=True)
    school = (("Rina", 3, MONTH), ("Tono", 4, MONTH), ("Rina", 1, date(2026, 10, 1)))
    family = HouseholdFactory(pendamping=sri)
    children = {name: MemberFactory(household=family, name=name) for name in ("Rina", "Tono")}
    for name, away, month in school:
        child = children[name]
        bound = Bound(child, family, rule_for("sd", None, month), "SDN 1", date(2024, 1, 1))
        told = Told(bound, month, effective=20, absent=away, leave=0, ill=0)
        said = {"month": month, "category": "pendidikan", "place": "SDN 1", "today": TODAY}
        record_commitments([told], by=sri, op_id=uuid7(), **said)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE 100.0 * (effective_days - absent - leave - ill)"
            " / effective_days >= 85) FROM roles_commitment WHERE month = %s",
            [MONTH],
        )
        told, kept = cursor.fetchone()
    slugs = ("komitmen-dinilai", "komitmen-terpenuhi", "komitmen-belum")
    assert values(sri, *slugs) == values(rina, *slugs) == [told, kept, told - kept] == [2, 1, 1]
    assert values(sri, "rhk-3", "kegiatan") == [2, 2]  # two of the same class on one day are one verification
    (row,), _ = figure_page(FIGURES["komitmen-belum"], Lens(sri, TODAY, MONTH))
    assert row["number"] == family.case_number
