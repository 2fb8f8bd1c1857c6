"""A month's recap is of that month: as of its last day, the same whenever it is made, kept, and taken again."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from entries.models import AccessLog
from kpm.models import Assignment, FamilyChange, Household
from kpm.operations import assign
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.declared.locked import lock_state
from reports.figures.queries import figure_page
from reports.figures.values import by_area, by_pendamping, values_by, values_of
from reports.files.recap import digest_of, tables_of
from reports.models import Export, FrozenRow, MonthLock
from reports.monthly.frozen import (
    END_FIGURES,
    SOURCES,
    differences,
    is_genuine,
    rows_now,
    totals_of,
)
from reports.monthly.frozen import (
    digest_of as lock_digest,
)
from tests.exports import take
from tests.factories import (
    KEBON_JAYANTI,
    KIARACONDONG,
    SUKAPURA,
    ActivityFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    make_graduation,
)
from tests.monthly import OCTOBER, TODAY, lock, period_of

pytestmark = pytest.mark.django_db
LAST = date(2026, 10, 31)
WORDS = {"reason_id": "nonaktif-pindah", "words": ""}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


class Autumn:
    """Ten families of Sri at the end of October; what happened to them in November is undone when October is told."""

    def __init__(self):
        self.rina = UserFactory(koordinator=True, wilayah_id=KIARACONDONG)
        self.sri, self.budi = UserFactory(), UserFactory()
        self.families = [HouseholdFactory(pendamping=self.sri, rw=3) for _ in range(10)]
        for family in self.families:
            Assignment.objects.filter(household=family).delete()
            self.term(family, self.sri, date(2025, 1, 1))
        for number, family in enumerate(self.families[:4]):
            self.visit(family, date(2026, 10, 20 - number))
        self.visit(self.families[4], date(2026, 7, 1))
        assess(self.families[0], {"A1": 1}, on=date(2026, 10, 2))
        assess(self.families[1], {"A1": 3}, on=date(2026, 10, 2))

    def term(self, family, worker, from_on, to_on=None):
        Assignment.objects.create(
            household=family, pendamping=worker, from_on=from_on, to_on=to_on, by=self.rina
        )

    def visit(self, family, day):
        ActivityFactory(pendamping=self.sri, families=[family], occurred_on=day)
        Household.objects.filter(pk=family.pk).update(last_visited_on=day)

    def change(self, family, kind, day, **fields):
        FamilyChange.objects.create(
            op_id=uuid7(), household=family, wilayah_id=family.wilayah_id, pendamping=family.pendamping, kind=kind,
            reason_id="nonaktif-pindah", changed_on=day, by=self.rina, **fields,
        )  # fmt: skip

    def november(self):
        """A visit, a handover, a move, one set inactive, one that came, one assessed."""
        handed, moved, gone = self.families[5:8]
        self.visit(self.families[4], date(2026, 11, 3))
        assign(handed, to=self.budi, by=self.rina, on=date(2026, 11, 5))
        self.change(moved, "pindah_rumah", date(2026, 11, 6), to_wilayah_id=SUKAPURA)
        Household.objects.filter(pk=moved.pk).update(wilayah_id=SUKAPURA)
        self.change(gone, "nonaktif", date(2026, 11, 7))
        Household.objects.filter(pk=gone.pk).update(status="nonaktif")
        new = HouseholdFactory(pendamping=self.sri)
        Assignment.objects.filter(household=new).update(from_on=date(2026, 11, 8))
        assess(self.families[2], {"A1": 2}, on=date(2026, 11, 9))

    def lens(self, **fields):
        return Lens(self.rina, TODAY, OCTOBER, **fields)


@pytest.fixture
def autumn():
    return Autumn()


EXPECTED = {
    "kpm-akhir-bulan": 10,
    "akhir-bulan-dinilai": 2,
    "akhir-bulan-dikunjungi": 4,
    "akhir-bulan-belum-30": 6,
    "akhir-bulan-belum-60": 6,
    "akhir-bulan-belum-90": 6,
}


def test_what_comes_later_changes_nothing_of_the_months_end(autumn):
    assert values_of(END_FIGURES, autumn.lens()) == EXPECTED
    autumn.november()

    assert values_of(END_FIGURES, autumn.lens()) == EXPECTED
    assert values_by(["kpm-akhir-bulan"], autumn.lens(), by_area(10)) == {
        KEBON_JAYANTI: {"kpm-akhir-bulan": 10}
    }
    assert values_by(["kpm-akhir-bulan"], autumn.lens(), by_pendamping) == {
        autumn.sri.pk: {"kpm-akhir-bulan": 10}
    }
    levels = values_of([f"tingkat-{level}" for level in (1, 2, 3, 4)], autumn.lens(indicator="A1"))
    assert list(levels.values()) == [1, 0, 1, 0]
    now = values_of(["kpm-akhir-bulan", "kpm-aktif"], Lens(autumn.rina, TODAY, date(2026, 11, 1)))
    assert now == {"kpm-akhir-bulan": 10, "kpm-aktif": 10}  # one went, one came


def test_graduated_later_was_accompanied_then(autumn):
    family = autumn.families[9]
    make_graduation(
        family, "usulkan", "setujui", koordinator=UserFactory(koordinator=True), on=date(2026, 11, 10)
    )
    assert Household.objects.get(pk=family.pk).status == "graduasi"
    assert values_of(["kpm-akhir-bulan"], autumn.lens()) == {"kpm-akhir-bulan": 10}


def test_no_more_are_assessed_than_there_are(autumn):
    autumn.november()
    for table in tables_of(autumn.lens()):
        if table.slug == "indikator":
            assert max(row[5] for row in table.rows) <= EXPECTED["kpm-akhir-bulan"]


def test_the_recap_of_a_month_that_is_over_is_the_same_whenever_it_is_made(autumn):
    tables = tables_of(autumn.lens())
    autumn.november()

    later = tables_of(Lens(autumn.rina, TODAY + timedelta(days=3), OCTOBER))

    assert [(table.slug, table.rows) for table in later] == [(table.slug, table.rows) for table in tables]
    assert digest_of(later) == digest_of(tables)
    assert digest_of(tables_of(Lens(autumn.rina, TODAY, date(2026, 11, 1)))) != digest_of(tables)


def test_a_lock_keeps_the_families_of_the_last_day(autumn):
    version = lock(autumn.rina, KEBON_JAYANTI)
    autumn.november()
    # Even what changes the past: a family that is found never to have been there then.
    Assignment.objects.filter(household=autumn.families[8]).update(from_on=date(2026, 11, 20))

    assert values_of(END_FIGURES, autumn.lens()) == EXPECTED
    rows, _ = figure_page(FIGURES["akhir-bulan-belum-90"], autumn.lens())
    assert len(rows) == 6 and {row["number"] for row in rows} <= {one.case_number for one in autumn.families}
    assert version.schema == MonthLock.SCHEMA and is_genuine(version)


def test_a_version_of_the_first_schema_stays_readable(autumn, client):
    period = period_of(KEBON_JAYANTI)
    rows = rows_now(autumn.rina, period, 1)
    assert {row.source for row in rows} < set(SOURCES) and not any(row.source == "keluarga" for row in rows)
    totals = {slug: total for slug, total in totals_of(rows).items() if slug not in END_FIGURES}
    old = MonthLock.objects.create(
        op_id=uuid7(), period=period, version=1, totals=totals, locked_by=autumn.rina,
        digest=lock_digest(period, 1, totals, rows, [], schema=1),
    )  # fmt: skip
    for row in rows:
        row.lock = old
    FrozenRow.objects.bulk_create(rows)
    period.state = "terkunci"
    period.save()

    assert is_genuine(old) and old.schema == 1
    assert differences(old, rows_now(autumn.rina, period, old.schema)) == []
    told = values_of(["kunjungan", *END_FIGURES], autumn.lens())
    assert told == {"kunjungan": 4} | EXPECTED  # of the families it kept nothing: dated rows tell them
    client.force_login(autumn.rina)
    page = client.get(old.get_absolute_url()).content.decode()
    assert "cocok" in page and "KPM aktif akhir bulan" not in page


def test_every_recap_is_kept_and_can_be_taken_again_by_who_looks_after_the_area(autumn, client):
    client.force_login(autumn.rina)
    url = f"{reverse('reports:recap')}?bulan=2026-10"
    for form in ("zip", "xlsx"):
        answer = client.post(url, {"op_id": str(uuid7()), "format": form, "purpose": "Laporan"})
        assert answer.status_code == 302
    first, second = Export.objects.order_by("asked_at")
    assert (
        first.digest == second.digest
        and len(first.digest) == 64
        and first.covers == f"{KIARACONDONG} 2026-10"
    )
    data = take(client, first)

    other = UserFactory(koordinator=True, wilayah_id=KIARACONDONG)
    client.force_login(other)
    page = client.get(url)
    assert [(one.version, one.pk) for one in page.context["kept"]] == [(2, second.pk), (1, first.pk)]
    assert first.digest[:8] in page.content.decode()
    assert take(client, first) == data
    assert AccessLog.objects.filter(
        user=other, route="reports:export_take", subject=f"ekspor {first.code}"
    ).exists()
    assert client.post(reverse("reports:export_cancel", args=[first.pk])).status_code == 302
    first.refresh_from_db()
    assert first.state == Export.State.READY
    for stranger in (UserFactory(koordinator=True, wilayah_id=SUKAPURA), UserFactory()):
        client.force_login(stranger)
        assert client.post(reverse("reports:export_take", args=[first.pk])).status_code == 404


@pytest.mark.parametrize(("code", "is_over"), [("3273161002", False), ("7371", False), ("9171", True)])
def test_a_month_ends_by_the_clock_of_its_area(code, is_over):
    """At 22.30 WIB of the last day the next month has begun in WIT, and so a lock there may be read everywhere."""
    from datetime import UTC, datetime

    import time_machine

    from reports.figures.declared.locked import may_be_locked
    from wilayah.clock import local_today

    with time_machine.travel(datetime(2026, 10, 31, 15, 30, tzinfo=UTC), tick=False):
        today = local_today(code)
        lens = Lens(UserFactory.build(duty="koordinator", wilayah_id="32"), today, OCTOBER)
        assert (today >= date(2026, 11, 1)) == is_over
        assert lens.last_day == LAST
        assert may_be_locked(lens)
        assert lock_state(lens).locked == 0
