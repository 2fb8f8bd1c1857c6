"""One-time codes: who may give them, how often and how long they open an account."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import operations
from accounts.models import ActivationCode, CodeRequest, LoginSession, User

from .conftest import PASSWORD, code_on, log_in

pytestmark = pytest.mark.django_db

FRESH = "perahu-kertas-di-sungai"
REFUSED = "Nama pengguna dan kode tidak cocok"


def activate(username, code, password=FRESH, repeated=None):
    data = {"username": username, "code": code, "new_password": password, "repeated": repeated or password}
    return Client().post("/akun/aktivasi/", data)


def refused(answer):
    return answer.status_code == 200 and REFUSED in answer.content.decode()


@pytest.fixture
def desk(koordinator):
    client = Client()
    client.force_login(koordinator)
    return client


@pytest.fixture
def siti(make_user):
    return make_user("siti")


def test_every_refusal_has_the_same_words(siti, koordinator, make_user, later):
    gone = make_user("dewi", is_active=False)
    late, used = make_user("tuti"), make_user("wati")
    code_of_gone = operations.issue_code(gone, by=koordinator)
    code_of_late = operations.issue_code(late, by=koordinator)
    later(minutes=31)
    code_of_used = operations.issue_code(used, by=koordinator)
    operations.redeem_code("wati", code_of_used, FRESH)
    code = operations.issue_code(siti, by=koordinator)
    assert refused(activate("tidak.ada", code))
    assert refused(activate("siti", "00000000"))
    assert refused(activate("dewi", code_of_gone))
    assert refused(activate("tuti", code_of_late))
    assert refused(activate("wati", code_of_used))
    for user in (siti, gone, late):
        user.refresh_from_db()
        assert user.check_password(PASSWORD)


def test_five_wrong_codes_spend_the_code(siti, koordinator):
    code = operations.issue_code(siti, by=koordinator)
    wrong = "ZZZZZZZZ" if code != "ZZZZZZZZ" else "YYYYYYYY"
    for _ in range(5):
        assert refused(activate("siti", wrong))
    assert refused(activate("siti", code))
    assert ActivationCode.objects.get().tries == 5


def test_four_wrong_codes_leave_one_try(siti, koordinator):
    code = operations.issue_code(siti, by=koordinator)
    for _ in range(4):
        activate("siti", "ZZZZZZZZ" if code != "ZZZZZZZZ" else "YYYYYYYY")
    assert activate("siti", code)["Location"] == "/masuk/"


def test_a_code_of_one_account_opens_no_other(siti, make_user, koordinator):
    other = make_user("dewi")
    operations.issue_code(other, by=koordinator)
    assert refused(activate("dewi", operations.issue_code(siti, by=koordinator)))


def test_a_new_code_replaces_the_one_before(siti, koordinator):
    first = operations.issue_code(siti, by=koordinator)
    second = operations.issue_code(siti, by=koordinator)
    assert refused(activate("siti", first))
    assert activate("siti", second).status_code == 302


def test_only_a_hash_of_the_code_is_stored(siti, koordinator):
    code = operations.issue_code(siti, by=koordinator)
    stored = ActivationCode.objects.get()
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{8}", code)
    assert re.fullmatch("[0-9a-f]{64}", stored.code_hash)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM accounts_activationcode c")
        assert code not in cursor.fetchone()[0]


def test_a_weak_password_costs_no_try(siti, koordinator):
    code = operations.issue_code(siti, by=koordinator)
    assert activate("siti", code, "pendek").status_code == 200
    assert activate("siti", code, FRESH, "lain-sama-sekali").status_code == 200
    assert ActivationCode.objects.get().tries == 0


def test_a_password_like_the_own_name_is_refused_and_costs_nothing(make_user, koordinator):
    make_user("siti", name="Siti Rahmawati")
    code = operations.issue_code(User.objects.get(username="siti"), by=koordinator)
    answer = activate("siti", code, "siti rahmawati")
    assert answer.status_code == 200
    assert not refused(answer)
    assert activate("siti", code).status_code == 302


def test_a_used_code_ends_all_sessions_and_lifts_the_lock(siti, koordinator):
    phone = Client()
    log_in(phone, "siti")
    for _ in range(8):
        log_in(Client(), "siti", "salah-terus-saja")
    code = operations.issue_code(siti, by=koordinator)
    assert phone.get("/akun/").status_code == 200  # the code itself ends nothing
    assert activate("siti", code.lower()[:4] + " " + code.lower()[4:]).status_code == 302
    assert phone.get("/akun/").status_code == 302
    assert not LoginSession.objects.filter(user=siti).exists()
    assert log_in(Client(), "siti").status_code == 200
    assert log_in(Client(), "siti", FRESH).status_code == 302


def test_the_owner_learns_of_a_reset_at_the_next_login_and_in_the_profile(siti, koordinator):
    log_in(Client(), "siti")
    activate("siti", operations.issue_code(siti, by=koordinator))
    phone = Client()
    log_in(phone, "siti", FRESH)
    page = phone.get("/akun/").content.decode()
    assert "Sandi Anda diatur ulang dengan kode dari Rina Koordinator pada" in page
    assert "Sandi diatur ulang dengan kode dari Rina Koordinator pada" in page
    again = Client()
    log_in(again, "siti", FRESH)
    assert "Sandi Anda diatur ulang" not in again.get("/akun/").content.decode()


def test_a_code_for_a_foreign_equal_or_higher_account_answers_not_found(desk, make_user, outside, admin):
    foreign = make_user("jauh", wilayah_id=outside.pk)
    peer = make_user("sejawat", duty="koordinator", wilayah_id="327316")
    boss = make_user("kota", duty="koordinator", wilayah_id="3273")
    for other in (foreign, peer, boss, admin):
        assert desk.post(f"/petugas/{other.pk}/kode/", {"password": PASSWORD}).status_code == 404
    assert not ActivationCode.objects.exists()


def test_nobody_gives_a_code_to_the_own_account(desk, koordinator):
    assert desk.post(f"/petugas/{koordinator.pk}/kode/", {"password": PASSWORD}).status_code == 404


def test_a_pendamping_gives_no_codes(siti, make_user):
    client = Client()
    client.force_login(siti)
    other = make_user("dewi")
    assert client.post(f"/petugas/{other.pk}/kode/", {"password": PASSWORD}).status_code == 404


def test_a_code_needs_the_own_password_again(desk, siti):
    answer = desk.post(f"/petugas/{siti.pk}/kode/", {"password": "bukan-sandinya"})
    assert answer.status_code == 200
    assert "Sandi tidak cocok" in answer.content.decode()
    assert not ActivationCode.objects.exists()
    assert desk.get(f"/petugas/{siti.pk}/kode/").status_code == 405


def test_a_koordinator_gives_a_code_of_thirty_minutes_shown_once(desk, siti, later):
    answer = desk.post(f"/petugas/{siti.pk}/kode/", {"password": PASSWORD})
    code = code_on(answer)
    assert answer["Cache-Control"] == "no-store, private"
    assert "30 menit" in answer.content.decode()
    assert code not in desk.get(f"/petugas/{siti.pk}/").content.decode()
    later(minutes=29)
    assert activate("siti", code).status_code == 302


@pytest.fixture
def two_admins(admin, make_user):
    """The browsers of two admins."""
    clients = Client(), Client()
    for client, user in zip(clients, (admin, make_user("kedua", duty="admin", wilayah_id=None)), strict=True):
        client.force_login(user)
    return clients


def test_a_koordinators_password_is_reset_by_one_who_asks_and_another_admin_who_answers(
    two_admins, koordinator
):
    asking, answering = two_admins
    log_in(Client(), "rina")
    url = f"/petugas/{koordinator.pk}/kode/"
    for _ in range(2):  # who asked can't answer
        page = asking.post(url, {"password": PASSWORD}, follow=True).content.decode()
        assert "Menunggu persetujuan admin lain." in page
        assert "Setujui dan buat kode" not in page
    assert not ActivationCode.objects.exists()
    assert "meminta kode baru untuk" not in asking.get("/petugas/").content.decode()
    assert f'Admin Pusat meminta kode baru untuk <a href="/petugas/{koordinator.pk}/"' in (
        answering.get("/petugas/").content.decode()
    )
    assert "Setujui dan buat kode" in answering.get(f"/petugas/{koordinator.pk}/").content.decode()
    assert "Sandi tidak cocok" in answering.post(url, {"password": "bukan-sandinya"}).content.decode()

    code = code_on(answering.post(url, {"password": PASSWORD}))

    assert not CodeRequest.objects.exists()
    activate("rina", code)
    again = Client()
    log_in(again, "rina", FRESH)
    told = again.get("/akun/").content.decode()
    assert "Sandi Anda diatur ulang dengan kode dari Kedua" in told
    assert ", diminta Admin Pusat." in told


def test_a_koordinator_of_a_wider_area_may_ask_and_never_answers(two_admins, koordinator, make_user):
    city = Client()
    city.force_login(make_user("kota", duty="koordinator", wilayah_id="3273"))
    url = f"/petugas/{koordinator.pk}/kode/"
    two_admins[0].post(url, {"password": PASSWORD})

    page = city.post(url, {"password": PASSWORD}, follow=True).content.decode()

    assert "Menunggu persetujuan admin lain." in page
    assert not ActivationCode.objects.exists()


def test_a_request_for_a_code_waits_a_day(two_admins, koordinator, later):
    asking, answering = two_admins
    url = f"/petugas/{koordinator.pk}/kode/"
    asking.post(url, {"password": PASSWORD})
    CodeRequest.objects.update(asked_at=timezone.now() - timedelta(hours=25))

    answering.post(url, {"password": PASSWORD})

    assert not ActivationCode.objects.exists()
    assert CodeRequest.objects.get().asked_by.name == "Kedua"


def test_a_koordinator_who_never_came_in_gets_the_first_code_again_from_one_admin(two_admins, make_user):
    new = make_user("baru", duty="koordinator", wilayah_id="327316", password=None)
    assert code_on(two_admins[0].post(f"/petugas/{new.pk}/kode/", {"password": PASSWORD}))


def test_an_account_switched_off_gets_no_code_and_loses_the_open_one(desk, siti, koordinator):
    code = operations.issue_code(siti, by=koordinator)
    operations.set_active(siti, active=False)
    desk.post(f"/petugas/{siti.pk}/kode/", {"password": PASSWORD})
    assert ActivationCode.objects.count() == 1
    operations.set_active(siti, active=True)
    assert refused(activate("siti", code))


def test_the_first_admin_is_made_without_a_password():
    out = StringIO()
    call_command("create_admin", "pusat", name="Admin Pusat", stdout=out)
    admin = User.objects.get()
    assert (admin.duty, admin.wilayah, admin.has_usable_password()) == ("admin", None, False)
    code = re.search(r": ([0-9A-Z]{8})\n", out.getvalue())[1]
    assert activate("pusat", code).status_code == 302
    assert log_in(Client(), "pusat", FRESH).status_code == 302


def test_an_admin_who_lost_the_password_gets_a_code_from_the_server(admin):
    out = StringIO()
    call_command("create_admin", "pusat", name="Admin Pusat", stdout=out)
    assert User.objects.count() == 1
    assert activate("pusat", re.search(r": ([0-9A-Z]{8})\n", out.getvalue())[1]).status_code == 302


def test_the_command_takes_over_no_other_account_and_no_odd_name(siti):
    for name in ("siti", "Huruf Besar", "a'b"):
        with pytest.raises(CommandError):
            call_command("create_admin", name, name="Siapa")
    assert User.objects.get() == siti
