"""What fits a family, in which order, and what became of earlier referrals there."""

from datetime import date, timedelta

import pytest

from resources.matches import matches_by_code, matches_for
from resources.results import Results, results_by
from tests.factories import HouseholdFactory, UserFactory, assess, make_goal
from tests.queries import count_queries
from tests.referrals import ON, make_referral, make_resource, step

DAY = date(2026, 11, 20)


@pytest.fixture
def family(db):
    return HouseholdFactory(desil=2)


def names(matches):
    return [match.resource.name for match in matches]


def test_what_fits_comes_first_then_what_is_open_fresh_near_and_has_helped(family):
    point = {"latitude": family.wilayah.latitude, "longitude": family.wilayah.longitude}
    near = {**point, "latitude": float(point["latitude"]) + 0.01}
    make_resource("G tidak cocok", desil_to=1)
    make_resource("F tanya", requirements="Surat RT")
    make_resource("E tutup", closes_on=DAY - timedelta(days=1))
    make_resource("D lama", checked_on=DAY - timedelta(days=91))
    make_resource("C jauh tidak tahu")
    make_resource("B dekat", **near)
    make_resource("A paling dekat", **point)
    make_resource("Lain kota", wilayah_id="3271")
    make_resource("Sudah tidak ada", ended_on=DAY)
    make_resource("Untuk hal lain", lifts=["B2"])

    matches = matches_for(family, DAY, ["C1"])

    assert [name[0] for name in names(matches)] == list("ABCDEFG")
    assert [match.verdict for match in matches][-2:] == ["belum_tahu", "tidak"]
    assert matches[0].km == pytest.approx(0, abs=0.01)
    assert matches[1].km == pytest.approx(1.1, abs=0.1)
    assert matches[4].closed == "sudah tutup 19 Nov 2026"


def test_past_results_decide_between_equals_and_are_shown(family):
    make_resource("Belum pernah")
    helped = make_resource("Pernah menolong")
    make_referral(HouseholdFactory(), "selesai", resource=helped)

    first, second = matches_for(family, DAY, ["C1"])

    assert first.resource == helped
    assert first.results == Results(sent=1, answered=1, accepted=1, finished=1, median_days=0)
    assert second.results == Results()


@pytest.mark.parametrize(
    ("stage", "asked", "expected"),
    [
        (None, 6, "belum_tahu"),
        (1, 6, "tidak"),
        (2, 6, "tidak"),
        (3, 6, "terpenuhi"),
        (3, 12, "belum_tahu"),
        (4, 12, "terpenuhi"),
    ],
)
def test_the_age_of_the_business_is_read_from_its_stage(family, stage, asked, expected):
    if stage:
        assess(family, {"C1": stage}, on=ON)
    make_resource(business_months=asked)

    assert matches_for(family, DAY)[0].verdict == expected


def test_age_and_sex_of_members_who_are_there_count(family):
    resource = make_resource(age_from=30, age_to=50, women_only=True)
    assert matches_for(family, DAY)[0].verdict == "terpenuhi"
    family.members.update(left_on=DAY)
    assert matches_for(family, DAY)[0].verdict == "tidak"
    assert matches_for(family, DAY)[0].resource == resource


def test_a_referral_under_way_is_shown_with_its_resource(family):
    referral = make_referral(family, "diajukan")
    assert matches_for(family, DAY)[0].referral == referral
    step(referral, "batalkan")
    assert matches_for(family, DAY)[0].referral is None


def test_results_by_partner_with_the_median_of_the_days(db):
    resource = make_resource()
    for days, answer in ((1, "terima"), (4, "tolak"), (9, "terima")):
        referral = make_referral(HouseholdFactory(), "diajukan", resource=resource)
        step(referral, answer, on=ON + timedelta(days=days))
    make_referral(HouseholdFactory(), "diajukan", resource=resource)
    make_referral(HouseholdFactory(), resource=resource)

    results = results_by("partner", [resource.partner_id, 0])

    assert results == {
        resource.partner_id: Results(sent=4, answered=3, accepted=2, finished=0, median_days=4)
    }


def test_the_number_of_queries_does_not_grow(family):
    def ask():
        with count_queries() as queries:
            matches_by_code(family, DAY, ["C1", "B2"])
        return len(queries)

    family.wilayah  # as a page has it  # noqa: B018
    make_resource()
    few = ask()
    for number in range(5):
        make_referral(
            HouseholdFactory(), "selesai", resource=make_resource(f"Lain {number}", lifts=["C1", "B2"])
        )
    assert ask() == few == 5
    assert list(matches_by_code(family, DAY, ["B2", "C1", "A1"])) == ["B2", "C1"]


def test_an_area_without_resources_asks_no_further(family):
    family.wilayah  # as a page has it  # noqa: B018
    with count_queries() as queries:
        assert matches_for(family, DAY) == []
    assert len(queries) == 1


def test_pages_of_the_family_offer_what_fits(client, family):
    assess(family, {"C1": 1, "B2": 4}, on=ON)
    goal = make_goal(family, "C1")
    resource = make_resource()
    client.force_login(family.pendamping)

    for page in (goal.get_absolute_url(), f"{family.get_absolute_url()}kemandirian/"):
        text = client.get(page).content.decode()
        assert resource.name in text
        assert f"sumber={resource.pk}" in text
    client.force_login(UserFactory(koordinator=True))
    text = client.get(goal.get_absolute_url()).content.decode()
    assert resource.name in text
    assert "sumber=" not in text
