from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.db.models.functions import Left, Length

from wilayah.loading import Loaded, load_areas, tidy_name
from wilayah.models import Wilayah

pytestmark = pytest.mark.django_db

KIARACONDONG = {
    "3273161001": "Sukapura",
    "3273161002": "Kebon Jayanti",
    "3273161003": "Babakan Surabaya",
    "3273161004": "Cicaheum",
    "3273161005": "Babakan Sari",
    "3273161006": "Kebon Kangkung",
}


def test_kiaracondong_has_its_six_kelurahan_under_the_official_codes():
    assert dict(Wilayah.objects.under("327316").kelurahan().values_list("code", "name")) == KIARACONDONG


def test_an_area_lies_in_the_area_of_its_code_prefix_and_has_a_point():
    area = Wilayah.objects.get(code="3273161002")

    assert [area.parent.name, area.parent.parent.name, area.parent.parent.parent.name] == [
        "Kiaracondong",
        "Kota Bandung",
        "Jawa Barat",
    ]
    assert (area.latitude, area.longitude) == (Decimal("-6.927438"), Decimal("107.646796"))


def test_all_provinces_and_kota_are_there_but_only_the_kecamatan_asked_for():
    assert Wilayah.objects.filter(level=Wilayah.Level.PROVINSI).count() == 38
    assert Wilayah.objects.filter(level=Wilayah.Level.KOTA).count() == 514
    assert Wilayah.objects.filter(level=Wilayah.Level.KECAMATAN).count() == 1


def test_every_area_of_a_province_has_a_parent_one_level_up():
    load_areas(under=["32"])

    below = Wilayah.objects.under("32").exclude(code="32").select_related("parent")
    assert below.kelurahan().count() > 5900
    assert not below.exclude(level=F("parent__level") + 1).exists()
    assert not below.exclude(parent_id=Left("code", Length("parent_id"))).exists()


def test_loading_again_changes_nothing():
    stored = list(Wilayah.objects.values_list())

    assert load_areas(under=["327316"]) == Loaded(areas=559, created=0, changed=0)
    assert list(Wilayah.objects.values_list()) == stored


def test_loading_puts_a_changed_area_right_and_deletes_none():
    Wilayah.objects.filter(code="3273161002").update(name="Lama", search_name="lama", latitude=None)
    Wilayah.objects.create(
        code="3273161099", name="Sudah Dihapus", level=4, parent_id="327316", search_name="x"
    )

    assert load_areas(under=["327316"]) == Loaded(areas=559, created=0, changed=1)
    assert dict(Wilayah.objects.under("327316").kelurahan().values_list("code", "name")) == (
        KIARACONDONG | {"3273161099": "Sudah Dihapus"}
    )


def test_a_centroid_outside_the_country_is_left_empty():
    assert Wilayah.objects.get(name="Kabupaten Wakatobi").longitude is None


def test_names_are_as_people_say_and_write_them():
    assert Wilayah.objects.get(code="31").name == "DKI Jakarta"
    assert Wilayah.objects.get(code="34").name == "DI Yogyakarta"
    assert tidy_name("lamuk") == "Lamuk"
    assert tidy_name("Koto  VIII Pelangai ") == "Koto VIII Pelangai"
    assert tidy_name("Regapu’u") == "Regapu'u"


def test_the_command_tells_what_it_did():
    out = StringIO()
    call_command("load_wilayah", "--province", "31", "--province", "34", stdout=out)

    assert Wilayah.objects.under("34").kelurahan().exists()
    assert "0 changed, 552 unchanged" in out.getvalue()


def test_the_command_refuses_an_unknown_province():
    with pytest.raises(CommandError, match="99"):
        call_command("load_wilayah", "--province", "99")
