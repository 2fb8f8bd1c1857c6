"""The accounts a koordinator or admin looks after: which ones, and what may be set."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ActivationCode, LoginSession, User
from accounts.templatetags.accounts_format import breakable
from wilayah.models import Wilayah

from .conftest import PASSWORD, code_on, log_in

pytestmark = pytest.mark.django_db

KEBON_JAYANTI, SUKAPURA = "3273161002", "3273161006"
NEW = {"name": "Asep Suparman", "username": "asep", "duty": "pendamping", "wilayah": KEBON_JAYANTI}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(koordinator):
    return client_of(koordinator)


@pytest.fixture
def centre(admin):
    return client_of(admin)


def test_other_duties_do_not_find_the_rooms_of_staff(make_user):
    siti = make_user("siti")
    for client in (client_of(siti), client_of(make_user("lurah", duty="kelurahan"))):
        for path in ("", "baru/", f"{siti.pk}/", f"{siti.pk}/ubah/"):
            assert client.get(f"/petugas/{path}").status_code == 404
        for path in ("kode/", "nonaktif/", "buka-kunci/"):
            assert client.post(f"/petugas/{siti.pk}/{path}").status_code == 404


def test_accounts_of_another_area_are_not_found(desk, make_user, outside):
    other = make_user("jauh", wilayah_id=outside.pk)
    for path in ("", "ubah/"):
        assert desk.get(f"/petugas/{other.pk}/{path}").status_code == 404
    for path in ("ubah/", "kode/", "nonaktif/", "buka-kunci/"):
        assert desk.post(f"/petugas/{other.pk}/{path}", {"password": PASSWORD}).status_code == 404
    for query in ("", "?q=jauh", f"?wilayah={outside.pk}", f"?sesudah={other.pk}"):
        page = desk.get(f"/petugas/{query}").content.decode()
        assert f"/petugas/{other.pk}/" not in page
        assert "Jauh" not in page
    other.refresh_from_db()
    assert other.is_active


def test_peers_and_the_own_account_are_seen_but_not_changed(desk, koordinator, make_user):
    peer = make_user("sejawat", duty="koordinator", wilayah_id="327316")
    for user in (peer, koordinator):
        page = desk.get(f"/petugas/{user.pk}/")
        assert page.status_code == 200
        assert f"/petugas/{user.pk}/ubah/" not in page.content.decode()
        assert desk.post(f"/petugas/{user.pk}/ubah/", {"name": "Lain"}).status_code == 404
        assert desk.post(f"/petugas/{user.pk}/nonaktif/", {"aktif": "0"}).status_code == 404
    assert User.objects.filter(is_active=True).count() == 2


def test_who_may_change_whom(make_user, admin, koordinator, outside):
    """Below the own area or, in it, of a lower duty; nobody the own account, and an admin only another admin."""
    others = {
        "pendamping": make_user("siti"),
        "petugas kelurahan": make_user("lurah", duty="kelurahan"),
        "koordinator beside": make_user("sejawat", duty="koordinator", wilayah_id="327316"),
        "koordinator below": make_user("bawah", duty="koordinator", wilayah_id="3273161002"),
        "koordinator above": make_user("kota", duty="koordinator", wilayah_id="3273"),
        "admin with an area": make_user("pusat.dua", duty="admin", wilayah_id="3273161002"),
        "pendamping outside": make_user("jauh", wilayah_id=outside.pk),
    }

    def changes(user):
        allowed = set(User.objects.manageable_by(user))
        assert user not in allowed
        return [name for name, other in others.items() if other in allowed]

    assert changes(koordinator) == ["pendamping", "petugas kelurahan", "koordinator below"]
    assert changes(admin) == list(others)
    assert changes(others["koordinator above"]) == [
        "pendamping",
        "petugas kelurahan",
        "koordinator beside",
        "koordinator below",
        "pendamping outside",
    ]
    for name in ("pendamping", "petugas kelurahan"):
        assert changes(others[name]) == []
        assert list(User.objects.visible_to(others[name])) == [others[name]]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"wilayah": "3273011001"}, "di luar wilayah tugas Anda"),
        ({"wilayah": "3273"}, "di luar wilayah tugas Anda"),
        ({"wilayah": ""}, "Wajib diisi."),
        ({"duty": "admin"}, "tidak bisa Anda berikan"),
        ({"duty": "koordinator", "wilayah": "327316"}, "tidak bisa Anda berikan"),
        ({"duty": ""}, "Wajib diisi."),
        ({"duty": "kelurahan", "wilayah": "327316"}, "pilih kelurahan"),
        ({"username": "Asep Suparman"}, "huruf kecil"),
        ({"username": "asep_s"}, "huruf kecil"),
        ({"username": "rina"}, "sudah dipakai"),
        ({"username": "RINA"}, "sudah dipakai"),
        ({"nip": "123"}, "18 angka"),
        ({"phone": "nomor saya"}, "angka saja"),
        ({"name": ""}, "Wajib diisi."),
    ],
)
def test_an_account_that_does_not_fit_is_refused_beside_the_field(desk, outside, changed, words):
    answer = desk.post("/petugas/baru/", {**NEW, **changed})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'class="field__error"' in page
    assert words in page
    assert changed.get("name", "Asep Suparman") in page
    assert User.objects.count() == 1


def test_nothing_else_can_be_set_by_the_request(desk):
    more = {
        "is_active": "",
        "password": "x",
        "id": "1",
        "created_at": "2020-01-01",
        "last_login": "2020-01-01",
    }
    desk.post("/petugas/baru/", {**NEW, **more})
    asep = User.objects.get(username="asep")
    assert asep.is_active
    assert not asep.has_usable_password()
    assert asep.last_login is None
    assert asep.created_at > timezone.now() - timedelta(minutes=1)
    desk.post(
        f"/petugas/{asep.pk}/ubah/",
        {
            **NEW,
            "name": "Asep S.",
            "duty": "koordinator",
            "username": "lain",
            "is_active": "",
            "password": "x",
        },
    )
    changed = User.objects.get(pk=asep.pk)
    assert (changed.name, changed.duty, changed.username, changed.is_active) == (
        "Asep S.",
        "pendamping",
        "asep",
        True,
    )
    assert changed.password == asep.password


def test_a_koordinator_makes_an_account_and_gets_its_code_once(desk, koordinator):
    answer = desk.post("/petugas/baru/", {**NEW, "phone": "0812-3456 7890", "nip": "198503122010011005"})
    assert answer.status_code == 200
    asep = User.objects.get(username="asep")
    assert (asep.name, asep.duty, asep.wilayah_id) == ("Asep Suparman", "pendamping", KEBON_JAYANTI)
    assert (asep.phone, asep.nip) == ("081234567890", "198503122010011005")
    issued = ActivationCode.objects.get()
    assert (issued.user, issued.issued_by) == (asep, koordinator)
    assert issued.expires_at - issued.issued_at == timedelta(hours=72)
    fresh = "perahu-kertas-di-sungai"
    data = {"username": "asep", "code": code_on(answer), "new_password": fresh, "repeated": fresh}
    assert Client().post("/akun/aktivasi/", data)["Location"] == "/masuk/"
    assert log_in(Client(), "asep", fresh).status_code == 302


def test_a_koordinator_of_the_city_makes_one_for_a_kecamatan(make_user):
    desk = client_of(make_user("kota", duty="koordinator", wilayah_id="3273"))
    page = desk.get("/petugas/baru/").content.decode()
    assert 'optgroup label="Kecamatan Kiaracondong"' in page
    assert "Kebon Jayanti" in page
    for code in ("3273", KEBON_JAYANTI):
        desk.post("/petugas/baru/", {**NEW, "duty": "koordinator", "wilayah": code})
    assert User.objects.count() == 1
    desk.post("/petugas/baru/", {**NEW, "duty": "koordinator", "wilayah": "327316"})
    assert User.objects.get(username="asep").wilayah_id == "327316"


def test_an_admin_places_by_code_or_by_name(centre):
    centre.post("/petugas/baru/", {**NEW, "wilayah": "32.73.16.1002"})
    assert User.objects.get(username="asep").wilayah_id == KEBON_JAYANTI
    centre.post("/petugas/baru/", {**NEW, "username": "ujang", "wilayah": "kebon jayanti"})
    assert User.objects.get(username="ujang").wilayah_id == KEBON_JAYANTI


def test_an_ambiguous_or_unknown_name_is_explained(centre):
    Wilayah.objects.create(
        code="3204011001", name="Kebon Jayanti", level=4, parent_id="3204", search_name="kebonjayanti"
    )
    page = centre.post("/petugas/baru/", {**NEW, "wilayah": "Kebon Jayanti"}).content.decode()
    assert "3273161002: Kebon Jayanti, Kiaracondong" in page
    assert "3204011001: Kebon Jayanti" in page
    assert "tidak ditemukan" in centre.post("/petugas/baru/", {**NEW, "wilayah": "Atlantis"}).content.decode()
    assert User.objects.count() == 1


def test_an_admin_has_no_area(centre):
    page = centre.post("/petugas/baru/", {**NEW, "duty": "admin"}).content.decode()
    assert "tanpa wilayah" in page
    centre.post("/petugas/baru/", {**NEW, "duty": "admin", "wilayah": ""})
    assert User.objects.get(username="asep").duty == "admin"


def test_a_koordinator_of_a_province_may_not_reach_beyond_it_by_text(make_user, outside):
    desk = client_of(make_user("jabar", duty="koordinator", wilayah_id="32"))
    page = desk.post("/petugas/baru/", {**NEW, "duty": "koordinator", "wilayah": "3374"}).content.decode()
    assert "tidak ditemukan" in page
    page = desk.post("/petugas/baru/", {**NEW, "duty": "koordinator", "wilayah": "32"}).content.decode()
    assert "pilih kecamatan atau kabupaten/kota." in page
    assert not User.objects.filter(username="asep").exists()
    desk.post("/petugas/baru/", {**NEW, "wilayah": outside.pk})
    assert User.objects.get(username="asep").wilayah_id == outside.pk


def test_moving_an_account_to_a_foreign_area_is_refused(desk, make_user, outside):
    siti = make_user("siti")
    answer = desk.post(f"/petugas/{siti.pk}/ubah/", {"name": "Siti", "wilayah": outside.pk})
    assert "di luar wilayah tugas Anda" in answer.content.decode()
    siti.refresh_from_db()
    assert siti.wilayah_id == KEBON_JAYANTI


def test_moving_an_account_ends_its_sessions_and_correcting_a_name_does_not(desk, make_user):
    siti = make_user("siti")
    client_of(siti)
    desk.post(f"/petugas/{siti.pk}/ubah/", {"name": "Siti Rahayu", "wilayah": KEBON_JAYANTI})
    assert LoginSession.objects.filter(user=siti).exists()
    desk.post(f"/petugas/{siti.pk}/ubah/", {"name": "Siti Rahayu", "wilayah": SUKAPURA})
    assert not LoginSession.objects.filter(user=siti).exists()
    siti.refresh_from_db()
    assert (siti.name, siti.wilayah_id) == ("Siti Rahayu", SUKAPURA)


def test_what_changed_and_by_whom_is_kept_without_the_password(desk, koordinator, make_user):
    siti = make_user("siti")
    desk.post(f"/petugas/{siti.pk}/nonaktif/", {"aktif": "0"})
    event = siti.events.order_by("pgh_id").last()
    assert event.is_active is False
    assert event.pgh_context.metadata["user"] == koordinator.pk
    assert not hasattr(event, "password")


def test_the_list_searches_and_narrows(desk, make_user):
    siti, dewi = make_user("siti"), make_user("dewi", duty="kelurahan", wilayah_id=SUKAPURA)
    make_user("mati", name="Mati Surya", is_active=False)

    def listed(query):
        page = desk.get(f"/petugas/{query}").content.decode()
        return [user for user in (siti, dewi) if f'href="/petugas/{user.pk}/"' in page]

    assert listed("") == [siti, dewi]
    assert listed("?q=SIT") == [siti]
    assert listed("?tugas=kelurahan") == [dewi]
    assert listed(f"?wilayah={SUKAPURA}") == [dewi]
    assert listed("?q=tak-ada") == []
    assert "nonaktif" in desk.get("/petugas/?q=mati").content.decode()
    assert "Tidak ada petugas yang cocok" in desk.get("/petugas/?q=tak-ada").content.decode()
    assert desk.get("/petugas/?tugas=raja&wilayah=xx&sesudah=99999999999999999999").status_code == 200


def test_a_filter_acts_when_it_is_chosen_and_replaces_the_address(desk, make_user):
    siti, dewi = make_user("siti"), make_user("dewi", duty="kelurahan")
    form = re.search(r'<form class="filters"[^>]*>', desk.get("/petugas/").content.decode())[0]
    assert "change" in re.search(r'hx-trigger="([^"]*)"', form)[1]
    assert 'hx-replace-url="true"' in form and "push-url" not in form

    headers = {"HX-Request": "true", "HX-Target": "staff-list"}
    part = desk.get("/petugas/?tugas=kelurahan", headers=headers).content.decode()

    assert part.lstrip().startswith('<section id="staff-list"')
    assert dewi.name in part and siti.name not in part
    none = desk.get("/petugas/?q=tak-ada", headers=headers).content.decode()
    assert "Tidak ada petugas yang cocok" in none


def test_who_chooses_an_area_by_code_is_led_to_the_codes(desk, centre):
    assert "Cari kode wilayah" not in desk.get("/petugas/baru/").content.decode()
    page = centre.get("/petugas/baru/").content.decode()

    assert re.search(r'<a href="/wilayah/"[^>]*>Cari kode wilayah</a>', page)


def test_the_list_pages_without_gaps_and_without_names_in_the_address(desk):
    User.objects.bulk_create(
        User(username=f"p{n}", name=f"Petugas {n % 40:02d}", duty="pendamping", wilayah_id=KEBON_JAYANTI)
        for n in range(120)
    )
    seen, address = [], "/petugas/?q=Petugas"
    while address:
        response = desk.get(address)
        seen += [officer.pk for officer in response.context["officers"]]
        assert len(response.context["officers"]) <= 50
        address = response.context["next_url"] and "/petugas/" + response.context["next_url"]
    assert len(seen) == len(set(seen)) == 120
    part = desk.get("/petugas/?q=Petugas", headers={"HX-Request": "true", "HX-Target": "staff-rows"})
    assert part.content.decode().lstrip().startswith("<li")


def test_the_list_asks_as_much_for_many_as_for_few(desk, make_user):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            desk.get("/petugas/")
        return len(asked)

    make_user("siti")
    few = queries()
    User.objects.bulk_create(
        User(username=f"p{n}", name=f"Petugas {n}", duty="pendamping", wilayah_id=KEBON_JAYANTI)
        for n in range(60)
    )
    assert queries() == few


@pytest.mark.parametrize(
    ("username", "html"),
    [("siti", "siti"), ("siti.nur.a", "siti.<wbr>nur.<wbr>a"), ("<b>.c", "&lt;b&gt;.<wbr>c")],
)
def test_a_long_username_breaks_after_its_dots(username, html):
    assert breakable(username) == html
