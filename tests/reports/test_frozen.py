"""What the hash of a locked month covers, and how a frozen row is told to differ from what stands now."""

from datetime import date

import pytest

from entries.models import Period
from pkh_casework.ids import uuid7
from reports.models import FrozenReport, FrozenRow
from reports.monthly.frozen import _changes, differences, digest_of, totals_of, values_in
from tests.factories import KEBON_JAYANTI, SUKAPURA, HouseholdFactory, UserFactory
from tests.monthly import lock

ONE, OTHER = uuid7(), uuid7()


def row(**changes):
    return FrozenRow(
        **{
            "source": "kunjungan",
            "key": "1",
            "day": date(2026, 10, 5),
            "pendamping_id": 1,
            "household_id": ONE,
            "figures": ["kunjungan", "kpm-dikunjungi"],
            "data": {"rw": 5},
            **changes,
        }
    )


def report(**changes):
    words = {"results": "Hasil", "obstacles": "Kendala", "plans": "Rencana"}
    return FrozenReport(**{"report_id": ONE, "state": "terkunci", **words, **changes})


def digest(*, area=KEBON_JAYANTI, month=date(2026, 10, 1), version=1, totals=None, rows=None, reports=None):
    period = Period(wilayah_id=area, month=month)
    return digest_of(period, version, totals or {"kunjungan": 1}, rows or [row()], reports or [report()])


@pytest.mark.parametrize(
    "change",
    [
        {"area": SUKAPURA},
        {"month": date(2026, 9, 1)},
        {"month": date(2025, 10, 1)},
        {"version": 2},
        {"totals": {"kunjungan": 2}},
        {"rows": [row(), row(key="2")]},
        {"rows": [row(source="kegiatan")]},
        {"rows": [row(key="2")]},
        {"rows": [row(day=date(2026, 10, 6))]},
        {"rows": [row(pendamping_id=2)]},
        {"rows": [row(household_id=OTHER)]},
        {"rows": [row(household_id=None)]},
        {"rows": [row(figures=["kunjungan"])]},
        {"rows": [row(data={"rw": 6})]},
        {"reports": [report(), report(report_id=OTHER)]},
        {"reports": [report(report_id=OTHER)]},
        {"reports": [report(state="draf")]},
        {"reports": [report(results="Lain")]},
        {"reports": [report(obstacles="Lain")]},
        {"reports": [report(plans="Lain")]},
    ],
    ids=str,
)
def test_the_hash_covers_everything_that_is_frozen(change):
    assert digest(**change) != digest()


def test_the_hash_does_not_hang_on_the_order_of_names():
    assert digest(rows=[row(figures=["kpm-dikunjungi", "kunjungan"])]) == digest()
    assert digest(totals={"a": 1, "b": 2}) == digest(totals={"b": 2, "a": 1})


def test_the_hash_is_the_same_for_good():
    """A hash printed on paper years ago still has to fit: whoever changes the way of writing it finds out here."""
    fixed = "0190a6f0-0000-7000-8000-000000000001"
    rows, reports = [row(household_id=fixed)], [report(report_id=fixed)]
    assert digest(rows=rows, reports=reports) == (
        "dca9d1a1ca9d85048e12845c9355ad03e01bf0b27d2c182fc36833224affafa1"
    )


def test_totals_count_rows_or_families_for_all_and_for_each_pendamping():
    rows = [
        row(),
        row(key="2"),
        row(key="3", household_id=OTHER, pendamping_id=2),
        row(source="kegiatan", key="1", household_id=None, figures=["kegiatan"]),
    ]
    totals = totals_of(rows, ["kunjungan", "kpm-dikunjungi", "kegiatan", "p2k2"])

    assert totals == {
        "kunjungan": {"jumlah": 3, "pendamping": {"1": 2, "2": 1}},
        "kpm-dikunjungi": {"jumlah": 2, "pendamping": {"1": 1, "2": 1}},
        "kegiatan": {"jumlah": 1, "pendamping": {"1": 1}},
        "p2k2": {"jumlah": 0, "pendamping": {}},
    }
    assert values_in(totals) == {"kunjungan": 3, "kpm-dikunjungi": 2, "kegiatan": 1, "p2k2": 0}
    assert values_in(totals, 2) == {"kunjungan": 1, "kpm-dikunjungi": 1, "kegiatan": 0, "p2k2": 0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, []),
        ({"day": date(2026, 10, 6)}, [("tanggal", date(2026, 10, 5), date(2026, 10, 6))]),
        ({"pendamping_id": 2}, [("pendamping", "", "")]),
        ({"data": {"rw": 6}}, [("isi", "", "")]),
        ({"figures": ["kpm-dikunjungi", "kunjungan"]}, []),
        ({"figures": ["kunjungan"]}, [("hitungan", "KPM dikunjungi, Kunjungan rumah", "Kunjungan rumah")]),
    ],
)
def test_what_changed_of_a_row_is_told_from_what_to_what(change, words):
    assert _changes(row(), row(**change)) == words


def test_differences_stand_by_sort_then_day_then_key(db):
    locked = lock(UserFactory(koordinator=True), KEBON_JAYANTI)
    family = HouseholdFactory()
    known = {"pendamping_id": family.pendamping_id, "household_id": family.pk}
    FrozenRow.objects.create(lock=locked, **vars_of(row(key="9", **known)))
    FrozenRow.objects.create(lock=locked, **vars_of(row(key="5", day=date(2026, 10, 2), **known)))
    now = [
        row(key="9", data={"rw": 7}, **known),
        row(key="1", day=date(2026, 10, 9), **known),
        row(key="2", source="p2k2", day=date(2026, 10, 1), **known),
        row(key="8", source="kegiatan", day=date(2026, 10, 30), **known),
        row(key="7", source="kegiatan", day=date(2026, 10, 30), **known),
    ]

    found = differences(locked, now)

    assert [(one.kind, one.row.source, one.row.key) for one in found] == [
        ("baru", "kegiatan", "7"),
        ("baru", "kegiatan", "8"),
        ("hilang", "kunjungan", "5"),
        ("berubah", "kunjungan", "9"),
        ("baru", "kunjungan", "1"),
        ("baru", "p2k2", "2"),
    ]


def vars_of(unsaved):
    names = ("source", "key", "day", "pendamping_id", "household_id", "figures", "data")
    return {name: getattr(unsaved, name) for name in names}
