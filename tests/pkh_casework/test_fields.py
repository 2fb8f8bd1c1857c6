import pickle
import time
import uuid
from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from kpm.models import Household
from pkh_casework.fields import (
    CROCKFORD,
    BlindIndexField,
    IdentityNumberField,
    NumberUnreadable,
    SealedNumber,
    blind_index,
    blind_indexes,
    digits_of,
    read_code,
    read_short_code,
    seal,
    short_code,
    unseal,
)
from pkh_casework.ids import uuid7

NO_KK, OTHER = "3273990101200001", "3273990101200002"
MASK = "3273 •••• •••• ••••"
NEW_KEYS = {"encryption": {"2": "44" * 32}, "index": {"2": "55" * 32}}

at_leisure = hypothesis_settings(deadline=None, database=None)


def family(number, no_kk=NO_KK):
    """A new, unsaved family; `number` makes it unique."""
    return Household(
        case_number=f"PKH-{number:05}",
        name="Keluarga Uji",
        no_kk=no_kk,
        address="Jalan Uji",
        rt=1,
        rw=1,
        wilayah_id="3273161002",
        pendamping=User.objects.filter(username="pendamping.uji").first()
        or User.objects.create_user("pendamping.uji", name="Uji", duty="pendamping", wilayah_id="3273161002"),
        joined_on=date(2020, 1, 1),
    )


@pytest.fixture
def stored(db):
    household = family(1)
    household.save()
    return household


@pytest.fixture
def new_current_keys(settings):
    """A function that adds key 2 of both kinds and makes it the current one; key 1 stays known."""

    def change():
        ring = settings.IDENTITY_KEYS
        settings.IDENTITY_KEYS = ring | {
            "encryption": ring["encryption"] | NEW_KEYS["encryption"],
            "index": ring["index"] | NEW_KEYS["index"],
            "current": {"encryption": "2", "index": "2"},
        }

    return change


# --- identity numbers ----------------------------------------------------------------------------------------------


def test_a_number_comes_back_from_the_database_only_by_revealing(stored):
    again = Household.objects.get(pk=stored.pk)
    assert isinstance(again.no_kk, SealedNumber)
    assert again.no_kk.reveal() == NO_KK


def test_the_database_holds_no_digits(stored):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT no_kk, no_kk_index, household::text FROM kpm_household household WHERE id = %s",
            [stored.pk],
        )
        sealed, index, row = cursor.fetchone()
    assert NO_KK.encode() not in bytes(sealed) + bytes(index)
    assert NO_KK not in row
    assert NO_KK.encode().hex() not in row


def test_printing_shows_the_first_four_digits_and_no_more(stored):
    number = Household.objects.get(pk=stored.pk).no_kk
    printed = [
        str(number),
        repr(number),
        f"{number}",
        f"{number!r}",
        str([number]),
        str(vars(stored)["no_kk"]),
    ]
    assert all(MASK in text for text in printed)
    assert not any(NO_KK[4:] in text for text in printed)


def test_no_plain_digits_stay_on_the_model_after_assignment():
    household = Household(no_kk=NO_KK)
    assert NO_KK not in str(vars(household))
    assert NO_KK.encode() not in pickle.dumps(vars(household))
    assert household.no_kk.reveal() == NO_KK


def test_no_number_is_none():
    assert Household(no_kk="").no_kk is None
    assert Household(no_kk=None).no_kk is None
    assert Household().no_kk is None


def test_the_same_number_is_sealed_differently_each_time():
    assert seal(NO_KK, "a:b:1") != seal(NO_KK, "a:b:1")


def test_a_number_copied_to_another_row_does_not_open(stored):
    thief = family(2, OTHER)
    thief.save()
    Household.objects.filter(pk=thief.pk).update(no_kk=stored.no_kk)

    number = Household.objects.get(pk=thief.pk).no_kk

    with pytest.raises(NumberUnreadable):
        number.reveal()
    with pytest.raises(NumberUnreadable):
        str(number)


def test_the_field_history_keeps_numbers_that_open_for_their_own_row_only(stored):
    stored.no_kk = OTHER
    stored.save()

    events = stored.events.order_by("pgh_id")

    assert [event.no_kk.reveal() for event in events] == [NO_KK, OTHER]
    assert {str(event.no_kk) for event in events} == {MASK}
    assert [event.no_kk.reveal() for event in stored.events.order_by("pgh_id").only("id", "no_kk")] == [
        NO_KK,
        OTHER,
    ]
    moved = events[0]
    moved.id, moved.no_kk = uuid7(), moved.no_kk.stored
    with pytest.raises(NumberUnreadable):
        moved.no_kk.reveal()


