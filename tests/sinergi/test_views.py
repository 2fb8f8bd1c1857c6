"""The pages of programmes: who may do what, what the board shows to whom, and what it costs."""

import re
from datetime import timedelta

import pytest

from entries.models import Receipt
from kpm.models import Consent
from pkh_casework.ids import uuid7
from sinergi.models import Enrolment, Programme, StageMove
from tests.factories import (
    BANDUNG,
    KEBON_JAYANTI,
    KIARACONDONG,
    SUKAPURA,
    HouseholdFactory,
    PartnerFactory,
    UserFactory,
    assess,
    make_goal,
)
from tests.programmes import (
    LEVELS,
    START,
    TODAY,
    end,
    go_on,
    join,
    make_business,
    make_programme,
    put,
    stage_of,
    train,
)
from tests.queries import count_queries

LATER = START + timedelta(days=30)


def programme_data(**changes):
    return {
        "op_id": str(uuid7()),
        "name": "Sinergi Melati",
        "wilayah": KEBON_JAYANTI,
        "starts_on": TODAY.isoformat(),
        "ends_on": (TODAY + timedelta(days=365)).isoformat(),
        "target": "20",
        "note": "",
        **changes,
    }


def join_data(family, **changes):
    return {
        "op_id": str(uuid7()),
        "enrolled_on": TODAY.isoformat(),
        "given_on": TODAY.isoformat(),
        "given_by": family.members.first().pk,
        "how": "lisan",
        **changes,
    }


# --- a programme -----------------------------------------------------------------------------------------------------


def test_a_koordinator_makes_a_programme_with_partners(client, koordinator):
    client.force_login(koordinator)
    partner, data = PartnerFactory(), programme_data()
    data["partners"] = [partner.pk]

    for _ in range(2):  # a second tap is no second programme
        answer = client.post("/sinergi/baru/", data)

    programme = Programme.objects.get()
    assert answer.url == programme.get_absolute_url()
    assert list(programme.partners.all()) == [partner]
    assert programme.stages.count() == 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Nama program"),
        ({"ends_on": TODAY.isoformat()}, "Program selesai sesudah mulai."),
        ({"ends_on": (TODAY + timedelta(days=1200)).isoformat()}, "Paling lama 36 bulan"),
        ({"starts_on": "2126-01-01", "ends_on": "2126-12-01"}, "terlalu jauh"),
        ({"target": "0"}, "Isi angka 1 sampai 200."),
        ({"wilayah": BANDUNG}, "Pilihan ini tidak ditemukan."),
    ],
)
def test_what_a_programme_can_not_be(client, koordinator, changes, words):
    client.force_login(koordinator)
    page = client.post("/sinergi/baru/", programme_data(**changes))

    assert page.status_code == 200 and words in page.content.decode()
    assert "Sinergi Melati" in page.content.decode() or "name" in changes
    assert not Programme.objects.exists()


@pytest.mark.parametrize("target", ["14", "31"])
def test_an_unusual_number_of_families_is_asked_once_more(client, koordinator, target):
    client.force_login(koordinator)
    page = client.post("/sinergi/baru/", programme_data(target=target)).content.decode()
    assert "15 sampai 30 keluarga" in page and not Programme.objects.exists()

    client.post("/sinergi/baru/", programme_data(target=target, checked=target))
    assert Programme.objects.get().target == int(target)


def test_an_earlier_programme_becomes_the_pattern_of_the_next(client, koordinator, programme):
    client.force_login(koordinator)
    programme.stages.filter(position=10).update(name="Kenalan dulu")
    address = f"/sinergi/baru/?dari={programme.pk}"
    assert "Kenalan dulu" in client.get(address).content.decode()

    client.post(address, programme_data())
    assert Programme.objects.get(copied_from=programme).stages.first().name == "Kenalan dulu"


