"""A partner answers by a link: little is shown, one answer counts, and whatever is wrong with a link looks the same."""

import logging
import re
from datetime import timedelta
from urllib.parse import quote

import pghistory
import pytest
from django.test import Client
from django.utils import timezone

from pkh_casework.ids import uuid7
from resources.models import LinkKnock, PartnerLink, ReferralMove
from resources.operations.answer import MISSES_PER_ADDRESS, PER_LINK, hash_of
from tests.factories import HouseholdFactory, UserFactory
from tests.queries import count_queries
from tests.referrals import make_referral, make_secret, step

CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def referral(family, today):
    return make_referral(family, "diajukan", on=today, need="Modal untuk warung nasi")


@pytest.fixture
def url(referral, today):
    return address(make_secret(referral, on=today))


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(
        pendamping=pendamping, name="Neneng Hasanah", address="Gang Rahasia 7", notes="Catatan dalam", rt=9
    )


def address(secret):
    return f"/jawab/{secret}/"


def answer(client, url, move="terima", **fields):
    sent = {
        "langkah": "jawab",
        "op_id": uuid7(),
        "move": move,
        "name": "Bu Tini",
        "note": "Senin depan",
        **fields,
    }
    return client.post(url, sent)


def plain(response):
    """The whole answer, but for the token of the form, which is new each time."""
    return response.status_code, CSRF.sub(b"", response.content), response.headers.get("X-Robots-Tag")


def test_the_door_says_nothing_and_opening_is_noted(client, url):
    door = client.get(url)
    assert door.status_code == 200
    assert b"warung nasi" not in door.content
    assert PartnerLink.objects.get().opened_at is None

    page = client.post(url, {"langkah": "buka"}).content.decode()

    assert "N. H." in page
    assert "Modal untuk warung nasi" in page
    assert PartnerLink.objects.get().opened_at
    for secret in ("Neneng", "Hasanah", "Gang Rahasia", "Catatan dalam", "RT 0", "PKH-", "Kebon Jayanti"):
        assert secret not in page, secret


def test_an_answer_moves_the_referral_and_the_pendamping_sees_who_said_it(client, url, referral):
    page = answer(client, url)

    assert b"Terima kasih" in page.content
    referral.refresh_from_db()
    assert (referral.state, referral.answered_on) == ("diterima", timezone.localdate())
    assert referral.due_on > timezone.localdate()
    move = referral.moves.last()
    assert (move.by, move.answered_by, move.reason) == (None, "Bu Tini", "Senin depan")
    client.force_login(referral.household.pendamping)
    assert "Bu Tini, lewat tautan mitra" in client.get(referral.get_absolute_url()).content.decode()


def test_accepted_first_and_finished_later_by_another_link(client, url, referral, today):
    answer(client, url)
    later = address(make_secret(referral, on=today))
    page = client.post(later, {"langkah": "buka"}).content.decode()
    assert "Sudah selesai" in page
    assert "Kami terima" not in page

    answer(client, later, "selesai", note="Etalase sudah diserahkan")

    referral.refresh_from_db()
    assert (referral.state, referral.outcome) == ("selesai", "Etalase sudah diserahkan")


def test_the_same_answer_again_is_answered_as_the_first_time_and_another_is_not(client, url, referral):
    op_id = uuid7()
    first, again = answer(client, url, op_id=op_id), answer(client, url, op_id=op_id)
    assert plain(first) == plain(again)
    assert answer(client, url, "tolak", op_id=op_id).status_code == 404
    assert answer(client, url).status_code == 404
    assert ReferralMove.objects.exclude(answered_by="").count() == 1


def test_an_answer_that_comes_after_the_pendamping_wrote_one_down_is_kept(client, url, referral, today):
    client.post(url, {"langkah": "buka"})
    step(referral, "tolak", on=today, note="Ditolak di loket")

    page = answer(client, url, note="Ternyata ada tempat")

    assert "disimpan sebagai catatan" in page.content.decode()
    referral.refresh_from_db()
    assert referral.state == "ditolak"
    assert referral.moves.get(reason="Ternyata ada tempat").counts is False


def test_faults_are_shown_beside_the_field_and_the_text_stays(client, url):
    page = answer(client, url, "tolak", note="", name="").content.decode()
    assert "Tulis nama Anda" in page
    assert "Tulis alasannya" in page
    page = answer(client, url, "", note="Kami tanya dulu").content.decode()
    assert "Pilih salah satu" in page
    assert "Kami tanya dulu" in page
    assert answer(client, url, op_id="x").status_code == 200
    assert not ReferralMove.objects.exclude(answered_by="").exists()


