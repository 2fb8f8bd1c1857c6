"""The pages of a referral, from choosing a resource to the outcome, and the letter."""

import re
from datetime import timedelta

import pypdfium2
import pytest
from django.utils import timezone

from entries.models import AccessLog, Receipt
from kpm.models import Consent
from pkh_casework.ids import uuid7
from resources.models import PartnerLink, Referral
from tests.factories import HouseholdFactory, MemberFactory, UserFactory, make_goal
from tests.queries import count_queries
from tests.referrals import make_referral, make_resource, make_secret


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def new_url(family, resource, **more):
    query = "&".join(
        f"{name}={value}"
        for name, value in {"kpm": family.case_number, "sumber": resource.pk, **more}.items()
    )
    return f"/rujukan/baru/?{query}"


def plan(client, url, today, **fields):
    sent = {"op_id": uuid7(), "need": "Modal jualan gorengan", "due_on": today.isoformat(), **fields}
    return client.post(url, sent, follow=True)


def test_from_a_goal_to_a_planned_referral(signed_in, family, today):
    goal, resource = make_goal(family, "C1", wish="Punya warung"), make_resource(desil_to=3)
    url = new_url(family, resource, tujuan=goal.pk)
    form = text_of(signed_in.get(url))
    assert "Punya warung" in form
    assert "Desil 1 sampai 3" in form

    page = plan(signed_in, url, today, goal=goal.pk)

    referral = Referral.objects.get()
    assert page.redirect_chain == [(referral.get_absolute_url(), 302)]
    assert "Kode tanda terima" in text_of(page)
    assert (referral.goal, referral.code, referral.state, referral.partner) == (
        goal,
        "C1",
        "direncanakan",
        resource.partner,
    )
    assert resource.name in text_of(signed_in.get(goal.get_absolute_url()))


@pytest.mark.parametrize("query", ["", "?kpm=PKH-00000", "?kpm=apa saja", "?sumber=1"])
def test_the_page_works_alone_and_asks_for_the_family(signed_in, query):
    assert "Nomor kasus keluarga" in text_of(signed_in.get(f"/rujukan/baru/{query}"))


def test_without_a_resource_the_page_offers_what_fits(signed_in, family):
    make_resource("Pasar Kreatif", lifts=["C2"])
    resource = make_resource()
    page = text_of(signed_in.get(f"/rujukan/baru/?kpm={family.case_number}&indikator=C1"))
    assert f"sumber={resource.pk}" in page
    assert "Pasar Kreatif" not in page


@pytest.mark.parametrize("odd", ["999999", "²", "1" * 30, "999999\0", "x"])
def test_an_odd_resource_is_none(signed_in, family, odd):
    make_resource()
    page = signed_in.get("/rujukan/baru/", {"kpm": family.case_number, "sumber": odd})
    assert "Rencanakan rujukan" not in text_of(page)


def test_a_need_that_says_who_the_family_is_is_refused_and_kept(signed_in, family, today):
    url = new_url(family, make_resource())
    for words in (
        f"Modal untuk {family.name.upper()}",
        "NIK 3273 9901 0120 0001",
        f"Lihat {family.case_number}",
        f"Modal untuk Bu {family.name.split()[0]}",
    ):
        page = text_of(plan(signed_in, url, today, need=words))
        assert "Jangan tulis" in page
        assert words in page
    assert not Referral.objects.exists()


def test_words_that_hold_the_letters_of_a_short_name_are_no_name(signed_in, family, today):
    for name in ("Ai", "Ida", "Aan"):
        MemberFactory(household=family, name=name)
    plan(
        signed_in,
        new_url(family, make_resource()),
        today,
        need="Bantuan pelatihan, nilai jualnya tidak seberapa",
    )
    assert Referral.objects.count() == 1