def test_only_a_koordinator_whose_area_holds_it_changes_a_programme(client, programme):
    city_wide = make_programme(UserFactory(koordinator=True, wilayah_id=BANDUNG), wilayah_id=BANDUNG)
    client.force_login(UserFactory(koordinator=True))
    assert client.get(city_wide.get_absolute_url()).status_code == 200
    for page in ("ubah", "tahap", "tutup", "anggaran/baru"):
        assert client.get(f"{city_wide.get_absolute_url()}{page}/").status_code == 404
        assert client.get(f"{programme.get_absolute_url()}{page}/").status_code == 200
    client.post(f"{programme.get_absolute_url()}ubah/", programme_data(name="Nama baru"))
    programme.refresh_from_db()
    assert programme.name == "Nama baru"


def test_stages_are_put_in_another_order_and_never_two_in_one_place(client, koordinator, programme):
    client.force_login(koordinator)
    stages = list(programme.stages.all())
    data = {"op_id": str(uuid7())}
    for place, stage in enumerate(stages, 1):
        data |= {f"place-{stage.pk}": place, f"name-{stage.pk}": stage.name, f"purpose-{stage.pk}": "Maksud"}
    address = f"{programme.get_absolute_url()}tahap/"
    page = client.post(address, data | {f"place-{stages[0].pk}": 2}).content.decode()
    assert "Urutan tahap 2: Urutan 2 sudah dipakai tahap lain." in page
    assert "<strong>Tahap 2: Rencana keluarga</strong>" in page

    client.post(address, data | {f"place-{stages[0].pk}": 2, f"place-{stages[1].pk}": 1})
    assert list(programme.stages.all())[:2] == [stages[1], stages[0]]


def test_a_programme_is_closed_with_a_word(client, koordinator, family, programme):
    enrolment = join(family, programme)
    client.force_login(koordinator)
    address = f"{programme.get_absolute_url()}tutup/"
    assert "1 keluarga" in client.get(address).content.decode()
    client.post(address, {"op_id": str(uuid7()), "closed_on": TODAY.isoformat(), "words": "Terima kasih."})

    programme.refresh_from_db()
    enrolment.refresh_from_db()
    assert (programme.closed_on, enrolment.ending) == (TODAY, "ditutup")
    assert client.get(address).status_code == 302


def test_the_list_shows_how_far_families_have_come(signed_in, family, programme):
    join(family, programme)
    make_programme(wilayah_id=SUKAPURA, name="Sinergi Sukapura")
    page = signed_in.get("/sinergi/").content.decode()

    assert "1 dari sasaran 20 keluarga" in page and "Pemetaan sumber daya" in page
    assert "Sinergi Sukapura" not in page


# --- joining ---------------------------------------------------------------------------------------------------------


def test_candidates_are_the_own_families_that_it_can_help_with_why(signed_in, pendamping, programme):
    fits = HouseholdFactory(pendamping=pendamping, name="Cocok Sekali")
    assess(fits, LEVELS, on=LATER)
    make_goal(fits, "C1", on=LATER)
    for name, levels, path, holder in (
        ("Sudah Tinggi", {"A1": 4, "C1": 4}, "usaha", pendamping),
        ("Hanya Lansia", LEVELS, "perlindungan", pendamping),
        ("Punya Rekan", LEVELS, "usaha", UserFactory()),
    ):
        assess(HouseholdFactory(pendamping=holder, name=name, path=path), levels, on=LATER)
    inside = HouseholdFactory(pendamping=pendamping, name="Sudah Ikut")
    join(inside, programme)
    HouseholdFactory(pendamping=pendamping, name="Belum Dinilai")
    page = signed_in.get(f"{programme.get_absolute_url()}calon/").content.decode()

    assert "Cocok Sekali" in page and "punya tujuan yang cocok" in page
    assert "Kecukupan pendapatan: 1" in page and "dan 2 lagi" in page
    for name in ("Sudah Tinggi", "Hanya Lansia", "Punya Rekan", "Sudah Ikut", "Belum Dinilai"):
        assert name not in page


