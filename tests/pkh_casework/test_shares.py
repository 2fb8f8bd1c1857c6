from hypothesis import given
from hypothesis import strategies as st

from pkh_casework.shares import shares
from pkh_casework.templatetags.charts import chart_role_mix


@given(st.lists(st.integers(0, 10**6), max_size=12), st.integers(0, 2))
def test_shares_add_up_and_none_is_a_step_off(numbers, places):
    found, steps = shares(numbers, places), 100 * 10**places
    assert sum(round(share * steps) for share in found) == (steps if sum(numbers) else 0)
    for number, share in zip(numbers, found, strict=True):
        assert not sum(numbers) or abs(share - number / sum(numbers)) < 1 / steps
        assert number or not share


def test_thirds_are_34_33_33():
    assert shares([1, 1, 1]) == [0.34, 0.33, 0.33]


def test_a_chart_of_a_whole_adds_up_to_100():
    rows = chart_role_mix({"fasilitasi": 1, "edukasi": 1, "representasi": 1})["rows"]
    assert sum(int(row["share"].rstrip("%")) for row in rows) == 100
