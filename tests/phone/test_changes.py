"""Which families a phone is sent again: every write that shows on a phone is seen, and nothing else is."""

import os
import re
from datetime import date, timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from entries.operations import newest_receipt
from kpm.models import CaseReason, Group, Household, Instrument, Member, Score
from kpm.operations import (
    Answer,
    Step,
    add_member,
    add_step,
    assign,
    change_assessment,
    change_goal,
    change_household,
    change_member,
    change_pengurus,
    change_status,
    change_step,
    close_goal,
    defer,
    move_member,
    name_pengurus,
    register_household,
    save_group,
    tick_step,
)
from phone import changes
from phone.ahead import families_ahead
from phone.changes import changed_since, held_cases, mark
from pkh_casework.ids import uuid7
from roles.models import ActivityKind, SubRole
from roles.operations.activity import (
    Entry,
    change_activity,
    mark_step_done,
    postpone,
    record_activity,
    reopen_activity,
    reopen_goal_step,
)
from tests.factories import (
    LONG_AGO,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    assess,
    component,
    fail_a_check,
    hold,
    make_goal,
    make_graduation,
    no_kk,
    plan_session,
)

TODAY = date(2026, 11, 10)
writes = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)


def from_now_on():
    """A mark behind all that is committed, whoever else writes on this server: no test waits for another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        epoch, xid = divmod(cursor.fetchone()[0], 2**32)
    return f"{mark().rpartition('.')[0]}.{epoch}-{xid}"


def taken(user):
    """{id: dict} of all families of `user`, as a phone gets them."""
    families = list(Household.objects.visible_to(user))
    told = families_ahead(user, TODAY, families)
    return {family.pk: each for family, each in zip(families, told, strict=True)}


# --- every write of a family ------------------------------------------------------------------------------------------


def entry(families, **said):
    kind, sub_role = ActivityKind.objects.get(pk="kunjungan_rumah"), SubRole.objects.get(pk="FAS-1")
    fields = {"occurred_on": TODAY, "kind": kind, "sub_role": sub_role, "notes": "Melihat warung."}
    return Entry(families=[(family, True) for family in families], **{**fields, **said})


class Work:
    """The pendamping's day: the family that is worked with, one that is left in peace, and one that comes along."""

    def __init__(self):
        self.by = UserFactory()
        self.koordinator = UserFactory(koordinator=True)
        self.group = GroupFactory(pendamping=self.by)
        self.family = HouseholdFactory(pendamping=self.by, group=self.group)
        self.quiet = HouseholdFactory(pendamping=self.by)
        self.beside = HouseholdFactory(pendamping=self.by)
        self.mother = self.family.members.get()
        self.child = MemberFactory(household=self.family, birth_date=date(2016, 5, 1))
        self.period = MemberComponentFactory(member=self.child)
        self.assessment = assess(self.family, {"A1": 1, "A2": 2, "B1": 1, "B2": 1}, on=TODAY - timedelta(90))
        self.goal = make_goal(self.family, on=TODAY - timedelta(60), target_on=TODAY + timedelta(60))
        self.step = self.goal.steps.get()
        promise = {"next_step": "Bawa rapor", "next_step_on": TODAY + timedelta(9)}
        both = [self.family, self.beside]
        self.activity = self.record(both, occurred_on=TODAY - timedelta(5), **promise)
        for days in (9, 8, 7, 6):
            self.record([self.family], occurred_on=TODAY - timedelta(days))

    def tap(self):
        return {"by": self.by, "op_id": uuid7(), "sent": None}

    def today(self):
        return {**self.tap(), "today": TODAY}

    def record(self, families, **said):
        return record_activity(**self.tap(), entry=entry(families, **said))

    def correct(self, families, **said):
        said = {"occurred_on": self.activity.occurred_on, **said}
        change_activity(
            self.activity, **self.tap(), entry=entry(families, **said, seen=newest_receipt(self.activity))
        )

    def row(self, family):
        return self.activity.families.get(household=family)

    # each of these is one write

    def logs_a_visit(self):
        self.record([self.family], notes="Warungnya ramai.")

    def logs_an_old_visit(self):
        self.record([self.beside, self.family], occurred_on=TODAY - timedelta(100))

    def logs_a_visit_that_keeps_a_promise(self):
        kept = [self.row(self.family)]
        self.record([self.family], occurred_on=TODAY - timedelta(99), kept_promises=kept)

    def logs_a_visit_that_finishes_a_step(self):
        self.record(
            [self.family], occurred_on=TODAY - timedelta(98), goals=[self.goal], goal_steps=[self.step]
        )

    def corrects_the_words(self):
        promise = {"next_step": "Bawa rapor", "next_step_on": TODAY + timedelta(9)}
        self.correct([self.family, self.beside], notes="Ternyata warungnya sepi.", **promise)

    def corrects_the_promise(self):
        self.correct([self.family, self.beside], next_step="Bawa KK", next_step_on=TODAY + timedelta(3))

    def takes_the_family_out_of_an_activity(self):
        self.correct([self.beside], dropped=[self.family])

    def reopens_an_activity(self):
        reopen_activity(self.activity, **self.tap())

    def ticks_a_promise(self):
        mark_step_done(self.row(self.family), **self.tap(), on=TODAY)

    def postpones(self):
        postpone(self.family, **self.tap(), until_on=TODAY + timedelta(3), reason="Sakit.")

    def verifies_a_commitment(self):
        fail_a_check(self.child, by=self.by, today=TODAY)

    def holds_a_meeting(self):
        hold(plan_session(self.group, on=TODAY), {self.family: "hadir"})

    def makes_a_goal(self):
        make_goal(self.family, "A1", on=TODAY)

    def changes_a_goal(self):
        words = {"wish": "Menabung", "why": "Supaya aman", "target_on": TODAY + timedelta(30)}
        change_goal(self.goal, **self.today(), **words)

    def closes_a_goal(self):
        close_goal(self.goal, **self.today(), state="tercapai", reason="Sudah.")

    def adds_a_step(self):
        add_step(self.goal, **self.today(), step=Step("keluarga", "Membuka buku tabungan", TODAY))

    def changes_a_step(self):
        change_step(self.step, **self.today(), step=Step("pendamping", "Bertanya ke koperasi", TODAY))

    def ticks_a_step(self):
        tick_step(self.step, **self.tap(), on=TODAY)

    def ticks_a_step_and_opens_it_again(self):
        tick_step(self.step, **self.tap(), on=TODAY)
        reopen_goal_step(self.step, **self.tap())

    def writes_why_not_yet(self):
        score = Score.objects.get(assessment=self.assessment, code="B1")
        defer(self.family, **self.today(), score=score, reason="Nanti dulu.")

    def assesses(self):
        assess(self.family, {"A1": 3, "B1": 2}, on=TODAY)

    def assesses_late(self):
        assess(self.family, {"C1": 1}, on=TODAY - timedelta(120))

    def corrects_an_assessment(self):
        indicators = Instrument.objects.get(pk=1).indicators
        answers = [Answer(indicators.get(code="A1"), family_level=4, level=4)]
        change_assessment(self.assessment, **self.tap(), on=self.assessment.assessed_on, answers=answers)

    def adds_a_member(self):
        add_member(self.family, **self.today(), name="Bayi", sex="P", relation="anak")

    def changes_a_member(self):
        change_member(self.child, **self.today(), name="Rizki")

    def changes_a_nik(self):
        change_member(self.child, **self.today(), nik="3273990105160004")

    def lets_a_member_leave(self):
        change_member(self.child, **self.today(), left_on=TODAY, left_reason="Pindah")

    def opens_a_component(self):
        opened = {"component": component("disabilitas_berat"), "place": "SLB 1", "from_on": TODAY}
        change_member(self.child, **self.today(), opened=opened)

    def closes_a_component(self):
        change_member(self.child, **self.today(), closed={self.period: TODAY})

    def names_another_pengurus(self):
        name_pengurus(self.family, member=self.child, by=self.by, on=TODAY)

    def names_an_heir(self):
        name_pengurus(self.family, member=self.mother, heir=self.child, by=self.by, on=TODAY)

    def changes_the_household(self):
        change_household(self.family, **self.today(), address="Gang Baru 9", notes="Sudah pindah.")

    def changes_the_no_kk(self):
        change_household(self.family, **self.today(), no_kk=no_kk(9900))

    def takes_it_out_of_the_kelompok(self):
        change_household(self.family, **self.today(), group=None)

    def renames_the_kelompok(self):
        same = {"wilayah": self.group.wilayah, "pendamping": self.by}
        save_group(self.group, **self.today(), name="Kelompok Mawar", **same)

    def sets_it_inactive(self):
        reason = CaseReason.objects.get(pk="nonaktif-mundur")
        change_status(self.family, **self.tap(), to="nonaktif", reason=reason, on=TODAY)

    def lets_the_heir_take_over(self):
        reason = CaseReason.objects.get(pk="pengurus-sakit")
        said = {"successor": self.child, "heir": self.mother, "reason": reason, "on": TODAY}
        change_pengurus(self.family, **self.tap(), **said)

    def graduates_it(self):
        make_graduation(self.family, "usulkan", "setujui", koordinator=self.koordinator, on=TODAY)


