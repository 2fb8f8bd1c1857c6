"""A locked month has one number, whatever happens to its rows afterwards, and it opens what the lock keeps."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from pkh_casework import dated
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.declared.locked import lock_state
from reports.figures.declared.rhk import rhk_in
from reports.figures.queries import figure_page
from reports.figures.rollups import fill_month
from reports.figures.trend import trend_of
from reports.figures.values import by_area, by_pendamping, by_rw, by_sub_role, values_by, values_of
from reports.files.lists import wanted
from reports.files.recap import tables_of
from reports.models import LateEntry, MonthLock, RHKRule
from reports.monthly.frozen import FROZEN_FIGURES, is_genuine
from reports.monthly.report import activities_of, told_late, values_for
from reports.monthly.report_paper import paper_of
from roles.models import Activity, GroupSession
from roster.operations import merge
from tests.factories import (
    KEBON_JAYANTI,
    KIARACONDONG,
    SUKAPURA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    hold,
    plan_session,
)
from tests.monthly import NOVEMBER, OCTOBER, TODAY, hold_late, let_in, lock, period_of, reopen, write_report

pytestmark = pytest.mark.django_db
VISITS_IN_SQL = """
    SELECT count(*), count(DISTINCT household_id) FROM roles_activityhousehold
    WHERE is_visit AND met AND occurred_on >= '2026-10-01' AND occurred_on < '2026-11-01' AND wilayah_id LIKE %s
