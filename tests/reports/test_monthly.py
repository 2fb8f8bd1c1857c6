"""Monthly reports: their states, four eyes, the lock and its hash, susulan, differences, new versions."""

from datetime import date
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entries.models import HeldEntry, Period
from entries.operations import OtherContent, Refused
from entries.workflow import last_move
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.values import values_of
from reports.models import FrozenRow, LateEntry, MonthLock, MonthlyReport, MonthReopening, ReportMove
from reports.monthly.frozen import (
    FROZEN_FIGURES,
    MONTH_FIGURES,
    SORTS,
    SOURCES,
    differences,
    is_genuine,
    rows_now,
    values_in,
)
from reports.monthly.operations import (
    MOVES,
    approve_many,
    change_report,
    lock_month,
    move_report,
    open_report,
    reopen_month,
)
from reports.monthly.ready import silent_of
from reports.monthly.report import told_late, values_for
from reports.monthly.report_paper import paper_of
from roles.models import Activity, ActivityHousehold, SubRole
from tests.factories import (
    KEBON_JAYANTI,
    SUKAPURA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    hold,
    plan_session,
)
from tests.monthly import (
    NOVEMBER,
    OCTOBER,
    TODAY,
    hold_late,
    let_in,
    lock,
    move,
    period_of,
    reopen,
    write_report,
)

pytestmark = pytest.mark.django_db
State = MonthlyReport.State


@pytest.fixture
def sri():
    return UserFactory(name="Sri Wahyuni")


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


@pytest.fixture
def worked(sri):
    """Three visits of October, one of them not met and two to one family, a meeting, and a visit of November."""
    group = GroupFactory(pendamping=sri)
    families = [HouseholdFactory(pendamping=sri, group=group) for _ in range(3)]
    for day, family in ((5, families[0]), (6, families[0])):
        ActivityFactory(pendamping=sri, families=[family], occurred_on=date(2026, 10, day))
    missed = ActivityFactory(
        pendamping=sri, occurred_on=date(2026, 10, 7), sub_role=SubRole.objects.get(pk="REP-2")
    )
    row = {"household": families[1], "pendamping": sri, "wilayah_id": sri.wilayah_id, "is_visit": True}
    ActivityHousehold.objects.create(activity=missed, occurred_on=missed.occurred_on, met=False, **row)
    hold(
        plan_session(group, on=date(2026, 10, 20)),
        dict(zip(families, ("hadir", "hadir", "izin"), strict=True)),
    )
    ActivityFactory(pendamping=sri, families=[families[2]], occurred_on=date(2026, 11, 3))
    return families


# --- the way of a report ----------------------------------------------------------------------------------------------


def test_a_report_goes_from_draft_over_a_return_to_approval_and_keeps_every_step(sri, rina):
    report = write_report(sri, "ajukan", "kembalikan", "ajukan", "setujui", koordinator=rina)

    assert report.state == State.APPROVED and report.decided_by == rina
    states = [(move.to_state, move.by) for move in ReportMove.objects.filter(report=report)]
    assert states == [
        ("draf", sri), ("diajukan", sri), ("dikembalikan", rina), ("diajukan", sri), ("disetujui", rina),
    ]  # fmt: skip


def test_a_return_needs_its_reason(sri, rina):
    report = write_report(sri, "ajukan")

    with pytest.raises(Refused) as refused:
        move_report(report, "kembalikan", by=rina, op_id=uuid7(), sent="", today=TODAY, reason=" ")
    assert refused.value.field == "reason"


def test_nobody_decides_on_an_own_report_whatever_the_duty_now(sri, rina):
    report = write_report(sri, "ajukan")
    sri.duty, sri.wilayah_id = "koordinator", "327316"
    sri.save(update_fields=["duty", "wilayah"])

    for name in ("setujui", "kembalikan"):
        with pytest.raises(Refused):
            move_report(report, name, by=sri, op_id=uuid7(), sent="", today=TODAY, reason="Saya.")
    # Past the operation the database itself refuses, on the move as on the report.
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportMove.objects.create(op_id=uuid7(), report=report, to_state="disetujui", by=sri)
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthlyReport.objects.filter(pk=report.pk).update(decided_by=sri)