WRITES = [
    name
    for name, write in vars(Work).items()
    if callable(write)
    and not name.startswith("_")
    and name not in {"tap", "today", "record", "correct", "row"}
]
# What no page without signal shows of the family.
UNSEEN = {"logs_an_old_visit", "reopens_an_activity", "postpones", "ticks_a_step_and_opens_it_again"}


@writes
def test_every_write_that_a_phone_shows_is_seen_and_the_family_beside_is_left_alone():
    """One after the other in one database, each about families and a pendamping of its own."""
    seen, astray = set(), {}
    for name in WRITES:
        work = Work()
        before, since = taken(work.by), from_now_on()
        getattr(work, name)()
        after, changed = taken(work.by), changed_since(since, work.by)
        different = {pk for pk in before if before[pk] != after[pk]}
        if work.family.pk in different:
            seen.add(name)
        if not different <= changed <= {work.family.pk, work.beside.pk}:
            astray[name] = (different, changed, work.quiet.pk)
    assert astray == {}
    assert set(WRITES) - seen == UNSEEN


@writes
def test_a_family_that_comes_is_seen_by_whoever_gets_it_and_one_that_goes_by_nobody():
    giver, taker = UserFactory(), UserFactory()
    family, other = HouseholdFactory(pendamping=giver), HouseholdFactory(pendamping=giver)
    since = from_now_on()

    assign(family, to=taker, by=taker, on=TODAY)
    new = register_household(
        by=taker,
        op_id=uuid7(),
        pendamping=taker,
        pengurus={"name": "Sari", "sex": "P", "relation": "pasangan"},
        today=TODAY,
        no_kk=no_kk(9901),
        address="Gang 1",
        rt=1,
        rw=1,
        wilayah_id=taker.wilayah_id,
        joined_on=LONG_AGO,
    )

    assert changed_since(since, taker) == {family.pk, new.pk}
    assert changed_since(since, giver) == set()
    assert held_cases(giver) == [other.case_number]


