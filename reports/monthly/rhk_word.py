"""The RHK reports as Word documents, in the same order as on paper (templates/reports/rhk.typ and rhk_month.typ)."""

from docx.enum.text import WD_ALIGN_PARAGRAPH

from pkh_casework.unseen import without_unseen

from .word import LINE, as_bytes, centred, facts, lines, new_document, photo_grid, signature, table

# Of a table: its headings, and the widths of its columns in cm.
FAMILIES = ("No", "KPM", "NIK dan No KK", "Alamat", "Bertemu"), (1.0, 4.2, 4.2, 5.6, 2.0)
ACTIVITIES = ("No", "Tanggal", "Kegiatan", "KPM", "Uraian", "Hasil"), (0.9, 1.7, 3.6, 3.2, 4.8, 3.6)
MET = (
    ("No", "KPM", "NIK dan No KK", "Alamat", "Bertemu, tanggal", "Tidak bertemu"),
    (*(0.9, 3.9, 4.1, 4.6, 2.3, 2.0),),
)


def rhk_document(paper):
    """The .docx (bytes) of one dict of rhk_paper.papers_of."""
    paper = without_unseen(paper)
    document = new_document(f"Laporan RHK, {paper['about']}")
    centred(document, "PROGRAM KELUARGA HARAPAN", bold=True)
    centred(document, f"{paper['kota']}, Kecamatan {paper['kecamatan']}, Kelurahan {paper['kelurahan']}")
    _title(document, f"LAPORAN TENTANG {paper['about'].upper()}\nBULAN {paper['month'].upper()}")
    _opening(document, paper)
    _what_was_done(document, paper)
    document.add_heading("D. Hasil", level=2)
    document.add_paragraph(paper["outcome"] or LINE)
    if paper["next_step"]:
        document.add_paragraph(f"Janji: {paper['next_step']}.")
    document.add_heading("E. Penutup", level=2)
    lines(document, 3)
    signature(document, paper, paper["kota"])
    document.add_page_break()
    document.add_heading("DOKUMENTASI", level=2)
    photos = [(jpeg, "", f"Foto {number} {paper['about']}") for number, jpeg in enumerate(paper["photos"], 1)]
    photo_grid(document, photos, across=2, width=8.4)
    _about_photos(document, paper)
    return as_bytes(document)


def month_document(paper):
    """The .docx (bytes) of the dict of rhk_month.month_paper."""
    paper = without_unseen(paper)
    what = "Laporan kegiatan di luar RHK" if paper["number"] is None else f"Laporan RHK {paper['number']}"
    document = new_document(f"{what}, {paper['area']}, {paper['month']}", points=10, margin=1.6)
    centred(document, "PROGRAM KELUARGA HARAPAN", bold=True)
    centred(document, ", ".join([paper["area"], *paper["places"]]))
    _title(document, f"{what.upper()}\nBULAN {paper['month'].upper()}")
    document.add_heading("A. Pendahuluan", level=2)
    told = "" if paper["number"] is None else f"RHK {paper['number']}: "
    document.add_paragraph(f"{told}{paper['result']}.")
    for name, count in paper["actions"]:
        document.add_paragraph(f"{name} ({count} kegiatan)", style="List Bullet")
    _aims(document, paper["goals"])
    document.add_heading("C. Pelaksanaan kegiatan", level=2)
    _activities(document, paper)
    document.add_heading("D. Hasil", level=2)
    lines(document, 3)
    document.add_heading("E. Penutup", level=2)
    document.add_paragraph(LINE)
    signature(document, paper, paper["area"])
    if paper["families"]:
        document.add_page_break()
        document.add_heading("Lampiran 1: KPM yang dilayani", level=2)
        rows = [
            (*_family_cells(number, family), family["met"], family["missed"])
            for number, family in enumerate(paper["families"], 1)
        ]
        table(document, *MET, rows, points=8.5)
    document.add_page_break()
    document.add_heading("Lampiran 2: dokumentasi" if paper["families"] else "Lampiran: dokumentasi", level=2)
    photos = [
        (photo["jpeg"], f"{number}. {photo['caption']}", f"Foto {number}, {photo['caption']}")
        for number, photo in enumerate(paper["photos"], 1)
    ]
    photo_grid(document, photos, across=3, width=5.9)
    _about_photos(document, paper)
    return as_bytes(document)


def _title(document, text):
    document.add_heading(text, level=1).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _opening(document, paper):
    document.add_heading("A. Pendahuluan", level=2)
    if paper["number"]:
        document.add_paragraph(f"RHK {paper['number']}: {paper['result']}.")
        document.add_paragraph(f"Rencana aksi: {paper['action']}.")
    lines(document, 3)
    _aims(document, paper["goals"])


def _aims(document, goals):
    document.add_heading("B. Maksud dan tujuan", level=2)
    if goals:
        document.add_paragraph(f"Tujuan keluarga yang dilayani: {'; '.join(goals)}.")
    lines(document, 1 if goals else 2)


def _what_was_done(document, paper):
    document.add_heading("C. Pelaksanaan kegiatan", level=2)
    facts(document, paper["facts"], (4, 13))
    document.add_paragraph()
    document.add_paragraph(paper["notes"] or LINE)
    if not paper["families"]:
        return
    document.add_paragraph().add_run("Data KPM terkait").bold = True
    rows = [
        (*_family_cells(number, family), family["contact"])
        for number, family in enumerate(paper["families"], 1)
    ]
    table(document, *FAMILIES, rows, points=9.5)


def _activities(document, paper):
    if not paper["activities"]:
        document.add_paragraph("Tidak ada kegiatan pada bulan ini.")
        return
    document.add_paragraph(f"{len(paper['activities'])} kegiatan, {len(paper['families'])} keluarga.")
    rows = [
        (
            str(number),
            row["day"],
            "\n".join(filter(None, (row["kind"], row["about"], row["worker"]))),
            row["families"],
            row["notes"],
            row["outcome"],
        )
        for number, row in enumerate(paper["activities"], 1)
    ]
    table(document, *ACTIVITIES, rows, points=8.5)
    if paper["cut"]:
        document.add_paragraph("Daftar ini dipotong; selebihnya ada di aplikasi.")


def _family_cells(number, family):
    if "name" not in family:
        return str(number), family["case"], "–", "sekarang didampingi orang lain"
    return (
        str(number),
        f"{family['name']}\n{family['case']}",
        f"{family['nik'] or 'NIK belum dicatat'}\n{family['no_kk']}",
        f"{family['address']}, {family['kelurahan']}",
    )


def _about_photos(document, paper):
    if not paper["photos"]:
        document.add_paragraph("Tempat foto kegiatan.")
    if paper["lost_photos"]:
        document.add_paragraph(f"{paper['lost_photos']} foto tidak dapat dibuka.")
    if paper.get("more_photos"):
        document.add_paragraph(f"{paper['more_photos']} foto lagi ada di aplikasi.")
