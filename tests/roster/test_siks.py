"""The SIKS-NG desk: what a file of a tahap differs in, what is decided on it, and what becomes of both with the next."""

from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from entries.operations import Refused
from kpm.models import CaseReason, FamilyChange, Household, Member, MemberComponent
from kpm.operations import change_household, change_member
from kpm.payments import term_of, terms_back
from pkh_casework.fields import blind_index
from pkh_casework.ids import uuid7
from roster.models import Batch, Difference, Kind, StagedFamily, ToType
from roster.operations.batch import match_columns
from roster.operations.siks import Terms, decide, receive_quarterly
from roster.operations.to_type import gather, tick_off, untick
from tests.factories import KEBON_JAYANTI, KIARACONDONG, SUKAPURA, HouseholdFactory
from wilayah.clock import local_today
from wilayah.models import Wilayah

from .test_batch import HEADINGS, child, family, nik, no_kk, table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_kept")]
State, ToState = Difference.State, ToType.State
WITH_DESIL = [*HEADINGS, "Desil"]


def same_rows():
    """A file that says just what is here."""
    return [
        family(1, "SITI AMINAH"),
        child(1, "ASEP", 11),
        child(1, "Ujang", 12),
        family(2, "Euis Komariah", Alamat="GG. MAWAR 2"),
        family(3, "Nining"),
    ]


def here(serial):
    return Household.objects.get(no_kk_index=blind_index(no_kk(serial), "no_kk"))


