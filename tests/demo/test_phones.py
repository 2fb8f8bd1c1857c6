"""The demo's phones: what a koordinator looks for on their page is there."""

from accounts.models import User


def test_the_page_of_phones_shows_one_of_each_kind(today, client):
    client.force_login(User.objects.get(username="koordinator.kiaracondong"))
    page = client.get("/hp/daftar/")
    phones = [phone for phone, _ in page.context["rows"]]
    assert [phone.silence for phone in phones] == ["overdue", "soon", "ok"]
    assert [phone.waiting for phone in phones] == [0, 0, 3]
    assert page.context["without"] == 1
    assert "Jam HP meleset 14 menit" in page.content.decode()
