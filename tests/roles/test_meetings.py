"""P2K2: one save for session, attendance and activity, its correction, the follow-up of who stayed away."""

import re
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest
from django.urls import reverse

from desk.due import due_families
from entries.models import AccessLog, HeldEntry, Period, Receipt
from kpm.operations import assign, hand_over_group
from pkh_casework.ids import uuid7
from reports.monthly.operations.susulan import accept_late
from roles.models import Activity, ActivityHousehold, Attendance, GroupSession
from tests.factories import (
    SUKAPURA,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    hold,
    plan_session,
)
from tests.held import asking
from tests.queries import count_queries
from tests.roles.test_activity_views import photo

from .conftest import DAY

HELD = date(2026, 11, 18)
OPENED = int(datetime(DAY.year, DAY.month, DAY.day, 2, tzinfo=UTC).timestamp() * 1000)  # the page, in ms


@pytest.fixture(autouse=True)
def that_friday(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for module in ("roles.forms.roll", "roles.views.meeting"):
        monkeypatch.setattr(f"{module}.local_today", lambda code=None: DAY)


@pytest.fixture
def group(pendamping):
    return GroupFactory(pendamping=pendamping, name="Melati 1")


@pytest.fixture
def families(pendamping, group):
    return [HouseholdFactory(pendamping=pendamping, group=group, name=f"Ibu {letter}") for letter in "ABC"]


@pytest.fixture
def meeting(group, families):
    return plan_session(group, on=HELD)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def url_of(meeting, page="hadir"):
    return f"/pertemuan/{meeting.pk}/{page}/"


def filled(families, states=("hadir", "izin", "tidak_hadir"), **changes):
    """What the browser sends for a roll call of these families."""
    data = {
        "op_id": str(uuid7(OPENED)),
        "occurred_on": HELD.isoformat(),
        "place": "Balai RW 05",
        "facilitator": "Kader Ida",
        "sub_role": "EDU-4",
        "notes": "Menulis pemasukan dan pengeluaran.",
        "kpm": [family.case_number for family in families],
    }
    for family, state in zip(families, states, strict=True):
        data[f"hadir-{family.case_number}"] = state
    return data | changes


# --- attendance ------------------------------------------------------------------------------------------------------


def test_one_save_writes_session_attendance_and_activity(signed_in, pendamping, families, meeting):
    daughter = MemberFactory(household=families[0], name="Rina", birth_date=date(2001, 5, 1))
    data = filled(families, photos=[photo()])
    data |= {
        f"oleh-{families[0].case_number}": str(daughter.pk),
        f"alasan-{families[1].case_number}": "Sakit",
    }

    response = signed_in.post(url_of(meeting), data, follow=True)

    meeting.refresh_from_db()
    activity = Activity.objects.get()
    assert response.redirect_chain == [(meeting.get_absolute_url(), 302)]
    assert f"Kode tanda terima {Receipt.objects.get().code}" in response.content.decode()
    assert (meeting.activity, meeting.held_on, meeting.facilitator) == (activity, HELD, "Kader Ida")
    assert (activity.kind_id, activity.sub_role_id, activity.group) == ("p2k2", "EDU-4", meeting.group)
    assert activity.outcome == "1 dari 3 keluarga hadir."
    assert activity.photos.count() == 1
    assert {row.household: row.met for row in activity.families.all()} == dict(
        zip(families, (True, False, False), strict=True)
    )
    assert list(activity.families.get(household=families[0]).members.all()) == [daughter]
    said = {row.household: (row.state, row.who, row.note) for row in Attendance.objects.all()}
    assert said == {
        families[0]: ("hadir", daughter, ""),
        families[1]: ("izin", None, "Sakit"),
        families[2]: ("tidak_hadir", None, ""),
    }
    families[0].refresh_from_db()
    assert families[0].last_visited_on is None  # a meeting is no home visit


def test_the_list_starts_with_the_pengurus_and_all_present_is_one_tap(signed_in, families, meeting):
    MemberFactory(household=families[0], name="Anak kecil", birth_date=date(2020, 1, 1))
    page = signed_in.get(url_of(meeting)).content.decode()
    everybody = signed_in.get(url_of(meeting), {"semua": "hadir"}).content.decode()

    assert re.findall(r'value="hadir"( checked)?', page) == ["", "", ""]
    assert re.findall(r'value="hadir"( checked)?', everybody) == [" checked"] * 3
    assert page.count("Pengurus</option>") == 3
    assert "Anak kecil" not in page
    assert '<option value="EDU-4" selected>' in page  # the role of the module
    assert "Mengelola Keuangan Keluarga" in page


def test_a_resend_changes_nothing_and_another_content_is_held(signed_in, families, meeting):
    data = filled(families)
    first = signed_in.post(url_of(meeting), data)
    second = signed_in.post(url_of(meeting), data, follow=True)

    assert first.status_code == 302
    assert "sudah diterima sebelumnya" in second.content.decode()
    assert (Activity.objects.count(), Attendance.objects.count()) == (1, 3)

    changed = {**data, f"hadir-{families[2].case_number}": "hadir"}
    signed_in.post(url_of(meeting), changed)
    assert HeldEntry.objects.get().reason == HeldEntry.Reason.OTHER_CONTENT
    assert Attendance.objects.get(household=families[2]).state == "tidak_hadir"


def test_the_second_save_of_a_session_is_refused_and_what_was_typed_is_kept(signed_in, families, meeting):
    hold(meeting, {families[0]: "hadir"})

    page = signed_in.post(url_of(meeting), filled(families, notes="Dari ponsel kedua."))

    assert page.status_code == 200
    assert "sudah disimpan" in page.content.decode()
    assert "Dari ponsel kedua." in page.content.decode()
    assert Activity.objects.count() == 1


BAD_ROLL = [
    ({"occurred_on": "2026-11-21"}, "Tanggal tidak boleh di masa depan."),
    ({"notes": ""}, "Tulis apa yang dilakukan"),
    ({"sub_role": "ABC-1"}, "Pilih peran dari daftar."),
    ({"kpm": ["PKH-ZZZZZ"]}, "Keluarga PKH-ZZZZZ tidak ditemukan."),
    ({"kpm": []}, "Belum ada keluarga di daftar ini."),
    ({"place": "x" * 121}, "Terlalu panjang"),
]


@pytest.mark.parametrize(("changes", "words"), BAD_ROLL, ids=[case[1] for case in BAD_ROLL])
def test_bad_input_is_named_and_nothing_is_stored(changes, words, signed_in, families, meeting):
    page = signed_in.post(url_of(meeting), filled(families, **changes))

    assert page.status_code == 200
    assert words in page.content.decode()
    assert "Kader Ida" in page.content.decode()
    assert not Activity.objects.exists()
    assert not Receipt.objects.exists()


def test_every_family_needs_an_answer(signed_in, families, meeting):
    data = filled(families)
    del data[f"hadir-{families[1].case_number}"]
    data[f"hadir-{families[2].case_number}"] = "entah"

    page = signed_in.post(url_of(meeting), data).content.decode()

    assert "Kehadiran belum lengkap: Ibu B, Ibu C." in page
    assert page.count("Pilih salah satu.") == 2


def test_who_came_can_only_be_of_that_family(signed_in, families, meeting):
    stranger = MemberFactory(household=families[1])
    signed_in.post(url_of(meeting), filled(families, **{f"oleh-{families[0].case_number}": str(stranger.pk)}))

    assert Attendance.objects.get(household=families[0]).who.household == families[0]


def test_a_foreign_family_reads_like_an_unknown_one(signed_in, families, meeting):
    theirs = HouseholdFactory(group=GroupFactory())
    page = signed_in.post(url_of(meeting), filled([*families, theirs], ("hadir",) * 4)).content.decode()

    assert f"Keluarga {theirs.case_number} tidak ditemukan." in page
    assert theirs.name not in page


def test_an_odd_byte_in_a_reason_is_left_out_also_on_the_holding_desk(signed_in, families, meeting):
    case = families[1].case_number
    data = filled(families, **{f"alasan-{case}": "Sa\0kit", f"oleh-{case}": "\0"})
    signed_in.post(url_of(meeting), data)
    signed_in.post(url_of(meeting), data | {f"hadir-{case}": "hadir"})

    assert Attendance.objects.get(household=families[1]).note == "Sakit"
    assert HeldEntry.objects.get().payload["fields"][f"alasan-{case}"] == ["Sakit"]


def test_a_family_handed_over_meanwhile_is_held_and_the_others_are_taken(
    signed_in, families, meeting, koordinator
):
    data = filled(families)
    assign(families[2], to=UserFactory(), by=koordinator, on=DAY)

    signed_in.post(url_of(meeting), data)

    assert set(Attendance.objects.values_list("household", flat=True)) == {families[0].pk, families[1].pk}
    held = HeldEntry.objects.get()
    assert held.reason == HeldEntry.Reason.HANDED_OVER
    assert held.payload["fields"]["kpm"] == [families[2].case_number]


def test_a_list_filled_in_while_the_kelompok_was_handed_over_is_held(
    signed_in, families, meeting, koordinator
):
    data = filled(families)
    hand_over_group(meeting.group, to=UserFactory(), by=koordinator, on=DAY)

    response = signed_in.post(url_of(meeting), data)

    held = HeldEntry.objects.get()
    assert response.url == reverse("entries:held_detail", args=[held.pk])
    assert held.payload["fields"]["kpm"] == [family.case_number for family in families]
    assert signed_in.get(url_of(meeting)).status_code == 404
    assert not Attendance.objects.exists()


def test_a_locked_month_keeps_the_whole_list_on_the_holding_desk(signed_in, families, meeting):
    Period.objects.create(wilayah_id=meeting.wilayah_id, month=HELD.replace(day=1), state=Period.State.LOCKED)

    response = signed_in.post(url_of(meeting), filled(families, photos=[photo()]))

    held = HeldEntry.objects.get()
    assert response.url == reverse("entries:held_detail", args=[held.pk])
    assert held.reason == HeldEntry.Reason.MONTH_LOCKED
    assert ["hadir", families[0].case_number] in [
        [label.lower(), said] for label, said in held.payload["facts"]
    ]
    assert held.files.count() == 1
    assert not Attendance.objects.exists()
    page = signed_in.get(reverse("entries:held_detail", args=[held.pk])).content.decode()
    assert "Kader Ida" in page


def test_a_list_of_a_locked_month_is_let_in_whole(signed_in, families, meeting, koordinator):
    Period.objects.create(wilayah_id=meeting.wilayah_id, month=HELD.replace(day=1), state=Period.State.LOCKED)
    mother = MemberFactory(household=families[0])
    said = {f"oleh-{families[0].case_number}": mother.pk, f"alasan-{families[2].case_number}": "Panen"}
    signed_in.post(url_of(meeting), filled(families, photos=[photo()], **said))

    late = accept_late(
        HeldEntry.objects.get(),
        by=koordinator,
        op_id=uuid7(),
        request=asking(koordinator),
        today=DAY,
        reason="Ponsel rusak.",
    )

    meeting.refresh_from_db()
    assert (meeting.activity_id, meeting.held_on, meeting.facilitator) == (
        late.activity_id,
        HELD,
        "Kader Ida",
    )
    assert late.activity.outcome == "1 dari 3 keluarga hadir." and late.activity.photos.count() == 1
    rows = meeting.attendance.order_by("household__name").values_list("state", "who", "note")
    assert list(rows) == [("hadir", mother.pk, ""), ("izin", None, ""), ("tidak_hadir", None, "Panen")]


def test_a_session_counts_where_its_families_live_though_its_kelompok_was_planned_elsewhere(
    signed_in, families, meeting
):
    """The month that is held open is that of the families' kelurahan; the session is counted in no other."""
    elsewhere = families[0].wilayah_id
    GroupSession.objects.filter(pk=meeting.pk).update(wilayah=SUKAPURA)
    Period.objects.create(wilayah_id=SUKAPURA, month=HELD.replace(day=1), state=Period.State.LOCKED)

    signed_in.post(url_of(meeting), filled(families))

    meeting.refresh_from_db()
    assert meeting.wilayah_id == meeting.activity.wilayah_id == elsewhere


def test_a_roll_call_costs_the_same_for_many_families(signed_in, pendamping, group, families, meeting):
    signed_in.get(url_of(meeting))  # what is kept for a minute is asked for once
    with count_queries() as few:
        signed_in.get(url_of(meeting))
    for number in range(22):
        HouseholdFactory(pendamping=pendamping, group=group, name=f"Ibu {number}")
    with count_queries() as many:
        page = signed_in.get(url_of(meeting))
    assert len(page.context["form"].rows) == 25
    assert len(few) == len(many) <= 7

    rows = [row.household for row in page.context["form"].rows]
    with count_queries() as saved:
        signed_in.post(url_of(meeting), filled(rows, ("hadir",) * 25))
    assert Attendance.objects.count() == 25
    assert len(saved) <= 25


# --- correction ------------------------------------------------------------------------------------------------------


def test_a_correction_changes_all_of_it_and_keeps_the_trail(signed_in, families, meeting):
    signed_in.post(url_of(meeting), filled(families))
    meeting.refresh_from_db()
    page = signed_in.get(url_of(meeting, "perbaiki"))
    assert [row.state for row in page.context["form"].rows] == ["hadir", "izin", "tidak_hadir"]

    day = HELD - timedelta(days=1)
    data = filled(families, ("hadir", "hadir", "izin"), occurred_on=day.isoformat(), facilitator="Bidan Tuti")
    for _ in range(2):
        assert signed_in.post(url_of(meeting, "perbaiki"), data).url == meeting.get_absolute_url()

    meeting.refresh_from_db()
    activity = Activity.objects.get()
    assert (meeting.held_on, meeting.facilitator, activity.occurred_on) == (day, "Bidan Tuti", day)
    assert activity.outcome == "2 dari 3 keluarga hadir."
    assert list(Attendance.objects.order_by("household__name").values_list("state", "held_on")) == [
        ("hadir", day),
        ("hadir", day),
        ("izin", day),
    ]
    assert ActivityHousehold.objects.get(household=families[1]).met
    changed = Attendance.objects.get(household=families[1])
    assert set(changed.events.values_list("state", flat=True)) == {"izin", "hadir"}
    assert activity.events.filter(outcome="1 dari 3 keluarga hadir.").exists()


def test_the_activity_of_a_session_is_corrected_through_its_list(signed_in, families, meeting):
    hold(meeting, {families[0]: "hadir"})
    assert signed_in.get(f"/kegiatan/{meeting.activity_id}/ubah/").url == url_of(meeting, "perbaiki")


def test_after_seven_days_a_list_is_closed(signed_in, families, meeting):
    hold(meeting, {families[0]: "hadir"})
    Activity.objects.update(received_at="2026-11-01T00:00:00Z")

    page = signed_in.post(url_of(meeting, "perbaiki"), filled(families[:1], ("izin",)), follow=True)

    assert "Waktu untuk mengubahnya sudah lewat" in page.content.decode()
    assert HeldEntry.objects.get().reason == HeldEntry.Reason.TOO_LATE
    assert Attendance.objects.get().state == "hadir"
    assert "Perbaiki" not in signed_in.get(meeting.get_absolute_url()).content.decode()


# --- follow-up -------------------------------------------------------------------------------------------------------


def test_who_stayed_away_is_on_todays_list_until_visited_or_two_weeks_over(pendamping, families, meeting):
    for family in families:
        ActivityFactory(pendamping=pendamping, families=[family], occurred_on=HELD - timedelta(days=5))
    hold(meeting, dict(zip(families, ("hadir", "izin", "tidak_hadir"), strict=True)))

    def listed(day):
        dues = due_families(pendamping, day)
        return {pk: [(one.tone, one.words) for one in due.reasons] for pk, due in dues.items()}

    assert listed(DAY) == {
        families[2].pk: [("soon", "tidak hadir P2K2 18 Nov 2026: Mengelola Keuangan Keluarga")]
    }
    assert families[2].pk in listed(HELD + timedelta(days=13))
    assert not listed(HELD + timedelta(days=14))
    ActivityFactory(pendamping=pendamping, families=[families[2]], occurred_on=DAY)
    assert not listed(DAY)


# --- on paper and who may look ---------------------------------------------------------------------------------------


def test_the_sheet_lists_every_family_and_repeats_its_head(signed_in, pendamping, group, meeting):
    for number in range(30):
        HouseholdFactory(pendamping=pendamping, group=group, name=f"Keluarga Nomor {number:02}")

    response = signed_in.get(url_of(meeting, "lembar"))

    pages = pypdfium2.PdfDocument(response.content)
    texts = [page.get_textpage().get_text_range() for page in pages]
    assert len(texts) == 2
    assert all("Tanda tangan" in text for text in texts)
    assert "Melati 1" in texts[0]
    assert "1. Mengelola Keuangan Keluarga" in texts[0]
    assert "Keluarga Nomor 29" in "".join(texts)
    assert AccessLog.objects.get().action == AccessLog.Action.EXPORT


def test_a_colleague_and_kelurahan_find_nothing(client, families, meeting):
    hold(meeting, {families[0]: "hadir"})
    for user in (
        UserFactory(),
        UserFactory(kelurahan=True),
        UserFactory(koordinator=True, wilayah_id="3204"),
    ):
        client.force_login(user)
        for page in ("", "hadir/", "perbaiki/", "lembar/"):
            assert client.get(f"{meeting.get_absolute_url()}{page}").status_code == 404


def test_a_koordinator_reads_the_session_and_leaves_a_trace(client, koordinator, families, meeting):
    hold(meeting, {families[0]: "hadir"})
    client.force_login(koordinator)

    page = client.get(meeting.get_absolute_url()).content.decode()

    assert families[0].name in page
    assert AccessLog.objects.get().action == AccessLog.Action.LOOK
    assert client.get(url_of(meeting)).status_code == 404


def test_families_handed_over_since_are_a_number(signed_in, families, meeting, koordinator):
    hold(meeting, dict.fromkeys(families, "hadir"))
    assign(families[0], to=UserFactory(), by=koordinator, on=DAY)

    page = signed_in.get(meeting.get_absolute_url()).content.decode()

    assert families[0].name not in page
    assert "Dan 1 keluarga yang sekarang didampingi orang lain." in page
