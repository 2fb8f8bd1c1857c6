"""Documents on paper: a Typst template of the house, filled with data, becomes an accessible PDF (PDF/UA-1)."""

import json

import typst
from django.conf import settings
from django.http import HttpResponse

ROOT = settings.BASE_DIR / "templates"


def make_pdf(template: str, data: dict) -> bytes:
    """The PDF of `template` (a path under templates/, such as kpm/life_map.typ).

    `data` is anything JSON can hold; the template reads it by `json(bytes(sys.inputs.data))`, so that no text of a
    family is ever read as Typst code. Raises typst.TypstError when the template is faulty or not accessible.
    """
    return typst.compile(
        str(ROOT / template),
        root=str(ROOT),
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
    )


def pdf_response(template: str, data: dict, name: str) -> HttpResponse:
    """The PDF as a page to look at and keep, under the file name `name` (no personal data in it, please)."""
    response = HttpResponse(make_pdf(template, data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