def test_a_resend_of_a_plan_answers_as_the_first_time(signed_in, family, today):
    url, op_id = new_url(family, make_resource()), uuid7()
    first = plan(signed_in, url, today, op_id=op_id)
    again = plan(signed_in, url, today, op_id=op_id)
    assert first.redirect_chain == again.redirect_chain
    assert Referral.objects.count() == 1


def test_a_resource_that_is_gone_meanwhile_is_told_and_the_text_stays(signed_in, family, today):
    resource = make_resource(ended_on=today)
    url = new_url(family, resource)
    assert "Rencanakan rujukan" not in text_of(signed_in.get(url))
    page = text_of(plan(signed_in, url, today))
    assert "sudah tidak ada" in page
    assert "Modal jualan gorengan" in page


def test_a_child_does_not_agree_for_the_family(signed_in, family, today):
    child = MemberFactory(household=family, name="Dini Lestari", birth_date=today - timedelta(days=17 * 365))
    page = text_of(signed_in.get(f"{make_referral(family, on=today).get_absolute_url()}langkah/ajukan/"))
    assert family.name in page
    assert child.name not in page


def test_handing_in_reads_the_words_aloud_and_keeps_the_yes(signed_in, family, today):
    referral = make_referral(family, on=today)
    url = f"{referral.get_absolute_url()}langkah/ajukan/"
    page = text_of(signed_in.get(url))
    assert "NIK dan nomor KK tidak disampaikan" in page
    sent = {"op_id": uuid7(), "happened_on": today, "due_on": today + timedelta(days=14), "note": ""}
    refused = text_of(signed_in.post(url, {**sent, "given_on": today}))
    assert "Pilih siapa dari keluarga" in refused
    assert "Pilih caranya" in refused

    stranger = HouseholdFactory().members.get()
    yes = {"given_by": stranger.pk, "how": "lisan", "given_on": today}
    assert "tidak ditemukan" in text_of(signed_in.post(url, {**sent, **yes})).lower()
    signed_in.post(url, {**sent, **yes, "given_by": family.members.get().pk})

    referral.refresh_from_db()
    assert referral.state == "diajukan"
    assert referral.consent == Consent.objects.get()
    assert (referral.consent.text_id, referral.consent.how) == ("rujukan-1", "lisan")


def test_a_yes_given_after_the_day_of_handing_in_is_refused(signed_in, family, today):
    referral = make_referral(family, on=today - timedelta(days=5))
    sent = {
        "op_id": uuid7(),
        "happened_on": today - timedelta(days=2),
        "due_on": today,
        "given_by": family.members.get().pk,
        "how": "lisan",
        "given_on": today,
    }
    page = text_of(signed_in.post(f"{referral.get_absolute_url()}langkah/ajukan/", sent))
    assert "Persetujuan diminta sebelum rujukan diajukan" in page


def test_a_late_move_is_told_and_kept(signed_in, family, today):
    referral = make_referral(family, "ditolak", on=today)
    url = f"{referral.get_absolute_url()}langkah/terima/"
    assert signed_in.get(url).status_code == 302

    page = signed_in.post(
        url, {"op_id": uuid7(), "happened_on": today, "due_on": today, "note": "Katanya bisa."}, follow=True
    )

    assert "Sudah ada langkah lain lebih dulu: ditolak" in text_of(page)
    assert "Katanya bisa." in text_of(page)
    referral.refresh_from_db()
    assert referral.state == "ditolak"


def test_an_outcome_leads_on_to_goal_and_assessment(signed_in, family, today):
    goal = make_goal(family, "C1")
    referral = make_referral(family, "berjalan", goal=goal, on=today)
    url = f"{referral.get_absolute_url()}langkah/selesai/"
    assert "Tulis singkat saja" in text_of(signed_in.post(url, {"op_id": uuid7(), "happened_on": today}))
    page = signed_in.post(
        url, {"op_id": uuid7(), "happened_on": today, "note": "Dapat etalase."}, follow=True
    )
    assert f"/tujuan/{goal.pk}/tutup/" in text_of(page)
    assert f"/asesmen/{family.case_number}/" in text_of(page) or "Nilai lagi" in text_of(page)
    assert "Dapat etalase." in text_of(signed_in.get(goal.get_absolute_url()))


