"""Targets: who sets them, since when they hold, what counts where none is set, and that everybody reads the same."""

import re
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from entries.operations import Refused
from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.targets import all_coverage, coverage_of
from reports.figures.values import values_of
from reports.models import Target
from reports.targets.operations import decide_target, propose_target
from tests.factories import KEBON_JAYANTI, KIARACONDONG, SUKAPURA
from tests.monthly import lock, reopen

from .conftest import NEXT_KECAMATAN, OTHER_KOTA, add_user

LIST, PROPOSE, DECIDE = "/target/", "/target/usul/", "/target/putuskan/"
State = Target.State
BAR = re.compile(r'<span class="meter">.*?</strong>(?:[^<]|</?span[^>]*>)*(?:<progress[^>]*>)?', re.DOTALL)


@pytest.fixture
def boss(town):
    """Another koordinator of the kecamatan, so that what Camat proposes finds somebody of the same rank."""
    return add_user("boss", "koordinator", KIARACONDONG)


def propose(town, by, value, *, figure="kunjungan", area=KEBON_JAYANTI, person=None, month=None, op_id=None):
    return propose_target(
        by=by,
        op_id=op_id or uuid7(),
        today=town.today,
        figure=figure,
        wilayah_id=person.wilayah_id if person else area,
        pendamping=person,
        from_month=month or town.month,
        value=value,
        reason="Rapat kecamatan.",
    )


def decide(town, target, by, decision=State.APPROVED, note="", op_id=None):
    return decide_target(
        target, by=by, op_id=op_id or uuid7(), today=town.today, decision=decision, note=note
    )


def put(town, value, **about):
    """A target in force, proposed by the koordinator of the kota and approved by another one."""
    other = User.objects.filter(username="kota2").first() or add_user("kota2", "koordinator", "3273")
    return decide(town, propose(town, town.users.kota, value, **about), other)


def aim(lens, figure="kunjungan"):
    """(target, where it comes from) of a figure, None without one."""
    found = coverage_of(values_of([figure], lens), lens).get(figure)
    return found and (found.target, found.aim.origin)


def seen_by(town, name, month=None, **narrowed):
    return Lens(vars(town.users)[name], town.today, month or town.month, **narrowed)


# --- since when -------------------------------------------------------------------------------------------------------


def test_a_target_holds_from_its_month_until_another_one_begins(town):
    first, before = town.last_month, months_after(town.last_month, -1)
    ani = town.users.ani
    old = put(town, 20, person=ani, month=first)
    new = put(town, 30, person=ani, month=town.month)

    own = "ditetapkan untuk pendamping ini"
    assert aim(seen_by(town, "ani", before)) is None
    assert aim(seen_by(town, "ani", first)) == (20, own)
    assert aim(seen_by(town, "ani")) == (30, own)
    old.refresh_from_db()
    assert (old.value, old.until_month, new.until_month) == (20, town.month, None)  # the history is kept


def test_one_that_is_set_later_for_an_earlier_month_ends_where_the_next_begins(town):
    ani = town.users.ani
    put(town, 30, person=ani, month=town.month)
    put(town, 20, person=ani, month=town.last_month)
    assert aim(seen_by(town, "ani", town.last_month))[0] == 20
    assert aim(seen_by(town, "ani"))[0] == 30


def test_one_of_the_same_month_takes_its_place_and_an_end_ends_it(town):
    ani = town.users.ani
    put(town, 20, person=ani)
    put(town, 25, person=ani)
    assert aim(seen_by(town, "ani"))[0] == 25
    put(town, None, person=ani)
    assert aim(seen_by(town, "ani")) is None
    assert Target.objects.filter(pendamping=ani, state=State.APPROVED).count() == 3


def test_the_target_of_a_figure_of_now_is_that_of_this_month(town):
    put(town, 5, figure="dikunjungi-30-hari", person=town.users.ani)
    assert aim(seen_by(town, "ani", town.last_month), "dikunjungi-30-hari")[0] == 5


def test_the_database_changes_no_target_in_force_and_lets_nobody_decide_alone(town):
    target = put(town, 20, person=town.users.ani)
    for change in ({"value": 30}, {"from_month": town.last_month}, {"state": State.REFUSED}):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            Target.objects.filter(pk=target.pk).update(**change)
    open_one = propose(town, town.users.ani, 40, person=town.users.ani)
    with pytest.raises(IntegrityError, match="target_four_eyes"), transaction.atomic():
        Target.objects.filter(pk=open_one.pk).update(
            state=State.APPROVED, decided_by=town.users.ani, decided_on=town.today
        )


# --- of an area -------------------------------------------------------------------------------------------------------


