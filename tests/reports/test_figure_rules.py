"""What each figure counts and what it just does not: the day before and the day after, the last step and one less."""

from datetime import date, timedelta

import pytest

from entries.models import HeldEntry, Receipt
from kpm.models import Assessment, GraduationCase, Household, Indicator, Instrument, WatchCheck
from kpm.operations import Answer, close_goal, record_assessment
from pkh_casework.ids import uuid7
from reports.figures import ASSESSMENTS, FIGURES, STEPS, VISITS, Lens
from reports.figures.declared.sources import in_month, in_year
from reports.figures.queries import figure_page
from reports.models import MonthlyReport
from resources.models import STALE_AFTER, Referral
from roles.models import (
    Activity,
    ActivityHousehold,
    Attendance,
    GroupSession,
    SubRole,
    Training,
    TrainingPlace,
)
from tests.factories import (
    BANDUNG,
    KEBON_JAYANTI,
    SUKAPURA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    ResourceFactory,
    UserFactory,
    assess,
    hold,
    make_goal,
    make_graduation,
    plan_session,
)
from tests.held import hold_form
from tests.referrals import make_referral

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
MONTH = TODAY.replace(day=1)
FIVE = ("A1", "A2", "B2", "B3", "E1")


@pytest.fixture
def sri():
    return UserFactory()


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


def ago(days):
    return TODAY - timedelta(days=days)


def lens(user, month=MONTH, **narrowed):
    return Lens(user, TODAY, month, **narrowed)


def values(user, *slugs, **narrowed):
    """The values of the figures `slugs` for `user`, in their order."""
    seen = lens(user, **narrowed)
    return [
        FIGURES[slug].source.rows(seen).aggregate(found=FIGURES[slug].value(seen))["found"] for slug in slugs
    ]


def words(slug, user):
    figure = FIGURES[slug]
    page, _ = figure_page(figure, lens(user))
    return [figure.source.shown.words(row) for row in page]


def pages(slug, user):
    figure = FIGURES[slug]
    page, _ = figure_page(figure, lens(user))
    return [figure.source.shown.opens(row) for row in page]


# --- families and visits ------------------------------------------------------------------------------------------------


def test_days_since_the_last_visit(sri):
    for days in (0, 30, 31, 60, 61, 90, 91):
        HouseholdFactory(pendamping=sri, last_visited_on=ago(days))
    HouseholdFactory(pendamping=sri)
    HouseholdFactory(pendamping=sri, graduated=True)

    slugs = ("kpm-aktif", "dikunjungi-30-hari", "belum-30-hari", "belum-60-hari", "belum-90-hari")
    assert values(sri, *slugs) == [8, 2, 6, 4, 2]


def test_visits_met_and_not_met(sri):
    first, second = HouseholdFactory(pendamping=sri), HouseholdFactory(pendamping=sri, rw=9)
    for day in (MONTH, TODAY, ago(20)):
        ActivityFactory(pendamping=sri, families=[first], occurred_on=day)
    missed = ActivityFactory(pendamping=sri, families=[first, second], families__met=False, occurred_on=TODAY)

    assert values(sri, "kpm-dikunjungi", "kunjungan", "tidak-bertemu") == [1, 2, 2]
    assert values(sri, "kunjungan", "tidak-bertemu", rw=9, area=KEBON_JAYANTI) == [0, 1]
    assert values(sri, "kegiatan", rw=9, area=KEBON_JAYANTI) == [1]
    assert values(sri, "kegiatan", rw=5, area=KEBON_JAYANTI) == [3]
    assert values(sri, "kegiatan", month=date(2026, 10, 1)) == [1]
    assert values(sri, "kegiatan", span=2) == [4]
    assert missed.get_absolute_url() in pages("tidak-bertemu", sri)


