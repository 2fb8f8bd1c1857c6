import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from entries.models import HeldEntry, Period, Receipt
from kpm.independence.due import due_families, due_form, quarter_start
from kpm.models import Assessment, Goal, Score, Threshold
from kpm.operations import assign
from pkh_casework.ids import uuid7
from pkh_casework.masterdata import load_all
from tests.factories import (
    KEBON_JAYANTI,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    assess,
)
from tests.queries import count_queries

SHORT = ["A1", "A2", "A3", "B2", "B3", "C1", "E1", "E2", "E4"]


@pytest.fixture
def family(db):
    return HouseholdFactory(path="usaha")


@pytest.fixture
def signed_in(client, family):
    client.force_login(family.pendamping)
    return client


@pytest.fixture
def today(family):
    return timezone.localdate()


def form_of(family, *, levels=None, **changes):
    """The short form filled in: the family chose 2 everywhere and the pendamping agrees."""
    said = dict.fromkeys(SHORT, "2") | (levels or {})
    sent = {"op_id": str(uuid7()), "form": "singkat", "instrument": "1", "notes": ""}
    sent["assessed_on"] = timezone.localdate().isoformat()
    for code, level in said.items():
        sent |= {f"{code}-family": level, f"{code}-level": "sama" if level.isdigit() else ""}
        sent |= {f"{code}-note": "", f"{code}-reason": ""}
    return {name: value for name, value in (sent | changes).items() if value is not None}


def page_of(family):
    return reverse("kpm:assessment_create", args=[family.case_number])


def test_a_talk_goes_from_the_form_to_what_came_of_it(signed_in, family, today):
    response = signed_in.post(page_of(family), form_of(family, levels={"A1": "1"}), follow=True)

    assessment = Assessment.objects.get()
    assert response.redirect_chain == [(assessment.get_absolute_url(), 302)]
    page = response.content.decode()
    assert f"Kode tanda terima {Receipt.objects.get().code}" in page
    assert f"/tujuan/baru/{family.case_number}/?indikator=A1" in page
    assert assessment.scores.get(code="A1").level == 1
    assert (assessment.form, assessment.assessed_on, assessment.lowest) == ("singkat", today, 1)


def test_skipped_and_not_applicable_stay_apart_from_the_lowest_level(signed_in, family):
    sent = form_of(family, levels={"A1": "dilewati", "B3": "tidak_berlaku"}, **{"B3-reason": "Belum pernah."})
    page = signed_in.post(page_of(family), sent, follow=True).content.decode()

    states = dict(Score.objects.values_list("code", "state"))
    assert (states["A1"], states["B3"], states["A2"]) == ("dilewati", "tidak_berlaku", "dijawab")
    assert Assessment.objects.get().lowest == 2
    assert "Tidak berlaku: Belum pernah." in page
    assert "Yang dilewati bisa ditanyakan lain kali: kecukupan pendapatan." in page


