"""A phone's key is given to its user alone, as long as the phone is in use; its news reaches the koordinator."""

from base64 import b64decode, b64encode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.operations import set_active
from phone.models import Phone
from phone.operations import (
    KEY_BYTES,
    MOST_PHONES,
    PhoneEnded,
    browser_label,
    end_phone,
    hear_from,
    key_of,
    open_phone,
    register_phone,
)
from pkh_casework.fields import NumberUnreadable, unseal
from pkh_casework.ids import uuid7
from pkh_casework.phones import whatsapp_url
from tests.factories import (
    KEBON_JAYANTI,
    PHONE_KEY,
    SUKAPURA,
    HouseholdFactory,
    PhoneFactory,
    UserFactory,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

AGENT = (
    "Mozilla/5.0 (Linux; Android 10; SM-A105F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile "
    "Safari/537.36"
)
AS_JSON = {"Accept": "application/json"}
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 "
    "Mobile/15E148 Safari/604.1"
)
LIST_STATEMENTS = 1  # and one of the accounts, which is not counted
HEAR_STATEMENTS = 2


@pytest.fixture
def phone(pendamping):
    return PhoneFactory(user=pendamping)


def now_ms():
    return round(timezone.now().timestamp() * 1000)


def ago(**span):
    return timezone.now() - timedelta(**span)


def tell(client, phone, **news):
    said = {"phone": phone.pk, "app": "1.0", "waiting": 0, "since": "", "at": now_ms(), **news}
    return client.post("/hp/kabar/", said, headers=AS_JSON)


# --- the key ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, AS_JSON])
def test_a_phone_is_registered_and_gets_a_key_of_its_own(client, pendamping, headers):
    client.force_login(pendamping)
    answer = client.post("/hp/daftarkan/", {"app": "2026.11"}, headers={"User-Agent": AGENT, **headers})

    said = answer.json()
    phone = Phone.objects.get(pk=said["phone"])
    assert (answer.status_code, answer["X-Langkah"]) == (201, "1")
    assert b64decode(said["key"]) == key_of(phone) and len(key_of(phone)) == KEY_BYTES
    assert abs(said["now"] - now_ms()) < 1000
    assert (phone.user, phone.browser, phone.app_version) == (pendamping, "Chrome 96, Android 10", "2026.11")
    assert key_of(register_phone(pendamping, "", "")[0]) != key_of(phone)


def test_the_key_lies_sealed_for_this_very_phone(phone):
    assert PHONE_KEY not in bytes(phone.key)
    with pytest.raises(NumberUnreadable):
        unseal(phone.key, PhoneFactory().key_context)


def test_its_user_gets_the_key_again(client, phone):
    Phone.objects.update(opened_at=ago(days=5), heard_at=ago(days=5))
    client.force_login(phone.user)
    answer = client.post("/hp/kunci/", {"phone": phone.pk, "app": "2.0"})

    assert (answer.status_code, answer["X-Langkah"]) == (200, "1")
    assert answer.json()["key"] == b64encode(PHONE_KEY).decode()
    phone.refresh_from_db()
    assert phone.app_version == "2.0" and min(phone.opened_at, phone.heard_at) > ago(minutes=1)


def test_nobody_else_gets_it_and_nobody_is_told_why(client, phone):
    client.force_login(UserFactory())
    for named in (phone.pk, uuid7(), "", "x", "\0", "²", "9" * 300):
        for route in ("/hp/kunci/", "/hp/kabar/"):
            answer = client.post(route, {"phone": named}, headers=AS_JSON)
            assert (answer.status_code, answer.json()) == (410, {"state": "ended"})
            assert answer["X-Langkah"] == "1"


def test_an_ended_phone_gets_its_key_no_more(client, phone, koordinator):
    assert end_phone(phone, by=koordinator) and not end_phone(phone, by=phone.user)
    client.force_login(phone.user)

    assert client.post("/hp/kunci/", {"phone": phone.pk}).status_code == 410
    assert tell(client, phone).status_code == 410
    phone.refresh_from_db()
    assert phone.ended_by == koordinator and key_of(phone) == PHONE_KEY


