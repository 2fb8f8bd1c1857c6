"""Kasus: written down, handled, decided, told, appealed against; who may do what, and what is seen where."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from desk.due import due_families
from entries.models import AccessLog, HeldEntry
from entries.operations import OtherContent, Refused
from kpm.operations import assign
from pkh_casework.ids import uuid7
from pkh_casework.waits import lines_for
from roles.incidents.waiting import of_family, piles_for
from roles.models import Incident, IncidentKind, IncidentStep
from roles.operations.activity import postpone
from roles.operations.incident import MOVES, add_step, finish_step, moves_for, report_incident
from tests.factories import HouseholdFactory, MemberFactory, UserFactory
from tests.incidents import ON, go, make_incident

pytestmark = pytest.mark.django_db
State = Incident.State


@pytest.fixture
def family():
    return HouseholdFactory()


@pytest.fixture
def sri(family):
    return family.pendamping


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


def today():
    return timezone.localdate()


def sent(**said):
    """The form of a new kasus, filled in."""
    return {
        "op_id": str(uuid7()),
        "kind": "bansos",
        "what": "Kartu KKS ditahan ketua kelompok.",
        "member": "",
        "reported_by": "keluarga",
        "happened_on": today().isoformat(),
        "reported_on": today().isoformat(),
    } | said


def address(view, *args):
    return reverse(f"roles:incident_{view}", args=args)


# --- a new one ---------------------------------------------------------------------------------------------------------


def test_a_kasus_is_written_down_and_its_deadline_follows_from_its_sort(client, family, sri):
    client.force_login(sri)
    answer = client.post(address("create", family.case_number), sent(kind="kekerasan"), follow=True)

    incident = Incident.objects.get()
    assert incident.due_on == today() + timedelta(days=IncidentKind.objects.get(pk="kekerasan").days)
    assert (incident.state, incident.pendamping, incident.wilayah_id) == ("terbuka", sri, family.wilayah_id)
    page = answer.content.decode()
    assert "Kode tanda terima" in page and "Mulai menangani" in page and "SAPA 129" in page


def test_the_same_tap_twice_is_one_kasus_and_another_content_none(family, sri):
    said = {
        "by": sri,
        "op_id": uuid7(),
        "kind": IncidentKind.objects.get(pk="data"),
        "what": "NIK keliru.",
        "reported_by": "keluarga",
        "happened_on": ON,
        "reported_on": ON,
    }
    first = report_incident(family, **said, sent="satu")
    assert report_incident(family, **said, sent="satu") == first
    with pytest.raises(OtherContent):
        report_incident(family, **said, sent="dua")
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kind", "tidak-ada", "Pilih salah satu."),
        ("kind", "", "Pilih salah satu."),
        ("what", "", "Tulis apa yang terjadi."),
        ("what", "x" * 2001, "Terlalu panjang"),
        ("reported_by", "", "Pilih salah satu."),
        ("member", "6b2f4a3e-0000-7000-8000-000000000000", "Pilihan ini tidak ditemukan."),
        ("happened_on", +1, "tidak boleh di masa depan"),
        ("happened_on", "2010-01-01", "lebih dari setahun"),
        ("reported_on", -1, "Dilaporkan sesudah terjadi"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    client, family, sri, field, value, words
):
    if isinstance(value, int):  # days from today
        value = (today() + timedelta(days=value)).isoformat()
    client.force_login(sri)
    answer = client.post(address("create", family.case_number), sent(**{field: value}))

    assert answer.status_code == 200 and words in str(answer.context["form"].errors[field])
    assert field == "what" or "Kartu KKS ditahan" in answer.content.decode()
    assert not Incident.objects.exists()


def test_only_members_of_the_family_and_kinds_in_force_are_offered(client, family, sri):
    mine, other = MemberFactory(household=family), MemberFactory()
    IncidentKind.objects.filter(pk="odgj").update(valid_to=today())
    client.force_login(sri)
    form = client.get(address("create", family.case_number)).context["form"]

    offered = set(form.fields["member"].queryset)
    assert mine in offered and other not in offered
    assert "odgj" not in dict(form.fields["kind"].choices)


def test_who_does_not_hold_the_family_writes_nothing(client, family, rina):
    for user in (UserFactory(), rina, UserFactory(kelurahan=True)):
        client.force_login(user)
        assert client.post(address("create", family.case_number), sent()).status_code == 404
    assert not Incident.objects.exists() and not HeldEntry.objects.exists()


def test_a_kasus_of_a_family_handed_over_meanwhile_is_held(client, family, sri, rina):
    assign(family, to=UserFactory(), by=rina, on=today())
    client.force_login(sri)
    answer = client.post(address("create", family.case_number), sent())

    held = HeldEntry.objects.get()
    assert answer.url == reverse("entries:held_detail", args=[held.pk])
    assert held.payload["fields"]["what"] == ["Kartu KKS ditahan ketua kelompok."]
    client.force_login(rina)
    client.post(answer.url, {"decision": "diterima", "note": "Masuk."})
    assert Incident.objects.get().pendamping == sri


# --- the way -----------------------------------------------------------------------------------------------------------


def test_the_way_to_the_end_and_what_is_kept_of_it(family, sri):
    incident = make_incident(family, "tangani", "tunggu", "lanjut", "putuskan", "selesai")

    told = list(incident.moves.values_list("to_state", flat=True))
    assert told == ["terbuka", "ditangani", "menunggu", "ditangani", "diputus", "selesai"]
    assert (incident.decision, incident.decided_by, incident.decided_with) == (
        "Begitu katanya.",
        "Dinas Sosial",
        sri,
    )
    assert (incident.told_on, incident.ended_on, incident.waits_for) == (ON, ON, "")
    assert incident.events.count() == 6


def test_an_appeal_opens_it_again_with_a_deadline_of_its_own_and_is_answered_by_another_koordinator(
    family, sri, rina
):
    incident = make_incident(family, "tetapkan", "selesai", koordinator=rina)
    incident = go(incident, "keberatan", by=sri, reason="Datanya keliru.")
    assert (incident.state, incident.ended_on, incident.told_on) == ("banding", None, None)
    assert incident.due_on == ON + timedelta(days=incident.kind.appeal_days)
    with pytest.raises(Refused, match="koordinator lain"):
        go(incident, "jawab", by=rina)

    incident = go(incident, "jawab", by=UserFactory(koordinator=True), reason="Benar, dipulihkan.")
    assert (incident.state, incident.appeal_answer) == ("diputus", "dikabulkan")
    assert (incident.decision, incident.appeal_decision) == ("Begitu katanya.", "Benar, dipulihkan.")
    assert "keberatan" not in moves_for(incident, sri)
    with pytest.raises(Refused, match="sudah pernah keberatan"):
        go(incident, "keberatan", by=sri)
    assert go(incident, "selesai", by=sri).state == "selesai"


def test_what_was_closed_without_an_answer_can_be_appealed_against_too(family, sri, rina):
    incident = go(make_incident(family, "tutup"), "keberatan", by=sri)
    assert go(incident, "jawab", by=rina).decision == "Begitu katanya."
    withdrawn = go(go(make_incident(family, "tutup"), "keberatan", by=sri), "cabut", by=sri)
    assert (withdrawn.state, withdrawn.decision) == ("diputus", "Begitu katanya.")


@pytest.mark.parametrize("name", MOVES)
def test_each_move_is_possible_from_its_states_for_its_duty_only(family, sri, rina, name):
    states = {
        State.NEW: (),
        State.HANDLED: ("tangani",),
        State.WAITING: ("tunggu",),
        State.DECIDED: ("putuskan",),
        State.APPEALED: ("putuskan", "keberatan"),
        State.DONE: ("putuskan", "selesai"),
        State.CLOSED: ("tutup",),
    }
    whose, other = (rina, sri) if MOVES[name].whose == "koordinator" else (sri, rina)
    for state, way in states.items():
        incident = make_incident(family, *way)
        open_to = moves_for(incident, whose)
        assert (name in open_to) == (state in MOVES[name].origins), state
        assert name not in moves_for(incident, other)
        said = {"due_on": ON} if name == "percepat" else {}
        if state not in MOVES[name].origins:
            with pytest.raises(Refused, match="berubah sejak Anda buka"):
                go(incident, name, by=whose, **said)
        else:
            with pytest.raises(Refused, match="bukan bagian Anda"):
                go(incident, name, by=other, **said)
            if MOVES[name].needs_reason:
                with pytest.raises(Refused, match="Tulis alasannya"):
                    go(incident, name, by=whose, reason=" ", **said)


def test_a_koordinator_brings_a_deadline_forward_and_never_back(family, rina):
    incident = make_incident(family)
    for day in (incident.due_on, incident.due_on + timedelta(days=1), ON - timedelta(days=1)):
        with pytest.raises(Refused, match="Pilih hari sebelum"):
            go(incident, "percepat", by=rina, due_on=day)
    sooner = go(incident, "percepat", by=rina, due_on=ON + timedelta(days=2))
    assert (sooner.due_on, sooner.state) == (ON + timedelta(days=2), "terbuka")
    assert sooner.moves.last().reason == "Batas waktu dimajukan ke 4 Nov 2026. Begitu katanya."


def test_days_that_cannot_be_are_refused(family, sri):
    incident, before = make_incident(family, "tangani"), ON - timedelta(days=1)
    with pytest.raises(Refused, match="sebelum kasusnya dilaporkan"):
        go(incident, "putuskan", by=sri, decided_on=before)
    incident = go(incident, "putuskan", by=sri)
    with pytest.raises(Refused, match="sebelum ada keputusannya"):
        go(incident, "selesai", by=sri, told_on=before)
    with pytest.raises(Refused, match="sesudah keputusan"):
        go(incident, "keberatan", by=sri, appealed_on=before)


def test_whoever_comes_second_is_told_who_was_first(client, family, sri, rina):
    incident = make_incident(family, on=today())
    client.force_login(sri)
    page = client.get(address("move", incident.pk, "putuskan"))
    go(incident, "tetapkan", by=rina, on=today())
    said = {"op_id": str(uuid7()), "seen": page.context["form"]["seen"].value(), "reason": "Sudah beres."}
    said |= {"decided_by": "Bank", "decided_on": today().isoformat()}
    answer = client.post(address("move", incident.pk, "putuskan"), said).content.decode()

    assert f"sekarang diputus, oleh {rina.name}" in answer and "Sudah beres." in answer
    assert client.get(address("move", incident.pk, "putuskan")).url == incident.get_absolute_url()


def test_a_move_is_made_on_its_page_with_what_it_asks_for(client, family, sri):
    incident = make_incident(family, "tangani", on=today())
    client.force_login(sri)
    answer = client.post(address("move", incident.pk, "tunggu"), {"op_id": str(uuid7()), "reason": ""})
    assert set(answer.context["form"].errors) == {"waits_for", "reason"}
    said = {"op_id": str(uuid7()), "waits_for": "koordinator", "reason": "Surat ke Dinas."}
    page = client.post(address("move", incident.pk, "tunggu"), said, follow=True).content.decode()
    assert "Menunggu pihak lain: Koordinator PKH" in " ".join(page.split())
    assert "Koordinator PKH: Surat ke Dinas." in page


def test_steps_are_added_and_ticked_by_who_holds_the_family(client, family, sri, rina):
    incident = make_incident(family, on=today())
    client.force_login(sri)
    said = {"op_id": str(uuid7()), "text": "Ke bank", "whom": "Pendamping", "due_on": today().isoformat()}
    client.post(address("step", incident.pk), said)
    step = IncidentStep.objects.get()
    back = {"op_id": str(uuid7()), "kembali": incident.get_absolute_url()}
    assert client.post(address("step_done", step.pk), back).url == incident.get_absolute_url()
    step.refresh_from_db()
    assert step.done_on == today()
    assert (
        finish_step(step, by=sri, op_id=uuid7(), sent="", on=ON).done_on == today()
    )  # the first tick counts
    client.force_login(rina)
    assert client.post(address("step_done", step.pk), back).status_code == 404
    over = make_incident(family, "tutup")
    with pytest.raises(Refused, match="sekarang ditutup"):
        add_step(over, by=sri, op_id=uuid7(), sent="", text="Ke bank", whom="Ibu", due_on=ON)


# --- where it is seen --------------------------------------------------------------------------------------------------


def test_the_page_leads_to_one_next_thing_for_each_duty(client, family, sri, rina):
    for way, of_sri, of_rina in (
        ((), "Mulai menangani", "Putuskan"),
        (("tangani",), "Catat keputusan", "Putuskan"),
        (("tunggu",), "Lanjut menangani", "Putuskan"),
        (("putuskan",), "Sudah disampaikan ke keluarga", None),
        (("putuskan", "keberatan"), None, "Putuskan keberatan"),
        (("putuskan", "selesai"), None, None),
    ):
        incident = make_incident(family, *way, on=today())
        for user, words in ((sri, of_sri), (rina, of_rina)):
            client.force_login(user)
            chosen = client.get(incident.get_absolute_url()).context["next"]
            assert (chosen and chosen[1]) == words, (way, user)


def test_the_list_has_the_longest_overdue_first_and_filters(
    client, family, sri, rina, django_assert_max_num_queries
):
    late = make_incident(family, on=today() - timedelta(days=40))
    soon = make_incident(family, kind="kekerasan", on=today())
    ended = make_incident(family, "tutup", on=today())
    asked = go(make_incident(family, on=today()), "tunggu", by=sri, on=today())
    client.force_login(sri)

    def shown(query=""):
        return list(client.get(f"/kasus/{query}").context["page"].rows)

    assert shown() == [late, soon, asked]
    assert shown("?keadaan=terlambat") == [late]
    assert shown("?keadaan=putusan") == [asked]
    assert shown("?keadaan=selesai") == [ended]
    assert shown("?jenis=kekerasan") == [soon]
    assert shown("?jenis=tidak-ada") == []
    assert shown(f"?wilayah={family.wilayah_id[:6]}") == [late, soon, asked]
    assert shown("?wilayah=3204") == []
    for _ in range(20):
        make_incident(HouseholdFactory(pendamping=sri), on=today())
    with django_assert_max_num_queries(6):
        client.get("/kasus/")
    client.force_login(UserFactory())
    assert shown() == []
    client.force_login(rina)
    assert shown("?keadaan=putusan") == [asked]


def test_pages_of_the_list_follow_each_other(client, family, sri, monkeypatch):
    monkeypatch.setattr("roles.views.incident.PAGE", 2)
    for days in range(5):
        make_incident(family, on=today() - timedelta(days=days))
    client.force_login(sri)
    seen, url = [], "/kasus/"
    while url:
        page = client.get(url).context["page"]
        seen += [row.due_on for row in page.rows]
        url = page.next_url
    assert seen == sorted(seen) and len(seen) == 5


def test_the_familys_page_tells_of_it_and_lets_its_holder_write_one_down(client, family, sri, rina):
    incident, ended = (
        make_incident(family, on=today()),
        make_incident(family, "tutup", kind="data", on=today()),
    )
    assert of_family(family) == [incident, ended]
    client.force_login(sri)
    summary, plan = family.get_absolute_url(), f"{family.get_absolute_url()}rencana/"
    page = client.get(summary).content.decode()
    assert incident.get_absolute_url() in page and ended.get_absolute_url() not in page
    assert address("create", family.case_number) in page
    page = client.get(plan).content.decode()
    assert page.count(incident.get_absolute_url()) == 1 and page.count(ended.get_absolute_url()) == 1
    assert address("create", family.case_number) in page
    client.force_login(rina)
    page = client.get(plan).content.decode() + client.get(summary).content.decode()
    assert incident.get_absolute_url() in page and address("create", family.case_number) not in page


def test_hari_ini_shows_what_is_late_near_or_a_danger_and_steps_of_open_ones(client, family, sri):
    day = today()
    for kind, on in (
        ("bansos", day),
        ("bansos", day - timedelta(days=12)),
        ("bansos", day - timedelta(days=20)),
    ):
        make_incident(HouseholdFactory(pendamping=sri, last_visited_on=day), kind=kind, on=on)
    danger = make_incident(HouseholdFactory(pendamping=sri, last_visited_on=day), kind="odgj", on=day)
    over = make_incident(HouseholdFactory(pendamping=sri, last_visited_on=day), "tutup", on=day)
    stepped = make_incident(HouseholdFactory(pendamping=sri, last_visited_on=day), on=day)
    add_step(stepped, by=sri, op_id=uuid7(), sent="", text="Ke bank", whom="Ibu", due_on=day)

    dues = due_families(sri, day)
    told = {reason.words for due in dues.values() for reason in due.reasons if reason.is_pressing}
    assert told == {
        "kasus pengaduan bansos, terbuka: 2 hari lagi",
        "kasus pengaduan bansos, terbuka: lewat 6 hari",
        "kasus odgj terlantar atau dipasung, terbuka: 7 hari lagi",
        "langkah kasus hari ini: Ke bank",
    }
    assert over.household_id not in dues
    postpone(
        danger.household, by=sri, op_id=uuid7(), sent="", until_on=day + timedelta(days=9), reason="Mudik"
    )
    assert due_families(sri, day)[danger.household_id].put_off is None
    client.force_login(sri)
    assert danger.get_absolute_url() in client.get("/").content.decode()


def test_what_waits_for_a_koordinator_is_counted_as_its_list_is_long(client, family, sri, rina):
    make_incident(family, "tunggu", on=today())
    make_incident(family, "putuskan", "keberatan", on=today())
    make_incident(family, on=today() - timedelta(days=60))
    make_incident(family, "putuskan", "selesai", on=today() - timedelta(days=60))
    client.force_login(rina)
    piles = piles_for(rina, today())
    assert [(pile.number, pile.since) for pile in piles] == [
        (1, today()),
        (1, today()),
        (1, today() - timedelta(days=46)),
    ]
    for pile in piles:
        assert len(client.get(pile.url).context["page"].rows) == pile.number, pile.words
    on_the_day = [line.waiting.words for line in lines_for(rina, today())]
    assert {pile.words for pile in piles} <= set(on_the_day) and "lewat batas" in on_the_day[0]
    assert piles_for(UserFactory(koordinator=True, wilayah_id="3273161001"), today()) == []


def test_a_koordinator_who_opens_a_kasus_leaves_a_trace_and_its_holder_none(client, family, sri, rina):
    incident = make_incident(family, on=today())
    for user, kept in ((sri, 0), (rina, 1)):
        client.force_login(user)
        client.get(incident.get_absolute_url())
        assert AccessLog.objects.filter(user=user, subject=family.case_number).count() == kept