def test_history_is_insert_only(sri):
    write_report(sri)

    for write in (
        lambda: ReportMove.objects.update(reason="Lain."),
        lambda: ReportMove.objects.all().delete(),
    ):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            write()


def test_words_change_only_while_the_report_is_the_authors(sri, rina):
    report = write_report(sri, "ajukan")
    said = {"op_id": uuid7(), "sent": "", "today": TODAY, "results": "Baru."}
    with pytest.raises(Refused):
        change_report(report, by=sri, **said)

    move(report, "kembalikan", koordinator=rina)
    with pytest.raises(Refused):
        change_report(report, by=rina, **said | {"op_id": uuid7()})
    once = said | {"op_id": uuid7()}
    assert change_report(report, by=sri, **once).results == "Baru."
    change_report(report, by=sri, **once | {"results": "Tidak dihitung."})
    assert MonthlyReport.objects.get().results == "Baru."


def test_a_month_has_one_report_and_a_resend_makes_no_second(sri):
    op_id, said = uuid7(), {"wilayah_id": sri.wilayah_id, "month": OCTOBER, "today": TODAY, "results": ""}
    first = open_report(by=sri, op_id=op_id, sent="a", **said)

    assert open_report(by=sri, op_id=op_id, sent="a", **said) == first
    with pytest.raises(OtherContent):
        open_report(by=sri, op_id=op_id, sent="b", **said)
    with pytest.raises(Refused):
        open_report(by=sri, op_id=uuid7(), sent="a", **said)
    with pytest.raises(Refused):
        open_report(by=sri, op_id=uuid7(), sent="a", **said | {"month": date(2026, 12, 1)})


def test_who_comes_second_is_told_by_whom_it_changed(sri, rina):
    report = write_report(sri, "ajukan")
    seen = last_move(report)
    move(report, "kembalikan", "ajukan", koordinator=rina)

    other = write_report(UserFactory(), "ajukan")  # moved later, by somebody else
    assert last_move(other) != seen
    with pytest.raises(Refused, match=f"berubah sejak Anda buka: sekarang diajukan, oleh {sri.name}"):
        move_report(report, "setujui", by=rina, op_id=uuid7(), sent="", today=TODAY, seen=seen)


def test_many_are_approved_at_once_and_those_that_fail_say_why(sri, rina):
    good, returned = write_report(sri, "ajukan"), write_report(sri, "ajukan", month=date(2026, 9, 1))
    chosen = [(good, last_move(good)), (returned, last_move(returned))]
    move(returned, "kembalikan", koordinator=rina)
    op_id = uuid7()

    first = approve_many(chosen, by=rina, op_id=op_id, today=TODAY)
    again = approve_many(chosen, by=rina, op_id=op_id, today=TODAY)

    assert [bool(words) for _, words in first] == [bool(words) for _, words in again] == [False, True]
    assert "dikembalikan" in first[1][1]
    assert ReportMove.objects.filter(to_state="disetujui").count() == 1


WAYS = {
    ("draf", "ajukan"): "diajukan",
    ("dikembalikan", "ajukan"): "diajukan",
    ("diajukan", "setujui"): "disetujui",
    ("diajukan", "kembalikan"): "dikembalikan",
    ("disetujui", "kembalikan"): "dikembalikan",
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([*MOVES, "kunci", "buka"]), st.sampled_from(["sri", "rina", "budi"])),
        max_size=12,
    )
)
def test_whatever_people_try_the_states_follow_their_ways(steps):
    """Any order of steps by author, koordinator and a colleague: only the ways above change the state, each leaves one
    row of history, and a locked report moves only with its month.
    """
    with transaction.atomic():
        people = {"sri": UserFactory(), "rina": UserFactory(koordinator=True), "budi": UserFactory()}
        report, state, kept = write_report(people["sri"]), "draf", 1
        for name, who in steps:
            by, expected = people[who], state
            if name in MOVES:
                if who == ("sri" if name == "ajukan" else "rina"):
                    expected = WAYS.get((state, name), state)
                said = {"op_id": uuid7(), "sent": "", "today": TODAY, "reason": "Ya."}
                step = partial(move_report, report, name, by=by, **said)
            elif name == "kunci":
                if who == "rina" and state == "disetujui":
                    expected = "terkunci"
                step = partial(lock, by, KEBON_JAYANTI, reason="")
            else:
                if who == "rina" and state == "terkunci":
                    expected = "disetujui"
                step = partial(reopen, by, KEBON_JAYANTI)
            try:
                with transaction.atomic():
                    step()
            except Refused:
                pass
            report = MonthlyReport.objects.get(pk=report.pk)
            kept += report.state != state
            assert report.state == expected, (name, who)
            state = expected
            assert ReportMove.objects.filter(report=report).count() == kept
            assert ReportMove.objects.filter(report=report).order_by("-pk")[0].to_state == state
            assert (period_of(KEBON_JAYANTI).state == "terkunci") == (state == "terkunci")
        transaction.set_rollback(True)