def test_a_switched_off_user_gets_it_no_more(client, phone):
    client.force_login(phone.user)
    set_active(phone.user, active=False)

    assert client.post("/hp/kunci/", {"phone": phone.pk}, headers=AS_JSON).status_code == 401
    with pytest.raises(PhoneEnded):
        open_phone(phone.user, phone.pk)
    with pytest.raises(PhoneEnded):
        hear_from(phone.user, phone.pk, waiting=0, waiting_since=None, app_version="", skew_s=0)


@pytest.mark.parametrize("route", ["/hp/daftarkan/", "/hp/kunci/", "/hp/kabar/"])
def test_a_stranger_is_asked_to_log_in_without_being_led_away(client, route, phone):
    answer = client.post(route, {"phone": phone.pk}, headers=AS_JSON)
    assert (answer.status_code, answer["X-Langkah"]) == (401, "1")
    assert "key" not in answer.json()


def test_offices_have_no_phones(client, phone, koordinator):
    client.force_login(koordinator)
    for route in ("/hp/daftarkan/", "/hp/kunci/", "/hp/kabar/"):
        assert client.post(route, {"phone": phone.pk}, headers=AS_JSON).status_code == 404
    assert client.get("/hp/").status_code == 404


def test_beyond_three_the_one_longest_silent_ends(pendamping):
    phones = [PhoneFactory(user=pendamping, heard_at=ago(days=days)) for days in (1, 9, 2)]
    foreign = PhoneFactory(heard_at=ago(days=30))
    new, _ = register_phone(pendamping, "Chrome 96, Android 10", "1.0")

    assert set(pendamping.phones.in_use()) == {phones[0], phones[2], new}
    assert pendamping.phones.in_use().count() == MOST_PHONES
    ended = Phone.objects.exclude(ended_at=None).get()
    assert (ended, ended.ended_by) == (phones[1], pendamping)
    assert Phone.objects.in_use().contains(foreign)


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (AGENT, "Chrome 96, Android 10"),
        ("Mozilla/5.0 (Android 9; Mobile; rv:109.0) Gecko/114.0 Firefox/114.0", "Firefox 114, Android 9"),
        (f"{AGENT} EdgA/121.0.2277.138", "Edge 121, Android 10"),
        (AGENT.replace("Chrome/", "SamsungBrowser/16.0 Chrome/"), "Samsung Internet 16, Android 10"),
        (IPHONE, "Safari 15, iOS 15"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0.0.0 Safari/537.36", "Chrome 120, Windows"),
        ("", "Peramban lain"),
        ("\x00<script>" * 50, "Peramban lain"),
        (f"Chrome/{'9' * 400}", "Chrome 9999"),
    ],
)
def test_a_browser_is_called_shortly(agent, label):
    assert browser_label(agent) == label


def test_keys_are_sealed_anew_with_all_numbers(settings, phone):
    old = settings.IDENTITY_KEYS
    other = PhoneFactory()
    settings.IDENTITY_KEYS = old | {
        "encryption": old["encryption"] | {"2": "44" * 32},
        "current": {"encryption": "2", "index": "1"},
    }
    call_command("reseal_numbers", verbosity=0)
    settings.IDENTITY_KEYS = settings.IDENTITY_KEYS | {"encryption": {"2": "44" * 32}}

    for each in (phone, other):
        each.refresh_from_db()
        assert key_of(each) == PHONE_KEY


# --- news -------------------------------------------------------------------------------------------------------------


def test_news_is_kept(client, phone):
    Phone.objects.update(heard_at=ago(days=4))
    client.force_login(phone.user)
    fast = timedelta(hours=2)
    at = now_ms() + fast.total_seconds() * 1000
    answer = tell(client, phone, waiting=3, since=round(at - 3_600_000), at=round(at), app="3.1")

    said = answer.json()
    assert (answer.status_code, answer["X-Langkah"], said["state"]) == (200, "1", "ok")
    assert abs(said["now"] - now_ms()) < 1000
    phone.refresh_from_db()
    assert (phone.waiting, phone.app_version) == (3, "3.1")
    assert abs(phone.skew_s - 7200) < 5 and phone.wrong_clock_minutes == 120
    # By the server's clock, whatever the phone's says.
    assert abs(phone.waiting_since - ago(hours=1)) < timedelta(seconds=5)
    assert phone.heard_at > ago(minutes=1)

    tell(client, phone, waiting=0)
    phone.refresh_from_db()
    assert (phone.waiting, phone.waiting_since) == (0, None)