def test_an_area_has_its_own_target_or_the_sum_of_those_below(town):
    users = town.users
    put(town, 10, person=users.ani)
    put(town, 5, person=users.budi)
    put(town, 7, person=users.citra)
    here = {"area": KEBON_JAYANTI}
    assert aim(seen_by(town, "officer")) == (15, "jumlah target 2 pendamping")
    assert aim(seen_by(town, "camat", **here)) == aim(seen_by(town, "officer"))
    assert aim(seen_by(town, "camat")) == (22, "jumlah target 3 pendamping")

    put(town, 50, area=SUKAPURA)
    assert aim(seen_by(town, "camat", area=SUKAPURA)) == (50, "ditetapkan untuk wilayah ini")
    assert aim(seen_by(town, "camat")) == (65, "jumlah target 1 wilayah di dalamnya dan 2 pendamping")
    assert aim(seen_by(town, "kota"))[0] == 65

    put(town, 100, area=KIARACONDONG)
    assert aim(seen_by(town, "camat")) == (100, "ditetapkan untuk wilayah ini")
    assert aim(seen_by(town, "kota")) == (100, "jumlah target 1 wilayah di dalamnya")
    assert aim(seen_by(town, "officer"))[0] == 15
    assert aim(seen_by(town, "far")) is None


def test_who_has_no_target_counts_with_the_one_for_everybody(town):
    put(town, 3, figure="graduasi", person=town.users.ani)
    assert aim(seen_by(town, "ani"), "graduasi")[0] == 3
    assert aim(seen_by(town, "budi"), "graduasi") == (10, "target umum tiap pendamping")
    summed = (23, "jumlah target 1 pendamping dan 2 pendamping menurut target umum")
    assert aim(seen_by(town, "camat"), "graduasi") == summed
    put(town, 40, figure="graduasi", area=SUKAPURA)
    assert aim(seen_by(town, "camat"), "graduasi")[0] == 40 + 3 + 10


def test_parts_that_have_no_targets_show_none(town):
    put(town, 20, area=KEBON_JAYANTI)
    here = seen_by(town, "camat", area=KEBON_JAYANTI)
    assert aim(here)
    assert aim(replace(here, rw=5)) is None
    assert aim(replace(here, group_id=1)) is None
    assert coverage_of({"kegiatan": 1}, replace(here, sub_role="FAS-1")) == {}


def test_every_figure_that_can_be_summed_takes_a_target(town):
    of_area = [slug for slug, one in FIGURES.items() if one.takes_target(of_person=False)]
    assert len(of_area) > 60
    assert not [slug for slug in of_area if FIGURES[slug].median_of or FIGURES[slug].of_one]
    lens = seen_by(town, "camat")
    for slug in of_area:
        Target.objects.create(
            op_id=uuid7(),
            figure=slug,
            wilayah_id=KIARACONDONG,
            from_month=town.month,
            value=4,
            reason="uji",
            state=State.APPROVED,
            proposed_by=town.users.kota,
            proposed_on=town.today,
            decided_by=town.users.camat,
            decided_on=town.today,
        )
    found = all_coverage(lens)
    assert [one.figure.slug for one in found] == of_area
    values = values_of(of_area, lens)
    assert all(one.value == values[one.figure.slug] and one.target == 4 for one in found)


# --- locked months ----------------------------------------------------------------------------------------------------


def test_a_locked_month_keeps_the_target_it_was_locked_with(town):
    users, month = town.users, town.last_month
    put(town, 20, person=users.ani, month=month)
    waiting = propose(town, users.ani, 90, person=users.ani, month=month)
    lock(users.camat, KEBON_JAYANTI, month=month, today=town.today)

    with pytest.raises(Refused, match="sudah dikunci"):
        propose(town, users.kota, 80, person=users.ani, month=month)
    with pytest.raises(Refused, match="sudah dikunci"):
        propose(town, users.kota, 80, area=KIARACONDONG, month=month)  # part of it is locked
    with pytest.raises(Refused, match="sudah dikunci"):
        decide(town, waiting, users.camat)
    put(town, 30, person=users.ani)
    assert aim(seen_by(town, "ani", month))[0] == aim(seen_by(town, "officer", month))[0] == 20
    assert aim(seen_by(town, "ani"))[0] == 30

    reopen(users.camat, KEBON_JAYANTI, month=month)
    decide(town, waiting, users.camat)
    assert aim(seen_by(town, "ani", month))[0] == 90


# --- the same for both ------------------------------------------------------------------------------------------------


def test_worker_and_koordinator_read_the_same_number_on_the_same_page(client, town):
    """The figure's page, the dashboard, and the page of targets; of every figure that has one."""
    ani, camat = town.users.ani, town.users.camat
    for figure, value in (
        ("kunjungan", 12),
        ("kegiatan", 4),
        ("langkah-terlambat", 1),
        ("dikunjungi-30-hari", 9),
    ):
        put(town, value, figure=figure, person=ani)
    narrowed = {"pendamping": ani.pk}
    own, told = all_coverage(seen_by(town, "ani")), all_coverage(seen_by(town, "camat", pendamping_id=ani.pk))
    assert own == told and len(own) == 5
    for path in ("/dasbor/", LIST, *(f"/dasbor/angka/{one.figure.slug}/" for one in own)):
        client.force_login(ani)
        hers = BAR.findall(client.get(path).content.decode())
        client.force_login(camat)
        assert BAR.findall(client.get(path, narrowed).content.decode()) == hers != [], path