# --- the lock ---------------------------------------------------------------------------------------------------------


def test_a_lock_freezes_rows_totals_and_reports_under_a_hash(sri, rina, worked):
    write_report(sri, "ajukan", "setujui", koordinator=rina)
    locked = lock(rina, KEBON_JAYANTI)

    values = values_in(locked.totals)
    assert values == values_of(FROZEN_FIGURES, Lens(rina, TODAY, OCTOBER, area=KEBON_JAYANTI))
    assert (values["kpm-dikunjungi"], values["kunjungan"], values["tidak-bertemu"]) == (1, 2, 1)
    assert (values["p2k2"], values["p2k2-anggota"], values["p2k2-hadir"], values["rhk-6"]) == (1, 3, 2, 1)
    for slug in FROZEN_FIGURES:
        rows = FrozenRow.objects.filter(lock=locked, figures__contains=[slug])
        one = "household" if FIGURES[slug].once_per_family else "key"
        assert rows.values(one).distinct().count() == values[slug], slug
    assert is_genuine(locked)
    assert MonthlyReport.objects.get().state == State.LOCKED
    assert locked.reports.get().results == "Dua keluarga menabung."
    assert values_for(MonthlyReport.objects.get()) == values_in(locked.totals, sri.pk) | {"susulan": 0}


def test_a_frozen_row_holds_no_word_of_a_family(sri, rina, worked):
    lock(rina, KEBON_JAYANTI)

    for row in FrozenRow.objects.all():
        assert set(row.data) <= {"number", "role", "session_name", "is_held"}


def test_tampering_shows(sri, rina, worked):
    locked = lock(rina, KEBON_JAYANTI)
    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        FrozenRow.objects.filter(lock=locked).update(day=TODAY)
    call_command("verify_locks")

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_frozenrow DISABLE TRIGGER USER")
        cursor.execute("UPDATE reports_frozenrow SET day = day + 1 WHERE source = 'kunjungan'")
        cursor.execute("ALTER TABLE reports_frozenrow ENABLE TRIGGER USER")
    assert not is_genuine(locked)
    with pytest.raises(CommandError, match="tidak cocok"):
        call_command("verify_locks")


def test_a_month_is_locked_once_it_is_over_and_nothing_waits(sri, rina):
    report = write_report(sri, "ajukan")
    with pytest.raises(Refused, match="menunggu keputusan"):
        lock(rina, KEBON_JAYANTI)
    move(report, "kembalikan", koordinator=rina)
    with pytest.raises(Refused, match="belum disetujui"):
        lock(rina, KEBON_JAYANTI, reason="")
    with pytest.raises(Refused, match="belum selesai"):
        lock(rina, KEBON_JAYANTI, month=NOVEMBER)
    lock(rina, KEBON_JAYANTI)
    with pytest.raises(Refused, match="sudah dikunci"):
        lock(rina, KEBON_JAYANTI)
    assert MonthlyReport.objects.get().state == State.RETURNED


def test_a_report_approved_after_the_lock_is_locked_at_once(sri, rina):
    report = write_report(sri)
    lock(rina, KEBON_JAYANTI)

    assert move(report, "ajukan", "setujui", koordinator=rina).state == State.LOCKED


