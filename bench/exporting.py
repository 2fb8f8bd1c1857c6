"""One file made one way, as a program of its own: prints {rows, seconds, cpu, peak_mb, bytes}.

`python -m bench.exporting ours|import-export|copy csv|xlsx ROWS`: activities of the koordinator's kota with the columns
that a person gets unasked, the newest ROWS of them. `python -m bench.exporting report pdf 0`: a pendamping's report of
last month, with all that it lists.
"""

import json
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

import django


def main():
    way, kind, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    django.setup()
    from django.http import QueryDict

    from accounts.models import User
    from reports.files.lists import LISTS
    from wilayah.clock import local_today

    user = User.objects.get(username="benchkoordinator")
    of = LISTS["kegiatan"]
    asked = of.listing(QueryDict(""), user=user, today=local_today(None))
    columns = [column for column in of.columns if column.chosen]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{kind}"
        start = time.monotonic()
        if way == "report":
            rows = report(path)
        else:
            {"ours": ours, "import-export": import_export, "copy": copy}[way](of, asked, columns, rows, path)
        seconds = time.monotonic() - start
        used = resource.getrusage(resource.RUSAGE_SELF)  # before the file is read back, which takes more
        size, told = path.stat().st_size, rows_of(path)
    if told != rows:
        raise RuntimeError(f"{way} {kind}: {told} rows in the file, not {rows}")
    found = {
        "rows": rows,
        "seconds": seconds,
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "bytes": size,
    }
    json.dump(found, sys.stdout)


def ours(of, asked, columns, rows, path):
    from pkh_casework import sheets
    from reports.files.lists import cells

    head = [column.sheet_column for column in columns]
    table = sheets.Sheet(of.name, head, cells(of, asked, asked.rows[:rows], columns))
    if path.suffix == ".csv":
        sheets.write_csv(path, table)
    else:
        sheets.write_xlsx(path, [table], footer="")


def import_export(of, asked, columns, rows, path):
    """The usual way of django-import-export: a resource of fields, a dataset, a file."""
    from import_export.fields import Field
    from import_export.resources import modelresource_factory

    fields = {column.key: Field(attribute=_attribute(column), column_name=column.name) for column in columns}
    extra = {
        _attribute(column): _value(column, asked) for column in columns if not isinstance(column.value, str)
    }
    found = asked.rows.select_related("kind", "sub_role__role", "pendamping", "wilayah")
    resource = modelresource_factory(of.model, custom_fields=fields, meta_options={"fields": list(fields)})()
    dataset = resource.export(found.annotate(**extra)[:rows])
    content = dataset.export(path.suffix[1:])
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def copy(of, asked, columns, rows, path):
    """What PostgreSQL itself can do: COPY of the same rows and columns."""
    from django.db import connection

    values = {f"column_{place}": _value(column, asked) for place, column in enumerate(columns)}
    query = asked.rows.annotate(**values).values_list(*values)[:rows].query
    text, params = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor, path.open("wb") as file:
        text = cursor.mogrify(text, params)
        with cursor.copy(f"COPY ({text}) TO STDOUT WITH (FORMAT csv, HEADER)") as lines:
            for line in lines:
                file.write(line)


def report(path):
    """The monthly report of a caseload as PDF; returns how many activities it lists."""
    from accounts.models import User
    from pkh_casework.days import months_after
    from pkh_casework.pdf import make_pdf
    from reports.models import MonthlyReport
    from reports.monthly.report_paper import paper_of
    from wilayah.clock import local_today

    author = User.objects.get(username="bench0")
    month = months_after(local_today(author.wilayah_id).replace(day=1), -1)
    paper = paper_of(MonthlyReport(pendamping=author, wilayah_id=author.wilayah_id, month=month))
    path.write_bytes(make_pdf("reports/monthly.typ", paper))
    return len(paper["activities"])


def _attribute(column):
    return column.value if isinstance(column.value, str) else f"value_{column.key}"


def _value(column, asked):
    from django.db.models import F

    value = column.value
    if isinstance(value, str):
        return F(value)
    return value if hasattr(value, "resolve_expression") else value(asked)


def rows_of(path):
    """How many rows the file holds below its heading, as a reader counts them."""
    if path.suffix == ".csv":
        import csv

        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for _ in csv.reader(file)) - 1
    if path.suffix == ".pdf":
        import pypdfium2

        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]
        return len(re.findall(r"^\d{1,2} [A-Z][a-z]{2}\b", "\n".join(pages), re.MULTILINE))
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].rows) - 1


if __name__ == "__main__":
    main()