@pytest.mark.parametrize("context", ["kpm.household:no_kk:2", "kpm.household:nik:1", "kpm.member:no_kk:1"])
def test_a_number_opens_only_for_its_model_field_and_row(context):
    stored = seal(NO_KK, "kpm.household:no_kk:1")
    assert unseal(stored, "kpm.household:no_kk:1") == NO_KK
    with pytest.raises(NumberUnreadable):
        unseal(stored, context)


def test_another_key_does_not_open_it(settings):
    stored = seal(NO_KK, "a:b:1")
    settings.IDENTITY_KEYS = settings.IDENTITY_KEYS | {"encryption": {"1": "99" * 32}}
    with pytest.raises(NumberUnreadable):
        unseal(stored, "a:b:1")


def test_a_lost_key_does_not_open_it(settings):
    stored = seal(NO_KK, "a:b:1")
    settings.IDENTITY_KEYS = settings.IDENTITY_KEYS | {"encryption": NEW_KEYS["encryption"]}
    with pytest.raises(NumberUnreadable):
        unseal(stored, "a:b:1")


def damaged(stored):
    """`stored` with one bit turned over, at each place, and cut off."""
    for place in range(len(stored)):
        yield stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :]
        yield stored[:place]


def test_damaged_bytes_do_not_open():
    for bad in damaged(seal(NO_KK, "a:b:1")):
        with pytest.raises(NumberUnreadable):
            unseal(bad, "a:b:1")


def test_nothing_is_sealed_without_keys(settings):
    settings.IDENTITY_KEYS = {}
    with pytest.raises(ImproperlyConfigured, match="make_keys"):
        seal(NO_KK, "a:b:1")


def test_after_a_change_of_keys_old_rows_open_and_new_ones_use_the_new_key(stored, new_current_keys):
    new_current_keys()
    newer = family(2, OTHER)
    newer.save()

    assert [Household.objects.get(pk=row.pk).no_kk.reveal() for row in (stored, newer)] == [NO_KK, OTHER]
    assert [row.no_kk.stored[1] for row in (stored, newer)] == [1, 2]


def test_a_deferred_number_is_fetched_when_read(stored, django_assert_num_queries):
    household = Household.objects.defer("no_kk").get(pk=stored.pk)
    with django_assert_num_queries(1):
        assert household.no_kk.reveal() == NO_KK


def test_a_changed_number_is_stored_with_its_index(stored):
    stored.no_kk = OTHER
    stored.save(update_fields=["no_kk", "no_kk_index"])

    assert Household.objects.get(no_kk_index=blind_index(OTHER, "no_kk")).no_kk.reveal() == OTHER


def test_rows_stored_in_bulk_are_sealed_and_indexed(db):
    Household.objects.bulk_create([family(1, NO_KK), family(2, OTHER)])

    found = Household.objects.get(no_kk_index=blind_index(OTHER, "no_kk"))
    assert found.case_number == "PKH-00002"
    assert found.no_kk.reveal() == OTHER


# --- blind index ---------------------------------------------------------------------------------------------------


def test_a_family_is_found_by_the_whole_number_only(stored):
    assert Household.objects.get(no_kk_index__in=blind_indexes(NO_KK, "no_kk")) == stored
    assert not Household.objects.filter(no_kk_index__in=blind_indexes(OTHER, "no_kk")).exists()
    assert not Household.objects.filter(no_kk_index__in=blind_indexes(NO_KK[:15], "no_kk")).exists()


def test_during_a_key_change_old_and_new_rows_are_found(stored, new_current_keys):
    new_current_keys()
    newer = family(2, NO_KK)
    newer.save()

    found = Household.objects.filter(no_kk_index__in=blind_indexes(NO_KK, "no_kk"))
    assert set(found) == {stored, newer}
    assert bytes(newer.no_kk_index) == blind_index(NO_KK, "no_kk") != bytes(stored.no_kk_index)


def test_saving_again_brings_the_index_under_the_new_key(stored, new_current_keys):
    new_current_keys()
    stored.save()
    assert Household.objects.filter(no_kk_index=blind_index(NO_KK, "no_kk")).exists()


