"""Whatever happens to a month, in whatever order: dashboard, recap, report, export and the rows say one number, and of a
locked kelurahan the number of its lock.
"""

from datetime import date

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from entries.models import Period
from entries.months import open_month
from kpm.models import Household
from kpm.operations import assign
from reports.figures import FIGURES, Lens
from reports.figures.declared.rhk import rhk_in
from reports.figures.queries import figure_page
from reports.figures.rollups import fill_month
from reports.figures.values import by_area, by_pendamping, values_by, values_of
from reports.files.lists import wanted
from reports.files.recap import tables_of
from reports.models import LateEntry, MonthLock, MonthlyReport
from reports.monthly.frozen import FROZEN_FIGURES, is_genuine, values_in
from reports.monthly.report import values_for
from tests.factories import (
    KEBON_JAYANTI,
    KIARACONDONG,
    SUKAPURA,
    ActivityFactory,
    HouseholdFactory,
    UserFactory,
)
from tests.monthly import OCTOBER, TODAY, hold_late, let_in, lock, reopen, write_report

AREAS = (KEBON_JAYANTI, SUKAPURA)
TOLD = ("kegiatan", "kunjungan", "kpm-dikunjungi", "rhk-3", "kpm-akhir-bulan", "akhir-bulan-belum-60")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ("visit", "visit", "visit", "lock", "late", "late", "reopen", "hand", "move", "count")
        ),
        st.integers(0, 3),
        st.integers(1, 31),
    ),
    min_size=3,
    max_size=9,
)


class World:
    def __init__(self):
        self.rina = UserFactory(koordinator=True, wilayah_id=KIARACONDONG)
        self.workers = [UserFactory(wilayah_id=area) for area in AREAS]
        self.families = [
            HouseholdFactory(pendamping=worker, wilayah_id=worker.wilayah_id)
            for worker in self.workers
            for _ in range(2)
        ]
        self.reports = [
            write_report(worker, "ajukan", "setujui", koordinator=self.rina) for worker in self.workers
        ]
        self.kept = {}

    def is_locked(self, area):
        return Period.objects.filter(wilayah=area, month=OCTOBER, state="terkunci").exists()

    def family(self, number):
        return Household.objects.get(pk=self.families[number].pk)

    def do(self, what, number, day):
        family, area, on = self.family(number), AREAS[number % 2], date(2026, 10, day)
        if what == "visit" and not self.is_locked(family.wilayah_id):
            open_month(family.wilayah_id, on)  # as whoever writes does, so that a roll-up knows
            ActivityFactory(pendamping=family.pendamping, families=[family], occurred_on=on)
        elif what == "late" and self.is_locked(family.wilayah_id):
            let_in(hold_late(family, on=on), self.rina)
        elif what == "lock" and not self.is_locked(area):
            self.kept[area] = values_in(lock(self.rina, area).totals)
        elif what == "reopen" and self.is_locked(area):
            reopen(self.rina, area)
            del self.kept[area]
        elif what == "hand":
            assign(family, to=self.workers[day % 2], by=self.rina, on=TODAY)
        elif what == "move":
            Household.objects.filter(pk=family.pk).update(wilayah_id=area)
        elif what == "count":
            fill_month(OCTOBER)

    def lens(self, user=None, **fields):
        return Lens(user or self.rina, TODAY, OCTOBER, **fields)


def in_sql(area):
    """Visits met and families met of a kelurahan whose month is open, by its rows alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT household_id) FROM roles_activityhousehold WHERE is_visit AND met"
            " AND occurred_on BETWEEN '2026-10-01' AND '2026-10-31' AND wilayah_id = %s",
            [area],
        )
        return cursor.fetchone()


def opened(slug, lens):
    rows, cursor = figure_page(FIGURES[slug], lens)
    assert not cursor
    return rows


def check(world):
    by_place = values_by(FROZEN_FIGURES, world.lens(), by_area(10))
    by_person = values_by(FROZEN_FIGURES, world.lens(), by_pendamping)
    for area in AREAS:
        here = world.lens(area=area)
        values = values_of([*FROZEN_FIGURES, "susulan"], here)
        if kept := world.kept.get(area):
            assert {slug: values[slug] for slug in kept} == kept
        else:
            assert (values["kunjungan"], values["kpm-dikunjungi"]) == in_sql(area)
            assert values["susulan"] == 0
        nothing = dict.fromkeys(FROZEN_FIGURES, 0)
        assert by_place.get(area, nothing) == {slug: values[slug] for slug in FROZEN_FIGURES}
        summary = next(table for table in tables_of(here) if table.slug == "ringkasan")
        recap = {row[0]: row[1] for row in summary.rows}
        query = QueryDict(f"bulan=2026-10&wilayah={area}")
        for slug in (*TOLD, "susulan"):
            assert values[slug] == recap[FIGURES[slug].name] == len(opened(slug, here)), slug
            assert values[slug] == wanted(f"angka/{slug}", query, user=world.rina, today=TODAY).rows.count()
    for worker, report in zip(world.workers, world.reports, strict=True):
        told = values_for(MonthlyReport.objects.get(pk=report.pk))
        alone = values_of(FROZEN_FIGURES, world.lens(area=worker.wilayah_id, pendamping_id=worker.pk))
        assert {slug: told[slug] for slug in FROZEN_FIGURES} == alone
        everywhere = values_of(FROZEN_FIGURES, world.lens(pendamping_id=worker.pk))
        assert by_person.get(worker.pk, dict.fromkeys(FROZEN_FIGURES, 0)) == everywhere
    late = LateEntry.objects.still_late().count()
    assert values_of(["susulan"], world.lens()) == {"susulan": late}
    assert all(is_genuine(version) for version in MonthLock.objects.all())


@pytest.fixture
def world(db):
    return World()


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(acts=ACTS)
def test_every_history_tells_one_number(world, acts):
    rhk_in(OCTOBER)
    with transaction.atomic():
        world.kept = {}
        for act in [*acts, ("lock", 0, 1), ("late", 0, 2)]:
            world.do(*act)
        check(world)
        transaction.set_rollback(True)