def test_an_unknown_move_is_not_found(signed_in, family):
    referral = make_referral(family)
    assert signed_in.get(f"{referral.get_absolute_url()}langkah/loncat/").status_code == 404


def test_withdrawing_takes_the_letter_and_the_links_away(signed_in, family, today):
    referral = make_referral(family, "diajukan", on=today)
    make_secret(referral, on=today)
    letter = f"{referral.get_absolute_url()}surat/"
    assert signed_in.get(letter).status_code == 200

    url = f"{referral.get_absolute_url()}persetujuan/tarik/"
    page = signed_in.post(url, {"op_id": uuid7(), "note": "Berubah pikiran"}, follow=True)

    assert "Persetujuan ditarik" in text_of(page)
    assert "Dibatalkan" in text_of(page)
    assert signed_in.get(letter).status_code == 404
    assert signed_in.get(url).status_code == 302
    assert PartnerLink.objects.get().revoked_at


def test_the_letter_says_the_least_and_leaves_a_trail(signed_in, pendamping, family, today):
    pendamping.phone = "0812-3456-7890"
    pendamping.save()
    referral = make_referral(family, "diajukan", on=today, need="Modal untuk etalase kue basah")

    response = signed_in.get(f"{referral.get_absolute_url()}surat/")

    text = " ".join(
        " ".join(
            page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(response.content)
        ).split()
    )
    code = Receipt.objects.get(op_id=referral.op_id).code
    for wanted in (
        "Surat Rujukan",
        f"{code}/RUJ/",
        family.name,
        "RW 05, Kelurahan Kebon Jayanti",
        "Modal untuk etalase kue basah",
        "NIK dan nomor KK tidak disampaikan",
        "0812-3456-7890",
        "Diterima oleh mitra",
        "Baznas Kota Bandung",
    ):
        assert wanted in text, wanted
    for secret in (family.case_number, family.address, "RT 02", family.no_kk.reveal()):
        assert secret not in text, secret
    assert not re.search(r"\d{16}", text)
    assert len(pypdfium2.PdfDocument(response.content)) == 1
    assert family.name not in response["Content-Disposition"]
    kept = AccessLog.objects.get(action="export")
    assert (kept.subject, kept.fields) == (family.case_number, ["surat_rujukan"])


@pytest.mark.parametrize("state", ["direncanakan", "dibatalkan"])
def test_there_is_no_letter_before_it_is_handed_in(signed_in, family, state, today):
    referral = make_referral(family, state, on=today)
    assert signed_in.get(f"{referral.get_absolute_url()}surat/").status_code == 404


def test_the_link_is_shown_once_and_can_be_closed(signed_in, family, today):
    referral = make_referral(family, "diajukan", on=today)
    url, op_id = f"{referral.get_absolute_url()}tautan/", uuid7()

    page = text_of(signed_in.post(url, {"op_id": op_id}))

    secret = re.search(r"/jawab/([\w-]{43})/", page)[1]
    assert "https://wa.me/?text=" in page
    shared = page[page.index("https://wa.me") : page.index('"', page.index("https://wa.me"))]
    assert family.name.split()[0] not in shared
    assert secret not in str(list(PartnerLink.objects.values()))
    again = signed_in.post(url, {"op_id": op_id}, follow=True)
    assert secret not in text_of(again)
    assert PartnerLink.objects.count() == 1
    signed_in.post(f"{url}cabut/", {"op_id": uuid7()})
    assert PartnerLink.objects.get().revoked_at
    assert signed_in.get(url).status_code == 405


