"""Visit quality: what is asked about a visit, of whom, what a reason and a review do."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from entries.operations import Refused, newest_receipt
from pkh_casework.ids import uuid7
from pkh_casework.waits import lines_for
from roles.models import Photo, QuickPhrase, Recording, VisitRemark, VisitRule
from roles.operations.activity import change_activity
from roles.operations.quality import explain, look_at, review
from roles.quality.rules import own_words
from roles.views.quality import is_asked_anew
from tests.factories import HouseholdFactory, UserFactory
from tests.visit_quality import WORDS, visit

pytestmark = pytest.mark.django_db
# The day before the one on which the tests run.
NINE = datetime(2026, 11, 17, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
DAY = NINE.date()
NEXT = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def that_friday(monkeypatch):
    for module in ("roles.operations.quality", "roles.views.quality", "roles.quality.rules"):
        monkeypatch.setattr(f"{module}.local_today", lambda code=None: DAY)


@pytest.fixture
def sri():
    return UserFactory()


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


@pytest.fixture
def homes(sri):
    return HouseholdFactory.create_batch(9, pendamping=sri)


def visits_apart(homes, *, minutes=90, **said):
    """One visit to each of `homes` in the same words, so many minutes apart from 9 in the morning."""
    return [
        visit([home], at=NINE + timedelta(minutes=minutes * turn), on=DAY, **said)
        for turn, home in enumerate(homes)
    ]


def asked(**conditions):
    """{(day, kind): number} of what is open."""
    rows = VisitRemark.objects.open().filter(**conditions)
    return sorted(rows.values_list("kind", "number"))


# --- the same words ------------------------------------------------------------------------------------------------


def test_the_same_words_are_asked_about_from_so_many_other_families_on(homes):
    *_, last = visits_apart(homes[:4])
    assert asked() == [("sama", 3)]
    remark = VisitRemark.objects.get()
    assert remark.activity == last and "kunjungan ke 3 keluarga lain" in remark.words


def test_capitals_and_blanks_make_no_other_words(homes):
    visits_apart(homes[:3])
    visit([homes[3]], at=NINE + timedelta(hours=8), on=DAY, notes=f"  {WORDS.upper()}\n")
    assert asked() == [("sama", 3)]


@pytest.mark.parametrize(
    "notes",
    [
        "Sehat semua.",  # shorter than what is compared
        "Pengurus ada di rumah dan dalam keadaan sehat. Keluarga sudah menyisihkan tabungan sejak kunjungan terakhir.",
        "PENGURUS ada di rumah dan dalam keadaan sehat.\nBaik.",  # a ready sentence, hardly a word besides
    ],
)
def test_what_was_only_ticked_or_is_hardly_a_word_is_not_compared(homes, notes):
    visits_apart(homes[:6], notes=notes)
    assert asked() == []


def test_own_words_beside_a_ready_sentence_are_compared_without_it(homes):
    phrase = QuickPhrase.objects.filter(kind="kunjungan_rumah").first().text
    visits_apart(homes[:3], notes=f"{phrase}\n{WORDS}")
    visit([homes[3]], at=NINE + timedelta(hours=8), on=DAY)
    assert own_words(f"{phrase}\n{WORDS}") == own_words(WORDS) and asked() == [("sama", 3)]


def test_the_families_of_one_visit_share_its_words_and_a_family_visited_again_is_no_other_one(homes):
    visit(homes[:4], at=NINE, on=DAY, met=False)
    visit([homes[0]], at=NINE + timedelta(hours=3), on=DAY)
    assert asked() == [("sama", 3)]  # the second visit, of the three other families of the first one
    VisitRemark.objects.all().delete()
    for turn in range(5):
        visit(
            [homes[8]],
            at=NINE + timedelta(hours=5 + turn),
            on=DAY,
            notes="Menemani ibu ke puskesmas sampai selesai.",
        )
    assert asked() == []


def test_words_of_a_colleague_or_of_long_ago_are_no_copies(homes, sri):
    others = HouseholdFactory.create_batch(3, pendamping=UserFactory())
    visits_apart(others)
    for turn, home in enumerate(homes[:3]):
        day = DAY - timedelta(days=31)
        VisitRule.objects.update(valid_from=day)
        visit([home], at=NINE - timedelta(days=31) + timedelta(hours=3 * turn), on=day)
    visit([homes[3]], at=NINE, on=DAY)
    assert asked() == []


# --- pace, at once, photo --------------------------------------------------------------------------------------------


def notes_of(turn):
    return f"Bicara tentang tabungan, kunjungan ke-{turn} hari ini, dengan cerita sendiri."


def quick(homes, *, minutes, on=DAY, start=NINE):
    for turn, home in enumerate(homes):
        visit([home], at=start + timedelta(minutes=minutes * turn), on=on, notes=notes_of(turn))


def test_more_families_within_an_hour_than_the_rule_says_are_asked_about(homes):
    quick(homes[:6], minutes=9)
    assert asked() == []
    visit([homes[6]], at=NINE + timedelta(minutes=57), on=DAY, notes=notes_of(7))
    assert asked() == [("cepat", 7)]


def test_the_hour_is_that_of_recording_whenever_it_arrives(homes):
    quick(homes[:7], minutes=25)  # recorded apart, without signal, and received now in one minute
    received = Recording.objects.values_list("activity__received_at", flat=True)
    assert max(received) - min(received) < timedelta(minutes=1) and asked() == []


def test_an_hour_whose_first_visit_arrives_last_is_asked_about(homes):
    quick(homes[1:7], minutes=8, start=NINE + timedelta(minutes=8))
    assert asked() == []
    visit([homes[0]], at=NINE, on=DAY, notes=notes_of(0))
    assert asked() == [("cepat", 7)]


def test_visits_written_down_on_a_later_day_tell_nothing_of_pace(homes):
    quick(homes, minutes=4, on=DAY - timedelta(days=1))
    assert asked() == []


def test_a_phone_whose_clock_is_ahead_records_no_later_than_it_arrives(homes):
    activity = visit([homes[0]], at=NINE + timedelta(days=400), on=DAY)
    assert activity.recording.recorded_at == activity.received_at


@pytest.mark.parametrize(("met", "found"), [(True, [("sekaligus", 5)]), (False, [])])
def test_many_families_in_one_go_and_all_met(homes, met, found):
    visit(homes[:5], at=NINE, on=DAY, met=met)
    assert asked() == found


def test_one_family_not_met_or_minutes_between_them_ask_nothing(homes):
    visit(homes[:4], at=NINE, on=DAY)
    visit([homes[4]], at=NINE + timedelta(seconds=20), on=DAY, met=False, notes=notes_of(1))
    visit([homes[5]], at=NINE + timedelta(minutes=3), on=DAY, notes=notes_of(2))
    assert asked() == []


def test_a_photo_is_asked_for_where_one_is_due_until_it_is_there(homes, sri, entry_for):
    activity = visit(homes[:2], at=NINE, on=DAY, kind="p2k2", by=sri)
    visit([homes[2]], at=NINE, on=DAY, kind="komunikasi", notes=notes_of(1))
    assert asked() == [("foto", 0)]
    photo = Photo(activity=activity, sha256="0" * 64, width=1, height=1)
    photo.file.save("foto.jpg", ContentFile(b"x"), save=False)
    photo.save(force_insert=True)
    look_at(activity.pk)
    assert asked() == []


def test_each_rule_holds_in_its_days(homes):
    VisitRule.objects.update(valid_from=NEXT)
    visit(homes[:6], at=NINE, on=DAY, kind="kunjungan_rumah")
    visits_apart(homes[:5], kind="p2k2")
    assert asked() == []


def test_a_rule_without_its_number_can_not_be_stored():
    for wrong in ({"kind": "sama"}, {"kind": "foto"}, {"kind": "cepat", "number": 3, "span": 60}):
        with pytest.raises(IntegrityError), transaction.atomic():
            VisitRule.objects.create(key="x", source="x", valid_from=DAY, **wrong)


def test_an_activity_from_before_the_rules_is_never_compared(homes):
    activities = visits_apart(homes[:3])
    Recording.objects.filter(activity__in=activities).delete()
    visit([homes[3]], at=NINE + timedelta(hours=8), on=DAY)
    assert asked() == []


# --- corrected -------------------------------------------------------------------------------------------------------


def correct(activity, entry_for, notes):
    rows = activity.families.select_related("household")
    entry = entry_for(
        [row.household for row in rows], notes=notes, occurred_on=DAY, seen=newest_receipt(activity)
    )
    op_id = uuid7()
    change_activity(activity, by=activity.pendamping, op_id=op_id, sent=str(op_id), entry=entry)
    look_at(activity.pk)


def test_a_correction_makes_it_void_and_another_brings_it_back(homes, entry_for):
    *_, last = visits_apart(homes[:4])
    correct(last, entry_for, "Anak pertama sudah kembali ke sekolah, ibunya lega.")
    assert asked() == [] and VisitRemark.objects.get().gone_at
    correct(last, entry_for, WORDS)
    assert asked() == [("sama", 3)]


def test_correcting_one_visit_changes_what_is_asked_of_its_like(homes, entry_for):
    first, *_ = visits_apart(homes[:5])
    assert asked() == [("sama", 4), ("sama", 4)]
    correct(first, entry_for, "Anak pertama sudah kembali ke sekolah, ibunya lega.")
    assert asked() == [("sama", 3), ("sama", 3)]


def test_what_was_reviewed_stays_as_it_was_reviewed(homes, rina, sri, entry_for):
    *_, last = visits_apart(homes[:4])
    done = reviewed(sri, rina)
    correct(last, entry_for, "Anak pertama sudah kembali ke sekolah, ibunya lega.")
    remark = VisitRemark.objects.get()
    assert (remark.review, remark.gone_at, remark.number) == (done, None, 3)


# --- seen, explained, reviewed -----------------------------------------------------------------------------------------


def reviewed(worker, by, kind="sama", **said):
    op_id = uuid7()
    remarks = list(VisitRemark.objects.open().filter(kind=kind).values_list("pk", flat=True))
    said = {"remarks": remarks, "outcome": "wajar", "note": "Memang sama."} | said
    return review(worker, kind, by=by, op_id=op_id, sent=str(op_id), **said)


def log(client, home, notes, **said):
    sent = {
        "op_id": str(uuid7()),
        "kpm": [home.case_number],
        f"met-{home.case_number}": "ya",
        "occurred_on": DAY.isoformat(),
        "kind": "kunjungan_rumah",
        "sub_role": "FAS-1",
        "notes": notes,
    }
    return client.post(reverse("roles:activity_create"), sent | said, follow=True)


def test_the_author_sees_it_right_after_saving_with_a_field_for_the_reason(
    client, homes, sri, django_capture_on_commit_callbacks
):
    visits_apart(homes[:3])
    client.force_login(sri)
    with django_capture_on_commit_callbacks(execute=True):
        # The commit comes while the request goes on, as it does outside of tests.
        log(client, homes[3], WORDS)
    remark = VisitRemark.objects.get()
    page = client.get(remark.activity.get_absolute_url()).content.decode()
    assert "sama persis dengan kunjungan ke 3 keluarga lain" in page and 'name="reason"' in page
    assert page.count("Kunjungan rumah, 17 Nov 2026") == 3  # each of the others opens

    answer = client.post(
        reverse("roles:remark_explain", args=[remark.pk]),
        {"op_id": str(uuid7()), "reason": "Satu RT, keadaannya sama 😀"},
        follow=True,
    )
    remark.refresh_from_db()
    assert remark.reason == "Satu RT, keadaannya sama 😀"
    assert "Satu RT, keadaannya sama 😀" in answer.content.decode()
    assert remark.activity.notes == WORDS  # nothing of the entry itself changed


def test_a_reason_is_for_all_that_is_asked_alike_that_day_and_can_be_bettered_until_the_review(
    homes, sri, rina
):
    visits_apart(homes[:6], minutes=70)
    first, second, third = VisitRemark.objects.filter(kind="sama").order_by("id")
    say(first, sri, "Satu gang.")
    assert set(VisitRemark.objects.values_list("reason", flat=True)) == {"Satu gang."}
    say(second, sri, "Satu gang, satu keadaan.")
    assert set(VisitRemark.objects.values_list("reason", flat=True)) == {"Satu gang, satu keadaan."}
    reviewed(sri, rina)
    with pytest.raises(Refused):
        say(third, sri, "Terlambat.")


def say(remark, by, reason):
    op_id = uuid7()
    return explain(remark, by=by, op_id=op_id, sent=str(op_id), reason=reason)


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_reason_that_can_not_be_taken_is_told_beside_its_field_and_stays(client, homes, sri, reason):
    visits_apart(homes[:4])
    remark = VisitRemark.objects.get()
    client.force_login(sri)
    url = reverse("roles:remark_explain", args=[remark.pk])
    answer = client.post(url, {"op_id": str(uuid7()), "reason": reason})
    assert answer.context["form"].errors["reason"] and reason in answer.content.decode()
    remark.refresh_from_db()
    assert remark.reason == ""


def test_nobody_but_the_author_explains(client, homes, rina):
    visits_apart(homes[:4])
    url = reverse("roles:remark_explain", args=[VisitRemark.objects.get().pk])
    for user in (UserFactory(), rina, UserFactory(kelurahan=True)):
        client.force_login(user)
        assert client.post(url, {"op_id": str(uuid7()), "reason": "Bukan saya."}).status_code == 404
    assert not VisitRemark.objects.exclude(reason="").exists()


def test_the_author_sees_it_first_the_koordinator_with_a_reason_or_a_day_later(homes, sri, rina):
    visits_apart(homes[:4])
    listed = VisitRemark.objects.listed_for
    assert listed(sri, DAY).count() == 1 and not listed(rina, DAY).exists()
    assert [line.waiting.number for line in lines_for(rina, NEXT) if "mutu" in line.waiting.words] == [1]
    say(VisitRemark.objects.get(), sri, "Satu RT.")
    assert listed(rina, DAY).count() == 1


def test_a_koordinator_closes_what_is_ticked_and_the_pendamping_reads_the_very_words(
    client, homes, sri, rina
):
    visits_apart(homes[:5])
    VisitRemark.objects.update(noted_on=DAY - timedelta(days=1))
    first, second = VisitRemark.objects.order_by("id")
    client.force_login(rina)
    page = client.get(reverse("roles:remark_list")).content.decode()
    assert sri.name in page and "Catatan sama persis" in page and "2 kunjungan" in page
    url = reverse("roles:remark_group", args=[sri.pk, "sama"])
    assert "checked" not in client.get(url).content.decode()
    assert client.get(f"{url}?centang=semua").content.decode().count(" checked") == 2

    sent = {
        "op_id": str(uuid7()),
        "remark": [str(first.pk)],
        "outcome": "dibicarakan",
        "note": "Kita bicarakan Senin.",
    }
    client.post(url, sent)
    first.refresh_from_db(), second.refresh_from_db()
    assert first.review.note == "Kita bicarakan Senin." and second.review is None

    client.force_login(sri)
    for page in (url, f"{reverse('roles:remark_list')}?keadaan=selesai", first.activity.get_absolute_url()):
        text = client.get(page).content.decode()
        assert "Kita bicarakan Senin." in text and "Perlu dibicarakan" in text
    answer = client.post(url, sent | {"op_id": str(uuid7()), "remark": [str(second.pk)]})
    assert answer["Location"] == url and VisitRemark.objects.get(pk=second.pk).is_open


@pytest.mark.parametrize("field", ["remark", "outcome", "note"])
def test_a_review_without_one_of_its_parts_closes_nothing(client, homes, sri, rina, field):
    visits_apart(homes[:4])
    VisitRemark.objects.update(noted_on=DAY - timedelta(days=1))
    sent = {
        "op_id": str(uuid7()),
        "remark": [str(VisitRemark.objects.get().pk)],
        "outcome": "wajar",
        "note": "Sudah jelas.",
    }
    client.force_login(rina)
    answer = client.post(reverse("roles:remark_group", args=[sri.pk, "sama"]), sent | {field: ""})
    assert list(answer.context["form"].errors) == [field]
    assert VisitRemark.objects.get().is_open
    assert field == "note" or "Sudah jelas." in answer.content.decode()


def test_what_a_colleague_reviewed_meanwhile_is_told(homes, sri, rina):
    visits_apart(homes[:4])
    remark = VisitRemark.objects.get()
    first = reviewed(sri, rina)
    with pytest.raises(Refused):
        reviewed(sri, UserFactory(koordinator=True), remarks=[remark.pk])
    remark.refresh_from_db()
    assert remark.review == first


def test_another_area_and_another_pendamping_find_nothing(client, homes, sri):
    visits_apart(homes[:4])
    VisitRemark.objects.update(noted_on=DAY - timedelta(days=1))
    for stranger in (UserFactory(), UserFactory(koordinator=True, wilayah_id="3204")):
        client.force_login(stranger)
        assert client.get(reverse("roles:remark_group", args=[sri.pk, "sama"])).status_code == 404
        assert not client.get(reverse("roles:remark_list")).context["groups"]
    client.force_login(UserFactory(koordinator=True, wilayah_id="32"))
    assert client.get(reverse("roles:remark_group", args=[sri.pk, "sama"])).status_code == 200


def test_it_leads_away_from_the_work_once_a_day_and_stands_in_hari_ini(client, homes, sri):
    visits_apart(homes[:5])
    first, second = VisitRemark.objects.order_by("id")
    assert not is_asked_anew(second.activity_id)
    second.delete()
    assert is_asked_anew(first.activity_id)
    visit([homes[5]], at=NINE + timedelta(hours=10), on=DAY)
    client.force_login(sri)
    page = client.get("/")
    assert "2 kunjungan ditanyakan" in page.content.decode() and "tulis sebabnya" in page.content.decode()


# --- before it is saved, and what it costs -------------------------------------------------------------------------------


def test_before_saving_it_is_a_hint(client, homes, sri):
    visits_apart(homes[:3])
    client.force_login(sri)
    headers = {"HX-Request": "true", "HX-Target": "visit-check"}
    url = reverse("roles:visit_check")
    said = client.post(url, {"notes": WORDS}, headers=headers).content.decode()
    assert "kunjungan ke 3 keluarga lain" in said and "<html" not in said
    assert (
        "keluarga lain"
        not in client.post(
            url, {"notes": "Lain sama sekali, dengan cerita."}, headers=headers
        ).content.decode()
    )
    assert "<html" in client.post(url, {"notes": WORDS}).content.decode()


def test_before_saving_words_are_compared_whole_however_long(client, homes, sri):
    long = f"{WORDS}\n" * 5 + "Lalu ke posyandu."
    for home in homes[:3]:
        visit([home], at=NINE, on=DAY, notes=long)
    client.force_login(sri)
    headers = {"HX-Request": "true", "HX-Target": "visit-check"}
    for notes, is_asked in ((long, True), (long + " Sendiri.", False)):
        said = client.post(reverse("roles:visit_check"), {"notes": notes}, headers=headers).content.decode()
        assert ("kunjungan ke 3 keluarga lain" in said) == is_asked


def test_looking_costs_the_same_whatever_was_recorded_before(homes):
    def cost():
        activity = visit([homes[8]], at=NINE + timedelta(hours=9), on=DAY)
        with CaptureQueriesContext(connection) as queries:
            look_at(activity.pk)
        return len(queries)

    visits_apart(homes[:3])
    few = cost()
    visits_apart(homes[:8], minutes=3)
    assert cost() <= few + 1 and few < 12  # one more for what there is to write


def test_the_lists_cost_the_same_for_more_rows(client, homes, sri, rina):
    def cost(user, url):
        client.force_login(user)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    visits_apart(homes[:4])
    VisitRemark.objects.update(noted_on=DAY - timedelta(days=1))
    urls = [reverse("roles:remark_list"), reverse("roles:remark_group", args=[sri.pk, "sama"])]
    before = [cost(user, url) for user in (sri, rina) for url in urls]
    visits_apart(homes[4:], minutes=4)
    VisitRemark.objects.update(noted_on=DAY - timedelta(days=1))
    assert VisitRemark.objects.count() > 4
    assert [cost(user, url) for user in (sri, rina) for url in urls] == before
