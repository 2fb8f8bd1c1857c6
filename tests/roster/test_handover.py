"""Families change hands: offered, read, taken or refused, each by itself, and never a day with none or two holders."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.guards import StandsAgainst
from accounts.operations import set_active
from entries.models import AccessLog
from entries.operations import Refused
from kpm.models import Assignment, Group, Household
from kpm.operations import assign
from pkh_casework.ids import uuid7
from roster.handover import news_for, returns_due, waits_for
from roster.models import Handover, HandoverFamily
from roster.operations import answer, offer
from tests.factories import (
    BABAKAN_SURABAYA,
    BANDUNG,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    make_goal,
)
from tests.referrals import make_referral
from wilayah.clock import local_today
from wilayah.models import Wilayah

pytestmark = pytest.mark.django_db
CREATE, LIST = "/serah-terima/baru/", "/serah-terima/"


@pytest.fixture
def rina():
    return UserFactory(koordinator=True, name="Rina")


@pytest.fixture
def ani():
    return UserFactory(name="Ani")


@pytest.fixture
def budi():
    return UserFactory(name="Budi")


def said(by, **changes):
    return {"by": by, "op_id": uuid7(), "sent": "", "today": local_today(), **changes}


def offered(by, holder, receiver, families=None, **changes):
    ids = None if families is None else [one.pk for one in families]
    fields = {"holder": holder, "receiver": receiver, "kind": "pindah", "families": ids, **changes}
    return offer(**said(by, **fields))


def elsewhere():
    """A kelurahan of another kecamatan."""
    Wilayah.objects.create(code="327301", name="Sukasari", level=3, parent_id=BANDUNG, search_name="sukasari")
    return Wilayah.objects.create(
        code="3273011001", name="Sarijadi", level=4, parent_id="327301", search_name="sarijadi"
    )


def holders():
    return set(Household.objects.values_list("pendamping__name", flat=True))


def states(handover):
    return sorted(handover.families.values_list("state", flat=True))


def test_an_offer_changes_nothing_before_it_is_taken_row_by_row(rina, ani, budi):
    first, second, _ = (HouseholdFactory(pendamping=ani, group=None) for _ in range(3))
    handover = offered(rina, ani, budi)
    assert (holders(), states(handover)) == ({"Ani"}, ["menunggu"] * 3)

    row = handover.families.get(household=first)
    answer(handover, decision="terima", rows=[row.pk], **said(budi))
    answer(
        handover,
        decision="tolak",
        rows=[handover.families.get(household=second).pk],
        reason="Terlalu jauh.",
        **said(budi),
    )
    answer(handover, decision="tarik", **said(rina))

    assert states(handover) == ["ditarik", "diterima", "ditolak"]
    assert [one.pk for one in Household.objects.filter(pendamping=budi)] == [first.pk]
    term = Assignment.objects.get(household=first, to_on=None)
    assert (term.pendamping, term.reason, term.by) == (budi, "Pindah tugas", budi)
    assert not Handover.objects.open().exists()
    with pytest.raises(Refused):
        answer(handover, decision="terima", **said(budi))


def test_a_family_is_offered_to_one_at_a_time_and_the_rest_is_told_row_by_row(rina, ani, budi):
    taken, far, free = (HouseholdFactory(pendamping=ani, group=None) for _ in range(3))
    Household.objects.filter(pk=far.pk).update(wilayah=elsewhere())
    kota = UserFactory(koordinator=True, wilayah_id=BANDUNG)
    offered(rina, ani, UserFactory(), [taken])

    handover = offered(kota, ani, budi)

    faults = {row.household: (row.state, row.fault) for row in handover.families.all()}
    assert faults == {
        taken: ("ditarik", "Sudah ditawarkan dalam serah terima lain."),
        far: ("ditarik", "Di luar kecamatan tugas penerima."),
        free: ("menunggu", ""),
    }
    with pytest.raises(Refused, match="Tidak ada KPM"):
        offered(rina, ani, budi, [taken])
    with pytest.raises(Refused, match="Di luar kecamatan"):
        offered(kota, ani, budi, [far])


def test_a_kelompok_goes_along_and_a_name_that_is_taken_is_told_at_each_of_its_families(rina, ani, budi):
    melati, mawar = GroupFactory(pendamping=ani, name="Melati"), GroupFactory(pendamping=ani, name="Mawar")
    empty = GroupFactory(pendamping=ani, name="Kosong")
    GroupFactory(pendamping=budi, name="Mawar")
    goes = [HouseholdFactory(pendamping=ani, group=melati) for _ in range(2)]
    stays = HouseholdFactory(pendamping=ani, group=mawar)

    handover = offered(rina, ani, budi, for_them=True)

    assert states(handover) == ["diterima", "diterima", "menunggu"]
    assert "bernama Mawar" in handover.families.get(household=stays).fault
    assert set(Household.objects.filter(group=melati, pendamping=budi)) == set(goes)
    assert Household.objects.get(pk=stays.pk).pendamping == ani
    Group.objects.filter(pk=mawar.pk).update(name="Mawar 2")
    answer(handover, decision="terima", **said(budi))
    assert states(handover) == ["diterima"] * 3
    assert set(Group.objects.filter(pendamping=budi)) >= {melati, mawar, empty}
    assert not Household.objects.filter(group=None).exists()


def test_families_taken_before_their_kelompok_find_their_place_again(rina, ani, budi):
    group = GroupFactory(pendamping=ani)
    families = [HouseholdFactory(pendamping=ani, group=group) for _ in range(3)]
    handover = offered(rina, ani, budi)
    first = handover.families.get(household=families[0])

    answer(handover, decision="terima", rows=[first.pk], **said(budi))
    assert Household.objects.get(pk=families[0].pk).group is None
    answer(handover, decision="terima", **said(budi))

    assert Household.objects.filter(group=group, pendamping=budi).count() == 3


def test_280_families_are_offered_and_taken_in_a_number_of_statements_that_does_not_grow(rina, ani, budi):
    counts = {}
    for number in (3, 280):
        holder, receiver = UserFactory(), UserFactory()
        groups = [GroupFactory(pendamping=holder) for _ in range(3)]
        for index in range(number):
            HouseholdFactory(pendamping=holder, group=groups[index % 3])
        with CaptureQueriesContext(connection) as captured:
            handover = offered(rina, holder, receiver)
            answer(handover, decision="terima", **said(receiver))
        assert Household.objects.filter(pendamping=receiver, group__in=groups).count() == number
        counts[number] = len(captured)
    # A bulk insert of so many rows takes another statement or two.
    assert counts[280] <= counts[3] + 4


def test_who_may_answer_and_who_reads(client, rina, ani, budi):
    family = HouseholdFactory(pendamping=ani, name="Siti Kenanga")
    handover = offered(rina, ani, budi)
    row = handover.families.get()
    url, dossier = handover.get_absolute_url(), row.get_absolute_url()

    for user, status, reads in (
        (rina, 200, True),
        (budi, 200, True),
        (ani, 200, True),
        (UserFactory(), 404, False),
        (UserFactory(kelurahan=True), 404, False),
        (UserFactory(admin=True), 404, False),
    ):
        client.force_login(user)
        for page in (url, dossier):
            response = client.get(page)
            assert response.status_code == status
            assert ("Siti Kenanga" in response.content.decode()) is reads
    client.force_login(ani)
    client.post(url, {"op_id": uuid7(), "decision": "terima-semua"})
    client.post(dossier, {"op_id": uuid7()})
    row.refresh_from_db()
    assert row.is_waiting and row.read_at is None
    assert client.get(CREATE).status_code == 404
    client.force_login(budi)
    assert client.get(family.get_absolute_url()).status_code == 404
    client.post(url, {"op_id": uuid7(), "decision": "terima-semua"})
    assert client.get(family.get_absolute_url()).status_code == client.get(dossier).status_code == 200
    client.force_login(ani)
    assert client.get(url).status_code == client.get(dossier).status_code == 404
    looks = AccessLog.objects.filter(action="look", subject=family.case_number)
    assert set(looks.values_list("user", flat=True)) == {rina.pk, budi.pk}


def test_the_dossier_tells_what_the_family_brings_and_is_ticked_as_read(client, rina, ani, budi):
    family = HouseholdFactory(pendamping=ani)
    make_goal(family, wish="Punya warung", steps=[("keluarga", "Mencatat jualan", local_today())])
    ActivityFactory(
        pendamping=ani,
        families=[family],
        notes="Bicara soal modal",
        next_step="Antar ke bank",
        next_step_on=local_today(),
    ).families.update(step_due_on=local_today())
    make_referral(family, "diajukan", need="Modal usaha kecil")
    handover = offered(rina, ani, budi)
    row = handover.families.get()
    client.force_login(budi)

    page = client.get(row.get_absolute_url()).content.decode()
    client.post(row.get_absolute_url(), {"op_id": uuid7()})

    for words in (
        "Punya warung",
        "Mencatat jualan",
        "Bicara soal modal",
        "Antar ke bank",
        "Modal usaha kecil",
    ):
        assert words in page
    row.refresh_from_db()
    assert row.read_at
    assert "sudah dibaca" in client.get(handover.get_absolute_url()).content.decode()


def test_a_koordinator_hands_everything_over_from_the_page_of_the_account(client, rina, ani, budi):
    families = [HouseholdFactory(pendamping=ani) for _ in range(2)]
    client.force_login(rina)
    way = f"{CREATE}?dari={ani.pk}"
    assert way in client.get(reverse("accounts:user_detail", args=[ani.pk])).content.decode()
    sent = {"op_id": uuid7(), "which": "semua", "receiver": budi.pk, "kind": "berhenti"}

    page = client.post(way, sent, follow=True).content.decode()

    assert "KPM ditawarkan." in page
    assert all(family.name in page for family in families)
    client.post(way, sent)
    handover = Handover.objects.get()
    client.force_login(budi)
    assert "2 KPM ditawarkan kepada Anda" in client.get("/").content.decode()
    client.post(handover.get_absolute_url(), {"op_id": uuid7(), "decision": "terima-semua"})
    assert holders() == {"Budi"}
    assert news_for(budi) == (0, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"which": "pilihan"}, "families"),
        ({"kind": "cuti"}, "back_on"),
        ({"kind": "cuti", "back_on": "2020-01-01"}, "back_on"),
        ({"kind": "lainnya"}, "reason"),
        ({"receiver": ""}, "receiver"),
        ({"kind": "x"}, "kind"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field(client, rina, ani, budi, changes, field):
    HouseholdFactory(pendamping=ani)
    client.force_login(rina)
    sent = {"op_id": uuid7(), "which": "semua", "receiver": budi.pk, "kind": "pindah", **changes}

    response = client.post(f"{CREATE}?dari={ani.pk}", sent)

    assert list(response.context["form"].errors) == [field]
    assert not Handover.objects.exists()


def test_a_refusal_needs_a_reason_and_an_answer_a_tick(client, rina, ani, budi):
    HouseholdFactory(pendamping=ani)
    handover = offered(rina, ani, budi)
    row = handover.families.get()
    client.force_login(budi)
    url = handover.get_absolute_url()

    for decision, rows, field in (
        ("tolak", [row.pk], "reason"),
        ("terima", [], "rows"),
        ("tarik", [], "decision"),
    ):
        response = client.post(url, {"op_id": uuid7(), "decision": decision, "rows": rows})
        assert field in response.context["form"].errors
    client.post(url, {"op_id": uuid7(), "decision": "tolak", "rows": [row.pk], "reason": "Sudah penuh."})
    client.force_login(rina)
    assert "Sudah penuh." in client.get(url).content.decode()


def test_an_answer_of_a_koordinator_is_told_as_such(client, rina, ani, budi):
    HouseholdFactory(pendamping=ani)
    handover = offered(rina, ani, budi)
    client.force_login(rina)
    client.post(handover.get_absolute_url(), {"op_id": uuid7(), "decision": "terima-semua"})
    client.force_login(budi)
    page = " ".join(client.get(handover.get_absolute_url()).content.decode().split())
    assert "oleh Rina, atas nama Budi" in page
    assert "1 KPM baru" in client.get("/").content.decode()


def test_on_the_day_a_leave_is_over_the_way_back_is_proposed(client, rina, ani, budi):
    family = HouseholdFactory(pendamping=ani, group=GroupFactory(pendamping=ani))
    today = local_today()
    leave = offered(rina, ani, budi, kind="cuti", back_on=today + timedelta(days=10), for_them=True)
    assert not returns_due(rina, today + timedelta(days=9))
    assert returns_due(rina, today + timedelta(days=10)) == [leave]
    Handover.objects.update(back_on=today)
    client.force_login(rina)
    assert "1 cuti sudah selesai" in client.get("/dasbor/").content.decode()
    way = f"{CREATE}?kembali={leave.pk}"
    assert way in client.get(LIST).content.decode()
    page = client.get(way).content.decode()
    assert f'value="{family.pk}" checked' in page

    sent = {"op_id": uuid7(), "which": "pilihan", "families": [family.pk], "receiver": ani.pk}
    client.post(way, {**sent, "kind": "kembali"})

    assert not returns_due(rina, today)
    back = Handover.objects.get(returns=leave)
    answer(back, decision="terima", **said(ani))
    assert holders() == {"Ani"}
    assert Group.objects.get(households=family).pendamping == ani
    assert not returns_due(rina, today)


def test_an_account_that_holds_families_is_neither_switched_off_nor_moved_away(client, rina, ani, budi):
    HouseholdFactory(pendamping=ani)
    client.force_login(rina)
    off = reverse("accounts:user_disable", args=[ani.pk])

    page = client.post(off, {"aktif": "0"}, follow=True).content.decode()
    moved = client.post(
        reverse("accounts:user_edit", args=[ani.pk]), {"name": "Ani", "wilayah": elsewhere().pk}
    )

    assert "Ani masih memegang 1 KPM. Serahkan dulu semuanya." in page
    assert f"{CREATE}?dari={ani.pk}" in page
    assert "wilayah" in moved.context["form"].errors
    ani.refresh_from_db()
    assert ani.is_active
    set_active(budi, active=False)
    with pytest.raises(Refused, match="tidak aktif"):
        offered(rina, ani, budi)
    with pytest.raises(StandsAgainst):
        set_active(ani, active=False)
    near = {"name": "Ani", "wilayah": BABAKAN_SURABAYA}
    client.post(reverse("accounts:user_edit", args=[ani.pk]), near)
    ani.refresh_from_db()
    assert ani.wilayah_id == BABAKAN_SURABAYA
    Household.objects.update(pendamping=UserFactory())
    set_active(ani, active=False)


def test_families_of_an_account_that_is_off_are_told_and_found(client, rina, ani):
    family = HouseholdFactory(pendamping=ani)
    HouseholdFactory()
    type(ani).objects.filter(pk=ani.pk).update(is_active=False)
    client.force_login(rina)

    for page in ("/dasbor/", LIST):
        assert "/kpm/?akun=nonaktif" in client.get(page).content.decode()
    found = client.get("/kpm/?akun=nonaktif")
    assert [row["case"] for row in found.context["page"].rows] == [family.case_number]
    rows = client.get("/dasbor/angka/kpm-tanpa-pemegang/").content.decode()
    assert family.case_number in rows
    assert waits_for(rina, local_today()).orphans == 1


def test_a_family_that_got_another_holder_meanwhile_is_told(rina, ani, budi):
    family, other = HouseholdFactory(pendamping=ani), HouseholdFactory(pendamping=ani)
    handover = offered(rina, ani, budi)
    assign(family, to=UserFactory(name="Cici"), by=rina, on=local_today())

    answer(handover, decision="terima", **said(budi))

    row = handover.families.get(household=family)
    assert (row.state, row.fault) == ("ditarik", "Sudah dipegang pendamping lain.")
    assert Household.objects.get(pk=other.pk).pendamping == budi
    assert not Assignment.objects.filter(to_on=None).exclude(pendamping=F("household__pendamping")).exists()


def test_the_list_asks_the_same_number_of_queries_whatever_waits(client, rina, django_assert_max_num_queries):
    for _ in range(3):
        holder = UserFactory()
        HouseholdFactory(pendamping=holder)
        offered(rina, holder, UserFactory())
    client.force_login(rina)
    with django_assert_max_num_queries(14):
        page = client.get(LIST).content.decode()
    assert page.count("kepada") >= 3
    assert HandoverFamily.objects.visible_to(rina).count() == 3
