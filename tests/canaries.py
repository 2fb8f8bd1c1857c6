"""A family with a canary in every text field that a person can fill in, and everything that can hang on a family."""

from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from entries.models import HeldFile
from kpm.models import (
    Assessment,
    FamilyChange,
    GraduationCase,
    GraduationFile,
    GraduationMove,
    GroupChair,
    MemberMove,
    PaymentTrouble,
    PayStage,
    WatchCheck,
)
from kpm.operations import defer
from kpm.operations.payment import Found, check_payment
from kpm.payments import terms_back
from master.models import Proposal
from pkh_casework.ids import uuid7
from reports.files.operations.export import ask_export
from resources.models import Agreement, Contact
from roles.models import Activity, Photo, Postponement
from roster.models import (
    Batch,
    Difference,
    Handover,
    HandoverFamily,
    Merge,
    MergedRow,
    SiksFile,
    StagedFamily,
    StagedRow,
    Suspect,
    ToType,
)
from tests.commitments import make_for_walker as make_commitments
from tests.factories import (
    KIARACONDONG,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    PartnerFactory,
    PhoneFactory,
    ResourceFactory,
    UserFactory,
    assess,
    make_goal,
)
from tests.held import hold_form
from tests.incidents import make_for_walker as make_incident
from tests.meetings import make_for_walker as make_meetings
from tests.monthly import make_for_walker as make_report
from tests.programmes import make_for_walker as make_programmes
from tests.referrals import make_for_walker
from tests.visit_quality import make_for_walker as make_remark

# Parts of addresses that are the same for everybody.
PLAIN = {
    "code": "A1",
    "rule": "tanpa-hp",
    "chapter": "hari-ini",
    "doubt": "sama",
    "months": 24,
    "sha256": "0" * 64,
}
# What the address of a route needs behind it to show more than a choice.
ASKED = {
    "desk:trip_paper": "?rw=5&rt=2",
    "kpm:household_create": f"?di={KIARACONDONG}",
    "kpm:group_create": f"?di={KIARACONDONG}",
    "kpm:goal_create": "?indikator=A1",
}


def canary(owner, field):
    return f"KENARI-{owner}-{field}"


