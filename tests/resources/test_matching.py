"""Requirements one by one, on plain facts: met, not met, not known."""

import pytest

from resources.matching import (
    MET,
    NOT_MET,
    UNKNOWN,
    Facts,
    MatchedPerson,
    RequirementCheck,
    check_all,
    verdict,
)
from resources.models import Resource
from wilayah.models import Wilayah

CITY = Wilayah(code="3273", name="Kota Bandung", level=2)
HERE = "3273161002"


def resource(**asked):
    return Resource(**{"name": "Pelatihan", "wilayah": CITY, "residents_only": False, **asked})


def facts(*people, **known):
    return Facts(
        **{"people": tuple(MatchedPerson(age, sex == "P") for age, sex in people), "wilayah": HERE, **known}
    )


def state_of(asked, known):
    (check,) = check_all(asked, known)
    return check.state


def test_what_asks_nothing_has_nothing_to_check_and_is_met():
    checks = check_all(resource(), facts())

    assert checks == []
    assert verdict(checks) == MET


@pytest.mark.parametrize(("home", "state"), [(HERE, MET), ("3204011001", NOT_MET)])
def test_a_resident_lives_in_the_area_served(home, state):
    (check,) = check_all(resource(residents_only=True), facts(wilayah=home))

    assert check == RequirementCheck("Warga Kota Bandung", state)


@pytest.mark.parametrize(
    ("people", "state"),
    [
        ([(18, "L")], MET),
        ([(35, "P")], MET),
        ([(17, "L"), (36, "P")], NOT_MET),
        ([(17, "L"), (None, "P")], UNKNOWN),
        ([(20, "L"), (None, "P")], MET),
        ([], NOT_MET),
    ],
)
def test_age_is_asked_of_any_member(people, state):
    assert state_of(resource(age_from=18, age_to=35), facts(*people)) == state


def test_age_may_be_open_on_either_side():
    assert state_of(resource(age_from=18), facts((90, "L"))) == MET
    assert state_of(resource(age_to=5), facts((0, "L"))) == MET
    assert state_of(resource(age_to=5), facts((6, "L"))) == NOT_MET


def test_age_and_sex_are_asked_of_one_and_the_same_person():
    asked = resource(age_from=18, age_to=60, women_only=True)

    assert state_of(asked, facts((40, "L"), (12, "P"))) == NOT_MET
    assert state_of(asked, facts((12, "L"), (40, "P"))) == MET
    assert state_of(resource(women_only=True), facts((None, "P"))) == MET


@pytest.mark.parametrize(("desil", "state"), [(1, MET), (4, MET), (5, NOT_MET), (None, UNKNOWN)])
def test_desil(desil, state):
    assert state_of(resource(desil_to=4), facts(desil=desil)) == state


@pytest.mark.parametrize(
    ("months", "state"),
    [
        (None, UNKNOWN),
        ((0, 0), NOT_MET),
        ((0, 5), NOT_MET),
        ((6, None), MET),
        ((0, 6), UNKNOWN),
        ((3, None), UNKNOWN),
    ],
)
def test_how_long_a_business_runs(months, state):
    assert state_of(resource(business_months=6), facts(business_months=months)) == state


def test_papers_are_never_known_and_one_missing_requirement_decides():
    checks = check_all(resource(requirements="KTP dan surat RW", desil_to=4), facts(desil=2))
    assert [(check.words, check.state) for check in checks] == [
        ("Desil 1 sampai 4", MET),
        ("KTP dan surat RW", UNKNOWN),
    ]
    assert verdict(checks) == UNKNOWN

    assert verdict(check_all(resource(requirements="KTP", desil_to=4), facts(desil=9))) == NOT_MET
