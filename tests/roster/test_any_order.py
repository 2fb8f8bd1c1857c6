"""Whatever the order of its rows, however often it is sent, given up or cut short: a file makes the same families."""

from contextlib import suppress
from functools import partial
from hashlib import sha256
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpm.models import Household
from pkh_casework.ids import uuid7
from roster.models import Batch
from roster.operations import batch as operations
from roster.operations.applying import ask_to_apply
from roster.operations.batch import cancel_batch, go_on, match_columns, receive_file
from roster.operations.staging import Stager
from tests.factories import KEBON_JAYANTI, KIARACONDONG, UserFactory

from .test_batch import child, family, table

ROWS = [
    family(1, "Siti Aminah"),
    child(1, "Asep", 11),
    child(1, "Ujang", 12, Komponen="SMP"),
    family(2, "Euis Komariah", Kelompok="Mawar 2"),
    family(3, "Nining", **{"No KK": "3,27399E+15"}),
    child(2, "Cecep", 21, Kelompok="Mawar 2"),
    family(4, "Imas Masitoh", RT="", RW="", Kelompok=""),
    child(4, "Dedi", 41, Hubungan="Famili lain", Komponen=""),
]


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def koordinator(db):
    UserFactory(name="Rina Marlina", wilayah_id=KEBON_JAYANTI)
    return UserFactory(duty="koordinator", wilayah_id=KIARACONDONG)


def families():
    """What stands there, without what each run names anew."""
    return {
        household.no_kk.reveal(): (
            household.name,
            household.address,
            (household.rt, household.rw),
            household.wilayah_id,
            household.group and household.group.name,
            household.pendamping.name,
            sorted(
                (
                    member.nik.reveal(),
                    member.name,
                    member.sex,
                    member.relation,
                    str(member.birth_date),
                    *member.components.values_list("component", flat=True),
                )
                for member in household.members.all()
            ),
            household.assignments.count(),
        )
        for household in Household.objects.all()
    }


def sent(by, content, capture):
    """The batch of a file, read and checked."""
    with capture(execute=True):
        upload = SimpleUploadedFile("kpm.csv", content)
        batch = receive_file(by=by, op_id=uuid7(), upload=upload, sha256=sha256(content).hexdigest())
    batch.refresh_from_db()
    if batch.state == Batch.State.MATCHING:
        fields = [column["field"] for column in batch.columns]
        with capture(execute=True):
            match_columns(batch, by=by, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
    return batch


def taken_in(by, content, capture, *, killed_at=None):
    """Send a file and take it in; a worker that dies at a piece of it is followed by another."""
    pieces = 0
    take = Stager.take

    def until_killed(stager, piece):
        nonlocal pieces
        pieces += 1
        take(stager, piece)
        if pieces == killed_at:
            raise Killed

    with patch.object(operations, "PIECE", 2), patch.object(Stager, "take", until_killed):
        with suppress(Killed):
            sent(by, content, capture)
        batch = Batch.objects.order_by("sent_at", "pk").last()
        if batch.state == Batch.State.CHECKING:
            go_on(batch.pk)
    batch.refresh_from_db()
    assert batch.state == Batch.State.READY, batch.words
    with capture(execute=True):
        ask_to_apply(batch, by=by, op_id=uuid7())
    batch.refresh_from_db()
    assert batch.state == Batch.State.APPLIED, batch.words
    return batch


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    order=st.permutations(range(len(ROWS))),
    given_up=st.booleans(),
    killed_at=st.sampled_from([None, 1, 3]),
    again=st.booleans(),
)
def test_any_order_and_any_way_make_the_same_families(
    koordinator, django_capture_on_commit_callbacks, order, given_up, killed_at, again
):
    capture = partial(django_capture_on_commit_callbacks)
    with transaction.atomic():
        taken_in(koordinator, table(*ROWS), capture)
        expected = families()
        assert len(expected) == 3 and not any(faulty in expected for faulty in ("", None))
        transaction.set_rollback(True)
    content = table(*(ROWS[at] for at in order))
    with transaction.atomic():
        if given_up:
            with patch.object(operations, "PIECE", 2):
                batch = sent(koordinator, content, capture)
            batch.refresh_from_db()
            cancel_batch(batch, by=koordinator, op_id=uuid7())
            assert families() == {}
        taken_in(koordinator, content, capture, killed_at=killed_at)
        assert families() == expected
        if again:
            assert taken_in(koordinator, content, capture).totals["masuk"] == 0
            assert families() == expected
        transaction.set_rollback(True)
