"""The partners spoken with, on the form of an activity."""

import pytest

from pkh_casework.ids import uuid7
from roles.models import Activity
from tests.factories import SUKAPURA, PartnerFactory, UserFactory


@pytest.fixture
def worker(client, db):
    worker = UserFactory(name="Sri Wahyuni")
    client.force_login(worker)
    return worker


def logged(client, partner, **changes):
    return client.post(
        "/kegiatan/catat/",
        {
            "op_id": str(uuid7()),
            "occurred_on": "2026-11-20",
            "kind": "koordinasi",
            "sub_role": "REP-3",
            "notes": "Bertemu bagian modal.",
            "mitra": [partner.pk],
            **changes,
        },
    )


def test_the_partner_spoken_with_is_chosen_on_the_logging_form(client, worker):
    partner, foreign = PartnerFactory(), PartnerFactory(wilayah_id=SUKAPURA)

    page = client.get("/kegiatan/catat/", {"mitra": partner.pk})
    logged(client, partner, mitra=[partner.pk, foreign.pk])

    assert page.context["form"].initial["sub_role"].startswith("REP-")
    assert page.context["ticked_partners"] == {str(partner.pk)}
    activity = Activity.objects.get()
    assert [row.pk for row in activity.partners.all()] == [partner.pk]
    assert partner.name in client.get(activity.get_absolute_url()).content.decode()


def test_a_correction_takes_the_partner_out_and_another_role_has_none(client, worker):
    partner = PartnerFactory()
    logged(client, partner)
    activity = Activity.objects.get()
    edit = f"{activity.get_absolute_url()}ubah/"
    assert client.get(edit).context["ticked_partners"] == {str(partner.pk)}
    again = {
        "op_id": str(uuid7()),
        "occurred_on": activity.occurred_on.isoformat(),
        "kind": "koordinasi",
        "sub_role": "TEK-1",
        "notes": "Bertemu bagian modal.",
        "mitra": [partner.pk],
    }

    assert client.post(edit, again).status_code == 302
    assert not activity.partners.exists()
