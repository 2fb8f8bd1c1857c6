"""Whatever the order of files, decisions and changes here: a row of the desk ends as the values and the last decision say."""

from functools import partial
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpm.models import CaseReason, Household
from kpm.payments import term_of
from pkh_casework.fields import blind_index
from pkh_casework.ids import uuid7
from roster.models import Batch, Difference, StagedFamily
from roster.operations.batch import match_columns
from roster.operations.comparing import compare
from roster.operations.siks import Terms, decide, receive_quarterly
from tests.factories import KEBON_JAYANTI, KIARACONDONG, HouseholdFactory, UserFactory
from tests.queries import count_queries
from wilayah.clock import local_today
from wilayah.models import Wilayah

from .test_batch import no_kk, table

FAMILIES = (1, 2)
NUMBERS = st.sampled_from([3, 7, 8])
# Each family with the RT that the file tells, or not in it; a third one always is, so that the kelurahan is covered.
FILES = st.tuples(*(NUMBERS | st.none() for _ in FAMILIES))
DECISIONS = st.sampled_from(["diterima", "ditolak", "ditunda"])
ACTS = st.one_of(
    st.tuples(st.just("file"), FILES),
    st.tuples(st.just("decide"), st.sampled_from(FAMILIES), st.sampled_from(["pindah", "keluar"]), DECISIONS),
    st.tuples(st.just("here"), st.sampled_from(FAMILIES), NUMBERS),
)


@pytest.fixture
def koordinator(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    pendamping = UserFactory(name="Rina Marlina", wilayah_id=KEBON_JAYANTI)
    for serial in (*FAMILIES, 3):
        HouseholdFactory(
            no_kk=no_kk(serial), pendamping=pendamping, rt=3, rw=5, dusun="", address=f"Gang Mawar {serial}"
        )
    return UserFactory(duty="koordinator", wilayah_id=KIARACONDONG)


def sent(by, said, capture):
    """The batch of a file that says `said`, an RT or None for each family, compared."""
    headings = ["No KK", "Nama pengurus", "Alamat", "RT", "RW", "Kelurahan"]
    rows = [
        [no_kk(serial), household(serial).name, f"Gang Mawar {serial}", rt, 5, "Kebon Jayanti"]
        for serial, rt in zip((*FAMILIES, 3), (*said, 3), strict=True)
        if rt
    ]
    content = table(*rows, headings=headings)
    with capture(execute=True):
        batch = receive_quarterly(
            by=by,
            op_id=uuid7(),
            upload=SimpleUploadedFile("siks.csv", content),
            sha256=sha256(content).hexdigest(),
            area=Wilayah.objects.get(pk=KIARACONDONG),
            term=term_of(local_today()),
        )
    batch.refresh_from_db()
    if batch.state == Batch.State.MATCHING:
        fields = [column["field"] for column in batch.columns]
        with capture(execute=True):
            match_columns(batch, by=by, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
        batch.refresh_from_db()
    assert batch.state == Batch.State.COMPARED, batch.words
    return batch


def household(serial):
    return Household.objects.get(no_kk_index=blind_index(no_kk(serial), "no_kk"))


def rows_there():
    """{(serial, kind): state} of the desk."""
    serials = {household(serial).pk: serial for serial in FAMILIES}
    return {(serials[one.household_id], one.kind): one.state for one in Difference.objects.all()}


class Told:
    """What ought to be: the values of both sides, and the last decision on each row with what was seen then."""

    def __init__(self):
        self.file, self.decided, self.compared = None, {}, {}

    def values(self, serial, kind):
        """(here, in the file) of a row, None where the two do not differ."""
        here, there = household(serial), self.file[serial - 1]
        if here.status == "nonaktif":
            return None
        if kind == "keluar":
            return ("ada", None) if there is None else None
        return (here.rt, there) if there and there != here.rt else None

    def state(self, serial, kind):
        decision, seen = self.decided.get((serial, kind), ("", None))
        values = self.values(serial, kind)
        if values is None:
            return {"diterima"} if decision == "diterima" else {"sama", "hilang"}
        return {decision} if decision in {"ditolak", "ditunda"} and seen == values else {"terbuka"}


def act(told, by, capture, what, *said):
    if what == "file":
        told.file = said[0]
        sent(by, said[0], capture)
        told.compared = {
            (serial, kind): told.values(serial, kind) for serial in FAMILIES for kind in ("pindah", "keluar")
        }
    elif what == "here":
        Household.objects.filter(pk=household(said[0]).pk).update(rt=said[1])
    elif told.file is not None:
        serial, kind, decision = said
        row = Difference.objects.filter(household=household(serial), kind=kind).first()
        if row is None:
            return
        reason = CaseReason.objects.filter(use="nonaktif", needs_words=False).first()
        ((_, words),) = decide(
            {row.pk: row.mark},
            by=by,
            op_id=uuid7(),
            today=local_today(),
            decision=decision,
            terms=Terms(on=local_today(), reason=reason),
            note="Sudah dicek",
        )
        if not words:
            told.decided[serial, kind] = (decision, told.compared[serial, kind])


@given(acts=st.lists(ACTS, min_size=2, max_size=6), last=FILES)
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_a_row_ends_as_the_values_and_the_last_decision_say(
    koordinator, django_capture_on_commit_callbacks, acts, last
):
    capture = django_capture_on_commit_callbacks
    with transaction.atomic():
        told = Told()
        for one in [("file", last), *acts, ("file", last)]:
            act(told, koordinator, capture, *one)
        there = rows_there()
        for serial in FAMILIES:
            for kind in ("pindah", "keluar"):
                if (serial, kind) in there:
                    assert there[serial, kind] in told.state(serial, kind)
                else:
                    assert told.values(serial, kind) is None
        # The same file once more changes nothing, and writes no history.
        versions = Difference.pgh_event_model.objects.count()
        act(told, koordinator, capture, "file", last)
        assert rows_there() == there
        assert Difference.pgh_event_model.objects.count() == versions
        transaction.set_rollback(True)


def test_a_long_file_is_compared_in_as_many_statements_as_a_short_one(
    koordinator, django_capture_on_commit_callbacks
):
    """No row comes to Python, so what it takes of memory does not grow with the file."""
    counts = []
    for number in (5, 400):
        rows = [
            [no_kk(900 + serial), f"Ibu {serial}", f"Gang Mawar {serial}", 4, 5, "Kebon Jayanti"]
            for serial in range(number)
        ]
        headings = ["No KK", "Nama pengurus", "Alamat", "RT", "RW", "Kelurahan"]
        content = table(*rows, headings=headings)
        send = partial(
            receive_quarterly,
            by=koordinator,
            upload=SimpleUploadedFile("siks.csv", content),
            sha256=sha256(content).hexdigest(),
            area=Wilayah.objects.get(pk=KIARACONDONG),
            term=term_of(local_today()),
        )
        with django_capture_on_commit_callbacks(execute=True):
            batch = send(op_id=uuid7())
        batch.refresh_from_db()
        if batch.state == Batch.State.MATCHING:
            fields = [column["field"] for column in batch.columns]
            with django_capture_on_commit_callbacks(execute=True):
                match_columns(
                    batch, by=koordinator, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None
                )
            batch.refresh_from_db()
        assert StagedFamily.objects.filter(batch=batch, household=None).count() == number
        with count_queries() as queries:
            compare(batch)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 30
    assert Difference.objects.filter(kind="masuk").count() == 400
