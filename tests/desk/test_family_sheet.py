"""What a family is shown of where it stands: on the screen held out to it, on paper, and as a picture."""

import io
from datetime import date, timedelta

import pypdfium2
import pytest
from django.urls import reverse
from PIL import Image

from desk.family_sheet import sheet_of
from entries.models import AccessLog
from kpm.independence.lifemap import life_map
from kpm.models import Goal, Indicator
from pkh_casework.ids import uuid7
from tests.factories import KIARACONDONG, ActivityFactory, HouseholdFactory, UserFactory, assess
from tests.queries import count_queries
from tests.referrals import make_referral, step

THIRD, DAY = date(2026, 10, 5), date(2026, 11, 20)
ROUTES = ("desk:family_show", "desk:family_sheet_pdf", "desk:family_sheet_png")


@pytest.fixture
def family(db):
    return HouseholdFactory(path="usaha")


@pytest.fixture
def planned(family):
    assess(family, {"A1": 3, "B2": 2, "E2": 4}, on=THIRD)
    goal = Goal.objects.create(
        op_id=uuid7(),
        household=family,
        wilayah_id=family.wilayah_id,
        pendamping=family.pendamping,
        indicator=Indicator.objects.get(pk="1.B2"),
        code="B2",
        from_level=2,
        slot=1,
        wish="Punya tabungan untuk sekolah anak",
        why="Supaya tidak meminjam lagi.",
        started_on=THIRD,
        target_on=date(2027, 3, 1),
    )
    goal.steps.create(
        household=family, whose="keluarga", text="Menyisihkan lima ribu sehari", due_on=date(2026, 12, 1)
    )
    goal.steps.create(household=family, whose="pendamping", text="Sudah selesai", due_on=THIRD, done_on=THIRD)
    ActivityFactory(
        pendamping=family.pendamping, families=[family], next_step="Mencari koperasi", next_step_on=DAY
    ).families.update(step_due_on=DAY)
    return family


def page_of(family, name="desk:family_show"):
    return reverse(name, args=[family.case_number])


def text_of(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) == 1
    return " ".join(pages[0].get_textpage().get_text_range().split())


def test_the_sheet_says_what_is_strong_then_what_is_wanted_and_how_that_would_look(planned):
    sheet = sheet_of(life_map(planned, DAY), DAY)

    assert sheet["level"] == 3
    assert [one["code"] for one in sheet["strengths"]] == ["E2", "A1"]
    (change,) = sheet["changes"]
    assert (change["code"], change["level"], change["next"]) == ("B2", 2, 3)
    assert change["text"] == "Rutin menyimpan, cukup untuk 1 sampai 4 minggu pengeluaran"
    assert sheet["family"] == [{"text": "Menyisihkan lima ribu sehari", "due": "1 Des 2026"}]
    assert [one["text"] for one in sheet["worker"]] == ["Mencari koperasi"]


def test_without_a_goal_the_lowest_is_what_may_come_next(family):
    assess(family, {"A1": 3, "B2": 1}, on=THIRD)
    (change,) = sheet_of(life_map(family, DAY), DAY)["changes"]

    assert (change["code"], change["next"], change["wish"]) == ("B2", 2, "")


def test_who_helps_is_who_was_asked_with_the_familys_yes(planned):
    referral = make_referral(planned)
    assert sheet_of(life_map(planned, DAY), DAY)["helpers"] == []
    step(referral, "ajukan")

    (helper,) = sheet_of(life_map(planned, DAY), DAY)["helpers"]
    assert helper == {"name": "Baznas Kota Bandung", "what": "Z-Mart Baznas"}


def test_the_screen_is_drawn_for_the_family_and_can_be_read_aloud(client, planned):
    client.force_login(planned.pendamping)
    page = client.get(page_of(planned)).content.decode()

    assert "Kita ada di anak tangga 3 dari 4." in page
    for drawing in ("tangga-3", "E2-4", "B2-2", "B2-3"):
        assert f"#{drawing}" in page
    assert "data-listen hidden" in page and page.count("data-say") > 8
    for hidden in (planned.case_number + "<", planned.address, str(planned.no_kk), "Rentan", "rentan"):
        assert hidden not in page, hidden