def make_family(owner, pendamping):
    """A family with its canary in every text field that a person can fill in."""
    c = {
        field: canary(owner, field)
        for field in (
            "nama",
            "alamat",
            "catatan",
            "anggota",
            "sekolah",
            "kelompok",
            "kegiatan",
            "hasil",
            "langkah",
            "tempat",
            "tunda",
            "titip",
            "foto",
            "titip foto",
            "serah",
            "keluar",
            "perubahan",
            "alamat lama",
            "pindah",
            "tujuan",
            "alasan tujuan",
            "langkah tujuan",
            "belum",
            "asesmen",
            "penilaian",
            "usulan",
            "lensa",
            "putusan",
            "alasan usulan",
            "berkas",
            "cek",
            "kebutuhan",
            "kata mitra",
            "keperluan",
            "serah terima",
            "kendala",
            "bantuan",
            "dugaan",
            "gabungan",
            "kasus",
            "sebab",
            "rahasia",
        )
    }
    group = GroupFactory(pendamping=pendamping, name=c["kelompok"])
    family = HouseholdFactory(
        pendamping=pendamping, name=c["nama"], address=c["alamat"], notes=c["catatan"], group=group
    )
    GroupChair.objects.create(group=group, household=family, from_on=family.joined_on)
    member = MemberFactory(household=family, name=c["anggota"])
    MemberFactory(household=family, name=c["anggota"], left_on=date(2025, 1, 1), left_reason=c["keluar"])
    MemberComponentFactory(member=member, place=c["sekolah"])
    today = timezone.localdate()
    activity = ActivityFactory(
        pendamping=pendamping,
        families=[family],
        occurred_on=today,
        notes=c["kegiatan"],
        outcome=c["hasil"],
        next_step=c["langkah"],
        next_step_on=today,
        place=c["tempat"],
        group=group,
    )
    activity.families.update(step_due_on=today)
    Activity.objects.filter(pk=activity.pk).update(notes=f"{c['kegiatan']} (versi kedua)")
    assessment = assess(family, {"A1": 2, "B2": 3}, on=today - timedelta(days=1), family={"A1": 3})
    Assessment.objects.filter(pk=assessment.pk).update(notes=c["asesmen"])
    assessment.scores.filter(code="A1").update(note=c["penilaian"])
    goal = make_goal(
        family,
        wish=c["tujuan"],
        why=c["alasan tujuan"],
        on=today - timedelta(days=1),
        steps=[("keluarga", c["langkah tujuan"], today)],
    )
    activity.families.get().goals.add(goal)
    defer(
        family,
        by=pendamping,
        op_id=uuid7(),
        sent="",
        today=today,
        score=assessment.scores.get(code="A1"),
        reason=c["belum"],
    )
    case = make_graduation(family, member, c, today)
    check_payment(
        family,
        by=pendamping,
        op_id=uuid7(),
        sent="",
        term=terms_back(today)[0],
        checked_on=today,
        found=Found("masalah", PaymentTrouble.objects.first(), look_again_on=today, note=c["bantuan"]),
        version="",
    )
    referral, secret = make_for_walker(family, c["kebutuhan"], c["kata mitra"], today)
    photo = Photo(activity=activity, sha256="0" * 64, width=1, height=1)
    photo.file.save("kegiatan.jpg", ContentFile(c["foto"].encode()), save=False)
    photo.save(force_insert=True)
    Postponement.objects.create(
        op_id=uuid7(),
        household=family,
        pendamping=pendamping,
        until_on=today + timedelta(days=2),
        reason=c["tunda"],
    )
    said = {
        "fields": {"notes": c["titip"]},
        "facts": [("Apa yang dilakukan", c["titip"])],
        "title": c["titip"],
    }
    held = hold_form(pendamping, **said)
    held_photo = HeldFile(held_entry=held, sha256="0" * 64, width=1, height=1)
    held_photo.file.save("titipan.jpg", ContentFile(c["titip foto"].encode()))
    return {
        "owner": owner,
        "family": family,
        "group": group,
        "member": member,
        "move": make_changes(family, c, today),
        "activity": activity,
        "photo": photo,
        "row": activity.families.get(),
        "held": held,
        "held_photo": held_photo,
        "assessment": assessment,
        "goal": goal,
        "goal_step": goal.steps.get(),
        "graduation": case,
        "paper": case.files.get(),
        "referral": referral,
        "secret": secret,
        **make_place(pendamping, activity),
        **make_meetings(family, group, canary(owner, "pertemuan"), today),
        **make_commitments(member, c["sekolah"], canary(owner, "berkas sekolah"), today),
        **make_incident(family, c["kasus"], c["rahasia"], today),
        **make_remark(family, activity, c["sebab"], today),
        **make_programmes(family, canary(owner, "program"), today),
        **make_report(family, canary(owner, "laporan"), today),
        "export": make_export(pendamping, c["keperluan"]),
        "phone": PhoneFactory(user=pendamping, browser=canary(owner, "hp")),
        **make_batch(pendamping, owner),
        **make_siks(family, owner, today),
        **make_handover(family, c["serah terima"], c["kendala"], today),
        "proposal": make_proposal(),
        **make_duplicates(family, c["dugaan"], c["gabungan"], today),
        "user": pendamping,
    }


def make_proposal():
    """A row of master data that somebody proposed."""
    return Proposal.objects.create(
        op_id=uuid7(), table="kpm.paystage", rows=[], reason="Uji", by=UserFactory(admin=True)
    )


def make_changes(family, c, today):
    """A change of address that is told, and a person who is to move to a family whose holder has not answered."""
    FamilyChange.objects.create(
        op_id=uuid7(),
        household=family,
        wilayah_id=family.wilayah_id,
        pendamping=family.pendamping,
        kind="pindah_rumah",
        reason_id="rumah-kerja",
        words=c["perubahan"],
        former=c["alamat lama"],
        to_wilayah_id=family.wilayah_id,
        changed_on=today,
        by=family.pendamping,
    )
    return MemberMove.objects.create(
        member=MemberFactory(household=family, name=c["anggota"]),
        household=family,
        asked_case="PKH-ZZZZZ",
        wilayah_id=family.wilayah_id,
        relation="anak",
        moved_on=today,
        reason_id="pindah-lainnya",
        words=c["pindah"],
        by=family.pendamping,
    )


def make_handover(family, reason, fault, today):
    """An offer of the family to a colleague, which waits."""
    people = {"holder": family.pendamping, "receiver": UserFactory(), "by": UserFactory(koordinator=True)}
    handover = Handover.objects.create(
        op_id=uuid7(), kind="pindah", reason=reason, offered_on=today, **people
    )
    row = HandoverFamily.objects.create(
        handover=handover, household=family, group=family.group, reason=reason, fault=fault
    )
    return {"handover": handover, "handover_row": row}