def test_a_family_joins_by_one_form_with_its_yes(signed_in, family, programme):
    assess(family, LEVELS, on=TODAY)
    address = f"{programme.get_absolute_url()}ikut/{family.case_number}/"
    page = signed_in.get(address).content.decode()
    assert "bansos kami tidak berubah karenanya" in page and "Asesmen awal" in page
    data = join_data(family)
    answers = [signed_in.post(address, data) for _ in range(2)]

    enrolment = Enrolment.objects.get()
    assert {answer.url for answer in answers} == {enrolment.get_absolute_url()}
    assert Consent.objects.get().how == "lisan"
    page = signed_in.get(f"{family.get_absolute_url()}rencana/").content.decode()
    assert f'href="{enrolment.get_absolute_url()}">Sinergi Kebon Jayanti</a>, tahap pemetaan' in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"how": ""}, "Pilih caranya."),
        ({"given_by": ""}, "Pilih siapa dari keluarga yang menyetujui."),
        ({"enrolled_on": "2026-05-31"}, "Terlalu lama"),
        ({"enrolled_on": LATER.isoformat()}, "Persetujuan diminta sebelum keluarga ikut."),
    ],
)
def test_without_a_whole_yes_nobody_joins(signed_in, family, programme, changes, words):
    assess(family, LEVELS, on=START)
    address = f"{programme.get_absolute_url()}ikut/{family.case_number}/"
    page = signed_in.post(address, join_data(family, **changes))

    assert page.status_code == 200 and words in page.content.decode()
    assert not Enrolment.objects.exists() and not Consent.objects.exists()


def test_without_an_assessment_the_form_says_what_to_do_first(signed_in, family, programme):
    address = f"{programme.get_absolute_url()}ikut/{family.case_number}/"
    assert "Lakukan asesmen dulu" in signed_in.get(address).content.decode()
    assert "Belum ada asesmen dalam 120 hari" in signed_in.post(address, join_data(family)).content.decode()


def test_a_foreign_family_can_not_be_enrolled(signed_in, programme):
    theirs = HouseholdFactory()
    address = f"{programme.get_absolute_url()}ikut/{theirs.case_number}/"

    assert signed_in.get(address).status_code == signed_in.post(address).status_code == 404


# --- the board -------------------------------------------------------------------------------------------------------


def test_the_board_says_what_is_missing_who_is_stuck_and_who_may_go_on(signed_in, pendamping, programme):
    stuck, ready = (HouseholdFactory(pendamping=pendamping, name=name) for name in ("Lama Diam", "Siap Maju"))
    join(stuck, programme)
    enrolment = join(ready, programme)
    assess(ready, LEVELS, on=LATER)
    page = signed_in.get(programme.get_absolute_url()).content.decode()

    assert "Belum: keadaan dipetakan bersama" in page and "tertahan" in page
    assert "Asesmen 1 Jul 2026" in page and "Bukti ada: pindahkan" in page
    only = signed_in.get(f"{programme.get_absolute_url()}?tampil=tertahan").content.decode()
    assert "Lama Diam" in only and "Siap Maju" in only  # both have waited since June
    put(enrolment, "Pelatihan", on=TODAY)
    only = signed_in.get(f"{programme.get_absolute_url()}?tampil=tertahan").content.decode()
    assert "Siap Maju" not in only


def test_families_of_colleagues_are_a_number_for_a_pendamping_and_names_for_the_koordinator(
    client, pendamping, koordinator, programme
):
    theirs = HouseholdFactory(name="Punya Rekan")
    join(theirs, programme)
    client.force_login(pendamping)
    page = client.get(programme.get_absolute_url()).content.decode()
    assert "1 dampingan rekan" in page and "Punya Rekan" not in page

    client.force_login(koordinator)
    page = client.get(programme.get_absolute_url()).content.decode()
    assert "Punya Rekan" in page and "Bukti ada" not in page


