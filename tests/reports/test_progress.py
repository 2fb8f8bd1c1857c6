"""Levels now and then, who moved, who is stuck: counted by hand, and every number as large as the list behind it."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from kpm.independence.levels import differences, fill_month, months_to_keep, next_month
from kpm.models import Household, LevelMonth
from reports.figures import Lens, progress
from reports.figures.progress import FELL, GROUPS, ROSE, STOOD, Pick, page_of
from reports.figures.values import by_area, by_pendamping, by_rw
from tests.factories import KEBON_JAYANTI, SUKAPURA, assess
from tests.queries import count_queries
from tests.worlds import made_once

from .conftest import Town, with_story
from .test_dashboard import MORE, ROW

ASKERS = ("ani", "budi", "citra", "dedi", "far", "officer", "camat", "kota")
NUMBER = re.compile(
    r'<a[^>]*href="(/dasbor/kemandirian/keluarga/[^"]+)"[^>]*>\s*(?:<span class="stat__num">)?([0-9.]+)'
)
PAGE = "/dasbor/kemandirian/"


def months_before(day, number):
    """The first day of the month that many months before the one of `day`."""
    month = day.replace(day=1)
    for _ in range(number):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


@made_once
def told():
    """The town's families, assessed before the end of the month a year ago (`then`) and in the last weeks."""
    town = with_story(Town())
    users, today = town.users, town.today
    town.then = months_before(today, 12)
    early, before, lately = (
        town.then - timedelta(days=90),
        town.then + timedelta(days=10),
        today - timedelta(days=20),
    )
    by_holder = {
        name: list(Household.objects.filter(pendamping=getattr(users, name)).order_by("case_number"))
        for name in ("ani", "budi", "citra", "dedi", "far")
    }
    town.by_holder, ani = by_holder, by_holder["ani"]
    for family, then, now in (
        (ani[0], {"A1": 1, "A2": 2, "B2": 2}, {"A1": 3, "A2": 2, "B2": 2}),  # rose
        (
            ani[1],
            {"A1": 2, "A2": 2, "A3": 2, "B2": 2, "B3": 2, "E1": 3},
            {"A1": 3, "A2": 2, "A3": 2, "B2": 2, "B3": 2, "E1": 3},
        ),  # one step in six: stood
        (ani[2], {"A1": 3, "B2": 3}, {"A1": 2, "B2": 3}),  # fell
        (ani[3], {"A1": 2, "B2": 4}, None),  # not asked again
        (ani[4], None, {"A1": 2}),  # not asked then
        (by_holder["budi"][0], {"A1": 1}, {"A1": 2}),
        (by_holder["citra"][0], {"A1": 4}, {"A1": 3}),
        (by_holder["dedi"][0], {"A1": 1}, {"A1": 1}),
        (by_holder["far"][0], {"A1": 1}, {"A1": 4}),
    ):
        if then:
            assess(family, {"A1": then["A1"]}, on=early)
            assess(family, then, on=before)
        if now:
            assess(family, now, on=lately)
    return town


def lens_of(town, name, **narrowed):
    return Lens(getattr(town.users, name), town.today, town.then, **narrowed)


def lenses(town, name):
    """Every way that a person of this duty may narrow."""
    asker = getattr(town.users, name)
    groups = {family.group_id for family in town.by_holder.get(name, [])}
    yield lens_of(town, name)
    for group in groups:
        yield lens_of(town, name, group_id=group)
    for area in ("327316", KEBON_JAYANTI, SUKAPURA):
        if area.startswith(asker.wilayah_id) and asker.duty != "pendamping":
            yield lens_of(town, name, area=area)
            if len(area) == 10:
                yield lens_of(town, name, area=area, rw=5)
    if asker.is_koordinator:
        yield lens_of(town, name, pendamping_id=town.users.ani.pk)
        yield lens_of(town, name, group_id=town.by_holder["ani"][0].group_id)


