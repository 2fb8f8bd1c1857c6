"""What pages say when something is missing or odd: plain Bahasa Indonesia, with the names that our pages use."""

import gettext
import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags

from pkh_casework.access import may_enter
from tests.factories import UserFactory
from tests.test_access import everything
from tests.walker import UNBOUND, address_of, as_sent, one_of_each, open_routes
from tests.worlds import made_once

WORDS = settings.BASE_DIR / "locale" / "id" / "LC_MESSAGES"
# Django's own words, in English and in its Indonesian, and names of fields that nobody sees.
CLUMSY = re.compile(
    r"This (field|value|password)|Enter a|Select a|Ensure |required|not (valid|allowed)|already exists|Hidden field"
    r"|[Kk]ata sandi|Bidang ini|Field ini|Masukk?an (?!KPM)|Pastikan nilai|yang (valid|sah)|Karakter null|telah ada"
    r"|Unggah |seluruhnya terdiri|[Oo]p[ _]id|None|Group:|Version:"
)
RELOAD = "Muat ulang halaman ini, lalu simpan lagi."


@made_once
def world():
    return one_of_each()


def words_on(response):
    """The text of a page as a person reads it."""
    page = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", response.content.decode())
    return " ".join(strip_tags(page).split())


@pytest.mark.parametrize("who", ["anonim", "pendamping", "koordinator", "admin"])
def test_no_form_answers_with_clumsy_words(who, client, world):
    thing, users = world
    user, clumsy = users[who], []
    for name, params in open_routes(user):
        if user:
            client.force_login(user)  # the post before this one may have ended the session
        url = address_of(name, params, thing)
        page = client.get(url)
        everything(page)  # read a streamed file to its end, which closes it
        fields = [*as_sent(page), *UNBOUND]
        is_first = who == next(duty for duty in users if may_enter(users[duty], name))
        for value in (None, "\0", "x", "9" * 300) if is_first else ("x",):
            response = client.post(url, dict.fromkeys(fields, value) if value else {})
            if response.status_code == 200 and (found := CLUMSY.search(words := words_on(response))):
                clumsy.append((name, value, words[max(0, found.start() - 60) : found.end() + 60]))
    assert not clumsy, "\n".join(map(str, clumsy))


def test_what_is_wrong_with_a_hidden_field_names_no_field(client, world):
    _, users = world
    client.force_login(users["pendamping"])
    url = reverse("roles:activity_create")

    words = words_on(client.post(url, {"op_id": "x", "group": "x"}))

    assert words.count(RELOAD) == 1
    assert f": {RELOAD}" not in words


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("pendek", "Sandi terlalu pendek: paling sedikit 10 huruf atau angka."),
        ("73910284650", "Sandi tidak boleh angka saja."),
        ("password123", "Sandi ini terlalu sering dipakai orang"),
        ("siti.aminah1", "Sandi terlalu mirip dengan nama pengguna."),
    ],
)
def test_a_weak_password_is_refused_as_sandi(client, db, password, words):
    client.force_login(UserFactory(username="siti.aminah"))

    page = words_on(client.post(reverse("accounts:password_change"), {"new_password": password}))

    assert words in page
    assert not CLUMSY.search(page)


def test_the_compiled_words_are_those_of_the_readable_file():
    text = (WORDS / "django.po").read_text()
    entry = re.compile(r'^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(\[0\])? "(.+)"$', re.MULTILINE)
    readable = {(msgid, 0) if plural else msgid: words for msgid, plural, words in entry.findall(text)}
    with (WORDS / "django.mo").open("rb") as compiled:
        catalog = gettext.GNUTranslations(compiled)._catalog

    assert len(readable) == text.count("\nmsgid ") - 1 > 20
    assert {msgid: words for msgid, words in catalog.items() if msgid} == readable
