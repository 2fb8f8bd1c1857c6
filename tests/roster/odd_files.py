"""Files as they come: what each is made of, and what must come of it: the beginning of the sentence, or the rows."""

import gzip
import struct
from pathlib import Path

from .packed import (
    HEADINGS,
    NS,
    PLAIN_ROWS,
    REL,
    SITI,
    XML,
    lying,
    ods,
    ods_cell,
    ods_row,
    ole,
    packed,
    plain_parts,
    rels,
    row,
    sheet_xml,
    text,
    value,
    xlsx,
    xlsx_parts,
)

FILES = Path(__file__).parent / "files"
DATES = '<xf numFmtId="0"/><xf numFmtId="14"/>'
HEAD = b"No KK;Nama\r\n"
SITI_LINE = b"3273990101010001;Siti\r\n"
CSV = HEAD + SITI_LINE
PAGE = "<table><tr><td>No KK</td><td>Nama</td></tr></table>"
ONE = "Ini "
BROKEN = "Berkas ini rusak atau belum selesai disalin."
LOCKED = "Berkas ini dikunci dengan sandi."
MACROS = "Berkas ini berisi makro."
LINKED = "Berkas ini terhubung ke berkas lain."
TOO_MUCH = "Isi berkas ini terlalu besar sesudah dibuka."
NO_TEXT = "Ini bukan berkas teks."


def sheet(xml, **more):
    return packed(plain_parts(xl__worksheets__sheet1__xml="") | {"xl/worksheets/sheet1.xml": xml} | more)


def ods_table(*rows):
    return f'<table:table table:name="Data">{"".join(rows)}</table:table>'


ODS_ROWS = ods_row(ods_cell("No KK"), ods_cell("Nama")) + ods_row(
    ods_cell("3273990101010001"), ods_cell("Siti")
)

