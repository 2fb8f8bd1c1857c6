"""A file of an office on its way in: read, matched, checked, taken in, taken back."""

import csv
import io
from datetime import date
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from entries.operations import Refused
from kpm.models import Assignment, Component, Group, Household, Member, MemberComponent, Pengurus
from kpm.operations import add_member, register_household
from pkh_casework.ids import uuid7
from roster.models import Batch, StagedFamily, StagedRow
from roster.operations import batch as operations
from roster.operations.applying import ask_to_apply, ask_to_undo, choose
from roster.operations.batch import go_on, match_columns, receive_file
from roster.operations.checking import check
from tests import factories
from tests.factories import (
    KEBON_JAYANTI,
    KIARACONDONG,
    SUKAPURA,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
)
from wilayah.clock import local_today
from wilayah.models import Wilayah

State, Verdict = Batch.State, StagedFamily.Verdict
HEADINGS = [
    "No KK",
    "NIK",
    "Nama",
    "JK",
    "Tanggal Lahir",
    "Hubungan",
    "Komponen",
    "Alamat",
    "RT",
    "RW",
    "Kelurahan",
    "Pendamping",
    "Kelompok",
]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def koordinator():
    return UserFactory(duty="koordinator", wilayah_id=KIARACONDONG)


@pytest.fixture
def pendamping():
    return UserFactory(name="Rina Marlina", wilayah_id=KEBON_JAYANTI)


def nik(serial):
    return factories.nik(serial + 7000)  # none that a factory gives


def no_kk(serial):
    return factories.no_kk(serial + 7000)


def table(*rows, headings=HEADINGS, title=()):
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([*title, headings, *rows])
    return text.getvalue().encode()


def family(serial, name="Siti Aminah", **said):
    row = {
        "No KK": no_kk(serial),
        "NIK": nik(serial),
        "Nama": name,
        "JK": "P",
        "Tanggal Lahir": "12/03/1985",
        "Hubungan": "Istri",
        "Alamat": f"Gang Mawar {serial}",
        "RT": "003",
        "RW": "05",
        "Kelurahan": "Kebon Jayanti",
        "Pendamping": "Rina Marlina",
        "Kelompok": "Melati 1",
        **said,
    }
    return [row.get(heading, "") for heading in HEADINGS]


def child(serial, name, line, **said):
    return family(
        serial,
        name,
        **{
            "NIK": nik(line),
            "Hubungan": "Anak",
            "Komponen": "SD",
            "Tanggal Lahir": "02/05/2016",
            "JK": "L",
            **said,
        },
    )


def send(user, content, name="kpm.csv"):
    upload = SimpleUploadedFile(name, content)
    batch = receive_file(by=user, op_id=uuid7(), upload=upload, sha256=sha256(content).hexdigest())
    batch.refresh_from_db()
    return batch


def checked(user, content, *, kelurahan=None, pendamping=None):
    batch = send(user, content)
    if batch.state == State.MATCHING:
        fields = [column["field"] for column in batch.columns]
        match_columns(
            batch, by=user, op_id=uuid7(), fields=fields, kelurahan=kelurahan, pendamping=pendamping
        )
        batch.refresh_from_db()
    assert batch.state == State.READY, batch.words
    return batch


def apply(batch, user):
    ask_to_apply(batch, by=user, op_id=uuid7())
    batch.refresh_from_db()
    return batch


