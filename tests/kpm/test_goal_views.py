"""The pages of goals: from a low indicator to a goal, kept when refused, readable by the koordinator and no other."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from entries.models import AccessLog, Receipt
from kpm.models import Deferral, Goal, GoalPhrase, Indicator
from pkh_casework.ids import uuid7
from tests.factories import HouseholdFactory, UserFactory, assess, make_goal
from tests.queries import count_queries


@pytest.fixture
def today(db):
    return timezone.localdate()


@pytest.fixture
def family(db, today):
    family = HouseholdFactory()
    assess(family, {"B2": 1, "B3": 1, "E1": 2, "E2": 4}, on=today - timedelta(days=7))
    return family


@pytest.fixture
def signed_in(client, family):
    client.force_login(family.pendamping)
    return client


def new_page(family):
    return f"/tujuan/baru/{family.case_number}/"


def typed(today, **changes):
    data = {
        "op_id": str(uuid7()),
        "score": "B2",
        "wish": "Punya simpanan darurat",
        "why": "Supaya tidak berutang bila anak sakit",
        "target_on": (today + timedelta(days=90)).isoformat(),
        "keluarga_1": "Menyisihkan Rp5.000 setiap hari",
        "keluarga_1_on": (today + timedelta(days=7)).isoformat(),
        "keluarga_2": "Membuka tabungan",
        "pendamping_1": "Menemani ke bank",
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}


def test_first_what_is_low_is_offered_the_lowest_first(signed_in, family):
    page = signed_in.get(new_page(family)).content.decode()

    assert re.findall(r'href="\?indikator=(\w\d)"', page) == ["B2", "B3", "E1"]


def test_the_form_comes_with_examples_of_its_indicator(signed_in, family):
    page = signed_in.get(new_page(family), {"indikator": "B2"}).content.decode()

    phrase = GoalPhrase.objects.get(code="B2", part="keinginan")
    assert f"Misalnya: {phrase.text}." in page
    assert 'list="contoh-keluarga"' in page and '<datalist id="contoh-keluarga">' in page
    assert not re.search(r"<textarea[^>]*\blist=", page)


@pytest.mark.django_db
def test_every_indicator_has_an_example_for_each_field():
    codes = set(Indicator.objects.values_list("code", flat=True))
    told = set(GoalPhrase.objects.values_list("code", "part"))
    assert told == {(code, part) for code in codes for part in GoalPhrase.Part.values}


def test_a_goal_is_made_and_stands_on_the_familys_page(signed_in, family, today):
    response = signed_in.post(new_page(family), typed(today), follow=True)

    goal = Goal.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(f"{family.get_absolute_url()}rencana/", 302)]
    assert f"Kode tanda terima {Receipt.objects.get(kind='kpm_tujuan').code}" in page
    assert "Punya simpanan darurat" in page and "0 / 3 langkah" in page
    steps = list(goal.steps.order_by("due_on", "text").values_list("whose", "text", "due_on"))
    assert steps == [
        ("keluarga", "Menyisihkan Rp5.000 setiap hari", today + timedelta(days=7)),
        ("keluarga", "Membuka tabungan", goal.target_on),
        ("pendamping", "Menemani ke bank", goal.target_on),
    ]
    assert (goal.code, goal.from_level, goal.pendamping) == ("B2", 1, family.pendamping)


def test_a_resend_answers_as_the_first_time(signed_in, family, today):
    data = typed(today)
    first = signed_in.post(new_page(family), data)
    again = signed_in.post(new_page(family), data)

    assert (again.status_code, again.url) == (first.status_code, first.url)
    assert Goal.objects.count() == 1


def test_other_content_under_a_used_id_is_kept_on_the_page(signed_in, family, today):
    data = typed(today)
    signed_in.post(new_page(family), data)

    page = signed_in.post(new_page(family), {**data, "score": "B3", "wish": "Lepas utang"}).content.decode()

    assert "sudah tersimpan sebelumnya dengan isi lain" in page
    assert "Lepas utang" in page
    assert Goal.objects.count() == 1


BAD = [
    ({"wish": ""}, "Tulis apa yang ingin diubah"),
    ({"why": " "}, "Tulis mengapa ini penting"),
    ({"target_on": "besok"}, "Tulis tanggal yang benar."),
    ({"target_on": "2020-01-01"}, "Target harus sesudah hari ini."),
    ({"target_on": "2090-01-01"}, "paling lama dua tahun lagi"),
    ({"keluarga_1": ""}, "Tulis paling sedikit satu langkah."),
    ({"pendamping_1": ""}, "Tulis paling sedikit satu langkah."),
    ({"keluarga_1_on": "2020-01-01"}, "tidak boleh sebelum hari ini"),
    ({"keluarga_3_on": "2090-01-01"}, "Terlalu jauh"),
    ({"wish": "x" * 201}, "Terlalu panjang: 201 huruf"),
    ({"score": "E2"}, "sudah tidak menunggu"),
    ({"score": "zz"}, "sudah tidak menunggu"),
]


@pytest.mark.parametrize(("changes", "words"), BAD)
def test_what_is_wrong_is_named_and_what_was_typed_is_kept(changes, words, signed_in, family, today):
    data = typed(today, keluarga_2="Langkah yang sudah diketik", **changes)

    response = signed_in.post(new_page(family), data)

    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "Langkah yang sudah diketik" in page and data["op_id"] in page
    assert not Goal.objects.exists()


def test_a_step_after_the_target_and_a_day_without_a_step_are_named(signed_in, family, today):
    late = (today + timedelta(days=91)).isoformat()
    page = signed_in.post(
        new_page(family), typed(today, keluarga_1_on=late, pendamping_2_on=today.isoformat())
    ).content.decode()

    assert "Langkah ini sesudah tanggal target." in page
    assert "Tulis langkahnya, atau kosongkan tanggalnya." in page


def test_with_three_running_the_page_says_which_and_the_form_too(signed_in, family, today):
    for code in ("A1", "A2", "A3"):
        make_goal(family, code, wish=f"Ingin {code}", on=today)

    page = signed_in.get(new_page(family), {"indikator": "B2"}).content.decode()
    sent = signed_in.post(new_page(family), typed(today)).content.decode()

    assert all(f"Ingin {code}" in page and f"Ingin {code}" in sent for code in ("A1", "A2", "A3"))
    assert "Sudah ada tiga tujuan yang berjalan" in page and "Tutup salah satu dulu" in sent
    assert "Supaya tidak berutang bila anak sakit" in sent
    assert Goal.objects.count() == 3


def test_without_an_assessment_the_page_says_where_goals_come_from(client, db):
    family = HouseholdFactory()
    client.force_login(family.pendamping)

    assert "Tujuan lahir dari asesmen" in client.get(new_page(family)).content.decode()


def test_the_familys_page_lists_what_waits_and_belum_takes_it_off(signed_in, family, today):
    page = signed_in.get(f"{family.get_absolute_url()}rencana/").content.decode()
    assert "Perlu tujuan atau alasan" in page
    url = f"/tujuan/belum/{family.case_number}/"
    assert f'href="{url}?indikator=B3"' in page

    data = {"op_id": str(uuid7()), "score": "B3", "reason": "Menunggu anak lulus."}
    assert "Tulis alasannya" in signed_in.post(url, {**data, "reason": ""}).content.decode()
    first, again = signed_in.post(url, data), signed_in.post(url, data)

    assert first.url == again.url == f"{family.get_absolute_url()}rencana/"
    assert Deferral.objects.get().reason == "Menunggu anak lulus."
    assert f"{url}?indikator=B3" not in signed_in.get(f"{family.get_absolute_url()}rencana/").content.decode()
    assert [score.code for score in signed_in.get(url).context["scores"]] == ["B2"]


def test_a_goal_is_changed_gets_steps_and_is_closed(signed_in, family, today):
    goal = make_goal(family, on=today)
    page = goal.get_absolute_url()
    target = (today + timedelta(days=120)).isoformat()
    write = {
        "ubah": {"wish": "Simpanan sebulan", "why": "Tenang", "target_on": target},
        "langkah": {"whose": "pendamping", "text": "Menemani ke bank", "due_on": today.isoformat()},
        "tutup": {"state": "tercapai", "reason": "Sudah ada celengan."},
    }
    for name, data in write.items():
        assert signed_in.get(f"{page}{name}/").status_code == 200
        assert "error-summary" in signed_in.post(f"{page}{name}/", {"op_id": str(uuid7())}).content.decode()
        sent = {"op_id": str(uuid7()), **data}
        answers = [signed_in.post(f"{page}{name}/", sent) for _ in range(2)]
        assert [answer.url for answer in answers] == [page, page], name

    told = signed_in.get(page).content.decode()
    assert "Simpanan sebulan" in told and "Menemani ke bank" in told
    assert "Tercapai" in told and "Sudah ada celengan." in told
    assert goal.steps.count() == 2
    assert [signed_in.get(f"{page}{name}/").url for name in write] == [page] * 3


def test_a_step_changes_its_day(signed_in, family, today):
    step = make_goal(family, on=today).steps.get()
    url = f"/tujuan/langkah/{step.pk}/ubah/"
    later = today + timedelta(days=14)
    data = {"op_id": str(uuid7()), "whose": "keluarga", "text": step.text, "due_on": later.isoformat()}

    assert signed_in.get(url).status_code == 200
    assert signed_in.post(url, data).url == step.goal.get_absolute_url()

    step.refresh_from_db()
    assert step.due_on == later


def test_a_koordinator_reads_and_writes_nothing_and_the_look_is_kept(client, family, today):
    goal = make_goal(family, on=today)
    client.force_login(UserFactory(koordinator=True))

    page = client.get(goal.get_absolute_url()).content.decode()

    assert goal.wish in page
    assert "Tutup tujuan" not in page and "Tandai selesai" not in page
    assert AccessLog.objects.get().subject == family.case_number
    for url in (new_page(family), f"{goal.get_absolute_url()}ubah/", f"{goal.get_absolute_url()}tutup/"):
        assert client.get(url).status_code == client.post(url, {}).status_code == 404
    listed = client.get("/tujuan/").content.decode()
    assert goal.wish in listed and family.pendamping.name in listed


# --- the list -----------------------------------------------------------------------------------------------------


def told(client, **query):
    return [goal.wish for goal in client.get("/tujuan/", query).context["page"].rows]


def test_the_list_tells_running_late_and_closed_apart(signed_in, family, today):
    long_ago = today - timedelta(days=40)
    make_goal(family, "A1", on=long_ago, wish="Langkah lewat", steps=[("keluarga", "x", long_ago)])
    make_goal(
        family, "A2", on=long_ago, target_on=long_ago + timedelta(days=5), wish="Target lewat", steps=[]
    )
    make_goal(family, "A3", on=today, wish="Baru")
    make_goal(HouseholdFactory(), "A3", wish="Orang lain")

    assert told(signed_in) == ["Target lewat", "Langkah lewat", "Baru"]
    assert told(signed_in, keadaan="terlambat") == ["Target lewat", "Langkah lewat"]
    assert told(signed_in, keadaan="selesai") == []
    Goal.objects.filter(wish="Baru").update(state="tercapai", closed_on=today, closed_reason="Ya")
    assert told(signed_in) == ["Target lewat", "Langkah lewat"]
    assert told(signed_in, keadaan="selesai") == ["Baru"]
    assert told(signed_in, keadaan="\0ngawur") == told(signed_in)


@pytest.mark.parametrize("state", ["berjalan", "terlambat", "selesai"])
def test_the_list_takes_as_many_queries_for_fifty_as_for_one_and_goes_on(state, signed_in, family, today):
    day = date(2026, 1, 5)

    def one_more(number):
        other = HouseholdFactory(pendamping=family.pendamping)
        make_goal(other, on=day, target_on=day + timedelta(days=number + 1), wish=f"Ingin {number:02d}")
        if state == "selesai":
            Goal.objects.filter(household=other).update(
                state="tercapai", closed_on=day + timedelta(days=number), closed_reason="Ya"
            )

    def queries():
        with count_queries() as counted:
            assert signed_in.get("/tujuan/", {"keadaan": state}).status_code == 200
        return len(counted)

    one_more(0)
    few = queries()
    for number in range(1, 56):
        one_more(number)

    assert queries() == few <= 2
    first = signed_in.get("/tujuan/", {"keadaan": state}).context["page"]
    more = signed_in.get(first.next_url, headers={"HX-Request": "true", "HX-Target": "goal-more"})
    wishes = [goal.wish for goal in [*first.rows, *more.context["page"].rows]]
    assert sorted(wishes) == [f"Ingin {number:02d}" for number in range(56)]
    assert wishes == sorted(wishes, reverse=state == "selesai")
    assert "<html" not in more.content.decode()
