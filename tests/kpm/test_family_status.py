"""A family is set inactive and taken up again with a reason and a day; another pengurus takes over in one act."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from entries.operations import Refused
from kpm.models import CaseReason, FamilyChange, GraduationCase, GroupChair
from kpm.operations import change_household, change_pengurus, change_status
from pkh_casework.ids import uuid7
from tests.factories import (
    SUKAPURA,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
)
from tests.kpm.pages import as_shown

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def pendamping(client):
    pendamping = UserFactory(name="Sri Lestari")
    client.force_login(pendamping)
    return pendamping


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(pendamping=pendamping, name="Sari Rahayu")


def status_url(family):
    return reverse("kpm:household_status", args=[family.case_number])


def pengurus_url(family):
    return reverse("kpm:pengurus_change", args=[family.case_number])


def inactive(**changes):
    day = TODAY().isoformat()
    return {
        "op_id": str(uuid7()),
        "to": "nonaktif",
        "on": day,
        "reason": "nonaktif-tidak-ditemukan",
    } | changes


def test_a_family_is_set_inactive_once_with_its_reason_and_its_day(client, family, pendamping):
    group = GroupFactory(pendamping=pendamping)
    type(family).objects.filter(pk=family.pk).update(group=group)
    GroupChair.objects.create(group=group, household=family, from_on=date(2025, 1, 1))
    sent = inactive(on="2026-11-02", reason="nonaktif-pindah", words="Cimahi")

    first, second = client.post(status_url(family), sent), client.post(status_url(family), sent)

    assert first.url == second.url == family.get_absolute_url()
    family.refresh_from_db()
    change = FamilyChange.objects.get()
    assert (family.status, change.reason_id, change.words) == ("nonaktif", "nonaktif-pindah", "Cimahi")
    assert (change.changed_on, change.pendamping, change.by) == (date(2026, 11, 2), pendamping, pendamping)
    assert GroupChair.objects.get().to_on == date(2026, 11, 2)
    assertContains(client.get(f"{family.get_absolute_url()}keluarga/"), "Pindah ke luar wilayah: Cimahi")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "aktif-keliru"}, "reason"),
        ({"reason": "pengurus-sakit"}, "reason"),
        ({"reason": "nonaktif-pindah"}, "words"),
        ({"reason": "nonaktif-lainnya"}, "words"),
        ({"words": "x" * 201}, "words"),
        ({"on": ""}, "on"),
        ({"on": "2999-01-01"}, "on"),
        ({"on": "2023-12-31"}, "on"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client, family, changes, field):
    response = client.post(status_url(family), inactive(**changes))

    assert list(response.context["form"].errors) == [field]
    family.refresh_from_db()
    assert family.status == "aktif"


def test_it_is_taken_up_again_with_another_reason_and_not_before_it_ended(client, family):
    client.post(status_url(family), inactive(on="2026-11-02"))
    again = {"op_id": str(uuid7()), "to": "aktif", "reason": "aktif-keliru"}

    early = client.post(status_url(family), {**again, "on": "2026-11-01"})
    assertContains(client.get(status_url(family)), "Nonaktif sejak 2 Nov 2026: tidak ditemukan")
    done = client.post(status_url(family), {**again, "on": "2026-11-10"})

    assert list(early.context["form"].errors) == ["on"]
    assert done.url == family.get_absolute_url()
    family.refresh_from_db()
    assert family.status == "aktif"
    page = client.get(f"{family.get_absolute_url()}keluarga/").content.decode()
    assert page.index("Diaktifkan lagi") < page.index("Dinonaktifkan")


def test_two_who_set_it_inactive_do_it_once(client, family):
    client.post(status_url(family), inactive())

    response = client.post(status_url(family), inactive())

    assertContains(response, "Keluarga ini sudah nonaktif")
    assert FamilyChange.objects.count() == 1


def test_neither_the_form_of_the_family_nor_its_operation_goes_around_the_reason(client, family):
    url = reverse("kpm:household_edit", args=[family.case_number])

    response = client.post(url, as_shown(client, url, status="nonaktif"))

    assert "status" in response.context["form"].errors
    with pytest.raises(Refused, match="halaman sendiri"):
        change_household(
            family, by=family.pendamping, op_id=uuid7(), sent="x", today=TODAY(), status="nonaktif"
        )


def test_a_reason_that_has_ended_is_not_offered_and_stays_told(client, family):
    client.post(status_url(family), inactive())
    CaseReason.objects.filter(pk="nonaktif-tidak-ditemukan").update(valid_to=TODAY())
    other = HouseholdFactory(pendamping=family.pendamping)

    assertNotContains(client.get(status_url(other)), "Tidak ditemukan")
    assertContains(client.get(f"{family.get_absolute_url()}keluarga/"), "Tidak ditemukan")


def test_the_family_of_another_is_not_found(client, pendamping):
    foreign = HouseholdFactory()

    assert client.get(status_url(foreign)).status_code == 404
    assert client.get(pengurus_url(foreign)).status_code == 404


def test_figures_count_by_reason_with_their_rows_where_the_family_was_that_day(client, family, pendamping):
    other = HouseholdFactory(pendamping=pendamping)
    client.post(status_url(family), inactive(on="2026-10-02", reason="nonaktif-pindah", words="Cimahi"))
    client.post(status_url(other), inactive(on="2025-12-30"))
    type(family).objects.filter(pk=family.pk).update(wilayah_id=SUKAPURA)
    rows = "/dasbor/angka/{}/?bulan=2026-11".format

    client.force_login(UserFactory(koordinator=True))
    page = client.get(rows("kpm-dinonaktifkan"))
    assert page.context["value"] == 1
    assertContains(page, "Pindah ke luar wilayah: Cimahi")
    assertContains(page, "nonaktif-pindah")
    assert client.get(rows("nonaktif-pindah")).context["value"] == 1
    assert client.get(rows("nonaktif-ganda")).context["value"] == 0

    client.force_login(UserFactory(kelurahan=True))
    told = client.get(rows("kpm-dinonaktifkan"))
    assert told.context["value"] == 1
    assertNotContains(told, "Cimahi")
    assert client.get(rows("nonaktif-pindah")).context["value"] == 0


# --- pengurus ---------------------------------------------------------------------------------------------------------


def taking_over(client, family, **changes):
    return as_shown(client, pengurus_url(family), reason="pengurus-meninggal", **changes)


def test_the_heir_takes_over_when_the_pengurus_died(client, family):
    heir = MemberFactory(household=family, name="Budi Hartono", sex="L")
    former = family.members.exclude(pk=heir.pk).get()
    family.pengurus_terms.update(heir=heir)
    counted = MemberComponentFactory(member=former)
    sent = taking_over(client, family, on="2026-11-05")

    response = client.post(pengurus_url(family), sent)

    assert response.url == family.get_absolute_url()
    family.refresh_from_db()
    former.refresh_from_db()
    counted.refresh_from_db()
    assert family.name == "Budi Hartono"
    assert list(family.pengurus_terms.order_by("from_on").values_list("member", "to_on")) == [
        (former.pk, date(2026, 11, 5)),
        (heir.pk, None),
    ]
    assert (former.left_on, former.left_reason) == (date(2026, 11, 5), "Pengurus meninggal")
    assert counted.to_on == date(2026, 11, 5)
    page = client.get(f"{family.get_absolute_url()}keluarga/")
    assertContains(page, "Budi Hartono menjadi pengurus menggantikan Sari Rahayu")


def test_who_is_only_ill_stays_on_the_card_and_may_be_the_heir(client, family):
    follower = MemberFactory(household=family)
    former = family.members.exclude(pk=follower.pk).get()
    sent = taking_over(client, family, successor=follower.pk, heir=former.pk)

    client.post(pengurus_url(family), {**sent, "reason": "pengurus-sakit"})

    former.refresh_from_db()
    assert former.left_on is None
    assert family.pengurus_terms.get(to_on=None).heir == former


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"successor": ""}, "successor"),
        ({"successor": "0197"}, "successor"),
        ({"reason": ""}, "reason"),
        ({"on": "2023-01-01"}, "on"),
    ],
)
def test_a_pengurus_that_cannot_be_is_refused_beside_its_field(client, family, changes, field):
    follower = MemberFactory(household=family)

    response = client.post(
        pengurus_url(family), {**taking_over(client, family, successor=str(follower.pk)), **changes}
    )

    assert list(response.context["form"].errors) == [field]


def test_neither_the_dead_nor_the_new_pengurus_is_the_heir(client, family):
    follower = MemberFactory(household=family)
    former = family.members.exclude(pk=follower.pk).get()

    for heir in (follower, former):
        sent = taking_over(client, family, successor=follower.pk, heir=heir.pk)
        assert list(client.post(pengurus_url(family), sent).context["form"].errors) == ["heir"]


def test_without_anybody_else_the_page_shows_the_ways_that_are_left(client, family):
    page = client.get(pengurus_url(family))

    assertContains(page, "Tidak ada anggota lain")
    assertContains(page, status_url(family))
    assertContains(page, reverse("kpm:member_create", args=[family.case_number]))


def test_two_who_change_the_pengurus_at_once_are_told(client, family):
    first, second = MemberFactory(household=family), MemberFactory(household=family)
    sent = taking_over(client, family, successor=second.pk)
    change_pengurus(
        family,
        by=family.pendamping,
        op_id=uuid7(),
        sent="x",
        successor=first,
        heir=None,
        reason=CaseReason.objects.get(pk="pengurus-sakit"),
        on=TODAY() - timedelta(days=1),
    )

    assertContains(client.post(pengurus_url(family), sent), "baru saja diganti")


def test_a_family_whose_graduation_runs_is_not_set_inactive(family):
    GraduationCase.objects.create(
        op_id=uuid7(), household=family, wilayah_id=family.wilayah_id, kind_id="mandiri",
        proposed_by=family.pendamping, state="disiapkan",
    )  # fmt: skip

    with pytest.raises(Refused, match="usulan graduasinya"):
        change_status(
            family,
            by=family.pendamping,
            op_id=uuid7(),
            sent="x",
            to="nonaktif",
            reason=CaseReason.objects.get(pk="nonaktif-mundur"),
            on=TODAY(),
        )
