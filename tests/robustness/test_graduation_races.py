"""Two people at one family's graduation: one step counts, and the other is told."""

from datetime import date
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from entries.operations import Refused
from kpm.models import GraduationCase, GraduationKind, GraduationMove, WatchCheck
from kpm.operations import change_case, move_case, prepare_case
from pkh_casework.ids import uuid7
from pkh_casework.images import CleanPhoto
from tests.factories import HouseholdFactory, UserFactory

from .parallel import InParallel

TODAY = date(2026, 11, 24)
ROUNDS = 5


def prepare(family):
    kind = GraduationKind.objects.get(pk="administratif")
    return prepare_case(
        family, by=family.pendamping, op_id=uuid7(), sent="x", today=TODAY, kind=kind, statement="Pindah."
    )


def step(case, move, by):
    return move_case(case, move, by=by, op_id=uuid7(), sent=move, today=TODAY, reason="Alasan.")


def outcomes(*works):
    """What each of `works`, begun at the same moment in connections of their own, came to: a value or its refusal."""
    start = Barrier(len(works))

    def of(work):
        start.wait(10)
        try:
            return work()
        except (Refused, IntegrityError) as refusal:
            return refusal

    running = [InParallel(of, work) for work in works]
    return [each.result() for each in running]


@pytest.fixture
def case(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    case = prepare(HouseholdFactory())
    papers = {paper: [CleanPhoto(b"jpeg", 40, 30, "1" * 64)] for paper in case.kind.papers.all()}
    change_case(case, by=case.proposed_by, op_id=uuid7(), sent="foto", today=TODAY, photos=papers)
    return step(case, "usulkan", case.proposed_by)


def test_of_two_approvals_at_once_one_wins_and_the_other_is_told(case):
    first, second = UserFactory.create_batch(2, koordinator=True)

    results = outcomes(lambda: step(case, "setujui", first), lambda: step(case, "setujui", second))

    told = [result for result in results if isinstance(result, Refused)]
    assert len(told) == 1
    case.refresh_from_db()
    assert f"disetujui, oleh {case.decided_by.name}" in told[0].text
    assert GraduationMove.objects.filter(case=case, to_state="disetujui").count() == 1
    assert WatchCheck.objects.filter(case=case).count() == 3


def test_an_approval_and_a_withdrawal_at_once_are_one_of_them(case):
    koordinator = UserFactory(koordinator=True)

    results = outcomes(
        lambda: step(case, "setujui", koordinator), lambda: step(case, "tarik", case.proposed_by)
    )

    assert sum(isinstance(result, Refused) for result in results) == 1
    case.refresh_from_db()
    case.household.refresh_from_db()
    assert (case.state, case.household.status) in {("disetujui", "graduasi"), ("ditarik", "aktif")}


def test_two_tabs_make_one_case(transactional_db):
    for _ in range(ROUNDS):
        family = HouseholdFactory()
        results = outcomes(lambda: prepare(family), lambda: prepare(family))  # noqa: B023  both end in this round

        assert sum(isinstance(result, Refused) for result in results) == 1
        assert GraduationCase.objects.filter(household=family).open().count() == 1


def test_the_database_alone_lets_one_case_be_open(transactional_db):
    family = HouseholdFactory()
    start = Barrier(2)

    def insert():
        start.wait(10)
        with transaction.atomic():
            GraduationCase.objects.create(
                op_id=uuid7(),
                household=family,
                wilayah_id=family.wilayah_id,
                kind_id="mandiri",
                proposed_by=family.pendamping,
                statement="Kembar.",
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.2)")

    running = [InParallel(insert) for _ in range(2)]
    errors = []
    for each in running:
        try:
            each.result()
        except IntegrityError as error:
            errors.append(str(error))
    assert len(errors) == 1 and "graduation_one_open_case" in errors[0]
