"""Mitra: contacts, agreements, who knows whom, and how they answer referrals."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from pkh_casework.ids import uuid7
from resources.models import Agreement, Contact, Partner
from tests.factories import (
    BANDUNG,
    SUKAPURA,
    ActivityFactory,
    HouseholdFactory,
    PartnerFactory,
    ResourceFactory,
    UserFactory,
)
from tests.queries import count_queries
from tests.referrals import make_referral, make_resource

LIST = "/mitra/"


@pytest.fixture
def worker(client, db):
    worker = UserFactory(name="Sri Wahyuni")
    client.force_login(worker)
    return worker


def spoke(partner, by, on, *, notes="Bertemu di kantor."):
    activity = ActivityFactory(
        pendamping=by, families=[], occurred_on=on, notes=notes, kind_id="koordinasi", sub_role_id="REP-3"
    )
    activity.partners.add(partner)
    return activity


def test_a_new_colleague_sees_who_knows_a_partner_but_not_their_words(client, worker):
    partner, colleague = PartnerFactory(name="Baznas"), UserFactory(name="Dewi Lama")
    spoke(partner, colleague, date(2026, 11, 2))
    last = spoke(partner, colleague, date(2026, 11, 9), notes="Rahasia keluarga")
    mine = spoke(partner, worker, date(2026, 10, 1))

    listed = client.get(LIST).content.decode()
    page = client.get(partner.get_absolute_url()).content.decode()

    assert "Terakhir dihubungi Dewi Lama, 9 Nov 2026" in listed
    assert "2 kali, terakhir 9 Nov 2026" in page
    assert mine.get_absolute_url() in page
    assert last.get_absolute_url() not in page
    assert "Rahasia keluarga" not in page


def test_referrals_are_counted_by_what_became_of_them(client, worker):
    partner = make_resource().partner
    for state in ("selesai", "ditolak", "diajukan", "direncanakan"):
        make_referral(HouseholdFactory(pendamping=worker), state)

    page = client.get(partner.get_absolute_url())

    results = page.context["results"]
    assert (results.sent, results.answered, results.accepted, results.finished) == (3, 2, 1, 1)
    assert "1 (50%)" in page.content.decode()
    assert "3 rujukan, 2 dijawab" in client.get(LIST).content.decode()


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(client, worker):
    def asked():
        with count_queries() as queries:
            client.get(LIST)
        return len(queries)

    spoke(PartnerFactory(), worker, date(2026, 11, 9))
    few = asked()
    for _ in range(10):
        spoke(PartnerFactory(), UserFactory(), date(2026, 11, 9))

    assert asked() == few <= 5


def test_partners_are_found_by_name_and_category_within_the_area(client, worker):
    PartnerFactory(name="Baznas", category_id="zakat")
    PartnerFactory(name="Disnaker", category_id="kerja")
    PartnerFactory(name="Jauh", wilayah_id=SUKAPURA)

    def names(**query):
        return [row[0].name for row in client.get(LIST, query).context["rows"]]

    assert names() == ["Baznas", "Disnaker"]
    assert names(q="bazn") == names(kategori="zakat") == ["Baznas"]


def test_an_agreement_that_ends_soon_or_ended_is_marked(client, worker):
    today, partner = timezone.localdate(), PartnerFactory()
    for subject, days in (("Lama", 400), ("Segera", 20), ("Lewat", -1)):
        Agreement.objects.create(
            partner=partner,
            subject=subject,
            signed_on=today - timedelta(days=90),
            valid_to=today + timedelta(days=days),
        )

    page = client.get(partner.get_absolute_url()).content.decode()

    assert page.count("Segera berakhir") == page.count("Sudah berakhir") == 1
    assert "Kesepakatan segera berakhir" in client.get(LIST).content.decode()


def test_partner_contact_and_agreement_are_added_and_changed(client, worker):
    sent = {"op_id": str(uuid7()), "name": "Baznas", "category": "zakat", "wilayah": BANDUNG}
    answer = client.post(f"{LIST}baru/", sent)
    assert client.post(f"{LIST}baru/", sent).status_code == 302  # sent twice
    partner = Partner.objects.get()
    assert answer.headers["Location"] == partner.get_absolute_url()
    assert partner.added_by == worker

    url = partner.get_absolute_url()
    client.post(f"{url}kontak/", {"op_id": str(uuid7()), "name": "Ibu Nia", "is_active": "on"})
    contact = Contact.objects.get()
    client.post(f"{LIST}kontak/{contact.pk}/ubah/", {"op_id": str(uuid7()), "name": "Ibu Nia Kurnia"})
    client.post(
        f"{url}kesepakatan/",
        {"op_id": str(uuid7()), "subject": "Modal", "signed_on": "2026-01-05", "valid_to": "2026-01-04"},
    )
    assert not Agreement.objects.exists()
    client.post(f"{url}kesepakatan/", {"op_id": str(uuid7()), "subject": "Modal", "signed_on": "2026-01-05"})

    contact.refresh_from_db()
    assert (contact.partner, contact.name, contact.is_active) == (partner, "Ibu Nia Kurnia", False)
    assert Agreement.objects.get().partner == partner


def test_a_second_partner_of_the_name_is_refused_beside_the_words(client, worker):
    PartnerFactory(name="Baznas", category_id="zakat")

    page = client.post(
        f"{LIST}baru/", {"op_id": str(uuid7()), "name": "Baznas", "category": "zakat", "wilayah": BANDUNG}
    )

    assert "Mitra dengan nama ini sudah ada" in page.content.decode()


def test_a_partner_of_another_area_is_not_found(client, worker):
    partner = PartnerFactory(wilayah_id=SUKAPURA)
    contact = Contact.objects.create(partner=partner, name="Ibu Nia")
    agreement = Agreement.objects.create(partner=partner, subject="Modal", signed_on=date(2026, 1, 5))

    url = partner.get_absolute_url()
    for path in (url, f"{url}ubah/", f"{url}kontak/", f"{url}kesepakatan/"):
        assert client.get(path).status_code == 404
    assert client.get(f"{LIST}kontak/{contact.pk}/ubah/").status_code == 404
    assert client.get(f"{LIST}kesepakatan/{agreement.pk}/ubah/").status_code == 404


def test_a_partner_shows_its_resources_with_the_stale_ones_marked(client, worker):
    partner = PartnerFactory()
    ResourceFactory(name="Modal", partner=partner, checked_on=None)

    page = client.get(partner.get_absolute_url()).content.decode()

    assert "Modal" in page
    assert "Perlu diperiksa" in page


def test_more_of_the_log_comes_as_a_part_of_its_own(client, worker, monkeypatch):
    monkeypatch.setattr("roles.panels.LOG_PAGE", 1)
    partner = PartnerFactory(name="Baznas")
    newest, oldest = (spoke(partner, worker, date(2026, 11, day)) for day in (9, 2))

    page = client.get(partner.get_absolute_url())
    more = client.get(
        page.context["log"].next_url, headers={"HX-Request": "true", "HX-Target": "contact-more"}
    ).content.decode()

    assert newest.get_absolute_url() in page.content.decode()
    assert oldest.get_absolute_url() in more
    assert newest.get_absolute_url() not in more and "<html" not in more
