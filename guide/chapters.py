"""The guide for those who work with the app (docs/panduan), read from its files: its chapters, what each says, and which
one tells of a page.
"""

import re
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

FOLDER = settings.BASE_DIR / "docs/panduan"
LINE = re.compile(r"^\| \[(\d+)\. (.+?)\]\((\d\d-([a-z0-9-]+)\.md)\) \| (.+) \|$", re.MULTILINE)
PICTURE = re.compile(r"^(<img .*>|!\[.*\]\(.*\))$", re.MULTILINE)
TITLE = re.compile(r"\A# .*\n")
# A wide table is moved by itself, under a finger or with the keys, and not the page.
TABLE_OPEN = '<div class="table-wrap" tabindex="0" role="region" aria-label="Tabel">'
# The chapter that tells of a route: of all that begin its name, the longest. The rest is told by the contents.
TELLS = {
    "accounts": "masuk",
    "accounts:user": "koordinator",
    "desk:day": "hari-ini",
    "desk:families": "hari-ini",
    "desk:family": "peta-kemandirian",
    "desk:household": "keluarga",
    "desk:today": "hari-ini",
    "desk:trip": "hari-ini",
    "entries": "mencatat-kegiatan",
    "kpm": "keluarga",
    "kpm:assessment": "asesmen",
    "kpm:instrument": "asesmen",
    "kpm:exit": "tujuan",
    "kpm:goal": "tujuan",
    "kpm:graduation": "graduasi",
    "kpm:watch": "graduasi",
    "kpm:household_independence": "peta-kemandirian",
    "master": "koordinator",
    "phone": "tanpa-sinyal",
    "reports": "dasbor",
    "reports:export": "ekspor-dan-rekap",
    "reports:independence": "peta-kemandirian",
    "reports:late": "laporan-bulanan",
    "reports:mail": "hari-ini",
    "reports:month": "laporan-bulanan",
    "reports:notice": "hari-ini",
    "reports:office": "ekspor-dan-rekap",
    "reports:recap": "ekspor-dan-rekap",
    "reports:report": "laporan-bulanan",
    "reports:rhk": "laporan-bulanan",
    "resources": "sumber-daya",
    "resources:link": "rujukan",
    "resources:referral": "rujukan",
    "roles": "mencatat-kegiatan",
    "roles:commitment": "verifikasi-komitmen",
    "roles:incident": "kasus",
    "roles:meeting": "pertemuan-dan-pelatihan",
    "roles:postpone": "hari-ini",
    "roles:school_file": "verifikasi-komitmen",
    "roles:training": "pertemuan-dan-pelatihan",
    "roster": "data-ganda",
    "roster:batch": "berkas-kpm",
    "roster:handover": "serah-terima",
    "roster:siks": "meja-siks-ng",
    "roster:to_type": "meja-siks-ng",
    "sinergi": "program-sinergi",
    "wilayah": "koordinator",
}


class Chapter(NamedTuple):
    """One chapter: its `number`, `title`, `slug`, and in a few `words` what it is about."""

    number: int
    title: str
    slug: str
    words: str

    def get_absolute_url(self):
        return reverse("guide:chapter", args=[self.slug])


@cache
def chapters():
    """{slug: Chapter} in the order of the contents (README.md)."""
    contents = (FOLDER / "README.md").read_text(encoding="utf-8")
    return {
        slug: Chapter(int(number), title, slug, words)
        for number, title, _, slug, words in LINE.findall(contents)
    }


@cache
def chapter_about(route):
    """The Chapter that tells of the page with this name of a route ("kpm:goal_list"); None when none does."""
    told = [beginning for beginning in TELLS if route.startswith(beginning)]
    return chapters()[TELLS[max(told, key=len)]] if told else None


@cache
def text_of(slug):
    """What the chapter `slug` says, as HTML without its title and pictures; links lead to pages. Raises KeyError."""
    chapter = chapters()[slug]
    written = (FOLDER / f"{chapter.number:02}-{slug}.md").read_text(encoding="utf-8")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(PICTURE.sub("", TITLE.sub("", written)))
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "table table--keep")
        for part in token.children or ():
            if part.type == "link_open":
                part.attrSet("href", _page(part.attrGet("href")))
    html = markdown.renderer.render(tokens, markdown.options, {})
    return SafeString(html.replace("<table", f"{TABLE_OPEN}<table").replace("</table>", "</table></div>"))


def _page(address):
    """The page of another chapter that a link of the files leads to ("10-tujuan.md")."""
    name, _, _ = address.partition("#")
    return chapters()[name.removesuffix(".md")[3:]].get_absolute_url()