def test_a_file_becomes_families(koordinator, pendamping):
    content = table(
        family(1), child(1, "Dani", 101), family(2, "Euis Komariah"), title=[["Data KPM Kiaracondong"], []]
    )
    batch = send(koordinator, content)
    assert batch.state == State.MATCHING
    assert [column["field"] for column in batch.columns] == [
        "no_kk", "nik", "name", "sex", "birth_date", "relation", "component", "address", "rt", "rw", "kelurahan",
        "pendamping", "group",
    ]  # fmt: skip
    assert nik(1) not in str(batch.columns)
    batch = match(batch, koordinator)
    assert batch.totals == {"baru": 2, "orang": 3}
    apply(batch, koordinator)
    assert batch.state == State.APPLIED
    assert batch.totals["masuk"] == 2
    siti = Household.objects.get(name="Siti Aminah")
    assert (siti.no_kk.reveal(), siti.rt, siti.rw, siti.wilayah_id) == (no_kk(1), 3, 5, KEBON_JAYANTI)
    assert siti.pendamping == pendamping
    assert siti.group == Group.objects.get(name="Melati 1", pendamping=pendamping)
    dani = Member.objects.get(name="Dani")
    assert (dani.household, dani.nik.reveal(), dani.sex, dani.relation) == (siti, nik(101), "L", "anak")
    assert MemberComponent.objects.get().component_id == "sd"
    assert Pengurus.objects.get(household=siti).member.nik.reveal() == nik(1)
    assert Assignment.objects.filter(pendamping=pendamping, by=koordinator).count() == 2
    assert siti.events.get().pgh_context.metadata["user"] == koordinator.pk


def match(batch, user, **default):
    fields = [column["field"] for column in batch.columns]
    default = {"kelurahan": None, "pendamping": None, **default}
    match_columns(batch, by=user, op_id=uuid7(), fields=fields, **default)
    batch.refresh_from_db()
    return batch


def test_the_same_file_twice_changes_nothing(koordinator, pendamping):
    content = table(family(1), child(1, "Dani", 101), family(2, "Euis Komariah"))
    apply(checked(koordinator, content), koordinator)
    before = Household.objects.count(), Member.objects.count(), MemberComponent.objects.count()
    again = checked(koordinator, content)
    assert again.totals == {"sama": 2, "orang": 3}
    apply(again, koordinator)
    assert (Household.objects.count(), Member.objects.count(), MemberComponent.objects.count()) == before
    assert Household.objects.get(name="Siti Aminah").events.count() == 1


def test_what_changed_is_told_field_by_field_and_a_blank_cell_changes_nothing(koordinator, pendamping):
    apply(checked(koordinator, table(family(1))), koordinator)
    moved = family(1, Alamat="Gang Melati 9", RT="", **{"Tanggal Lahir": "13/03/1985"})
    batch = checked(koordinator, table(moved, child(1, "Dani", 101)))
    staged = StagedFamily.objects.get(batch=batch)
    assert staged.verdict == Verdict.CHANGED
    assert staged.changes == {"address": ["Gang Mawar 1", "Gang Melati 9"]}
    assert StagedRow.objects.get(batch=batch, name="Siti Aminah").changes == {
        "birth_date": ["1985-03-12", "1985-03-13"]
    }
    apply(batch, koordinator)
    household = Household.objects.get()
    assert (household.address, household.rt, household.members.count()) == ("Gang Melati 9", 3, 2)


def test_a_batch_is_taken_back_until_somebody_works_with_its_families(koordinator, pendamping):
    apply(checked(koordinator, table(family(1), family(2, "Euis Komariah"))), koordinator)
    changed = family(1, Alamat="Gang Melati 9", NIK=nik(77))
    batch = apply(
        checked(koordinator, table(changed, child(1, "Dani", 101), family(3, "Tati"), family(4, "Wati"))),
        koordinator,
    )
    assert batch.totals["masuk"] == 3
    wati = Household.objects.get(name="Wati")
    MemberFactory(household=wati, name="Ujang")
    ask_to_undo(batch, by=koordinator, op_id=uuid7())
    batch.refresh_from_db()
    assert batch.state == State.UNDONE, batch.words
    assert (batch.totals["kembali"], batch.totals["tinggal"]) == (2, 1)
    assert set(Household.objects.values_list("name", flat=True)) == {"Siti Aminah", "Euis Komariah", "Wati"}
    siti = Household.objects.get(name="Siti Aminah")
    assert siti.address == "Gang Mawar 1"
    assert [member.nik.reveal() for member in siti.members.all()] == [nik(1)]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"No KK": "3,27399E+15"}, "Excel membuang"),
        ({"No KK": no_kk(1)[:15]}, "15 angka"),
        ({"No KK": ""}, "kosong"),
        ({"NIK": "3273990000000000"}, "0000"),
        ({"Tanggal Lahir": "31/02/1985"}, "tidak ada"),
        ({"Tanggal Lahir": "12/03/85"}, "dua angka"),
        ({"Kelurahan": "Atlantis"}, "tidak ada di wilayah Anda"),
        ({"Pendamping": "Tidak Dikenal"}, "belum punya akun"),
        ({"Pendamping": "Rina Marlina 45"}, "belum punya akun"),  # nobody's number is a slip
        ({"JK": "X"}, "jenis kelamin"),
        ({"RT": "seratus"}, "bukan angka"),
        ({"Nama": ""}, "Nama kosong"),
    ],
)
def test_a_row_that_can_t_be_taken_says_why(koordinator, pendamping, said, words):
    batch = checked(koordinator, table(family(1, **said), family(2, "Euis Komariah")))
    staged = StagedFamily.objects.get(batch=batch, verdict=Verdict.REFUSED)
    assert words in " ".join(fault["words"] for fault in staged.faults)
    assert batch.totals["baru"] == 1
    apply(batch, koordinator)
    assert Household.objects.get().name == "Euis Komariah"


