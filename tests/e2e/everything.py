"""People at work, with something on every page: plans, referrals, cases, reports, partners, programmes."""

from datetime import date, timedelta

from django.utils import timezone

from kpm.independence.lens import read_lens
from kpm.models import ComponentRate, PaymentTrouble
from kpm.operations import close_goal
from kpm.operations.payment import Found, check_payment
from kpm.payments import terms_back
from master.models import Proposal
from master.tables import tables
from pkh_casework.ids import uuid7
from resources.models import Agreement, Contact
from tests.canaries import make_changes, make_duplicates, make_export, make_handover, make_siks
from tests.commitments import make_for_walker as make_commitments
from tests.commitments import make_school_file
from tests.factories import (
    BANDUNG,
    ActivityFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    assess,
    make_goal,
    make_graduation,
)
from tests.held import hold_form
from tests.incidents import make_for_walker as make_incident
from tests.incidents import make_incident as an_incident
from tests.meetings import make_for_walker as make_meetings
from tests.monthly import hold_late, let_in, lock, make_target, reopen, write_report
from tests.programmes import make_for_walker as make_programmes
from tests.referrals import make_referral, make_resource
from tests.visit_quality import make_for_walker as make_remark

from .conftest import people_at_work


def people_with_everything():
    """The people of conftest.py by name, and one thing of each kind by what it shows."""
    people = people_at_work()
    pendamping = people["pendamping"]
    facts = [("Keluarga", "PKH-7F3K2"), ("Apa yang dilakukan", "Titipan.")]
    people["held"] = hold_form(pendamping, facts=facts, reason="sudah_dialihkan")
    people["assessment"] = assess(people["families"][0], {"A1": 1, "B2": 3}, on=timezone.localdate())
    people["long name"] = UserFactory(username="pendamping2.kebonjayanti.kiaracondong")
    people["goal"], people["reached"] = plan_of(people["families"][3])
    people |= referrals_of(people["families"][7:10])
    people |= cases_of(people["families"][4:7], people["koordinator"])
    people["export of"] = {duty: make_export(people[duty], "Rapat") for duty in ("pendamping", "koordinator")}
    people |= make_meetings(people["families"][0], people["group"], "Aula RW 05", timezone.localdate())
    people |= commitments_of(people["families"][0], people["koordinator"])
    people |= incidents_of(people["families"][0], people["koordinator"])
    asked = people["families"][0].activity_rows.first().activity
    words = "Satu RT, keadaannya memang sama."
    people |= make_remark(people["families"][0], asked, words, timezone.localdate())
    people |= partner_of(people["pendamping"])
    people |= reports_of(people["families"][0], people["koordinator"])
    people |= make_programmes(people["families"][0], "Disepakati bersama.", timezone.localdate())
    people |= make_siks(people["families"][0], "sendiri", timezone.localdate())
    day = timezone.now() - timedelta(days=40)
    offered = make_handover(
        people["families"][11], "Pindah ke Sukapura.", "Belum bisa.", timezone.localdate()
    )
    people["handover"], people["handed"] = offered.values()
    words = {
        "perubahan": "Ikut kerja.",
        "alamat lama": "Gang Lama 2",
        "anggota": "Dewi",
        "pindah": "Ikut bibi.",
    }
    people["move"] = make_changes(people["families"][2], words, timezone.localdate())
    people["term"] = terms_back(timezone.localdate())[0]
    check_payment(
        people["families"][0],
        by=pendamping,
        op_id=uuid7(),
        sent="",
        term=people["term"],
        checked_on=timezone.localdate(),
        found=Found("masalah", PaymentTrouble.objects.first(), note="Sudah lapor."),
        version="",
    )
    people["rate"] = ComponentRate.objects.filter(valid_to=None).first()
    people["proposal"] = Proposal.objects.create(
        op_id=uuid7(),
        table="kpm.componentrate",
        rows=[
            tables()["kpm.componentrate"].cells_of(people["rate"])
            | {"valid_from": "2030-01-01", "yearly": "1"}
        ],
        reason="Surat keputusan yang baru.",
        by=UserFactory(koordinator=True, wilayah_id=BANDUNG),
    )
    people["target"] = make_target(pendamping, "Rapat kecamatan.")
    people |= make_duplicates(people["families"][10], "Sama?", "Kartu lama.", timezone.localdate())
    people["closed"] = ActivityFactory(
        pendamping=pendamping, families=people["families"][1:2], occurred_on=day.date(), received_at=day
    )
    return people


