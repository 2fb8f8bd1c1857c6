import re
from datetime import date
from itertools import count

import pytest
from django.conf import settings

from entries.models import HeldEntry, Receipt
from entries.operations import take_receipt
from entries.receipts import KINDS
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roles.operations.activity import KIND_OF_ENTRY
from tests.factories import (
    ActivityFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    assess,
    make_goal,
    make_graduation,
)
from tests.held import hold_form
from wilayah.clock import local_today

NOTHING = "Tidak ada tanda terima dengan kode itu."


@pytest.fixture
def author(db):
    return UserFactory()


@pytest.fixture
def family(author):
    return HouseholdFactory(pendamping=author)


@pytest.fixture
def activity(author, family):
    return ActivityFactory(pendamping=author, families=[family])


@pytest.fixture
def receipt(author, activity):
    return receipt_for(author, KIND_OF_ENTRY, activity.pk)


def receipt_for(author, kind, object_id):
    return take_receipt(op_id=uuid7(), author=author, kind=kind, content={}, object_id=object_id)[0]


def asked(client, user, code):
    client.force_login(user)
    return client.get("/kiriman/", {"kode": code}).content.decode()


def test_the_author_and_the_koordinator_find_what_a_code_stands_for(client, author, activity, receipt):
    for user in (author, UserFactory(koordinator=True)):
        page = asked(client, user, receipt.code)
        assert "Catatan kegiatan sudah diterima" in page
        assert author.name in page
        assert f'href="{activity.get_absolute_url()}"' in page


def test_colleagues_and_other_areas_find_nothing(client, receipt):
    for user in (UserFactory(), UserFactory(koordinator=True, wilayah_id="3273161003")):
        page = asked(client, user, receipt.code)
        assert NOTHING in page
        assert "Catatan kegiatan sudah diterima" not in page


def test_a_code_is_found_however_it_was_written_down(client, author, receipt):
    # Some receipts on there is one with a 0 and a 1 in its code.
    later = (
        Receipt(number=number, op_id=uuid7(), author=author, kind="kelompok")
        for number in count(receipt.number + 1)
    )
    receipt = next(receipt for receipt in later if {"0", "1"} <= set(receipt.code))
    receipt.save(force_insert=True)

    spoken = f" {receipt.code[:3]}-{receipt.code[3:]} ".lower().replace("0", "o").replace("1", "l")

    assert "Data kelompok sudah diterima" in asked(client, author, spoken)


@pytest.mark.parametrize("code", ["7F3K2", "UUUUUU", "zzzzzz", "'; --", "٣٣٣٣٣٣"])
def test_what_is_no_code_finds_nothing(code, client, author, receipt):
    assert NOTHING in asked(client, author, code)


def test_an_empty_question_asks_for_the_code(client, author):
    page = asked(client, author, "")

    assert "Tulis kodenya." in page
    assert NOTHING not in page


def test_every_kind_of_entry_leads_to_its_page(client, author, family, activity):
    member, row = MemberFactory(household=family), activity.families.get()
    assessment = assess(family, {"A1": 2}, on=date(2026, 11, 10))
    goal = make_goal(family)
    step = goal.steps.get()
    objects = {
        "roles.activity": (activity.pk, activity),
        "roles.change": (activity.pk, activity),
        "roles.step_done": (row.pk, family),
        "roles.postponement": (family.pk, family),
        "kpm": (family.pk, family),
        "kpm_ubah": (family.pk, family),
        "kpm_anggota": (member.pk, family),
        "kpm_anggota_ubah": (member.pk, family),
        "kelompok": (None, None),
        "kpm_asesmen": (assessment.pk, assessment),
        "kpm_asesmen_ubah": (assessment.pk, assessment),
        "kpm_tujuan": (goal.pk, family),
        "kpm_tujuan_ubah": (goal.pk, family),
        "kpm_tujuan_tutup": (goal.pk, family),
        "kpm_langkah": (step.pk, family),
        "kpm_langkah_ubah": (step.pk, family),
        "kpm_langkah_selesai": (step.pk, family),
        "kpm_langkah_batal": (step.pk, family),
        "kpm_belum": (family.pk, family),
        "kpm_graduasi": (make_graduation(family).pk, family),
        "sumber_daya": (None, None),
        "reports.rekap_jadwal": (uuid7(), None),
    }
    for kind, (object_id, leads_to) in objects.items():
        page = asked(client, author, receipt_for(author, kind, object_id).code)
        assert f"{KINDS[kind][0]} sudah diterima" in page
        if leads_to:
            assert f'href="{leads_to.get_absolute_url()}"' in page, kind


def test_every_kind_that_the_rooms_hand_out_receipts_for_has_its_words():
    folders = ("kpm/operations", "roles/operations", "resources/operations", "sinergi/operations")
    folders += ("reports/monthly/operations", "reports/files/operations")
    text = "".join(file.read_text() for name in folders for file in (settings.BASE_DIR / name).glob("*.py"))
    kinds = set(
        re.findall(r"(?:kind=|_take\(op_id, sent, |_is_new\(op_id, sent, |KIND\w* = )\"([\w.]+)\"", text)
    )

    assert len(kinds) > 20
    assert kinds - {"ikut"} <= set(KINDS)  # that one names what shows a stage


def test_after_a_handover_the_receipt_is_there_and_the_family_is_not(client, author, family):
    receipt = receipt_for(author, "kpm_ubah", family.pk)
    assign(family, to=UserFactory(), by=UserFactory(koordinator=True), on=local_today())

    page = asked(client, author, receipt.code)

    assert "Perubahan data keluarga sudah diterima" in page
    assert family.case_number not in page


def test_an_entry_that_is_held_leads_to_where_it_waits(client, author):
    receipt = receipt_for(author, KIND_OF_ENTRY, None)
    held = hold_form(author, op_id=receipt.op_id, reason=HeldEntry.Reason.HANDED_OVER)

    assert f'<a href="/kiriman/{held.pk}/">Buka titipan</a>' in asked(client, author, receipt.code)
