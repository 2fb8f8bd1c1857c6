"""What a form may not store comes back with its reason and with what was typed."""

import pytest

from pkh_casework.ids import uuid7
from sinergi.operations.programme import close_programme
from tests.programmes import TODAY, join, make_business, said

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