def test_unseen_signs_and_slips_are_understood(koordinator, pendamping):
    number = f"‎'{no_kk(1)[:4]} {no_kk(1)[4:]} "
    batch = checked(
        koordinator,
        table(
            family(
                1,
                **{
                    "No KK": number,
                    "Kelurahan": "Kel. Kebon Jayant",
                    "JK": "perempuan",
                    "RT": "RT. 03",
                    "Pendamping": "rina marlna",
                },
            )
        ),
    )
    staged = StagedFamily.objects.get(batch=batch)
    assert (staged.verdict, staged.no_kk.reveal(), staged.rt) == (Verdict.NEW, no_kk(1), 3)
    assert staged.notes == [
        "Kel. Kebon Jayant dibaca sebagai Kebon Jayanti",
        "rina marlna dibaca sebagai Rina Marlina",
    ]


def test_a_family_that_may_be_there_waits_and_one_elsewhere_names_nobody(pendamping):
    near = HouseholdFactory(
        pendamping=pendamping, name="Siti Aminah", rt=3, rw=5, pengurus__name="Siti Aminah"
    )
    narrow = UserFactory(duty="koordinator", wilayah_id=KEBON_JAYANTI)
    far = HouseholdFactory(pendamping=UserFactory(wilayah_id=SUKAPURA), no_kk=no_kk(9))
    batch = checked(narrow, table(family(1, "Siti Aminahh"), family(9, "Juju")))
    siti = StagedFamily.objects.get(batch=batch, verdict=Verdict.DOUBTED)
    assert siti.twins == [near.case_number]
    juju = StagedFamily.objects.get(batch=batch, verdict=Verdict.REFUSED)
    assert "koordinator di atas Anda" in juju.faults[0]["words"]
    assert far.case_number not in str(juju.faults)


def test_a_doubted_family_is_joined_to_the_one_that_is_there(koordinator, pendamping):
    there = HouseholdFactory(
        pendamping=pendamping, name="Hj. St. Aminah", rt=3, rw=5, pengurus__birth_date=date(1985, 3, 12)
    )
    batch = checked(koordinator, table(family(1, "Siti Aminah"), child(1, "Dani", 101)))
    staged = StagedFamily.objects.get(batch=batch)
    assert (staged.verdict, staged.twins) == (Verdict.DOUBTED, [there.case_number])
    said = {"by": koordinator, "family": staged, "choice": "masuk"}
    with pytest.raises(Refused):
        choose(batch, op_id=uuid7(), joined="PKH-00000", **said)
    choose(batch, op_id=uuid7(), joined=there.case_number, **said)
    staged.refresh_from_db()
    assert (staged.verdict, staged.household) == (Verdict.CHANGED, there)
    choose(batch, op_id=uuid7(), joined="-", **said)
    staged.refresh_from_db()
    assert staged.verdict == Verdict.DOUBTED
    choose(batch, op_id=uuid7(), joined=there.case_number, **said)
    apply(batch, koordinator)
    assert Household.objects.count() == 1
    assert sorted(there.members.values_list("name", flat=True)) == ["Dani", "Siti Aminah"]


