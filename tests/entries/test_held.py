import pytest

from entries.models import HeldEntry
from tests.factories import UserFactory
from tests.held import hold_form

CLOSE = {"decision": "ditutup", "note": "Dicatat ulang oleh Bu Sri."}


@pytest.fixture
def author(db):
    return UserFactory()


@pytest.fixture
def held(author):
    facts = [("Keluarga", "PKH-7F3K2"), ("Apa yang dilakukan", "Datang membawa rapor.")]
    return hold_form(author, facts=facts, reason=HeldEntry.Reason.HANDED_OVER)


@pytest.fixture
def koordinator(db):
    return UserFactory(koordinator=True)


def test_a_held_entry_can_be_read_word_for_word_by_its_author_and_the_koordinator(
    client, author, koordinator, held
):
    for user in (author, koordinator):
        client.force_login(user)
        assert f"/kiriman/{held.pk}/" in client.get("/kiriman/").content.decode()
        page = client.get(f"/kiriman/{held.pk}/").content.decode()
        assert "Datang membawa rapor." in page
        assert "PKH-7F3K2" in page


def test_colleagues_and_other_areas_do_not_find_it(client, held, db):
    for user in (UserFactory(), UserFactory(koordinator=True, wilayah_id="3273161003")):
        client.force_login(user)
        assert client.get(f"/kiriman/{held.pk}/").status_code == 404
        assert f"/kiriman/{held.pk}/" not in client.get("/kiriman/").content.decode()


def test_a_koordinator_closes_it_with_a_decision_that_the_author_reads(client, author, koordinator, held):
    client.force_login(koordinator)
    assert "Tulis alasannya" in client.post(f"/kiriman/{held.pk}/", {**CLOSE, "note": ""}).content.decode()
    client.post(f"/kiriman/{held.pk}/", CLOSE)

    client.force_login(author)
    assert "Dicatat ulang oleh Bu Sri." in client.get(f"/kiriman/{held.pk}/").content.decode()


def test_who_decides_second_is_told_and_reads_the_first_decision(client, koordinator, held):
    client.force_login(koordinator)
    client.post(f"/kiriman/{held.pk}/", CLOSE)
    client.force_login(UserFactory(koordinator=True, name="Dewi Koordinator"))

    page = client.post(f"/kiriman/{held.pk}/", {**CLOSE, "note": "Ditolak."}).content.decode()

    assert "Titipan ini sudah diputuskan." in page
    assert "Dicatat ulang oleh Bu Sri." in page
    assert "Rina Koordinator" in page
    assert HeldEntry.objects.get().note == "Dicatat ulang oleh Bu Sri."


def test_an_author_cannot_close_the_own_entry(client, author, held):
    client.force_login(author)

    assert client.post(f"/kiriman/{held.pk}/", CLOSE).status_code == 404
    assert HeldEntry.objects.get().resolved_at is None