def test_activities_by_role_and_without_rhk(sri):
    for role in ("FAS-1", "FAS-1", "EDU-1", "REP-2"):
        ActivityFactory(pendamping=sri, sub_role=SubRole.objects.get(pk=role), occurred_on=TODAY)
    slugs = [
        "kegiatan",
        *(f"kegiatan-{code}" for code in ("fasilitasi", "edukasi", "representasi", "teknis")),
    ]
    assert values(sri, *slugs) == [4, 2, 1, 1, 0]
    assert values(sri, "kegiatan", sub_role="REP-2") == [1]
    by_number = values(sri, *(slug for slug in FIGURES if slug.startswith("rhk-")))
    assert sum(by_number) == 4
    assert sorted(pages("kegiatan", sri)) == sorted(row.get_absolute_url() for row in Activity.objects.all())


def test_steps_are_late_from_the_day_after_and_advocacy_counts_once_a_family(sri):
    family, gone = HouseholdFactory(pendamping=sri), HouseholdFactory(pendamping=sri, graduated=True)
    advocacy, other = SubRole.objects.get(pk="REP-2"), SubRole.objects.get(pk="FAS-1")
    for household, role, due, done in (
        (family, advocacy, ago(1), None),
        (family, advocacy, TODAY, None),
        (family, other, ago(1), None),
        (family, advocacy, ago(1), TODAY),
        (gone, advocacy, ago(1), None),
        (family, advocacy, None, None),
    ):
        activity = ActivityFactory(pendamping=sri, families=[household], sub_role=role)
        ActivityHousehold.objects.filter(activity=activity).update(step_due_on=due, step_done_on=done)

    assert values(sri, "langkah-terlambat", "advokasi-berjalan") == [2, 1]
    assert STEPS.rows(lens(sri)).count() == 3


# --- assessments and levels --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "way", "told"),
    [
        ([2] * 5, [3, 2, 2, 2, 2], "naik", "naik 1 tingkat dari 5 indikator yang dijawab lagi"),
        ([2] * 5, [3, 3, 1, 2, 2], "naik", "naik 1 tingkat dari 5 indikator yang dijawab lagi"),
        ([2] * 5, [1, 2, 2, 2, 2], "turun", "turun 1 tingkat dari 5 indikator yang dijawab lagi"),
        ([2] * 5, [2] * 5, "tetap", "tidak berubah dari 5 indikator yang dijawab lagi"),
        ([2] * 6, [3, 2, 2, 2, 2, 2], "tetap", "naik 1 tingkat dari 6 indikator yang dijawab lagi"),
        ([2] * 6, [1, 2, 2, 2, 2, 2], "tetap", "turun 1 tingkat dari 6 indikator yang dijawab lagi"),
        ([2] * 6, [4, 2, 2, 2, 2, 2], "naik", "naik 2 tingkat dari 6 indikator yang dijawab lagi"),
        ([2] * 4, [2] * 6, "tetap", "tidak berubah dari 4 indikator yang dijawab lagi"),
    ],
)
def test_a_family_rose_by_a_step_for_five_indicators(sri, before, after, way, told):
    family, codes = HouseholdFactory(pendamping=sri, path="usaha"), (*FIVE, "E2")
    assess(family, dict(zip(codes, before, strict=False)), on=ago(60))
    again = assess(family, dict(zip(codes, after, strict=False)), on=TODAY)

    slugs = ("asesmen", "asesmen-ulang", "naik", "tetap", "turun")
    assert values(sri, *slugs) == [1, 1, way == "naik", way == "tetap", way == "turun"]
    assert words("asesmen", sri) == [told]
    assert pages("asesmen", sri) == [again.get_absolute_url()]


def test_the_first_assessment_of_an_indicator_compares_with_nothing(sri):
    family = HouseholdFactory(pendamping=sri)
    assess(family, {"A1": 2}, on=ago(60), form="singkat")
    assess(family, {"B2": 2}, on=TODAY, form="singkat")

    assert values(sri, "asesmen", "asesmen-ulang", "naik", "tetap", "turun") == [1, 0, 0, 0, 0]
    assert words("asesmen", sri) == ["asesmen pertama"]
    assert values(sri, "asesmen", month=date(2026, 9, 1)) == [1]


