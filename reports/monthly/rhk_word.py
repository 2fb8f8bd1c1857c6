"""The RHK report as a Word document, in the same order as on paper (templates/reports/rhk.typ)."""

import io

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from pkh_casework.unseen import without_unseen

LINE = "_" * 60
BLANK = "_" * 28
TABLE_HEAD = ("No", "KPM", "NIK dan No KK", "Alamat", "Bertemu")


def rhk_document(paper):
    """The .docx (bytes) of one dict of rhk_paper.papers_of."""
    paper, document = without_unseen(paper), Document()
    document.core_properties.title = f"Laporan RHK, {paper['about']}"
    document.core_properties.author, document.core_properties.language = "Langkah", "id-ID"
    document.styles["Normal"].font.size = Pt(11)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    section.footer.paragraphs[0].text = "Langkah, bukan aplikasi resmi Kemensos"

    _centred(document, "PROGRAM KELUARGA HARAPAN", bold=True)
    _centred(document, f"{paper['kota']}, Kecamatan {paper['kecamatan']}, Kelurahan {paper['kelurahan']}")
    title = document.add_heading(
        f"LAPORAN TENTANG {paper['about'].upper()}\nBULAN {paper['month'].upper()}", level=1
    )
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _opening(document, paper)
    _what_was_done(document, paper)
    document.add_heading("D. Hasil", level=2)
    document.add_paragraph(paper["outcome"] or LINE)
    if paper["next_step"]:
        document.add_paragraph(f"Langkah berikutnya: {paper['next_step']}.")
    document.add_heading("E. Penutup", level=2)
    _lines(document, 3)
    _signature(document, paper)
    _pictures(document, paper)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _opening(document, paper):
    document.add_heading("A. Pendahuluan", level=2)
    if paper["number"]:
        document.add_paragraph(f"RHK {paper['number']}: {paper['result']}.")
        document.add_paragraph(f"Rencana aksi: {paper['action']}.")
    _lines(document, 3)
    document.add_heading("B. Maksud dan tujuan", level=2)
    if paper["goals"]:
        document.add_paragraph(f"Tujuan keluarga yang dilayani: {'; '.join(paper['goals'])}.")
    _lines(document, 1 if paper["goals"] else 2)


def _what_was_done(document, paper):
    document.add_heading("C. Pelaksanaan kegiatan", level=2)
    table = document.add_table(rows=0, cols=2)
    for name, value in paper["facts"]:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value or BLANK
        cells[0].width, cells[1].width = Cm(4), Cm(13)
    document.add_paragraph()
    document.add_paragraph(paper["notes"] or LINE)
    if not paper["families"]:
        return
    document.add_paragraph().add_run("Data KPM terkait").bold = True
    table = document.add_table(rows=1, cols=len(TABLE_HEAD), style="Table Grid")
    for cell, word in zip(table.rows[0].cells, TABLE_HEAD, strict=True):
        cell.paragraphs[0].add_run(word).bold = True
    for number, family in enumerate(paper["families"], 1):
        for cell, text in zip(table.add_row().cells, _family_cells(number, family), strict=True):
            cell.text = text


def _family_cells(number, family):
    met = "ya" if family["met"] else "tidak"
    if "name" not in family:
        return str(number), family["case"], "–", "sekarang didampingi orang lain", met
    return (
        str(number),
        f"{family['name']}\n{family['case']}",
        f"{family['nik'] or 'NIK belum dicatat'}\n{family['no_kk']}",
        f"{family['address']}, {family['kelurahan']}",
        met,
    )


def _signature(document, paper):
    lines = (
        f"{paper['kota']}, {'_' * 18}",
        paper["post"],
        "",
        "",
        "",
        paper["worker"],
        f"NIP {paper['nip'] or BLANK}",
    )
    block = document.add_paragraph("\n".join(lines))
    block.paragraph_format.left_indent = Cm(9.5)
    block.paragraph_format.keep_together = True


def _pictures(document, paper):
    document.add_page_break()
    document.add_heading("DOKUMENTASI", level=2)
    for number, jpeg in enumerate(paper["photos"], 1):
        picture = document.add_picture(io.BytesIO(jpeg), width=Cm(12))
        picture._inline.docPr.set("descr", f"Foto {number} {paper['about']}")
    if not paper["photos"]:
        document.add_paragraph("Tempat foto kegiatan.")
    if paper["lost_photos"]:
        document.add_paragraph(f"{paper['lost_photos']} foto tidak dapat dibuka.")


def _centred(document, text, *, bold=False):
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).bold = bold


def _lines(document, count):
    for _ in range(count):
        document.add_paragraph(LINE)
