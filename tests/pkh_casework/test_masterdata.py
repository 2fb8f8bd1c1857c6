from datetime import date

import pytest
from django.core.management import CommandError, call_command

from kpm.models import Component, ComponentRate
from pkh_casework.csv_rows import BadFile
from pkh_casework.masterdata import Loaded, load_all, load_file
from pkh_casework.templatetags.icons import ROLES, icon_names
from roles.models import ActivityKind, QuickPhrase, Role, SubRole

pytestmark = pytest.mark.django_db

STUDY = {
    *("FAS-1", "FAS-2", "FAS-3", "FAS-4", "FAS-8"),
    *("EDU-1", "EDU-2", "EDU-4"),
    *("REP-1", "REP-2", "REP-5"),
    *("TEK-1", "TEK-2", "TEK-4"),
}


@pytest.fixture
def components(tmp_path):
    """A function that writes a component file of some lines and loads it."""

    def load(*lines):
        path = tmp_path / "komponen.csv"
        path.write_text(
            "# Sumber: uji\ncode,name,short_name,category,place_label,position,valid_from,valid_to\n"
            + "\n".join(lines)
        )
        return load_file(path, Component, ["code"])

    return load


def test_the_roles_are_the_four_that_have_a_colour_and_an_icon():
    assert dict(Role.objects.values_list("code", "name")) == {code: word for code, (word, _) in ROLES.items()}


def test_there_are_23_sub_roles_of_which_the_study_found_14():
    assert SubRole.objects.count() == 23
    assert set(SubRole.objects.filter(in_study=True).values_list("code", flat=True)) == STUDY
    assert [role.sub_roles.count() for role in Role.objects.all()] == [8, 4, 6, 5]


def test_every_sub_role_is_explained_with_an_example():
    for sub_role in SubRole.objects.all():
        assert len(sub_role.explanation) > 30, sub_role.code
        assert len(sub_role.example) > 30, sub_role.code


def test_only_a_home_visit_counts_as_visit():
    visits = ActivityKind.objects.filter(counts_as_visit=True)
    assert [kind.code for kind in visits] == ["kunjungan_rumah"]


def test_every_kind_of_activity_has_an_icon_and_phrases():
    for kind in ActivityKind.objects.all():
        assert kind.icon in icon_names()
        assert 6 <= kind.phrases.count() <= 8, kind.code
    assert not QuickPhrase.objects.filter(text__regex="[0-9]{4}").exists()  # no number of anybody


def test_every_component_has_an_amount_today():
    today = date(2026, 11, 24)
    rates = ComponentRate.objects.valid_on(today)
    assert rates.count() == Component.objects.valid_on(today).count() == 8
    assert rates.get(component="sd").yearly == 900_000
    assert rates.get(component="ibu_hamil").most_in_family == 2


def test_loading_again_changes_nothing():
    for name, rows in load_all().items():
        assert (rows.created, rows.changed) == (0, 0), name


def test_loading_puts_a_changed_row_right_and_deletes_none():
    Component.objects.filter(code="sd").update(short_name="Sekolah Dasar")
    ComponentRate.objects.create(
        component_id="sd", yearly=1, valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1), source="uji"
    )

    loaded = load_all()

    assert loaded["kpm/data/komponen.csv"] == Loaded(created=0, changed=1, unchanged=7)
    assert Component.objects.get(code="sd").short_name == "SD"
    assert ComponentRate.objects.filter(component="sd").count() == 2


def test_a_file_creates_and_changes_rows_by_its_key(components):
    row = "uji,Uji,Uji,kesehatan,Tempat,99,2026-01-01,"
    assert components(row) == Loaded(1, 0, 0)
    assert components(row) == Loaded(0, 0, 1)
    assert components(row + "2027-01-01") == Loaded(0, 1, 0)
    assert Component.objects.get(code="uji").valid_to == date(2027, 1, 1)


def test_a_bad_row_is_named_by_file_line_and_field_and_nothing_is_kept(components):
    with pytest.raises(BadFile) as caught:
        components(
            "uji,Uji,Uji,kesehatan,Tempat,99,2026-01-01,",
            "# catatan",
            "uji2,Uji,Uji,sihir,Tempat,99,kemarin,",
            "uji,Uji,Uji,kesehatan,Tempat,99,2026-01-01,",
            ",Uji,Uji,kesehatan,Tempat,banyak,2026-01-01,",
            "uji3,Uji",
        )

    faults = str(caught.value).splitlines()
    assert ["komponen.csv line 5, valid_from" in fault for fault in faults].count(True) == 1
    assert ["komponen.csv line 6, row: the same code as on line 3" in fault for fault in faults].count(
        True
    ) == 1
    assert ["komponen.csv line 7, position" in fault for fault in faults].count(True) == 1
    assert any("komponen.csv line 8" in fault and "cells" in fault for fault in faults)
    assert not Component.objects.filter(code__startswith="uji").exists()


def test_a_value_that_the_model_refuses_is_named(components):
    with pytest.raises(BadFile, match=r"komponen.csv line 3, category: Pilihan ini tidak ditemukan"):
        components("uji,Uji,Uji,sihir,Tempat,99,2026-01-01,")


def test_an_unknown_column_an_unknown_key_and_a_bad_yes_or_no_are_named(tmp_path):
    path = tmp_path / "sub_peran.csv"
    path.write_text("code,role,warna,in_study\nUJI-1,sihir,merah,mungkin\n")
    with pytest.raises(BadFile) as caught:
        load_file(path, SubRole, ["code"])
    assert "line 2, warna: no such field" in str(caught.value)
    assert "line 2, in_study: ya or tidak" in str(caught.value)

    path.write_text(
        "code,role,name,term,explanation,example,in_study,position,valid_from\n"
        "UJI-1,sihir,Uji,test,a,b,ya,1,2026-01-01\n"
    )
    with pytest.raises(BadFile, match=r"line 2, role: .*sihir"):
        load_file(path, SubRole, ["code"])


def test_a_quote_that_never_closes_is_named(components):
    with pytest.raises(BadFile, match=r"komponen.csv line 3"):
        components('uji,"Uji,Uji,kesehatan,Tempat,99,2026-01-01,')


def test_the_command_stops_with_the_fault(monkeypatch):
    monkeypatch.setattr(
        "pkh_casework.management.commands.load_master.load_all",
        lambda: (_ for _ in ()).throw(BadFile("komponen.csv line 3")),
    )
    with pytest.raises(CommandError, match=r"komponen.csv line 3"):
        call_command("load_master")