"""


class Village:
    """Sri of Kebon Jayanti and Citra of Sukapura, with October's visits and one P2K2 each, a plan of Sri's not held."""

    def __init__(self):
        self.rina = UserFactory(koordinator=True, wilayah_id=KIARACONDONG)
        self.officer = UserFactory(duty="kelurahan", wilayah_id=KEBON_JAYANTI)
        self.sri, self.citra = UserFactory(), UserFactory(wilayah_id=SUKAPURA)
        self.families = {}
        for worker in (self.sri, self.citra):
            group = GroupFactory(pendamping=worker, wilayah_id=worker.wilayah_id)
            mine = [
                HouseholdFactory(pendamping=worker, group=group, wilayah_id=worker.wilayah_id, rw=rw)
                for rw in (3, 3, 4)
            ]
            self.families[worker] = mine
            for day, family in ((5, mine[0]), (6, mine[0]), (7, mine[1])):
                self.visit(worker, family, day)
            attendance = dict(zip(mine, ("hadir", "hadir", "izin"), strict=True))
            hold(plan_session(group, on=date(2026, 10, 20)), attendance)
            self.plan = plan_session(group, "ekonomi-2", on=date(2026, 10, 27))
        # A family of Sukapura was visited in both kelurahan: in the kecamatan it counts once.
        self.moved = self.families[self.citra][0]
        self.visit(self.sri, self.moved, 9, area=KEBON_JAYANTI)

    def visit(self, worker, family, day, area=None):
        made = ActivityFactory(
            pendamping=worker,
            families=[family],
            occurred_on=date(2026, 10, day),
            wilayah_id=area or family.wilayah_id,
        )
        made.families.update(wilayah_id=made.wilayah_id)
        return made

    def lens(self, user=None, **fields):
        return Lens(user or self.rina, TODAY, OCTOBER, **fields)

    def lenses(self):
        yield from (
            self.lens(),
            self.lens(area=KEBON_JAYANTI),
            self.lens(area=SUKAPURA),
            self.lens(self.officer),
        )
        yield from (self.lens(self.sri), self.lens(self.citra), self.lens(pendamping_id=self.sri.pk))
        yield from (self.lens(area=KEBON_JAYANTI, rw=3), self.lens(sub_role="FAS-3"))

    def numbers(self):
        """Every figure that a lock keeps through every lens and table."""
        found = {}
        for place, lens in enumerate(self.lenses()):
            found[place] = values_of(FROZEN_FIGURES, lens)
        for dimension in (by_area(10), by_area(6), by_pendamping):
            found[str(dimension)] = values_by(FROZEN_FIGURES, self.lens(), dimension)
        here = self.lens(area=KEBON_JAYANTI)
        found["rw"] = values_by(("kunjungan", "kpm-dikunjungi", "p2k2-hadir"), here, by_rw)
        found["sub"] = values_by(["kegiatan"], self.lens(), by_sub_role)
        found["trend"] = trend_of(("kegiatan", "kpm-dikunjungi"), self.lens(), [date(2026, 9, 1), OCTOBER])
        return found

    def late(self, day=12):
        family = self.families[self.sri][2]
        return let_in(hold_late(family, on=date(2026, 10, day)), self.rina)


@pytest.fixture
def village():
    return Village()


def in_sql(area):
    with connection.cursor() as cursor:
        cursor.execute(VISITS_IN_SQL, [f"{area}%"])
        return cursor.fetchone()


def visits_told(values):
    return values["kunjungan"], values["kpm-dikunjungi"]


def opened(slug, lens):
    """All rows that a person finds behind a figure."""
    rows, cursor = figure_page(FIGURES[slug], lens)
    while cursor:
        more, cursor = figure_page(FIGURES[slug], lens, cursor)
        rows += more
    return rows


def test_locking_changes_no_number(village):
    before = village.numbers()
    assert visits_told(before[0]) == in_sql(KIARACONDONG) == (7, 4)

    lock(village.rina, KEBON_JAYANTI)
    assert village.numbers() == before
    lock(village.rina, SUKAPURA)
    assert village.numbers() == before


def test_a_late_entry_changes_no_number_of_a_locked_month_and_opens_beside_it(village):
    lock(village.rina, KEBON_JAYANTI)
    before = village.numbers()

    late = village.late()

    assert in_sql(KEBON_JAYANTI)[0] == before[1]["kunjungan"] + 1
    assert village.numbers() == before
    for lens in (village.lens(), village.lens(village.sri), village.lens(village.officer)):
        assert values_of(["susulan"], lens) == {"susulan": 1}
        assert [row["key"] for row in opened("susulan", lens)] == [late.activity.pk]
    assert values_of(["susulan"], village.lens(village.citra)) == {"susulan": 0}


def test_every_screen_and_file_of_a_locked_month_says_the_same(village, client):
    sri, rina = village.sri, village.rina
    report = write_report(sri, "ajukan", "setujui", koordinator=rina)
    lock(rina, KEBON_JAYANTI)
    village.late()
    here = village.lens(area=KEBON_JAYANTI)

    summary = next(table for table in tables_of(here) if table.slug == "ringkasan")
    recap = {row[0]: row[1] for row in summary.rows}
    kept = MonthLock.objects.get().totals
    rhk = [f"rhk-{result.number}" for result in rhk_in(OCTOBER).results]
    for slug in ("kegiatan", "kunjungan", "kpm-dikunjungi", *rhk):
        told = kept[slug]["jumlah"]
        assert told == values_of([slug], here)[slug] == values_for(report)[slug]
        assert told == recap[FIGURES[slug].name] == len(opened(slug, here))
        query = QueryDict(f"bulan=2026-10&wilayah={KEBON_JAYANTI}")
        assert told == wanted(f"angka/{slug}", query, user=rina, today=TODAY).rows.count()
    assert recap["Susulan"] == 1
    assert len(activities_of(report)) == kept["kegiatan"]["jumlah"]

    client.force_login(rina)
    asked = {"bulan": "2026-10", "wilayah": KEBON_JAYANTI}
    whole, line = kept["kegiatan"]["jumlah"], f"versi 1, sidik {MonthLock.objects.get().digest[:8]}"
    page = client.get(reverse("reports:rhk_list"), asked)
    assert page.context["total"] == whole and sum(row["value"] for row in page.context["results"]) <= whole
    for url in (
        reverse("reports:rhk_list"),
        reverse("reports:dashboard"),
        reverse("reports:figure_rows", args=["kegiatan"]),
        reverse("reports:recap"),
        report.get_absolute_url(),
    ):
        text = " ".join(client.get(url, asked).content.decode().split())
        assert line in text and "Susulan (1)" in text, url


def test_what_happens_to_the_rows_afterwards_changes_no_number(village, monkeypatch):
    lock(village.rina, KEBON_JAYANTI)
    kept, here = FROZEN_FIGURES, village.lens(area=KEBON_JAYANTI)
    before, by_worker = values_of(kept, here), values_by(kept, here, by_pendamping)
    assert before["rhk-3"] or before["rhk-2"]

    one, other, _ = village.families[village.sri]
    merge(by=village.rina, op_id=uuid7(), today=TODAY, survivor=one, loser=other)
    RHKRule.objects.all().delete()
    monkeypatch.setattr(dated, "_this_minute", lambda: -1)  # what is kept for a minute is asked for again
    GroupSession.objects.filter(activity=None).delete()
    GroupSession.objects.update(group=village.families[village.citra][0].group)

    assert values_of(kept, here) == before
    assert values_by(kept, here, by_pendamping) == by_worker
    for slug in kept:
        assert len(opened(slug, here)) == before[slug], slug


def test_an_area_half_locked_is_the_sum_of_both_and_says_so(village):
    lock(village.rina, SUKAPURA)
    village.visit(village.sri, village.families[village.sri][2], 13)

    whole = values_of(FROZEN_FIGURES, village.lens())
    parts = values_by(FROZEN_FIGURES, village.lens(), by_area(10))
    assert whole["kunjungan"] == sum(part["kunjungan"] for part in parts.values()) == 8
    assert visits_told(whole) == in_sql(KIARACONDONG) == (8, 5)  # who moved counts once
    for slug in FROZEN_FIGURES:
        assert len(opened(slug, village.lens())) == whole[slug], slug
    state = lock_state(village.lens())
    assert (state.locked, state.areas) == (1, 2) and state.words.startswith("1 dari 2 kelurahan terkunci")
    assert "masih dapat berubah" in state.words
    assert lock_state(village.lens(area=KEBON_JAYANTI)).words.startswith("Belum dikunci")
    lock(village.rina, KEBON_JAYANTI)
    assert lock_state(village.lens()).is_whole


def test_reopened_and_locked_again_tells_each_late_entry_in_one_place(village, client):
    client.force_login(village.rina)
    lock(village.rina, KEBON_JAYANTI)
    late, here = village.late(), village.lens(area=KEBON_JAYANTI)
    november = write_report(village.sri, month=NOVEMBER)
    visits = values_of(["kunjungan"], here)["kunjungan"]
    page = f"/laporan/bulan/{period_of(KEBON_JAYANTI).pk}/"

    def places():
        context = client.get(reverse("reports:month_detail", args=[period_of(KEBON_JAYANTI).pk])).context
        counted = values_of(["kunjungan", "susulan"], here)
        return (
            counted["kunjungan"] - visits,
            counted["susulan"],
            [*context["late"]],
            [*context["told"]],
            [*told_late(november)],
        )

    assert page and places() == (0, 1, [late], [], [late])
    reopen(village.rina, KEBON_JAYANTI)
    assert places() == (1, 0, [], [late], [])
    lock(village.rina, KEBON_JAYANTI)
    assert places() == (1, 0, [], [late], [])
    again = LateEntry.objects.exclude(pk=late.pk)
    village.late(day=14)
    assert places() == (1, 1, [again.get()], [late], [again.get()])
    assert all(is_genuine(version) for version in MonthLock.objects.all())
    assert paper_of(november)["late"] == [["14 Okt 2026", "Kunjungan rumah", "Ponsel rusak."]]


def test_the_roll_up_keeps_what_was_locked(village):
    fill_month(OCTOBER)
    lock(village.rina, KEBON_JAYANTI)
    village.late()
    before = {str(lens): values_of(FROZEN_FIGURES, lens) for lens in village.lenses()}

    fill_month(OCTOBER)
    assert {str(lens): values_of(FROZEN_FIGURES, lens) for lens in village.lenses()} == before
    reopen(village.rina, KEBON_JAYANTI)
    assert (
        values_of(["kunjungan"], village.lens())["kunjungan"] == before[str(village.lens())]["kunjungan"] + 1
    )


def test_rows_of_a_locked_month_are_scoped_as_all_rows_are(village):
    lock(village.rina, KEBON_JAYANTI)
    lock(village.rina, SUKAPURA)
    for user in (village.sri, village.citra, village.officer, UserFactory(admin=True)):
        wide = replace(village.lens(user), area=SUKAPURA)
        told = values_of(FROZEN_FIGURES, wide)
        assert told == values_of(FROZEN_FIGURES, wide) and not any(
            told[slug] for slug in FROZEN_FIGURES if user is not village.citra
        )
    seen = opened("kunjungan", village.lens(village.officer))
    assert seen and not any({"author", "activity_key"} & row.keys() for row in seen)
    assert Activity.objects.count() and all("name" not in (row["family"] or {}) for row in seen)
