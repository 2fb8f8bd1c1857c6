import threading
import time
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from accounts.models import User
from entries.decisions import resolve_entry
from entries.holding import hold_entry
from entries.models import HeldEntry, LateWrite, Period, Receipt
from entries.months import MonthLocked, open_month
from entries.operations import OtherContent, content_hash, take_receipt
from pkh_casework.ids import uuid7
from wilayah.clock import local_today

KEBON_JAYANTI = "3273161002"
TODAY = date(2026, 11, 24)


@pytest.fixture
def author(db):
    return User.objects.create_user("pendamping.uji", name="Uji", duty="pendamping", wilayah_id=KEBON_JAYANTI)


def entry(author, **changes):
    """What a phone sends; two calls with the same `op_id` describe the same entry."""
    fields = {"op_id": uuid7(), "author": author, "kind": "kegiatan", "content": {"catatan": "Sehat."}}
    return fields | {"object_id": uuid7()} | changes


class InOtherConnection:
    """Runs `work` in a thread, thus in another database connection and transaction of its own."""

    def __init__(self, work):
        self.outcome = self.error = None
        self.pid = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[work])
        self._thread.start()
        assert self._begun.wait(10)

    def _run(self, work):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.pid = cursor.fetchone()[0]
                self._begun.set()
                self.outcome = work()
        except Exception as error:  # noqa: BLE001 (raised again by `result`)
            self.error = error
        finally:
            connection.close()

    def waits_for_a_lock(self, patience=10):
        """Whether it comes to stand behind a lock of another transaction, within `patience` seconds."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self._thread.is_alive():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", [self.pid]
                )
                if cursor.fetchone() == (True,):
                    return True
            time.sleep(0.01)
        return False

    def result(self):
        self._thread.join(10)
        assert not self._thread.is_alive(), "still waiting for a lock"
        if self.error:
            raise self.error
        return self.outcome


# --- receipts ------------------------------------------------------------------------------------------------------


def test_a_new_entry_gets_a_receipt(author):
    sent = entry(author)

    receipt, is_new = take_receipt(**sent)

    assert is_new
    stored = Receipt.objects.get(op_id=sent["op_id"])
    assert (stored.number, stored.author, stored.kind) == (receipt.number, author, "kegiatan")
    assert stored.object_id == sent["object_id"]


def test_the_same_entry_again_answers_as_the_first_time(author):
    sent = entry(author)
    first, _ = take_receipt(**sent)

    again, is_new = take_receipt(**sent | {"object_id": uuid7()})

    assert not is_new
    assert (again.number, again.code, again.object_id) == (first.number, first.code, sent["object_id"])
    assert Receipt.objects.count() == 1


def test_a_stored_receipt_can_be_changed_without_a_second_row(author):
    sent = entry(author)
    receipt, _ = take_receipt(**sent)
    receipt.kind = "lain"
    receipt.save(update_fields=["kind"])
    assert Receipt.objects.get().kind == "lain"


@pytest.mark.parametrize("change", [{"content": {"catatan": "Sakit."}}, {"kind": "tunda"}])
def test_the_same_id_with_other_content_is_told_with_the_earlier_receipt(author, change):
    sent = entry(author)
    first, _ = take_receipt(**sent)

    with pytest.raises(OtherContent) as caught:
        take_receipt(**sent | change)

    assert caught.value.receipt.number == first.number


def test_the_same_id_of_another_author_is_no_replay(author):
    sent = entry(author)
    take_receipt(**sent)
    other = User.objects.create_user(
        "pendamping.lain", name="Lain", duty="pendamping", wilayah_id="3273161001"
    )

    with pytest.raises(OtherContent):
        take_receipt(**sent | {"author": other})


def test_the_order_of_the_fields_is_not_content_but_their_values_are():
    one = {"tanggal": TODAY, "kpm": [uuid.UUID(int=1)], "catatan": "Baik – é"}
    assert content_hash(one) == content_hash(dict(reversed(one.items())))
    assert content_hash(one) != content_hash(one | {"tanggal": date(2026, 11, 25)})


def test_codes_of_receipts_are_six_symbols_unique_and_stable(author):
    codes = {take_receipt(**entry(author))[0].code for _ in range(100)}

    assert len(codes) == 100
    assert {len(code) for code in codes} == {6}
    assert {receipt.code for receipt in Receipt.objects.all()} == codes


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_the_second_waits_and_becomes_a_replay(author):
    sent = entry(author)
    with transaction.atomic():
        first, _ = take_receipt(**sent)
        second = InOtherConnection(lambda: take_receipt(**sent))
        assert second.waits_for_a_lock()

    receipt, is_new = second.result()

    assert not is_new
    assert receipt.number == first.number
    assert Receipt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_when_the_first_of_two_requests_fails_the_second_is_taken(author):
    sent = entry(author)
    with transaction.atomic():
        take_receipt(**sent)
        second = InOtherConnection(lambda: take_receipt(**sent))
        assert second.waits_for_a_lock()
        transaction.set_rollback(True)

    _, is_new = second.result()

    assert is_new
    assert Receipt.objects.count() == 1


# --- held entries --------------------------------------------------------------------------------------------------


def hold(author, op_id, payload):
    return hold_entry(
        op_id=op_id,
        author=author,
        payload=payload,
        reason=HeldEntry.Reason.MONTH_LOCKED,
        wilayah_id=KEBON_JAYANTI,
    )


def test_an_entry_is_held_whole_and_once_per_content(author):
    op_id = uuid7()
    held = hold(author, op_id, {"tanggal": "2031-01-01", "catatan": "Sehat."})
    again = hold(author, op_id, {"catatan": "Sehat.", "tanggal": "2031-01-01"})
    other = hold(author, op_id, {"tanggal": "2031-01-01", "catatan": "Sakit."})

    assert held.pk == again.pk != other.pk
    held.refresh_from_db()
    assert held.payload == {"tanggal": "2031-01-01", "catatan": "Sehat."}
    assert HeldEntry.objects.waiting().count() == 2


def test_a_decision_is_about_one_entry_and_counts_once(author):
    first, second = hold(author, uuid7(), {"catatan": "Satu."}), hold(author, uuid7(), {"catatan": "Dua."})

    assert resolve_entry(first, by=author, note="Sudah ada.")
    assert not resolve_entry(first, by=author, note="Lain.", decision=HeldEntry.Decision.ACCEPTED)

    first.refresh_from_db()
    assert (first.note, first.decision) == ("Sudah ada.", HeldEntry.Decision.CLOSED)
    assert list(HeldEntry.objects.waiting()) == [second]


def test_a_held_entry_waits_for_its_author_and_the_koordinator_of_its_area(author):
    held = hold(author, uuid7(), {})
    koordinator, stranger, neighbour = (
        User.objects.create_user(name, name="Uji", duty=duty, wilayah_id=wilayah)
        for name, duty, wilayah in [
            ("koordinator.uji", "koordinator", "327316"),
            ("koordinator.jauh", "koordinator", "3204"),
            ("pendamping.tetangga", "pendamping", KEBON_JAYANTI),
        ]
    )

    assert [user for user in (author, koordinator) if held in HeldEntry.objects.visible_to(user)] == [
        author,
        koordinator,
    ]
    assert not any(HeldEntry.objects.visible_to(user).exists() for user in (stranger, neighbour))


# --- months --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_first_entry_of_a_month_makes_its_row_and_later_ones_find_it():
    open_month(KEBON_JAYANTI, TODAY)
    open_month(KEBON_JAYANTI, date(2026, 11, 1))

    period = Period.objects.get()
    assert (period.month, period.state) == (date(2026, 11, 1), Period.State.OPEN)


@pytest.mark.django_db
def test_a_locked_month_refuses_entries_of_its_area_only():
    Period.objects.create(wilayah_id=KEBON_JAYANTI, month=date(2026, 11, 1), state=Period.State.LOCKED)

    with pytest.raises(MonthLocked) as caught:
        open_month(KEBON_JAYANTI, TODAY)
    assert (caught.value.wilayah_id, caught.value.month) == (KEBON_JAYANTI, date(2026, 11, 1))

    open_month(KEBON_JAYANTI, date(2026, 12, 1))
    open_month("3273161001", TODAY)


@pytest.mark.django_db
def test_writing_into_a_month_that_is_over_leaves_a_mark():
    today = local_today(KEBON_JAYANTI)
    last_month = today.replace(day=1) - timedelta(days=1)

    open_month(KEBON_JAYANTI, today)
    assert not LateWrite.objects.exists()

    open_month(KEBON_JAYANTI, last_month)
    mark = LateWrite.objects.get()
    assert (mark.wilayah_id, mark.month) == (KEBON_JAYANTI, last_month.replace(day=1))


def lock_month():
    period = Period.objects.select_for_update(of=["self"]).get(
        wilayah_id=KEBON_JAYANTI, month=date(2026, 11, 1)
    )
    period.state = Period.State.LOCKED
    period.save(update_fields=["state"])


@pytest.mark.django_db(transaction=True)
def test_locking_a_month_waits_for_the_writer_inside_it():
    with transaction.atomic():
        open_month(KEBON_JAYANTI, TODAY)
    with transaction.atomic():
        open_month(KEBON_JAYANTI, TODAY)
        locker = InOtherConnection(lock_month)
        assert locker.waits_for_a_lock()

    locker.result()

    with pytest.raises(MonthLocked), transaction.atomic():
        open_month(KEBON_JAYANTI, TODAY)


@pytest.mark.django_db(transaction=True)
def test_a_writer_who_comes_during_the_locking_waits_and_is_refused():
    with transaction.atomic():
        open_month(KEBON_JAYANTI, TODAY)
    with transaction.atomic():
        lock_month()
        writer = InOtherConnection(lambda: open_month(KEBON_JAYANTI, TODAY))
        assert writer.waits_for_a_lock()

    with pytest.raises(MonthLocked):
        writer.result()


@pytest.mark.django_db(transaction=True)
def test_writers_of_one_month_do_not_wait_for_each_other():
    with transaction.atomic():
        open_month(KEBON_JAYANTI, TODAY)
    with transaction.atomic():
        open_month(KEBON_JAYANTI, TODAY)
        InOtherConnection(lambda: open_month(KEBON_JAYANTI, TODAY)).result()