def test_a_page_says_value_target_and_percent_with_a_bar(client, town):
    put(town, 10, person=town.users.ani)
    client.force_login(town.users.ani)
    value = values_of(["kunjungan"], seen_by(town, "ani"))["kunjungan"]
    page = client.get("/dasbor/angka/kunjungan/").content.decode()
    bar = " ".join(BAR.search(page)[0].split())
    assert "Target pendamping sebulan" in bar and f"{value} / 10 = {value * 10}%" in bar
    assert f'<progress class="bar" max="10" value="{value}" aria-hidden="true">' in bar
    assert "Ditetapkan untuk pendamping ini." in page


def test_more_than_the_limit_is_told_and_no_bar_is_longer_than_whole(client, town):
    put(town, 0, figure="langkah-terlambat", person=town.users.ani)
    put(town, 1, person=town.users.ani)
    late, done = all_coverage(seen_by(town, "ani"), ["langkah-terlambat", "kunjungan"])
    assert late.is_over and late.share is None and late.label == "Batas pendamping"
    assert not done.is_over and done.share > 1 and done.filled == 1
    client.force_login(town.users.ani)
    assert "lewat batas" in client.get("/dasbor/angka/langkah-terlambat/").content.decode()


def test_the_officer_of_the_kelurahan_reads_the_number_and_no_page_of_targets(client, town):
    put(town, 10, person=town.users.ani)
    client.force_login(town.users.officer)
    page = client.get("/dasbor/angka/kunjungan/").content.decode()
    assert "Jumlah target 1 pendamping." in page and LIST not in page
    assert client.get(LIST).status_code == client.get(PROPOSE).status_code == 404


# --- who may ----------------------------------------------------------------------------------------------------------


def test_targets_are_decided_by_another_koordinator_of_the_same_area_or_above(town, boss):
    users = town.users
    of_worker = propose(town, users.ani, 20, person=users.ani)
    of_camat = propose(town, users.camat, 60, area=KEBON_JAYANTI)
    of_kota = propose(town, users.kota, 70, area=KEBON_JAYANTI, figure="kegiatan")
    waiting = {
        name: set(Target.objects.to_decide(user))
        for name, user in (vars(users) | {"boss": boss}).items()
        if Target.objects.to_decide(user)
    }
    assert waiting == {
        "camat": {of_worker},
        "boss": {of_worker, of_camat},
        "kota": {of_worker, of_camat},
    }
    for target, by in ((of_camat, users.camat), (of_kota, users.camat), (of_worker, users.dedi)):
        with pytest.raises(Refused, match="bukan bagian Anda"):
            decide(town, target, by)
    with pytest.raises(Refused, match="Hanya pengusul"):
        decide(town, of_worker, users.camat, State.WITHDRAWN)
    with pytest.raises(Refused, match="mengapa ditolak"):
        decide(town, of_worker, users.camat, State.REFUSED)
    assert decide(town, of_worker, users.camat, State.REFUSED, "Terlalu banyak.").state == State.REFUSED
    with pytest.raises(Refused, match="sudah ditolak"):
        decide(town, of_worker, users.kota)
    assert aim(seen_by(town, "ani")) is None


def test_nobody_proposes_beyond_the_own_families_and_area(town):
    users = town.users
    for by, about in (
        (users.ani, {"person": users.budi}),
        (users.ani, {"area": KEBON_JAYANTI}),
        (users.camat, {"area": NEXT_KECAMATAN}),
        (users.camat, {"person": users.dedi}),
        (users.officer, {"area": KEBON_JAYANTI}),
    ):
        with pytest.raises(Refused, match="di luar wilayah"):
            propose(town, by, 5, **about)
    propose(town, users.camat, 5, area=KIARACONDONG)
    with pytest.raises(Refused, match="masih menunggu"):
        propose(town, users.kota, 6, area=KIARACONDONG)


def test_targets_of_others_are_not_found(client, town):
    users = town.users
    of_ani, of_dedi = (
        propose(town, users.ani, 20, person=users.ani),
        propose(town, users.dedi, 5, person=users.dedi),
    )
    for name, own, foreign in (
        ("ani", of_ani, of_dedi),
        ("camat", of_ani, of_dedi),
        ("dedi", of_dedi, of_ani),
    ):
        client.force_login(vars(users)[name])
        assert client.get(own.get_absolute_url()).status_code == 200
        assert client.get(foreign.get_absolute_url()).status_code == 404
        assert client.post(foreign.get_absolute_url(), {"op_id": uuid7()}).status_code == 404
        assert foreign.get_absolute_url() not in client.get(LIST).content.decode()
    client.force_login(users.budi)
    assert client.get(of_ani.get_absolute_url()).status_code == 404
    client.force_login(users.camat)
    for odd in ({"wilayah": OTHER_KOTA}, {"pendamping": users.far.pk}, {"rw": "5", "wilayah": KEBON_JAYANTI}):
        assert client.get(LIST, odd).status_code == 404
    page = client.post(DECIDE, {"op_id": uuid7(), "usulan": str(of_dedi.pk), "decision": State.APPROVED})
    assert "Pilihan ini tidak ditemukan" in page.content.decode()
    of_dedi.refresh_from_db()
    assert of_dedi.is_open