def test_one_tap_moves_all_with_evidence_and_opening_the_board_moves_nobody(signed_in, pendamping, programme):
    families = [HouseholdFactory(pendamping=pendamping) for _ in range(3)]
    enrolments = [join(family, programme) for family in families]
    for family in families[:2]:
        assess(family, LEVELS, on=LATER)
    signed_in.get(programme.get_absolute_url())
    assert StageMove.objects.count() == 3
    data = {"op_id": str(uuid7()), "peserta": [f"{one.pk}:1" for one in enrolments]}

    for _ in range(2):
        page = signed_in.post(f"{programme.get_absolute_url()}maju/", data, follow=True).content.decode()
        assert "2 keluarga pindah tahap dengan buktinya." in page
    assert [stage_of(one) for one in enrolments] == ["Rencana keluarga"] * 2 + ["Pemetaan sumber daya"]
    assert Receipt.objects.filter(kind="sinergi_maju").count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"op_id": "x"}, {"op_id": str(uuid7()), "peserta": ["x", "", ":1", f"{uuid7()}:²"]}]
)
def test_an_odd_tap_moves_nobody_and_says_so(signed_in, family, programme, data):
    join(family, programme)
    page = signed_in.post(f"{programme.get_absolute_url()}maju/", data, follow=True).content.decode()

    assert "Belum tersimpan" in page or "Tidak ada yang dipindahkan" in page
    assert StageMove.objects.count() == 1


def test_a_board_that_was_left_open_moves_no_family_twice(signed_in, pendamping, programme):
    moved, waits = (HouseholdFactory(pendamping=pendamping) for _ in range(2))
    enrolments = [join(one, programme) for one in (moved, waits)]
    for one in (moved, waits):
        assess(one, LEVELS, on=LATER)
        make_goal(one, "C1", on=LATER)
    old = re.findall(
        r'name="peserta" value="(.+?)"', signed_in.get(programme.get_absolute_url()).content.decode()
    )
    go_on(enrolments[0])
    data = {"op_id": str(uuid7()), "peserta": list(dict.fromkeys(old))}
    page = signed_in.post(f"{programme.get_absolute_url()}maju/", data, follow=True).content.decode()

    assert "1 keluarga pindah tahap" in page and "1 keluarga tetap di tahapnya" in page
    assert [stage_of(one) for one in enrolments] == ["Rencana keluarga"] * 2


def test_by_hand_the_reason_is_asked_for_and_kept(signed_in, family, programme):
    enrolment = join(family, programme)
    address = f"{enrolment.get_absolute_url()}pindah/"
    stage = programme.stages.get(name="Pemasaran")
    data = {"op_id": str(uuid7()), "stage": stage.pk, "moved_on": TODAY.isoformat(), "seen": 1, "reason": ""}
    assert "Tulis alasannya" in signed_in.post(address, data).content.decode()

    signed_in.post(address, data | {"reason": "Usahanya sudah jalan."})
    page = signed_in.get(enrolment.get_absolute_url()).content.decode()
    assert stage_of(enrolment) == "Pemasaran" and "Usahanya sudah jalan." in page
    stage = programme.stages.get(name="Pelatihan")
    data = data | {"op_id": str(uuid7()), "stage": stage.pk, "reason": "Belajar lagi dulu."}
    page = signed_in.post(address, data).content.decode()
    assert "sudah pindah ke tahap Pemasaran" in page and "Belajar lagi dulu." in page
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    signed_in.post(address, data | {"seen": seen})
    assert stage_of(enrolment) == "Pelatihan"


