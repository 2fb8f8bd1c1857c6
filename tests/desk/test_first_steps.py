from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from desk.first_steps import FIRST_DAYS, first_steps
from tests.factories import ActivityFactory, HouseholdFactory, PhoneFactory, UserFactory, assess, make_goal

pytestmark = pytest.mark.django_db


def done(user):
    return [step.is_done for step in first_steps(user)]


def test_a_pendamping_is_led_from_step_to_step_by_what_was_done(client, django_assert_num_queries):
    user = UserFactory()
    assert done(user) == [False] * 5
    family = HouseholdFactory(pendamping=user)
    ActivityFactory(pendamping=user, families=[family])
    with django_assert_num_queries(1):
        assert done(user) == [False, True, True, False, False]
    assess(family, {"B2": 1}, on=date(2026, 11, 10))
    make_goal(family)
    assert done(user) == [False, True, True, True, True]

    client.force_login(user)
    page = client.get(reverse("desk:today")).content.decode()
    assert "Lima menit pertama" in page and reverse("phone:phone_here") in page
    PhoneFactory(user=user)
    assert first_steps(user) == []
    assert "Lima menit pertama" not in client.get(reverse("desk:today")).content.decode()


def test_what_others_did_leads_nobody_on():
    other = UserFactory()
    ActivityFactory(pendamping=other, families=[HouseholdFactory(pendamping=other)])
    assert done(UserFactory()) == [False] * 5


def test_a_koordinator_is_led_through_the_area(client):
    user = UserFactory(koordinator=True)
    before = done(user)
    assert before[:2] == [False, False]
    HouseholdFactory()
    assert done(user)[:2] == [True, True]
    client.force_login(user)
    assert "Masukkan daftar KPM" in client.get(reverse("desk:today")).content.decode()


@pytest.mark.parametrize("duty", [{}, {"koordinator": True}], ids=["pendamping", "koordinator"])
def test_who_is_here_for_long_needs_no_first_steps(duty, django_assert_num_queries):
    user = UserFactory(**duty)
    User.objects.filter(pk=user.pk).update(created_at=timezone.now() - timedelta(days=FIRST_DAYS, seconds=1))
    user.refresh_from_db()
    with django_assert_num_queries(0):
        assert first_steps(user) == []
