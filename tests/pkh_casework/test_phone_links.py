"""A link dials a number or is none: no letter, no half number, no two numbers in one, on any page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkh_casework.phones import numbers_said, tel_url, whatsapp_url
from pkh_casework.templatetags.formats import telepon

from .test_numbers_typed import PROJECT

DIALLED = [
    ("0812-3456-7890", "tel:+6281234567890"),
    ("+6281234567890", "tel:+6281234567890"),
    ("(022) 720 1234", "tel:+62227201234"),
    ("112", "tel:112"),
    ("1500-123", "tel:1500123"),
    ("14000", "tel:14000"),
    ("\u202a0812\xa03456 7890\u202c", "tel:+6281234567890"),
    ("hubungi Bu Rina", ""),
    ("0812ABC4567", ""),
    ("0812", ""),
    ("08123456789 / 08198765432", ""),
    ("7201234", ""),
    ("", ""),
]
SAID = [
    ("0812-3456-7890", ["tel:+6281234567890"]),
    ("08123456789 / 0819-8765-432", ["tel:+628123456789", "tel:+628198765432"]),
    ("(022) 720 1234 ext. 12", ["tel:+62227201234"]),
    ("Bu Rina 0812 3456 789 (WA)", ["tel:+628123456789"]),
    ("1500-123 atau 112", ["tel:1500123", "tel:112"]),
    ("lewat WhatsApp saja", []),
    ("<script>0812", []),
]


@pytest.mark.parametrize(("text", "url"), DIALLED)
def test_only_a_number_is_dialled(text, url):
    assert tel_url(text) == url


@pytest.mark.parametrize(("text", "urls"), SAID)
def test_what_was_written_stays_and_its_numbers_are_links(text, urls):
    parts = numbers_said(text)
    assert "".join(words for words, _ in parts) == text
    assert [url for _, url in parts if url] == urls
    assert re.findall(r'href="([^"]*)"', telepon(text)) == urls
    assert "<script>" not in telepon(text)


def test_a_stored_number_is_shown_as_people_read_it_out():
    assert telepon("+6281234567890") == '<a href="tel:+6281234567890">0812-3456-7890</a>'


@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789 +-()/.x", max_size=40)))
def test_whatever_is_written_a_link_has_digits_only_and_nothing_is_lost(text):
    for words, url in numbers_said(text):
        assert words and (not url or re.fullmatch(r"tel:(\+62[0-9]{8,12}|1[0-9]{2,6})", url))
    if not text.startswith("+62"):
        assert "".join(words for words, _ in numbers_said(text)) == text
    if text:
        assert re.fullmatch(r"(https://wa\.me/628[0-9]{8,11}\?text=Halo)?", whatsapp_url(text, "Halo"))


def test_no_page_makes_such_a_link_by_itself():
    """All are made in pkh_casework.phones."""
    odd = re.compile(r"""tel:[{$'"+]|tel:\{\{|wa\.me|api\.whatsapp|sms:""")
    found = [
        str(path.relative_to(PROJECT))
        for kind in ("html", "py", "js", "typ")
        for path in PROJECT.glob(f"*/**/*.{kind}")
        if path.relative_to(PROJECT).parts[0] not in {"tests", "bench", "docs", ".venv"}
        and "vendor" not in path.parts
        and odd.search(path.read_text())
    ]
    assert found == ["pkh_casework/phones.py"]
