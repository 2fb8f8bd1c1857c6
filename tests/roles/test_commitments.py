"""Verifikasi komitmen: typed by place for many members at once, judged by the rules in force."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse

from entries.models import HeldEntry, Receipt
from kpm.operations import assign
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from pkh_casework.templatetags.formats import MONTHS
from roles.commitments.follow_up import to_follow_up, words_of
from roles.commitments.people import Bound, place_key, places_in
from roles.commitments.rules import percent_present, rule_for, state_of_check
from roles.commitments.told import Told
from roles.models import Activity, Commitment
from roles.operations.commitment import record_commitments
from tests.factories import (
    ActivityFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    component,
)
from wilayah.clock import local_today

from .conftest import DAY

pytestmark = pytest.mark.django_db
SCHOOL, POST = "SDN Kebon Jayanti 1", "Posyandu Melati"
State = Commitment.State


@pytest.fixture
def month():
    return local_today("3273").replace(day=1)


@pytest.fixture
def class_list():
    """Two children of two families of one pendamping at one school."""
    ani = UserFactory()
    families = [HouseholdFactory(pendamping=ani), HouseholdFactory(pendamping=ani)]
    children = [
        MemberFactory(household=family, name=name, birth_date=date(2016, 5, 1))
        for family, name in zip(families, ("Rina", "Tono"), strict=True)
    ]
    for child in children:
        MemberComponentFactory(member=child, place=SCHOOL)
    return SimpleNamespace(ani=ani, families=families, children=children)


def address(category, month, place):
    return reverse("roles:commitment_fill", args=[category, f"{month:%Y-%m}", place_key(place)])


def marks(child, alpa="", izin="", sakit=""):
    key = f"{child.household.case_number}-{child.pk}-hadir_sekolah"
    return {f"alpa-{key}": alpa, f"izin-{key}": izin, f"sakit-{key}": sakit}


def sent(children, *rows, **more):
    cases = [child.household.case_number for child in children]
    said = {"op_id": str(uuid7()), "kpm": cases, "effective": "20", **more}
    for row in rows:
        said |= row
    return said


def version_on(client, url):
    return client.get(url).context["form"]["version"].value()


# --- rules -----------------------------------------------------------------------------------------------------------


def test_85_percent_is_enough_and_a_hair_less_is_not(month):
    rule = rule_for("sd", None, month)
    assert percent_present(rule, 20, 1, 1, 1) == 85
    assert percent_present(rule, 26, 4, 0, 0) == Decimal("84.61")
    assert rule.least_percent == 85


def test_a_child_is_bound_by_its_age(month):
    def kind(months):
        rule = rule_for("anak_usia_dini", months_after(month, -months), month)
        return rule and rule.kind_id

    assert [kind(0), kind(11), kind(12), kind(59), kind(60)] == [
        "timbang_bayi",
        "timbang_bayi",
        "timbang_balita",
        "timbang_balita",
        "pantau_prasekolah",
    ]
    assert rule_for("anak_usia_dini", None, month).kind_id == "timbang_balita"
    assert rule_for("korban_ham", None, month) is None


def test_a_yearly_check_is_late_only_after_a_year(month):
    rule = rule_for("lansia", None, month)

    def state(*, came, before=False, months=30):
        since = months_after(month, -months)
        return state_of_check(rule, came, came_before=before, since=since, month=month)

    assert state(came=True) == State.KEPT
    assert state(came=False) == State.NOT_KEPT
    assert state(came=False, before=True) == State.KEPT
    assert state(came=False, months=5) == State.OPEN
    assert state(came=None) == State.OPEN
    assert state(came=None, before=True) == State.OPEN


def test_a_check_made_up_for_later_mends_the_months_after_it(class_list, month):
    ani, child = class_list.ani, class_list.children[0]
    MemberComponentFactory(member=child, component_id="lansia", place=POST, from_on=date(2020, 1, 1))
    rule = rule_for("lansia", None, month)

    def say(day, *, came):
        bound = Bound(child, child.household, rule, POST, date(2020, 1, 1))
        said = {"month": day, "category": "kesejahteraan", "place": POST, "today": local_today("3273")}
        record_commitments([Told(bound, day, came=came)], by=ani, op_id=uuid7(), **said)

    say(month, came=False)
    row = Commitment.objects.get()
    assert row.state == State.NOT_KEPT
    say(months_after(month, -3), came=True)
    row.refresh_from_db()
    assert row.state == State.KEPT


# --- the page --------------------------------------------------------------------------------------------------------


def test_a_class_is_typed_on_one_page(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    page = client.get(url)
    assert [row.bound.member.name for row in page.context["form"].rows] == ["Rina", "Tono"]

    rina, tono = class_list.children
    answer = client.post(
        url, sent(class_list.children, marks(rina, "4"), marks(tono), version=version_on(client, url))
    )

    assert answer.status_code == 302, answer.context["form"].errors
    row = Commitment.objects.get()
    assert (row.member, row.percent, row.state, row.absent, row.ill) == (rina, 80, State.NOT_KEPT, 4, 0)
    assert (row.pendamping, row.wilayah_id, row.source) == (
        class_list.ani,
        rina.household.wilayah_id,
        "diketik",
    )
    assert Receipt.objects.filter(op_id=row.op_id, kind="roles.komitmen").count() == 1


def test_empty_boxes_count_as_present_only_when_told(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    rows = [marks(child) for child in class_list.children]

    client.post(url, sent(class_list.children, *rows))
    assert not Commitment.objects.exists()
    client.post(url, sent(class_list.children, *rows, empty_is_present="on"))

    assert {(row.percent, row.state) for row in Commitment.objects.all()} == {(100, State.KEPT)}


def test_a_verification_is_an_activity_once_a_day_and_counts_for_its_rhk(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    rina, tono = class_list.children

    client.post(url, sent([rina], marks(rina, "4")))
    client.post(url, sent([rina, tono], marks(rina, "1"), marks(tono, "0")))

    activity = Activity.objects.get()
    assert (activity.kind_id, activity.sub_role_id, activity.place) == ("verifikasi", "TEK-1", SCHOOL)
    assert set(activity.families.values_list("household", flat=True)) == {f.pk for f in class_list.families}
    assert activity.outcome == "2 komitmen dicek, 0 belum terpenuhi."
    assert not activity.families.filter(is_visit=True).exists()


def test_the_same_again_changes_nothing_and_a_correction_keeps_its_history(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    rina = class_list.children[0]
    client.post(url, sent([rina], marks(rina, "4")))
    events = Commitment.events.rel.related_model.objects

    client.post(url, sent([rina], marks(rina, "4")))
    assert events.count() == 1
    client.post(url, sent([rina], marks(rina, "2")))

    assert [row.absent for row in events.order_by("pgh_id")] == [4, 2]
    assert Commitment.objects.get().state == State.KEPT


def test_what_another_tab_stored_is_shown_and_the_next_save_counts(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    rina, tono = class_list.children
    seen = version_on(client, url)
    client.post(url, sent([rina], marks(rina, "4")))

    both = [marks(rina, "1"), marks(tono, "0")]
    answer = client.post(url, sent([rina, tono], *both, version=seen))
    page = answer.content.decode()
    assert "sudah diubah di tempat lain" in page
    assert "Sekarang tersimpan: alpa 4, izin 0, sakit 0 dari 20 hari." in page
    assert f'name="alpa-{rina.household.case_number}-{rina.pk}-hadir_sekolah" value="1"' in page

    again = client.post(url, sent([rina, tono], *both, version=answer.context["form"]["version"].value()))
    assert again.status_code == 302
    assert Commitment.objects.get(member=rina).absent == 1


@pytest.mark.parametrize(
    ("typed", "more", "words"),
    [
        (("x",), {}, "Tulis jumlah hari, 0 sampai 31."),
        (("32",), {}, "Tulis jumlah hari, 0 sampai 31."),
        (("10", "8", "3"), {}, "Tidak masuk 21 hari, padahal hari efektif 20."),
        (("1",), {"effective": ""}, "Isi hari efektif bulan ini."),
        (("1",), {"effective": "40"}, "Isi angka 1 sampai 31."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, class_list, month, typed, more, words):
    client.force_login(class_list.ani)
    rina = class_list.children[0]

    answer = client.post(address("pendidikan", month, SCHOOL), sent([rina], marks(rina, *typed), **more))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert words in page
    assert f'name="alpa-{rina.household.case_number}-{rina.pk}-hadir_sekolah" value="{typed[0]}"' in page
    assert not Commitment.objects.exists()


def test_a_posyandu_is_ticked(client, month):
    ani = UserFactory()
    baby = MemberFactory(household=HouseholdFactory(pendamping=ani), birth_date=months_after(month, -6))
    old = MemberFactory(household=baby.household, birth_date=months_after(month, -30))
    for child in (baby, old):
        MemberComponentFactory(member=child, component_id="anak_usia_dini", place=POST)
    client.force_login(ani)
    url = address("kesehatan", month, POST)
    key = f"{baby.household.case_number}-"

    everybody = client.get(f"{url}?semua=hadir").content.decode()
    assert everybody.count(" checked>") == 2
    answers = {
        f"datang-{key}{baby.pk}-timbang_bayi": "tidak_hadir",
        f"datang-{key}{old.pk}-timbang_balita": "tak_tahu",
    }
    answer = client.post(url, {"op_id": str(uuid7()), "kpm": baby.household.case_number, **answers})

    assert answer.status_code == 302, answer.context["form"].errors
    row = Commitment.objects.get()
    assert (row.member, row.kind_id, row.came, row.state) == (baby, "timbang_bayi", False, State.NOT_KEPT)


def test_who_is_not_answered_stays_on_the_page_and_says_nothing(client, month):
    ani = UserFactory()
    babies = [
        MemberFactory(household=HouseholdFactory(pendamping=ani), birth_date=months_after(month, -6))
        for _ in range(2)
    ]
    for baby in babies:
        MemberComponentFactory(member=baby, component_id="anak_usia_dini", place=POST)
    client.force_login(ani)
    url = address("kesehatan", month, POST)
    page = client.get(url).content.decode()
    names = [f"datang-{baby.household.case_number}-{baby.pk}-timbang_bayi" for baby in babies]
    assert all(f'<input type="hidden" name="{name}" value="">' in page for name in names)
    said = {"op_id": str(uuid7()), "kpm": [baby.household.case_number for baby in babies]}

    odd = client.post(url, said | {names[0]: ["", "entah"], names[1]: ""})
    assert len(odd.context["form"].rows) == 2
    assert "Pilih salah satu." in odd.content.decode()
    answer = client.post(url, said | {names[0]: ["", "hadir"], names[1]: ""})

    assert answer.status_code == 302, answer.context["form"].errors
    assert Commitment.objects.get().member == babies[0]


def test_who_is_bound_twice_at_a_place_is_asked_twice(client, month):
    ani = UserFactory()
    old = MemberFactory(household=HouseholdFactory(pendamping=ani))
    for code in ("lansia", "disabilitas_berat"):
        MemberComponentFactory(member=old, component_id=code, place=POST)
    client.force_login(ani)
    key = f"datang-{old.household.case_number}-{old.pk}"
    answers = {f"{key}-periksa_lansia": ["", "hadir"], f"{key}-periksa_disabilitas": ["", "tidak_hadir"]}
    said = {"op_id": str(uuid7()), "kpm": old.household.case_number, **answers}
    answer = client.post(address("kesejahteraan", month, POST), said)

    assert answer.status_code == 302, answer.context["form"].errors
    told = dict(Commitment.objects.values_list("kind", "came"))
    assert told == {"periksa_lansia": True, "periksa_disabilitas": False}


def test_what_is_taken_back_is_open_again(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    rina = class_list.children[0]
    client.post(url, sent([rina], marks(rina, "4")))
    client.post(url, sent([rina], marks(rina)))

    row = Commitment.objects.get()
    assert (row.absent, row.percent, row.state) == (None, None, State.OPEN)


def test_the_list_tells_how_far_each_place_is(client, class_list, month):
    client.force_login(class_list.ani)
    rina = class_list.children[0]
    client.post(address("pendidikan", month, SCHOOL), sent([rina], marks(rina, "4")))

    (place,) = places_in(class_list.ani, month)["pendidikan"]
    assert (place.name, place.people, place.told, place.not_kept) == (SCHOOL, 2, 1, 1)
    page = client.get(reverse("roles:commitment_list")).content.decode()
    assert "1 dari 2 diisi" in page
    assert "1 belum" in page


def test_the_place_of_a_stranger_is_not_found(client, class_list, month):
    client.force_login(UserFactory())
    assert client.get(address("pendidikan", month, SCHOOL)).status_code == 404
    client.force_login(class_list.ani)
    for month_text, category in (
        ("2026-13", "pendidikan"),
        (f"{month:%Y-%m}", "lain"),
        ("2999-01", "pendidikan"),
    ):
        url = reverse("roles:commitment_fill", args=[category, month_text, place_key(SCHOOL)])
        assert client.get(url).status_code == 404


def test_a_family_handed_over_meanwhile_is_held_and_the_others_are_stored(client, class_list, month):
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    rina, tono = class_list.children
    said = sent([rina, tono], marks(rina, "4"), marks(tono, "0"))
    koordinator = UserFactory(koordinator=True)
    assign(tono.household, to=UserFactory(), by=koordinator, on=local_today("3273") - timedelta(days=1))

    answer = client.post(url, said)

    assert answer.status_code == 302, answer.context["form"].errors
    assert Commitment.objects.get().member == rina
    held = HeldEntry.objects.get()
    assert f"alpa-{tono.household.case_number}-{tono.pk}-hadir_sekolah" in held.payload["fields"]
    assert f"alpa-{rina.household.case_number}-{rina.pk}-hadir_sekolah" not in held.payload["fields"]

    client.force_login(koordinator)
    client.post(reverse("entries:held_detail", args=[held.pk]), {"decision": "diterima", "note": "Benar."})
    assert Commitment.objects.get(member=tono).pendamping == class_list.ani


def test_questions_do_not_grow_with_the_class(client, class_list, month, django_assert_max_num_queries):
    for turn in range(30):
        child = MemberFactory(household=class_list.families[0], name=f"Anak {turn}")
        MemberComponentFactory(member=child, place=SCHOOL)
    client.force_login(class_list.ani)
    url = address("pendidikan", month, SCHOOL)
    client.get(url)
    with django_assert_max_num_queries(12):
        client.get(url)
    with django_assert_max_num_queries(12):
        client.get(reverse("roles:commitment_list"))
    assert component("sd")


def test_a_percent_is_never_rounded_up_to_the_limit(client, class_list, month):
    client.force_login(class_list.ani)
    rina = class_list.children[0]
    client.post(address("pendidikan", month, SCHOOL), sent([rina], marks(rina, "4"), effective="26"))
    page = client.get(rina.household.get_absolute_url()).content.decode()
    assert "Rina hadir 84,61% di sekolah" in page
    assert "di bawah 85%" in page


def test_hari_ini_tells_of_it_until_the_family_was_visited(client, class_list, month):
    client.force_login(class_list.ani)
    rina = class_list.children[0]
    client.post(address("pendidikan", month, SCHOOL), sent([rina], marks(rina, "4")))
    today = local_today("3273")

    words = f"Rina hadir 80% di sekolah {MONTHS[month.month - 1]} {month.year}, di bawah 85%"
    assert words in client.get("/").content.decode()
    assert [words_of(row) for row in to_follow_up(class_list.ani, today)] == [words]
    assert list(to_follow_up(class_list.ani, today + timedelta(days=30))) == []
    ActivityFactory(pendamping=class_list.ani, families=[rina.household], occurred_on=today)
    assert list(to_follow_up(class_list.ani, today)) == []


def a_visit(family, met="ya", **more):
    case = family.case_number
    said = {"kind": "kunjungan_rumah", "sub_role": "FAS-1", "occurred_on": DAY.isoformat()}
    return said | {"op_id": str(uuid7()), "kpm": [case], f"met-{case}": met, **more}


def test_a_visit_tells_of_the_commitment_that_was_spoken_of(client, class_list, month):
    client.force_login(class_list.ani)
    rina, tono = class_list.children
    client.post(address("pendidikan", month, SCHOOL), sent([rina], marks(rina, "4")))
    row = Commitment.objects.get()
    words = words_of(row)
    form, stranger = f"/kegiatan/catat/?kpm={rina.household.case_number}", tono.household
    page = client.get(form).content.decode()
    assert f'name="komitmen" value="{row.pk}"' in page and words in page
    assert (
        'name="komitmen"' not in client.get(f"/kegiatan/catat/?kpm={stranger.case_number}").content.decode()
    )

    # Not met, nothing can have been spoken of: asked for, and what was ticked stays.
    page = client.post("/kegiatan/catat/", a_visit(rina.household, "tidak", komitmen=row.pk)).content.decode()
    assert "Komitmen Rina hanya bisa dibicarakan bila bertemu" in page
    assert f'name="komitmen" value="{row.pk}" checked' in page

    client.post("/kegiatan/catat/", a_visit(rina.household, komitmen=row.pk))
    visit = Activity.objects.get(kind="kunjungan_rumah")
    assert visit.notes == f"Membicarakan komitmen: {words}."
    assert [*visit.families.get().members.all()] == [rina]
    assert 'name="komitmen"' not in client.get(form).content.decode()

    client.post("/kegiatan/catat/", a_visit(stranger, komitmen=row.pk, notes="Melihat warung."))
    assert Activity.objects.get(families__household=stranger).notes == "Melihat warung."


def test_a_save_asks_as_often_after_years_as_at_first(class_list, month, django_assert_max_num_queries):
    ani, rule = class_list.ani, rule_for("lansia", None, month)
    people = [MemberFactory(household=class_list.families[0]) for _ in range(10)]

    def save(day):
        told = [
            Told(Bound(one, one.household, rule, POST, date(2020, 1, 1)), day, came=False) for one in people
        ]
        said = {"month": day, "category": "kesejahteraan", "place": POST, "today": local_today("3273")}
        record_commitments(told, by=ani, op_id=uuid7(), **said)

    for back in range(30, 0, -1):
        save(months_after(month, -back))
    with django_assert_max_num_queries(25):
        save(month)
    assert Commitment.objects.filter(state=State.NOT_KEPT).count() == 310