def test_news_costs_one_read_and_is_written_once_a_minute(client, phone):
    client.force_login(phone.user)
    with count_queries() as queries:
        tell(client, phone)
    assert len(queries) == HEAR_STATEMENTS - 1  # heard just now

    with count_queries() as queries:
        tell(client, phone, waiting=2)
    assert len(queries) == HEAR_STATEMENTS

    Phone.objects.update(heard_at=ago(minutes=2))
    with count_queries() as queries:
        tell(client, phone, waiting=2)
    assert len(queries) == HEAR_STATEMENTS


@pytest.mark.parametrize(
    "odd", ["", "-1", "1.5", "x", "\0", "²", "9" * 30, "99999999999999", "NaN", "🙂" * 500, "2147483648"]
)
def test_odd_news_changes_nothing_and_breaks_nothing(client, phone, odd):
    Phone.objects.update(waiting=4, waiting_since=ago(days=1))
    client.force_login(phone.user)
    for name in ("waiting", "since", "at", "app"):
        assert tell(client, phone, **({"waiting": 4} | {name: odd})).status_code == 200
    phone.refresh_from_db()
    assert phone.waiting == 4 and phone.waiting_since < ago(hours=23)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_worker_sees_the_own_phones_and_ends_one(client, phone):
    other = PhoneFactory(browser="Firefox 99, Android 8")
    client.force_login(phone.user)
    page = client.get("/hp/").content.decode()
    assert phone.browser in page and other.browser not in page
    for part in ("unsupported", "off", "on", "shut"):
        assert f'data-phone-part="{part}"' in page

    url = reverse("phone:phone_end", args=[phone.pk])
    for words in ("sudah dihapus. Kuncinya", "sudah dihapus sebelumnya"):
        answer = client.post(url, {"kembali": "/hp/"}, follow=True)
        assert answer.redirect_chain == [("/hp/", 302)] and words in answer.content.decode()
    phone.refresh_from_db()
    assert phone.ended_by == phone.user and url not in client.get("/hp/").content.decode()
    assert client.post(reverse("phone:phone_end", args=[other.pk])).status_code == 404
    assert client.get(url).status_code == 405


def test_the_page_without_signal_is_the_same_for_everybody(client, phone):
    stranger = client.get("/hp/buka/").content
    client.force_login(phone.user)
    assert client.get("/hp/buka/").content == stranger
    assert b"data-phone-unlock" in stranger and b"csrf" not in stranger
    assert "csrf" not in client.cookies


def test_a_code_never_stands_in_an_address(client, phone):
    client.force_login(phone.user)
    for page in ("/hp/", "/hp/buka/"):
        text = client.get(page).content.decode()
        forms = [form.partition(">")[0] for form in text.split("<form")[1:]]
        coded = [form for form in forms if "data-phone" in form]
        assert coded and all('method="dialog"' in form for form in coded)


def test_a_koordinator_finds_who_is_silent(client):
    said = {4: "Sri Empat", 9: "Sri Sembilan", 0: "Sri Nol"}
    for days, name in said.items():
        PhoneFactory(user__name=name, heard_at=ago(days=days), waiting=3 * (not days))
    PhoneFactory(user__name="Sri Jauh", user__wilayah_id=SUKAPURA)
    PhoneFactory(user__name="Sri Usai", ended_at=timezone.now())
    HouseholdFactory()
    client.force_login(UserFactory(koordinator=True, wilayah_id=KEBON_JAYANTI))

    def shown(asked):
        rows = client.get(f"/hp/daftar/{asked}").context["rows"]
        return [phone.user.name for phone, _ in rows]

    assert shown("") == ["Sri Sembilan", "Sri Empat", "Sri Nol"] == shown("?keadaan=x")
    assert shown("?keadaan=3") == ["Sri Sembilan", "Sri Empat"]
    assert shown("?keadaan=7") == ["Sri Sembilan"]
    assert shown("?keadaan=menunggu") == ["Sri Nol"]
    page = client.get("/hp/daftar/").content.decode()
    assert "1 pendamping dengan keluarga dampingan belum mendaftarkan HP" in page
    assert page.count("pill--overdue") == 1 and "3 menunggu sejak" in page