# name as its sender calls it, bytes, how the sentence begins
REFUSED = [
    # nothing in it
    ("kosong.csv", b"", "Berkas ini kosong."),
    ("spasi.csv", b" \r\n\t\r\n\r\n", "Tidak ada isi di berkas ini."),
    ("hanya pemisah.csv", b";;;\r\n;;;\r\n", "Tidak ada isi di berkas ini."),
    ("hanya sep.csv", b"sep=;\r\n", "Tidak ada isi di berkas ini."),
    ("hanya bom.csv", b"\xef\xbb\xbf", "Tidak ada isi di berkas ini."),
    ("lembar kosong.xlsx", xlsx(""), "Tidak ada isi di berkas ini."),
    ("hanya bingkai.xlsx", xlsx(row(1, '<c r="A1" s="0"/>')), "Tidak ada isi di berkas ini."),
    ("kosong.ods", ods(ods_table(ods_row(ods_cell(repeated=16384), repeated=1048576))), "Tidak ada isi"),
    ("tersembunyi.xlsx", xlsx(HEADINGS, states=("hidden",)), "Tidak ada lembar yang terlihat"),
    # something else, whatever its name says
    ("pdf.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", f"{ONE}PDF,"),
    ("foto.xlsx", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", f"{ONE}foto JPG,"),
    ("iphone.csv", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", f"{ONE}foto HEIC,"),
    ("layar.xls", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", f"{ONE}foto PNG,"),
    ("stiker.csv", b"RIFF\x24\x00\x00\x00WEBPVP8 ", f"{ONE}foto WebP,"),
    ("arsip.xlsx", b"Rar!\x1a\x07\x01\x00", f"{ONE}arsip RAR,"),
    ("arsip.7z", b"7z\xbc\xaf\x27\x1c", f"{ONE}arsip 7z,"),
    ("arsip.csv.gz", gzip.compress(CSV), f"{ONE}arsip GZ,"),
    ("surat.doc", ole("WordDocument"), f"{ONE}dokumen Word."),
    ("surat.rtf", rb"{\rtf1\ansi No KK}", f"{ONE}dokumen RTF,"),
    ("surat.docx", packed({"word/document.xml": XML}), f"{ONE}dokumen Word."),
    ("surat.odt", ods("", mimetype="application/vnd.oasis.opendocument.text"), f"{ONE}dokumen,"),
    ("paparan.pptx", packed({"ppt/presentation.xml": XML}), f"{ONE}presentasi,"),
    ("paparan.ppt", ole("PowerPoint Document"), f"{ONE}presentasi,"),
    ("daftar.numbers", packed({"Index/Document.iwa": b"\0", "preview.jpg": b""}), f"{ONE}berkas Numbers."),
    ("daftar.xlsb", packed({"xl/workbook.bin": b"\x83\x01\x00"}), f"{ONE}berkas .xlsb."),
    ("dua berkas.zip", packed({"a.csv": CSV, "b.csv": CSV}), f"{ONE}arsip ZIP,"),
    ("program.xlsx", b"\x7fELF\x02\x01\x01\x00", f"{ONE}program,"),
    ("program.csv", b"MZ\x90\x00\x03\x00\x00\x00", f"{ONE}program,"),
    ("data.db", b"SQLite format 3\x00\x10\x00", f"{ONE}basis data,"),
    ("data.json", b'[{"no_kk": "3273990101010001"}]', f"{ONE}berkas JSON,"),
    # a web page or XML under the name of Excel, as many systems hand it out
    ("unduhan.xls", f"<html><body>{PAGE}</body></html>".encode(), f"{ONE}halaman web"),
    ("unduhan2.xls", b"\xef\xbb\xbf\r\n<!DOCTYPE html><html></html>", f"{ONE}halaman web"),
    ("unduhan3.xls", b"<!-- laporan -->\n<style>td{}</style>" + PAGE.encode(), f"{ONE}halaman web"),
    ("unduhan4.xls", ("\ufeff" + PAGE).encode("utf-16-le"), f"{ONE}halaman web"),
    ("unduhan5.xls", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", f"{ONE}halaman web"),
    (
        "2003.xml",
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>',
        f"{ONE}berkas XML",
    ),
    ("sylk.xls", b'ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K"No KK"\r\nE\r\n', f"{ONE}berkas SYLK"),
    ("excel 4.xls", b"\x09\x04\x06\x00\x00\x00\x10\x00", f"{ONE}berkas Excel yang sangat lama."),
    # locked, with programs, with other files
    ("sandi.xlsx", ole("EncryptionInfo", "EncryptedPackage"), LOCKED),
    ("sandi.xls", (FILES / "locked.xls").read_bytes(), LOCKED),
    ("sandi.ods", (FILES / "locked.ods").read_bytes(), LOCKED),
    ("makro.xlsm", packed(plain_parts() | {"xl/vbaProject.bin": b"\xd0\xcf"}), MACROS),
    ("makro.xlsx", packed(plain_parts() | {"xl/VBAPROJECT.BIN": b"\xd0\xcf"}), MACROS),
    (
        "tanpa makro.xlsm",
        packed(xlsx_parts(HEADINGS, main="application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        MACROS,
    ),
    ("makro excel 4.xlsx", packed(plain_parts() | {"xl/macrosheets/sheet1.xml": XML}), MACROS),
    ("makro.xls", ole("Workbook", "_VBA_PROJECT_CUR", "VBA"), MACROS),
    ("makro.ods", ods(ods_table(ODS_ROWS), **{"Basic/Standard/Module1.xml": XML}), MACROS),
    ("tautan.xlsx", packed(plain_parts() | {"xl/externalLinks/externalLink1.xml": XML}), LINKED),
    ("sematan.xlsx", packed(plain_parts() | {"xl/embeddings/oleObject1.bin": b"\xd0"}), LINKED),
    ("sematan.ods", ods(ods_table(ODS_ROWS), **{"Object 1": b"\xd0\xcf"}), LINKED),
    # broken
    ("setengah.xlsx", xlsx(HEADINGS + SITI)[:700], BROKEN),
    ("kepala saja.xlsx", b"PK\x03\x04" + b"\0" * 40, BROKEN),
    ("lembar hilang.xlsx", packed({k: v for k, v in plain_parts().items() if "sheet1" not in k}), BROKEN),
    ("lembar terpotong.xlsx", sheet(sheet_xml(HEADINGS + SITI)[:-60]), BROKEN),
    ("bukan xml.xlsx", sheet(b"\xff\xfe\x00\x01sampah"), BROKEN),
    ("teks hilang.xlsx", xlsx(row(1, value("A1", 7, kind="s")), shared=["<t>satu</t>"]), BROKEN),
    ("kosong.xls", ole("Workbook"), BROKEN),
    ("terpotong.xls", (FILES / "libreoffice.xls").read_bytes()[:2600], "Berkas ini bukan daftar Excel."),
    ("lain.xls", ole("Contents"), "Berkas ini bukan daftar Excel."),
    ("kembar.xlsx", packed(plain_parts() | {"xl/Workbook.xml": XML}), BROKEN),
    # made to do harm
    (
        "entitas.xlsx",
        sheet(f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 99}">]><x>&a;</x>'),
        "Berkas ini tidak",
    ),
    (
        "entitas.ods",
        ods("", **{"styles.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'}),
        "Berkas ini tidak",
    ),
    (
        "entitas jauh.xlsx",
        sheet(f'<?xml version="1.0"?><!--{"x" * 70_000}--><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'),
        (BROKEN, "Tidak ada isi"),
    ),
    ("bom.xlsx", sheet(sheet_xml(HEADINGS + SITI) + " " * 30_000_000), TOO_MUCH),
    ("bom besar.xlsx", packed(plain_parts() | {"xl/media/a.xml": b"0" * 210_000_000}), TOO_MUCH),
    (
        "dusta.xlsx",
        lying(sheet(sheet_xml("".join(row(n, text(f"A{n}", "x" * 9999)) for n in range(1, 3000)))), 900),
        BROKEN,
    ),
    ("banyak bagian.xlsx", packed(plain_parts() | {f"xl/media/{n}.png": b"" for n in range(300)}), TOO_MUCH),
    ("jauh.xlsx", xlsx(HEADINGS + row(1_048_576, text("XFD1048576", "x"))), TOO_MUCH),
    ("bawah.xlsx", xlsx(HEADINGS + row(1_048_576, text("A1048576", "x"))), "Ada isi sampai baris 1048576;"),
    ("kanan.xlsx", xlsx(HEADINGS + row(2, text("XFD2", "x"))), "Terlalu banyak kolom: 16384."),
    (
        "alamat gila.xlsx",
        xlsx(row(4_294_967_295, text("A4294967295", "x"))),
        "Ada isi sampai baris 4294967295;",
    ),
    (
        "ulang.ods",
        ods(ods_table(ods_row(ods_cell("x", repeated=16384), repeated=1_048_576))),
        (BROKEN, TOO_MUCH),  # by the way in which memory ends
    ),
    ("banyak lembar.ods", ods(ods_table(ODS_ROWS) * 99), ("Terlalu banyak lembar", BROKEN)),
    # text that is no table
    ("nol.csv", HEAD + b"3273990101010001;Si\x00ti\r\n", NO_TEXT),
    ("nol16.csv", "\ufeffNo KK;Nama\r\n1;Si\0ti\r\n".encode("utf-16"), NO_TEXT),
    ("acak.csv", bytes(range(1, 32)) * 20, NO_TEXT),
    ("dbf.csv", b"\x03\x7c\x0b\x1e" + struct.pack("<IHH", 2, 65, 40) + b"\0" * 20, NO_TEXT),
    ("setengah huruf.csv", b"\xef\xbb\xbf" + HEAD + b"1;Nur\xc3", "Tulisan di berkas ini tidak terbaca."),
    ("1252 aneh.csv", HEAD + b"1;Nur\x81aeni\r\n", "Tulisan di berkas ini tidak terbaca."),
    (
        "kutip.csv",
        HEAD + b'1;"Siti\r\n2;Ani\r\n3;Budi\r\n',
        "Ada tanda kutip yang tidak ditutup, mulai di baris 2.",
    ),
    (
        "kutip panjang.csv",
        HEAD + b'1;"Siti\r\n' + b"2;Ani\r\n" * 99,
        "Ada tanda kutip yang tidak ditutup, mulai di baris 2.",
    ),
    ("satu baris.csv", b"x" * 1_000_001, "Baris 1 terlalu panjang."),
    ("lebar.csv", HEAD + b";" * 250 + b"x\r\n", "Terlalu banyak kolom: 251."),
    ("panjang.csv", HEAD + b"1;x\n" * 400_000, "Ada isi sampai baris 400001;"),
    ("besar.csv", b"1;x\n" * 6_250_001, "Berkas ini terlalu besar: paling besar 25 MB."),
]

# name, bytes, the rows that must come
READ = [
    # text
    ("excel.csv", b"\xef\xbb\xbf" + CSV, PLAIN_ROWS),
    ("sheets.csv", CSV.replace(b";", b",").rstrip(), PLAIN_ROWS),
    ("tab.txt", CSV.replace(b";", b"\t"), PLAIN_ROWS),
    ("pipa.txt", CSV.replace(b";", b"|"), PLAIN_ROWS),
    ("unicode.txt", CSV.decode().replace(";", "\t").encode("utf-16"), PLAIN_ROWS),
    ("unicode be.txt", b"\xfe\xff" + CSV.decode().encode("utf-16-be"), PLAIN_ROWS),
    ("mac.csv", CSV.replace(b"\r\n", b"\r"), PLAIN_ROWS),
    ("linux.csv", CSV.replace(b"\r\n", b"\n"), PLAIN_ROWS),
    ("sep.csv", b"sep=;\r\n" + CSV, [[2, PLAIN_ROWS[0][1]], [3, PLAIN_ROWS[1][1]]]),
    (
        "sep kutip.csv",
        b'\xef\xbb\xbf"sep=,"\r\n' + CSV.replace(b";", b","),
        [[2, PLAIN_ROWS[0][1]], [3, PLAIN_ROWS[1][1]]],
    ),
    ("sep tab.csv", b"SEP=\t\n" + CSV.replace(b";", b"\t"), [[2, PLAIN_ROWS[0][1]], [3, PLAIN_ROWS[1][1]]]),
    ("sep salah.csv", b"sep=\r\n" + CSV, [[1, ["sep="]], [2, PLAIN_ROWS[0][1]], [3, PLAIN_ROWS[1][1]]]),
    ("1252.csv", HEAD + "1;Siti’s Café\r\n".encode("cp1252"), [PLAIN_ROWS[0], [2, ["1", "Siti’s Café"]]]),
    ("kutip ganda.csv", HEAD + b'1;"Siti ""Iti"""\r\n', [PLAIN_ROWS[0], [2, ["1", 'Siti "Iti"']]]),
    (
        "inci.csv",
        HEAD + b'1;Pipa 5" Siti\r\n2;x\r\n',
        [PLAIN_ROWS[0], [2, ["1", 'Pipa 5" Siti']], [3, ["2", "x"]]],
    ),
    (
        "baris dalam sel.csv",
        HEAD + b'1;"Gg. Mawar\r\nRT 3"\r\n2;x\r\n',
        [PLAIN_ROWS[0], [2, ["1", "Gg. Mawar\r\nRT 3"]], [4, ["2", "x"]]],
    ),
    (
        "koma di alamat.csv",
        b"KK;Alamat\n1;Jl. A, RT 1\n2;Jl. B, RT 2\n",
        [[1, ["KK", "Alamat"]], [2, ["1", "Jl. A, RT 1"]], [3, ["2", "Jl. B, RT 2"]]],
    ),
    (
        "judul di atas.csv",
        b"DAFTAR KPM, KEBON JAYANTI\r\n\r\n" + CSV,
        [[1, ["DAFTAR KPM, KEBON JAYANTI"]], [2, []], [3, PLAIN_ROWS[0][1]], [4, PLAIN_ROWS[1][1]]],
    ),
    (
        "compang.csv",
        HEAD + b"1\r\n2;x;y;;\r\n;;\r\n",
        [PLAIN_ROWS[0], [2, ["1"]], [3, ["2", "x", "y"]], [4, []]],
    ),
    ("spasi.csv", HEAD + b"  1 ;  Siti \r\n", [PLAIN_ROWS[0], [2, ["  1 ", "  Siti "]]]),
    ("id pengurus.csv", b"ID;Pengurus\r\n1;Siti\r\n", [[1, ["ID", "Pengurus"]], [2, ["1", "Siti"]]]),
    ("mz.csv", b"MZ;BM\r\n1;x\r\n", [[1, ["MZ", "BM"]], [2, ["1", "x"]]]),
    ("titik dua.csv", b"No :;Nama :\r\n1;x\r\n", [[1, ["No :", "Nama :"]], [2, ["1", "x"]]]),
    ("satu kolom.csv", b"No KK\r\n3273990101010001\r\n", [[1, ["No KK"]], [2, ["3273990101010001"]]]),
    ("lebar kosong.csv", HEAD.strip() + b";" * 16_000 + b"\r\n" + SITI_LINE, PLAIN_ROWS),
    # Excel and those who write like it
    ("biasa.xlsx", xlsx(HEADINGS + SITI), PLAIN_ROWS),
    ("nama salah.csv", xlsx(HEADINGS + SITI), PLAIN_ROWS),
    (
        "teks bersama.xlsx",
        xlsx(
            row(1, value("A1", 1, kind="s"), value("B1", 0, kind="s")),
            shared=[
                "<t>Nama</t>",
                "<r><t>No</t></r><r><t xml:space='preserve'> KK</t></r><rPh sb='0' eb='1'><t>x</t></rPh>",
            ],
        ),
        [[1, ["No KK", "Nama"]]],
    ),
    (
        "nilai rumus.xlsx",
        xlsx(
            row(
                1,
                value("A1", "003", kind="str", formula="TEXT(3,0)"),
                value("B1", 4, formula="2+2"),
                value("C1", "#DIV/0!", kind="e", formula="1/0"),
                value("D1", 1, kind="b"),
            )
        ),
        [[1, ["003", 4, "", True]]],
    ),
    (
        "nik angka.xlsx",
        xlsx(row(1, value("A1", "3.27399010101E+15"), value("B1", "0.1"))),
        [[1, [3273990101010000, 0.1]]],
    ),
    (
        "tanggal 1900.xlsx",
        xlsx(row(1, value("A1", 31_118, style="1"), value("B1", 41_762.75, style="1")), styles=DATES),
        [[1, [{"date": "1985-03-12"}, {"date": "2014-05-03"}]]],
    ),
    (
        "tanggal 1904.xlsx",
        xlsx(row(1, value("A1", 29_656, style="1")), styles=DATES, dates_1904=True),
        [[1, [{"date": "1985-03-12"}]]],
    ),
    (
        "tanggal iso.xlsx",
        xlsx(row(1, value("A1", "2014-05-03T00:00:00", kind="d"))),
        [[1, [{"date": "2014-05-03"}]]],
    ),
    (
        "mulai di C5.xlsx",
        xlsx(row(5, text("C5", "No KK")) + row(7, text("D7", "x"))),
        [*([n, []] for n in range(1, 5)), [5, ["", "", "No KK"]], [6, []], [7, ["", "", "", "x"]]],
    ),
    (
        "tanpa alamat sel.xlsx",
        xlsx('<row><c t="inlineStr"><is><t>a</t></is></c><c><v>2</v></c></row><row><c><v>3</v></c></row>'),
        [[1, ["a", 2]], [2, [3]]],
    ),
    (
        "ketat.xlsx",
        packed(
            {
                k: v.replace(NS, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
                    REL, "http://purl.oclc.org/ooxml/officeDocument/relationships"
                )
                for k, v in plain_parts().items()
            }
        ),
        PLAIN_ROWS,
    ),
    (
        "berawalan.xlsx",
        packed(
            plain_parts()
            | {
                "xl/worksheets/sheet1.xml": sheet_xml(HEADINGS + SITI)
                .replace("xmlns=", "xmlns:x=")
                .replace("</", "</x:")
                .replace("<w", "<x:w")
                .replace("<s", "<x:s")
                .replace("<r", "<x:r")
                .replace("<c", "<x:c")
                .replace("<is", "<x:is")
                .replace("<t", "<x:t")
            }
        ),
        PLAIN_ROWS,
    ),
    ("garis miring.xlsx", packed({k.replace("/", "\\"): v for k, v in plain_parts().items()}), PLAIN_ROWS),
    (
        "alamat penuh.xlsx",
        packed(
            plain_parts() | {"xl/_rels/workbook.xml.rels": rels(("worksheet", "/xl/worksheets/sheet1.xml"))}
        ),
        PLAIN_ROWS,
    ),
    (
        "ukuran dusta.xlsx",
        sheet(sheet_xml(HEADINGS + SITI, before='<dimension ref="A1:XFD1048576"/>')),
        PLAIN_ROWS,
    ),
    (
        "bergaya sampai bawah.xlsx",
        xlsx(HEADINGS + SITI + row(1_048_576, '<c r="A1048576" s="0"/><c r="XFD1048576" s="0"/>')),
        PLAIN_ROWS,
    ),
    ("baris kembali.xlsx", xlsx(row(1, text("A1", "a_x000D__x000A_b"))), [[1, ["a\r\nb"]]]),
    # Google Sheets: a drawing for every sheet, numbers with their .0, styles down to row 1000
    (
        "sheets.xlsx",
        packed(
            xlsx_parts(
                row(1, value("A1", 0, kind="s"), value("B1", 1, kind="s"))
                + row(2, value("A2", 2, kind="s"), value("B2", "5.0"), value("C2", "41762.0", style="1"))
                + "".join(row(n, f'<c r="A{n}" s="0"/>') for n in range(3, 1001)),
                shared=["<t>No KK</t>", "<t>RT</t>", "<t>3273990101010001</t>"],
                styles=DATES,
            )
            | {
                "xl/drawings/drawing1.xml": f"{XML}<xdr/>",
                "xl/worksheets/_rels/sheet1.xml.rels": rels(("drawing", "../drawings/drawing1.xml")),
            }
        ),
        [[1, ["No KK", "RT"]], [2, ["3273990101010001", 5, {"date": "2014-05-03"}]]],
    ),
    # LibreOffice: repeated cells and rows to the edge of the sheet
    (
        "ulang.ods",
        ods(
            ods_table(
                ods_row(ods_cell("No KK"), ods_cell("Nama"), ods_cell(repeated=16_382)),
                ods_row(ods_cell(repeated=16_384), repeated=3),
                ods_row(ods_cell("1"), ods_cell("x", repeated=2), ods_cell(repeated=16_381)),
                ods_row(ods_cell(repeated=16_384), repeated=1_048_571),
            )
        ),
        [[1, ["No KK", "Nama"]], [2, []], [3, []], [4, []], [5, ["1", "x", "x"]]],
    ),
    (
        "catatan.ods",
        ods(
            ods_table(
                ods_row(
                    '<table:table-cell office:value-type="string"><office:annotation><text:p>catatan</text:p></office:annotation><text:p>Gg.<text:s text:c="2"/>A</text:p><text:p>RT 3</text:p></table:table-cell>'
                )
            )
        ),
        [[1, ["Gg.  A\nRT 3"]]],
    ),
]
