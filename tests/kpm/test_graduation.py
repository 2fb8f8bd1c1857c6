"""Graduation: who may take which step, in which order, that nothing of it is lost, and the watch afterwards."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from entries.operations import OtherContent, Refused
from kpm.models import (
    CaseReason,
    GraduationCase,
    GraduationFile,
    GraduationKind,
    GraduationMove,
    Household,
    WatchCheck,
)
from kpm.operations import (
    assign,
    change_case,
    change_household,
    change_status,
    move_case,
    prepare_case,
    record_check,
)
from kpm.operations.graduation import MOVES, STATUS_IN, months_after, still_needed
from pkh_casework.ids import uuid7
from pkh_casework.images import CleanPhoto
from tests.factories import SUKAPURA, HouseholdFactory, UserFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
State = GraduationCase.State


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def family():
    return HouseholdFactory()


@pytest.fixture
def koordinator():
    return UserFactory(koordinator=True)


def picture(number=1):
    return CleanPhoto(b"jpeg", 40, 30, f"{number:064}")


def prepare(family, kind="administratif", *, by=None, op_id=None, **said):
    said = {"kind": GraduationKind.objects.get(pk=kind), "statement": "Warung sudah ramai."} | said
    return prepare_case(
        family, by=by or family.pendamping, op_id=op_id or uuid7(), sent=str(said), today=TODAY, **said
    )


def complete(case):
    """Everything a case needs to be proposed."""
    case.refresh_from_db()
    said = {"photos": {paper: [picture()] for paper in case.kind.papers.filter(required=True)}}
    if case.kind.needs_family:
        said |= {"signed_by": case.household.members.first(), "signed_on": TODAY}
    return change_case(case, by=case.household.pendamping, op_id=uuid7(), sent="lengkap", today=TODAY, **said)


def step(case, move, by, *, reason="Alasan.", today=TODAY, **more):
    return move_case(case, move, by=by, op_id=uuid7(), sent=move + reason, today=today, reason=reason, **more)


def proposed(family, kind="administratif"):
    case = complete(prepare(family, kind))
    return step(case, "usulkan", family.pendamping)


def approved(family, koordinator, *, today=TODAY):
    return step(proposed(family), "setujui", koordinator, today=today)


def states(case):
    return list(GraduationMove.objects.filter(case=case).values_list("to_state", flat=True))


# --- the way ---------------------------------------------------------------------------------------------------------


def test_from_preparing_to_graduation_with_a_return_between(family, koordinator):
    case = complete(prepare(family, "mandiri"))
    family.refresh_from_db()
    assert family.status == "calon_graduasi"

    step(case, "usulkan", family.pendamping, lens={"dinilai": True})
    step(case, "kembalikan", koordinator, reason="Foto surat buram.")
    case.refresh_from_db()
    family.refresh_from_db()
    assert (case.decision, case.decided_by, family.status) == ("Foto surat buram.", koordinator, "aktif")

    step(case, "usulkan", family.pendamping)
    case.refresh_from_db()
    assert (case.decision, case.decided_by, case.proposed_on) == ("", None, TODAY)
    step(case, "setujui", koordinator, reason="")

    case.refresh_from_db()
    family.refresh_from_db()
    assert (case.state, case.graduated_on, case.decided_by) == ("disetujui", TODAY, koordinator)
    assert family.status == "graduasi"
    assert states(case) == ["disiapkan", "diusulkan", "dikembalikan", "diusulkan", "disetujui"]


def test_what_a_kind_asks_for_must_be_there_before_proposing(family):
    case = prepare(family, "ppse")
    assert len(still_needed(case, TODAY)) == 3
    with pytest.raises(Refused, match="Surat pernyataan bersedia lepas"):
        step(case, "usulkan", family.pendamping)

    assert still_needed(complete(case), TODAY) == []
    step(case, "usulkan", family.pendamping)


def test_a_photo_may_serve_two_papers_and_be_taken_out_again(family, django_capture_on_commit_callbacks):
    case = complete(prepare(family, "ppse"))
    first, second = GraduationFile.objects.filter(case=case)
    assert first.sha256 == second.sha256

    with django_capture_on_commit_callbacks(execute=True):
        change_case(case, by=family.pendamping, op_id=uuid7(), sent="buang", today=TODAY, dropped=[first])

    assert still_needed(case, TODAY) == [f"foto: {first.paper.name}"]
    assert not first.file.storage.exists(first.file.name) and second.file.storage.exists(second.file.name)


def test_once_proposed_the_content_stands(family):
    case = proposed(family)
    with pytest.raises(Refused, match="sekarang diusulkan"):
        change_case(case, by=family.pendamping, op_id=uuid7(), sent="ubah", today=TODAY, statement="Lain.")


def test_undoing_needs_a_reason_and_makes_the_family_active(family, koordinator):
    case = approved(family, koordinator)
    with pytest.raises(Refused, match="Tulis alasannya"):
        step(case, "batalkan", koordinator, reason=" ")

    step(case, "batalkan", koordinator, reason="Salah keluarga.")

    case.refresh_from_db()
    family.refresh_from_db()
    assert (case.state, case.graduated_on, family.status) == ("dibatalkan", None, "aktif")
    assert not WatchCheck.objects.waiting().exists()
    assert proposed(family).state == "diusulkan"  # another try is another case


def test_a_withdrawn_case_makes_room_for_another(family):
    case = prepare(family)
    with pytest.raises(Refused, match="sudah punya usulan"):
        prepare(family)

    step(case, "tarik", family.pendamping)

    family.refresh_from_db()
    assert family.status == "aktif"
    prepare(family)


@pytest.mark.parametrize("status", ["graduasi", "nonaktif"])
def test_a_family_that_left_is_not_proposed(status):
    with pytest.raises(Refused, match="tidak didampingi"):
        prepare(HouseholdFactory(status=status))


def test_what_is_sent_twice_happens_once(family, koordinator):
    op_id = uuid7()
    case = prepare(family, op_id=op_id)
    assert prepare(family, op_id=op_id) == case
    complete(case)
    same = {"by": family.pendamping, "op_id": uuid7(), "sent": "x", "today": TODAY}
    move_case(case, "usulkan", **same)
    move_case(case, "usulkan", **same)
    with pytest.raises(OtherContent):
        move_case(case, "tarik", **same | {"sent": "y"}, reason="Lain.")

    assert states(case) == ["disiapkan", "diusulkan"]


# --- four eyes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("move", [name for name, way in MOVES.items() if way.whose == "koordinator"])
def test_nobody_decides_but_another_koordinator_of_the_area(family, koordinator, move):
    way = MOVES[move]
    case = proposed(family)
    GraduationCase.objects.filter(pk=case.pk).update(
        state=way.origins[0],
        graduated_on=TODAY if way.origins[0] in {*GraduationCase.STANDING} else None,
        decided_by=koordinator if way.origins[0] != State.PROPOSED else None,
        decided_on=TODAY if way.origins[0] != State.PROPOSED else None,
    )
    proposer = family.pendamping
    others = [
        proposer,
        UserFactory(),
        UserFactory(kelurahan=True),
        UserFactory(admin=True),
        UserFactory(koordinator=True, wilayah_id=SUKAPURA),
    ]
    for user in others:
        with pytest.raises(Refused):
            step(case, move, user)
    for duty in ("koordinator", "admin", "kelurahan"):  # the proposer in another duty by now
        proposer.duty, proposer.wilayah_id = duty, None if duty == "admin" else "327316"
        proposer.save()
        with pytest.raises(Refused):
            step(case, move, proposer)
    case.refresh_from_db()
    assert case.state == way.origins[0]

    step(case, move, UserFactory(koordinator=True))


def test_a_former_proposer_never_decides_also_after_a_handover(family, koordinator):
    case, former = proposed(family), family.pendamping
    step(case, "kembalikan", koordinator)
    assign(family, to=UserFactory(), by=koordinator, on=TODAY)
    former.duty, former.wilayah_id = "koordinator", "327316"
    former.save()
    case = GraduationCase.objects.get(pk=case.pk)
    case = step(case, "usulkan", case.household.pendamping)
    assert case.proposed_by != former

    with pytest.raises(Refused, match="Pengusul tidak memutuskan"):
        step(case, "setujui", former)


def test_the_database_holds_four_eyes_too(family, koordinator):
    case = proposed(family)
    with pytest.raises(IntegrityError, match="graduation_four_eyes"), transaction.atomic():
        GraduationCase.objects.filter(pk=case.pk).update(decided_by=case.proposed_by)
    with pytest.raises(IntegrityError, match="never decides"), transaction.atomic():
        GraduationMove.objects.create(
            op_id=uuid7(), case=case, household=family, to_state="disetujui", by=case.proposed_by
        )


def test_the_database_holds_one_open_and_one_standing_case(family, koordinator):
    case = prepare(family)
    twin = {
        "household": family,
        "wilayah_id": family.wilayah_id,
        "kind": case.kind,
        "proposed_by": case.proposed_by,
        "statement": "Kembar.",
    }
    with pytest.raises(IntegrityError, match="graduation_one_open_case"), transaction.atomic():
        GraduationCase.objects.create(op_id=uuid7(), **twin)
    step(case, "tarik", family.pendamping)
    case = approved(family, koordinator)
    decided = {"decided_by": koordinator, "decided_on": TODAY, "graduated_on": TODAY}
    with pytest.raises(IntegrityError, match="graduation_one_standing_case"), transaction.atomic():
        GraduationCase.objects.create(op_id=uuid7(), state="disetujui", **decided, **twin)


@pytest.mark.parametrize(
    ("way", "to"),
    [
        ([], "graduasi"),
        (["siapkan"], "aktif"),
        (["siapkan", "usulkan"], "nonaktif"),
        (["siapkan", "usulkan", "kembalikan"], "nonaktif"),
        (["siapkan", "usulkan", "setujui"], "aktif"),
        (["siapkan", "usulkan", "setujui", "minta-kembali"], "aktif"),
    ],
)
def test_the_status_never_goes_around_the_case(family, koordinator, way, to):
    case = None
    for move in way:
        by = koordinator if move in {"kembalikan", "setujui"} else family.pendamping
        case = complete(prepare(family)) if move == "siapkan" else step(case, move, by)
    family.refresh_from_db()
    before = family.status

    with pytest.raises(Refused) as refused:
        change_household(family, by=family.pendamping, op_id=uuid7(), sent="x", today=TODAY, status=to)

    assert refused.value.field == "status"
    family.refresh_from_db()
    assert family.status == before


def test_once_the_case_is_over_the_status_is_free_again(family, koordinator):
    step(approved(family, koordinator), "batalkan", koordinator)
    family.refresh_from_db()

    reason = CaseReason.objects.get(pk="nonaktif-mundur")
    change_status(
        family, by=family.pendamping, op_id=uuid7(), sent="x", to="nonaktif", reason=reason, on=TODAY
    )

    family.refresh_from_db()
    assert family.status == "nonaktif"


def test_a_case_follows_the_familys_present_holder(family, koordinator):
    case, former = proposed(family), family.pendamping
    to = UserFactory()
    assign(family, to=to, by=koordinator, on=TODAY)

    visible = GraduationCase.objects.visible_to
    assert not visible(former).exists() and visible(to).get() == case
    with pytest.raises(Refused):
        step(case, "tarik", former)
    assert step(case, "tarik", to).state == "ditarik"


def test_the_second_of_two_hears_of_the_first(family, koordinator):
    case = proposed(family)
    step(case, "kembalikan", koordinator)

    with pytest.raises(Refused, match=f"sekarang dikembalikan, oleh {koordinator.name}"):
        step(case, "setujui", UserFactory(koordinator=True))


def test_what_changed_since_the_page_was_opened_is_not_approved_unseen(family, koordinator):
    case = proposed(family)
    seen = str(GraduationMove.objects.filter(case=case).latest("pk").pk)
    step(case, "kembalikan", koordinator)
    step(case, "usulkan", family.pendamping)

    with pytest.raises(Refused, match="berubah sejak Anda buka"):
        step(case, "setujui", koordinator, seen=seen)


def test_what_was_seen_last_is_approved(family, koordinator):
    case = proposed(family)
    seen = str(GraduationMove.objects.filter(case=case).latest("pk").pk)

    assert step(case, "setujui", koordinator, seen=seen).state == State.APPROVED


# --- afterwards ------------------------------------------------------------------------------------------------------


def test_three_checks_wait_after_graduation(family, koordinator):
    case = approved(family, koordinator)
    due = [date(2027, 2, 24), date(2027, 5, 24), date(2027, 11, 24)]
    assert list(case.checks.values_list("due_on", flat=True)) == due
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_a_return_that_is_refused_leaves_who_approved_and_when(family, koordinator):
    case = step(approved(family, koordinator), "minta-kembali", family.pendamping)
    later, other = date(2027, 3, 1), UserFactory(koordinator=True)

    step(case, "tolak-kembali", other, reason="Tunggu hasil kerja baru.", today=later)

    case.refresh_from_db()
    assert (case.state, case.decided_by, case.decided_on, case.graduated_on) == (
        State.APPROVED,
        koordinator,
        TODAY,
        TODAY,
    )
    refusal = GraduationMove.objects.filter(case=case).latest("pk")
    assert (refusal.by, refusal.reason) == (other, "Tunggu hasil kerja baru.")


def test_a_return_that_is_granted_is_decided_anew(family, koordinator):
    case = step(approved(family, koordinator), "minta-kembali", family.pendamping)
    later, other = date(2027, 3, 1), UserFactory(koordinator=True)

    step(case, "terima-kembali", other, reason="Usahanya tutup.", today=later)

    case.refresh_from_db()
    assert (case.state, case.decided_by, case.decided_on, case.decision) == (
        State.BACK,
        other,
        later,
        "Usahanya tutup.",
    )


def test_a_family_that_fell_back_returns_when_a_koordinator_agrees(family, koordinator):
    case = approved(family, koordinator)
    check = case.checks.get(months=3)
    said = {"done_on": TODAY, "by_phone": True, "outcome": "kembali_rentan", "note": "Suami berhenti kerja."}
    same = {"by": family.pendamping, "op_id": uuid7(), "sent": "x", "today": TODAY, **said}
    record_check(check, **same)
    record_check(check, **same)
    with pytest.raises(Refused, match="sudah diisi"):
        record_check(check, **same | {"op_id": uuid7()})

    step(case, "minta-kembali", family.pendamping)
    step(case, "tolak-kembali", koordinator, reason="Tunggu hasil kerja baru.")
    step(case, "minta-kembali", family.pendamping)
    step(case, "terima-kembali", koordinator, reason="")

    case.refresh_from_db()
    family.refresh_from_db()
    assert (case.state, case.graduated_on, family.status) == ("kembali", TODAY, "aktif")
    assert len(states(case)) == 7
    assert not WatchCheck.objects.waiting().exists()
    with pytest.raises(Refused, match="tidak berlaku"):
        record_check(case.checks.get(months=6), **same | {"op_id": uuid7()})


# --- any order -------------------------------------------------------------------------------------------------------

NAMES = ["siapkan", *MOVES]
# What somebody tries, who it is, and whether it is the next thing to do instead.
ACTS = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 2), st.sampled_from([True, True, True, False])),
    min_size=8,
    max_size=14,
)


def test_in_any_order_only_the_laid_out_ways_are_gone_and_the_history_is_whole(family, koordinator):
    other = UserFactory(koordinator=True)
    pendamping, seen = family.pendamping, set()

    @settings(
        max_examples=40,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(ACTS)
    def run(acts):
        with transaction.atomic():
            told = {}  # case: its states, as the answers said
            for pick, who, fits in acts:
                cases = list(GraduationCase.objects.filter(household=family).order_by("pk"))
                act, by = NAMES[pick % len(NAMES)], [pendamping, koordinator, other][who]
                ways = [name for name, way in MOVES.items() if cases and cases[-1].state in way.origins]
                if fits:
                    act = ways[pick % len(ways)] if ways else "siapkan"
                    by = koordinator if ways and MOVES[act].whose == "koordinator" else pendamping
                try:
                    with transaction.atomic():
                        case = prepare(family, by=by) if act == "siapkan" or not cases else cases[-1]
                        if case not in cases:
                            complete(case)
                            told[case.pk] = [State.DRAFT]
                        else:
                            told[case.pk] = [*told[case.pk], step(case, act, by).state]
                            origin, way = told[case.pk][-2], MOVES[act]
                            assert origin in way.origins and by.duty == way.whose
                            seen.add(act)
                except Refused:
                    pass
                check(told)
            transaction.set_rollback(True)

    def check(told):
        cases = GraduationCase.objects.filter(household=family)
        assert {case.pk: case.state for case in cases} == {pk: story[-1] for pk, story in told.items()}
        assert cases.open().count() <= 1 and cases.standing().count() <= 1
        for case in cases:
            assert states(case) == told[case.pk]
            assert case.decided_by_id != case.proposed_by_id
        status = Household.objects.get(pk=family.pk).status
        latest = cases.order_by("-pk").first()
        assert status == (STATUS_IN[latest.state] if latest else "aktif")

    run()
    assert seen == set(MOVES)  # the steps met all that there are
