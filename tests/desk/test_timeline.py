"""The timeline of a family's page: everything that happened, of all kinds, in one line of time."""

import re
from datetime import date, timedelta

import pytest
from django.test import RequestFactory

from desk.timeline import ACTIVITIES, COMMITMENTS, PARTS, TOLD, timeline
from kpm.models import Assessment, CaseReason, FamilyChange, Goal
from kpm.operations import assign
from kpm.operations.change import keep_change
from kpm.operations.payment import Found, check_payment
from kpm.payments import terms_back
from pkh_casework.ids import uuid7
from roles.models import ActivityHousehold, ActivityKind
from tests.commitments import make_commitment
from tests.factories import (
    ActivityFactory,
    HouseholdFactory,
    MemberFactory,
    UserFactory,
    assess,
    make_goal,
    make_graduation,
)
from tests.incidents import make_incident
from tests.programmes import end, join, make_programme
from tests.queries import count_queries
from tests.referrals import make_referral

DAY = date(2026, 11, 20)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def family(db):
    return HouseholdFactory(name="Euis Komariah")


@pytest.fixture
def signed_in(client, family):
    client.force_login(family.pendamping)
    return client


@pytest.fixture
def full(family):
    """A family with at least one row of every kind, and two visits of one day."""
    by, koordinator = family.pendamping, UserFactory(koordinator=True)
    assess(family, {"A1": 1, "B2": 1}, on=date(2026, 10, 5))
    assess(family, {"A1": 2, "B2": 1}, on=DAY, at_home=True)
    goal = make_goal(family, "B2", steps=[("keluarga", "Mengisi celengan", DAY)])
    goal.steps.update(done_on=DAY)
    reached = make_goal(family, "C1", on=date(2026, 8, 3))
    Goal.objects.filter(pk=reached.pk).update(state="tercapai", closed_on=DAY, closed_reason="Sudah ada.")
    make_referral(family, "diterima")
    found = {"found": Found("cair"), "version": "", "checked_on": date(2026, 11, 4)}
    check_payment(family, by=by, op_id=uuid7(), term=terms_back(DAY)[0], **found)
    for kind in ("hadir_sekolah", "hadir_sekolah"):
        make_commitment(MemberFactory(household=family), month=date(2026, 9, 1), kind_id=kind)
    make_incident(family, "tangani", what="Kartu ditahan seorang tetangga.")
    end(join(family, make_programme(), levels={"A1": 1, "C1": 2}))
    reason = CaseReason.objects.get(pk="nonaktif-tidak-ditemukan")
    keep_change(family, FamilyChange.Kind.INACTIVE, by, uuid7(), reason, date(2026, 3, 2), "")
    case = make_graduation(family, "usulkan", koordinator=koordinator, on=DAY)
    case.checks.create(
        household=family,
        wilayah_id=family.wilayah_id,
        months=3,
        due_on=DAY,
        done_on=DAY,
        outcome="bertahan",
        by=by,
    )
    ActivityFactory(pendamping=by, families=[family], notes="Melihat warung.", occurred_on=DAY)
    assign(family, to=UserFactory(name="Lilis Holder"), by=koordinator, on=DAY)
    family.refresh_from_db()
    return family


def pages(family, part=""):
    """All rows of the timeline as its holder reads them, page by page."""
    request, rows = RequestFactory().get("/"), []
    for _ in range(20):
        request.user, request.htmx = family.pendamping, None
        page = timeline(request, family, part)
        rows += page.rows
        if not page.next_url:
            return rows
        request = RequestFactory().get(page.next_url)
    raise AssertionError("a timeline without end")


def text_of(rows):
    return "\n".join(
        row["event"].words
        if "event" in row
        else f"{row['activity'].activity.kind}: {row['activity'].activity.notes}"
        for row in rows
    )


def test_every_kind_is_told_once_newest_first_over_all_pages(full):
    rows = pages(full)

    assert {row["entry"][:2] for row in rows} == {*TOLD, ACTIVITIES, COMMITMENTS}
    keys = [(row["day"], row["entry"]) for row in rows]
    assert keys == sorted(set(keys), reverse=True) and len(keys) > 20
    told = text_of(rows)
    for words in (
        "Asesmen lengkap",
        "Tujuan tercapai: ",
        "Langkah selesai: Mengisi celengan",
        "Rujukan ke Z-Mart Baznas: diterima",
        "cair",
        "Komitmen September 2026: 2 belum terpenuhi",
        "Kasus ",
        "Sinergi Kebon Jayanti: tahap ",
        "Graduasi: ",
        "Cek 3 bulan sesudah graduasi: tetap mandiri",
        "Didampingi Lilis Holder",
        "Dinonaktifkan",
        "Kunjungan rumah: Melihat warung.",
    ):
        assert words in told
    assert told.count("Komitmen September 2026") == 1
    # A kasus by its title alone: what happened stands on its own page.
    assert "Kartu ditahan" not in told


