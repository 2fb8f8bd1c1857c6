"""Trainings: what families wait for, one training shared by several pendamping, and what became of the indicator."""

from datetime import date, timedelta

import pytest

from entries.models import Receipt
from pkh_casework.ids import uuid7
from roles.demand import needs_of, waiting_for
from roles.models import Activity, Trainer, Training, TrainingPlace
from roles.operations.training import effect_of
from tests.factories import BANDUNG, SUKAPURA, HouseholdFactory, UserFactory, assess, make_goal
from tests.queries import count_queries

from .conftest import DAY

BEFORE = DAY - timedelta(days=60)


@pytest.fixture(autouse=True)
def that_friday(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for module in ("roles.forms.roll", "roles.views.training"):
        monkeypatch.setattr(f"{module}.local_today", lambda code=None: DAY)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def waiting(pendamping, code="C2", level=1, **fields):
    family = HouseholdFactory(pendamping=pendamping, **fields)
    assess(family, {code: level}, on=BEFORE)
    return family


def make_training(by, **fields):
    fields = {"code": "C2", "title": "Pelatihan legalitas", "seats": 20, "planned_on": DAY, **fields}
    return Training.objects.create(op_id=uuid7(), wilayah_id=by.wilayah_id, proposed_by=by, **fields)


def invite(client, training, states, op_id=None):
    data = {"op_id": str(op_id or uuid7())}
    data |= {f"undang-{family.case_number}": state for family, state in states.items()}
    return client.post(f"{training.get_absolute_url()}undang/", data)


def roll(families, states, **changes):
    data = {
        "op_id": str(uuid7()),
        "occurred_on": DAY.isoformat(),
        "place": "Aula kelurahan",
        "facilitator": "",
        "sub_role": "EDU-4",
        "notes": "Mengurus NIB bersama.",
        "kpm": [family.case_number for family in families],
    }
    data |= {f"hadir-{family.case_number}": state for family, state in zip(families, states, strict=True)}
    return data | changes


def need(user, code="C2"):
    return next((one for one in needs_of(user, DAY) if one.indicator.code == code), None)


# --- demand ----------------------------------------------------------------------------------------------------------


def test_who_waits_by_a_low_level_or_an_open_goal_counts_once(pendamping, koordinator):
    colleague = UserFactory()
    waiting(pendamping, rw=5)
    both = waiting(pendamping, level=2, rw=6)
    make_goal(both, "C2")
    make_goal(waiting(colleague, level=3, rw=7), "C2", level=3)
    waiting(colleague, level=3, rw=8)
    waiting(colleague, rw=9, graduated=True)
    waiting(UserFactory(wilayah_id=SUKAPURA), rw=5)

    mine = need(pendamping)
    assert (mine.families, mine.places, mine.own) == (3, 3, 2)
    assert waiting_for("C2", pendamping).count() == mine.own
    theirs = need(koordinator)
    assert (theirs.families, theirs.places) == (4, 4)
    assert waiting_for("C2", koordinator).count() == theirs.own == theirs.families
    city = need(UserFactory(koordinator=True, wilayah_id=BANDUNG))
    assert (city.families, city.places) == (4, 2)  # two kelurahan


def test_a_skipped_or_raised_indicator_does_not_wait(pendamping):
    family = waiting(pendamping)
    assess(family, {"C2": 3}, on=DAY - timedelta(days=1))

    assert need(pendamping) is None


def test_the_demand_page_says_how_many_wait_and_opens_the_own_ones(signed_in, pendamping):
    mine, theirs = waiting(pendamping, name="Punya Saya"), waiting(UserFactory(), name="Punya Rekan", rw=6)

    page = signed_in.get("/pelatihan/").content.decode()
    rows = signed_in.get("/pelatihan/kebutuhan/C2/").content.decode()

    assert "2 KPM menunggu, 2 RW · 1 dampingan Anda" in page
    assert mine.name in rows
    assert theirs.name not in page + rows
    assert signed_in.get("/pelatihan/kebutuhan/Z9/").status_code == 404


def test_demand_and_its_rows_cost_the_same_for_many(signed_in, pendamping):
    def cost():
        with count_queries() as queries:
            signed_in.get("/pelatihan/")
            signed_in.get("/pelatihan/kebutuhan/C2/")
        return len(queries)

    waiting(pendamping)
    few = cost()
    for _ in range(6):
        waiting(pendamping)
    assert cost() == few <= 12


# --- a shared training -----------------------------------------------------------------------------------------------


def test_a_training_is_proposed_for_a_need(signed_in, pendamping):
    page = signed_in.get("/pelatihan/baru/?indikator=C2").content.decode()
    assert "Pelatihan legalitas usaha" in page
    data = {
        "op_id": str(uuid7()),
        "code": "C2",
        "title": "NIB dan halal",
        "seats": "15",
        "planned_on": "2026-12-03",
    }
    for _ in range(2):
        assert signed_in.post("/pelatihan/baru/", data).status_code == 302

    training = Training.objects.get()
    assert (training.title, training.proposed_by, training.wilayah_id) == (
        "NIB dan halal",
        pendamping,
        pendamping.wilayah_id,
    )
    wrong = signed_in.post("/pelatihan/baru/", {**data, "op_id": str(uuid7()), "seats": "0", "title": ""})
    assert wrong.status_code == 200
    assert "Isi angka 1 sampai 500." in wrong.content.decode()
    assert Training.objects.count() == 1


def test_each_pendamping_invites_the_own_families_and_sees_the_others_as_a_number(client, pendamping):
    colleague, training = UserFactory(name="Rekan Dua"), make_training(pendamping)
    mine, theirs = waiting(pendamping, name="Punya Saya"), waiting(colleague, name="Punya Rekan")
    client.force_login(colleague)
    assert invite(client, training, {theirs: "bersedia"}).status_code == 302
    client.force_login(pendamping)
    assert invite(client, training, {mine: "diundang"}).status_code == 302

    page = client.get(training.get_absolute_url()).content.decode()

    assert mine.name in page
    assert theirs.name not in page
    assert "Dan 1 keluarga dampingan rekan." in page
    assert "2 dari 20 terisi" in page
    assert TrainingPlace.objects.get(household=mine).level_before == 1
    invite(client, training, {theirs: "menolak", mine: "bersedia"})
    assert set(TrainingPlace.objects.values_list("household", "state")) == {
        (mine.pk, "bersedia"),
        (theirs.pk, "bersedia"),
    }
    invite(client, training, {mine: ""})
    assert not TrainingPlace.objects.filter(household=mine).exists()


def test_nobody_is_invited_beyond_the_seats(signed_in, pendamping):
    training = make_training(pendamping, seats=1)
    first, second = waiting(pendamping), waiting(pendamping)

    page = invite(signed_in, training, {first: "diundang", second: "diundang"})

    assert page.status_code == 200
    assert "Tempat duduk tinggal 1." in page.content.decode()
    assert not TrainingPlace.objects.exists()
    assert invite(signed_in, training, {first: "diundang", second: "menolak"}).status_code == 302


def test_attendance_writes_the_places_and_one_activity(signed_in, pendamping):
    training, colleague = make_training(pendamping), UserFactory()
    families = [waiting(pendamping, name=f"Ibu {letter}") for letter in "AB"]
    invite(signed_in, training, dict.fromkeys(families, "bersedia"))
    place = TrainingPlace.objects.create(
        training=training, household=waiting(colleague), wilayah_id=colleague.wilayah_id, pendamping=colleague
    )
    url = f"{training.get_absolute_url()}hadir/"
    assert [row.household for row in signed_in.get(url).context["form"].rows] == families
    data = roll(families, ("hadir", "tidak_hadir"))

    for _ in range(2):
        assert signed_in.post(url, data).url == training.get_absolute_url()

    activity = Activity.objects.get()
    training.refresh_from_db()
    assert (activity.kind_id, activity.sub_role_id, training.held_on) == ("pelatihan", "EDU-4", DAY)
    assert {row.household: row.met for row in activity.families.all()} == {
        families[0]: True,
        families[1]: False,
    }
    said = dict(TrainingPlace.objects.filter(activity=activity).values_list("household", "state"))
    assert said == {families[0].pk: "hadir", families[1].pk: "tidak_hadir"}
    place.refresh_from_db()
    assert (place.state, place.activity) == ("diundang", None)
    assert Receipt.objects.filter(kind="roles.activity").count() == 1

    again = signed_in.post(url, roll(families, ("hadir", "hadir")))
    assert "sudah disimpan" in again.content.decode()

    assert signed_in.get(f"/kegiatan/{activity.pk}/ubah/").url == f"{url}?perbaiki=1"
    correct = roll(families, ("hadir", "hadir"))
    for _ in range(2):
        assert signed_in.post(f"{url}?perbaiki=1", correct).url == training.get_absolute_url()
    assert set(TrainingPlace.objects.filter(activity=activity).values_list("state", flat=True)) == {"hadir"}
    activity.refresh_from_db()
    assert activity.outcome == "2 dari 2 keluarga hadir."


def test_a_family_of_a_colleague_cannot_be_called(signed_in, pendamping):
    colleague, training = UserFactory(), make_training(pendamping)
    mine, theirs = waiting(pendamping), waiting(colleague)
    invite(signed_in, training, {mine: "diundang"})
    TrainingPlace.objects.create(
        training=training, household=theirs, wilayah_id=theirs.wilayah_id, pendamping=colleague
    )

    page = signed_in.post(f"{training.get_absolute_url()}hadir/", roll([mine, theirs], ("hadir", "hadir")))

    assert f"Keluarga {theirs.case_number} tidak ditemukan." in page.content.decode()
    assert not Activity.objects.exists()


def test_the_effect_is_told_by_the_first_assessment_after_it(signed_in, pendamping):
    training = make_training(
        pendamping, planned_on=DAY - timedelta(days=20), held_on=DAY - timedelta(days=20)
    )
    later = {"naik": 3, "turun": 1, "tetap": 2, "belum": None}
    for name, level in later.items():
        family = waiting(pendamping, level=2, name=f"Ibu {name}")
        TrainingPlace.objects.create(
            training=training,
            household=family,
            wilayah_id=family.wilayah_id,
            pendamping=pendamping,
            state="hadir",
            level_before=2,
        )
        if level:
            assess(family, {"C2": level}, on=DAY - timedelta(days=5))
            assess(family, {"C2": 4}, on=DAY - timedelta(days=1))  # not the next one

    assert effect_of(training) == [("naik", 1), ("tetap", 1), ("turun", 1), ("belum dinilai lagi", 1)]
    page = signed_in.get(training.get_absolute_url()).content.decode()
    assert "bukan bukti bahwa pelatihannya yang menyebabkan" in page


def test_a_training_of_another_area_is_not_there(client, pendamping):
    training = make_training(pendamping)
    for user in (UserFactory(wilayah_id=SUKAPURA), UserFactory(kelurahan=True), UserFactory(admin=True)):
        client.force_login(user)
        assert client.get(training.get_absolute_url()).status_code == 404
    client.force_login(UserFactory())
    assert (
        client.get(f"{training.get_absolute_url()}ubah/").status_code == 404
    )  # a colleague did not propose it


def test_the_list_of_trainings_costs_the_same_for_many(signed_in, pendamping):
    def cost(query):
        with count_queries() as queries:
            signed_in.get(f"/pelatihan/daftar/{query}")
        return len(queries)

    def more(number):
        for _ in range(number):
            make_training(pendamping)
            make_training(pendamping, held_on=DAY)

    more(1)
    few = [cost(query) for query in ("", "?keadaan=sudah")]
    more(5)
    assert [cost(query) for query in ("", "?keadaan=sudah")] == few


# --- trainers --------------------------------------------------------------------------------------------------------


def test_the_pool_of_trainers_is_kept_by_the_people_of_the_area(signed_in, pendamping):
    data = {
        "op_id": str(uuid7()),
        "name": "Ibu Lilis",
        "topics": "Kemasan dan label",
        "codes": ["C2", "C3"],
        "wilayah": pendamping.wilayah_id,
        "is_active": "on",
    }
    for _ in range(2):
        assert signed_in.post("/pelatihan/pelatih/baru/", data).status_code == 302
    trainer = Trainer.objects.get()
    assert trainer.codes == "C2 C3"

    url = f"/pelatihan/pelatih/{trainer.pk}/"
    form = signed_in.get(url).context["form"]
    assert form["codes"].value() == ["C2", "C3"]
    changed = {**data, "op_id": str(uuid7()), "version": form.version, "topics": "Kemasan"}
    assert signed_in.post(url, changed).status_code == 302
    assert "Kemasan" in signed_in.get("/pelatihan/pelatih/").content.decode()
    assert "Ibu Lilis" in signed_in.get("/pelatihan/baru/").content.decode()


def test_a_training_has_a_day_within_a_year(signed_in):
    data = {"op_id": str(uuid7()), "code": "C2", "title": "NIB", "seats": "15"}
    page = signed_in.post("/pelatihan/baru/", {**data, "planned_on": date(2030, 1, 1).isoformat()})
    assert "Tanggalnya terlalu jauh." in page.content.decode()
