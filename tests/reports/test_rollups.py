import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from entries.models import LateWrite
from entries.months import open_month
from pkh_casework import dated
from pkh_casework.days import months_after
from reports.figures import FIGURES, Lens, rollups
from reports.figures.rollups import differences, fill_month, kept_values, months_to_keep, readable_months
from reports.figures.values import by_area, by_pendamping, values_by, values_of
from reports.models import MonthCount, RHKRule
from roles.models import SubRole
from tests.factories import KEBON_JAYANTI, KIARACONDONG, SUKAPURA
from tests.queries import count_queries

ASKERS = ("officer", "camat", "kota")
KEPT = [slug for slug, figure in FIGURES.items() if figure.source.period.kept]


@pytest.fixture
def over(town):
    """A day on which both of the town's months are over."""
    return months_after(town.month, 1)


def lenses(town, over, name):
    asker = vars(town.users)[name]
    areas = [
        code for code in ("", KIARACONDONG, KEBON_JAYANTI, SUKAPURA) if code.startswith(asker.wilayah_id)
    ]
    people = [None, town.users.ani.pk, town.users.citra.pk] if asker.is_koordinator else [None]
    for month in (town.month, town.last_month):
        for area in ["", *areas]:
            for person in people:
                yield Lens(asker, over, month, area, pendamping_id=person)


def counted(town, over, name):
    """All values and tables of an asker, as they are now."""
    found = {}
    for lens in lenses(town, over, name):
        place = lens.month, lens.area, lens.pendamping_id
        found[place] = values_of(FIGURES, lens)
        for digits in [digits for digits in (6, 10) if digits > len(lens.here)]:
            found[*place, digits] = values_by(KEPT, lens, by_area(digits))
        if lens.user.is_koordinator:
            found[*place, "people"] = values_by(KEPT, lens, by_pendamping)
    return found


@pytest.mark.parametrize("name", ASKERS)
def test_the_roll_up_says_what_the_rows_say(town, over, name):
    before = counted(town, over, name)

    for month in (town.last_month, town.month):
        fill_month(month)

    lens = Lens(vars(town.users)[name], over, town.month)
    assert readable_months(lens, [town.month, town.last_month]) == {town.month, town.last_month}
    assert counted(town, over, name) == before
    assert kept_values(lens, [town.month])[town.month]["kegiatan"] > 0


def test_a_month_written_into_is_counted_from_its_rows_until_it_is_rolled_up_again(town):
    call_command("roll_up", verbosity=0)
    lens = Lens(town.users.camat, town.today, town.last_month)
    before = values_of(["kegiatan"], lens)["kegiatan"]

    open_month(SUKAPURA, town.last_month)
    town.activity(town.users.citra, on=town.last_month, area=SUKAPURA)
    assert values_of(["kegiatan"], lens)["kegiatan"] == before + 1
    assert readable_months(lens, [town.last_month]) == set()
    # Nothing was written into this kelurahan: what is kept of it still holds.
    here = Lens(town.users.camat, town.today, town.last_month, KEBON_JAYANTI)
    assert readable_months(here, [town.last_month]) == {town.last_month}

    call_command("roll_up", verbosity=0)
    assert not LateWrite.objects.exists()
    assert readable_months(lens, [town.last_month]) == {town.last_month}
    assert values_of(["kegiatan"], lens)["kegiatan"] == before + 1


def test_nothing_kept_is_read_of_this_month_of_one_rw_or_by_a_pendamping(town, over):
    for month in (town.last_month, town.month):
        fill_month(month)
    months = [town.last_month, town.month]

    assert readable_months(Lens(town.users.camat, town.today, town.month), months) == {town.last_month}
    assert readable_months(Lens(town.users.officer, over, town.month, rw=5), months) == set()
    assert readable_months(Lens(town.users.ani, over, town.month), months) == set()
    assert readable_months(Lens(town.users.officer, over, town.month, SUKAPURA), months) == set()


def test_a_table_of_a_month_that_is_over_costs_no_more_for_more_work(town):
    lens = Lens(town.users.camat, town.today, town.last_month)
    call_command("roll_up", verbosity=0)

    with count_queries() as queries:
        values_of(KEPT, lens)
    assert len(queries) == 3  # who wrote late, whether it is counted, what was counted
    with count_queries() as queries:
        values_by(KEPT, lens, by_pendamping)
    assert len(queries) == 3


