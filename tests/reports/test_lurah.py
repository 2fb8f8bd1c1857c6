"""The sheet for the lurah: the numbers of the dashboard, and nobody's name, address or case number."""

import io
import re
import zipfile

import pypdfium2
import pytest
from django.utils import timezone

from entries.models import AccessLog
from reports.figures import FIGURES, Lens
from reports.figures.values import values_of
from reports.figures.views.tables import RW_COLUMNS
from tests.factories import KEBON_JAYANTI, SUKAPURA

PATHS = ("/dasbor/lurah.pdf", "/dasbor/lurah.xlsx")


def text_of(answer):
    """What a person reads in the file."""
    if answer["Content-Type"] == "application/pdf":
        return "\n".join(
            page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content)
        )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?periode=tahap", "?periode=tahun", "?rw=5"])
def test_nobody_is_named_on_it(client, busy_town, path, query):
    town = busy_town
    client.force_login(town.users.officer)
    answer = client.get(path + query)
    assert answer.status_code == 200
    text = text_of(answer)
    assert "Kebon Jayanti" in text and "KPM aktif" in text
    assert town.canary not in text
    assert not re.search(r"PKH-[0-9A-Z]{5}", text)
    for user in vars(town.users).values():
        assert user.name not in text


def test_it_holds_the_figures_of_the_dashboard(client, busy_town):
    town = busy_town
    client.force_login(town.users.officer)
    text = text_of(client.get(PATHS[0]))
    lens = Lens(town.users.officer, town.today, town.month)
    for slug, value in values_of(["kpm-aktif", "kunjungan", "belum-90-hari"], lens).items():
        assert re.search(rf"{re.escape(FIGURES[slug].name)}\s+{value}\b", text), slug
    for slug in RW_COLUMNS:
        assert FIGURES[slug].heading.split()[0] in text


def test_taking_it_is_kept_in_the_trail(client, busy_town):
    client.force_login(busy_town.users.officer)
    for path in PATHS:
        client.get(path)
    kept = AccessLog.objects.filter(user=busy_town.users.officer, action=AccessLog.Action.EXPORT)
    assert [row.fields for row in kept] == [["lembar_lurah"]] * 2
    assert {row.subject for row in kept} == {f"{KEBON_JAYANTI} {timezone.localdate():%Y-%m}"}


def test_it_is_of_the_own_kelurahan_and_of_no_single_pendamping(client, busy_town):
    users = busy_town.users
    for path in PATHS:
        client.force_login(users.officer)
        assert client.get(path, {"wilayah": SUKAPURA}).status_code == 404
        client.force_login(users.camat)
        assert client.get(path, {"wilayah": KEBON_JAYANTI}).status_code == 200
        assert client.get(path, {"pendamping": users.ani.pk}).status_code == 404
        client.force_login(users.ani)
        assert client.get(path).status_code == 404
