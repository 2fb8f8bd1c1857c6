"""What a file is by how it begins, in words for the person who chose it."""

import re

PHOTOS = {"foto JPG", "foto PNG", "foto WebP", "foto HEIC"}  # kinds that pkh_casework.images reads
_KINDS = [
    (re.compile(start, re.DOTALL | re.IGNORECASE), what)
    for start, what in (
        (rb"%PDF", "PDF"),
        (rb"\xff\xd8\xff", "foto JPG"),
        (rb"\x89PNG", "foto PNG"),
        (rb"RIFF....WEBP", "foto WebP"),
        (rb"....ftyp(?:hei[cmxs]|hev[cmx]|mif1|msf1)", "foto HEIC"),
        (rb"....ftypavi[fs]", "foto AVIF"),
        (rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI ", "video"),
        (rb"ID3[\x02-\x04]\x00|OggS|RIFF....WAVE|#!AMR", "rekaman suara"),
        (rb"GIF8[79]a", "gambar GIF"),
        (rb"II\*\x00|MM\x00\*", "gambar TIFF"),
        (rb"BM....\x00\x00\x00\x00", "gambar BMP"),
        (rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<svg\b", "gambar SVG"),
        (rb"Rar!\x1a", "arsip RAR"),
        (rb"7z\xbc\xaf", "arsip 7z"),
        (rb"\x1f\x8b", "arsip GZ"),
        (rb"\{\\rtf", "dokumen RTF"),
        (rb"\x7fELF|MZ.\x00", "program"),
        (rb"SQLite format 3\x00|.{4}Standard (?:Jet|ACE) DB", "basis data"),
    )
]
# Of an office, which has its own reader (roster.files.kinds); for all else they are no more than this.
_OF_OFFICE = [
    (re.compile(rb"PK\x03\x04"), "berkas Office atau ZIP"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "berkas Office"),
    (re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE), "halaman web"),
]


def what_is(head, *, of_office=True):
    """What a file is that begins with `head` (some hundred bytes): "PDF", "foto HEIC", …; "" for a kind without a mark,
    as text has none, and with `of_office` False for what an office programme makes.
    """
    kinds = [*_KINDS, *_OF_OFFICE] if of_office else _KINDS
    return next((what for start, what in kinds if start.match(head)), "")