def make_duplicates(family, note, why, today):
    """A family that may be this one, and one that was found to be it."""
    other = HouseholdFactory(pendamping=UserFactory(wilayah_id=family.wilayah_id), rt=family.rt, rw=family.rw)
    first, second = sorted((family, other), key=lambda one: one.pk)
    suspect = Suspect.objects.create(
        first=first,
        second=second,
        score=80,
        reasons={"pengurus_lahir": 1},
        state="ditanya",
        note=note,
        answer=note,
    )
    gone = HouseholdFactory(pendamping=family.pendamping, merged_into=family)
    until = today + timedelta(days=30)
    merge = Merge.objects.create(
        survivor=family, loser=gone, by=family.pendamping, note=why, undo_until=until
    )
    MergedRow.objects.create(
        merge=merge, model="kpm.Member", row=str(gone.members.get().pk), what="pindah", before={"name": why}
    )
    return {"suspect": suspect, "merge": merge}


def make_export(user, purpose):
    """A file of the pendamping's families that waits to be taken."""
    columns = ["kpm", "nama"]
    asked = {"format": "csv", "purpose": purpose, "columns": columns}
    return ask_export("kpm", "", by=user, op_id=uuid7(), sent="", **asked)


def make_batch(pendamping, owner):
    """A file of the office above, looked at, with one family in it."""
    batch = Batch.objects.create(
        user=pendamping,
        wilayah_id=pendamping.wilayah_id[:6],
        name=canary(owner, "berkas kantor"),
        sha256="0" * 64,
        state="siap",
        heading_row=1,
        columns=[{"heading": canary(owner, "judul"), "field": "no_kk", "samples": [canary(owner, "contoh")]}],
        totals={"baru": 1, "orang": 1},
    )
    said = {"name": canary(owner, "nama di berkas"), "address": canary(owner, "alamat di berkas")}
    where = {"wilayah_id": pendamping.wilayah_id, "pendamping": pendamping}
    staged = StagedFamily.objects.create(id=uuid7(), batch=batch, line=2, **said, **where)
    StagedRow.objects.create(id=uuid7(), batch=batch, family=staged.pk, line=2, name=said["name"], sex="P")
    return {"batch": batch, "staged": staged}


def make_siks(family, owner, today):
    """A difference of the family to a file of SIKS-NG, and something of it to be typed there."""
    term = {"year": today.year, "stage": PayStage.objects.first()}
    batch = Batch.objects.create(
        user=family.pendamping,
        wilayah_id=family.wilayah_id[:6],
        name=canary(owner, "berkas siks"),
        sha256="1" * 64,
        state="dibanding",
    )
    SiksFile.objects.create(batch=batch, wilayah_id=family.wilayah_id, covered=[family.wilayah_id], **term)
    said = {"name": canary(owner, "nama siks"), "note": canary(owner, "catatan siks")}
    where = {"wilayah_id": family.wilayah_id, "household": family, "why": canary(owner, "dibuka lagi")}
    fields = [["address", canary(owner, "alamat di sini"), canary(owner, "alamat siks")]]
    difference = Difference.objects.create(
        batch=batch,
        kind="pindah",
        fields=fields,
        fault=canary(owner, "kendala siks"),
        **term,
        **said,
        **where,
    )
    to_type = ToType.objects.create(kind="pindah", at=timezone.now(), **said, **where)
    return {"difference": difference, "to_type": to_type}


def make_place(pendamping, activity):
    """A partner of the kelurahan, whom the activity was with, and what it offers."""
    partner = PartnerFactory(wilayah_id=pendamping.wilayah_id)
    activity.partners.add(partner)
    return {
        "partner": partner,
        "resource": ResourceFactory(wilayah_id=pendamping.wilayah_id, partner=partner),
        "contact": Contact.objects.create(partner=partner, name="Ibu Nia"),
        "agreement": Agreement.objects.create(partner=partner, subject="Modal", signed_on=date(2026, 1, 5)),
    }


def make_graduation(family, member, c, today):
    """A proposal that waits for a decision, returned once before, with a document and a check."""
    case = GraduationCase.objects.create(
        op_id=uuid7(),
        household=family,
        wilayah_id=family.wilayah_id,
        kind_id="mandiri",
        state="diusulkan",
        statement=c["usulan"],
        lens={"syarat": [], "pertentangan": [c["lensa"]]},
        signed_by=member,
        signed_on=today,
        proposed_by=family.pendamping,
        proposed_on=today,
        decision=c["putusan"],
    )
    GraduationMove.objects.create(
        op_id=uuid7(),
        case=case,
        household=family,
        to_state="diusulkan",
        by=family.pendamping,
        reason=c["alasan usulan"],
    )
    paper = GraduationFile(
        case=case, household=family, paper_id="mandiri-pernyataan", added_by=family.pendamping
    )
    paper.sha256, paper.width, paper.height = "0" * 64, 1, 1
    paper.file.save("berkas.jpg", ContentFile(c["berkas"].encode()), save=False)
    paper.save(force_insert=True)
    WatchCheck.objects.create(
        case=case, household=family, wilayah_id=family.wilayah_id, months=24, due_on=today, note=c["cek"]
    )
    return case
