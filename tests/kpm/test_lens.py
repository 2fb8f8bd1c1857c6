"""The graduation lens: what holds since when, what the rest needs, what does not fit together, and who is near."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from kpm.independence.lens import different, read_lens
from kpm.independence.ready import WALK, near_families
from kpm.models import Household
from tests.factories import BANDUNG, ActivityFactory, HouseholdFactory, UserFactory, assess, make_goal
from tests.queries import count_queries
from wilayah.clock import local_today

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = date(2026, 2, 2), date(2026, 6, 1), date(2026, 10, 5)
DAY = date(2026, 11, 24)
CODES = [
    f"{dimension}{number}"
    for dimension, most in zip("ABCDE", [4, 4, 4, 3, 3], strict=True)
    for number in range(1, most + 1)
]
READY = {code: 3 for code in CODES} | {"E4": 4}


@pytest.fixture
def family():
    return HouseholdFactory(path="usaha")


def by_code(lens):
    return {row.code: row for row in lens.rows}


def test_every_condition_says_whether_it_holds_since_when_and_what_shows_it(family):
    low = READY | {"A1": 2, "B3": 3}
    assess(family, low | {"B3": 2}, on=FIRST)
    assess(family, low, on=SECOND)
    short = assess(family, {"A1": 2, "A2": 3}, on=THIRD, form="singkat")
    second = family.assessments.get(assessed_on=SECOND)
    goal = make_goal(family, code="A1", wish="Warung ramai")
    visit = ActivityFactory(pendamping=family.pendamping, families=[family], occurred_on=date(2026, 10, 20))
    visit.families.get().goals.add(goal)

    rows = by_code(read_lens(family, DAY))

    assert (rows["A1"].holds, rows["A1"].since, rows["A1"].assessment) == (False, None, short)
    assert (rows["A1"].wanted, rows["A1"].found) == ("3 (Berkembang)", "2 (Bertahan)")
    assert rows["A1"].visit == (visit.get_absolute_url(), visit.occurred_on)
    assert (rows["B3"].holds, rows["B3"].since, rows["B3"].assessment) == (True, SECOND, second)
    assert (rows["A2"].since, rows["A2"].assessment, rows["A2"].visit) == (FIRST, short, None)
    assert (rows[""].name, rows[""].wanted, rows[""].found) == ("Rata-rata semua indikator", "3,00", "3,00")


def test_the_least_that_must_change_is_said_in_words(family):
    assess(family, READY | {"A1": 2, "B3": 1}, on=FIRST)

    lens = read_lens(family, DAY)

    assert [(change.name, change.words) for change in lens.changes] == [
        ("Kecukupan pendapatan", "dari 2 (Bertahan) ke 3 (Berkembang)"),
        ("Utang", "dari 1 (Rentan) ke 3 (Berkembang)"),
    ]
    assert "lembaga resmi" in lens.changes[1].text
    assert not lens.may_be_discussed


def test_it_must_last_over_two_assessments_far_enough_apart(family):
    assess(family, READY, on=FIRST)
    once = read_lens(family, DAY)
    assert (once.all_hold, once.since, once.lasted, once.may_be_discussed) == (True, FIRST, False, False)
    assert once.again_on == FIRST + timedelta(days=90)

    assess(family, READY, on=FIRST + timedelta(days=89))
    assert not read_lens(family, DAY).may_be_discussed

    assess(family, READY, on=FIRST + timedelta(days=90))
    assert read_lens(family, DAY).may_be_discussed


def test_an_indicator_never_asked_is_unknown(family):
    assess(family, {"A1": 4}, on=FIRST, form="singkat")

    lens = read_lens(family, DAY)

    assert by_code(lens)["C1"].holds is None
    assert by_code(lens)["C1"].found == "belum dinilai"
    assert "Tahap usaha" in lens.unknown and "Kecukupan pendapatan" not in lens.unknown
    assert lens.changes == [] and not lens.all_hold


def test_a_level_that_rose_without_an_activity_between_is_flagged(family):
    assess(family, {"A1": 1, "B2": 2, "B3": 2}, on=FIRST)
    assess(family, {"A1": 3, "B2": 3, "B3": 2}, on=THIRD)
    for day, met in (
        (FIRST, True),
        (THIRD, True),
        (SECOND, False),
    ):  # their own visits, and one that met nobody
        ActivityFactory(pendamping=family.pendamping, families=[family], families__met=met, occurred_on=day)
    words = "Naik antara 2 Feb 2026 dan 5 Okt 2026 tanpa kegiatan yang tercatat: Kecukupan pendapatan, "
    assert [found[: len(words)] for found in read_lens(family, DAY).contradictions] == [words]

    ActivityFactory(pendamping=family.pendamping, families=[family], occurred_on=SECOND)

    assert read_lens(family, DAY).contradictions == []


@pytest.mark.parametrize(("own", "flagged"), [(2, False), (1, True), (4, False)])
def test_a_family_that_sees_itself_two_levels_apart_is_flagged(family, own, flagged):
    assess(family, {"B3": 3}, on=FIRST, family={"B3": own})

    found = read_lens(family, DAY).contradictions

    assert found == ([f"Utang: keluarga memilih {own}, pendamping menilai 3."] if flagged else [])


def test_the_protection_path_is_kindly_left_out(client):
    family = HouseholdFactory(path="perlindungan")
    assess(family, {"B2": 4, "B3": 4}, on=FIRST)
    lens = read_lens(family, DAY)
    assert not lens.is_scored and not lens.rows and not lens.may_be_discussed

    client.force_login(family.pendamping)
    page = client.get(reverse("kpm:household_independence", args=[family.case_number]))

    assertContains(page, "jalur perlindungan, jadi tidak dinilai untuk graduasi")
    assertNotContains(page, "dapat dibahas")


def test_the_page_advises_and_never_passes_anybody(client, family):
    for day in (FIRST, SECOND):
        assess(family, READY, on=day)
    client.force_login(family.pendamping)

    page = client.get(reverse("kpm:household_independence", args=[family.case_number])).content.decode()

    assert "Graduasi dapat dibahas dengan keluarga." in page
    assert "lulus" not in page.lower()
    assert family.assessments.latest("assessed_on").get_absolute_url() in page
    assert reverse("kpm:graduation_create", args=[family.case_number]) in page


def test_a_snapshot_tells_what_became_different(family):
    assess(family, READY, on=FIRST)
    assess(family, READY, on=SECOND)
    seen = read_lens(family, DAY).snapshot()
    assert different(seen, read_lens(family, DAY)) == []

    assess(family, READY | {"B3": 2, "E3": 4}, on=THIRD)

    assert different(seen, read_lens(family, DAY)) == [
        "Utang: waktu diusulkan 3 (Berkembang), sekarang 2 (Bertahan).",
        "Daya tahan saat musibah: waktu diusulkan 3 (Berkembang), sekarang 4 (Mandiri).",
        "Menurut aturan sekarang belum waktunya dibahas.",
        "Naik antara 1 Jun 2026 dan 5 Okt 2026 tanpa kegiatan yang tercatat: Daya tahan saat musibah.",
    ]


def test_a_long_history_takes_no_more_queries(family):
    def queries():
        with count_queries() as counted:
            read_lens(Household.objects.get(pk=family.pk), DAY)
        return len(counted)

    assess(family, READY | {"A1": 1, "B1": 2}, on=FIRST)
    assess(family, READY | {"A1": 2}, on=FIRST + timedelta(days=7))
    few = queries()
    for week in range(2, 20):
        assess(family, READY | {"A1": 2 + week % 2}, on=FIRST + timedelta(days=7 * week))

    assert queries() <= few <= 12


# --- who is ready and who is near --------------------------------------------------------------------------------------

NEAR_PAGE = reverse("kpm:graduation_ready")


def shown(client, user, **query):
    client.force_login(user)
    page = client.get(NEAR_PAGE, query).context["page"]
    return [(ready.household.name, ready.may_be_discussed, len(ready.changes)) for ready in page.rows]


@pytest.fixture
def caseload():
    """Families of one pendamping by how near they are; some that must not be listed."""
    pendamping, today = UserFactory(), local_today()

    def ago(days):
        return today - timedelta(days=days)

    def told(name, levels, *days, **fields):
        family = HouseholdFactory(pendamping=pendamping, name=name, **fields)
        for day in days:
            assess(family, levels, on=day)
        return family

    told("Siap", READY, ago(200), ago(20))
    told("Satu lagi", READY | {"B3": 2}, ago(30))
    told("Baru sekali", READY, ago(10))
    told("Dua lagi", READY | {"B3": 2, "A1": 2}, ago(40))
    told("Jauh", READY | {"B3": 2, "A1": 2, "D3": 1}, ago(40))
    told("Sudah pergi", READY, ago(40), status="nonaktif")
    told("Perlindungan", {"B2": 4}, ago(40), path="perlindungan")
    fallen = told("Turun", READY, ago(300))
    assess(fallen, dict.fromkeys(CODES, 1), on=ago(5))
    return pendamping


def test_the_nearest_come_first_with_what_holds_them_back(client, caseload):
    assert shown(client, caseload) == [
        ("Baru sekali", False, 0),
        ("Siap", True, 0),
        ("Satu lagi", False, 1),
        ("Dua lagi", False, 2),
    ]
    page = client.get(NEAR_PAGE)
    assertContains(page, "Utang: dari 2 (Bertahan) ke 3 (Berkembang)")
    assertContains(page, "dapat dibahas", count=1 + 1)  # the family, and the words above the list
    assertNotContains(page, "lulus")


def test_everybody_sees_the_own_families_only(client, caseload):
    assert shown(client, UserFactory()) == []
    assert len(shown(client, UserFactory(koordinator=True))) == 4
    assert len(shown(client, UserFactory(koordinator=True, wilayah_id=BANDUNG))) == 4
    assert shown(client, UserFactory(koordinator=True, wilayah_id="3273161001")) == []
    for duty in ("kelurahan", "admin"):
        client.force_login(UserFactory(**{duty: True}))
        assert client.get(NEAR_PAGE).status_code == 404


@pytest.mark.parametrize("area", [None, "327316", BANDUNG])
def test_page_by_page_nobody_is_missed_or_shown_twice(client, caseload, monkeypatch, area):
    monkeypatch.setattr("kpm.independence.ready.PAGE", 1)
    client.force_login(UserFactory(koordinator=True, wilayah_id=area) if area else caseload)
    names, url = [], NEAR_PAGE
    while url:
        page = client.get(url).context["page"]
        names += [ready.household.name for ready in page.rows]
        url = page.next_url
    assert sorted(names) == ["Baru sekali", "Dua lagi", "Satu lagi", "Siap"]


def test_a_full_page_takes_no_more_queries_than_one_family(client, caseload):
    def queries():
        with count_queries() as counted:
            client.get(NEAR_PAGE)
        return len(counted)

    other = UserFactory()
    assess(HouseholdFactory(pendamping=other), READY, on=FIRST)
    client.force_login(other)
    client.get(NEAR_PAGE)
    few = queries()
    for _ in range(20):
        assess(HouseholdFactory(pendamping=other), READY | {"B3": 2}, on=FIRST)
    assert queries() == few <= 11


def test_a_wide_area_walks_the_index_of_the_near(caseload):
    """The plan for a koordinator of a city reads the partial index in its order and sorts nothing."""
    user = UserFactory(koordinator=True, wilayah_id=BANDUNG)
    near = near_families(user).filter(wilayah__gte=BANDUNG, wilayah__lt="3274").order_by(*WALK)[:30]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = near.explain()
    assert "assessment_near_by_area" in plan
    assert "Sort" not in plan
