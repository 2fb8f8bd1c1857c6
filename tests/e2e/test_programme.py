"""A family joins a programme with its yes, goes on by evidence, and stands in the figures."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from sinergi.models import Enrolment
from tests.factories import assess
from tests.programmes import LEVELS, make_programme, stage_of

from .conftest import DESKTOP


@pytest.fixture
def programme(people):
    today = timezone.localdate()
    assess(people["families"][0], LEVELS, on=today - timedelta(days=10))
    return make_programme(people["koordinator"], starts_on=today - timedelta(days=5))


@pytest.mark.parametrize("javascript", [True, False])
def test_join_with_a_yes_go_on_by_evidence_and_see_the_figures(
    javascript, open_browser, people, programme, sign_in, check_page
):
    def check():
        if javascript:
            check_page(page)

    page = sign_in(open_browser(javascript=javascript).new_page(), "sri")
    page.goto("/lainnya/")
    page.get_by_role("link", name="Program Sinergi Kreatif").click()
    check()
    page.get_by_role("link", name="Sinergi Kebon Jayanti").click()
    page.get_by_role("link", name="Lihat calon peserta").click()
    check()
    page.get_by_role("link", name=people["families"][0].name).click()
    expect(page.get_by_text("bansos kami tidak berubah karenanya")).to_be_visible()
    page.get_by_label("Lisan, dibacakan lalu disetujui").check()
    check()
    page.get_by_role("button", name="Daftarkan keluarga").click()
    expect(page.get_by_text("Keadaan dipetakan bersama")).to_be_visible()
    expect(page.get_by_role("button", name="Bukti ada: pindahkan")).to_have_count(0)
    check()

    assess(people["families"][0], {**LEVELS, "C1": 3}, on=timezone.localdate())
    page.goto(programme.get_absolute_url())
    check()
    page.get_by_role("button", name="Pindahkan semua yang ada buktinya").click()
    expect(page.get_by_text("1 keluarga pindah tahap dengan buktinya.")).to_be_visible()
    assert stage_of(Enrolment.objects.get()) == "Rencana keluarga"
    page.get_by_role("link", name="Angka", exact=True).click()
    row = page.get_by_role("row", name="Tahap usaha")
    expect(row).to_contain_text("+1,00")
    check()
    row.get_by_role("link").first.click()
    expect(page.get_by_role("link", name=people["families"][0].case_number)).to_be_visible()
    page.set_viewport_size(DESKTOP)
    check()
