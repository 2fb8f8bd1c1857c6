"""RHK: the dated list, the map from activities, and the reports read back from PDF and Word."""

import io
from datetime import date

import pypdfium2
import pytest
from django.core.files.base import ContentFile
from docx import Document
from docx.shared import Cm
from PIL import Image

from entries.models import AccessLog
from pkh_casework.ids import uuid7
from pkh_casework.pdf import make_pdf
from reports.figures import FIGURES, Lens
from reports.figures.declared.rhk import rhk_in
from reports.figures.values import values_of
from reports.models import RHK, PlanAction, RHKRule
from reports.models.rhk import NUMBERS
from reports.monthly import rhk_paper
from reports.monthly.rhk_word import month_document
from roles.models import ActivityKind, Photo, SubRole
from tests.factories import (
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    hold,
    make_goal,
    nik,
    plan_session,
)
from tests.monthly import lock
from tests.papers import month_paper, photo
from tests.queries import count_queries
from wilayah.clock import local_today

NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def worker(db):
    return UserFactory(name="Sri Wahyuni", nip="198503122010012001")


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add_photo(activity, colour="teal"):
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(out, "JPEG")
    photo = Photo(activity=activity, sha256=f"{colour:0<64}", width=1600, height=1200)
    photo.file.save("foto.jpg", ContentFile(out.getvalue()), save=False)
    photo.save(force_insert=True)


def pdf_text(content):
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def word_text(content):
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


# --- the list and its map --------------------------------------------------------------------------------------------


def test_the_list_of_2026_has_nine_results_and_every_kind_of_activity_serves_one(db):
    rhk = rhk_in(NOVEMBER)

    assert [result.number for result in rhk.results] == list(range(1, 10))
    assert set(rhk.by_kind) == set(ActivityKind.objects.values_list("code", flat=True))
    assert set(RHK.objects.values_list("number", flat=True)) <= set(NUMBERS)
    assert {slug for result in RHK.objects.all() for slug in result.counted} <= FIGURES.keys()


def test_the_rule_of_a_sub_role_wins_over_that_of_its_kind(worker):
    visit = ActivityFactory(pendamping=worker, sub_role=SubRole.objects.get(pk="FAS-1"))
    appeal = ActivityFactory(pendamping=worker, sub_role=SubRole.objects.get(pk="REP-2"))

    rhk = rhk_in(NOVEMBER)

    assert (rhk.action_of(visit).rhk.number, rhk.action_of(appeal).rhk.number) == (3, 6)


def test_every_activity_counts_in_exactly_one_result(worker):
    for kind in ActivityKind.objects.all():
        for sub_role in SubRole.objects.all():
            ActivityFactory(pendamping=worker, kind=kind, sub_role=sub_role)
    slugs = [slug for slug in FIGURES if slug.startswith("rhk-")]
    lens = Lens(worker, local_today(), NOVEMBER)

    values = values_of([*slugs, "kegiatan"], lens)

    assert sum(values[slug] for slug in slugs) == values["kegiatan"] > 200
    assert all(values[f"rhk-{number}"] for number in range(1, 10))
    rhk = rhk_in(NOVEMBER)
    for number in range(1, 10):
        rows = FIGURES[f"rhk-{number}"].rows(lens)
        assert {rhk.action_of(row).rhk.number for row in rows} == {number}


def test_another_year_has_its_own_list(worker):
    old = RHK.objects.create(
        key="2019-1",
        number=3,
        name="Target graduasi",
        source="uji",
        valid_from=date(2019, 1, 1),
        valid_to=date(2020, 1, 1),
    )
    action = PlanAction.objects.create(
        key="2019-1-a", rhk=old, name="Graduasi", supervising=False, position=1
    )
    kind = ActivityKind.objects.get(pk="kunjungan_rumah")
    RHKRule.objects.create(
        kind=kind, action=action, source="uji", valid_from=old.valid_from, valid_to=old.valid_to
    )
    then = ActivityFactory(pendamping=worker, occurred_on=date(2019, 5, 6))
    between = ActivityFactory(pendamping=worker, occurred_on=date(2022, 5, 6))

    assert rhk_in(date(2019, 5, 1)).action_of(then) == action
    assert rhk_in(date(2022, 5, 1)).action_of(between) is None
    lens = Lens(worker, local_today(), date(2022, 5, 1))
    assert values_of(["rhk-3", "rhk-tanpa"], lens) == {"rhk-3": 0, "rhk-tanpa": 1}


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_how_the_month_falls_on_the_list_and_opens_the_rows(client, worker):
    ActivityFactory(pendamping=worker, families=[HouseholdFactory(pendamping=worker)])
    client.force_login(worker)

    page = client.get("/laporan/rhk/?bulan=2026-11")

    [third] = [row for row in page.context["results"] if row["rhk"].number == 3]
    assert third["value"] == 1
    rows = client.get(third["url"])
    assert rows.status_code == 200 and len(rows.context["rows"]) == 1


