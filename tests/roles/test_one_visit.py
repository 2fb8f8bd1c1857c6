"""One visit, one record: acts hang on the home visit of their day, and a visit told by acts alone counts as one."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from entries.models import Period
from entries.months import MonthLocked
from kpm.at_home import is_at_home
from kpm.models import Assessment, Household, Indicator, Score
from kpm.operations import Answer, Step, add_step, assign, change_assessment, set_goal
from kpm.operations.payment import Found, check_payment
from kpm.payments import terms_back
from pkh_casework.ids import uuid7
from reports.figures import Lens
from reports.figures.values import values_of
from resources.operations.referral import plan_referral
from roles.models import Activity, ActivityHousehold, ActivityKind, SubRole, VisitAct
from roles.operations.activity import Entry, change_activity, record_activity
from tests.factories import HouseholdFactory, UserFactory, assess, make_goal
from tests.referrals import make_resource

from .conftest import DAY

DAYS = [DAY - timedelta(days=days) for days in (0, 1)]


def assess_at_home(family, *, on=DAY, at_home=True, by=None):
    return assess(family, {"A1": 2}, on=on, by=by, at_home=at_home)


def correct_assessment(assessment, *, on=None, **said):
    return change_assessment(
        assessment,
        by=assessment.pendamping,
        op_id=uuid7(),
        on=on or assessment.assessed_on,
        answers=[Answer(Indicator.objects.get(pk="1.A1"), family_level=2, level=2)],
        **said,
    )


def visits_of(family):
    """(day, whether acts alone tell it, kinds of act on it) of the home visits at which the family was met."""
    rows = ActivityHousehold.objects.filter(household=family).home_visits().order_by("occurred_on", "id")
    return [
        (row.occurred_on, row.activity.from_acts, sorted(act.kind_id for act in row.acts.all()))
        for row in rows.select_related("activity")
    ]


def last_visit(family):
    return Household.objects.values_list("last_visited_on", flat=True).get(pk=family.pk)


# --- an act makes its visit, or joins it --------------------------------------------------------------------------------


def test_an_assessment_at_home_is_a_visit(family):
    assessment = assess_at_home(family)

    assert visits_of(family) == [(DAY, True, ["asesmen"])]
    assert last_visit(family) == DAY
    activity = Activity.objects.get()
    assert (activity.kind_id, activity.sub_role_id, activity.pendamping) == (
        "kunjungan_rumah",
        "TEK-1",
        family.pendamping,
    )
    assert activity.notes == "Asesmen bersama keluarga." and activity.wilayah_id == family.wilayah_id
    assert is_at_home(assessment) and VisitAct.objects.get().act == assessment


@pytest.mark.parametrize("at_home", [False, None])
def test_an_assessment_elsewhere_is_none(family, at_home):
    assess_at_home(family, at_home=at_home)
    assert not Activity.objects.exists() and last_visit(family) is None


def every_act(family, term):
    """Each act that can be done at home, as (kind, the act)."""
    by = {"by": family.pendamping, "op_id": uuid7()}
    yield "asesmen", lambda: assess_at_home(family)
    score = Score(indicator_id="1.B2", code="B2", level=1)
    step = Step("keluarga", "Menyisihkan uang", DAY + timedelta(days=9))
    words = {"wish": "Punya tabungan", "why": "Untuk sekolah", "target_on": DAY + timedelta(days=90)}
    yield (
        "tujuan",
        lambda: set_goal(family, today=DAY, score=score, steps=[step], visited_on=DAY, **words, **by),
    )
    goal = make_goal(family, "C1", on=DAY)
    yield "langkah", lambda: add_step(goal, today=DAY, step=step, visited_on=DAY, **by | {"op_id": uuid7()})
    plan = {"resource": make_resource(), "need": "Modal", "due_on": DAY, "today": DAY, "visited_on": DAY}
    yield "rujukan", lambda: plan_referral(family, **plan, **by | {"op_id": uuid7()})
    found = {"term": term, "checked_on": DAY, "found": Found("cair"), "version": "", "at_home": True}
    yield "penyaluran", lambda: check_payment(family, **found, **by | {"op_id": uuid7()})


@pytest.mark.parametrize("logged", ["before", "after", "never"])
def test_all_that_is_done_in_one_visit_is_one_visit(family, entry_for, logged):
    acts = dict(every_act(family, terms_back(DAY)[0]))
    visit = {"by": family.pendamping, "op_id": uuid7(), "entry": entry_for([family], sub_role="FAS-3")}
    if logged == "before":
        record_activity(**visit)
    for act in acts.values():
        act()
    if logged == "after":
        record_activity(**visit)

    assert visits_of(family) == [(DAY, logged == "never", sorted(acts))]
    activity = Activity.objects.get()
    if logged == "never":
        assert activity.sub_role_id == "TEK-1"
        assert activity.notes.splitlines()[0] == "Asesmen bersama keluarga."
        assert len(activity.notes.splitlines()) == len(acts)
    else:
        assert (activity.sub_role_id, activity.notes) == ("FAS-3", "Melihat warung.")


def test_the_role_of_a_visit_told_by_acts_does_not_hang_on_their_order(pendamping):
    told = set()
    for turned in (False, True):
        family = HouseholdFactory(pendamping=pendamping)
        acts = [act for _, act in every_act(family, terms_back(DAY)[0])]
        for act in reversed(acts) if turned else acts:
            act()
        activity = Activity.objects.get(families__household=family)
        told.add((activity.sub_role_id, activity.notes))
    assert len(told) == 1


def test_only_a_visit_of_the_same_worker_day_and_family_that_met_is_joined(pendamping, family, entry_for):
    colleague, other = UserFactory(), HouseholdFactory(pendamping=pendamping)
    for by, entry in [
        (pendamping, entry_for([family], met=False)),
        (pendamping, entry_for([family], kind="komunikasi")),
        (pendamping, entry_for([family], occurred_on=DAYS[1])),
        (pendamping, entry_for([other])),
        (colleague, entry_for([family])),
    ]:
        record_activity(by=by, op_id=uuid7(), entry=entry)

    assess_at_home(family)

    assert VisitAct.objects.get().row.activity.from_acts
    assert len(visits_of(family)) == 3  # of yesterday, of the colleague, and its own


# --- either side is corrected -------------------------------------------------------------------------------------------


def test_an_assessment_moved_to_another_day_takes_its_visit_along(family):
    assessment = assess_at_home(family)

    correct_assessment(assessment, on=DAYS[1])

    assert visits_of(family) == [(DAYS[1], True, ["asesmen"])]
    assert last_visit(family) == DAYS[1]


def test_an_assessment_that_was_not_at_home_after_all_leaves_no_visit(family):
    assessment = assess_at_home(family)
    correct_assessment(assessment, at_home=False)
    assert visits_of(family) == [] and last_visit(family) is None

    correct_assessment(assessment, at_home=True)
    assert visits_of(family) == [(DAY, True, ["asesmen"])] and last_visit(family) == DAY


def test_a_visit_written_down_by_hand_stays_without_its_acts(family, entry_for):
    record_activity(by=family.pendamping, op_id=uuid7(), entry=entry_for([family]))
    assessment = assess_at_home(family)

    correct_assessment(assessment, at_home=False)

    assert visits_of(family) == [(DAY, False, [])] and last_visit(family) == DAY


@pytest.mark.parametrize(
    "change", [{"met": False}, {"kind": "komunikasi"}, {"occurred_on": DAYS[1]}], ids=["unmet", "call", "day"]
)
def test_a_corrected_visit_lets_go_of_what_it_no_longer_is(family, entry_for, change):
    assessment = assess_at_home(family)
    activity = Activity.objects.get()

    change_activity(activity, by=family.pendamping, op_id=uuid7(), entry=entry_for([family], **change))

    assert not is_at_home(assessment)
    days = [DAYS[1]] if "occurred_on" in change else []
    assert visits_of(family) == [(day, False, []) for day in days]
    assert last_visit(family) == (days[0] if days else None)


def test_a_family_taken_out_of_a_visit_takes_its_acts_off_it(pendamping, family, entry_for):
    wrong = HouseholdFactory(pendamping=pendamping)
    record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family, wrong]))
    assess_at_home(wrong)

    change_activity(
        Activity.objects.get(), by=pendamping, op_id=uuid7(), entry=entry_for([family], dropped=[wrong])
    )

    assert visits_of(wrong) == [] and not VisitAct.objects.exists() and last_visit(wrong) is None


def test_a_visit_told_by_acts_is_the_authors_own_once_corrected(family, entry_for):
    assess_at_home(family)
    change_activity(
        Activity.objects.get(), by=family.pendamping, op_id=uuid7(), entry=entry_for([family], notes="Lama.")
    )
    assert visits_of(family) == [(DAY, False, ["asesmen"])]

    correct_assessment(Assessment.objects.get(), at_home=False)
    assert visits_of(family) == [(DAY, False, [])]


def test_a_visit_moved_onto_the_day_of_one_told_by_acts_takes_its_place(family, entry_for):
    recorded = record_activity(
        by=family.pendamping, op_id=uuid7(), entry=entry_for([family], occurred_on=DAYS[1])
    )
    assess_at_home(family)

    change_activity(recorded, by=family.pendamping, op_id=uuid7(), entry=entry_for([family]))

    assert visits_of(family) == [(DAY, False, ["asesmen"])] and last_visit(family) == DAY


# --- months, hands --------------------------------------------------------------------------------------------------------


def test_a_locked_month_gets_no_visit_by_an_act(family):
    Period.objects.create(wilayah_id=family.wilayah_id, month=DAY.replace(day=1), state=Period.State.LOCKED)
    words = {"wish": "Punya tabungan", "why": "Untuk sekolah", "target_on": DAY + timedelta(days=90)}
    goal = {"score": Score(indicator_id="1.B2", code="B2", level=1), "steps": [], "today": DAY, **words}
    with pytest.raises(MonthLocked):
        set_goal(family, by=family.pendamping, op_id=uuid7(), visited_on=DAY, **goal)
    assert not Activity.objects.exists() and not family.goals.exists()


def test_an_act_of_before_the_handover_joins_the_visit_of_its_author(family, entry_for):
    author, holder = family.pendamping, UserFactory()
    record_activity(by=author, op_id=uuid7(), entry=entry_for([family]))
    assign(family, to=holder, by=UserFactory(koordinator=True), on=DAY)

    assess_at_home(family, by=author)
    assert visits_of(family) == [(DAY, False, ["asesmen"])]


# --- counted once ---------------------------------------------------------------------------------------------------------

WRITES = st.lists(
    st.tuples(
        st.sampled_from(["visit", "unmet", "call", "act", "elsewhere", "move", "off", "on"]), st.booleans()
    ),
    max_size=9,
)


def test_whatever_is_written_in_whichever_order_a_visit_is_counted_once(pendamping):
    """After each write: of a day there are as many visits as were written down by hand, or one where only acts tell it."""

    @settings(max_examples=30, deadline=None)
    @given(WRITES)
    def check(writes):
        with transaction.atomic():
            _write(HouseholdFactory(pendamping=pendamping), writes)
            transaction.set_rollback(True)

    check()


def _write(family, writes):
    by, by_hand = {"by": family.pendamping}, {day: 0 for day in DAYS}
    for what, today in writes:
        day = DAYS[not today]
        known = Assessment.objects.filter(household=family, assessed_on=day).first()
        if what in {"visit", "unmet", "call"}:
            by_hand[day] += what == "visit"
            kind = "komunikasi" if what == "call" else "kunjungan_rumah"
            entry = Entry(
                occurred_on=day,
                kind=ActivityKind.objects.get(pk=kind),
                sub_role=SubRole.objects.get(pk="FAS-1"),
                notes="Melihat warung.",
                families=[(family, what != "unmet")],
            )
            record_activity(op_id=uuid7(), entry=entry, **by)
        elif what in {"act", "elsewhere"} and not known:
            assess_at_home(family, on=day, at_home=what == "act")
        elif what == "move" and known:
            other = DAYS[today]
            if not Assessment.objects.filter(household=family, assessed_on=other).exists():
                correct_assessment(known, on=other)
        elif what in {"off", "on"} and known:
            correct_assessment(known, at_home=what == "on")
        _holds(family, by_hand)


def _holds(family, by_hand):
    acts = {day: 0 for day in DAYS}
    links = VisitAct.objects.filter(row__household=family)
    for link in links.select_related("assessment", "row__activity"):
        assert link.assessment.assessed_on == link.row.occurred_on and link.row.is_visit and link.row.met
        acts[link.assessment.assessed_on] += 1
    expected = {day: by_hand[day] or min(acts[day], 1) for day in DAYS}
    rows = ActivityHousehold.objects.filter(household=family).home_visits()
    assert {day: rows.filter(occurred_on=day).count() for day in DAYS} == expected
    assert last_visit(family) == max((day for day in DAYS if expected[day]), default=None)
    for row in rows.filter(activity__from_acts=True):
        assert row.acts.exists()


def test_figures_count_it_once_as_plain_sql_does(pendamping, family, entry_for):
    other = HouseholdFactory(pendamping=pendamping)
    assess_at_home(family)
    record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([family]))
    assess_at_home(other)
    record_activity(by=pendamping, op_id=uuid7(), entry=entry_for([other], kind="komunikasi"))

    lens = Lens(pendamping, DAY, DAY.replace(day=1))
    values = values_of(["kunjungan", "kpm-dikunjungi", "tidak-bertemu"], lens)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(DISTINCT reached.household_id)
            FROM roles_activityhousehold reached
            JOIN roles_activity done ON done.id = reached.activity_id
            JOIN roles_activitykind kind ON kind.code = done.kind_id
            WHERE kind.counts_as_visit AND reached.met AND done.pendamping_id = %s""",
            [pendamping.pk],
        )
        visits, families = cursor.fetchone()
    assert (visits, families) == (2, 2)
    assert values == {"kunjungan": visits, "kpm-dikunjungi": families, "tidak-bertemu": 0}