def older_month(town, monkeypatch):
    """A month with one visit that is no longer counted anew every night."""
    monkeypatch.setattr(rollups, "RECENT_MONTHS", 1)
    month = months_after(town.last_month, -1)
    town.activity(town.users.ani, town.household(town.users.ani), on=month)
    return month


def test_a_month_that_other_figures_counted_is_read_from_its_rows_until_it_is_counted_anew(town, monkeypatch):
    """As after a release with a new figure: no old row may say that there was none of it."""
    newcomer, month = "kunjungan", older_month(town, monkeypatch)
    with monkeypatch.context() as before:
        before.setattr(rollups, "FIGURES", {key: one for key, one in FIGURES.items() if key != newcomer})
        call_command("roll_up", verbosity=0)
    lens = Lens(town.users.camat, town.today, month)

    assert readable_months(lens, [month]) == set()
    assert values_of([newcomer], lens)[newcomer] == 1
    call_command("roll_up", verbosity=0)
    assert readable_months(lens, [month]) == {month}
    assert values_of([newcomer], lens)[newcomer] == 1


def test_a_month_is_read_from_its_rows_when_master_data_says_otherwise_what_counts(town, monkeypatch):
    month = older_month(town, monkeypatch)
    call_command("roll_up", verbosity=0)
    lens = Lens(town.users.camat, town.today, month)
    SubRole.objects.filter(code="FAS-1").update(role="edukasi")
    monkeypatch.setattr(dated, "_this_minute", lambda: -1)

    assert readable_months(lens, [month]) == set()
    assert values_of(["kegiatan-edukasi"], lens)["kegiatan-edukasi"] == 1
    call_command("roll_up", verbosity=0)
    assert readable_months(lens, [month]) == {month}
    RHKRule.objects.filter(kind="kunjungan_rumah").update(valid_from=months_after(month, 1))
    monkeypatch.setattr(dated, "_this_minute", lambda: -2)
    assert readable_months(lens, [month]) == set()


def test_an_old_count_that_is_wrong_is_mended_by_counting_all_anew(town, monkeypatch):
    month = older_month(town, monkeypatch)
    call_command("roll_up", verbosity=0)
    MonthCount.objects.filter(month=month, wilayah=KEBON_JAYANTI, pendamping=None).update(values={})

    call_command("roll_up", verbosity=0)
    with pytest.raises(CommandError, match="roll_up --all"):
        call_command("roll_up", "--verify", verbosity=0)
    call_command("roll_up", "--all", verbosity=0)
    call_command("roll_up", "--verify", verbosity=0)


def test_verify_fails_when_a_count_is_wrong_missing_or_too_many(town):
    call_command("roll_up", verbosity=0)
    assert months_to_keep() == sorted(set(MonthCount.objects.values_list("month", flat=True)))
    call_command("roll_up", "--verify", verbosity=0)
    row = MonthCount.objects.get(month=town.last_month, wilayah=KEBON_JAYANTI, pendamping=None)

    row.values["kegiatan"] += 1
    row.save()
    assert differences(town.last_month) == [(KEBON_JAYANTI, None)]
    with pytest.raises(CommandError, match=f"{town.last_month:%Y-%m} .1."):
        call_command("roll_up", "--verify", verbosity=0)
    row.delete()
    assert differences(town.last_month) == [(KEBON_JAYANTI, None)]

    call_command("roll_up", verbosity=0)
    call_command("roll_up", "--verify", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_what_is_written_while_a_month_is_counted_leaves_it_unread(town):
    """The writer has begun before the count and ends after it: the count misses its row, and its mark says so."""
    fill_month(town.last_month)
    written, counted = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                open_month(SUKAPURA, town.last_month)
                town.activity(town.users.citra, on=town.last_month, area=SUKAPURA)
                written.set()
                assert counted.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        writer = pool.submit(write)
        try:
            assert written.wait(20)
            fill_month(town.last_month)
        finally:
            counted.set()
        writer.result()

    assert differences(town.last_month) != []
    assert readable_months(Lens(town.users.camat, town.today, town.month), [town.last_month]) == set()