def test_a_kelurahan_sees_the_numbers_and_takes_no_file(client, worker):
    activity = ActivityFactory(pendamping=worker)
    client.force_login(UserFactory(kelurahan=True))

    page = client.get("/laporan/rhk/?bulan=2026-11")

    assert page.status_code == 200 and not page.context["takes_files"]
    assert "Laporan RHK sebulan" not in page.content.decode()
    for path in (f"{activity.pk}.pdf", f"{activity.pk}.docx", "bulan.pdf", "bulan.zip"):
        assert client.get(f"/laporan/rhk/{path}").status_code == 404


def test_a_month_without_a_list_says_so(client, worker):
    client.force_login(worker)

    assert "Belum ada daftar RHK" in client.get("/laporan/rhk/?bulan=2024-01").content.decode()


def test_the_page_asks_the_database_a_fixed_number_of_times(client, worker):
    client.force_login(worker)
    client.get("/laporan/rhk/?bulan=2026-11")
    for _ in range(30):
        ActivityFactory(pendamping=worker)

    with count_queries() as queries:
        client.get("/laporan/rhk/?bulan=2026-11")
    assert len(queries) <= 6, queries  # two of them of kasus, which RHK 6 counts besides its activities


# --- the reports ------------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(worker, media):
    family = HouseholdFactory(pendamping=worker, name="Aas Rohaeti", pengurus__nik=nik(7))
    colleague = UserFactory()
    activity = ActivityFactory(
        pendamping=worker,
        families=[family, HouseholdFactory(pendamping=colleague, name="Milik Rekan", address="Gang Rahasia")],
        notes="Menghitung modal warung.\nMembaca buku tabungan.",
        outcome="Buku tabungan sudah terisi.",
    )
    activity.families.get(household=family).goals.add(make_goal(family, wish="Punya simpanan darurat"))
    add_photo(activity)
    return activity


@pytest.mark.parametrize(("ending", "read"), [("pdf", pdf_text), ("docx", word_text)])
def test_the_report_holds_what_was_logged_and_lines_for_the_rest(client, worker, visit, ending, read):
    client.force_login(worker)

    answer = client.get(f"/laporan/rhk/{visit.pk}.{ending}")

    text = read(answer.content)
    for words in (
        "LAPORAN TENTANG KUNJUNGAN RUMAH",
        "BULAN NOVEMBER 2026",
        "A. Pendahuluan",
        "RHK 3",
        "B. Maksud dan tujuan",
        "Punya simpanan darurat",
        "C. Pelaksanaan kegiatan",
        "Menghitung modal warung.",
        "Aas Rohaeti",
        "3273 •••• •••• ••••",
        "D. Hasil",
        "Buku tabungan sudah terisi.",
        "E. Penutup",
        "Sri Wahyuni",
        "198503122010012001",
        "DOKUMENTASI",
    ):
        assert words in text, words
    # A colleague's family is there by case number only, and no identity number in full.
    assert "Milik Rekan" not in text and "Gang Rahasia" not in text
    assert nik(7) not in text.replace(" ", "")
    assert AccessLog.objects.get(action="export").subject == str(visit.pk)
    assert "Aas" not in answer["Content-Disposition"]


def test_signs_pasted_from_elsewhere_do_not_stop_the_report_nor_the_month(client, worker, visit):
    type(visit).objects.filter(pk=visit.pk).update(notes="Menghitung\x0bmodal\x0c warung\x1f.\ufffe")
    client.force_login(worker)

    word = word_text(client.get(f"/laporan/rhk/{visit.pk}.docx").content)
    month = client.get(f"/laporan/rhk/bulan.docx?bulan={visit.occurred_on:%Y-%m}&rhk=3")

    assert "Menghitung\nmodal\n warung." in word
    assert "Menghitung\nmodal\n warung." in word_text(month.content)


def test_both_forms_carry_the_photo(client, worker, visit):
    client.force_login(worker)

    pdf = pypdfium2.PdfDocument(client.get(f"/laporan/rhk/{visit.pk}.pdf").content)
    word = Document(io.BytesIO(client.get(f"/laporan/rhk/{visit.pk}.docx").content))

    pictures = [found for page in pdf for found in page.get_objects() if found.type == 3]
    assert len(pictures) == 1 and len(word.inline_shapes) == 1