def test_who_differs_from_the_family_says_why_and_both_are_kept(signed_in, family):
    sent = form_of(family, **{"A1-level": "1"})
    page = signed_in.post(page_of(family), sent).content.decode()
    assert "Tulis mengapa penilaian Anda berbeda dengan pilihan keluarga." in page
    assert not Assessment.objects.exists()

    signed_in.post(page_of(family), sent | {"A1-note": "Warung sedang tutup."})

    score = Score.objects.get(code="A1")
    assert (score.family_level, score.level, score.note) == (2, 1, "Warung sedang tutup.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"A1-family": None}, "Pilih satu gambar, atau Lewati dulu."),
        ({"A1-level": ""}, "Tekan Setuju, atau pilih tingkat menurut Anda."),
        ({"A1-family": "tidak_berlaku"}, "Tulis mengapa tidak berlaku bagi keluarga ini."),
        ({"assessed_on": "2999-01-01"}, "Tanggal tidak boleh di masa depan."),
        ({"assessed_on": "2020-01-01"}, "Tanggal lebih dari setahun yang lalu."),
        ({f"{code}-family": "dilewati" for code in SHORT}, "Belum ada pertanyaan yang dijawab keluarga."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(signed_in, family, changes, words):
    sent = form_of(family, **({"notes": "Bicara di teras.", "E2-note": "Lauk kurang."} | changes))
    response = signed_in.post(page_of(family), sent)

    page = response.content.decode()
    assert response.status_code == 200 and words in page
    assert "Bicara di teras." in page and "Lauk kurang." in page
    assert f'name="op_id" value="{sent["op_id"]}"' in page
    assert not Assessment.objects.exists()


def test_a_second_talk_on_one_day_is_refused_beside_the_date(signed_in, family, today):
    assess(family, {"A1": 2}, on=today)

    page = signed_in.post(page_of(family), form_of(family)).content.decode()

    assert "Keluarga ini sudah dinilai pada tanggal itu." in page
    assert Assessment.objects.count() == 1


def test_sent_twice_is_stored_once_and_answered_twice(signed_in, family, today):
    sent = form_of(family)
    first = signed_in.post(page_of(family), sent)
    again = signed_in.post(page_of(family), sent)
    too_late = Assessment.objects.get()
    family.path = "perlindungan"  # asks other questions now; what was taken is still what was sent
    family.save(update_fields=["path"])

    assert first.url == again.url == signed_in.post(page_of(family), sent).url == too_late.get_absolute_url()
    assert Assessment.objects.count() == Receipt.objects.count() == 1


def test_the_same_id_with_other_content_is_held(signed_in, family):
    sent = form_of(family)
    signed_in.post(page_of(family), sent)

    page = signed_in.post(page_of(family), sent | {"notes": "Lain."}, follow=True).content.decode()

    assert "Kedua versi disimpan" in page
    assert HeldEntry.objects.get().payload["fields"]["notes"] == ["Lain."]
    assert Assessment.objects.get().notes == ""


def test_a_locked_month_holds_the_assessment_and_sync_shows_it(signed_in, family, today):
    Period.objects.create(wilayah_id=family.wilayah_id, month=today.replace(day=1), state="terkunci")
    sent = form_of(family, **{"A1-level": "1", "A1-note": "Warung sedang tutup."})

    page = signed_in.post(page_of(family), sent, follow=True).content.decode()
    held = HeldEntry.objects.get()
    detail = signed_in.get(reverse("entries:held_detail", args=[held.pk])).content.decode()

    assert "aman di Titipan" in page and held.reason == "bulan_terkunci"
    assert all(words in detail for words in ("Kecukupan pendapatan", "2 Bertahan", "Warung sedang tutup."))
    assert not Assessment.objects.exists()


def test_a_family_handed_over_meanwhile_is_held_and_another_is_not_found(signed_in, family, today):
    stranger = HouseholdFactory()
    sent = form_of(family)
    assign(family, to=UserFactory(), by=UserFactory(koordinator=True), on=today)

    assert signed_in.get(page_of(family)).status_code == 404
    page = signed_in.post(page_of(family), sent, follow=True).content.decode()
    assert "sudah dialihkan ke pendamping lain" in page
    assert HeldEntry.objects.get().payload["path"] == page_of(family)
    assert signed_in.post(page_of(stranger), sent).status_code == 404
    assert not Assessment.objects.exists()


def test_a_resend_after_the_handover_is_known(signed_in, family, today):
    sent = form_of(family)
    signed_in.post(page_of(family), sent)
    assign(family, to=UserFactory(), by=UserFactory(koordinator=True), on=today)

    page = signed_in.post(page_of(family), sent, follow=True).content.decode()

    assert "sudah diterima sebelumnya" in page
    assert not HeldEntry.objects.exists()


def test_the_form_asks_what_the_path_and_the_children_call_for(signed_in, family):
    def asked(query=""):
        return [
            row.indicator.code for row in signed_in.get(page_of(family) + query).context["form"].questions
        ]

    assert asked() == SHORT
    assert len(asked("?bentuk=lengkap")) == 18
    MemberComponentFactory(member=MemberFactory(household=family))
    family.path = "kerja"
    family.save(update_fields=["path"])
    assert asked() == ["A1", "A2", "A3", "B2", "B3", "D1", "D2", "E1", "E2", "E4"]


def test_anchors_carry_the_sums_of_the_day_or_say_honestly_that_there_are_none(signed_in, family):
    assert (
        "angka garis kemiskinan belum diisi; UMK Rp4.737.678"
        in signed_in.get(page_of(family)).content.decode()
    )
    Threshold.objects.create(
        code="garis_kemiskinan", wilayah_id="3273", monthly=600_001, valid_from=date(2026, 1, 1), source="uji"
    )

    page = signed_in.get(page_of(family)).content.decode()

    assert "(Rp600.001 sampai Rp900.002 per orang)" in page
    assert "(Rp1.200.002 per orang; UMK Rp4.737.678)" in page


def test_what_changed_is_shown_after_answering_and_not_before(signed_in, family, today):
    assess(family, {"A1": 1, "A2": 3, "B2": 2}, on=today - timedelta(days=90))
    before = signed_in.get(page_of(family)).content.decode()
    assert "naik dari" not in before
    assert re.findall(r'name="([^"]*)" value="([^"]*)"[^>]* checked', before) == [("at_home", "ya")]

    page = signed_in.post(page_of(family), form_of(family), follow=True).content.decode()

    assert page.count("naik dari 1") == page.count("turun dari 3") == 1
    assert "pertama kali dinilai" in page


def test_a_low_indicator_with_a_goal_no_longer_leads_to_the_plan(signed_in, family, today):
    assessment = assess(family, {"A1": 1, "E2": 1}, on=today)
    score = assessment.scores.get(code="A1")
    Goal.objects.create(
        op_id=uuid7(), household=family, wilayah_id=family.wilayah_id, pendamping=family.pendamping,
        indicator=score.indicator, code="A1", from_level=1, slot=1, wish="Warung", why="Supaya cukup",
        started_on=today, target_on=today + timedelta(days=90),
    )  # fmt: skip

    page = signed_in.get(assessment.get_absolute_url()).content.decode()

    assert "indikator=E2" in page and "indikator=A1" not in page


def test_the_author_corrects_within_seven_days_and_nobody_else_ever(client, signed_in, family, today):
    assessment = assess(family, {"A1": 1, "A2": 3}, on=today, form="singkat")
    url = reverse("kpm:assessment_edit", args=[assessment.pk])
    form = signed_in.get(url).context["form"]
    assert (form["A1-family"].value(), form["A1-level"].value(), form["A3-family"].value()) == (
        1,
        "sama",
        "dilewati",
    )

    answer = signed_in.post(url, form_of(family, levels={"A1": "3"}, notes="Salah tekan."))

    assert answer.url == assessment.get_absolute_url()
    assert assessment.scores.get(code="A1").level == 3
    Assessment.objects.filter(pk=assessment.pk).update(received_at=timezone.now() - timedelta(days=8))
    assert "Sudah lewat 7 hari" in signed_in.get(url).content.decode()
    signed_in.post(url, form_of(family))
    assert assessment.scores.get(code="A1").level == 3
    client.force_login(UserFactory(koordinator=True))
    assert client.get(url).status_code == 404
    assert client.get(assessment.get_absolute_url()).status_code == 200


def test_a_correction_is_refused_in_words_or_held_for_a_locked_month(signed_in, family, today):
    assessment = assess(family, {"A1": 1}, on=today, form="singkat")
    assess(family, {"A1": 1}, on=today - timedelta(days=2))
    url, earlier = reverse("kpm:assessment_edit", args=[assessment.pk]), today - timedelta(days=2)

    page = signed_in.post(url, form_of(family, assessed_on=earlier.isoformat())).content.decode()
    assert "Keluarga ini sudah dinilai pada tanggal itu." in page
    Period.objects.update_or_create(
        wilayah_id=family.wilayah_id, month=today.replace(day=1), defaults={"state": "terkunci"}
    )
    page = signed_in.post(url, form_of(family), follow=True).content.decode()
    assert "sudah dikunci" in page and "aman di Titipan" in page
    assert HeldEntry.objects.get().payload["path"] == url


def test_whose_turn_it_is(db):
    user, day = UserFactory(), date(2026, 11, 24)
    never, old, year, done, gone = (HouseholdFactory(pendamping=user) for _ in range(5))
    HouseholdFactory()
    gone.status = "graduasi"
    gone.save(update_fields=["status"])
    assess(old, {"A1": 2}, on=date(2026, 9, 30))
    assess(year, {"A1": 2}, on=date(2025, 11, 24))
    assess(year, {"A1": 2}, on=date(2026, 10, 1), form="singkat")
    assess(done, {"A1": 2}, on=date(2026, 10, 1))

    due = {family: due_form(family, day) for family in due_families(user, day)}

    assert {family: turn.form for family, turn in due.items()} == {
        never: "lengkap",
        old: "singkat",
        year: "lengkap",
    }
    assert due[old].why == "Belum dinilai triwulan ini, terakhir 30 Sep 2026."
    assert quarter_start(day) == date(2026, 10, 1)


def test_the_list_of_turns_costs_the_same_for_many(client, db):
    user = UserFactory()
    families = [HouseholdFactory(pendamping=user) for _ in range(60)]
    for number, family in enumerate(families):
        assess(family, {"A1": 2}, on=date(2025, 3, 1) + timedelta(days=number), form="singkat")
    client.force_login(user)

    with count_queries() as queries:
        page = client.get(reverse("kpm:assessment_list"))

    shown = [row.case_number for row in page.context["page"].rows]
    assert shown == [family.case_number for family in families[:50]]
    assert len(queries) == 1
    more = client.get(page.context["page"].next_url)
    assert [row.case_number for row in more.context["page"].rows] == [f.case_number for f in families[50:]]


def test_pages_of_one_assessment_take_few_queries(signed_in, family, today):
    assessment = assess(family, dict.fromkeys(SHORT, 1), on=today, form="singkat")
    for url, most in ((page_of(family), 9), (assessment.get_absolute_url(), 8)):
        with count_queries() as queries:
            signed_in.get(url)
        assert len(queries) <= most, queries


# --- the instrument ---------------------------------------------------------------------------------------------------

INSTRUMENT = "/instrumen/"


@pytest.mark.parametrize("duty", ["pendamping", "kelurahan", "koordinator", "admin"])
def test_everybody_reads_the_instrument_with_its_honest_label(client, db, duty):
    client.force_login(UserFactory(**({} if duty == "pendamping" else {duty: True})))

    page = client.get(INSTRUMENT).content.decode()

    assert "Bukan instrumen resmi Kemensos" in page
    assert "kecukupan pendapatan paling sedikit tingkat 3" in page
    assert "paling sedikit 90 hari" in page
    assert ("Isi angka baru" in page) == (duty == "admin")


def new_sum(**changes):
    return {
        "code": "garis_kemiskinan",
        "wilayah": "3273",
        "monthly": "600000",
        "valid_from": "2026-03-01",
        "source": "BPS Kota Bandung",
        **changes,
    }


def test_a_new_sum_ends_the_one_before_and_keeps_it(client, db):
    client.force_login(UserFactory(koordinator=True, wilayah_id="3273"))
    for sent in (
        new_sum(monthly="Rp 600.000"),
        new_sum(monthly="650000", valid_from="2027-03-01"),
        new_sum(valid_from="2026-09-01"),
    ):
        assert client.post(INSTRUMENT, sent).status_code == 302

    rows = Threshold.objects.filter(code="garis_kemiskinan").values_list("monthly", "valid_from", "valid_to")
    assert list(rows) == [
        (600_000, date(2026, 3, 1), date(2026, 9, 1)),
        (600_000, date(2026, 9, 1), date(2027, 3, 1)),
        (650_000, date(2027, 3, 1), None),
    ]
    again = client.post(INSTRUMENT, new_sum()).content.decode()
    assert "Sudah ada angka yang berlaku sejak tanggal itu." in again


@pytest.mark.parametrize(
    ("who", "wilayah", "status"),
    [
        ({"koordinator": True}, "3273", 404),  # of a kecamatan
        ({}, "3273", 404),
        ({"kelurahan": True}, "3273", 404),
        ({"koordinator": True, "wilayah_id": "3273"}, "3204", 200),  # another kabupaten: beside the field
        ({"koordinator": True, "wilayah_id": "32"}, "3204", 302),
        ({"admin": True}, "3204", 302),
    ],
)
def test_who_may_fill_in_a_sum(client, db, who, wilayah, status):
    client.force_login(UserFactory(**who))

    assert client.post(INSTRUMENT, new_sum(wilayah=wilayah)).status_code == status
    assert Threshold.objects.filter(code="garis_kemiskinan").exists() == (status == 302)


def test_a_sum_filled_in_survives_loading_the_master_data_again(client, db):
    client.force_login(UserFactory(admin=True))
    client.post(INSTRUMENT, new_sum(code="umk", valid_from="2027-01-01"))

    load_all()

    ends = Threshold.objects.filter(code="umk", wilayah="3273").values_list("valid_to", flat=True)
    assert list(ends) == [date(2026, 1, 1), date(2027, 1, 1), None]
    assert Threshold.objects.of(KEBON_JAYANTI, date(2027, 1, 2))["umk"].monthly == 600_000