def numbers(lens):
    """Every number of the page as {Pick: int}."""
    counted = progress.assessed(lens)
    found = {Pick("dinilai"): counted["assessed"], Pick("belum"): counted["active"] - counted["assessed"]}
    for kind, levels in (("sekarang", progress.levels_now(lens)), ("dulu", progress.levels_then(lens))):
        for code, counts in levels.items():
            found |= {Pick(kind, code, level): number for level, number in counts.items()}
    for code, counts in progress.transitions(lens).items():
        found |= {Pick("pindah", code, level, before): number for (before, level), number in counts.items()}
    groups = progress.grouped(progress.changes(lens))
    found |= {Pick(group): len(ids) for group, ids in groups.items()}
    found[Pick("belum-lagi")] = counted["active"] - sum(map(len, groups.values()))
    found |= {Pick("tertahan", code): number for code, number in progress.stuck(lens).items()}
    for group, roles in progress.activities(lens, groups).items():
        found |= {Pick("kegiatan", group=group, role=role): number for role, number in roles.items()}
    return found


def rows_behind(pick, lens):
    rows, cursor = page_of(pick, lens)
    while cursor:
        more, cursor = page_of(pick, lens, cursor)
        assert more
        rows += more
    return rows


@pytest.mark.parametrize("rolled_up", [True, False])
@pytest.mark.parametrize("name", ASKERS)
def test_every_number_is_as_large_as_the_list_behind_it(told, monkeypatch, name, rolled_up):
    monkeypatch.setattr("reports.figures.queries.PAGE", 3)
    if rolled_up:
        fill_month(told.then)
    seen = 0
    for lens in lenses(told, name):
        for pick, number in numbers(lens).items():
            rows = rows_behind(pick, lens)
            assert number == len(rows) == len({row["key"] for row in rows}), (pick, lens)
            seen += number
    assert seen


def test_levels_now_and_then_by_hand(told):
    fill_month(told.then)
    lens = lens_of(told, "officer")

    assert progress.levels_now(lens)["A1"] == {2: 4, 3: 2}
    assert progress.levels_then(lens)["A1"] == {1: 2, 2: 2, 3: 1}
    assert progress.levels_now(lens)["B2"] == {2: 2, 3: 1, 4: 1}


def test_who_moved_by_hand(told):
    lens, ani = lens_of(told, "ani"), told.by_holder["ani"]

    assert progress.transitions(lens)["A1"] == {(1, 3): 1, (2, 3): 1, (3, 2): 1}
    assert progress.grouped(progress.changes(lens)) == {
        ROSE: [ani[0].pk],
        STOOD: [ani[1].pk],
        FELL: [ani[2].pk],
    }


@pytest.mark.parametrize(
    ("steps", "asked", "group"),
    [
        (2, 10, ROSE),
        (1, 10, STOOD),
        (1, 5, ROSE),
        (0, 3, STOOD),
        (-1, 10, STOOD),
        (-2, 10, FELL),
        (3, 19, STOOD),
        (4, 19, ROSE),
    ],
)
def test_a_family_moves_by_a_step_for_every_five_indicators(steps, asked, group):
    assert progress.group_of(steps, asked) == group


def test_stuck_takes_two_low_answers_in_a_row(told):
    assert progress.stuck(lens_of(told, "ani")) == {"A2": 2, "A3": 1, "B2": 2, "B3": 1, "A1": 1}
    # A1 of the family that was not asked again: 2 at both early assessments.
    fourth = told.by_holder["ani"][3]
    assert [row["case"] for row in rows_behind(Pick("tertahan", "A1"), lens_of(told, "ani"))] == [
        fourth.case_number
    ]


def test_a_family_that_left_counts_then_and_not_now(told):
    fill_month(told.then)
    gone = told.by_holder["ani"][0]
    Household.objects.filter(pk=gone.pk).update(status="graduasi")
    lens = lens_of(told, "camat")

    assert progress.levels_then(lens)["A1"][1] == 2
    assert gone.case_number not in {row["case"] for row in rows_behind(Pick("sekarang", "A1", 3), lens)}
    assert gone.case_number in {row["case"] for row in rows_behind(Pick("dulu", "A1", 1), lens)}


