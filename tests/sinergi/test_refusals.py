"""What a form may not store comes back with its reason and with what was typed."""

from datetime import timedelta

import pytest

from entries.operations import Refused
from kpm.models import Household
from kpm.operations import assign
from pkh_casework.ids import uuid7
from sinergi.operations.programme import close_programme
from tests.factories import KIARACONDONG, SUKAPURA, UserFactory, assess
from tests.programmes import LEVELS, TODAY, join, make_business, make_programme, said, stage_of

TYPED = "Kerupuk Ikan Tenggiri"


def business_data(**changes):
    return {
        "op_id": str(uuid7()),
        "name": "Dapur Kedua",
        "product": TYPED,
        "formed_on": TODAY.isoformat(),
        **changes,
    }


def test_a_family_of_another_business_group_is_refused_and_the_typing_stays(signed_in, family, programme):
    enrolment = join(family, programme)
    make_business(programme, [enrolment])
    data = business_data(members=[str(enrolment.pk)])
    page = signed_in.post(f"{programme.get_absolute_url()}usaha/baru/", data)

    assert page.status_code == 200
    assert "sudah di kelompok usaha lain" in page.content.decode() and TYPED in page.content.decode()


@pytest.mark.parametrize("page", ["ubah", "usaha/baru", "usaha"])
def test_a_page_opened_before_the_closing_keeps_what_was_typed(client, koordinator, family, programme, page):
    group = make_business(programme, [join(family, programme)])
    own = programme.get_absolute_url()
    address = group.get_absolute_url() if page == "usaha" else f"{own}{page}/"
    client.force_login(koordinator)
    close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="")
    data = business_data(
        wilayah=programme.wilayah_id,
        starts_on=programme.starts_on.isoformat(),
        ends_on=programme.ends_on.isoformat(),
        target="20",
        note=TYPED,
    )
    answer = client.post(address, data)

    assert answer.status_code == 200
    assert "Program ini sudah ditutup." in answer.content.decode() and TYPED in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wilayah": SUKAPURA}, "hanya dapat diperluas"),
        ({"starts_on": "2026-06-02"}, "Keluarga pertama sudah ikut sejak 1 Jun 2026."),
        ({"wilayah": KIARACONDONG, "starts_on": "2026-05-01"}, ""),
    ],
)
def test_no_family_is_left_outside_of_its_programme(client, koordinator, family, programme, changes, words):
    join(family, programme)
    client.force_login(koordinator)
    data = {
        "op_id": str(uuid7()),
        "name": "Nama Baru",
        "wilayah": programme.wilayah_id,
        "starts_on": programme.starts_on.isoformat(),
        "ends_on": programme.ends_on.isoformat(),
        "target": "20",
        "note": "",
    }
    answer = client.post(f"{programme.get_absolute_url()}ubah/", data | changes)

    programme.refresh_from_db()
    assert (programme.name == "Nama Baru") == (not words)
    if words:
        assert words in answer.content.decode() and "Nama Baru" in answer.content.decode()


def test_who_holds_a_family_from_elsewhere_takes_it_on_and_meets_no_closed_door(client, family, programme):
    enrolment, new = join(family, programme), UserFactory(wilayah_id=SUKAPURA)
    assign(family, to=new, by=programme.created_by, on=TODAY)
    Household.objects.filter(pk=family.pk).update(wilayah=SUKAPURA)
    assess(family, LEVELS, on=TODAY, by=new)
    client.force_login(new)
    page = client.get(enrolment.get_absolute_url()).content.decode()
    assert f'href="{programme.get_absolute_url()}"' not in page and programme.name in page
    assert client.get(programme.get_absolute_url()).status_code == 404

    data = {"op_id": str(uuid7()), "peserta": [f"{enrolment.pk}:1"]}
    page = client.post(f"{programme.get_absolute_url()}maju/", data, follow=True)
    assert "1 keluarga pindah tahap" in page.content.decode()
    assert stage_of(enrolment) == "Rencana keluarga"


def test_a_family_that_is_no_longer_accompanied_joins_nothing(signed_in, family, programme):
    Household.objects.filter(pk=family.pk).update(status="graduasi")
    family.refresh_from_db()
    address = f"{programme.get_absolute_url()}ikut/{family.case_number}/"
    page = signed_in.get(address).content.decode()
    assert "Status keluarga ini graduasi" in page and "Daftarkan keluarga</button>" not in page

    with pytest.raises(Refused, match="tidak lagi didampingi"):
        join(family, programme)


def test_before_a_programme_begins_nothing_is_offered_that_can_not_succeed(client, koordinator, family):
    programme = make_programme(koordinator, starts_on=TODAY + timedelta(days=9))
    own = programme.get_absolute_url()
    client.force_login(family.pendamping)
    board = client.get(own).content.decode()
    assert "Program ini belum mulai" in board and "Daftarkan keluarga" not in board
    page = client.get(f"{own}ikut/{family.case_number}/").content.decode()
    content = page.partition("<main")[2].partition("</main>")[0]
    assert "Keluarga dapat didaftarkan sejak hari itu" in content and "</button>" not in content

    client.force_login(koordinator)
    assert f"{own}tutup/" not in client.get(own).content.decode()
    page = client.get(f"{own}tutup/").content.decode()
    assert "belum dapat ditutup" in page and f'href="{own}ubah/"' in page