def test_a_new_link_closes_the_one_before(signed_in, family, today):
    referral = make_referral(family, "diajukan", on=today)
    for _ in range(2):
        signed_in.post(f"{referral.get_absolute_url()}tautan/", {"op_id": uuid7()})
    assert PartnerLink.objects.filter(revoked_at=None).count() == 1
    assert PartnerLink.objects.count() == 2


@pytest.mark.parametrize("state", ["direncanakan", "ditolak", "selesai"])
def test_no_link_where_no_answer_is_awaited(signed_in, family, state, today):
    referral = make_referral(family, state, on=today)
    page = signed_in.post(f"{referral.get_absolute_url()}tautan/", {"op_id": uuid7()}, follow=True)
    assert "tidak menunggu jawaban" in text_of(page)
    assert not PartnerLink.objects.exists()


def test_the_list_filters_and_finds_what_is_overdue(signed_in, pendamping, today):
    late, later, fine, done = [HouseholdFactory(pendamping=pendamping, name=f"Keluarga {n}") for n in "ABCD"]
    ago = today - timedelta(days=30)
    make_referral(late, "diajukan", on=ago, due_on=ago)
    make_referral(later, "diterima", on=ago, due_on=today - timedelta(days=1))
    make_referral(fine, on=today)
    make_referral(done, "selesai", on=ago)

    def shown(state):
        page = text_of(signed_in.get(f"/rujukan/?keadaan={state}"))
        return [name for name in re.findall(r"Keluarga [A-D]", page)]

    assert shown("terlambat") == ["Keluarga A", "Keluarga B"]
    assert shown("selesai") == ["Keluarga D"]
    assert sorted(shown("odd")) == ["Keluarga A", "Keluarga B", "Keluarga C"]
    assert shown("berhenti") == []


def test_a_koordinator_sees_the_areas_and_moves_nothing(client, family, koordinator, today):
    referral = make_referral(family, "diajukan", on=today)
    client.force_login(koordinator)
    assert family.name in text_of(client.get("/rujukan/"))
    assert family.pendamping.name in text_of(client.get("/rujukan/"))
    page = text_of(client.get(referral.get_absolute_url()))
    assert "langkah/" not in page
    assert "tautan/" not in page
    assert AccessLog.objects.filter(action="look", subject=family.case_number).exists()
    assert client.get(f"{referral.get_absolute_url()}langkah/terima/").status_code == 404
    client.force_login(UserFactory(kelurahan=True))
    assert client.get("/rujukan/").status_code == 404


@pytest.mark.parametrize("state", ["terbuka", "terlambat"])
def test_the_list_asks_the_same_number_of_questions_however_long(signed_in, pendamping, state, today):
    ago = today - timedelta(days=30)

    def count():
        with count_queries() as queries:
            signed_in.get(f"/rujukan/?keadaan={state}")
        return len(queries)

    make_referral(HouseholdFactory(pendamping=pendamping), "diajukan", on=ago, due_on=ago)
    few = count()
    for number in range(4):
        resource = make_resource(f"Tempat {number}")
        make_referral(
            HouseholdFactory(pendamping=pendamping), "diajukan", on=ago, due_on=ago, resource=resource
        )
    assert count() == few <= 3


def test_the_page_of_a_referral_asks_the_same_however_long_its_story(signed_in, family, today):
    def count(referral):
        with count_queries() as queries:
            signed_in.get(referral.get_absolute_url())
        return len(queries)

    short, long = (
        make_referral(family, "diajukan", on=today),
        make_referral(family, "berjalan", on=today, resource=make_resource("Lain")),
    )
    for _ in range(3):
        make_secret(long, on=today)
    assert count(long) <= count(short) <= 9


def test_what_is_due_stands_in_hari_ini(signed_in, family, today):
    family.last_visited_on = today
    family.save(update_fields=["last_visited_on"])
    referral = make_referral(family, "diajukan", on=today - timedelta(days=20), due_on=today)
    page = text_of(signed_in.get("/"))
    assert f"Rujukan hari ini: {family.name}" in page
    assert referral.get_absolute_url() in page