def test_what_is_written_after_the_lock_is_approved_but_stands_under_no_hash(sri, rina):
    report = write_report(sri)
    locked = lock(rina, KEBON_JAYANTI)
    assert f"sidik {locked.digest[:32]}" in paper_of(report)["locked"]
    change_report(report, by=sri, op_id=uuid7(), sent="", today=TODAY, results="Lain sama sekali.")

    report = move(report, "ajukan", "setujui", koordinator=rina)

    assert report.state == State.APPROVED
    assert "sidik" not in paper_of(report)["locked"] and "sesudahnya" in paper_of(report)["locked"]
    reopen(rina, KEBON_JAYANTI)
    lock(rina, KEBON_JAYANTI)
    assert MonthlyReport.objects.get().state == State.LOCKED


def test_a_month_is_not_locked_in_silence_over_work_without_a_report(sri, rina, worked):
    assert silent_of(rina, period_of(KEBON_JAYANTI), TODAY) == [sri]
    with pytest.raises(Refused, match="belum dibuat"):
        lock(rina, KEBON_JAYANTI, reason="")
    write_report(sri, "ajukan", "setujui", koordinator=rina)
    assert not silent_of(rina, period_of(KEBON_JAYANTI), TODAY)
    lock(rina, KEBON_JAYANTI, reason="")


def test_only_a_koordinator_of_the_area_without_an_own_report_locks(sri):
    write_report(sri)
    sri.duty, sri.wilayah_id = "koordinator", "327316"
    sri.save(update_fields=["duty", "wilayah"])
    for by in (
        sri,
        UserFactory(),
        UserFactory(kelurahan=True),
        UserFactory(koordinator=True, wilayah_id="3204"),
    ):
        with pytest.raises(Refused):
            lock(by, KEBON_JAYANTI)


def test_a_month_is_reopened_once_by_another_with_a_reason(sri, rina):
    with pytest.raises(Refused, match="tidak terkunci"):
        reopen(rina, KEBON_JAYANTI)
    locked = lock(rina, KEBON_JAYANTI)
    with pytest.raises(Refused, match="alasannya") as refused:
        reopen(rina, KEBON_JAYANTI, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Refused, match="bukan bagian Anda"):
        reopen(sri, KEBON_JAYANTI)
    assert period_of(KEBON_JAYANTI).state == Period.State.LOCKED

    said = {"by": rina, "op_id": uuid7(), "sent": "", "today": TODAY, "reason": "Ada yang tertinggal."}
    for _ in range(2):
        assert reopen_month(period_of(KEBON_JAYANTI), **said) == locked
    assert period_of(KEBON_JAYANTI).state == Period.State.OPEN
    assert MonthReopening.objects.get().reason == "Ada yang tertinggal."


def test_a_resend_of_a_lock_locks_nothing_twice(sri, rina):
    said = {"by": rina, "op_id": uuid7(), "sent": "", "today": TODAY, "reason": "Ya."}
    period = period_of(KEBON_JAYANTI)

    assert lock_month(period, **said) == lock_month(period, **said)
    assert MonthLock.objects.count() == 1


def test_a_lock_closes_its_own_kelurahan_only(sri, rina, worked):
    citra = UserFactory(wilayah_id=SUKAPURA)
    ActivityFactory(
        pendamping=citra, families=[HouseholdFactory(pendamping=citra)], occurred_on=date(2026, 10, 5)
    )

    locked = lock(rina, KEBON_JAYANTI)

    assert not FrozenRow.objects.filter(lock=locked, pendamping=citra).exists()
    assert period_of(SUKAPURA).state == Period.State.OPEN


# --- what comes late --------------------------------------------------------------------------------------------------


def test_susulan_is_stored_and_told_next_and_enters_no_frozen_total(sri, rina, worked):
    report = write_report(sri, "ajukan", "setujui", koordinator=rina)
    locked = lock(rina, KEBON_JAYANTI)
    before = values_in(locked.totals)
    held = hold_late(worked[2], on=date(2026, 10, 9))

    late = let_in(held, rina, reason="Ponsel rusak.")

    assert late.activity.notes == "Baru terkirim." and late.activity.pendamping == sri
    assert late.activity.families.get().household == worked[2]
    held.refresh_from_db()
    assert held.resolved_by == rina and "Ponsel rusak." in held.note
    locked.refresh_from_db()
    assert values_in(locked.totals) == before and is_genuine(locked)
    report.refresh_from_db()
    assert values_for(report) == values_in(locked.totals, sri.pk) | {"susulan": 1}
    assert period_of(KEBON_JAYANTI).state == Period.State.LOCKED
    assert [entry.reason for entry in told_late(write_report(sri, month=NOVEMBER))] == ["Ponsel rusak."]
    assert not told_late(report)