def test_what_does_not_apply_any_more_is_no_answer_to_compare(sri):
    family = HouseholdFactory(pendamping=sri)
    assess(family, dict.fromkeys((*FIVE, "E2"), 2), on=ago(60))
    indicators = {row.code: row for row in Indicator.objects.filter(instrument=1)}
    answers = [Answer(indicators[code], family_level=3, level=3) for code in FIVE[:1]]
    answers += [Answer(indicators[code], family_level=2, level=2) for code in FIVE[1:]]
    answers.append(Answer(indicators["E2"], state="tidak_berlaku", reason="Tidak ada."))
    said = {"by": sri, "op_id": uuid7(), "on": TODAY, "form": "singkat"}
    record_assessment(family, instrument=Instrument.objects.get(pk=1), answers=answers, **said)

    assert words("asesmen", sri) == ["naik 1 tingkat dari 5 indikator yang dijawab lagi"]
    assert values(sri, "naik", "tetap") == [1, 0]


def test_levels_stand_at_the_end_of_the_month_and_low_ones_now(sri):
    family, gone = HouseholdFactory(pendamping=sri), HouseholdFactory(pendamping=sri)
    assess(family, {"A1": 1}, on=date(2026, 10, 31), form="singkat")
    assess(family, {"A1": 3}, on=MONTH, form="singkat")
    last = assess(gone, {"A1": 2, "B2": 2}, on=MONTH, form="singkat")
    slugs = ("tingkat", *(f"tingkat-{level}" for level in (1, 2, 3, 4)))

    assert values(sri, *slugs, indicator="A1") == [2, 0, 1, 1, 0]
    assert values(sri, *slugs, indicator="A1", month=date(2026, 10, 1)) == [1, 1, 0, 0, 0]
    assert values(sri, "perlu-dibantu", indicator="A1") == [1]
    assert values(sri, "perlu-dibantu", indicator="B2") == [1]
    assert set(pages("tingkat-2", sri)) == {last.get_absolute_url()}
    Household.objects.filter(pk=gone.pk).update(status="graduasi")
    assert values(sri, "perlu-dibantu", "tingkat", indicator="A1") == [
        0,
        1,
    ]  # who graduated is not accompanied


# --- goals -----------------------------------------------------------------------------------------------------------


def test_goals_are_late_from_the_day_after_and_closed_in_their_month(sri):
    def goal(target_on, due_on, code):
        return make_goal(
            families[code], code, on=ago(50), target_on=target_on, steps=[("keluarga", "Menabung", due_on)]
        )

    families = {code: HouseholdFactory(pendamping=sri) for code in ("A1", "A2", "B2", "B3")}
    later = TODAY + timedelta(days=9)
    goal(TODAY, TODAY, "A1")
    goal(ago(1), TODAY, "A2")
    goal(later, ago(1), "B2")
    reached = goal(later, later, "B3")
    close_goal(reached, by=sri, op_id=uuid7(), sent="", today=TODAY, state="tercapai", reason="Sudah.")
    other = make_goal(families["B3"], "B3", on=ago(50))
    close_goal(other, by=sri, op_id=uuid7(), sent="", today=TODAY, state="diganti", reason="Lain.")

    for one in (HouseholdFactory(), HouseholdFactory(pendamping=sri, graduated=True)):
        make_goal(one, on=ago(50), target_on=ago(1))  # not accompanied by her, or not any more

    slugs = ("tujuan-berjalan", "tujuan-terlambat", "tujuan-ditutup", "tujuan-tercapai")
    assert values(sri, *slugs) == [3, 2, 2, 1]
    assert values(sri, *slugs, month=date(2026, 10, 1)) == [3, 2, 0, 0]
    assert sorted(words("tujuan-ditutup", sri)) == sorted(["Tercapai", "Diganti"])
    assert set(pages("tujuan-ditutup", sri)) == {row.get_absolute_url() for row in (reached, other)}
    assert len(set(pages("tujuan-berjalan", sri))) == 3


# --- graduations -----------------------------------------------------------------------------------------------------


