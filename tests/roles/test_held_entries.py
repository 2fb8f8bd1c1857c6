"""A held entry read back from what was sent: whole, of these families only, and with its own roll call."""

from datetime import date

import pytest

from kpm.operations import Refused
from ledger.models import HeldEntry
from ledger.operations import hold_entry
from pkh_casework.ids import uuid7
from pkh_casework.images import CleanPhoto
from roles.models import Activity, Attendance, Training, TrainingPlace
from roles.operations.held import entry_of, store_late
from tests.factories import (
    GroupFactory,
    HouseholdFactory,
    MemberFactory,
    PartnerFactory,
    make_goal,
    plan_session,
)

ON = date(2026, 10, 9)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def group(pendamping):
    return GroupFactory(pendamping=pendamping)


@pytest.fixture
def families(pendamping, group):
    return [HouseholdFactory(pendamping=pendamping, group=group) for _ in range(3)]


@pytest.fixture
def sent(pendamping, families):
    """Hold what a phone sent: sent(catatan=…, kind=…)."""

    def hold(*, kind="roles.activity", files=(), **changes):
        payload = {
            "kpm": [family.case_number for family in families],
            "tanggal": ON.isoformat(),
            "jenis": "kunjungan_rumah",
            "peran": "FAS-1",
            "catatan": "Melihat warung.",
            **changes,
        }
        return hold_entry(
            op_id=uuid7(),
            author=pendamping,
            kind=kind,
            payload={name: value for name, value in payload.items() if value is not None},
            reason=HeldEntry.Reason.MONTH_LOCKED,
            wilayah_id=pendamping.wilayah_id,
            files=files,
        )

    return hold


def test_an_entry_is_read_back_as_it_was_sent(sent, families, group):
    first, second, third = families
    member, stranger = MemberFactory(household=first), MemberFactory()
    goal, strange_goal = make_goal(first), make_goal(HouseholdFactory())
    partner, _ = PartnerFactory(), PartnerFactory()
    picture = CleanPhoto(b"jpeg", 40, 30, "1" * 64)
    held = sent(
        files=[picture],
        tidak_bertemu=[second.case_number],
        hasil="Mau menabung.",
        langkah="Cek buku",
        tanggal_langkah="2026-10-16",
        tempat="Rumah",
        kelompok=str(group.pk),
        anggota=[str(member.pk), str(stranger.pk), "bukan id"],
        tujuan=[str(goal.pk), str(strange_goal.pk)],
        langkah_tujuan=[str(goal.steps.get().pk), str(strange_goal.steps.get().pk)],
        mitra=[str(partner.pk), "x"],
    )

    entry = entry_of(held)

    assert (entry.occurred_on, entry.kind.pk, entry.sub_role.pk) == (ON, "kunjungan_rumah", "FAS-1")
    assert (entry.notes, entry.outcome, entry.place) == ("Melihat warung.", "Mau menabung.", "Rumah")
    assert (entry.next_step, entry.next_step_on, entry.group) == ("Cek buku", date(2026, 10, 16), group)
    assert dict(entry.families) == {first: True, second: False, third: True}
    assert (entry.members, entry.goals, entry.partners) == ([member], [goal], [partner])
    assert entry.goal_steps == [goal.steps.get()]
    assert [(photo.jpeg, photo.width, photo.height) for photo in entry.photos] == [(b"jpeg", 40, 30)]
    assert entry.sent == held.payload


def test_a_day_without_a_step_is_no_promise_and_no_kelompok_is_none(sent):
    entry = entry_of(sent(tanggal_langkah="2026-10-16", kelompok=""))
    assert (entry.next_step, entry.next_step_on, entry.group) == ("", None, None)
    assert (entry.members, entry.photos, entry.partners, entry.kept_promises) == ([], [], [], [])


