"""Months side by side: each as large as the figure of that month, from the rows and from the roll-up alike."""

from dataclasses import replace

import pytest

from entries.models import LateWrite
from pkh_casework.days import months_after
from reports.figures import Lens
from reports.figures.rollups import counting, fill_month
from reports.figures.trend import trend_of
from reports.figures.values import values_of
from reports.figures.views.dashboard import TREND
from tests.factories import KEBON_JAYANTI
from tests.queries import count_queries

SLUGS = (*TREND, "kunjungan", "naik", "rujukan-lama-jawab", "pelatihan-hadir")


def months_to(month):
    return [months_after(month, -back) for back in range(12, -1, -1)]


def lenses(town):
    for name in ("ani", "officer", "kota"):
        yield Lens(vars(town.users)[name], town.today, town.month)
    yield Lens(town.users.officer, town.today, town.month, rw=5)
    yield Lens(town.users.kota, town.today, town.month, area=KEBON_JAYANTI)
    yield Lens(town.users.camat, town.today, town.month, pendamping_id=town.users.ani.pk)


@pytest.mark.parametrize("rolled_up", ["not", "all", "late"])
def test_each_month_is_as_large_as_its_figure(busy_town, rolled_up):
    town = busy_town
    if rolled_up != "not":
        fill_month(town.last_month)
    if rolled_up == "late":
        LateWrite.objects.create(month=town.last_month, wilayah_id=KEBON_JAYANTI)
    for lens in lenses(town):
        months = months_to(lens.month)
        told = trend_of(SLUGS, lens, months)
        for index, month in enumerate(months[-3:], start=10):
            values = values_of(SLUGS, replace(lens, month=month))
            assert {slug: told[slug][index] for slug in SLUGS} == values, (lens, month)
        assert not any(told["kegiatan"][:10])


def test_a_trend_needs_one_query_for_all_that_is_counted(busy_town):
    lens = Lens(busy_town.users.kota, busy_town.today, busy_town.month)
    counting()  # the master data behind it is asked for once a minute
    with count_queries() as queries:
        trend_of(TREND, lens, months_to(lens.month))
    # What the roll-up holds (two to find out), what it may hold and what it never does.
    assert len(queries) == 4
