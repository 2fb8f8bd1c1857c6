"""How a family's part ends, how a programme is closed, and what becomes of what was open."""

from datetime import timedelta

import pytest

from entries.operations import Refused
from pkh_casework.ids import uuid7
from sinergi.models import BusinessMember, Enrolment
from sinergi.operations.programme import close_programme
from tests.programmes import START, TODAY, end, join, make_business, put, said

LATER = START + timedelta(days=30)


def test_a_withdrawn_yes_ends_the_enrolment_the_membership_and_the_consent(family, programme):
    enrolment = join(family, programme)
    make_business(programme, [enrolment], on=LATER)
    end(enrolment, "tarik", why="")

    enrolment.refresh_from_db()
    assert (enrolment.ending, enrolment.left_on, enrolment.consent.withdrawn_on) == ("tarik", TODAY, TODAY)
    assert BusinessMember.objects.get().left_on == TODAY
    with pytest.raises(Refused, match="sudah tidak ikut"):
        end(enrolment)


def test_who_left_may_join_again(family, programme):
    end(join(family, programme), on=LATER)

    with pytest.raises(Refused, match="masih ikut program sampai 1 Jul 2026"):
        join(family, programme, on=LATER - timedelta(days=1))
    again = join(family, programme, on=TODAY)
    assert again.moves.get().number == 1
    assert Enrolment.objects.filter(household=family).count() == 2


def test_closing_ends_what_is_open_and_closes_the_door(family, programme, koordinator):
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", on=LATER)
    make_business(programme, [enrolment], on=LATER)
    with pytest.raises(Refused, match="pindah tahap pada 1 Jul 2026"):
        close_programme(programme, by=koordinator, **said(), closed_on=LATER - timedelta(days=1), words="")
    close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="Terima kasih.")

    enrolment.refresh_from_db()
    assert (enrolment.ending, enrolment.left_on) == ("ditutup", TODAY)
    assert BusinessMember.objects.get().left_on == TODAY
    programme.refresh_from_db()
    assert programme.state_on(TODAY) == "ditutup"
    for late in (lambda: end(enrolment), lambda: put(enrolment, "Pemasaran")):
        with pytest.raises(Refused, match="sudah ditutup"):
            late()
    with pytest.raises(Refused, match="sudah ditutup"):
        close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="")


def test_only_from_the_last_stage_a_family_has_gone_the_whole_way(signed_in, family, programme):
    enrolment = join(family, programme)
    address = f"{enrolment.get_absolute_url()}keluar/"
    page = signed_in.get(address).content.decode()
    assert 'value="tuntas"' not in page and "Akhiri keikutsertaan" in page
    data = {"op_id": str(uuid7()), "ending": "tuntas", "left_on": TODAY.isoformat(), "why": "Sudah mandiri."}
    page = signed_in.post(address, data).content.decode()
    assert "belum sampai di sana" in page and "Sudah mandiri." in page
    with pytest.raises(Refused, match="tahap terakhir"):
        end(enrolment, "tuntas")

    put(enrolment, "Evaluasi dan graduasi")
    assert 'value="tuntas"' in signed_in.get(address).content.decode()
    signed_in.post(address, data | {"op_id": str(uuid7())})
    enrolment.refresh_from_db()
    assert enrolment.ending == "tuntas"
