"""Figures of kasus against a query of their own, and what an officer of the kelurahan is told of them."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from kpm.operations import assign
from reports.figures import FIGURES, Lens
from reports.figures.declared.rhk import rhk_in
from reports.figures.queries import figure_page
from reports.figures.values import values_of
from tests.factories import HouseholdFactory, UserFactory
from tests.incidents import go, make_incident, note

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
MONTH, LAST = TODAY.replace(day=1), date(2026, 10, 5)
SLUGS = ("kasus-terbuka", "kasus-terlambat", "kasus-baru", "kasus-diputus")


def values(user, *slugs):
    return list(values_of(slugs, Lens(user, TODAY, MONTH)).values())


def counted():
    """The four figures of all that there is, in SQL of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH open AS (SELECT * FROM roles_incident WHERE state NOT IN ('selesai', 'ditutup'))"
            " SELECT (SELECT count(*) FROM open), (SELECT count(*) FROM open WHERE due_on < %s),"
            " (SELECT count(*) FROM roles_incident WHERE date_trunc('month', reported_on) = %s),"
            " (SELECT count(*) FROM roles_incident WHERE date_trunc('month', decided_on) = %s)",
            [TODAY, MONTH, MONTH],
        )
        return list(cursor.fetchone())


@pytest.fixture
def town():
    """Sri's families with a kasus in every state, and who looks at them."""
    sri, rina = UserFactory(), UserFactory(koordinator=True)
    families = [HouseholdFactory(pendamping=sri) for _ in range(7)]
    ways = {
        "terbuka": (LAST, ()),
        "ditangani": (MONTH, ("tangani",)),
        "menunggu": (TODAY - timedelta(days=2), ("tunggu",)),
        "diputus": (LAST, ("tangani",)),
        "banding": (MONTH, ("putuskan", "keberatan")),
        "selesai": (MONTH, ("putuskan", "selesai")),
        "ditutup": (LAST, ("tutup",)),
    }
    made = {
        state: make_incident(family, *moves, on=on, koordinator=rina)
        for family, (state, (on, moves)) in zip(families, ways.items(), strict=True)
    }
    go(made["diputus"], "putuskan", by=sri, on=TODAY)
    return {"sri": sri, "rina": rina, "officer": UserFactory(kelurahan=True), **made}


def test_kasus_are_what_a_query_of_its_own_counts(town):
    assert counted() == [5, 3, 4, 3]
    for who in ("sri", "rina", "officer"):
        assert values(town[who], *SLUGS) == counted(), who


def test_every_number_opens_its_rows(town):
    for slug in SLUGS:
        for who in ("sri", "rina", "officer"):
            rows, _ = figure_page(FIGURES[slug], Lens(town[who], TODAY, MONTH))
            assert [len(rows)] == values(town[who], slug)
    (row, *_), _ = figure_page(FIGURES["kasus-terbuka"], Lens(town["sri"], TODAY, MONTH))
    assert FIGURES["kasus-terbuka"].source.shown.opens(row) == town["terbuka"].get_absolute_url()


def test_after_a_handover_open_ones_go_with_the_family_and_what_was_written_down_stays(town):
    budi = UserFactory()
    assign(town["terbuka"].household, to=budi, by=town["rina"], on=TODAY)
    assign(town["ditangani"].household, to=budi, by=town["rina"], on=TODAY)

    assert values(budi, *SLUGS) == [2, 2, 0, 0]
    assert values(town["sri"], *SLUGS) == [3, 1, 4, 3]


def test_an_officer_reads_number_and_state_and_neither_the_sort_nor_a_note(town, client):
    incident = make_incident(town["terbuka"].household, kind="kekerasan", on=TODAY, what="KENARI-isi")
    note(incident, "KENARI-rahasia")
    client.force_login(town["officer"])
    for slug in SLUGS:
        page = client.get(reverse("reports:figure_rows", args=[slug])).content.decode()
        assert "Kekerasan" not in page and "KENARI" not in page
    page = client.get(reverse("reports:figure_rows", args=["kasus-terbuka"])).content.decode()
    assert incident.household.case_number in page and "Terbuka" in page


def test_the_rhk_that_asks_for_kasus_counts_them():
    (result,) = [one for one in rhk_in(MONTH).results if one.number == 6]
    assert result.counted == ["kasus-baru", "kasus-diputus"]