def wrong_links(referral, today):
    """Addresses behind which nothing may be, each wrong in its own way."""
    used, revoked, expired, withdrawn = (
        make_referral(HouseholdFactory(), "diajukan", on=today) for _ in range(4)
    )
    secrets = {each: make_secret(each, on=today) for each in (used, revoked, expired, withdrawn)}
    answer(Client(), address(secrets[used]))
    now = timezone.now()
    PartnerLink.objects.filter(referral=revoked).update(revoked_at=now)
    PartnerLink.objects.filter(referral=expired).update(expires_at=now)
    withdrawn.consent.withdrawn_on = today
    withdrawn.consent.save()
    ended = make_referral(HouseholdFactory(), "diajukan", on=today)
    secrets[ended] = make_secret(ended, on=today)
    step(ended, "batalkan", on=today)
    good = make_secret(referral, on=today)
    return {
        "used": secrets[used],
        "revoked": secrets[revoked],
        "expired": secrets[expired],
        "withdrawn": secrets[withdrawn],
        "ended": secrets[ended],
        "made up": "A" * 43,
        "damaged": good[:-1],
        "one letter off": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "longer": good + "A",
        "its hash": hash_of(good)[:43],
        "odd": quote("🙂\0'\"<"),
        "of the row": str(referral.pk),
    }


def test_whatever_is_wrong_with_a_link_looks_the_same(client, referral, today):
    answers = {}
    for what, secret in wrong_links(referral, today).items():
        for method, sent in (("get", {}), ("post", {}), ("post", {"langkah": "buka"})):
            response = getattr(client, method)(address(secret), sent)
            answers[what, method, str(sent)] = plain(response)
        if what != "ended":  # words that come in after the end are kept as a note
            answers[what, "post", "jawab"] = plain(answer(client, address(secret)))
    assert len(set(answers.values())) == 1, answers.keys()
    status, body, robots = next(iter(answers.values()))
    assert status == 404
    assert robots == "noindex, nofollow, noarchive"
    assert b"pendamping yang mengirimnya" in body


def test_a_link_opens_its_own_referral_only(client, url, today):
    other = make_referral(HouseholdFactory(name="Tati Hartati"), "diajukan", on=today, need="Kursus menjahit")
    theirs = address(make_secret(other, on=today))

    answer(client, url, referral=other.pk, pk=other.pk)

    other.refresh_from_db()
    assert other.state == "diajukan"
    assert "Kursus menjahit" in client.post(theirs, {"langkah": "buka"}).content.decode()
    assert "Kursus menjahit" not in client.post(url, {"langkah": "buka"}).content.decode()


def test_who_is_signed_in_makes_no_difference(client, url):
    door = plain(client.get(url))[0]
    client.force_login(UserFactory(admin=True))
    assert client.get(url).status_code == door == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, url, method):
    assert getattr(client, method)(url).status_code == 405


def test_it_is_not_kept_not_indexed_and_its_address_goes_to_nobody(client, url):
    for page in (
        client.get(url),
        client.post(url, {"langkah": "buka"}),
        answer(client, url),
        client.get(url),
    ):
        assert page["Cache-Control"] == "no-store, private"
        assert page["Referrer-Policy"] == "same-origin"
        assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert b'<meta name="robots" content="noindex, nofollow, noarchive">' in page.content
        assert b"http://" not in page.content.replace(b"http://www.w3.org", b"")


def test_a_form_of_another_site_is_refused(url):
    strict = Client(enforce_csrf_checks=True)
    assert answer(strict, url).status_code == 403
    assert not ReferralMove.objects.exclude(answered_by="").exists()


def test_only_the_hash_of_the_secret_is_anywhere(client, url):
    secret = url.split("/")[2]
    client.post(url, {"langkah": "buka"})
    answer(client, url)
    assert PartnerLink.objects.get().secret_hash == hash_of(secret)
    paths = [str(row) for row in pghistory.models.Context.objects.values_list("metadata", flat=True)]
    assert any("/jawab/" in path for path in paths)
    assert not any(secret in path for path in paths)


def test_no_log_line_holds_the_secret(url, caplog):
    caplog.handler.setFormatter(logging.getHandlerByName("stderr").formatter)
    answer(Client(enforce_csrf_checks=True), url)
    Client().get(url.replace("/jawab/", "/jawab/x"))
    assert "/jawab/…/" in caplog.text
    assert url.split("/")[2] not in caplog.text


@pytest.fixture
def one_hour(monkeypatch):
    """No hour ends while knocks are counted."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    monkeypatch.setattr("resources.operations.answer._hour", lambda now: hour)


def test_a_link_that_is_hammered_rests(client, url, referral, one_hour):
    for _ in range(PER_LINK):
        assert client.get(url).status_code == 200
    assert client.get(url).status_code == 429
    assert answer(client, url).status_code == 429
    LinkKnock.objects.update(hour=timezone.now() - timedelta(hours=30))
    assert client.get(url).status_code == 200
    assert LinkKnock.objects.count() == 1  # what is long past is swept away


def test_an_address_that_guesses_rests_and_others_do_not(client, url, one_hour):
    for number in range(MISSES_PER_ADDRESS):
        assert client.get(address(f"{number:043d}")).status_code == 404
    assert client.get(address("B" * 43)).status_code == 429
    assert client.get(url).status_code == 429
    assert Client(REMOTE_ADDR="10.1.2.3").get(url).status_code == 200
    assert "127.0.0.1" not in str(list(LinkKnock.objects.values()))


def test_a_look_takes_few_questions(client, url):
    with count_queries() as queries:
        client.get(url)
    assert len(queries) <= 4
