"""What the Word documents of the house share: page, headings, tables with sized columns whose rows stay whole."""

import io

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt

LINE = "_" * 60
BLANK = "_" * 28
LONGEST_WHOLE = 1500  # characters of a row that is kept on one page
LINE_BREAK = 60  # so many letters a line that is not filled may take


def new_document(title, *, points=11, margin=2.0):
    """An A4 document of the house, in Indonesian, with its foot."""
    document = Document()
    document.core_properties.title = title
    document.core_properties.author, document.core_properties.language = "Langkah", "id-ID"
    document.styles["Normal"].font.size = Pt(points)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(margin)
    section.footer.paragraphs[0].text = "Langkah, bukan aplikasi resmi Kemensos"
    return document


def as_bytes(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def centred(document, text, *, bold=False):
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).bold = bold


def lines(document, count):
    for _ in range(count):
        document.add_paragraph(LINE)


def table(document, head, widths, rows, *, points=None):
    """A table with borders: `head` repeated on each page, columns as wide as `widths` (cm), no row torn apart unless it
    is longer than LONGEST_WHOLE.
    """
    made = document.add_table(rows=1, cols=len(head), style="Table Grid")
    made.autofit = False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Cm(width)
    _fill(made.rows[0], head, widths, points, bold=True)
    _mark(made.rows[0], "w:tblHeader")
    for texts in rows:
        row = made.add_row()
        _fill(row, texts, widths, points)
        if sum(len(text) + LINE_BREAK * text.count("\n") for text in texts) < LONGEST_WHOLE:
            _mark(row, "w:cantSplit")
    return made


def facts(document, pairs, widths):
    """Names and values in two columns without borders."""
    made = document.add_table(rows=0, cols=2)
    made.autofit = False
    for name, value in pairs:
        row = made.add_row()
        _fill(row, (name, value or BLANK), widths, None)
        _mark(row, "w:cantSplit")


def photo_grid(document, photos, *, across, width):
    """`photos`, (JPEG bytes, words below it, what a screen reader says), side by side; `width` in cm of a column."""
    if not photos:
        return
    made = document.add_table(rows=0, cols=across)
    made.autofit = False
    for at in range(0, len(photos), across):
        row = made.add_row()
        _mark(row, "w:cantSplit")
        for cell, photo in zip(row.cells, photos[at : at + across], strict=False):
            jpeg, caption, spoken = photo
            cell.width = Cm(width)
            picture = cell.paragraphs[0].add_run().add_picture(io.BytesIO(jpeg), width=Cm(width - 0.5))
            picture._inline.docPr.set("descr", spoken)
            if caption:
                cell.add_paragraph().add_run(caption).font.size = Pt(8)


def signature(document, paper, place):
    """Who signs, on the right, never torn from what stands above it."""
    told = [
        f"{place}, {'_' * 18}",
        paper["post"],
        "",
        "",
        "",
        paper["worker"],
        f"NIP {paper['nip'] or BLANK}",
    ]
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    block = document.add_paragraph("\n".join(told))
    block.paragraph_format.left_indent = Cm(9.5)
    block.paragraph_format.keep_together = True


def _fill(row, texts, widths, points, *, bold=False):
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = Cm(width)
        run = cell.paragraphs[0].add_run(text)
        run.bold = bold or None
        if points:
            run.font.size = Pt(points)


def _mark(row, name):
    row._tr.get_or_add_trPr().append(OxmlElement(name))