def test_families_that_the_file_does_not_name_are_listed_and_stay(koordinator, pendamping):
    apply(checked(koordinator, table(family(1), family(2, "Euis Komariah"))), koordinator)
    batch = checked(koordinator, table(family(1)))
    assert batch.totals["hilang"] == 1
    assert StagedFamily.objects.get(batch=batch, verdict=Verdict.VANISHED).name == "Euis Komariah"
    apply(batch, koordinator)
    assert Household.objects.active().count() == 2


def test_a_layout_is_remembered(koordinator, pendamping):
    odd = ["Kartu", "Angka Induk", "Siapa", *HEADINGS[3:]]
    first = send(koordinator, table(family(1), family(2, "Euis"), headings=odd))
    assert first.state == State.MATCHING
    fields = ["no_kk", "nik", "name", *[column["field"] for column in first.columns][3:]]
    match_columns(first, by=koordinator, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
    second = send(koordinator, table(family(3, "Tati"), headings=odd))
    assert second.state == State.READY
    assert StagedFamily.objects.get(batch=second).verdict == Verdict.NEW


def test_what_changed_after_the_look_is_looked_at_again(koordinator, pendamping):
    batch = checked(koordinator, table(family(1)))
    HouseholdFactory(pendamping=pendamping, no_kk=no_kk(1), name="Siti Aminah")
    apply(batch, koordinator)
    assert batch.state == State.READY
    assert "berubah" in batch.words
    assert Household.objects.count() == 1


def test_the_file_rests_sealed_and_goes(koordinator, pendamping, tmp_path):
    batch = checked(koordinator, table(family(1)))
    stored = (tmp_path / batch.file.name).read_bytes()
    assert no_kk(1).encode() not in stored


def test_a_family_without_place_or_holder_gets_the_chosen_ones(koordinator, pendamping):
    other = UserFactory(wilayah_id=SUKAPURA)
    headings = HEADINGS[:10]
    content = table(family(1)[:10], headings=headings)
    batch = checked(koordinator, content)
    assert "Kelurahannya belum diketahui" in StagedFamily.objects.get(batch=batch).faults[0]["words"]
    match(batch, koordinator, kelurahan=Wilayah.objects.get(pk=SUKAPURA), pendamping=other)
    staged = StagedFamily.objects.get(batch=batch)
    assert (staged.verdict, staged.wilayah_id, staged.pendamping) == (Verdict.NEW, SUKAPURA, other)


def test_rows_of_one_family_apart_in_the_file_are_one(koordinator, pendamping, monkeypatch):
    monkeypatch.setattr("roster.operations.batch.PIECE", 1)
    batch = checked(
        koordinator,
        table(family(1, Alamat=""), family(2, "Euis"), child(1, "Dani", 101), child(1, "Rini", 102, RT="9")),
    )
    assert StagedFamily.objects.filter(batch=batch).count() == 2
    first = StagedFamily.objects.get(batch=batch, verdict=Verdict.REFUSED)
    assert first.address == "Gang Mawar 1"
    assert "RT yang lain" in first.faults[0]["words"]


def test_a_worker_that_died_goes_on_where_it_stopped(koordinator, pendamping, monkeypatch):
    monkeypatch.setattr("roster.operations.batch.PIECE", 2)
    batch = send(koordinator, table(*[family(n, f"Ibu {n}") for n in range(1, 8)]))
    taken = []
    real = operations.Stager.take

    def dies(self, piece):
        taken.append(len(piece))
        if len(taken) == 2:
            raise KeyboardInterrupt
        real(self, piece)

    monkeypatch.setattr(operations.Stager, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        match(batch, koordinator)
    batch.refresh_from_db()
    assert (batch.state, batch.rows_done) == (State.CHECKING, 2)
    go_on(batch.pk)
    batch.refresh_from_db()
    assert batch.totals == {"baru": 7, "orang": 7}
    assert sum(taken) == 2 + 2 + 5


def said_by(row, *without):
    """The values of a row but its ids, moments and sealed bytes."""
    names = {field.attname for field in row._meta.concrete_fields}
    left_out = {"id", "case_number", "created_at", "household_id", "member_id", "no_kk", "nik", *without}
    return {name: getattr(row, name) for name in sorted(names - left_out) if not name.endswith("_index")}


def test_a_file_stores_what_the_forms_store(koordinator, pendamping):
    group = Group.objects.create(name="Melati 1", wilayah_id=KEBON_JAYANTI, pendamping=pendamping)
    apply(checked(koordinator, table(family(1), child(1, "Dani", 101))), koordinator)
    today = local_today(KEBON_JAYANTI)
    typed = register_household(
        by=koordinator,
        op_id=uuid7(),
        today=today,
        pendamping=pendamping,
        pengurus={
            "name": "Siti Aminah",
            "nik": nik(2),
            "birth_date": date(1985, 3, 12),
            "sex": "P",
            "relation": "pasangan",
        },
        no_kk=no_kk(2),
        address="Gang Mawar 1",
        rt=3,
        rw=5,
        wilayah_id=KEBON_JAYANTI,
        group=group,
        joined_on=today,
    )
    add_member(
        typed,
        by=koordinator,
        op_id=uuid7(),
        today=today,
        name="Dani",
        nik=nik(102),
        birth_date=date(2016, 5, 2),
        sex="L",
        relation="anak",
        opened={"component": Component.objects.get(pk="sd"), "from_on": today},
    )
    filed = Household.objects.exclude(pk=typed.pk).get()
    typed.refresh_from_db()
    assert said_by(filed) == said_by(typed)
    for rows in ("members", "assignments", "pengurus_terms", "components"):
        both = [sorted(map(str, map(said_by, getattr(of, rows).all()))) for of in (filed, typed)]
        assert both[0] == both[1]
    assert [event.pgh_label for event in filed.events.all()] == [
        event.pgh_label for event in typed.events.all()
    ]


def test_checks_do_not_ask_more_with_more_families(koordinator, pendamping, django_assert_max_num_queries):
    few, many = (
        checked(koordinator, table(*[family(n, f"Ibu {n}") for n in of])) for of in (range(3), range(40))
    )
    for batch in (few, many):
        with django_assert_max_num_queries(24):
            check(batch)


def test_a_layout_with_a_column_that_has_no_heading_is_remembered(koordinator, pendamping):
    odd = ["Kartu", "", *HEADINGS[2:]]
    first = send(koordinator, table(family(1), headings=odd))
    fields = ["no_kk", "nik", *[column["field"] for column in first.columns][2:]]
    match_columns(first, by=koordinator, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
    assert send(koordinator, table(family(2, "Euis"), headings=odd)).state == State.READY


def test_a_column_that_lost_its_last_digits_is_refused_whatever_it_was_taken_for_first(
    koordinator, pendamping
):
    rows = [family(n, f"Ibu {n}", NIK=f"{nik(n)[:15]}0") for n in range(1, 7)]
    batch = send(koordinator, table(*rows, headings=["No KK", "Lainnya", *HEADINGS[2:]]))
    fields = ["no_kk", "nik", *[column["field"] for column in batch.columns][2:]]
    match_columns(batch, by=koordinator, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
    batch.refresh_from_db()
    assert batch.totals["ditolak"] == 6
    assert "membulatkannya" in str(StagedFamily.objects.filter(batch=batch).first().faults)


def test_a_nik_on_two_cards_of_a_file_is_told_on_both(koordinator, pendamping):
    batch = checked(koordinator, table(family(1), family(2, "Euis", NIK=nik(1))))
    assert batch.totals["ditolak"] == 2
    assert "baris 2, 3." in str(StagedFamily.objects.filter(batch=batch).first().faults)
