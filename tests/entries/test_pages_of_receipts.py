"""Every sort of thing that a receipt is given for has its own page, in its own words."""

from datetime import date

import pytest
from django.utils import timezone

from entries.models import Receipt
from entries.operations import take_receipt
from entries.receipts import KINDS, receipt_of
from kpm.models import GraduationCase, MemberMove
from master.models import Proposal
from pkh_casework.ids import uuid7
from reports.models import Export, MonthlyReport
from roles.models import Training, VisitReview
from roster.models import Batch, ToType
from roster.operations import offer
from tests.canaries import make_duplicates
from tests.commitments import make_school_file
from tests.factories import (
    ActivityFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    make_goal,
    make_graduation,
)
from tests.incidents import make_for_walker as make_incident
from tests.monthly import make_target
from tests.programmes import join, make_programme
from tests.referrals import make_referral
from tests.visit_quality import make_for_walker as make_remark


def make_move(member, day):
    """A person who is to move to a family that has not answered."""
    return MemberMove.objects.create(
        member=member,
        household=member.household,
        asked_case="PKH-ZZZZZ",
        wilayah_id=member.household.wilayah_id,
        relation="anak",
        moved_on=day,
        reason_id="pindah-lainnya",
        words="Uji.",
        by=member.household.pendamping,
    )


@pytest.fixture
def things(db):
    """One thing of each sort that a receipt can name, by its model, and what its page is called."""
    family = HouseholdFactory(wilayah_id="3273161002")
    by, day = family.pendamping, date(2026, 11, 10)
    activity = ActivityFactory(pendamping=by, families=[family])
    assessment = assess(family, {"A1": 2}, on=day)
    own = {"op_id": uuid7(), "wilayah_id": by.wilayah_id}
    programme = make_programme()
    training = Training.objects.create(**own, proposed_by=by, code="C2", title="NIB", seats=9, planned_on=day)
    export = Export.objects.create(
        **own, user=by, duty="pendamping", what="kpm", format="csv", purpose="Uji."
    )
    other = HouseholdFactory(wilayah_id="3273161002")
    handover = offer(
        by=UserFactory(koordinator=True), op_id=uuid7(), today=day, holder=other.pendamping, receiver=by, kind="pindah",
        families=[other.pk],
    )  # fmt: skip
    duplicates = make_duplicates(HouseholdFactory(pendamping=by), "", "", day)
    office = UserFactory(koordinator=True)
    batch = Batch.objects.create(user=office, wilayah_id=office.wilayah_id, name="kpm.csv", sha256="0" * 64)
    lead = UserFactory(koordinator=True, wilayah_id="3273")
    proposal = Proposal.objects.create(op_id=uuid7(), table="kpm.paystage", rows=[], reason="Uji.", by=lead)
    of_family = f"Buka {family.case_number}"
    goal = make_goal(family)
    incident = make_incident(family, "Uji.", "Uji.", day)["incident"]
    return by, [
        (activity, "Buka kegiatan", activity),
        (assessment, "Buka asesmen", assessment),
        (training, "Buka pelatihan", training),
        (programme, "Buka program", programme),
        (
            MonthlyReport.objects.create(**own, pendamping=by, month=day.replace(day=1)),
            "Buka laporan bulanan",
            None,
        ),
        (make_target(by, "Uji."), "Buka target", None),
        (export, "Buka berkas", export),
        (family, of_family, family),
        (family.members.get(), of_family, family),
        (activity.families.get(), of_family, family),
        (goal, "Buka tujuan", goal),
        (goal.steps.get(), of_family, family),
        (make_graduation(family), "Buka graduasi", None),
        (make_referral(family), "Buka rujukan", None),
        (join(HouseholdFactory(pendamping=by), programme), "Buka keikutsertaan", None),
        (handover, "Buka serah terima", None),
        (handover.families.get(), "Buka KPM yang diserahkan", None),
        (duplicates["suspect"], "Buka dugaan ganda", None),
        (duplicates["merge"], "Buka penggabungan keluarga", None),
        (batch, "Buka berkas masuk", None),
        (proposal, "Buka usulan data induk", None),
        (incident, "Buka kasus", None),
        (incident.steps.get(), of_family, family),
        (make_remark(family, activity, "Uji.", day)["remark"], "Buka pertanyaan mutu kunjungan", activity),
        (
            VisitReview.objects.create(
                **own, pendamping=by, kind="sama", by=by, outcome="wajar", note="Uji."
            ),
            "Buka tinjauan kunjungan",
            None,
        ),
        (make_school_file(by, "Uji", day.replace(month=10, day=1)), "Buka berkas sekolah", None),
        (make_move(family.members.get(), day), "Buka pindah keluarga", None),
        (
            ToType.objects.create(household=family, wilayah=family.wilayah, kind="pindah", at=timezone.now()),
            "Buka catatan untuk SIKS-NG",
            None,
        ),
    ]


def test_each_kind_leads_to_its_thing_and_no_other(things):
    by, rows = things
    tried = set()
    for thing, page, leads_to in rows:
        for kind, said in KINDS.items():
            if said.about is not type(thing):
                continue
            # A file of an office is no pendamping's, master data is of who leads a kota.
            author = (
                thing.user if isinstance(thing, Batch) else thing.by if isinstance(thing, Proposal) else by
            )
            receipt, _ = take_receipt(op_id=uuid7(), author=author, kind=kind, content={}, object_id=thing.pk)
            found = receipt_of(author, receipt.code)
            assert (found.title, found.receipt) == (said.title, receipt)
            assert (found.page, found.url) == (page, (leads_to or thing).get_absolute_url())
            tried.add(kind)
    assert tried == {kind for kind, said in KINDS.items() if said.about}


def test_a_thing_that_is_out_of_sight_has_no_page(things):
    by, rows = things
    thing = next(row for row, *_ in rows if isinstance(row, GraduationCase))
    other = UserFactory()
    Receipt.objects.filter(author=by).delete()
    receipt, _ = take_receipt(
        op_id=uuid7(), author=other, kind="kpm_graduasi", content={}, object_id=thing.pk
    )
    assert receipt_of(by, receipt.code) is None
    found = receipt_of(other, receipt.code)
    assert (found.page, found.url) == ("", "")
