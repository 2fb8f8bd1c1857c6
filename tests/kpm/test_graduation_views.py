"""The pages of graduation: filling in, proposing, deciding, documents, the berita acara, and the checks."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from entries.models import AccessLog, Receipt
from kpm.models import GraduationCase, GraduationFile, GraduationMove, WatchCheck
from kpm.operations import assign
from pkh_casework.ids import uuid7
from tests.factories import BABAKAN_SURABAYA, HouseholdFactory, MemberFactory, UserFactory, assess, nik
from tests.kpm.pages import hidden
from tests.queries import count_queries
from wilayah.clock import local_today

pytestmark = pytest.mark.django_db
LIST = reverse("kpm:graduation_list")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def family():
    return HouseholdFactory(pengurus__nik=nik(1), name="Sari Rahayu", pendamping__name="Sri Wahyuni")


@pytest.fixture
def koordinator():
    return UserFactory(koordinator=True)


@pytest.fixture
def act(client):
    """Send the form of a page as a browser would: act(user, url, **typed)."""

    def send(user, url, **typed):
        client.force_login(user)
        page = client.get(url)
        sent = {"op_id": hidden(page, "op_id") or str(uuid7()), "version": hidden(page, "version") or ""}
        return client.post(url, {**sent, **typed}, follow=True)

    return send


def picture(colour="teal"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return SimpleUploadedFile("surat.jpg", out.getvalue(), content_type="image/jpeg")


def move_url(case, move):
    return reverse("kpm:graduation_move", args=[case.pk, move])


def signed(family):
    return {"signed_by": family.members.first().pk, "signed_on": local_today().isoformat()}


def propose(act, family, **more):
    """Fill in a graduation mandiri and propose it, through the pages."""
    said = {"kind": "mandiri", "statement": "Warung sudah ramai.", **signed(family)}
    act(family.pendamping, reverse("kpm:graduation_create", args=[family.case_number]), **said)
    case = GraduationCase.objects.get(household=family, state="disiapkan")
    edit = reverse("kpm:graduation_edit", args=[case.pk])
    act(family.pendamping, edit, **said, **{"berkas-mandiri-pernyataan": picture()}, **more)
    act(family.pendamping, move_url(case, "usulkan"), reason="")
    case.refresh_from_db()
    assert case.state == "diusulkan"
    return case


def approve(act, case, koordinator):
    act(koordinator, move_url(case, "setujui"), reason="")
    case.refresh_from_db()
    assert case.state == "disetujui"
    return case


def test_filling_in_says_beside_the_field_what_is_missing_and_keeps_the_words(act, family):
    url = reverse("kpm:graduation_create", args=[family.case_number])

    page = act(family.pendamping, url, statement="Warung sudah ramai.", signed_on=local_today().isoformat())

    assertContains(page, "Pilih jenis graduasinya.")
    assertContains(page, "Warung sudah ramai.")
    page = act(family.pendamping, url, kind="mandiri", statement="x", signed_on=local_today().isoformat())
    assertContains(page, "Pilih siapa yang menandatangani.")
    assert not GraduationCase.objects.exists()


def test_a_signer_of_another_family_is_not_found(act, family):
    url = reverse("kpm:graduation_create", args=[family.case_number])
    stranger = MemberFactory()

    page = act(
        family.pendamping, url, kind="mandiri", statement="x", signed_by=stranger.pk, signed_on="2026-01-05"
    )

    assertContains(page, "Pilihan ini tidak ditemukan.")


def test_what_is_still_missing_is_said_before_proposing(act, client, family):
    url = reverse("kpm:graduation_create", args=[family.case_number])
    page = act(family.pendamping, url, kind="mandiri", statement="Warung sudah ramai.")
    case = GraduationCase.objects.get()
    assertRedirects(page, reverse("kpm:graduation_edit", args=[case.pk]))
    assertContains(page, f"Kode tanda terima {Receipt.objects.latest('number').code}")
    assertNotContains(page, "data-error-summary")

    page = act(family.pendamping, move_url(case, "usulkan"), reason="")

    assertContains(page, "Foto: Surat pernyataan graduasi yang ditandatangani keluarga")
    case.refresh_from_db()
    assert case.state == "disiapkan"


def test_a_file_that_is_no_photo_is_refused_beside_its_field(act, family):
    said = {"kind": "mandiri", "statement": "Warung sudah ramai."}
    act(family.pendamping, reverse("kpm:graduation_create", args=[family.case_number]), **said)
    case = GraduationCase.objects.get()
    text = SimpleUploadedFile("surat.pdf", b"%PDF-", content_type="application/pdf")

    page = act(
        family.pendamping,
        reverse("kpm:graduation_edit", args=[case.pk]),
        **said | {"statement": "Sudah punya toko."},
        **{"berkas-mandiri-pernyataan": text},
    )

    assertContains(page, "bukan foto")
    assertContains(page, "Sudah punya toko.")


def test_the_same_photo_sent_again_is_there_once(client, act, family):
    case = propose(act, family)
    assert GraduationFile.objects.filter(case=case).count() == 1
    stored = GraduationFile.objects.get()
    assert stored.file.name.startswith("graduasi/") and "surat" not in stored.file.name


def test_a_resend_answers_as_the_first_time(client, family):
    client.force_login(family.pendamping)
    url = reverse("kpm:graduation_create", args=[family.case_number])
    sent = {"op_id": str(uuid7()), "kind": "mandiri", "statement": "Warung."}
    first, again = client.post(url, sent), client.post(url, sent)
    assert first.url == again.url
    case = GraduationCase.objects.get()
    edit = reverse("kpm:graduation_edit", args=[case.pk])
    with_photo = {**sent, "op_id": str(uuid7()), "berkas-mandiri-pernyataan": picture()}
    client.post(edit, with_photo)
    again = client.post(edit, {**with_photo, "berkas-mandiri-pernyataan": picture()})
    other = client.post(edit, {**with_photo, "berkas-mandiri-pernyataan": picture("red")})

    assert again.status_code == 302
    assertContains(other, "sudah tersimpan sebelumnya dengan isi lain")
    assert GraduationFile.objects.count() == 1


def test_the_koordinator_reads_the_lens_of_the_proposal_and_what_changed(client, act, family, koordinator):
    today = local_today()
    assess(family, {"A1": 3, "B3": 3}, on=today - timedelta(days=40))
    case = propose(act, family)
    assert case.lens["syarat"] and case.assessment.assessed_on == today - timedelta(days=40)
    client.force_login(koordinator)
    assertContains(client.get(case.get_absolute_url()), "Sekarang masih sama.")

    assess(family, {"A1": 3, "B3": 2}, on=today)

    page = client.get(case.get_absolute_url())
    assertContains(page, "Apa yang berbeda sekarang")
    assertContains(page, "Utang: waktu diusulkan 3 (Berkembang), sekarang 2 (Bertahan).")
    assert AccessLog.objects.filter(user=koordinator, action="look", subject=family.case_number).exists()


def test_a_return_needs_a_reason_and_shows_it_to_the_pendamping(client, act, family, koordinator):
    case = propose(act, family)
    assertContains(
        act(koordinator, move_url(case, "kembalikan"), reason=""), "Tulis alasannya, singkat saja."
    )

    act(koordinator, move_url(case, "kembalikan"), reason="Foto surat buram.")

    client.force_login(family.pendamping)
    page = client.get(case.get_absolute_url())
    assertContains(page, "Foto surat buram.")
    assertContains(page, "Usulkan ke koordinator")
    assertNotContains(page, "Setujui graduasi")


def test_who_proposed_never_decides_also_as_koordinator(client, act, family):
    case, proposer = propose(act, family), family.pendamping
    assign(family, to=UserFactory(), by=proposer, on=local_today())
    proposer.duty, proposer.wilayah_id = "koordinator", "327316"
    proposer.save()
    client.force_login(proposer)

    page = client.get(case.get_absolute_url())

    assertContains(page, "Anda pengusulnya, jadi koordinator lain yang memutuskan.")
    for move in ("setujui", "kembalikan", "batalkan", "terima-kembali", "tolak-kembali"):
        url = move_url(case, move)
        assert client.get(url).status_code == client.post(url, {"reason": "Saya."}).status_code == 404


@pytest.mark.parametrize("who", ["pendamping", "colleague", "kelurahan", "admin", "elsewhere"])
def test_nobody_else_can_approve(client, act, family, who):
    case = propose(act, family)
    user = {
        "pendamping": family.pendamping,
        "colleague": UserFactory(),
        "kelurahan": UserFactory(kelurahan=True),
        "admin": UserFactory(admin=True),
        "elsewhere": UserFactory(koordinator=True, wilayah_id=BABAKAN_SURABAYA),
    }[who]
    client.force_login(user)

    assert client.post(move_url(case, "setujui"), {"op_id": str(uuid7())}).status_code == 404
    case.refresh_from_db()
    assert case.state == "diusulkan"


def test_a_second_koordinator_is_told_that_another_was_faster(client, act, family, koordinator):
    case = propose(act, family)
    client.force_login(koordinator)
    page = client.get(move_url(case, "kembalikan"))
    late = {"op_id": hidden(page, "op_id"), "version": hidden(page, "version"), "reason": "Belum yakin."}
    approve(act, case, UserFactory(koordinator=True, name="Rudi Hartono"))
    client.force_login(koordinator)

    page = client.post(move_url(case, "kembalikan"), late)

    assertContains(page, "sekarang disetujui, oleh Rudi Hartono")
    assertContains(page, "Belum yakin.")


def test_the_inbox_of_a_koordinator_begins_with_what_waits(client, act, family, koordinator):
    waiting = propose(act, family)
    approve(act, propose(act, HouseholdFactory(name="Wati Lestari")), koordinator)
    client.force_login(koordinator)

    assert [case.pk for case in client.get(LIST).context["page"].rows] == [waiting.pk]
    approved = client.get(LIST, {"keadaan": "disetujui"})
    assertContains(approved, "Wati Lestari")
    assertNotContains(approved, "Sari Rahayu")
    client.force_login(family.pendamping)
    assert len(client.get(LIST).context["page"].rows) == 1


def test_the_inbox_is_paged_and_takes_the_same_queries_however_long(client, koordinator):
    def add(number):
        family = HouseholdFactory()
        GraduationCase.objects.create(
            op_id=uuid7(),
            household=family,
            wilayah_id=family.wilayah_id,
            kind_id="mandiri",
            state="diusulkan",
            statement=f"Nomor {number}.",
            proposed_by=family.pendamping,
        )

    def queries():
        with count_queries() as counted:
            client.get(LIST)
        return len(counted)

    client.force_login(koordinator)
    add(0)
    few = queries()
    for number in range(1, 40):
        add(number)

    assert queries() == few <= 2
    first = client.get(LIST).context["page"]
    rest = client.get(first.next_url).context["page"]
    assert len({case.pk for case in [*first.rows, *rest.rows]}) == 40


# --- documents and the berita acara --------------------------------------------------------------------------------------


def test_documents_are_for_who_may_open_the_family(client, act, family, koordinator):
    case = propose(act, family)
    url = reverse("kpm:graduation_file", args=[case.pk, case.files.get().pk])

    def status(user):
        client.force_login(user)
        response = client.get(url)
        b"".join(response)  # a streamed file is read to its end, which closes it
        return response.status_code

    strangers = [UserFactory(), UserFactory(kelurahan=True), UserFactory(admin=True)]
    assert [status(user) for user in (family.pendamping, koordinator)] == [200, 200]
    assert {status(user) for user in strangers} == {404}
    former, to = family.pendamping, UserFactory()
    assign(family, to=to, by=koordinator, on=local_today())
    assert (status(former), status(to)) == (404, 200)


def read_pdf(response):
    assert response["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(response.content)
    return len(document), " ".join(
        " ".join(page.get_textpage().get_text_range() for page in document).split()
    )


def test_the_berita_acara_is_filled_in_and_masks_identity_numbers(client, act, family, koordinator):
    case = approve(act, propose(act, family), koordinator)
    client.force_login(koordinator)

    pages, text = read_pdf(client.get(reverse("kpm:graduation_pdf", args=[case.pk])))

    assert pages == 1
    today = local_today()
    for words in (
        "Berita Acara Graduasi",
        f"{family.case_number}/GRAD/",
        str(today.year),
        "Kecamatan Kiaracondong, Kelurahan Kebon Jayanti",
        "graduasi mandiri",
        "Sari Rahayu",
        "Gang Kenanga",
        "Warung sudah ramai.",
        "Sri Wahyuni",
        koordinator.name,
        "Surat pernyataan graduasi yang ditandatangani keluarga",
    ):
        assert words in text, words
    assert "Rancangan" not in text
    assert family.no_kk.reveal() not in text.replace(" ", "") and nik(1) not in text.replace(" ", "")
    assert "3273 •••• •••• ••••" in text
    kept = AccessLog.objects.get(action="export")
    assert (kept.user, kept.subject, kept.fields) == (koordinator, family.case_number, ["berita_acara"])


def test_before_the_decision_it_is_a_draft_and_before_the_proposal_there_is_none(client, act, family):
    case = propose(act, family)
    _, text = read_pdf(client.get(reverse("kpm:graduation_pdf", args=[case.pk])))
    assert "Rancangan" in text
    act(family.pendamping, move_url(case, "tarik"), reason="Keluarga belum yakin.")
    assert client.get(reverse("kpm:graduation_pdf", args=[case.pk])).status_code == 404


def test_a_statement_is_never_read_as_code_of_the_page(client, act, family):
    case = propose(act, family)
    text = '#panic("x") $ * _ ` <b> \\ @nama'
    GraduationCase.objects.filter(pk=case.pk).update(statement=text)
    assert text in read_pdf(client.get(reverse("kpm:graduation_pdf", args=[case.pk])))[1]


# --- afterwards -----------------------------------------------------------------------------------------------------------


def check_url(case, months=3):
    return reverse("kpm:watch_check", args=[case.pk, months])


def test_a_check_is_written_down_once(client, act, family, koordinator):
    case = approve(act, propose(act, family), koordinator)
    said = {"done_on": local_today().isoformat(), "by_phone": "ya", "outcome": "bertahan", "note": "Sehat."}

    page = act(family.pendamping, check_url(case), **said)

    assertContains(page, "Cek 3 bulan tersimpan.")
    assertContains(page, "lewat telepon")
    check = WatchCheck.objects.get(case=case, months=3)
    assert (check.outcome, check.by, check.note) == ("bertahan", family.pendamping, "Sehat.")
    assertRedirects(client.get(check_url(case)), case.get_absolute_url())
    client.force_login(UserFactory())
    assert client.get(check_url(case, 6)).status_code == 404


def test_a_check_must_say_how_the_family_stands(act, family, koordinator):
    case = approve(act, propose(act, family), koordinator)
    yesterday = local_today() - timedelta(days=1)

    page = act(family.pendamping, check_url(case), done_on=yesterday.isoformat(), note="Sehat.")

    assertContains(page, "Pilih keadaan keluarga.")
    assertContains(page, "Terlalu lama: paling awal")
    assertContains(page, "Sehat.")


def test_a_family_that_fell_back_is_asked_back_and_returns(client, act, family, koordinator):
    case = approve(act, propose(act, family), koordinator)
    said = {"done_on": local_today().isoformat(), "by_phone": "tidak", "outcome": "kembali_rentan"}
    page = act(family.pendamping, check_url(case), **said)
    assertRedirects(page, move_url(case, "minta-kembali"))

    act(family.pendamping, move_url(case, "minta-kembali"), reason="Suami berhenti kerja.")
    client.force_login(koordinator)
    assertContains(client.get(LIST), "Minta didampingi lagi")
    act(koordinator, move_url(case, "terima-kembali"), reason="")

    family.refresh_from_db()
    assert family.status == "aktif"
    assert GraduationMove.objects.filter(case=case).count() == 5
    page = client.get(case.get_absolute_url())
    assertContains(page, "Kembali didampingi")
    assertContains(page, "Suami berhenti kerja.")


def test_the_familys_page_says_where_graduation_stands(client, act, family, koordinator):
    client.force_login(family.pendamping)
    assertContains(client.get(f"{family.get_absolute_url()}rencana/"), "#lensa")
    case = propose(act, family)
    plan = f"{family.get_absolute_url()}rencana/"
    assertContains(client.get(plan), "Diusulkan")
    approve(act, case, koordinator)
    WatchCheck.objects.filter(case=case, months=3).update(due_on=local_today())
    client.force_login(family.pendamping)

    assertContains(client.get(family.get_absolute_url()), "Isi cek 3 bulan")
    page = client.get(plan)

    assertContains(page, "Cek 3 bulan: hari ini")
    assertContains(page, "isi sekarang")
