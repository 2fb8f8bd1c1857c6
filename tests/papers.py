"""An example of what each paper prints, by its template under templates/; a new template needs one here."""

import io

from PIL import Image

from pkh_casework.pdf import ROOT
from pkh_casework.templatetags.icons import whole_drawing

WORDS = "Kegiatan bersama keluarga di balai warga."


class Ours(str):
    """A text that nobody types: a heading, a date. No test puts another in its place."""


def templates():
    """Every template of a document, as make_pdf names it."""
    found = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.typ"))
    return sorted(name for name in found if not name.startswith("shared/"))


def photo(colour="#8899aa"):
    """A small JPEG, as the list of its bytes."""
    out = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, "JPEG")
    return list(out.getvalue())


def rhk_paper():
    return {
        "number": 3,
        "result": "Pendampingan sosial",
        "action": "Kunjungan rumah",
        "about": "Kunjungan rumah",
        "day": "2026-11-20",
        "month": "November 2026",
        "kelurahan": "Kebon Jayanti",
        "kecamatan": "Kiaracondong",
        "kota": "Kota Bandung",
        "facts": [["Jenis kegiatan", "Kunjungan rumah"], ["Waktu", ""]],
        "goals": ["warung kecil"],
        "notes": WORDS,
        "families": [
            {
                "case": "PKH-7F3K2",
                "met": True,
                "contact": "ya",
                "name": "Siti Aminah",
                "nik": "3273 •••• •••• ••••",
                "no_kk": "3273 •••• •••• ••••",
                "address": "Jl. Babakan Sari 12",
                "kelurahan": "Kebon Jayanti",
            },
            {"case": "PKH-7F3K3", "met": False, "contact": "tidak"},
        ],
        "outcome": WORDS,
        "next_step": WORDS,
        "worker": "Ratna Dewi",
        "nip": "199001012020122001",
        "post": "Pendamping Sosial PKH",
        "photos": [photo()],
        "lost_photos": 1,
    }


def month_paper():
    family = {"case": "PKH-7F3K2", "met": "3, 10", "missed": ""}
    named = {key: rhk_paper()["families"][0][key] for key in ("name", "nik", "no_kk", "address", "kelurahan")}
    return {
        "number": 3,
        "result": "Pendampingan sosial",
        "actions": [["Kunjungan rumah", 2]],
        "month": "November 2026",
        "area": "Kebon Jayanti",
        "places": ["Kiaracondong", "Kota Bandung"],
        "goals": ["warung kecil"],
        "activities": [
            {
                "day": Ours("3 Nov"),
                "kind": "Kunjungan rumah",
                "about": "Menghubungkan; Balai RW",
                "worker": "",
                "families": "Siti Aminah; dan 3 lainnya",
                "notes": WORDS,
                "outcome": WORDS,
            }
        ]
        * 2,
        "families": [family | named, family],
        "photos": [{"jpeg": photo(colour), "caption": "3 November 2026"} for colour in ("teal", "navy")] * 2,
        "lost_photos": 1,
        "more_photos": 2,
        "cut": True,
        "worker": "Ratna Dewi",
        "nip": "",
        "post": "Pendamping Sosial PKH",
    }


