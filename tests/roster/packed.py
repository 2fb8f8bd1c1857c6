"""Workbooks made part by part, as Excel, Google Sheets and others write them, and as nobody should."""

import io
import struct
import zipfile

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def packed(parts, *, stored=()):
    """A ZIP archive of {name: text or bytes}; the names in `stored` are not compressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else None)
    return file.getvalue()


def rels(*targets):
    return (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{at}" Type="{REL}/{kind}" Target="{target}"/>'
            for at, (kind, target) in enumerate(targets, 1)
        )
        + "</Relationships>"
    )


def xlsx_parts(rows, *, sheets=("Data",), states=(), shared=(), styles="", dates_1904=False, main=MAIN):
    """The parts of an XLSX whose first sheet has `rows` (XML of sheetData) and the others one cell each.

    `states` are the sheets' states ("hidden"), `shared` the texts (XML) that cells name by number, `styles` the XML
    of the cellXfs.
    """
    names = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"{_state(states, at)}/>'
        for at, name in enumerate(sheets, 1)
    )
    targets = [("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)]
    if shared:
        targets.append(("sharedStrings", "sharedStrings.xml"))
    if styles:
        targets.append(("styles", "styles.xml"))
    parts = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType='
        f'"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": rels(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{NS}" xmlns:r="{REL}"><workbookPr date1904="{int(dates_1904)}"/>'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": rels(*targets),
        "xl/worksheets/sheet1.xml": sheet_xml(rows),
    }
    for at in range(2, len(sheets) + 1):
        parts[f"xl/worksheets/sheet{at}.xml"] = sheet_xml(row(1, text("A1", f"lembar {at}")))
    if shared:
        parts["xl/sharedStrings.xml"] = (
            f'{XML}<sst xmlns="{NS}">' + "".join(map("<si>{}</si>".format, shared)) + "</sst>"
        )
    if styles:
        parts["xl/styles.xml"] = f'{XML}<styleSheet xmlns="{NS}"><cellXfs>{styles}</cellXfs></styleSheet>'
    return parts


def _state(states, at):
    return f' state="{states[at - 1]}"' if len(states) >= at and states[at - 1] else ""


def sheet_xml(rows, *, before=""):
    return f'{XML}<worksheet xmlns="{NS}">{before}<sheetData>{rows}</sheetData></worksheet>'


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def text(at, words):
    """A cell with its text beside it."""
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def value(at, number, *, style="", kind="", formula=""):
    """A cell as it is stored: `kind` n, s (a shared text), b, str, e, d."""
    style, kind = style and f' s="{style}"', kind and f' t="{kind}"'
    return f'<c r="{at}"{style}{kind}>{formula and f"<f>{formula}</f>"}<v>{number}</v></c>'


def xlsx(rows, **kwargs):
    return packed(xlsx_parts(rows, **kwargs))


HEADINGS = row(1, text("A1", "No KK"), text("B1", "Nama"))
SITI = row(2, text("A2", "3273990101010001"), text("B2", "Siti"))
PLAIN_ROWS = [[1, ["No KK", "Nama"]], [2, ["3273990101010001", "Siti"]]]


def plain_parts(**more):
    """The parts of a good XLSX, with `more` parts under names whose slashes are written as double underscores."""
    return xlsx_parts(HEADINGS + SITI) | {name.replace("__", "/"): content for name, content in more.items()}


def ods(table, *, mimetype=ODS, **more):
    """An ODS with `table` (XML of its tables)."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{XML}<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
        f'xmlns:text="{office}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>{table}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'{XML}<manifest:manifest xmlns:manifest="{office}:manifest:1.0"/>'
    return packed(
        {"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest} | more,
        stored={"mimetype"},
    )


def ods_row(*cells, repeated=""):
    repeated = repeated and f' table:number-rows-repeated="{repeated}"'
    return f"<table:table-row{repeated}>{''.join(cells)}</table:table-row>"


def ods_cell(words="", *, repeated=""):
    repeated = repeated and f' table:number-columns-repeated="{repeated}"'
    if not words:
        return f"<table:table-cell{repeated}/>"
    return (
        f'<table:table-cell{repeated} office:value-type="string"><text:p>{words}</text:p></table:table-cell>'
    )


def ole(*names):
    """The beginning of a file of Office 97 whose directory holds `names`."""
    directory = b"".join(f"{name}\0".encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory).ljust(4096, b"\0")


def lying(content, size):
    """A ZIP archive whose entries claim to be `size` bytes unpacked."""
    content = bytearray(content)
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.find(sign)
        while start >= 0:
            content[start + at : start + at + 4] = struct.pack("<I", size)
            start = content.find(sign, start + 4)
    return bytes(content)