def test_a_koordinator_ends_a_phone_of_the_area_only(client, phone):
    far = PhoneFactory(user__wilayah_id=SUKAPURA)
    client.force_login(koordinator := UserFactory(koordinator=True, wilayah_id=KEBON_JAYANTI))
    back = "/hp/daftar/?keadaan=7"
    answer = client.post(reverse("phone:phone_end", args=[phone.pk]), {"kembali": back})
    assert answer.url == back
    assert client.post(reverse("phone:phone_end", args=[far.pk])).status_code == 404
    phone.refresh_from_db()
    far.refresh_from_db()
    assert phone.ended_by == koordinator and far.ended_at is None


def test_the_list_goes_on_and_costs_the_same_for_many(client, koordinator):
    for number in range(60):
        PhoneFactory(heard_at=ago(hours=number))
    client.force_login(koordinator)
    with count_queries() as queries:
        first = client.get("/hp/daftar/")
    assert len(queries) == LIST_STATEMENTS
    second = client.get(first.context["page"].next_url)
    pages = [[phone.pk for phone, _ in page.context["rows"]] for page in (first, second)]
    assert [len(page) for page in pages] == [50, 10] and not set(pages[0]) & set(pages[1])


def test_a_message_to_the_worker_is_ready_and_tells_of_no_family(client, koordinator):
    user = UserFactory(name="Rina", phone="0812-3456 789")
    family = HouseholdFactory(pendamping=user)
    PhoneFactory(user=user, heard_at=ago(days=4), waiting=2)
    client.force_login(koordinator)
    ((_, address),) = client.get("/hp/daftar/").context["rows"]

    assert address.startswith("https://wa.me/628123456789?")
    (text,) = parse_qs(urlsplit(address).query)["text"]
    assert "Halo Rina" in text and "4 hari lalu" in text and "2 catatan" in text
    assert family.name not in text and family.case_number not in text


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("0812 3456 789", "628123456789"),
        ("+62 812-3456-789", "628123456789"),
        ("+62 (0)812 3456 789", "628123456789"),
        ("0062812345678", "62812345678"),
        ("812345678", "62812345678"),
        ("(022) 730 1234", ""),
        ("tidak ada", ""),
        ("", ""),
        ("08" + "1" * 30, ""),
        ("٠٨١٢٣٤٥٦٧٨٩", "628123456789"),
    ],
)
def test_a_number_is_dialled_from_everywhere(written, dialled):
    address = whatsapp_url(written, "Halo") if written else ""
    assert address == (f"https://wa.me/{dialled}?text=Halo" if dialled else "")


def test_the_ways_to_the_pages_stand_where_people_look(client, pendamping, koordinator):
    client.force_login(pendamping)
    for page in ("/lainnya/", "/akun/"):
        assert 'href="/hp/"' in client.get(page).content.decode()
    client.force_login(koordinator)
    more = client.get("/lainnya/").content.decode()
    assert 'href="/hp/daftar/"' in more and 'href="/hp/"' not in more


def test_ending_a_phone_ends_the_login_there_but_not_that_of_who_ends_it(client, pendamping, koordinator):
    client.force_login(pendamping)
    answer = client.post("/hp/daftarkan/", {"app": "1.0"})
    phone = Phone.objects.get(pk=answer.json()["phone"])
    assert client.get("/hp/").status_code == 200

    assert end_phone(phone, by=koordinator)

    assert client.get("/hp/").status_code == 302
    client.force_login(pendamping)
    own = Phone.objects.get(pk=client.post("/hp/daftarkan/").json()["phone"])
    client.post(f"/hp/{own.pk}/hapus/")
    assert client.get("/hp/").status_code == 200


def test_a_phone_that_was_ended_is_told_so_without_a_login(client, pendamping, koordinator):
    phone = PhoneFactory(user=pendamping)
    address = f"/hp/tanda/?phone={phone.pk}"
    assert client.get(address).status_code == 401

    end_phone(phone, by=koordinator)

    assert client.get(address).status_code == 410
    other = PhoneFactory(user=pendamping)
    User.objects.filter(pk=pendamping.pk).update(is_active=False)
    assert client.get(f"/hp/tanda/?phone={other.pk}").status_code == 410
    assert client.get("/hp/tanda/?phone=x").status_code == 401