def test_the_paper_is_one_page_in_plain_words(client, planned):
    client.force_login(planned.pendamping)
    answer = client.get(page_of(planned, "desk:family_sheet_pdf"))

    assert answer["Content-Type"] == "application/pdf"
    words = text_of(answer.content)
    for wanted in (
        planned.name,
        "anak tangga 3 dari 4",
        "Yang sudah kuat",
        "Punya tabungan untuk sekolah anak",
        "sampai 1 Mar 2027",
        "Menyisihkan lima ribu sehari",
        "Mencari koperasi",
        planned.pendamping.name,
        "5 Okt 2026",
    ):
        assert wanted in words, wanted
    for hidden in ("Sudah selesai", planned.address, planned.no_kk.reveal(), planned.case_number, "NIK"):
        assert hidden not in words, hidden


def test_the_fullest_paper_still_is_one_page(client, planned):
    codes = Indicator.objects.values_list("code", flat=True)
    assess(planned, {code: 2 + number % 3 for number, code in enumerate(codes)}, on=DAY)
    goal = planned.goals.get()
    goal.wish = ("Menambah warung sampai bisa melayani pesanan tetangga dan pasar " * 3)[:200]
    for slot, code in ((2, "A2"), (3, "A1")):
        goal.pk, goal.op_id, goal.slot, goal.code = uuid7(), uuid7(), slot, code
        goal.save(force_insert=True)
        for whose in ("keluarga", "pendamping"):
            for number in range(4):
                goal.steps.create(
                    household=planned,
                    whose=whose,
                    text="Mencatat belanja dan untung " * 6,
                    due_on=DAY + timedelta(number),
                )
    client.force_login(planned.pendamping)

    assert "Siapa yang membantu" in text_of(client.get(page_of(planned, "desk:family_sheet_pdf")).content)


def test_the_picture_is_the_page_and_light_enough_to_send(client, planned):
    client.force_login(planned.pendamping)
    answer = client.get(page_of(planned, "desk:family_sheet_png"))

    assert answer["Content-Type"] == "image/png"
    assert planned.name not in answer["Content-Disposition"]
    with Image.open(io.BytesIO(answer.content)) as picture:
        across, down = picture.size
    assert 800 < across < down < 1600
    assert len(answer.content) < 400_000


@pytest.mark.parametrize("name", ROUTES[1:])
def test_taking_it_away_is_kept_in_the_trail(client, planned, name):
    client.force_login(planned.pendamping)
    client.get(page_of(planned, name))

    kept = AccessLog.objects.get(action="export")
    assert (kept.subject, kept.user) == (planned.case_number, planned.pendamping)


def test_before_the_first_assessment_the_screen_leads_to_it_and_there_is_no_paper(client, family):
    client.force_login(family.pendamping)

    page = client.get(page_of(family)).content.decode()
    assert "Belum ada asesmen" in page and f"/asesmen/{family.case_number}/" in page
    for name in ROUTES[1:]:
        assert client.get(page_of(family, name)).status_code == 404
    assert not AccessLog.objects.filter(action="export").exists()


@pytest.mark.parametrize("name", ROUTES)
def test_only_who_may_open_the_family_may_show_it(client, planned, name):
    for user, status in (
        (UserFactory(), 404),
        (UserFactory(kelurahan=True), 404),
        (UserFactory(admin=True), 404),
        (UserFactory(koordinator=True, wilayah_id=KIARACONDONG), 200),
    ):
        client.force_login(user)
        assert client.get(page_of(planned, name)).status_code == status


def test_it_costs_the_same_however_long_the_story_is(planned):
    def queries():
        with count_queries() as counted:
            sheet_of(life_map(planned, DAY), DAY)
        return len(counted)

    few = queries()
    for number in range(3):
        assess(planned, {"A1": 1 + number, "D3": 2}, on=THIRD + timedelta(days=10 + number))

    assert queries() == few