EXAMPLES = {
    "desk/trip.typ": {
        "where": "RT 03, RW 05",
        "kelurahan": "Kebon Jayanti",
        "day": Ours("30 Nov 2026"),
        "pendamping": "Ratna Dewi",
        "parts": [
            {
                "name": Ours("Perlu didatangi"),
                "houses": [
                    {
                        "name": "Siti Aminah",
                        "case": "PKH-7F3K2",
                        "address": "Gang Mawar 3",
                        "why": "106 hari, janji lewat 2 hari",
                        "missing": "titik rumah, nomor HP",
                    }
                ],
            }
        ],
    },
    "kpm/graduation.typ": {
        "draft": True,
        "number": "PKH-7F3K2/GRAD/XI/2026",
        "weekday": "Senin",
        "day": "30 November 2026",
        "kind": "Graduasi mandiri",
        "explanation": WORDS,
        "case": "PKH-7F3K2",
        "family": {
            "pengurus": "Siti Aminah",
            "signer": "Siti Aminah",
            "relation": "Istri",
            "nik": "3273 •••• •••• ••••",
            "no_kk": "3273 •••• •••• ••••",
            "address": "Jl. Babakan Sari 12",
            "rt_rw": "RT 01 RW 02",
            "since": "Maret 2019",
        },
        "place": {"kelurahan": "Kebon Jayanti", "kecamatan": "Kiaracondong", "kota": "Kota Bandung"},
        "statement": WORDS,
        "signed_on": "28 November 2026",
        "papers": ["Surat pernyataan"],
        "proposed_on": "20 November 2026",
        "pendamping": "Ratna Dewi",
        "pendamping_nip": "199001012020122001",
        "koordinator": "Asep Hidayat",
        "koordinator_nip": "198501012015121001",
    },
    "desk/family_sheet.typ": {
        "title": Ours("Langkah keluarga"),
        "name": "Siti Aminah",
        "assessed": Ours("20 Nov 2026"),
        "printed": Ours("30 Nov 2026"),
        "pendamping": "Ratna Dewi",
        "level": 2,
        "strengths": [
            {
                "name": Ours("Ketahanan pangan"),
                "code": Ours("E2"),
                "level": 3,
                "text": Ours("Makan 3 kali sehari"),
            }
        ],
        "changes": [
            {
                "name": Ours("Tabungan"),
                "code": Ours("B2"),
                "level": 1,
                "next": 2,
                "text": Ours("Sesekali menyimpan"),
                "wish": "warung kecil",
                "target": Ours("30 Jun 2027"),
            }
        ],
        "family": [{"text": "menabung tiap minggu", "due": Ours("30 Des 2026")}],
        "worker": [{"text": WORDS, "due": Ours("30 Des 2026")}],
        "helpers": [{"name": "Bank Sampah", "what": "Tabungan sampah"}],
        "drawings": {
            name: list(whole_drawing(name).encode()) for name in ("tangga-2", "E2-3", "B2-1", "B2-2")
        },
    },
    "reports/monthly.typ": {
        "month": "November 2026",
        "kelurahan": "Kebon Jayanti",
        "kecamatan": "Kiaracondong",
        "kota": "Kota Bandung",
        "state": "disetujui",
        "locked": "versi 1",
        "worker": "Ratna Dewi",
        "nip": "199001012020122001",
        "post": "Pendamping Sosial PKH",
        "koordinator": "Asep Hidayat",
        "koordinator_nip": "",
        "figures": [["Kunjungan rumah", 12, "kunjungan", Ours("20 (60%)")]],
        "outcomes": [["Rujukan selesai", 2, "rujukan", Ours("November 2026"), Ours("–")]],
        "rhk": [[3, "Pendampingan sosial", 12]],
        "activities": [["3 Nov", "Kunjungan rumah", "Fasilitasi: Menghubungkan", 1]],
        "cut": True,
        "late": [["3 Okt 2026", "Kunjungan rumah", WORDS]],
        "words": [["Capaian dan perubahan", f"{WORDS}\n{WORDS}"], ["Kendala", ""]],
    },
    "reports/recap.typ": {
        "title": Ours("Rekap November 2026"),
        "area": "Kecamatan Kiaracondong",
        "month": Ours("November 2026"),
        "locked": "belum dikunci",
        "kop": {
            "government": "Pemerintah Kota Bandung",
            "office": "Dinas Sosial",
            "address": "Jl. Contoh 1",
            "signer": "Kepala Dinas Sosial",
        },
        "coverage": [["KPM aktif yang dikunjungi", "700", "1.111", "63%"]],
        "outcomes": [["Naik", "12", "asesmen", Ours("November 2026"), "11"]],
        "parts": {
            "word": "kecamatan",
            "head": [Ours("KPM aktif"), Ours("Kunjungan")],
            "rows": [["Kiaracondong", "1.111", "900"]],
            "total": [Ours("JUMLAH"), "1.111", "900"],
        },
        "made": "30 Nov 2026",
        "mark": f"Langkah ABC234 · oleh Asep · untuk: {WORDS}",
        "summary": [["Kunjungan rumah", "12", "kunjungan", "bulan ini", "11", WORDS]],
        "tables": [
            {
                "title": Ours("Per peran"),
                "note": WORDS,
                "head": [Ours("Peran"), Ours("Kegiatan")],
                "numbers": [False, True],
                "rows": [["Fasilitasi", "12"]],
                "total": [Ours("JUMLAH"), "12"],
            },
            {
                "title": Ours("Indikator"),
                "note": "",
                "head": [Ours("Indikator"), Ours("1")],
                "numbers": [False, True],
                "rows": [],
            },
        ],
        "roles": [{"name": "Fasilitasi", "value": 12, "text": "12"}],
        "levels": [{"name": "Air bersih", "counts": [1, 2, 3, 4]}],
        "koordinator": "Asep Hidayat",
        "nip": "198501012015121001",
    },
    "reports/lurah.typ": {
        "title": Ours("Ringkasan PKH Kebon Jayanti"),
        "period": "November 2026",
        "made": "30 Nov 2026",
        "locked": "Belum dikunci: angkanya masih dapat berubah.",
        "said": ["91 keluarga lebih dari 90 hari belum dikunjungi, 54 di RW 05."],
        "note": "Angka saja: tanpa nama, alamat, dan nomor KPM.",
        "topics": [{"title": Ours("Keluarga"), "rows": [["KPM aktif", "300", "KPM", "hari ini"]]}],
        "parts": {
            "title": Ours("Per RW"),
            "head": [Ours("RW"), Ours("KPM aktif"), Ours("Kegiatan Nov")],
            "rows": [["RW 05", "54", "12"]],
            "note": "RW menurut alamat sekarang.",
        },
    },
    "reports/rhk.typ": {"papers": [rhk_paper(), rhk_paper()]},
    "reports/rhk_month.typ": month_paper(),
    "resources/referral.typ": {
        "number": "RUJ-7F3K2",
        "day": "30 November 2026",
        "kelurahan": "Kebon Jayanti",
        "to": "Puskesmas Babakan Sari",
        "to_address": "Jl. Kebaktian",
        "resource": "Pemeriksaan gratis",
        "family": "Siti Aminah",
        "rw": "RW 02, ",
        "need": WORDS,
        "consent": WORDS,
        "consent_how": "lisan",
        "consent_on": "29 November 2026",
        "pendamping": "Ratna Dewi",
        "phone": "081234567890",
    },
    "roles/attendance.typ": {
        "group": "Mawar 1",
        "kelurahan": "Kebon Jayanti",
        "module": "Pengasuhan",
        "session": "1. Menjadi orang tua",
        "day": "30 November 2026",
        "place": "Balai RW",
        "facilitator": "Ratna Dewi",
        "pendamping": "Ratna Dewi",
        "families": [{"name": "Siti Aminah", "rt": "01/02"}],
    },
    "roles/commitment_sheet.typ": {
        "category": "Pendidikan",
        "is-school": True,
        "place": "SDN Babakan Sari",
        "pendamping": "Ratna Dewi",
        "months": [Ours("Oktober 2026"), Ours("November 2026"), Ours("Desember 2026")],
        "effective": [Ours("20"), Ours(""), Ours("")],
        "lines": [
            {
                "name": "Budi",
                "family": "Siti Aminah",
                "nik": "3273 •••• •••• ••••",
                "nisn": "0091234567",
                "kind": "SD",
                "task": "hadir di kelas",
                "cells": ["1"] * 15,
            }
        ],
    },
    "roster/to_type.typ": {
        "area": "Kecamatan Kiaracondong",
        "asked": "semua",
        "day": Ours("30 Nov 2026"),
        "more": True,
        "rows": [
            {
                "case": "PKH-7F3K2",
                "name": "Siti Aminah",
                "place": "Kebon Jayanti, RT 01 RW 02",
                "what": "pindah alamat",
                "told": WORDS,
                "note": WORDS,
                "typed": "",
            }
        ],
    },
    "sinergi/closing.typ": {
        "name": "Dapur bersama",
        "area": "Kebon Jayanti",
        "from": "1 Januari 2026",
        "to": "31 Desember 2026",
        "day": "30 November 2026",
        "closed": True,
        "covers": "semua keluarga",
        "partners": ["Bank Sampah"],
        "target": "20",
        "facts": [["Keluarga ikut", "20"]],
        "stages": [["Pemetaan", "20", "1"]],
        "comparison": [["Air bersih", "20", "2,1", "2,9", "30", "2,1", "2,3"]],
        "enrolled": "20",
        "similar": "30",
        "small": True,
        "small_number": "10",
        "groups": [["Mawar", "kue", "5"]],
        "budget": [["Pelatihan", "bahan", "Rp100.000", "Rp90.000"]],
        "planned": "Rp100.000",
        "spent": "Rp90.000",
        "words": WORDS,
        "by": "Asep Hidayat",
    },
}


def filled(value, words):
    """`value` with `words` in place of every text, keys and numbers as they are; words may be a function of a text."""
    match value:
        case Ours():
            return value
        case str():
            return words(value) if callable(words) else words
        case dict():
            return {key: filled(one, words) for key, one in value.items()}
        case list():
            return value if value and isinstance(value[0], int) else [filled(one, words) for one in value]
    return value
