"""Documents on paper: a Typst template of the house, filled with data, becomes an accessible PDF (PDF/UA-1)."""

import json
import logging
from functools import cache

import typst
from django.conf import settings
from django.http import HttpResponse

from .letters import FONTS, on_paper

ROOT = settings.BASE_DIR / "templates"
NO_PICTURE = ("could not be displayed", "disallowed codepoint")  # how typst refuses a sign

log = logging.getLogger(__name__)


PICTURE = {"format": "png", "ppi": 110}  # a page of A4 as a phone shows and sends it
PAPER = {"format": "pdf", "pdf_standards": ["ua-1"]}


def make_pdf(template: str, data: dict) -> bytes:
    """The PDF of `template` (a path under templates/, such as desk/family_sheet.typ).

    `data` is anything JSON can hold; the template reads it by `json(bytes(sys.inputs.data))`, so that no text of a
    family is ever read as Typst code. Any text prints: a sign without a picture in the fonts of the house is a box,
    and the foot of the page tells how many there are (templates/shared/paper.typ). Raises typst.TypstError when the
    template is faulty or not accessible.
    """
    return _make(template, data, PAPER)


def make_picture(template: str, data: dict) -> bytes:
    """The page of `template`, which has one, as a PNG; `data` as for make_pdf."""
    return _make(template, data, PICTURE)


def _make(template, data, kind):
    try:
        return _compile(template, kind, *on_paper(data))
    except typst.TypstError as error:
        if not any(words in str(error) for words in NO_PICTURE):
            raise
        # The error quotes a family's text, so it is not logged.
        log.error("%s: signs that print one by one do not print together", template)
    return _compile(template, kind, *on_paper(data, plainly=True))


def _compile(template, kind, data, lost):
    return typst.compile(
        str(ROOT / template),
        root=str(ROOT),
        **kind,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "lost": str(lost)},
        font_paths=_fonts(),
    )


@cache
def _fonts():
    """The fonts of the house and no others: what a paper shows depends on no machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def pdf_response(template: str, data: dict, name: str) -> HttpResponse:
    """The PDF as a page to look at and keep, under the file name `name` (no personal data in it, please)."""
    response = HttpResponse(make_pdf(template, data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def picture_response(template: str, data: dict, name: str) -> HttpResponse:
    """The page as a PNG to look at and share, under the file name `name`, as for pdf_response."""
    response = HttpResponse(make_picture(template, data), content_type="image/png")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
