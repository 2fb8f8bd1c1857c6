"""What a family receives: never more than the rules allow, by the tables of the day, and what ends within a year."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpm.benefits import (
    Claim,
    Tables,
    counted_on,
    ending_of,
    exits_within,
    outlook_of,
    paid_shares,
    part_of_stage,
    yearly_sum,
    years_after,
)
from kpm.models import BenefitRule, ComponentRate, PayStage
from tests.factories import HouseholdFactory, MemberComponentFactory, MemberFactory, UserFactory
from tests.queries import count_queries

DAY = date(2026, 11, 20)
CAPS = {"ibu_hamil": 2, "anak_usia_dini": 2, "disabilitas_berat": 1, "lansia": 1}
AMOUNTS = {
    "ibu_hamil": 3_000_000,
    "anak_usia_dini": 3_000_000,
    "sd": 900_000,
    "smp": 1_500_000,
    "sma": 2_000_000,
    "disabilitas_berat": 2_400_000,
    "lansia": 2_400_000,
    "korban_ham": 10_800_000,
}


def rate(code, yearly, *, since=date(2022, 1, 1), until=None, most=None):
    return ComponentRate(
        component_id=code, yearly=yearly, most_in_family=most, valid_from=since, valid_to=until, source="uji"
    )


def tables_of(rates, *, most_people=4):
    return Tables(
        rates=rates,
        rules=[BenefitRule(most_people=most_people, valid_from=date(2018, 1, 1))],
        stages=[PayStage(name="Tahap 4", first_month=10, last_month=12, valid_from=date(2018, 1, 1))],
        spans=[],
    )


TABLES = tables_of([rate(code, yearly, most=CAPS.get(code)) for code, yearly in AMOUNTS.items()])
claims_of_a_family = st.lists(
    st.builds(Claim, st.integers(1, 7), st.sampled_from(sorted(AMOUNTS))), max_size=9
)


def test_the_four_highest_amounts_are_paid():
    claims = [
        Claim(1, "sd"),
        Claim(2, "smp"),
        Claim(3, "sma"),
        Claim(4, "lansia"),
        Claim(5, "anak_usia_dini"),
    ]

    assert [share.claim.component for share in paid_shares(claims, TABLES, DAY)] == [
        "anak_usia_dini",
        "lansia",
        "sma",
        "smp",
    ]


def test_a_component_is_paid_as_often_as_its_rate_allows():
    claims = [Claim(person, "lansia") for person in (1, 2, 3)]

    assert yearly_sum(claims, TABLES, DAY) == 2_400_000


def test_somebody_who_counts_twice_makes_room_for_another():
    """Given first to person 1, the place of a lansia would leave person 2 with nothing."""
    claims = [Claim(1, "lansia"), Claim(1, "disabilitas_berat"), Claim(2, "lansia")]

    assert yearly_sum(claims, TABLES, DAY) == 4_800_000


@given(claims_of_a_family)
def test_never_more_than_four_people_nor_one_person_twice_nor_more_than_all_together(claims):
    shares = paid_shares(claims, TABLES, DAY)
    people = [share.claim.person for share in shares]

    assert len(people) == len(set(people)) <= 4
    assert {share.claim for share in shares} <= set(claims)
    assert yearly_sum(claims, TABLES, DAY) <= sum(AMOUNTS[claim.component] for claim in set(claims))
    for code, most in CAPS.items():
        assert sum(share.claim.component == code for share in shares) <= most


@given(claims_of_a_family)
def test_no_other_choice_is_worth_more(claims):
    claims = list(dict.fromkeys(claims))

    def allowed(chosen):
        codes = [claim.component for claim in chosen]
        return len({claim.person for claim in chosen}) == len(chosen) and all(
            codes.count(code) <= most for code, most in CAPS.items()
        )

    best = max(
        sum(AMOUNTS[claim.component] for claim in chosen)
        for size in range(5)
        for chosen in combinations(claims, size)
        if allowed(chosen)
    )
    assert yearly_sum(claims, TABLES, DAY) == best


@given(claims_of_a_family, st.builds(Claim, st.integers(1, 7), st.sampled_from(sorted(AMOUNTS))))
def test_one_more_claim_never_lowers_the_sum(claims, more):
    assert yearly_sum([*claims, more], TABLES, DAY) >= yearly_sum(claims, TABLES, DAY)


@given(st.integers(-400, 400))
def test_a_new_rate_counts_from_its_day_on(days):
    change = date(2026, 7, 1)
    tables = tables_of(
        [rate("sd", 900_000, until=change), rate("sd", 1_000_000, since=change)],
    )
    day = change + timedelta(days=days)

    assert yearly_sum([Claim(1, "sd")], tables, day) == (900_000 if days < 0 else 1_000_000)


def test_a_tahap_is_its_part_of_the_year():
    assert part_of_stage(2_000_000, TABLES.stage_on(DAY)) == 500_000
    assert part_of_stage(2_000_000, PayStage(first_month=1, last_month=2)) == 333_333
    assert TABLES.stage_on(date(2026, 9, 30)) is None


# --- with the master data -----------------------------------------------------------------------------------------


@pytest.fixture
def family(db):
    return HouseholdFactory()


def counts(family, code, born, **fields):
    member = MemberFactory(household=family, birth_date=born, name=fields.pop("name", "Rizki"))
    return MemberComponentFactory(member=member, component_id=code, **fields)


def test_a_pupil_who_grows_out_of_sd_changes_and_one_of_sma_leaves(family):
    counts(family, "sd", date(2014, 3, 1), name="Adik")
    counts(family, "sma", date(2005, 6, 1), name="Kakak")

    outlook = outlook_of(family, DAY)

    assert (outlook.yearly, outlook.per_stage) == (2_900_000, 725_000)
    told = [(e.ending.period.member.name, e.ending.on, e.ending.becomes, e.yearly) for e in outlook.events]
    assert told == [
        ("Adik", date(2027, 3, 1), "smp", 3_500_000),
        ("Kakak", date(2027, 6, 1), "", 1_500_000),
    ]
    assert [event.ending.period.member.name for event in outlook.exits] == ["Kakak"]
    assert outlook.last_exit is None


def test_a_pregnancy_ends_with_its_nifas_and_leaves_nothing_behind(family):
    counts(family, "ibu_hamil", date(1998, 1, 1), from_on=date(2026, 8, 1))

    outlook = outlook_of(family, DAY)

    assert [event.ending.on for event in outlook.exits] == [date(2026, 8, 1) + timedelta(days=322)]
    assert outlook.last_exit.yearly == 0


def test_a_component_past_its_age_is_to_be_looked_at(family):
    counts(family, "anak_usia_dini", date(2018, 1, 1))

    assert [ending.becomes for ending in outlook_of(family, DAY).overdue] == ["sd"]


def test_what_has_no_age_or_no_birth_date_has_no_end(family):
    counts(family, "lansia", date(1950, 1, 1))
    counts(family, "sma", None)

    outlook = outlook_of(family, DAY)

    assert (outlook.events, outlook.overdue) == ([], [])


def test_who_left_the_card_or_is_not_counted_any_more_receives_nothing(family):
    gone = counts(family, "sma", date(2009, 1, 1)).member
    gone.left_on = date(2026, 1, 1)
    gone.save()
    counts(family, "sd", date(2015, 1, 1), to_on=date(2026, 7, 1))

    assert outlook_of(family, DAY).yearly == 0


def test_a_written_end_that_comes_first_counts(family):
    counts(family, "sma", date(2005, 6, 1), to_on=date(2027, 1, 10))

    assert [event.ending.on for event in outlook_of(family, DAY).exits] == [date(2027, 1, 10)]


@pytest.mark.parametrize(
    "born", [date(2004, 2, 29), date(2004, 11, 21), date(2005, 11, 20), date(2004, 11, 20), None]
)
@pytest.mark.parametrize("code", ["sma", "sd", "ibu_hamil", "lansia"])
@pytest.mark.parametrize("to_on", [None, date(2027, 2, 1)])
def test_the_list_and_the_familys_page_say_the_same_day(born, code, to_on, family):
    period = counts(family, code, born, from_on=date(2026, 5, 1), to_on=to_on)
    tables = Tables()

    listed = list(exits_within(counted_on(DAY), tables, DAY))

    ending = ending_of(period, tables, DAY)
    due = ending and ending.is_exit and DAY < ending.on <= date(2027, 11, 20)
    assert [row.ends_on for row in listed] == ([ending.on] if due else [])


def test_a_birthday_of_a_leap_year_falls_on_the_28th_otherwise():
    assert years_after(date(2004, 2, 29), 22) == date(2026, 2, 28)
    assert years_after(date(2004, 2, 29), 24) == date(2028, 2, 29)


# --- the list -----------------------------------------------------------------------------------------------------

LIST = "/kpm/akan-berakhir/"


def ends_soon(family, name="Kakak", days=40):
    born = years_after(date.today(), -22) + timedelta(days=days)
    return counts(family, "sma", born, name=name, from_on=date(2023, 7, 1))


def test_the_list_names_who_ends_and_what_the_family_then_receives(client, family):
    ends_soon(family)
    counts(family, "sd", years_after(date.today(), -8))
    ends_soon(HouseholdFactory(), "Orang Lain")
    client.force_login(family.pendamping)

    page = client.get(LIST).content.decode()

    assert "Kakak" in page and family.name in page
    assert "Rp2.900.000" in page and "Rp900.000" in page
    assert "Orang Lain" not in page
    client.force_login(UserFactory(koordinator=True))
    assert "Orang Lain" in client.get(LIST).content.decode()
    client.force_login(UserFactory(kelurahan=True))
    assert client.get(LIST).status_code == 404


def test_an_empty_list_says_so(client, family):
    client.force_login(family.pendamping)

    assert "Tidak ada yang berakhir" in client.get(LIST).content.decode()


def test_the_list_takes_as_many_queries_for_fifty_as_for_one_and_goes_on(client, family):
    client.force_login(family.pendamping)

    def queries():
        with count_queries() as counted:
            assert client.get(LIST).status_code == 200
        return len(counted)

    ends_soon(family)
    few = queries()
    for number in range(55):
        ends_soon(HouseholdFactory(pendamping=family.pendamping), f"Kakak {number:02d}", days=30 + number)

    assert queries() == few <= 9
    page = client.get(LIST)
    assert len(page.context["rows"]) == 50
    more = client.get(page.context["page"].next_url, headers={"HX-Request": "true", "HX-Target": "exit-more"})
    assert len(more.context["rows"]) == 6
    assert "<html" not in more.content.decode()
