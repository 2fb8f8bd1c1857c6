"""What becomes of an account, below the forms: where it may stand, what is stored of it, what a code leaves behind."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import operations
from accounts.models import User
from wilayah.models import Wilayah

pytestmark = pytest.mark.django_db
PROVINCE, CITY, DISTRICT, VILLAGE = "32", "3273", "327316", "3273161002"
OUTSIDE = "di luar wilayah tugas Anda"


@pytest.mark.parametrize(
    ("by", "duty", "area", "words"),
    [
        ("rina", "pendamping", VILLAGE, ""),
        ("rina", "pendamping", DISTRICT, ""),
        ("rina", "pendamping", CITY, OUTSIDE),
        ("rina", "kelurahan", VILLAGE, ""),
        ("rina", "kelurahan", DISTRICT, "pilih kelurahan"),
        ("rina", "koordinator", DISTRICT, "pilih"),
        ("rina", "koordinator", VILLAGE, "pilih"),
        ("rina", "pendamping", None, "Pilih wilayah"),
        ("rina", "admin", None, ""),
        ("rina", "admin", VILLAGE, "tanpa wilayah"),
        ("city", "koordinator", DISTRICT, ""),
        ("city", "koordinator", CITY, "pilih kecamatan"),
        ("city", "koordinator", VILLAGE, "pilih kecamatan"),
        ("city", "koordinator", PROVINCE, OUTSIDE),
        ("pusat", "koordinator", PROVINCE, ""),
        ("pusat", "koordinator", CITY, ""),
        ("pusat", "koordinator", VILLAGE, "pilih"),
        ("pusat", "pendamping", CITY, "kelurahan/desa atau kecamatan"),
        ("siti", "pendamping", VILLAGE, OUTSIDE),
    ],
)
def test_where_an_account_may_be_placed(koordinator, admin, make_user, by, duty, area, words):
    people = {
        "rina": koordinator,
        "city": make_user("kota", duty="koordinator", wilayah_id=CITY),
        "pusat": admin,
        "siti": make_user("siti"),
    }
    problem = operations.placement_problem(people[by], duty, area and Wilayah.objects.get(pk=area))
    assert problem == words if not words else words in problem


def test_who_may_give_which_duty(koordinator, admin, make_user):
    below = ["pendamping", "kelurahan"]
    assert operations.duties_of(koordinator) == below
    assert operations.duties_of(make_user("kota", duty="koordinator", wilayah_id=CITY)) == [
        *below,
        "koordinator",
    ]
    assert operations.duties_of(admin) == ["pendamping", "kelurahan", "koordinator", "admin"]


def test_a_changed_account_keeps_every_field_of_the_form(make_user):
    siti = make_user("siti")
    siti.name, siti.nip, siti.phone, siti.wilayah_id = "Siti A.", "1" * 18, "0812", "3273161003"
    operations.change_account(siti, moved=False)

    stored = User.objects.get(pk=siti.pk)
    assert (stored.name, stored.nip, stored.phone, stored.wilayah_id) == (
        "Siti A.",
        "1" * 18,
        "0812",
        "3273161003",
    )


def test_a_code_sets_the_password_and_nothing_else(make_user, koordinator, monkeypatch):
    """Whatever somebody changes of the account at that moment."""
    siti = make_user("siti")
    code = operations.issue_code(siti, by=koordinator)
    check = operations.validate_password

    def meanwhile(password, user):
        User.objects.filter(pk=user.pk).update(name="Siti Aminah")
        check(password, user)

    monkeypatch.setattr(operations, "validate_password", meanwhile)
    opened = operations.redeem_code("siti", code, "perahu-kertas-di-sungai")

    assert opened == siti
    siti.refresh_from_db()
    assert siti.name == "Siti Aminah" and siti.check_password("perahu-kertas-di-sungai")


def test_switching_off_spends_the_open_code_and_leaves_used_ones_as_they_were(make_user, koordinator):
    siti = make_user("siti")
    operations.redeem_code("siti", operations.issue_code(siti, by=koordinator), "perahu-kertas-di-sungai")
    used = siti.codes.get()
    operations.issue_code(siti, by=koordinator)

    operations.set_active(siti, active=False)

    assert not User.objects.get(pk=siti.pk).is_active
    assert operations.open_code(siti) is None
    assert siti.codes.get(pk=used.pk).expires_at == used.expires_at
    operations.set_active(siti, active=True)
    assert User.objects.get(pk=siti.pk).is_active


def test_the_last_reset_is_the_newest_code_that_was_used(make_user, koordinator, later):
    siti = make_user("siti")
    for password in ("perahu-kertas-di-sungai", "sungai-di-perahu-kertas"):
        operations.redeem_code("siti", operations.issue_code(siti, by=koordinator), password)
        later(hours=1)
    operations.issue_code(siti, by=koordinator)
    first, second = siti.codes.filter(used_at__isnull=False).order_by("used_at")

    assert operations.last_reset(siti) == second
    assert operations.last_reset(siti, after=first.used_at) == second
    assert operations.last_reset(siti, after=second.used_at) is None
    assert operations.last_reset(siti, after=timezone.now() - timedelta(days=1)) == second