def test_a_damaged_photo_is_told_and_does_not_stop_the_report(client, worker, visit):
    photo = visit.photos.get()
    photo.file.storage.delete(photo.file.name)
    client.force_login(worker)

    assert "1 foto tidak dapat dibuka" in pdf_text(client.get(f"/laporan/rhk/{visit.pk}.pdf").content)


def test_the_report_of_a_meeting_names_module_session_and_who_came(client, worker, media):
    group = GroupFactory(pendamping=worker, name="Melati 1")
    families = [HouseholdFactory(pendamping=worker, group=group) for _ in range(3)]
    MemberFactory(household=families[0])
    meeting = hold(plan_session(group), dict(zip(families, ("hadir", "hadir", "izin"), strict=True)))
    client.force_login(worker)

    text = pdf_text(client.get(f"/laporan/rhk/{meeting.activity_id}.pdf").content)

    for words in (
        "RHK 2",
        "Melati 1",
        "Mengelola Keuangan Keluarga",
        "Kader Ida",
        "hadir 2, izin 1, tidak hadir 0",
    ):
        assert words in text, words


def test_only_the_author_and_the_koordinator_of_the_area_take_a_report(client, worker, visit):
    holder_now = visit.families.exclude(household__pendamping=worker).get().household.pendamping
    for user, status in (
        (holder_now, 404),
        (UserFactory(koordinator=True, wilayah_id="3204"), 404),
        (UserFactory(koordinator=True), 200),
    ):
        client.force_login(user)
        assert client.get(f"/laporan/rhk/{visit.pk}.pdf").status_code == status


def choose(client, activity, action, **said):
    return client.post(f"/laporan/rhk/{activity.pk}/", {"op_id": str(uuid7()), "action": action} | said)


def test_the_rhk_of_an_activity_is_corrected_on_screen_and_counts_there(client, worker, visit):
    client.force_login(worker)
    page = client.get(f"/laporan/rhk/{visit.pk}/").content.decode()
    assert "Dibaca dari jenis kegiatan" in page and "1 Jan 2025" in page
    before = client.get("/laporan/rhk/?bulan=2026-11").context["results"]
    assert [row["value"] for row in before] == [0, 0, 1, 0, 0, 0, 0, 0, 0]

    answer = choose(client, visit, "2025-1-c")

    assert answer.url == visit.get_absolute_url()
    after = client.get("/laporan/rhk/?bulan=2026-11").context
    assert [row["value"] for row in after["results"]] == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert after["without"] == 0
    rows = FIGURES["rhk-1"].rows(Lens(worker, local_today(), NOVEMBER))
    assert [row.pk for row in rows] == [visit.pk]
    assert "RHK 1" in pdf_text(client.get(f"/laporan/rhk/{visit.pk}.pdf").content)
    assert "Dipilih sendiri" in client.get(f"/laporan/rhk/{visit.pk}/").content.decode()
    assert visit.events.latest("pgh_id").rhk_action == ""  # as it was before

    choose(client, visit, "")
    assert [row["value"] for row in client.get("/laporan/rhk/?bulan=2026-11").context["results"]][2] == 1


def test_each_activity_still_counts_in_exactly_one_rhk_whatever_was_chosen(worker):
    chosen = ["", "2025-1-c", "2025-9-a", "2024-1-a"]  # the last is of no list
    for action in chosen:
        ActivityFactory(pendamping=worker, occurred_on=date(2026, 11, 3), rhk_action=action)
    lens = Lens(worker, local_today(), NOVEMBER)
    slugs = [*(f"rhk-{number}" for number in NUMBERS), "rhk-tanpa"]
    counted = [pk for slug in slugs for pk in FIGURES[slug].rows(lens).values_list("pk", flat=True)]
    assert len(counted) == len(set(counted)) == len(chosen)


def test_an_rhk_of_another_list_a_locked_month_and_another_worker_change_nothing(client, worker, visit):
    client.force_login(worker)
    assert "Pilih salah satu dari daftar." in choose(client, visit, "2019-1-a").content.decode()
    client.force_login(UserFactory())
    assert choose(client, visit, "2025-1-c").status_code == 404
    rina = UserFactory(koordinator=True)
    client.force_login(rina)
    assert choose(client, visit, "2025-1-c").status_code == 302
    lock(rina, visit.wilayah_id, month=NOVEMBER, today=date(2026, 12, 2))

    client.force_login(worker)
    assert "sudah dikunci" in choose(client, visit, "2025-3-b").content.decode()
    visit.refresh_from_db()
    assert visit.rhk_action == "2025-1-c"


