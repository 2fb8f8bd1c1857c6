"""A month, a tahap, a year: flows add up, how things stand is told of the end, and every number opens its rows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from entries.models import Period
from kpm.models import Household
from pkh_casework.days import months_after
from reports.figures import FIGURES, Lens, queries
from reports.figures.changes import FLOWS, NOW, changes
from reports.figures.declared.locked import lock_state
from reports.figures.periods import TERM, YEAR, before, choices, is_running, name_of, over
from reports.figures.rollups import fill_month
from reports.figures.values import by_area, by_pendamping, values_by, values_of
from tests.factories import KEBON_JAYANTI
from tests.monthly import lock

from .test_figures import check
from .test_locked_figures import Village

ADDED = [slug for slug, figure in FIGURES.items() if figure.source.period.kept and not figure.once_per_family]


def lens_on(today, month=None, period="", user=None):
    return over(Lens(user, today, (month or today).replace(day=1)), period)


@pytest.mark.parametrize(
    ("month", "period", "first", "last", "name"),
    [
        (date(2026, 8, 1), "", date(2026, 8, 1), date(2026, 8, 1), "Agustus 2026"),
        (date(2026, 8, 1), TERM, date(2026, 7, 1), date(2026, 9, 1), "Tahap 3 2026"),
        (date(2026, 11, 1), TERM, date(2026, 10, 1), date(2026, 11, 1), "Tahap 4 2026"),
        (date(2026, 2, 1), YEAR, date(2026, 1, 1), date(2026, 11, 1), "tahun 2026"),
        (date(2025, 2, 1), YEAR, date(2025, 1, 1), date(2025, 12, 1), "tahun 2025"),
        (date(2016, 2, 1), TERM, date(2016, 2, 1), date(2016, 2, 1), "Februari 2016"),  # before any tahap
        (date(2026, 8, 1), "minggu", date(2026, 8, 1), date(2026, 8, 1), "Agustus 2026"),
    ],
)
def test_a_period_holds_its_month_and_ends_today_at_the_latest(db, month, period, first, last, name):
    lens = lens_on(date(2026, 11, 18), month, period)
    assert (lens.months[0], lens.month, name_of(lens)) == (first, last, name)
    assert is_running(lens) == (last == date(2026, 11, 1))
    assert lens.month in [one for one, _ in choices(lens)] or not lens.period


@pytest.mark.parametrize(
    ("period", "month", "first", "last", "until"),
    [
        ("", date(2026, 11, 1), date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 18)),
        ("", date(2026, 3, 1), date(2026, 2, 1), date(2026, 2, 1), None),
        (TERM, date(2026, 11, 1), date(2026, 7, 1), date(2026, 8, 1), date(2026, 8, 18)),
        (TERM, date(2026, 9, 1), date(2026, 4, 1), date(2026, 6, 1), None),
        (YEAR, date(2026, 11, 1), date(2025, 1, 1), date(2025, 11, 1), date(2025, 11, 18)),
        (YEAR, date(2025, 5, 1), date(2024, 1, 1), date(2024, 12, 1), None),
    ],
)
def test_what_runs_is_compared_with_as_many_days_before(db, period, month, first, last, until):
    earlier = before(lens_on(date(2026, 11, 18), month, period))
    assert (earlier.months[0], earlier.month, earlier.until) == (first, last, until)


@pytest.mark.parametrize("name", ["ani", "officer", "kota"])
@pytest.mark.parametrize("period", [TERM, YEAR])
def test_every_figure_of_a_period_is_what_its_list_tells(busy_town, monkeypatch, name, period):
    monkeypatch.setattr(queries, "PAGE", 30)
    town = busy_town
    lens = replace(lens_on(town.today, town.last_month, period, vars(town.users)[name]), indicator="A1")
    cut = over(lens, period, town.last_month + timedelta(days=3))
    for one in (lens, cut):
        for slug, value in values_of(FIGURES, one).items():
            check(slug, value, one)


def test_what_happened_adds_up_and_what_stands_does_not(busy_town):
    town = busy_town
    again = Household.objects.get(case_number="PKH-00001")  # was visited this month too
    town.activity(town.users.ani, again, on=town.last_month)
    lens = lens_on(town.today, period=YEAR, user=town.users.camat)
    months = [replace(lens, month=month, span=1, period="") for month in lens.months]
    whole, each = values_of(FIGURES, lens), [values_of(FIGURES, month) for month in months]
    for slug in (*ADDED, "asesmen", "rujukan", "tujuan-tercapai", "laporan"):
        assert whole[slug] == sum(month[slug] for month in each), slug
    # A family that was visited in two months is one family of the year.
    assert whole["kpm-dikunjungi"] == sum(month["kpm-dikunjungi"] for month in each) - 1
    for slug in ("kpm-akhir-bulan", "akhir-bulan-belum-90", "wajib-lapor", "rujukan-terbuka"):
        assert whole[slug] == each[-1][slug], slug


def test_a_table_over_a_period_is_the_sum_of_its_rows(busy_town):
    lens = lens_on(busy_town.today, period=TERM, user=busy_town.users.kota)
    whole = values_of(["kunjungan", "kegiatan"], lens)
    for dimension in (by_area(6), by_pendamping):
        parts = values_by(["kunjungan", "kegiatan"], lens, dimension).values()
        assert {slug: sum(part[slug] for part in parts) for slug in whole} == whole


def test_months_that_the_roll_up_holds_are_added_as_their_rows_are(busy_town):
    town = busy_town
    lens = lens_on(town.today, period=YEAR, user=town.users.camat)
    counted = values_of(ADDED, lens)
    for month in lens.months[:-1]:
        fill_month(month)
    assert values_of(ADDED, lens) == counted
    assert any(counted.values())


def test_a_period_says_which_of_its_months_are_locked(village_of_two_months):
    lens = village_of_two_months
    assert lock_state(lens).words == (
        "Terkunci: Oktober 2026. Belum dikunci, masih dapat berubah: November 2026."
    )
    assert lock_state(lens).locked == 1


@pytest.fixture
def village_of_two_months(db):
    village = Village()
    lock(village.rina, KEBON_JAYANTI)
    Period.objects.get_or_create(month=date(2026, 11, 1), wilayah_id=KEBON_JAYANTI)
    return over(replace(village.lens(village.officer), month=date(2026, 11, 1)), TERM)


def test_a_change_tells_both_numbers_and_the_way(busy_town):
    town = busy_town
    lens = lens_on(town.today, user=town.users.camat)
    values = values_of([*FLOWS, NOW], lens)
    told = dict(changes(lens, values))
    assert set(told) == {NOW, *FLOWS}
    for slug, rows in told.items():
        for row in rows:
            assert row.value == values_of([slug], row.lens)[slug], slug
            assert row.was == values_of([row.earlier_slug], row.earlier)[row.earlier_slug], slug
            assert row.sign == ("=" if row.value == row.was else "▲" if row.value > row.was else "▼")
            assert (row.is_better is None) == (row.value == row.was)
    month = told["kunjungan"][0]
    assert month.earlier.month == months_after(lens.month, -1)
    more_unvisited = replace(told[NOW][0], value=5, was=3)
    assert not more_unvisited.is_better and more_unvisited.words == "lebih banyak dari"
