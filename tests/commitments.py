"""Commitments for tests that walk every page."""

from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from roles.commitments.people import place_key
from roles.models import Commitment, SchoolFile
from roles.operations.school_file import seal_content


def make_commitment(member, *, month, place="SDN Kebon Jayanti 1", **said):
    """What a school told of a member in a month: 16 of 20 days present, not kept; `said` are other fields."""
    family = member.household
    fields = {
        "household": family,
        "member": member,
        "wilayah_id": family.wilayah_id,
        "pendamping": family.pendamping,
        "kind_id": "hadir_sekolah",
        "component_id": "sd",
        "month": month,
        "place": place,
        "effective_days": 20,
        "absent": 4,
        "leave": 0,
        "ill": 0,
        "percent": 80,
        "state": "belum",
        "source": "diketik",
        "by": family.pendamping,
        "op_id": uuid7(),
        "recorded_on": month,
    }
    return Commitment.objects.create(**(fields | said))


def make_for_walker(member, place, words, today):
    """A commitment of the member at `place` that was not kept, and a school's file whose every text holds `words`."""
    month = today.replace(day=1)
    make_commitment(member, month=month, place=place, recorded_on=today)
    file = make_school_file(member.household.pendamping, words, months_after(month, -(month.month - 1) % 3))
    where = {"category": "pendidikan", "month": f"{month:%Y-%m}", "place": place_key(place)}
    return {"school_file": file, "place": where}


def make_school_file(user, words, first_month):
    """A file that `user` sent, with one child of nobody, whose every text holds `words`."""
    row = {"line": 7, "nik": "", "nisn": "", "name": words, "note": words, "faults": [words], "marks": []}
    file = SchoolFile(user=user, name=words, sha256="0" * 64, school=words, first_month=first_month)
    file.content = seal_content(file, {"effective": [20, 20, 20], "pupils": [row]})
    file.save(force_insert=True)
    return file