def test_a_nik_and_a_no_kk_of_the_same_digits_have_different_indexes():
    assert blind_index(NO_KK, "nik") != blind_index(NO_KK, "no_kk")


def test_what_people_type_between_the_digits_is_dropped():
    assert digits_of(" 3273-9901.0120 0001\n") == NO_KK


# --- short codes ---------------------------------------------------------------------------------------------------


def test_every_number_of_two_symbols_has_a_code_of_its_own():
    codes = {short_code(number, 2, "uji") for number in range(1024)}
    assert len(codes) == 1024
    assert all(len(code) == 2 and set(code) <= set(CROCKFORD) for code in codes)


@at_leisure
@given(st.integers(0, 32**5 - 1), st.integers(0, 32**5 - 1))
def test_no_two_numbers_share_a_code(one, other):
    assume(one != other)
    assert short_code(one, 5, "kpm") != short_code(other, 5, "kpm")


def test_codes_do_not_tell_how_many_there_are():
    codes = [short_code(number, 5, "kpm") for number in range(1, 200)]
    assert codes != sorted(codes)
    assert len({code[:2] for code in codes}) > 100


def test_codes_depend_on_kind_and_key(settings):
    case = [short_code(number, 5, "kpm") for number in range(20)]
    assert case != [short_code(number, 5, "receipt") for number in range(20)]
    settings.IDENTITY_KEYS = settings.IDENTITY_KEYS | {"case": "77" * 32}
    assert case != [short_code(number, 5, "kpm") for number in range(20)]


@pytest.mark.parametrize("number", [-1, 32**5])
def test_a_number_too_large_for_its_code_is_refused(number):
    with pytest.raises(ValueError, match="does not fit"):
        short_code(number, 5, "kpm")


@at_leisure
@given(st.integers(0, 32**6 - 1))
def test_a_code_is_read_however_it_is_written(number):
    code = short_code(number, 6, "receipt")
    spoken = f" {code[:3]}-{code[3:]} ".lower().replace("0", "o").replace("1", "l")
    assert read_code(spoken) == code


@at_leisure
@given(st.integers(0, 32**6 - 1), st.sampled_from([5, 6]))
def test_the_number_of_a_code_is_found_again(number, symbols):
    number %= 32**symbols
    code = short_code(number, symbols, "receipt")
    spoken = f" {code[:3]}-{code[3:]} ".lower().replace("0", "o").replace("1", "l")
    assert read_short_code(spoken, symbols, "receipt") == number


@pytest.mark.parametrize("text", ["", "7F3K", "7F3K2Q9", "7F3K2U", "7F3K2!", "²7F3K2", "ß7F3K2"])
def test_what_is_no_code_is_told(text):
    with pytest.raises(ValueError, match="no receipt code"):
        read_short_code(text, 6, "receipt")


# --- row ids -------------------------------------------------------------------------------------------------------


@at_leisure
@given(st.integers(0, 2**48 - 1))
def test_an_id_is_a_uuid_of_version_7_that_carries_its_time(milliseconds):
    made = uuid7(milliseconds)
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == milliseconds


def test_later_ids_sort_later_and_all_differ():
    ids = [uuid7(milliseconds) for milliseconds in range(1_790_000_000_000, 1_790_000_000_200)]
    assert ids == sorted(ids)
    assert len({uuid7(0) for _ in range(1000)}) == 1000


def test_an_id_carries_the_present_time():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_a_field_of_a_number_is_named_like_any_other_and_a_form_leaves_the_number_as_it_is():
    number, index = Household._meta.get_field("no_kk"), Household._meta.get_field("no_kk_index")
    assert (number.verbose_name, number.editable, number.to_python(NO_KK)) == ("nomor KK", True, NO_KK)
    assert (index.of, index.editable) == ("no_kk", False)
    for field in (number, index):
        again = field.clone()
        assert again.deconstruct()[2:] == field.deconstruct()[2:]
        assert again.editable == field.editable
    assert BlindIndexField("sidik", of="nik", null=True).null
    assert IdentityNumberField("nomor", null=True).null


def test_a_code_written_on_paper_stays_that_of_its_row(settings):
    """Also over releases: another way of mixing would give every old case number to another family."""
    settings.IDENTITY_KEYS = {"case": "33" * 32}
    assert short_code(0, 5, "case") == "Z45M1"
    assert short_code(1, 6, "receipt") == "G8RXMD"
    assert read_short_code("Z45M1", 5, "case") == 0
