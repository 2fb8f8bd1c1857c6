"""What a person does with the map of independence: from the family's page to the whole map, from a number to a family."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.factories import assess


@pytest.fixture
def assessed(people):
    """Families assessed a good year ago and lately: some rose, some stood, one fell."""
    today = timezone.localdate()
    for number, family in enumerate(people["families"][:8]):
        then = {"A1": 1 + number % 2, "A2": 2, "B2": 1 + number % 3, "E1": 2, "E2": 3, "C1": 2, "D1": 2}
        now = {code: min(level + (number + index) % 2, 4) for index, (code, level) in enumerate(then.items())}
        assess(family, then, on=today - timedelta(days=430))
        assess(family, then, on=today - timedelta(days=400))
        assess(
            family,
            now | ({"E2": 1, "A1": 1} if number == 7 else {}),
            on=today - timedelta(days=10),
            family={"E1": 4},
        )
    return people


def test_from_the_familys_page_to_its_map_and_the_sheet(phone, assessed, sign_in):
    page = sign_in(phone.new_page(), "sri")
    family = assessed["families"][1]
    page.goto(family.get_absolute_url())

    page.get_by_role("link", name="Peta lengkap").click()
    expect(page.get_by_role("heading", name="Peta kemandirian")).to_be_visible()
    expect(page.get_by_role("figure", name="Dulu dan sekarang")).to_be_visible()

    page.get_by_role("link", name="Tunjukkan ke keluarga").click()
    with page.expect_request(re.compile("/cetak/")):
        page.get_by_role("link", name="Cetak").click()
    answer = page.context.request.get(f"{family.get_absolute_url()}tunjukkan/cetak/")
    assert answer.body().startswith(b"%PDF")


def test_from_a_number_to_the_family_behind_it(phone, assessed, sign_in):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/lainnya/")
    page.get_by_role("link", name="Kemandirian keluarga").click()

    page.get_by_role("link", name=re.compile("keluarga dari tingkat 2 ke 3")).click()
    expect(
        page.get_by_role("heading", name=re.compile("dari 2 · Bertahan ke 3 · Berkembang"))
    ).to_be_visible()
    page.get_by_role("link", name=assessed["families"][1].name).click()

    expect(page.get_by_role("heading", name="Peta kemandirian")).to_be_visible()
