"""A school's form on its way: read, kept sealed, looked at, and stored."""

import json
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format

from entries.operations import locked, operation
from pkh_casework.days import months_after
from pkh_casework.fields import identity_keys, seal_bytes, unseal_bytes
from roles.commitments.matching import match_pupils
from roles.models import Commitment, SchoolFile
from roles.operations.commitment import hold_members, verify

OLDEST = timedelta(days=30)  # after which what stood in a file is gone


def _context(file):
    return f"roles.schoolfile:content:{file.pk}"


def seal_content(file, content):
    """`content` (a dict) as it rests in the SchoolFile `file`: bytes."""
    return seal_bytes(json.dumps(content, ensure_ascii=False).encode(), _context(file))


def content_of(file):
    """{"effective": [school days of each month, None where not said], "pupils": [{"line", "nik", "nisn", "name", "note",
    "faults", "marks": three of [days away, with leave, ill, percent told]}]}; no pupils once it is forgotten.
    """
    sealed = bytes(file.content)
    if not sealed:
        return {"effective": [None] * 3, "pupils": []}
    return json.loads(unseal_bytes(sealed, _context(file)))


def content_from(form):
    """What is kept of a SchoolForm."""
    pupils = [
        {
            "line": pupil.line,
            "nik": pupil.nik,
            "nisn": pupil.nisn,
            "name": pupil.name[:120],
            "note": pupil.note[:120],
            "faults": list(pupil.faults),
            "marks": [[marks.away, marks.leave, marks.ill, marks.told] for marks in pupil.marks],
        }
        for pupil in form.pupils
    ]
    return {"effective": form.effective, "pupils": pupils}


@operation(kind="roles.berkas_sekolah", title="Berkas kehadiran sekolah", makes=SchoolFile)
def receive_school_file(*, by, pk, form, name, sha256, first_month):
    """Keep what stands in a school's form (SchoolForm) for the quarter that begins on `first_month`; a SchoolFile of
    which nothing is stored yet.
    """
    old = SchoolFile.objects.visible_to(by).filter(sent_at__lt=timezone.now() - OLDEST)
    old.exclude(content=b"").update(content=b"")
    file = SchoolFile(
        id=pk,
        user=by,
        name=name[:200],
        sha256=sha256,
        npsn=form.npsn[:20],
        school=form.school[:120],
        first_month=first_month,
    )
    file.content = seal_content(file, content_from(form))
    file.save(force_insert=True)
    return file


@operation(kind="roles.berkas_sekolah_simpan", title="Kehadiran sekolah disimpan", about=SchoolFile)
def store_school_file(file, *, by, op_id, receipt, today):
    """Store what the file says of the children that `by` accompanies, all in one; what is stored already stays as it is.

    The SchoolFile knows by its `outcome` how many were new, changed, the same, not kept, and how many rows were left out.
    Raises MonthLocked.
    """
    stored = locked(SchoolFile.objects, file.pk)
    content = content_of(stored)
    hold_members(
        {one.member.pk for one in match_pupils(content, stored.first_month, by, today) if one.member}
    )
    matches = match_pupils(content, stored.first_month, by, today)
    last = months_after(stored.first_month, 2)
    notes = (
        f"Verifikasi komitmen pendidikan {date_format(stored.first_month, 'F')}–{date_format(last, 'F Y')} "
        "dari berkas sekolah."
    )
    outcome = verify(
        [told for one in matches for told in one.told],
        by=by,
        op_id=op_id,
        receipt=receipt,
        source=Commitment.Source.FILE,
        today=today,
        place=stored.school,
        notes=notes,
    )
    stored.outcome = {
        "baru": len(outcome.new),
        "berubah": len(outcome.changed),
        "sama": outcome.same,
        "belum": outcome.not_kept,
        "ditolak": sum(one.is_refused for one in matches),
    }
    stored.stored_at = timezone.now()
    stored.save(update_fields=["outcome", "stored_at"])
    return stored


def reseal_school_files():
    """Seal what rests in files of schools with the current key: (files read, written). Raises NumberUnreadable."""
    read = written = 0
    current = int(identity_keys()["current"]["encryption"])
    for file in SchoolFile.objects.exclude(content=b"").order_by("pk"):
        read += 1
        if bytes(file.content)[1] != current:
            file.content = seal_content(file, content_of(file))
            file.save(update_fields=["content"])
            written += 1
    return read, written