def test_graduations_count_in_their_year_while_they_stand(sri, rina):
    year = TODAY.replace(month=1, day=1)
    for day in (year, year - timedelta(days=1)):
        make_graduation(HouseholdFactory(pendamping=sri), "usulkan", "setujui", koordinator=rina, on=day)
    make_graduation(
        HouseholdFactory(pendamping=sri), "usulkan", "setujui", "batalkan", koordinator=rina, on=TODAY
    )
    make_graduation(HouseholdFactory(pendamping=sri), "usulkan", on=TODAY)

    assert values(sri, "graduasi") == [1]
    assert values(sri, "graduasi", month=date(2025, 12, 1)) == [1]
    assert values(sri, "graduasi", month=date(2025, 3, 1)) == [0]  # the year until the end of that month
    assert values(rina, "graduasi", pendamping_id=sri.pk) == [1]
    assert values(rina, "graduasi", pendamping_id=rina.pk) == [0]


def test_looks_after_graduation(sri, rina):
    begun = TODAY - timedelta(days=365)
    cases = [
        make_graduation(HouseholdFactory(pendamping=sri), "usulkan", "setujui", koordinator=rina, on=on)
        for on in (begun, begun, begun, begun + timedelta(days=1))
    ]
    stands, fallen, undone, _ = cases
    assert stands.checks.get(months=12).due_on == TODAY

    def looked(case, months, outcome, on=TODAY):
        case.checks.filter(months=months).update(done_on=on, by=sri, op_id=uuid7(), outcome=outcome)

    looked(stands, 12, WatchCheck.Outcome.STANDS)
    looked(stands, 3, WatchCheck.Outcome.FALLEN)
    for months in (3, 6):
        looked(fallen, months, WatchCheck.Outcome.FALLEN)
    looked(fallen, 12, WatchCheck.Outcome.SHAKY)
    looked(undone, 12, WatchCheck.Outcome.STANDS)
    GraduationCase.objects.filter(pk=undone.pk).update(state="dibatalkan", graduated_on=None)

    assert values(sri, "kembali-rentan", "cek-12-bulan", "bertahan-12-bulan") == [2, 2, 1]
    assert values(sri, "kembali-rentan", month=date(2025, 1, 1)) == [0]


# --- meetings and trainings --------------------------------------------------------------------------------------------


def test_sessions_and_who_was_there(sri):
    group = GroupFactory(pendamping=sri)
    families = [HouseholdFactory(pendamping=sri, group=group, rw=rw) for rw in (5, 5, 9)]
    for day in (MONTH, TODAY):
        states = dict(zip(families, ("hadir", "tidak_hadir", "izin"), strict=True))
        held = hold(plan_session(group, on=day), states)
    moved = hold(plan_session(group, on=date(2026, 10, 30)), {families[1]: "hadir"}, on=TODAY)
    plan_session(group, on=TODAY)

    slugs = ("p2k2-rencana", "p2k2", "p2k2-anggota", "p2k2-hadir")
    assert values(sri, *slugs) == [3, 3, 3, 2]
    assert values(sri, *slugs, rw=9, area=KEBON_JAYANTI) == [3, 3, 1, 0]
    assert values(sri, *slugs, month=date(2026, 10, 1)) == [1, 0, 0, 0]
    assert sorted(words("p2k2-rencana", sri)) == ["belum dilaksanakan", "dilaksanakan", "dilaksanakan"]
    opened = {
        Activity(pk=pk).get_absolute_url()
        for pk in GroupSession.objects.values_list("activity", flat=True)
        if pk
    }
    assert set(pages("p2k2", sri)) == opened and len(opened) == 3
    waiting = GroupSession.objects.get(activity=None)
    assert waiting.get_absolute_url() in pages("p2k2-rencana", sri)
    assert held.activity_id != moved.activity_id and Attendance.objects.count() == 7


def test_trainings_and_who_came(sri, rina):
    def training(held_on, **fields):
        return Training.objects.create(
            **{
                "op_id": uuid7(),
                "wilayah_id": KEBON_JAYANTI,
                "proposed_by": sri,
                "code": "C2",
                "title": "NIB",
                "seats": 9,
                "planned_on": TODAY,
                "held_on": held_on,
                **fields,
            }
        )

    def place(one, household, state):
        TrainingPlace.objects.create(
            training=one, household=household, wilayah_id=household.wilayah_id, pendamping=sri, state=state
        )

    first, second = HouseholdFactory(pendamping=sri), HouseholdFactory(pendamping=sri, rw=9)
    one, two = training(MONTH), training(TODAY, wilayah_id=SUKAPURA)
    training(None), training(ago(20))
    for each in (one, two):
        place(each, first, "hadir")
    place(one, second, "tidak_hadir")

    assert values(sri, "pelatihan", "pelatihan-undangan", "pelatihan-hadir") == [2, 2, 1]
    assert values(rina, "pelatihan", area=KEBON_JAYANTI) == [1]
    assert values(sri, "pelatihan", "pelatihan-undangan", rw=9, area=KEBON_JAYANTI) == [1, 1]
    assert set(pages("pelatihan", sri)) == {one.get_absolute_url(), two.get_absolute_url()}