def test_a_month_of_an_rhk_is_one_document(client, worker, media):
    aas = HouseholdFactory(pendamping=worker, name="Aas Rohaeti")
    for day in range(1, 6):
        activity = ActivityFactory(
            pendamping=worker, families=[aas], occurred_on=date(2026, 11, day), notes=f"Kegiatan ke-{day}."
        )
    add_photo(activity)
    ActivityFactory(pendamping=UserFactory(), notes="Milik rekan.")
    client.force_login(worker)

    [row] = [row for row in client.get("/laporan/rhk/?bulan=2026-11").context["results"] if row["value"]]
    pdf, word = client.get(row["files"]["pdf"]), client.get(row["files"]["docx"])
    for text in (pdf_text(pdf.content), word_text(word.content)):
        for said in (
            "Kegiatan ke-1.",
            "Kegiatan ke-5.",
            "Aas Rohaeti",
            "5 kegiatan, 1 keluarga",
            "5 November 2026",
        ):
            assert said in text, said
        assert "Milik rekan." not in text and nik(7) not in text.replace(" ", "")
    assert len(pypdfium2.PdfDocument(pdf.content)) == 3
    assert "rhk-3-kebon-jayanti-2026-11.pdf" in pdf["Content-Disposition"]
    assert len(Document(io.BytesIO(word.content)).inline_shapes) == 1
    assert AccessLog.objects.filter(action="export", subject="2026-11 RHK 3").count() == 2


def test_a_month_without_activity_says_so_and_an_unknown_rhk_is_not_there(client, worker):
    client.force_login(worker)
    assert "Tidak ada kegiatan" in pdf_text(client.get("/laporan/rhk/bulan.pdf?bulan=2026-11&rhk=9").content)
    assert client.get("/laporan/rhk/bulan.pdf?bulan=2026-11&rhk=10").status_code == 404


def test_five_hundred_activities_are_some_ten_pages(worker, media):
    """October of one pendamping was about 550 pages when each activity had a report of its own."""
    data = month_paper() | {"activities": month_paper()["activities"] * 250, "families": []}
    assert len(pypdfium2.PdfDocument(make_pdf("reports/rhk_month.typ", data))) < 40


def test_tables_of_a_word_document_have_sized_columns_repeated_headings_and_whole_rows():
    paper = month_paper() | {"photos": [{"jpeg": bytes(photo()), "caption": "3 November 2026"}] * 4}
    long = paper["activities"][0] | {"notes": "kata " * 1000}
    document = Document(io.BytesIO(month_document(paper | {"activities": [*paper["activities"], long]})))
    activities, families, pictures = document.tables
    for table in (activities, families):
        head, *rows = table.rows
        assert "w:tblHeader" in head._tr.xml and not table.autofit
        assert sum(column.width for column in table.columns) <= Cm(21 - 2 * 1.6)
        assert all(
            cell.width == column.width
            for row in rows
            for cell, column in zip(row.cells, table.columns, strict=True)
        )
    assert ["w:cantSplit" in row._tr.xml for row in activities.rows] == [False, True, True, False]
    assert len(pictures.rows) == 2 and len(document.inline_shapes) == 4


def test_a_month_asks_the_database_a_fixed_number_of_times(client, worker, media):
    rhk_in(NOVEMBER)  # kept for a minute
    client.force_login(worker)

    def cost():
        with count_queries() as queries:
            assert client.get("/laporan/rhk/bulan.docx?bulan=2026-11&rhk=3").status_code == 200
        return len(queries)

    ActivityFactory(
        pendamping=worker, families=[HouseholdFactory(pendamping=worker)], occurred_on=date(2026, 11, 3)
    )
    few = cost()
    for day in range(1, 9):
        families = [HouseholdFactory(pendamping=worker) for _ in range(2)]
        ActivityFactory(pendamping=worker, families=families, occurred_on=date(2026, 11, day))
    assert cost() <= few <= 25


def test_papers_ask_the_database_a_fixed_number_of_times(worker, media):
    for _ in range(6):
        families = [HouseholdFactory(pendamping=worker) for _ in range(3)]
        ActivityFactory(pendamping=worker, families=families)

    with count_queries() as queries:
        assert len(rhk_paper.papers_of(rhk_paper.exportable(worker), worker)) == 6
    assert len(queries) <= 12, queries