def compared(user, *rows, headings=HEADINGS, term=None, area=None):
    """The batch of a quarterly file, compared."""
    content = table(*rows, headings=headings)
    batch = receive_quarterly(
        by=user,
        op_id=uuid7(),
        upload=SimpleUploadedFile("siks.csv", content),
        sha256=sha256(content).hexdigest(),
        area=area or Wilayah.objects.get(pk=KIARACONDONG),
        term=term or term_of(local_today()),
    )
    batch.refresh_from_db()
    if batch.state == Batch.State.MATCHING:
        fields = [column["field"] for column in batch.columns]
        match_columns(batch, by=user, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
        batch.refresh_from_db()
    assert batch.state == Batch.State.COMPARED, batch.words
    return batch


def found(**said):
    """{kind: state} of the rows of the desk."""
    return {one.kind: one.state for one in Difference.objects.filter(**said)}


def reason(use):
    return CaseReason.objects.filter(use=use, needs_words=False).first()


def say(user, row, decision, note="Sudah dicek", **terms):
    row.refresh_from_db()
    terms = Terms(on=local_today(), **terms)
    return decide(
        {row.pk: row.mark},
        by=user,
        op_id=uuid7(),
        today=local_today(),
        decision=decision,
        terms=terms,
        note=note,
        is_alone=True,
    )


def test_a_file_that_says_the_same_differs_in_nothing(office):
    compared(office, *[row if "GG" not in str(row) else family(2, "Euis Komariah") for row in same_rows()])
    assert found() == {}


def changed_rows():
    """A file with one difference of each kind."""
    return [
        [*family(1, "Siti Aminah", RT="004", Kelompok="Mawar 9"), "2"],
        [*child(1, "Asep", 99, RT="004"), ""],
        [*child(1, "Ujang", 12, **{"RT": "004", "Tanggal Lahir": "03/05/2016", "Komponen": "SMP"}), ""],
        [*child(1, "Dedi", 13, RT="004"), ""],
        [*family(2, "Euis Komariah", **{"No KK": no_kk(22)}), ""],
        [*family(4, "Imas Masitoh"), ""],
    ]


def test_each_kind_of_difference_is_found(office):
    compared(office, *changed_rows(), headings=WITH_DESIL)
    first, second, third = here(1), here(2), here(3)
    assert found(household=first) == {
        "pindah": "terbuka",
        "kelompok": "terbuka",
        "desil": "terbuka",
        "nik": "terbuka",
        "diri": "terbuka",
        "komponen": "terbuka",
        "anggota": "terbuka",
    }
    assert found(household=second) == {"no_kk": "terbuka"}
    assert found(household=third) == {"keluar": "terbuka"}
    assert found(household=None) == {"masuk": "terbuka"}
    moved = Difference.objects.get(household=first, kind="pindah")
    assert moved.fields == [["rt", "3", "4"]]


def test_each_kind_is_taken_by_the_operation_of_its_own(office, rina):
    compared(office, *changed_rows(), headings=WITH_DESIL)
    out = {"keluar": {"reason": reason("nonaktif")}}
    first, second, third = here(1), here(2), here(3)
    for row in Difference.objects.order_by("kind"):
        assert [words for _, words in say(office, row, State.TAKEN, **out.get(row.kind, {}))] == [""]
    first.refresh_from_db()
    assert (first.rt, first.group.name, first.desil) == (4, "Mawar 9", 2)
    asep, ujang = Member.objects.get(name="Asep"), Member.objects.get(name="Ujang")
    assert asep.nik.reveal() == nik(99)
    assert str(ujang.birth_date) == "2016-05-03"
    # A component that began today is not ended today: both stand.
    assert MemberComponent.objects.filter(member=ujang, to_on=None).count() == 2
    assert Member.objects.get(name="Dedi").household == first
    second.refresh_from_db()
    assert second.no_kk.reveal() == no_kk(22)
    third.refresh_from_db()
    assert third.status == "nonaktif"
    assert FamilyChange.objects.get(household=third).reason == reason("nonaktif")
    new = here(4)
    assert (new.name, new.pendamping) == ("Imas Masitoh", rina)
    assert Difference.objects.get(kind="masuk").household == new
    assert set(Difference.objects.values_list("state", flat=True)) == {"diterima"}
    # What the file told is not to be typed.
    assert not ToType.objects.waiting().exists()
    # The same file again: nothing differs any more, and every decision stands.
    compared(office, *changed_rows(), headings=WITH_DESIL)
    assert set(Difference.objects.values_list("state", flat=True)) == {"diterima"}


def test_a_pengurus_of_the_file_follows_the_one_here(office):
    headings = [*HEADINGS, "Nama pengurus", "NIK pengurus"]
    compared(office, [*family(2, "Euis Komariah"), "Neneng Hasanah", nik(77)], headings=headings)
    row = Difference.objects.get(kind="pengurus")
    with pytest.raises(Refused, match="alasan"):
        say(office, row, State.TAKEN)
    say(office, row, State.TAKEN, reason=reason("pengurus"))
    second = here(2)
    assert second.name == "Neneng Hasanah"
    assert second.members.get(name="Neneng Hasanah").nik.reveal() == nik(77)
    assert FamilyChange.objects.get(household=second).kind == "pengurus"


def test_a_move_to_another_kelurahan_has_its_reason(office):
    rows = same_rows()
    rows[4] = family(3, "Nining", Kelurahan="Sukapura")
    compared(office, *rows)
    row = Difference.objects.get(household=here(3))
    assert row.kind == Kind.MOVED
    with pytest.raises(Refused):
        say(office, row, State.TAKEN)
    say(office, row, State.TAKEN, reason=reason("pindah_rumah"))
    assert here(3).wilayah_id == SUKAPURA


def test_who_is_inactive_here_and_in_the_file_can_be_taken_up_again(office):
    third = here(3)
    Household.objects.filter(pk=third.pk).update(status="nonaktif")
    compared(office, *same_rows())
    row = Difference.objects.get(household=third)
    assert row.kind == Kind.STATUS
    say(office, row, State.TAKEN, reason=reason("aktif_lagi"))
    assert here(3).status == "aktif"


def test_what_is_refused_is_to_be_typed_until_the_file_agrees(office):
    rows = same_rows()[:4]
    compared(office, *rows)
    row = Difference.objects.get(kind="keluar")
    say(office, row, State.REFUSED, note="Masih layak, hasil kunjungan")
    waiting = ToType.objects.get()
    assert (waiting.household, waiting.kind, waiting.note) == (
        here(3),
        "keluar",
        "Masih layak, hasil kunjungan",
    )
    compared(office, *rows)  # the same file changes nothing
    assert found(kind="keluar") == {"keluar": "ditolak"}
    assert ToType.objects.waiting().count() == 1
    compared(office, *same_rows())
    assert found(kind="keluar") == {"keluar": "sama"}
    assert ToType.objects.get().state == ToState.SAME


def test_a_decision_is_opened_again_when_either_side_changes(office):
    rows = same_rows()
    rows[4] = family(3, "Nining", RT="007")
    compared(office, *rows)
    row = Difference.objects.get(kind="pindah", household=here(3))
    say(office, row, State.REFUSED)
    compared(office, *rows)
    row.refresh_from_db()
    assert row.state == State.REFUSED
    rows[4] = family(3, "Nining", RT="008")
    compared(office, *rows)
    row.refresh_from_db()
    assert (row.state, row.why) == (State.OPEN, "Berkas sekarang berkata lain daripada waktu diputus.")
    say(office, row, State.LATER)
    change_household(here(3), by=office, op_id=uuid7(), today=local_today(), rt=9)
    compared(office, *rows)
    row.refresh_from_db()
    assert (row.state, row.why) == (State.OPEN, "Data di sini berubah sejak diputus.")


def test_an_older_tahap_does_not_come_after_a_newer(office):
    compared(office, *same_rows())
    with pytest.raises(Refused, match="lebih lama"):
        compared(office, *same_rows(), term=terms_back(local_today())[1])


def test_what_changed_here_since_the_file_is_to_be_typed(office, rina):
    compared(office, *same_rows())
    first = here(1)
    change_household(first, by=rina, op_id=uuid7(), today=local_today(), address="Gang Baru 9")
    asep = Member.objects.get(name="Asep")
    change_member(asep, by=rina, op_id=uuid7(), today=local_today(), nik=nik(98))
    for _ in range(2):
        gather(KIARACONDONG)
        assert set(ToType.objects.waiting().values_list("kind", flat=True)) == {"pindah", "nik"}
        assert ToType.objects.count() == 2
    row = ToType.objects.get(kind="pindah")
    tick_off(row, by=office, op_id=uuid7(), on=local_today())
    gather(KIARACONDONG)
    assert set(ToType.objects.waiting().values_list("kind", flat=True)) == {"nik"}
    with pytest.raises(Refused):
        tick_off(row, by=office, op_id=uuid7(), on=local_today())
    untick(row, by=office, op_id=uuid7())
    assert ToType.objects.waiting().count() == 2
    tick_off(row, by=office, op_id=uuid7(), on=local_today())
    compared(office, *same_rows())  # of the same tahap: it can't have arrived yet
    row.refresh_from_db()
    assert row.state == ToState.TYPED


def test_a_new_family_of_the_office_is_to_be_typed_as_one(office, rina):
    compared(office, *same_rows())
    HouseholdFactory(pendamping=rina, wilayah_id=KEBON_JAYANTI)
    gather(KIARACONDONG)
    assert list(ToType.objects.values_list("kind", "state")) == [("keluar", "menunggu")]


def test_a_bulk_answer_says_for_each_row_what_became_of_it(office):
    rows = [
        family(1, "Siti Aminah", **{"No KK": no_kk(21)}),
        family(2, "Euis Komariah", **{"No KK": no_kk(23)}),
        family(3, "Nining"),
    ]
    compared(office, *rows)
    taken = Difference.objects.filter(kind="no_kk")
    assert taken.count() == 2
    HouseholdFactory(no_kk=no_kk(23), wilayah_id=SUKAPURA)
    outcomes = decide(
        {one.pk: one.mark for one in taken},
        by=office,
        op_id=uuid7(),
        today=local_today(),
        decision=State.TAKEN,
        terms=Terms(on=local_today()),
    )
    words = {row.name: said for row, said in outcomes}
    assert words["Siti Aminah"] == ""
    assert "sudah dipakai PKH-" in words["Euis Komariah"]
    failed = Difference.objects.get(household=here(2), kind="no_kk")
    assert failed.state == State.OPEN
    assert "sudah dipakai" in failed.fault
    assert here(21).name == "Siti Aminah"


def test_nothing_of_the_desk_is_taken_in_by_itself(office):
    compared(office, *changed_rows(), headings=WITH_DESIL)
    assert Household.objects.count() == 3
    assert not StagedFamily.objects.filter(batch__state="dibanding", choice="masuk").exists()


def test_who_came_from_the_file_does_not_differ_from_it(office):
    rows = [*same_rows()[:3], child(1, "Dedi", 13), *same_rows()[3:]]
    compared(office, *rows)
    joined = Difference.objects.get(kind="anggota")
    say(office, joined, State.TAKEN)
    dedi = Member.objects.get(name="Dedi")
    change_member(dedi, by=office, op_id=uuid7(), today=local_today(), birth_date="2016-05-09")
    compared(office, *rows)
    assert found() == {"anggota": "diterima", "diri": "terbuka", "pindah": "terbuka"}
    say(office, Difference.objects.get(kind="diri"), State.TAKEN)
    assert found() == {"anggota": "diterima", "diri": "diterima", "pindah": "terbuka"}