# --- people, referrals, reports, resources ---------------------------------------------------------------------------


def test_who_was_not_heard_of_for_days(rina):
    def receipt(user, days, kind="roles.activity", op_id=None):
        moment = rina.created_at - timedelta(days=days)
        Receipt.objects.create(
            op_id=op_id or uuid7(), author=user, kind=kind, content_hash="x", received_at=moment
        )

    names = ("never", "two", "three", "seven", "desk", "held", "let in late", "off")
    people = {name: UserFactory(name=name) for name in names}
    for name, days in (("two", 2), ("three", 3), ("seven", 7), ("off", 9)):
        receipt(people[name], days)
    receipt(people["seven"], 20)
    for kind in ("laporan", "laporan_langkah", "reports.ekspor"):
        receipt(people["desk"], 0, kind)
    for name, days in (("held", 1), ("let in late", 8)):
        held = hold_form(people[name], wilayah_id=KEBON_JAYANTI)
        HeldEntry.objects.filter(pk=held.pk).update(received_at=rina.created_at - timedelta(days=days))
        receipt(people[name], 0, op_id=held.op_id)
    people["off"].is_active = False
    people["off"].save()

    slugs = ("pendamping-aktif", "tanpa-kiriman-3-hari", "tanpa-kiriman-7-hari")
    assert values(rina, *slugs) == [7, 5, 4]
    assert values(rina, *slugs, area=KEBON_JAYANTI) == [7, 5, 4]
    assert values(rina, *slugs, area=SUKAPURA) == [0, 0, 0]
    assert values(rina, *slugs, pendamping_id=people["seven"].pk) == [1, 1, 1]
    for user in (people["two"], UserFactory(kelurahan=True)):
        assert values(user, *slugs) == [0, 0, 0]
    assert set(words("pendamping-aktif", rina)) == {"Kebon Jayanti"}
    assert f"/dasbor/?pendamping={people['seven'].pk}" in pages("tanpa-kiriman-7-hari", rina)


def test_referrals_by_state_and_how_long_partners_took(sri):
    states = ("direncanakan", "diajukan", "selesai", "ditolak")
    for state in states:
        make_referral(HouseholdFactory(pendamping=sri), state, on=TODAY)
    make_referral(HouseholdFactory(pendamping=sri), "ditolak", on=date(2026, 10, 5))
    for referral, days in zip(
        Referral.objects.filter(answered_on__gte=MONTH).order_by("pk"), (2, 5), strict=True
    ):
        Referral.objects.filter(pk=referral.pk).update(sent_on=referral.answered_on - timedelta(days=days))

    slugs = (
        "rujukan",
        "rujukan-diajukan",
        "rujukan-selesai",
        "rujukan-ditolak",
        "rujukan-dijawab",
        "rujukan-lama-jawab",
    )
    assert values(sri, *slugs) == [4, 1, 1, 1, 2, 3.5]
    assert sorted(words("rujukan-dijawab", sri)) == ["dijawab dalam 2 hari", "dijawab dalam 5 hari"]
    assert sorted(words("rujukan", sri)) == sorted(Referral.State(state).label for state in states)
    assert set(pages("rujukan-selesai", sri)) == {Referral.objects.get(state="selesai").get_absolute_url()}