def test_susulan_is_accepted_once_by_somebody_else_and_only_what_the_lock_held(sri, rina, worked):
    lock(rina, KEBON_JAYANTI)
    held = hold_late(worked[0], on=date(2026, 10, 9))
    with pytest.raises(Refused):
        let_in(held, sri)
    let_in(held, rina)
    with pytest.raises(Refused, match="sudah diputuskan"):
        let_in(held, rina)
    for bad in (
        hold_late(worked[0], on=date(2026, 10, 9), kpm=["PKH-00000"]),
        hold_late(worked[0], on=date(2026, 10, 9), kind="tidak_ada"),
        hold_late(worked[0], on=date(2026, 10, 9), occurred_on="kemarin"),
        hold_late(worked[0], on=date(2026, 10, 9), notes=""),
    ):
        with pytest.raises(Refused):
            let_in(bad, rina)
    other = hold_late(worked[0], on=date(2026, 10, 9))
    HeldEntry.objects.filter(pk=other.pk).update(reason="sudah_dialihkan")
    with pytest.raises(Refused):
        let_in(other, rina)
    assert Activity.objects.filter(notes="Baru terkirim.").count() == LateEntry.objects.count() == 1


def test_the_difference_names_each_row_that_is_new_gone_or_changed(sri, rina, worked):
    locked = lock(rina, KEBON_JAYANTI)
    assert differences(locked, rows_now(rina, locked.period)) == []
    let_in(hold_late(worked[2], on=date(2026, 10, 9)), rina)
    row = ActivityHousehold.objects.get(met=False, is_visit=True)
    ActivityHousehold.objects.filter(pk=row.pk).update(met=True)
    gone = Activity.objects.get(occurred_on=date(2026, 10, 5))
    gone.families.all().delete()
    gone.delete()

    found = {(one.row.source, one.kind) for one in differences(locked, rows_now(rina, locked.period))}

    assert found == {
        ("kegiatan", "baru"), ("kunjungan", "baru"), ("kegiatan", "hilang"), ("kunjungan", "hilang"),
        ("kunjungan", "berubah"),
    }  # fmt: skip
    [changed] = [one for one in differences(locked, rows_now(rina, locked.period)) if one.kind == "berubah"]
    assert changed.words == [("hitungan", "Tidak bertemu", "KPM dikunjungi, Kunjungan rumah")]


def test_a_reopened_month_is_locked_again_as_a_new_version_and_the_old_one_stays(sri, rina, worked):
    report = write_report(sri, "ajukan", "setujui", koordinator=rina)
    first = lock(rina, KEBON_JAYANTI)
    reopen(rina, KEBON_JAYANTI, reason="Satu kunjungan tertinggal.")
    report.refresh_from_db()
    assert report.state == State.APPROVED
    ActivityFactory(pendamping=sri, families=[worked[2]], occurred_on=date(2026, 10, 12))

    second = lock(rina, KEBON_JAYANTI)

    assert (first.version, second.version) == (1, 2)
    assert values_in(second.totals)["kunjungan"] == values_in(first.totals)["kunjungan"] + 1
    assert is_genuine(first) and is_genuine(second)
    assert first.reopening.reason == "Satu kunjungan tertinggal."
    with pytest.raises(Refused, match="tidak terkunci"):
        reopen(rina, SUKAPURA)


def test_every_figure_of_the_month_has_its_rows_in_the_freezer():
    """A figure that is added to the report must be of a sort of rows that a lock keeps."""

    assert {FIGURES[slug].source for slug in FROZEN_FIGURES} <= set(SOURCES.values())
    assert set(SOURCES) == set(SORTS)
    assert all(FIGURES[slug].source.period.of_month for slug in MONTH_FIGURES)
