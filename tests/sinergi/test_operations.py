"""A family comes into a programme, goes on by evidence or by hand, and leaves; nothing else ever moves it."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from entries.operations import OtherContent, Refused
from kpm.models import Consent
from kpm.operations import assign
from pkh_casework.ids import uuid7
from resources.models import Referral
from sinergi.evidence import CHECKS, standings
from sinergi.models import BudgetLine, Condition, Enrolment, ProgrammeRule, Stage, StageMove
from sinergi.operations.enrolment import advance, enrol, move_by_hand
from sinergi.operations.programme import close_programme, create_programme, save_stages
from tests.factories import (
    SUKAPURA,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    hold,
    make_goal,
    plan_session,
)
from tests.programmes import (
    LEVELS,
    START,
    TODAY,
    end,
    go_on,
    join,
    make_business,
    make_programme,
    put,
    said,
    stage_of,
    train,
    yes_of,
)
from tests.referrals import make_referral

LATER = START + timedelta(days=30)


def standing(enrolment, day=TODAY):
    return standings(enrolment.programme, [enrolment], day, ProgrammeRule.on(day))[0]


def missing(enrolment):
    return [condition.code for condition in standing(enrolment).missing]


# --- joining ---------------------------------------------------------------------------------------------------------


def test_a_family_joins_with_its_baseline_its_yes_and_its_first_move(family, programme):
    enrolment = join(family, programme)

    assert enrolment.baseline == family.assessments.get()
    assert (enrolment.consent.text.purpose, enrolment.consent.given_on) == ("program", START)
    move = enrolment.moves.get()
    assert (move.number, move.stage.name) == (1, "Pemetaan sumber daya")
    assert (move.evidence_kind, move.evidence_id) == ("ikut", str(enrolment.consent_id))


def test_without_a_fresh_assessment_there_is_nothing_to_begin_from(family, programme):
    assess(family, LEVELS, on=START - timedelta(days=121))

    with pytest.raises(Refused, match="Belum ada asesmen dalam 120 hari"):
        join(family, programme, levels={})
    assert not Enrolment.objects.exists() and not Consent.objects.exists()


def test_a_family_is_in_one_programme_at_a_time(family, programme):
    join(family, programme)

    with pytest.raises(Refused, match="sedang ikut program"):
        join(family, make_programme(name="Lain"), on=LATER)
    enrolment = Enrolment.objects.get()
    again = {field: getattr(enrolment, field) for field in ("programme", "household", "wilayah", "baseline")}
    with pytest.raises(IntegrityError, match="enrolment_one_open_a_family"), transaction.atomic():
        Enrolment.objects.create(
            **again,
            op_id=uuid7(),
            pendamping=enrolment.pendamping,
            consent=enrolment.consent,
            enrolled_on=START,
        )


@pytest.mark.parametrize("why", ["area", "holder", "closed"])
def test_who_can_not_join(why, family, programme, koordinator):
    assess(family, LEVELS, on=START)
    by = UserFactory() if why == "holder" else family.pendamping
    if why == "area":
        programme = make_programme(wilayah_id=SUKAPURA)
    if why == "closed":
        close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="")
    with pytest.raises(Refused):
        enrol(
            family,
            by=by,
            **said(),
            today=TODAY,
            programme=programme,
            enrolled_on=START,
            yes=yes_of(family, on=START),
        )
    assert not Enrolment.objects.exists()


def test_the_same_tap_twice_is_one_enrolment_and_other_content_is_none(family, programme):
    assess(family, LEVELS, on=START)
    entry = {
        "by": family.pendamping,
        "op_id": uuid7(),
        "today": TODAY,
        "programme": programme,
        "enrolled_on": START,
        "yes": yes_of(family, on=START),
    }
    first = enrol(family, **entry, sent="a")
    assert enrol(family, **entry, sent="a") == first
    with pytest.raises(OtherContent):
        enrol(family, **entry, sent="b")
    assert Enrolment.objects.count() == StageMove.objects.count() == Consent.objects.count() == 1


# --- evidence --------------------------------------------------------------------------------------------------------


def test_the_whole_way_by_evidence_names_each_row_that_shows_it(family, programme):
    enrolment, rows = join(family, programme), []
    assert not go_on(enrolment)

    assert missing(enrolment) == ["dipetakan"]
    rows.append(("asesmen", assess(family, LEVELS, on=LATER)))
    assert go_on(enrolment)
    assert missing(enrolment) == ["rencana"]
    rows.append(("tujuan", make_goal(family, "C1", on=LATER)))
    assert go_on(enrolment)
    assert missing(enrolment) == ["berlatih"]
    rows.append(("pelatihan", train(family, on=LATER)))
    assert go_on(enrolment)
    assert missing(enrolment) == ["terhubung"]
    rows.append(("rujukan", make_referral(family, "diterima", on=LATER)))
    assert go_on(enrolment)
    assert missing(enrolment) == ["usaha-naik"]
    risen = assess(family, {**LEVELS, "C1": 3, "A1": 2}, on=TODAY - timedelta(days=1))
    rows.append(("naik", risen.scores.get(code="C1")))
    assert go_on(enrolment)
    assert stage_of(enrolment) == "Evaluasi dan graduasi"
    assert missing(enrolment) == ["dinilai-lagi"]  # the last assessment came before this stage
    assess(family, {**LEVELS, "C1": 3, "A1": 2}, on=TODAY)
    assert standing(enrolment).may_finish and not go_on(enrolment)

    named = list(enrolment.moves.exclude(number=1).values_list("evidence_kind", "evidence_id"))
    assert named == [(kind, str(row.pk)) for kind, row in rows]


def test_a_p2k2_that_the_family_came_to_shows_as_well_and_one_it_missed_does_not(pendamping, programme):
    group = GroupFactory(pendamping=pendamping)
    came, stayed = (HouseholdFactory(pendamping=pendamping, group=group) for _ in range(2))
    enrolments = [join(one, programme) for one in (came, stayed)]
    hold(plan_session(group, on=LATER), {came: "hadir", stayed: "tidak_hadir"})

    assert [bool(standing(one).evidence) for one in enrolments] == [True, False]


def test_what_was_there_before_the_family_joined_shows_nothing(family, programme):
    before = START - timedelta(days=3)
    train(family, on=before)
    make_referral(family, "diterima", on=before)
    enrolment = join(family, programme)
    assert missing(enrolment) == ["dipetakan"]

    put(enrolment, "Pelatihan")
    assert missing(enrolment) == ["berlatih"]
    put(enrolment, "Modal dan jejaring")
    assert missing(enrolment) == ["terhubung"]


def test_a_referral_that_only_waits_or_was_refused_shows_nothing(family, programme):
    enrolment = join(family, programme)
    put(enrolment, "Modal dan jejaring", on=START)
    referral = make_referral(family, "diajukan", on=LATER)
    assert missing(enrolment) == ["terhubung"]

    Referral.objects.filter(pk=referral.pk).update(state="ditolak", answered_on=LATER)
    assert missing(enrolment) == ["terhubung"]
    make_business(programme, [enrolment], on=LATER)
    assert missing(enrolment) == []


def test_a_level_that_stood_or_fell_is_no_rise(family, programme):
    enrolment = join(family, programme)
    put(enrolment, "Pemasaran", on=START)
    assess(family, {"C1": 1, "C3": 1, "A1": 4}, on=LATER)

    assert missing(enrolment) == ["usaha-naik"]


def test_of_several_conditions_all_must_hold_and_what_came_last_is_named(family, programme):
    programme.stages.filter(name="Pelatihan").update(exit="rencana berlatih")
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", on=START)
    place = train(family, on=LATER)
    assert missing(enrolment) == ["rencana"]

    make_goal(family, "C1", on=LATER - timedelta(days=5))
    assert standing(enrolment).evidence.id == str(place.pk)


def test_a_stage_without_conditions_is_left_by_hand_only(family, programme):
    programme.stages.filter(name__in=["Pemetaan sumber daya", "Rencana keluarga"]).update(entry="", exit="")
    enrolment = join(family, programme)

    assert standing(enrolment).evidence is None and not go_on(enrolment)


def test_who_has_not_moved_for_sixty_days_is_stuck(family, programme):
    enrolment = join(family, programme)

    assert not standing(enrolment, START + timedelta(days=59)).is_stuck
    assert standing(enrolment, START + timedelta(days=60)).is_stuck


def test_every_condition_of_the_master_data_is_one_that_can_be_checked(db):
    codes = {code for stage in Stage.objects.all() for code in f"{stage.entry} {stage.exit}".split()}
    conditions = Condition.objects.in_bulk()
    assert codes <= set(conditions)
    assert {check for one in conditions.values() for check in one.checks.split()} <= set(CHECKS)


# --- moving ----------------------------------------------------------------------------------------------------------


def test_only_the_own_families_with_evidence_go_on_together(pendamping, programme):
    mine, bare, theirs = (HouseholdFactory(pendamping=one) for one in (pendamping, pendamping, UserFactory()))
    enrolments = [join(one, programme) for one in (mine, bare, theirs)]
    for one in (mine, theirs):
        assess(one, LEVELS, on=LATER)
    tap = {"op_id": uuid7(), "sent": "", "today": TODAY, "enrolments": {one.pk: 1 for one in enrolments}}

    assert advance(programme, by=pendamping, **tap) == 1
    assert advance(programme, by=pendamping, **tap) == 1  # the same tap again
    assert [one.moves.count() for one in enrolments] == [2, 1, 1]


def test_by_hand_needs_a_reason_a_day_in_order_and_the_stage_that_was_seen(family, programme):
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", on=LATER)

    for values, words in (
        ({"name": "Pemasaran", "on": START}, "sebelum langkah"),
        ({"name": "Pelatihan"}, "sudah di tahap itu"),
        ({"name": "Pemasaran", "seen": 1}, "sudah pindah ke tahap Pelatihan"),
        ({"name": "Pemasaran", "by": UserFactory()}, "orang lain"),
    ):
        with pytest.raises(Refused, match=words):
            put(enrolment, **values)
    with pytest.raises(IntegrityError, match="stage_move_by_evidence_or_reason"), transaction.atomic():
        put(enrolment, "Pemasaran", reason="")
    put(enrolment, "Rencana keluarga")  # back is possible, and stays in the history
    assert list(enrolment.moves.values_list("number", flat=True)) == [1, 2, 3]


def test_a_move_can_be_neither_changed_nor_taken_away(family, programme):
    move = join(family, programme).moves.get()

    for write in (lambda: StageMove.objects.update(reason="x"), lambda: move.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_after_a_handover_the_new_holder_moves_the_family(family, programme, koordinator):
    enrolment, new = join(family, programme), UserFactory()
    assign(family, to=new, by=koordinator, on=LATER)
    assess(family, LEVELS, on=LATER, by=new)

    assert not go_on(enrolment, by=enrolment.pendamping)
    assert go_on(enrolment, by=new)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["advance", "advance", "hand", "stale", "evidence", "leave", "join"]),
        st.integers(0, 5),
    ),
    max_size=14,
)


@given(acts=ACTS)
@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_no_history_is_skipped_and_nothing_moves_without_evidence_or_reason(acts, db):
    """Numbers run from 1 without a gap, at most one enrolment is open, each move has its evidence or its reason, and
    a move by evidence leads to the very next stage.
    """
    with transaction.atomic():
        pendamping, programme = UserFactory(), make_programme()
        stages = list(programme.stages.all())
        family = HouseholdFactory(pendamping=pendamping)
        enrolment, day = join(family, programme), START
        for act, pick in acts:
            day += timedelta(days=3)
            before = StageMove.objects.count()
            try:
                with transaction.atomic():
                    grown = _act(act, pick, enrolment, stages, day)
            except Refused:
                grown = 0
            assert StageMove.objects.count() == before + grown
            enrolment = Enrolment.objects.order_by("-enrolled_on", "-pk").first()
        _check_history(family, stages)
        transaction.set_rollback(True)


def _act(act, pick, enrolment, stages, day):
    """How many moves the act adds."""
    family = enrolment.household
    if act == "advance":
        return int(go_on(enrolment, today=day))
    if act in {"hand", "stale"}:
        seen = enrolment.moves.latest("number").number + (act == "stale")
        move_by_hand(
            enrolment,
            by=family.pendamping,
            **said(),
            today=day,
            stage=stages[pick],
            moved_on=day,
            reason="Alasan.",
            seen=seen,
        )
        return 1
    if act == "evidence":
        if pick == 0:
            train(family, on=day)
        else:
            assess(family, {**LEVELS, "C1": min(4, 1 + pick)}, on=day)
    elif act == "leave":
        end(enrolment, on=day)
    elif act == "join":
        join(family, enrolment.programme, on=day, today=day)
        return 1
    return 0


def _check_history(family, stages):
    assert Enrolment.objects.filter(household=family).open().count() <= 1
    for enrolment in Enrolment.objects.filter(household=family):
        moves = list(enrolment.moves.all())
        assert [move.number for move in moves] == list(range(1, len(moves) + 1))
        assert [move.moved_on for move in moves] == sorted(move.moved_on for move in moves)
        for earlier, move in pairwise(moves):
            assert bool(move.evidence_kind) != bool(move.reason)
            if move.evidence_kind:
                assert stages.index(move.stage) == stages.index(earlier.stage) + 1


# --- programmes ------------------------------------------------------------------------------------------------------


def test_a_programme_copies_its_stages_and_the_next_one_its_plan(programme, koordinator):
    stage = programme.stages.first()
    assert list(programme.stages.values_list("exit", flat=True))[-1] == "dinilai-lagi hidup-naik"
    Stage.objects.filter(pk=stage.pk).update(name="Kenalan dulu")
    BudgetLine.objects.create(programme=programme, stage=stage, what="Bahan", planned=900, spent=800)

    copy = make_programme(koordinator, pattern=programme, name="Sinergi 2")

    assert copy.copied_from == programme
    assert copy.stages.first().name == "Kenalan dulu" and copy.stages.count() == 6
    line = copy.budget.get()
    assert (line.stage, line.planned, line.spent) == (copy.stages.first(), 900, 0)


def test_stages_change_until_the_first_family_enters(family, programme, koordinator):
    stage = programme.stages.first()
    stage.name = "Kenalan"
    save_stages(programme, by=koordinator, **said(), stages=[stage])
    join(family, programme)

    with pytest.raises(Refused, match="tidak dapat diubah"):
        save_stages(programme, by=koordinator, **said(), stages=[stage])
    assert programme.stages.first().name == "Kenalan"


def test_a_family_is_in_one_business_group(family, programme):
    enrolment = join(family, programme)
    make_business(programme, [enrolment])

    with pytest.raises(Refused, match="kelompok usaha lain"):
        make_business(programme, [enrolment], name="Lain")


def test_the_same_programme_sent_twice_is_one(koordinator):
    op_id, programme = uuid7(), make_programme(koordinator)
    again = type(programme)(
        op_id=op_id,
        name="Kedua",
        wilayah_id=programme.wilayah_id,
        starts_on=START,
        ends_on=TODAY,
        target=20,
    )
    for _ in range(2):
        create_programme(again, by=koordinator, op_id=op_id, sent="", partners=[], pattern=programme)
    assert programme.copies.count() == 1