def test_the_history_names_and_opens_the_evidence(signed_in, family, programme):
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", on=LATER, reason="Langsung ikut pelatihan.")
    place = train(family, on=LATER)
    signed_in.post(
        f"{programme.get_absolute_url()}maju/", {"op_id": str(uuid7()), "peserta": [f"{enrolment.pk}:2"]}
    )
    page = signed_in.get(enrolment.get_absolute_url()).content.decode()

    assert f'href="{place.training.get_absolute_url()}">Pelatihan kemasan, 1 Jul 2026' in page
    assert "Langsung ikut pelatihan." in page and "Setuju ikut, 1 Jun 2026" in page


def test_leaving_is_explained_unless_the_family_took_its_yes_back(signed_in, family, programme):
    enrolment = join(family, programme)
    address = f"{enrolment.get_absolute_url()}keluar/"
    data = {"op_id": str(uuid7()), "ending": "berhenti", "left_on": TODAY.isoformat(), "why": ""}
    assert "Tulis keterangannya" in signed_in.post(address, data).content.decode()

    signed_in.post(address, data | {"ending": "tarik"})
    enrolment.refresh_from_db()
    assert enrolment.ending == "tarik" and enrolment.consent.withdrawn_on == TODAY
    assert signed_in.get(address).status_code == 302
    assert "menarik persetujuannya" in signed_in.get(programme.get_absolute_url()).content.decode()


def test_the_pages_of_a_family_are_its_holders_and_the_koordinators(client, family, programme, koordinator):
    enrolment = join(family, programme)
    client.force_login(koordinator)
    assert client.get(enrolment.get_absolute_url()).status_code == 200
    for user in (UserFactory(), UserFactory(koordinator=True, wilayah_id=SUKAPURA)):
        client.force_login(user)
        for page in ("", "pindah/", "keluar/"):
            assert client.get(f"{enrolment.get_absolute_url()}{page}").status_code == 404


def test_the_board_costs_the_same_for_many_families(signed_in, pendamping, programme):
    def cost():
        with count_queries() as queries:
            signed_in.get(programme.get_absolute_url())
        return len(queries)

    def add():
        family = HouseholdFactory(pendamping=pendamping)
        join(family, programme)
        assess(family, LEVELS, on=LATER)
        make_goal(family, "C1", on=LATER)

    add()
    few = cost()
    for _ in range(6):
        add()
    assert cost() == few <= 24


def test_lists_and_the_family_page_of_a_programme_cost_the_same_for_many(signed_in, pendamping, programme):
    enrolments = []

    def cost(path):
        with count_queries() as queries:
            assert signed_in.get(path).status_code == 200
        return len(queries)

    def add(number):
        family = HouseholdFactory(pendamping=pendamping)
        assess(HouseholdFactory(pendamping=pendamping), LEVELS, on=LATER)
        enrolments.append(join(family, programme))
        join(HouseholdFactory(pendamping=pendamping), make_programme(name=f"Program {number}"))
        put(enrolments[0], "Pelatihan" if number % 2 else "Pemasaran")
        make_business(programme, [enrolments[-1]], name=f"Usaha {number}")

    add(0)
    own = programme.get_absolute_url()
    paths = ["/sinergi/", f"{own}calon/", f"{own}usaha/", f"{own}angka/", enrolments[0].get_absolute_url()]
    few = [cost(path) for path in paths]
    for number in range(1, 5):
        add(number)
    assert [cost(path) for path in paths] == few


def test_several_programmes_run_side_by_side_each_with_its_own_families(signed_in, pendamping, koordinator):
    wide = make_programme(koordinator, wilayah_id=KIARACONDONG, name="Sinergi Kecamatan")
    local = make_programme(koordinator)
    join(HouseholdFactory(pendamping=pendamping, name="Di Kecamatan"), wide)
    gone = join(HouseholdFactory(pendamping=pendamping, name="Di Kelurahan"), local)
    end(gone)
    assert "Di Kelurahan" not in signed_in.get(wide.get_absolute_url()).content.decode()
    assert "Di Kecamatan" not in signed_in.get(local.get_absolute_url()).content.decode()
