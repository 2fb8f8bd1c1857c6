"""Sumber daya: found by need, distance and requirement; added, corrected and confirmed by everybody of the area."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from pkh_casework.ids import uuid7
from resources.models import Resource, ResourceCheck
from tests.factories import (
    BANDUNG,
    KEBON_JAYANTI,
    SUKAPURA,
    HouseholdFactory,
    PartnerFactory,
    ResourceFactory,
    UserFactory,
    assess,
)
from tests.queries import count_queries

LIST = "/sumber-daya/"
HERE = {"latitude": -6.92744, "longitude": 107.64680}


@pytest.fixture
def worker(client, db):
    worker = UserFactory(name="Sri Wahyuni")
    client.force_login(worker)
    return worker


@pytest.fixture
def family(worker):
    return HouseholdFactory(pendamping=worker, name="Euis Komariah", desil=2, **HERE)


@pytest.fixture
def found(client):
    """found(kategori="umkm") gives the names on the list, in their order."""

    def found(**query):
        page = client.get(LIST, query)
        return [row.resource.name for row in page.context["rows"]]

    return found


def filled(**changes):
    """What a browser sends from the form."""
    data = {
        "op_id": str(uuid7()),
        "name": "Balai latihan kerja",
        "category": "pelatihan",
        "services": ["pelatihan"],
        "description": "Menjahit dan las.",
        "wilayah": BANDUNG,
        "lifts": ["D1"],
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}


def test_the_list_holds_what_concerns_the_area_and_is_still_there(worker, found):
    ResourceFactory(name="Kota")
    ResourceFactory(name="Kelurahan sendiri", wilayah_id=KEBON_JAYANTI)
    ResourceFactory(name="Kelurahan lain", wilayah_id=SUKAPURA)
    ResourceFactory(name="Sudah tidak ada", ended_on=date(2026, 1, 1))

    assert found() == ["Kelurahan sendiri", "Kota"]


def test_each_filter_finds_its_own(worker, found):
    today = timezone.localdate()
    ResourceFactory(name="A", lifts=["C1"], services=["modal"], checked_on=today)
    ResourceFactory(
        name="B", lifts=["D1"], category_id="kerja", checked_on=today, closes_on=today - timedelta(1)
    )
    ResourceFactory(name="C", quota_left=0, checked_on=today - timedelta(days=91))

    assert found(butuh="C1") == ["A"]
    assert found(kategori="kerja") == ["B"]
    assert found(layanan="modal") == ["A"]
    assert found(buka="1") == ["A"]
    assert found(periksa="1") == ["C"]
    assert found(q="b") == ["B"]
    assert found(butuh="Z9", jarak="2") == ["A", "B", "C"]


def test_for_a_family_the_nearest_comes_first_with_its_distance(client, family, found):
    ResourceFactory(name="Jauh", latitude=-6.95, longitude=107.65)
    ResourceFactory(name="Dekat", latitude=-6.928, longitude=107.647)
    ResourceFactory(name="Entah")

    page = client.get(LIST, {"kpm": family.case_number})

    assert [(row.resource.name, row.far) for row in page.context["rows"]] == [
        ("Dekat", "70 m"),
        ("Jauh", "2,5 km"),
        ("Entah", ""),
    ]
    assert found(kpm=family.case_number, jarak="1") == ["Dekat"]


def test_without_a_point_of_its_own_the_distance_is_said_to_be_a_guess(client, worker):
    family = HouseholdFactory(pendamping=worker)
    ResourceFactory(latitude=-6.928, longitude=107.647)

    page = client.get(LIST, {"kpm": family.case_number}).content.decode()

    assert "Jarak perkiraan, dari tengah Kelurahan Kebon Jayanti" in page
    assert "(perkiraan)" in page


def test_without_a_family_the_nearest_to_the_middle_comes_first_when_asked(client, worker, found):
    ResourceFactory(name="A jauh", latitude=-6.95, longitude=107.65)
    ResourceFactory(name="B dekat", latitude=-6.928, longitude=107.647)
    ResourceFactory(name="C entah")

    page = client.get(LIST, {"urut": "dekat"})

    assert found() == ["A jauh", "B dekat", "C entah"]
    assert [row.resource.name for row in page.context["rows"]] == ["B dekat", "A jauh", "C entah"]
    assert "Jarak garis lurus dari tengah Kebon Jayanti." in page.content.decode()
    assert "± 2,5 km" in page.content.decode()
    assert found(urut="dekat", jarak="1") == ["B dekat"]


def test_the_page_says_how_far_it_is_from_the_family_and_that_it_is_a_straight_line(client, family, worker):
    there = ResourceFactory(name="Jauh", latitude=-6.95, longitude=107.65)
    near = ResourceFactory(name="Di kelurahan", wilayah_id=KEBON_JAYANTI)
    unknown = ResourceFactory(name="Entah")

    def said(resource, household=family):
        return " ".join(
            client.get(resource.get_absolute_url(), {"kpm": household.case_number}).content.decode().split()
        )

    assert "± 2,5 km garis lurus</dd>" in said(there)
    assert "garis lurus (perkiraan)</dd>" in said(near)
    assert "garis lurus (perkiraan)</dd>" in said(there, HouseholdFactory(pendamping=worker))
    assert "garis lurus" not in said(unknown)


def test_requirements_are_told_for_the_family_and_filter_what_is_out_of_reach(client, family, found):
    assess(family, {"C1": 1}, on=timezone.localdate())
    ResourceFactory(name="Cukup", desil_to=4)
    ResourceFactory(name="Lama", business_months=6)
    ResourceFactory(name="Tanya", requirements="KTP")

    rows = client.get(LIST, {"kpm": family.case_number}).context["rows"]

    assert {row.resource.name: row.fits_words for row in rows} == {
        "Cukup": "Cocok",
        "Lama": "Belum memenuhi syarat",
        "Tanya": "Perlu ditanyakan",
    }
    assert found(kpm=family.case_number, cocok="1") == ["Cukup", "Tanya"]
    assert found(cocok="1") == ["Cukup", "Lama", "Tanya"]  # of no family


def test_the_family_of_a_colleague_is_not_found(client, worker):
    theirs = HouseholdFactory()

    for user in (worker, UserFactory(koordinator=True), UserFactory(kelurahan=True)):
        client.force_login(user)
        for url in (LIST, reverse("resources:resource_map"), ResourceFactory().get_absolute_url()):
            assert client.get(url, {"kpm": theirs.case_number}).status_code == 404


def test_pages_follow_the_last_row_also_by_distance(client, family, monkeypatch):
    monkeypatch.setattr("resources.views.resource.PAGE", 2)
    for number in range(5):
        ResourceFactory(name=f"Tempat {number}", latitude=-6.93 - number / 100, longitude=107.6468)

    url, names = f"{LIST}?kpm={family.case_number}", []
    while url:
        page = client.get(url)
        names += [row.resource.name for row in page.context["rows"]]
        url = page.context["page"].next_url

    assert names == [f"Tempat {number}" for number in range(5)]


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(client, family):
    def asked():
        with count_queries() as queries:
            client.get(LIST, {"kpm": family.case_number, "cocok": "1"})
        return len(queries)

    ResourceFactory(services=["modal"], partner=PartnerFactory())
    few = asked()
    for _ in range(20):
        ResourceFactory(services=["modal", "alat"], partner=PartnerFactory())

    assert asked() == few <= 10


@pytest.mark.parametrize("duty", ["pendamping", "kelurahan", "koordinator"])
def test_everybody_of_the_area_adds_a_resource(client, db, duty):
    user = UserFactory(**({duty: True} if duty != "pendamping" else {}))
    client.force_login(user)

    answer = client.post(f"{LIST}baru/", filled(point="-6.92744, 107.64680", age_from="18"))

    row = Resource.objects.get()
    assert answer.headers["Location"] == row.get_absolute_url()
    assert (row.added_by, float(row.latitude), row.age_from) == (user, -6.92744, 18)
    assert [service.pk for service in row.services.all()] == ["pelatihan"]
    assert "Kode tanda terima" in client.get(row.get_absolute_url()).content.decode()


def test_a_resend_answers_as_the_first_time(client, worker):
    sent = filled()
    for _ in range(2):
        assert client.post(f"{LIST}baru/", sent).status_code == 302

    assert Resource.objects.count() == 1
    other = client.post(f"{LIST}baru/", {**sent, "name": "Lain sekali"})
    assert "sudah tersimpan sebelumnya dengan isi lain" in other.content.decode()
    assert Resource.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"services": []}, "services"),
        ({"point": "Jalan Buahbatu"}, "point"),
        ({"point": "107.64, -6.92"}, "point"),
        ({"point": "51.50, 100.12"}, "point"),
        ({"website": "bukan situs"}, "website"),
        ({"true_in": "1890"}, "true_in"),
        ({"wilayah": SUKAPURA}, "wilayah"),
        ({"lifts": ["Z9"]}, "lifts"),
        ({"age_from": "60", "age_to": "18"}, "__all__"),
        ({"quota": "5", "quota_left": "6"}, "__all__"),
        ({"desil_to": "11"}, "__all__"),
    ],
)
def test_an_error_stands_beside_its_field_and_the_words_stay(client, worker, changes, field):
    page = client.post(f"{LIST}baru/", filled(**changes))

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert "Menjahit dan las." in page.content.decode()
    assert not Resource.objects.exists()


def test_a_close_name_is_shown_while_typing_and_asked_about_before_saving(client, worker):
    there = ResourceFactory(name="Balai Latihan Kerja")

    typed = client.get(f"{LIST}mirip/", {"name": "balai latihan"})
    asked = client.post(f"{LIST}baru/", filled())
    again = client.post(f"{LIST}baru/", filled(checked=str(there.pk)))

    assert there.get_absolute_url() in typed.content.decode()
    assert asked.status_code == 200
    assert "Mungkin sudah ada" in asked.content.decode()
    assert again.status_code == 302
    assert Resource.objects.count() == 2


def test_what_changed_since_the_form_was_opened_is_not_overwritten_unseen(client, worker):
    row = ResourceFactory(name="Balai", services=["pelatihan"])
    url = f"{row.get_absolute_url()}ubah/"
    version = client.get(url).context["form"].version
    Resource.objects.filter(pk=row.pk).update(phone="022-1")

    stopped = client.post(url, filled(version=version))
    version = stopped.context["form"].version
    saved = client.post(url, filled(version=version))

    assert "diubah orang lain" in stopped.content.decode()
    assert saved.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.phone) == ("Balai latihan kerja", "")
    page = client.get(row.get_absolute_url()).content.decode()
    assert "Riwayat perubahan" in page
    assert "Balai → Balai latihan kerja" in page


def check(client, row, **sent):
    return client.post(f"{row.get_absolute_url()}periksa/", {"op_id": str(uuid7()), **sent})


def test_one_tap_says_it_is_still_true(client, worker):
    row = ResourceFactory(checked_on=None)
    assert "Perlu diperiksa" in client.get(LIST).content.decode()

    answer = check(client, row, outcome="masih_benar", **{"hari-ini": "1"})

    assert answer.headers["Location"] == "/"
    row.refresh_from_db()
    assert (row.checked_on, row.checked_by) == (timezone.localdate(), worker)


def test_what_changed_is_told_and_leads_to_correcting_it(client, worker):
    row = ResourceFactory()

    bare = check(client, row, outcome="berubah")
    told = check(client, row, outcome="berubah", note="Kuota habis")

    assert "Tulis apa yang berubah" in bare.content.decode()
    assert told.headers["Location"] == f"{row.get_absolute_url()}ubah/"
    assert "Kuota habis" in client.get(told.headers["Location"]).content.decode()
    assert row.checks.get().outcome == ResourceCheck.Outcome.CHANGED


def test_a_resource_of_another_area_is_not_found(client, worker):
    row = ResourceFactory(wilayah_id=SUKAPURA)

    for path in ("", "ubah/", "periksa/"):
        url = f"{row.get_absolute_url()}{path}"
        assert client.post(url, filled(outcome="masih_benar")).status_code in {404, 405}
        assert client.get(url).status_code in {404, 405}


def test_the_page_names_the_checks_of_a_family_one_by_one(client, family):
    row = ResourceFactory(desil_to=1, requirements="Surat RW", residents_only=True)

    page = client.get(row.get_absolute_url(), {"kpm": family.case_number}).content.decode()

    for state, words in (
        ("terpenuhi", "Warga Kota Bandung"),
        ("tidak", "Desil 1"),
        ("belum_tahu", "Surat RW"),
    ):
        assert re.search(rf'checks__{state}">.*?{words}', page, re.DOTALL), words
    assert f"/rujukan/baru/?kpm={family.case_number}&amp;sumber={row.pk}" in page
