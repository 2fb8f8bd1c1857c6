"""Asking for files and reading them back, as a person does in the browser."""

import csv
import io

import openpyxl
from django.urls import reverse

from pkh_casework.ids import uuid7
from reports.models import Export

PURPOSE = "Rapat bulanan"


def ask(client, what, query="", **fields):
    """Send the form for the list `what`; returns the answer of the page."""
    page = client.get(f"{reverse('reports:export_create')}?daftar={what}&{query}")
    sent = {
        "op_id": str(uuid7()),
        "purpose": PURPOSE,
        "format": "xlsx",
        "columns": page.context["form"]["columns"].value(),
    } | fields
    return client.post(f"{reverse('reports:export_create')}?daftar={what}&{query}", sent)


def take(client, export):
    """Take the file of an Export: its bytes."""
    answer = client.post(reverse("reports:export_take", args=[export.pk]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def ask_and_take(client, what, query="", **fields):
    """Ask for a file and take it: (its bytes, the Export)."""
    answer = ask(client, what, query, **fields)
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    export = Export.objects.get(pk=answer.url.rstrip("/").rpartition("/")[2])
    return take(client, export), export


def rows_of(xlsx, sheet=-1):
    """The rows of a workbook's last sheet, or the one named, as dicts by heading."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx))
    head, *rows = (book[sheet] if isinstance(sheet, str) else book.worksheets[sheet]).values
    return [dict(zip(head, row, strict=True)) for row in rows]


def lines_of(data):
    """The lines of a CSV file of the house as lists of text."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