@writes
def test_both_families_of_a_person_who_moves_are_seen():
    holder = UserFactory()
    left, target, quiet = (HouseholdFactory(pendamping=holder) for _ in range(3))
    child = MemberFactory(household=left)
    since = from_now_on()

    move_member(
        child, by=holder, op_id=uuid7(), sent=None, today=TODAY, asked_case=target.case_number,
        target=target, at_once=True, relation="cucu", on=TODAY,
        reason=CaseReason.objects.get(pk="pindah-diasuh"),
    )  # fmt: skip

    assert changed_since(since, holder) == {left.pk, target.pk}
    assert quiet.pk not in changed_since(since, holder)


@writes
def test_what_was_being_written_when_the_mark_was_made_is_seen():
    family = HouseholdFactory()
    with psycopg.connect(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"]) as beside:
        beside.execute("UPDATE kpm_member SET name = 'Lain' WHERE household_id = %s", [family.pk])
        since = mark()
        assert changed_since(since, family.pendamping) is not None
        beside.commit()

    assert changed_since(since, family.pendamping) == {family.pk}


@writes
def test_what_a_savepoint_wrote_is_seen():
    family = HouseholdFactory()
    since = from_now_on()
    with transaction.atomic(), transaction.atomic():
        Member.objects.filter(household=family).update(name="Lain")

    assert changed_since(since, family.pendamping) == {family.pk}


@writes
def test_whoever_was_served_is_not_served_the_same_again():
    family = HouseholdFactory()
    since = from_now_on()
    later = mark()

    assert changed_since(since, family.pendamping) == set()
    assert changes.MARK.fullmatch(later)


# --- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mark_that_says_nothing_here_asks_for_everything(pendamping):
    HouseholdFactory(pendamping=pendamping)
    now = mark()
    database, xid = now.rsplit(".", 1)
    epoch, number = map(int, xid.split("-"))

    odd = [
        "",
        "-",
        "0",
        "x" * 500,
        f"{database}.",
        f"{now}0000000000",
        f"{now}; DROP TABLE x",
        now.replace("-", "–"),
    ]
    of_others = [f"9{now}", f"1.00000001.{xid}", f"oid5.{xid}"]
    of_a_restored_database = [f"{database[:-1]}9.{xid}"]
    of_another_time = [f"{database}.{epoch + 1}-{number}", f"{database}.{epoch}-{2**32 - 1}"]
    for said in odd + of_others + of_a_restored_database + of_another_time:
        assert changed_since(said, pendamping) is None, said
    assert changed_since(now, pendamping) is not None


@pytest.mark.django_db
def test_a_mark_as_old_as_the_numbers_of_transactions_go_asks_for_everything(pendamping, monkeypatch):
    now = mark()
    monkeypatch.setattr(changes, "OLDEST", 0)

    assert changed_since(now, pendamping) is None


@pytest.mark.django_db
def test_where_the_cluster_does_not_tell_its_name_the_database_does(monkeypatch):
    with connection.cursor() as cursor:
        named = changes._database(cursor)
        monkeypatch.setattr(changes, "READABLE", "SELECT false")
        numbered = changes._database(cursor)

    assert re.fullmatch(r"\d{15,20}\.[0-9A-F]{8}", named)
    assert re.fullmatch(r"oid\d+\.[0-9A-F]{8}", numbered)


# --- what is read is what is watched ----------------------------------------------------------------------------------

# Read by `families_ahead`, and why a change of it needs no watch of its own.
BESIDE = {
    "kpm_score": "scores come and go with their assessment",
    "roles_activity": "its words change together with its rows of families",
    "wilayah_wilayah": "reference data",
    "kpm_component": "master data: it changes with a release",
    "kpm_indicator": "master data",
    "roles_activitykind": "master data",
    "roles_commitmentkind": "master data",
    "roles_subrole": "master data",
    "roles_role": "master data, by whose order sub-roles come",
    "kpm_instrument": "master data, by whose order indicators come",
    "accounts_user": "the name of who wrote it down; a row that changes at every login",
}


@pytest.mark.django_db
def test_every_table_that_is_read_is_watched_or_said_not_to_be(pendamping):
    family = HouseholdFactory(pendamping=pendamping)
    record_activity(by=UserFactory(), op_id=uuid7(), entry=entry([family]))
    with CaptureQueriesContext(connection) as queries:
        list(families_ahead(pendamping, TODAY, list(Household.objects.visible_to(pendamping))))
    read = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}

    watched = {model._meta.db_table for model in (Household, Group, *changes.ROWS_OF_A_FAMILY)}
    assert read - BESIDE.keys() <= watched
    assert BESIDE.keys() <= read | {"accounts_user"}


@pytest.mark.django_db
def test_looking_for_changes_is_few_statements_whatever_the_number_of_families(
    pendamping, django_assert_num_queries
):
    for _ in range(3):
        HouseholdFactory(pendamping=pendamping)

    with django_assert_num_queries(3):
        now = mark()
    with django_assert_num_queries(4):
        changed_since(now, pendamping)
    with django_assert_num_queries(1):
        held_cases(pendamping)


# --- the list ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_families_are_those_of_the_list_in_its_order(client, pendamping):
    for name in ("sari", "Budi", "Éti", "Sari", "ani", "Ani"):
        HouseholdFactory(pendamping=pendamping, name=name)
    HouseholdFactory(pendamping=pendamping, name="Aaa", status="nonaktif")
    HouseholdFactory(name="Orang lain")
    client.force_login(pendamping)

    page = client.get("/kpm/").content.decode()

    assert held_cases(pendamping) == re.findall(r'name="kpm" value="([^"]+)"', page)
    assert len(held_cases(pendamping)) == 6
