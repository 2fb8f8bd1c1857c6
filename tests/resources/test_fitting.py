"""Which families a resource fits: the matches of each family, seen from the resource."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from kpm.models import Household
from resources.fitting import families_for
from resources.matches import matches_for
from tests.factories import (
    KEBON_JAYANTI,
    SUKAPURA,
    HouseholdFactory,
    MemberFactory,
    ResourceFactory,
    UserFactory,
    assess,
    make_goal,
)
from tests.queries import count_queries
from tests.referrals import make_referral

pytestmark = pytest.mark.django_db
HERE = {"latitude": -6.92744, "longitude": 107.64680}


@pytest.fixture
def worker(client):
    worker = UserFactory(name="Sri Wahyuni")
    client.force_login(worker)
    return worker


def family(worker, name, levels, **facts):
    household = HouseholdFactory(pendamping=worker, name=name, **facts)
    assess(household, levels, on=timezone.localdate() - timedelta(days=3))
    return household


def names(resource, user):
    return [fit.household.name for fit in families_for(resource, user, timezone.localdate()).fits]


def url(resource):
    return reverse("resources:resource_families", args=[resource.pk])


def test_who_surely_fits_stands_lowest_and_lives_nearest_comes_first(worker):
    family(worker, "D tanya", {"C1": 1}, desil=None)
    family(worker, "C tingkat 2", {"C1": 2}, desil=2)
    family(worker, "B jauh", {"C1": 1}, desil=2, latitude=-6.95, longitude=107.65)
    family(worker, "A dekat", {"C1": 1}, desil=2, **HERE)
    family(worker, "Tidak butuh", {"C1": 3}, desil=2)
    family(worker, "Tidak memenuhi", {"C1": 1}, desil=9)
    family(worker, "Hal lain", {"B2": 1}, desil=2)
    family(worker, "Nonaktif", {"C1": 1}, desil=2, status=Household.Status.NONAKTIF)
    resource = ResourceFactory(lifts=["C1"], desil_to=4, **HERE)

    found = families_for(resource, worker, timezone.localdate())

    assert [fit.household.name[0] for fit in found.fits] == list("ABCD")
    assert found.unmet == 1


def test_an_open_goal_is_a_need_too_and_is_told(client, worker):
    household = family(worker, "Euis Komariah", {"C1": 3})
    goal = make_goal(household, code="C1", wish="Warung sendiri")
    resource = ResourceFactory(lifts=["C1"])

    page = client.get(url(resource))

    assertContains(page, "Tujuan: Warung sendiri")
    assertContains(page, f"?kpm={household.case_number}&amp;sumber={resource.pk}&amp;tujuan={goal.pk}")


def test_it_is_the_match_of_the_family_seen_from_the_other_side(worker):
    """The same verdict from both sides, for every kind of requirement, area and family."""
    today = timezone.localdate()
    households = [
        family(worker, "Muda", {"C1": 2, "D1": 1}, desil=1),
        family(worker, "Tua", {"C1": 1, "D1": 2}, desil=6, wilayah_id=SUKAPURA),
        family(worker, "Entah", {"D1": 1}, desil=None),
    ]
    MemberFactory(household=households[0], birth_date=today - timedelta(days=20 * 366))
    asked = (
        {"desil_to": 4},
        {"business_months": 6},
        {"age_to": 25},
        {"women_only": True},
        {"requirements": "Surat RT"},
        {"wilayah_id": KEBON_JAYANTI},
        {"wilayah_id": SUKAPURA},
        {},
    )
    for number, asks in enumerate(asked):
        ResourceFactory(**{"lifts": ["D1"], "name": f"Sumber {number}", **asks})

    sides = {
        (match.resource.pk, household.pk, match.verdict)
        for household in households
        for match in matches_for(household, today, ["D1"])
        if match.verdict != "tidak"
    }
    resources = {
        match.resource for household in households for match in matches_for(household, today, ["D1"])
    }
    seen = {
        (resource.pk, fit.household.pk, fit.verdict)
        for resource in resources
        for fit in families_for(resource, worker, today).fits
    }

    assert seen == sides
    assert len({verdict for _, _, verdict in seen}) == 2


def test_the_reason_and_the_way_to_refer_stand_beside_each(client, worker):
    household = family(worker, "Euis Komariah", {"C1": 1}, desil=2, **HERE)
    resource = ResourceFactory(lifts=["C1"], requirements="Surat RW", latitude=-6.95, longitude=107.65)

    page = client.get(url(resource))

    assertContains(page, "Keluarga saya yang cocok")
    assertContains(page, ": rentan")
    assertContains(page, "Tanyakan: Surat RW")
    assertContains(page, "± 2,5 km")
    assertContains(page, f"?kpm={household.case_number}&amp;sumber={resource.pk}&amp;indikator=C1")
    assertContains(client.get(resource.get_absolute_url()), url(resource))


def test_who_is_on_the_way_there_comes_last_with_the_referral(client, worker):
    resource = ResourceFactory(lifts=["C1"])
    sent = family(worker, "A sudah", {"C1": 1}, desil=2)
    family(worker, "B belum", {"C1": 2}, desil=2)
    referral = make_referral(sent, "diajukan", resource=resource)

    page = client.get(url(resource))

    assert names(resource, worker) == ["B belum", "A sudah"]
    assertContains(page, referral.get_absolute_url())
    assertNotContains(page, f"?kpm={sent.case_number}&amp;sumber")


def test_each_sees_the_own_families_a_koordinator_the_area_s_and_officers_none(client, worker):
    resource = ResourceFactory(lifts=["C1"])
    family(worker, "Milik Sri", {"C1": 1})
    family(UserFactory(name="Rekan"), "Milik rekan", {"C1": 1})
    family(UserFactory(wilayah_id=SUKAPURA), "Tetangga", {"C1": 1}, wilayah_id=SUKAPURA)

    assert names(resource, worker) == ["Milik Sri"]
    koordinator = UserFactory(koordinator=True)
    assert set(names(resource, koordinator)) == {"Milik Sri", "Milik rekan", "Tetangga"}
    client.force_login(koordinator)
    page = client.get(url(resource))
    assertContains(page, "Sri Wahyuni")
    assertNotContains(page, "/rujukan/baru/")
    for user in (UserFactory(kelurahan=True), UserFactory(admin=True)):
        client.force_login(user)
        assert client.get(url(resource)).status_code == 404
    client.force_login(UserFactory(kelurahan=True))
    assertNotContains(client.get(resource.get_absolute_url()), url(resource))


def test_a_resource_that_names_no_need_asks_for_it(client, worker):
    family(worker, "Euis", {"C1": 1})

    page = client.get(url(ResourceFactory(lifts=[])))

    assertContains(page, "Membantu dalam hal apa?")
    assertNotContains(page, "Euis")


def test_what_takes_nobody_now_says_so(client, worker):
    household = family(worker, "Euis", {"C1": 1})
    ended = ResourceFactory(lifts=["C1"], ended_on=timezone.localdate())

    assertContains(client.get(url(ResourceFactory(lifts=["C1"], quota_left=0))), "Kuota habis")
    page = client.get(url(ended))
    assertContains(page, "Sudah tidak ada sejak")
    assertNotContains(page, f"?kpm={household.case_number}")


def test_many_families_are_few_questions(client, worker, monkeypatch):
    resource = ResourceFactory(lifts=["C1", "D1"], desil_to=4)

    def asked():
        with count_queries() as queries:
            assert client.get(url(resource)).status_code == 200
        return len(queries)

    family(worker, "Satu", {"C1": 1, "D1": 2}, desil=2)
    few = asked()
    for number in range(12):
        household = family(worker, f"Lagi {number}", {"C1": 1, "D1": 2}, desil=2)
        MemberFactory(household=household)
    make_goal(household, code="D1")

    assert asked() == few <= 9
    monkeypatch.setattr("resources.fitting.MOST_FAMILIES", 5)
    assertContains(client.get(url(resource)), "masih ada keluarga lain")
    monkeypatch.setattr("resources.views.family.MOST_SHOWN", 2)
    assertContains(client.get(url(resource)), "Tampilkan semua 5")
    assert len(client.get(url(resource), {"semua": "1"}).context["fits"]) == 5