def commitments_of(family, koordinator):
    """A pupil whose attendance was below the limit this month, and a school's file of each duty that waits."""
    today = timezone.localdate()
    pupil = MemberFactory(
        household=family, name="Rina Kurniasih", birth_date=today.replace(year=today.year - 9, day=1)
    )
    place = MemberComponentFactory(member=pupil).place
    file = make_school_file(koordinator, "SDN Sukapura", today.replace(month=1, day=1))
    return {**make_commitments(pupil, place, "SDN Kebon Jayanti 1", today), "koordinator's file": file}


def incidents_of(family, koordinator):
    """A kasus in hand with a step and a note, one that the family objects to, and one that ended."""
    today = timezone.localdate()
    words = "Kartu KKS ditahan ketua kelompok."
    waiting = make_incident(family, words, "Pelapor tetangga sebelah.", today)
    return {
        **waiting,
        "objected": an_incident(family, "putuskan", "keberatan", on=today, what=words),
        "ended": an_incident(family, "tetapkan", "selesai", on=today, koordinator=koordinator, what=words),
    }


def referrals_of(families):
    """A referral that waits to be handed in, one that is overdue at the partner, and one that is finished."""
    ago = timezone.localdate() - timedelta(days=30)
    resource = make_resource(desil_to=2, requirements="Surat RT")
    states = {"to hand in": "direncanakan", "sent": "diajukan", "finished": "selesai"}
    return {
        name: make_referral(family, state, resource=resource, on=ago, due_on=ago)
        for family, (name, state) in zip(families, states.items(), strict=True)
    }


def cases_of(families, koordinator):
    """A graduation that is prepared, one proposed with a lens that changed since, and one that stands."""
    prepared, proposed, graduated = families
    levels, today = {"A1": 2, "B3": 3, "E4": 4}, timezone.localdate()
    assess(proposed, levels, on=today - timedelta(days=30), family={"B3": 1})
    seen = read_lens(proposed, today).snapshot()
    case = make_graduation(proposed, "usulkan", lens=seen)
    assess(proposed, levels | {"A1": 3}, on=today)
    return {
        "prepared": make_graduation(prepared, "usulkan", "kembalikan", koordinator=koordinator),
        "proposed": case,
        "graduated": make_graduation(graduated, "usulkan", "setujui", koordinator=koordinator),
    }


def plan_of(family):
    """A family with an open goal, late and served, a reached one, and a benefit that ends soon: (open, reached)."""
    today = timezone.localdate()
    assess(family, {"B2": 1, "B3": 1, "E1": 2}, on=today - timedelta(days=20))
    late = today - timedelta(days=2)
    goal = make_goal(
        family,
        on=today - timedelta(days=19),
        steps=[("keluarga", "Celengan", late), ("pendamping", "Ke bank", today)],
    )
    family.activity_rows.get().goals.add(goal)
    reached = make_goal(family, "E1", on=today - timedelta(days=19))
    by = {"by": family.pendamping, "op_id": uuid7(), "sent": "", "today": today}
    close_goal(reached, **by, state="tercapai", reason="Sudah ikut koperasi.")
    born = today.replace(day=1, year=today.year - 22) + timedelta(days=60)
    MemberComponentFactory(member=MemberFactory(household=family, birth_date=born), component_id="sma")
    return goal, reached


def reports_of(family, koordinator):
    """A report that waits, one of a locked month with a second version and susulan, and an entry held at its lock."""
    pendamping, month = family.pendamping, date(2026, 10, 1)
    ActivityFactory(pendamping=pendamping, families=[family], occurred_on=month)
    waiting = write_report(pendamping, "ajukan", month=date(2026, 9, 1))
    draft = write_report(pendamping, month=date(2026, 8, 1))
    locked = write_report(pendamping, "ajukan", "setujui", month=month, koordinator=koordinator)
    first = lock(koordinator, pendamping.wilayah_id)
    reopen(koordinator, pendamping.wilayah_id)
    lock(koordinator, pendamping.wilayah_id)
    let_in(hold_late(family, on=month), koordinator)
    return {
        "waiting report": waiting,
        "draft report": draft,
        "locked report": locked,
        "version": first,
        "late": hold_late(family, on=date(2026, 10, 2)),
    }


def partner_of(pendamping):
    """A partner of the area with all that its pages show."""
    resource = make_resource(wilayah_id=pendamping.wilayah_id, category_id="zakat", partner="Rumah Zakat")
    contact = Contact.objects.create(partner=resource.partner, name="Ibu Nia", phone="0812 0000 0000")
    agreement = Agreement.objects.create(
        partner=resource.partner, subject="Modal warung", signed_on=timezone.localdate()
    )
    return {"resource": resource, "contact": contact, "agreement": agreement}
