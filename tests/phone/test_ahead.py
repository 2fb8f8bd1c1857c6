"""What a phone is given of each family: as the pages show it, of the asker's own families alone, without any number."""

import json
import re
from datetime import date, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from kpm.forms import HouseholdForm, MemberForm, StepForm, WordsForm
from kpm.models import Goal, GoalStep, Household, Member, Pengurus
from kpm.operations import defer
from kpm.plan import low_scores, waiting_scores
from phone import ahead, reading
from pkh_casework.ids import uuid7
from tests.factories import (
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
    assess,
    fail_a_check,
    make_goal,
    nik,
    no_kk,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

NEVER_WITHOUT_SIGNAL = ("Lihat nomor", "No KK", "Peran pendamping", "Peta hidup", '<svg class="chart', "<img")


@pytest.fixture
def pendamping():
    return UserFactory(name="Sri Lestari")


@pytest.fixture
def today():
    return timezone.localdate()


def taken(user, families=None):
    """The dicts of `families`, or of all that `user` holds, as they are stored now, by case number."""
    held = Household.objects.visible_to(user)
    if families is not None:
        held = held.filter(pk__in=[family.pk for family in families])
    return {told["case"]: told for told in ahead.families_ahead(user, timezone.localdate(), list(held))}


def full_family(pendamping, today, **said):
    """A family with something of everything that a phone shows."""
    group = GroupFactory(pendamping=pendamping)
    family = HouseholdFactory(
        pendamping=pendamping, group=group, notes="Pintu hijau.\nSesudah warung.", desil=2, **said
    )
    mother = family.members.get()
    child = MemberFactory(household=family, name="Rizki & adik", birth_date=date(2016, 5, 1), nik=nik(77))
    MemberComponentFactory(member=child)
    Pengurus.objects.filter(household=family).update(heir=child)
    MemberFactory(household=family, name="Yang sudah pindah", left_on=today - timedelta(30))
    far, near = today + timedelta(20), today - timedelta(2)
    for days in (1, 2, 3, 4):
        ActivityFactory(
            pendamping=pendamping,
            families=[family],
            notes=f"Catatan ke-{days}.",
            occurred_on=today - timedelta(days),
        )
    promised = ActivityFactory(
        pendamping=pendamping, families=[family], next_step="Bawa rapor", next_step_on=far, occurred_on=today
    )
    promised.families.update(step_due_on=far)
    assess(family, {"A1": 1, "A2": 2, "B2": 1, "C1": 4, "D1": 3}, on=today - timedelta(40))
    goal = make_goal(
        family,
        on=today - timedelta(30),
        target_on=today + timedelta(60),
        steps=[("keluarga", "Menabung Rp5.000", near), ("pendamping", "Mencari koperasi", far)],
    )
    GoalStep.objects.filter(goal=goal, whose="keluarga").update(done_on=near)
    return family, mother, child


def plain(html):
    """HTML without what only the phone or only the screen needs: indentation, ids of one tap, time elements."""
    html = re.sub(r"</?time[^>]*>", "", html)
    html = re.sub(r'\s*<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", html)
    html = re.sub(r'(name="op_id" value=)"[^"]*"', r'\1""', html)
    return re.sub(r"\s+", " ", re.sub(r">\s+|\s+<", lambda found: found[0].strip(), html))


def test_a_row_and_what_may_be_ticked_are_those_of_the_pages(client, pendamping, today):
    family, *_ = full_family(pendamping, today)
    client.force_login(pendamping)

    told = taken(pendamping)[family.case_number]

    assert told["row"] in ahead.lean(client.get("/kpm/").content.decode())
    form = plain(client.get(f"/kegiatan/catat/?kpm={family.case_number}").content.decode())
    assert all(told["inside"].values())
    for part in told["inside"].values():
        assert plain(part) in form
    assert "Bawa rapor" in told["inside"]["promises"]
    assert "Mencari koperasi" in told["inside"]["goals"]
    assert "Rizki &amp; adik" in told["inside"]["members"]
    assert "Yang sudah pindah" not in told["inside"]["members"]


def test_the_page_has_the_parts_of_the_familys_page(client, pendamping, today):
    family, mother, child = full_family(pendamping, today)
    family.last_visited_on = today - timedelta(1)  # of a visit of today the phone tells by itself
    family.save()
    client.force_login(pendamping)

    page = taken(pendamping)[family.case_number]["page"]

    online = "".join(
        plain(client.get(f"{family.get_absolute_url()}{part}").content.decode()) for part in ("", "keluarga/")
    )
    for start, end in [
        # What Catat leads to hangs on the day.
        ('<header class="page-head">', '<div class="page-head__actions'),
        ('<ul class="stats stats--line">', "</ul>"),
        ('<section class="card" aria-labelledby="members-title">', "</section>"),
    ]:
        part = plain(page[page.index(start) : page.index(end, page.index(start))])
        assert part in online
    for words in [
        family.address,
        family.name,
        "Pintu hijau.<br>Sesudah warung.",
        "Bawa rapor",
        "1 dari 2",
        "ahli waris",
    ]:
        assert words in page
    assert [number for number in range(1, 5) if f"Catatan ke-{number}." in page] == [
        1,
        2,
    ]  # after the promised one
    for words in NEVER_WITHOUT_SIGNAL:
        assert words not in page
    assert f'<a class="btn btn--go" href="/kegiatan/catat/?kpm={family.case_number}">' in page
    case = family.case_number
    goal, step = Goal.objects.get(), GoalStep.objects.get(whose="pendamping")
    promise = family.activity_rows.get(step_due_on__isnull=False)
    assert set(re.findall(r'(?:href|action)="(/[^"#?]*)', page)) - {"/static/icons/sprite.svg"} == {
        "/kpm/",
        f"/asesmen/{case}/",
        "/kegiatan/catat/",
        f"/kegiatan/langkah/{promise.pk}/selesai/",
        "/rujukan/baru/",
        f"/kasus/baru/{case}/",
        f"/tujuan/baru/{case}/",
        f"/tujuan/{goal.pk}/ubah/",
        f"/tujuan/{goal.pk}/langkah/",
        f"/tujuan/{goal.pk}/tutup/",
        f"/tujuan/langkah/{step.pk}/ubah/",
        f"/tujuan/langkah/{step.pk}/selesai/",
        f"/kpm/{case}/anggota/baru/",
        f"/kpm/{case}/anggota/{mother.pk}/",
        f"/kpm/{case}/anggota/{child.pk}/",
        f"/kpm/{case}/ubah/",
    }


def test_a_page_that_is_read_days_later_says_no_day_that_moves(pendamping, today):
    family = HouseholdFactory(pendamping=pendamping)
    soon = today + timedelta(1)
    ActivityFactory(
        pendamping=pendamping, families=[family], next_step="Bawa rapor", next_step_on=soon
    ).families.update(step_due_on=soon)
    make_goal(family, on=today, target_on=soon, steps=[("keluarga", "Menabung", soon)])

    told = taken(pendamping)[family.case_number]

    everything = told["page"] + "".join(told["inside"].values())
    assert "besok" not in everything
    assert everything.count(f'<time datetime="{soon.isoformat()}" data-due>') == 4
    assert 'data-seen="2026-11-10"' in told["page"]
    assert 'data-seen="2026-11-10"' in told["row"]
    assert told["seen_on"] == "2026-11-10"


def shown_by(form):
    """{field: [value]} as the page of `form` holds it."""
    return {name: [str(form[name].value() or "")] for name in form.fields}


def test_what_the_forms_hold_is_what_their_pages_show(pendamping, today):
    family, *_ = full_family(pendamping, today)
    told = taken(pendamping)[family.case_number]
    asked = {"user": pendamping, "today": today}
    family = Household.objects.get(pk=family.pk)

    form = HouseholdForm(row=family, **asked)
    held = shown_by(form) | {"version": [form.version]}
    assert told["edit"] == {name: value for name, value in held.items() if name != "no_kk"}
    assert [member["name"] for member in told["members"]] == [
        member.name for member in family.members.filter(left_on=None)
    ]
    for member in told["members"]:
        form = MemberForm(row=Member.objects.get(pk=member["pk"]), **asked)
        held = shown_by(form) | {"version": [form.version]}
        of_component = {name for name in held if name.startswith(("component", "end_"))}
        assert member["fill"] == {
            name: held[name] for name in held.keys() - of_component - {"nik", "pengurus"}
        }
        assert member["is_pengurus"] == form.is_pengurus
    (goal,) = told["goals"]
    stored = Goal.objects.get()
    assert goal["fill"] == shown_by(WordsForm(goal=stored, **asked))
    assert goal["new_step"].items() <= shown_by(StepForm(goal=stored, **asked)).items()
    (step,) = goal["steps"]
    assert step["fill"] == shown_by(StepForm(goal=stored, step=GoalStep.objects.get(pk=step["pk"]), **asked))


def test_what_the_forms_hold_can_be_sent_as_it_is(client, pendamping, today):
    family, *_ = full_family(pendamping, today)
    told = taken(pendamping)[family.case_number]
    client.force_login(pendamping)
    case = family.case_number
    (goal,) = told["goals"]
    filled = {
        f"/kpm/{case}/ubah/": told["edit"],
        f"/tujuan/{goal['pk']}/ubah/": goal["fill"],
        f"/tujuan/langkah/{goal['steps'][0]['pk']}/ubah/": goal["steps"][0]["fill"],
        f"/tujuan/{goal['pk']}/langkah/": goal["new_step"] | {"text": ["Bertanya ke tetangga"]},
        **{f"/kpm/{case}/anggota/{member['pk']}/": member["fill"] for member in told["members"]},
    }
    before = Pengurus.objects.values().get()

    for address, fields in filled.items():
        assert client.post(address, {**fields, "op_id": uuid7()}).status_code == 302, address

    assert Pengurus.objects.values().get() == before
    again = taken(pendamping)[case]
    assert again["edit"] == told["edit"]
    assert again["members"] == told["members"]


def test_no_number_leaves_for_a_phone(pendamping, today):
    family, *_ = full_family(pendamping, today, no_kk=no_kk(4711))
    number = Member.objects.exclude(nik=None).get().nik

    text = json.dumps(taken(pendamping))

    for digits in (
        family.no_kk.reveal(),
        str(family.no_kk),
        number.reveal(),
        str(number),
        number.reveal()[:6],
    ):
        assert digits not in text
    assert "nik" not in text


def test_a_family_is_found_by_what_the_list_is_searched_by(pendamping):
    group = GroupFactory(pendamping=pendamping, name="Melati Putih")
    family = HouseholdFactory(
        pendamping=pendamping,
        name="Sari Rahayu",
        address="Gang Kenanga 4",
        phone="+6280000012345",
        group=group,
    )
    MemberFactory(household=family, name="Asep Sunandar")
    MemberFactory(household=family, name="Ujang Kadarusman", left_on=date(2026, 1, 5))

    told = taken(pendamping)[family.case_number]

    assert (told["name"], told["group"], told["seen_on"]) == ("Sari Rahayu", "Melati Putih", None)
    assert told["find"] == {
        "people": ["Asep Sunandar"],
        "address": "Gang Kenanga 4",
        "dusun": "",
        "phone": "+6280000012345",
    }


@pytest.mark.parametrize("path", ["usaha", "kerja", "perlindungan"])
@pytest.mark.parametrize("with_child", [True, False])
def test_the_scores_are_those_that_the_rules_of_a_plan_say(path, with_child, client, pendamping, today):
    family = HouseholdFactory(pendamping=pendamping, path=path)
    if with_child:
        MemberFactory(household=family, birth_date=today - timedelta(365 * 9))
    codes = ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "D1", "D2", "D3", "E1"]
    first = assess(
        family, {code: (1, 2, 1, 4)[place % 4] for place, code in enumerate(codes)}, on=today - timedelta(40)
    )
    Household.objects.filter(pk=family.pk).update(path="usaha")
    family.refresh_from_db()
    low, waiting = low_scores(family, today), waiting_scores(family, today)
    assert len(waiting) >= 2
    defer(family, by=pendamping, op_id=uuid7(), today=today, score=waiting[0], reason="Nanti dulu.")
    make_goal(family, low[1].code, on=today)
    low, waiting = low_scores(family, today), waiting_scores(family, today)
    client.force_login(pendamping)

    told = taken(pendamping)[family.case_number]

    assert re.findall(r"\?indikator=(\w+)", told["scores"]) == [score.code for score in low]
    assert re.findall(r"\?indikator=(\w+)", told["page"]) == [score.code for score in waiting]
    assert told["scores"] in ahead.lean(client.get(f"/tujuan/baru/{family.case_number}/").content.decode())
    assert (told["path"], told["school"]) == ("usaha", with_child)
    assert first.scores.exists()


def test_three_goals_leave_nothing_to_choose(pendamping, today):
    family = HouseholdFactory(pendamping=pendamping)
    assess(family, {"A1": 1, "A2": 1, "B1": 1, "B2": 1}, on=today - timedelta(3))
    for code in ("A1", "A2", "B1"):
        make_goal(family, code, on=today)

    told = taken(pendamping)[family.case_number]

    assert told["goals_full"] is True
    assert told["scores"] == ""
    assert f'/tujuan/baru/{family.case_number}/">Tambah' not in told["page"]


def test_a_commitment_to_speak_of_can_be_ticked_without_signal_too(client, pendamping, today):
    family = HouseholdFactory(pendamping=pendamping)
    child = MemberFactory(household=family, name="Rizki & adik")
    fail_a_check(child, by=pendamping, today=today)
    client.force_login(pendamping)

    drawn = taken(pendamping)[family.case_number]["inside"]["promises"]

    assert 'name="komitmen"' in drawn and "Rizki &amp; adik tidak datang" in drawn
    assert plain(drawn) in plain(client.get(f"/kegiatan/catat/?kpm={family.case_number}").content.decode())


def test_a_new_family_is_whole_too(pendamping):
    family = HouseholdFactory(pendamping=pendamping)

    told = taken(pendamping)[family.case_number]

    assert (told["group"], told["seen_on"], told["scores"], told["goals"]) == ("", None, "", [])
    assert told["inside"] == {"promises": "", "goals": "", "members": told["inside"]["members"]}
    assert "belum pernah dikunjungi" in told["page"]
    assert "Catat kunjungan pertama" in told["page"]


def test_what_people_wrote_is_text_and_nothing_else(pendamping):
    sign = "<b>&\"'"
    family = HouseholdFactory(pendamping=pendamping, name=sign, notes=sign, address=sign)
    ActivityFactory(pendamping=pendamping, families=[family], notes=f"{sign}\n  {sign}", outcome=sign)
    make_goal(family, on=timezone.localdate(), wish=sign, why=sign)

    told = taken(pendamping)[family.case_number]

    assert "<b>" not in told["page"] + told["row"] + "".join(told["inside"].values())
    assert told["name"] == told["goals"][0]["wish"] == sign


def test_a_long_caseload_is_read_as_a_few_families_are(pendamping, today, monkeypatch):
    families = [full_family(pendamping, today)[0] for _ in range(3)]
    HouseholdFactory(pendamping=pendamping)
    few = taken(pendamping, families)

    monkeypatch.setattr(reading, "MANY", 2)

    assert taken(pendamping, families) == few
    assert few.keys() == {family.case_number for family in families}


def test_of_families_of_others_nothing_is_read(pendamping, today):
    foreign, *_ = full_family(UserFactory(), today)
    HouseholdFactory(pendamping=pendamping)

    (told,) = ahead.families_ahead(pendamping, today, [Household.objects.get(pk=foreign.pk)])

    assert (told["members"], told["goals"], told["group"], told["scores"]) == ([], [], "", "")
    assert "Catatan ke-" not in told["page"]


@pytest.mark.parametrize("many", [2, 100])
def test_the_statements_are_as_many_for_twelve_families_as_for_three(pendamping, today, many, monkeypatch):
    monkeypatch.setattr(reading, "MANY", many)
    counts = []
    for more in (3, 9):
        for _ in range(more):
            full_family(pendamping, today)
        families = list(Household.objects.visible_to(pendamping))
        with count_queries() as queries:
            assert len(list(ahead.families_ahead(pendamping, today, families))) == len(families)
        counts.append(len(queries))

    assert counts[1] <= counts[0] <= 18


def test_a_part_keeps_the_lines_that_people_wrote():
    written = Template("<div>\n    <p>{{ text|linebreaksbr }}</p>\n  </div>").render(
        Context({"text": "a\n  b"})
    )

    assert ahead.lean(written) == "<div>\n<p>a<br>  b</p>\n</div>"