def test_then_stays_in_the_area_of_the_day_and_now_follows_the_family(told):
    fill_month(told.then)
    moved = told.by_holder["budi"][0]
    Household.objects.filter(pk=moved.pk).update(wilayah_id=SUKAPURA)

    here, there = lens_of(told, "camat", area=KEBON_JAYANTI), lens_of(told, "camat", area=SUKAPURA)
    for lens, kind, level, expected in (
        (here, "dulu", 1, True),
        (here, "sekarang", 2, False),
        (there, "sekarang", 2, True),
    ):
        rows = rows_behind(Pick(kind, "A1", level), lens)
        assert (moved.case_number in {row["case"] for row in rows}) == expected


def test_activities_are_those_since_then_that_met_the_family(told):
    ani = told.by_holder["ani"]
    lens = lens_of(told, "ani")
    before = progress.activities(lens, progress.grouped(progress.changes(lens)))[ROSE]
    told.activity(told.users.ani, ani[0], role="TEK-1", on=told.today)
    told.activity(told.users.ani, ani[0], role="TEK-1", on=told.today, met=False)
    told.activity(told.users.ani, ani[0], role="TEK-1", on=told.then)
    after = progress.activities(lens, progress.grouped(progress.changes(lens)))[ROSE]

    assert after - before == {"teknis": 1}


def test_parts_add_up(told):
    lens = lens_of(told, "camat")
    whole = progress.assessed(lens)
    for dimension in (by_area(10), by_pendamping):
        parts = progress.assessed_by(lens, dimension).values()
        assert sum(part["active"] for part in parts) == whole["active"]
        assert sum(part["assessed"] for part in parts) == whole["assessed"]
    per_rw = progress.assessed_by(lens_of(told, "camat", area=KEBON_JAYANTI), by_rw)
    assert per_rw[5] == progress.assessed(lens_of(told, "camat", area=KEBON_JAYANTI, rw=5))


def test_a_lens_never_widens_what_its_asker_counts(told):
    fill_month(told.then)
    for name in ("officer", "camat", "ani"):
        assert not any(numbers(lens_of(told, name, area="3274")).values())
    assert not any(numbers(lens_of(told, "admin")).values())


# --- the pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ani", "officer", "camat", "kota"])
def test_every_number_on_the_page_opens_as_many_rows(client, told, monkeypatch, name):
    monkeypatch.setattr("reports.figures.queries.PAGE", 3)
    fill_month(told.then)
    client.force_login(getattr(told.users, name))

    found = NUMBER.findall(client.get(PAGE).content.decode())

    assert {re.search(r"angka=([\w-]+)", url)[1] for url, _ in found} >= {
        "dinilai",
        "sekarang",
        "dulu",
        "pindah",
        *GROUPS,
    }
    for url, number in found:
        count, next_url = 0, unescape(url)
        while next_url:
            page = client.get(next_url).content.decode()
            count += page.count(ROW)
            more = MORE.search(page)
            next_url = unescape(more[1]) if more else None
        assert count == int(number.replace(".", "")), url


def test_kelurahan_staff_see_case_numbers_and_levels_and_no_word_of_a_family(client, told):
    client.force_login(told.users.officer)
    for pick in (
        "angka=naik",
        "angka=sekarang&indikator=A1&tingkat=2",
        "angka=kegiatan&hasil=naik&peran=fasilitasi",
    ):
        page = client.get(f"{PAGE}keluarga/?{pick}").content.decode()
        assert told.canary not in page
        assert "PKH-" in page
        assert 'class="row__link"' not in page
    assert "kelompok" not in client.get(PAGE).content.decode().lower().replace("kelompokkan", "")


def test_a_kelompok_narrows_and_a_foreign_one_is_not_there(client, told):
    own, foreign = told.by_holder["ani"][0].group_id, told.by_holder["budi"][0].group_id
    client.force_login(told.users.ani)

    assert f'<option value="{own}" selected>' in client.get(PAGE, {"kelompok": own}).content.decode()
    assert client.get(PAGE, {"kelompok": foreign}).status_code == 404
    client.force_login(told.users.officer)
    assert client.get(PAGE, {"kelompok": own}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "angka=apa",
        "angka=sekarang",
        "angka=sekarang&indikator=A1&tingkat=9",
        "angka=kegiatan&hasil=naik",
    ],
)
def test_a_number_that_is_not_there(client, told, query):
    client.force_login(told.users.ani)

    assert client.get(f"{PAGE}keluarga/?{query}").status_code == 404