# --- two at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["act", "visit", "correction"])
def test_two_tabs_at_once_make_one_visit(entry_for, second):
    family, start, faults = HouseholdFactory(), Barrier(2), []
    goal = make_goal(family, on=DAY)
    entry = entry_for([family])
    step = Step("keluarga", "Menyisihkan uang", DAY)

    if second == "correction":
        logged = record_activity(by=family.pendamping, op_id=uuid7(), entry=entry)

    def visit():
        record_activity(by=family.pendamping, op_id=uuid7(), entry=entry)

    def correction():
        change_activity(logged, by=family.pendamping, op_id=uuid7(), entry=entry_for([family], met=False))

    def act():
        add_step(goal, by=family.pendamping, op_id=uuid7(), today=DAY, step=step, visited_on=DAY)

    def run(write):
        try:
            start.wait()
            write()
        except Exception as fault:  # noqa: BLE001  told by the assertion below
            faults.append(fault)
        finally:
            connection.close()

    writes = (act, {"act": act, "visit": visit, "correction": correction}[second])
    threads = [Thread(target=run, args=[write]) for write in writes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults
    assert (
        visits_of(family)
        in {
            "act": [[(DAY, True, ["langkah", "langkah"])]],
            "visit": [[(DAY, False, ["langkah"])]],
            # Corrected first, the act makes a visit of its own; after it, the visit that is none any more lets go of it.
            "correction": [[(DAY, True, ["langkah"])], []],
        }[second]
    )