def test_what_is_done_in_a_visit_stands_in_it_and_not_beside_it(full):
    rows = pages(full)

    acts = [act.words for row in rows if "activity" in row for act in row["activity"].told]
    assert acts == ["bentuk lengkap"]
    alone = [row["event"].on for row in rows if "event" in row and row["event"].words.startswith("Asesmen")]
    assert sorted(alone) == sorted(
        Assessment.objects.filter(visit_act=None).values_list("assessed_on", flat=True)
    )
    assert DAY not in alone and len(alone) == 2


def test_what_was_verified_stands_in_its_verification(family):
    member = MemberFactory(household=family)
    done = ActivityFactory(
        pendamping=family.pendamping,
        families=[family],
        occurred_on=DAY,
        kind=ActivityKind.objects.get(pk="verifikasi"),
    )
    make_commitment(member, month=date(2026, 9, 1), activity=done, recorded_on=DAY)
    make_commitment(member, month=date(2026, 10, 1), recorded_on=DAY)

    rows = pages(family)
    assert [row["activity"].found for row in rows if "activity" in row] == [
        ["Komitmen September 2026: 1 belum terpenuhi"]
    ]
    assert [row["event"].words for row in rows if "event" in row] == [
        "Komitmen Oktober 2026: 1 belum terpenuhi"
    ]
    assert len(pages(family, "komitmen")) == 2


@pytest.mark.parametrize("part", PARTS)
def test_one_kind_alone_is_what_all_tell_of_it(full, part):
    ranks = {rank for rank, told in TOLD.items() if told.part == part}
    ranks |= {"kegiatan": {ACTIVITIES}, "komitmen": {COMMITMENTS}}.get(part, set())

    expected = [row["entry"] for row in pages(full) if row["entry"][:2] in ranks]
    assert expected
    assert [row["entry"] for row in pages(full, part)] == expected


def test_the_page_filters_and_goes_on_in_the_same_filter(client, full):
    client.force_login(full.pendamping)
    for days in range(12):
        assess(full, {"A1": 2}, on=date(2026, 1, 5) + timedelta(days=days))
    url = f"{full.get_absolute_url()}riwayat/"

    page = client.get(f"{url}?riwayat=asesmen").content.decode()
    part = client.get(f"{url}?riwayat=asesmen", headers={**HTMX, "HX-Target": "timeline"}).content.decode()

    assert re.search(r'href="\?riwayat=asesmen"[^>]*aria-current="page"', page)
    for text in (page, part):
        assert text.count('class="event event--told"') == 10 and "Melihat warung." not in text
    assert part.startswith("\n<section") or part.lstrip().startswith("<section")
    more = re.search(r'href="([^"]*sesudah=[^"]+)"', part)[1].replace("&amp;", "&")
    assert "riwayat=asesmen" in more
    rest = client.get(more, headers={**HTMX, "HX-Target": "timeline-rows"}).content.decode()
    assert rest.count('class="event event--told"') == 4 and "<section" not in rest


def test_an_unknown_kind_shows_all(client, full):
    client.force_login(full.pendamping)
    page = client.get(f"{full.get_absolute_url()}riwayat/?riwayat=<b>").content.decode()
    assert "Melihat warung." in page and "riwayat=<b>" not in page


def test_a_long_past_takes_as_many_queries_as_a_short_one(client, full):
    client.force_login(full.pendamping)
    url = f"{full.get_absolute_url()}riwayat/"

    def queries():
        with count_queries() as counted:
            assert client.get(url, headers={**HTMX, "HX-Target": "timeline"}).status_code == 200
        return len(counted)

    queries()  # what is kept for a minute is read
    few = queries()
    for days in range(30):
        assess(full, {"A1": 2}, on=date(2025, 12, 1) + timedelta(days=days), at_home=True)
        make_incident(full, on=date(2026, 1, 1) + timedelta(days=days))
    assert queries() <= few


def test_only_who_may_open_the_family_reads_its_past(client, full):
    former = ActivityHousehold.objects.filter(household=full).earliest("id").pendamping
    for stranger in (former, UserFactory(), UserFactory(koordinator=True, wilayah_id="3204")):
        client.force_login(stranger)
        answer = client.get(full.get_absolute_url(), headers={**HTMX, "HX-Target": "timeline"})
        assert answer.status_code == 404
