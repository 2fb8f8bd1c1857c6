import re

import pytest
from django.urls import reverse

from guide.chapters import FOLDER, TELLS, chapter_about, chapters, text_of
from pkh_casework.access import POLICY
from tests.factories import UserFactory

NOT_TOLD = {"desk:more"}  # the way to everything, told by the contents


def test_the_contents_name_each_file_once():
    files = {path.name for path in FOLDER.glob("[0-9]*.md")}
    assert {f"{one.number:02}-{one.slug}.md" for one in chapters().values()} == files
    assert [one.number for one in chapters().values()] == list(range(1, len(files) + 1))


def test_each_picture_is_there_and_shown_and_no_other_is_kept():
    told = "".join(path.read_text() for path in FOLDER.glob("*.md"))
    shown = set(re.findall(r"screens/([\w-]+\.\w+)", told))
    assert shown == {path.name for path in FOLDER.parent.joinpath("screens").iterdir()}


@pytest.mark.parametrize("slug", chapters())
def test_a_chapter_is_whole_and_leads_to_chapters_only(slug):
    text = text_of(slug)
    assert not re.search(r"\]\(|&lt;img|\*\*|^#|\.md", text, re.MULTILINE)
    for address in re.findall(r'href="([^"]+)"', text):
        assert address in {one.get_absolute_url() for one in chapters().values()}


def test_every_page_of_the_app_is_told_of_by_a_chapter():
    inside = {name for name, rule in POLICY.items() if not rule.open} - NOT_TOLD
    assert {name for name in inside if not name.startswith("guide:") and not chapter_about(name)} == set()
    told = {beginning for beginning in TELLS if any(name.startswith(beginning) for name in inside)}
    assert told == set(TELLS)
    assert set(TELLS.values()) == set(chapters()) - {"kelurahan", "privasi"}


@pytest.mark.parametrize("duty", ["", "koordinator", "kelurahan", "admin"])
def test_each_duty_reads_the_guide_and_finds_the_chapter_of_a_page(client, db, duty):
    client.force_login(UserFactory(**{duty: True} if duty else {}))
    contents = client.get(reverse("guide:contents")).content.decode()
    for one in chapters().values():
        assert f'href="{one.get_absolute_url()}"' in contents
        page = client.get(one.get_absolute_url())
        assert page.status_code == 200 and one.title in page.content.decode()

    assert client.get(reverse("guide:chapter", args=["tidak-ada"])).status_code == 404
    assert "Panduan: Masuk" in client.get(reverse("accounts:profile")).content.decode()