def test_too_many_families_are_not_compared_one_by_one(client, told, monkeypatch):
    monkeypatch.setattr("reports.figures.progress.MOST_FAMILIES", 3)
    client.force_login(told.users.camat)

    page = client.get(PAGE).content.decode()

    assert "angka=sekarang" in page
    assert "angka=naik" not in page
    assert "Pilih wilayah yang lebih kecil" in page
    assert client.get(f"{PAGE}keluarga/?angka=naik").status_code == 404


def test_without_assessments_the_page_says_where_they_come_from(client, town):
    client.force_login(town.users.ani)

    assert "Belum ada keluarga yang dinilai" in client.get(PAGE).content.decode()


def test_it_says_that_activities_prove_no_cause(client, told):
    client.force_login(told.users.ani)

    assert "bukan bukti sebab akibat" in client.get(PAGE).content.decode()


def test_the_page_costs_the_same_for_more_families(client, told):
    client.force_login(told.users.ani)

    def cost():
        with count_queries() as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    before = cost()
    for family in (told.household(told.users.ani) for _ in range(5)):
        assess(family, {"A1": 1, "B2": 1}, on=told.then)
        assess(family, {"A1": 2, "B2": 1}, on=told.today)
    assert cost() == before <= 14


def test_the_list_costs_the_same_for_more_rows(client, told):
    client.force_login(told.users.camat)
    url = reverse("reports:independence_rows")

    def cost(kind):
        with count_queries() as queries:
            assert client.get(url, {"angka": kind}).status_code == 200
        return len(queries)

    before = {kind: cost(kind) for kind in ("dinilai", "naik")}
    for family in (told.household(told.users.ani) for _ in range(5)):
        assess(family, {"A1": 1}, on=told.then)
        assess(family, {"A1": 2}, on=told.today)
    assert {kind: cost(kind) for kind in before} == before


# --- the roll-up -----------------------------------------------------------------------------------------------------


def test_the_nightly_command_fills_every_month_that_is_over(told):
    call_command("roll_up", verbosity=0)

    months = months_to_keep()
    assert months[0] == (told.then - timedelta(days=90)).replace(day=1)
    assert next_month(months[-1]) == told.today.replace(day=1)
    assert set(LevelMonth.objects.values_list("month", flat=True)) == set(months)
    call_command("roll_up", "--verify", verbosity=0)


def test_verify_fails_when_a_count_is_wrong_missing_or_too_many(told):
    call_command("roll_up", verbosity=0)
    row = LevelMonth.objects.filter(month=told.then).first()

    row.families += 1
    row.save()
    assert len(differences(told.then)) == 1
    with pytest.raises(CommandError, match=f"{told.then:%Y-%m}"):
        call_command("roll_up", "--verify", verbosity=0)
    row.delete()
    assert len(differences(told.then)) == 1
    call_command("roll_up", verbosity=0)
    call_command("roll_up", "--verify", verbosity=0)
    LevelMonth.objects.create(month=told.then, wilayah_id=SUKAPURA, code="E4", level=4, families=1)
    assert len(differences(told.then)) == 1


def test_a_late_answer_corrects_the_months_that_are_kept(told):
    call_command("roll_up", verbosity=0)
    assess(told.by_holder["ani"][5], {"A1": 4}, on=told.then - timedelta(days=40))

    call_command("roll_up", "--verify", verbosity=0)
    assert progress.levels_then(lens_of(told, "officer"))["A1"][4] == 1


def test_no_month_is_kept_before_the_first_assessment(town):
    assert months_to_keep() == []
    call_command("roll_up", verbosity=0)
    assert next_month(date(2025, 12, 1)) == date(2026, 1, 1)