def test_a_promise_kept_is_one_of_these_families(sent, families, pendamping):
    rows = []
    for family in (families[0], HouseholdFactory(pendamping=pendamping)):
        held = sent(kpm=[family.case_number], langkah="Cek", tanggal_langkah="2026-10-16")
        _, recorded = store_late(held)
        rows.append(Activity.objects.get(pk=recorded.activity_id).families.get())

    entry = entry_of(sent(janji_selesai=[str(row.pk) for row in rows]))

    assert entry.kept_promises == rows[:1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "kpm"}, "bukan catatan kegiatan"),
        ({"jenis": "tidak_ada"}, "jenis kegiatan"),
        ({"peran": None}, "peran"),
        ({"tanggal": "besok"}, "tanggal"),
        ({"tanggal": None}, "tanggal"),
        ({"kpm": ["PKH-00000"]}, "keluarga"),
        ({"daftar_hadir": "x"}, "pertemuan"),
    ],
)
def test_what_can_not_be_read_is_told_in_words(sent, change, words):
    with pytest.raises(Refused, match=words):
        store_late(sent(**change))
    assert not Activity.objects.exists()


def test_a_family_named_twice_is_one(sent, families):
    entry = entry_of(sent(kpm=[families[0].case_number] * 2))
    assert entry.families == [(families[0], True)]


def test_a_late_roll_call_is_that_of_its_own_meeting(sent, families, group, pendamping):
    meeting, other = plan_session(group, on=ON), plan_session(group, "ekonomi-2", on=ON)
    first, second, third = families
    mother = MemberFactory(household=first)
    held = sent(
        jenis="p2k2",
        peran="EDU-4",
        tidak_bertemu=[second.case_number, third.case_number],
        izin=[second.case_number],
        diwakili=[f"{first.case_number}={mother.pk}", f"{second.case_number}={mother.pk}"],
        alasan=[f"{third.case_number}=Panen=padi"],
        daftar_hadir=str(other.pk),
        pengisi="Kader Ida",
    )

    entry, recorded = store_late(held)

    meeting.refresh_from_db()
    other.refresh_from_db()
    assert (meeting.activity_id, other.activity_id) == (None, recorded.activity_id)
    assert (other.facilitator, other.held_on, entry.group) == ("Kader Ida", ON, group)
    assert entry.outcome == "1 dari 3 keluarga hadir."
    rows = Attendance.objects.filter(group_session=other).values_list("household", "state", "who", "note")
    assert sorted(rows, key=str) == sorted(
        [
            (first.pk, "hadir", mother.pk, ""),
            (second.pk, "izin", None, ""),
            (third.pk, "tidak_hadir", None, "Panen=padi"),
        ],
        key=str,
    )


def test_a_late_roll_call_of_a_training_sets_its_day_and_who_came(sent, families, pendamping):
    trainings = [
        Training.objects.create(
            op_id=uuid7(),
            wilayah_id=pendamping.wilayah_id,
            proposed_by=pendamping,
            code="C2",
            title=title,
            seats=9,
            planned_on=ON,
        )
        for title in ("NIB", "Kemasan")
    ]
    for training in trainings:
        for family in families[:2]:
            TrainingPlace.objects.create(
                training=training, household=family, wilayah_id=family.wilayah_id, pendamping=pendamping
            )
    came, stayed = families[:2]
    held = sent(
        kpm=[came.case_number, stayed.case_number],
        tidak_bertemu=[stayed.case_number],
        daftar_hadir=str(trainings[1].pk),
    )

    entry, recorded = store_late(held)

    other, training = (Training.objects.get(pk=training.pk) for training in trainings)
    assert (other.held_on, training.held_on) == (None, ON)
    assert dict(training.places.values_list("household", "state")) == {
        came.pk: "hadir",
        stayed.pk: "tidak_hadir",
    }
    assert set(training.places.values_list("activity", flat=True)) == {recorded.activity_id}
    assert other.places.filter(activity=None).count() == 2
    assert entry.outcome == "1 dari 2 keluarga hadir."


def test_a_held_entry_is_still_its_authors_when_somebody_else_lets_it_in(sent, pendamping):
    held = sent()
    _, recorded = store_late(held)
    activity = Activity.objects.get(pk=recorded.activity_id)
    assert (activity.pendamping, activity.op_id) == (pendamping, held.op_id)
    assert recorded.receipt.author == pendamping
    _, again = store_late(held)
    assert again.replay