def test_reports_of_a_month_by_state(sri, rina):
    for month, user in ((MONTH, sri), (date(2026, 10, 1), sri), (MONTH, UserFactory())):
        MonthlyReport.objects.create(op_id=uuid7(), pendamping=user, wilayah_id=KEBON_JAYANTI, month=month)
    MonthlyReport.objects.filter(pendamping=sri, month=MONTH).update(state="diajukan", submitted_on=TODAY)

    slugs = ("laporan", "laporan-draf", "laporan-diajukan")
    assert values(sri, *slugs) == [1, 0, 1]
    assert values(rina, *slugs) == [2, 1, 1]
    assert values(rina, *slugs, rw=5, area=KEBON_JAYANTI) == [0, 0, 0]
    assert sorted(words("laporan", rina)) == ["diajukan", "draf"]


def test_resources_are_fresh_up_to_the_last_day(sri, rina):
    days = STALE_AFTER.days
    fresh = ResourceFactory(checked_on=ago(days))
    ResourceFactory(checked_on=ago(days + 1), wilayah_id=KEBON_JAYANTI)
    ResourceFactory(checked_on=None, wilayah_id=SUKAPURA)
    ResourceFactory(ended_on=TODAY)

    slugs = ("sumber-daya", "sumber-daya-segar", "sumber-daya-lama")
    assert values(sri, *slugs) == [2, 1, 1]
    assert values(rina, *slugs) == [3, 1, 2]
    assert values(rina, *slugs, area=SUKAPURA) == [2, 1, 1]
    assert values(UserFactory(koordinator=True, wilayah_id=BANDUNG), *slugs, area=KEBON_JAYANTI) == [2, 1, 1]
    assert fresh.get_absolute_url() in pages("sumber-daya", sri)


# --- the lens --------------------------------------------------------------------------------------------------------


def test_what_a_lens_says_of_its_days(sri):
    seen = lens(sri)
    assert (seen.here, seen.next_month, seen.last_day) == (KEBON_JAYANTI, date(2026, 12, 1), TODAY)
    assert lens(sri, area=SUKAPURA).here == SUKAPURA
    assert lens(sri, month=date(2026, 10, 1)).last_day == date(2026, 10, 31)
    assert seen.year == (date(2026, 1, 1), date(2027, 1, 1))
    assert seen.days_ago(18) == date(2026, 10, 31)


def test_a_month_and_a_year_have_a_first_and_a_last_day(sri):
    for day in (
        ago(18),
        MONTH,
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2026, 1, 1),
        date(2025, 12, 31),
        date(2027, 1, 1),
    ):
        ActivityFactory(pendamping=sri, occurred_on=day)
    rows = Activity.objects.all()
    assert in_month(rows, lens(sri)).count() == 2
    assert in_month(rows, lens(sri, span=2)).count() == 3
    assert in_year(rows, lens(sri), "occurred_on").count() == 4  # from 1 January to the end of the month


@pytest.mark.parametrize(
    ("source", "period"),
    [(VISITS, "bulan yang dipilih"), (STEPS, "hari ini"), (ASSESSMENTS, "bulan yang dipilih")],
)
def test_a_source_tells_its_period_and_whom_it_follows(source, period):
    assert source.period.words == period
    assert ("mengerjakan" in source.scope.words) == (period != "hari ini")
    assert FIGURES["graduasi"].source.period.words == "tahun yang dipilih sampai akhir bulan itu"
    assert "mengusulkan" in FIGURES["graduasi"].source.scope.words
    assert [FIGURES[slug].without_rows for slug in ("kunjungan", "rujukan-lama-jawab")] == [0, None]


def test_a_source_is_narrowed_to_people_and_kelompok(sri, rina):
    group = GroupFactory(pendamping=sri)
    family = HouseholdFactory(pendamping=sri, group=group)
    other = HouseholdFactory()
    for one in (family, other):
        ActivityFactory(pendamping=one.pendamping, families=[one], occurred_on=TODAY)
        assess(one, {"A1": 2}, on=TODAY)

    assert values(rina, "kpm-aktif", "kunjungan", "asesmen") == [2, 2, 2]
    assert values(rina, "kpm-aktif", "kunjungan", "asesmen", pendamping_id=sri.pk) == [1, 1, 1]
    assert values(rina, "kpm-aktif", "kunjungan", "asesmen", group_id=group.pk) == [1, 1, 1]
    assert values(rina, "kunjungan", area=SUKAPURA) == [0]
    assert Assessment.objects.count() == 2
