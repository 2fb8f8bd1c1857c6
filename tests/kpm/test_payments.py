"""Whether the benefit of a tahap arrived: one family, a kelompok on one page, what is stuck until it is solved."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from desk.due import due_families
from entries.models import HeldEntry, Period, Receipt
from kpm.models import Household, PaymentCheck, PaymentTrouble
from kpm.operations import assign
from kpm.payments import counts_of, payments_of, term_of, terms_back
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.values import values_of
from tests.factories import GroupFactory, HouseholdFactory, UserFactory
from tests.queries import count_queries

LOST = "kks-hilang"


@pytest.fixture
def today(db):
    return timezone.localdate()


@pytest.fixture
def term(today):
    return terms_back(today)[0]


@pytest.fixture
def group(pendamping):
    group = GroupFactory(pendamping=pendamping)
    for name in ("Ani", "Beti", "Cucu", "Dedeh"):
        HouseholdFactory(pendamping=pendamping, group=group, name=name)
    return group


@pytest.fixture
def families(group):
    return list(Household.objects.filter(group=group).order_by("name"))


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


def roll_page(term, group):
    return f"/bantuan/{term.key}/{group.pk if group else 0}/"


def roll(families, **said):
    """A roll as a browser sends it: `said` are (state, trouble, note) by the name of the family."""
    data = {"op_id": str(uuid7()), "kpm": [one.case_number for one in families]}
    data["checked_on"] = timezone.localdate().isoformat()
    for one in families:
        state, trouble, note = said.get(one.name, ("", "", ""))
        data |= {f"masalah-{one.case_number}": trouble, f"ket-{one.case_number}": note}
        data |= {f"cair-{one.case_number}": state} if state else {}
        latest = PaymentCheck.objects.filter(household=one).newest().first()
        data[f"dulu-{one.case_number}"] = latest.pk if latest else ""
    return data


def single(client, family, term, **said):
    """Fill in the page of one family as a browser does."""
    url = f"/kpm/{family.case_number}/bantuan/{term.key}/"
    version = re.search(r'name="version" value="(\w+)"', client.get(url).content.decode())
    data = {
        "op_id": str(uuid7()),
        "checked_on": timezone.localdate().isoformat(),
        "version": version[1] if version else "",
    }
    return client.post(url, data | said)


def states(term):
    checks = PaymentCheck.objects.of_term(term).newest().select_related("household")
    return {check.household.name: check.state for check in checks}


def test_terms_go_back_over_the_year(db):
    assert [term.key for term in terms_back(date(2026, 2, 3))] == [
        "2026-T1", "2025-T4", "2025-T3", "2025-T2", "2025-T1"
    ]  # fmt: skip
    assert len(terms_back(date(2018, 5, 1))) == 2  # the rhythm begins in 2018
    term = term_of(date(2024, 12, 31))
    assert (term.name, term.first_on, term.last_on) == ("Tahap 4 2024", date(2024, 10, 1), date(2024, 12, 31))


def test_a_kelompok_is_told_on_one_page_and_the_unsaid_are_left(signed_in, group, families, term):
    said = roll(
        families, Ani=("cair", "", ""), Beti=("masalah", LOST, "Hilang di pasar"), Cucu=("belum", "", "")
    )

    response = signed_in.post(roll_page(term, group), said)

    assert response.status_code == 302
    assert states(term) == {"Ani": "cair", "Beti": "masalah", "Cucu": "belum"}
    stuck = PaymentCheck.objects.troubled().get()
    assert (stuck.trouble_id, stuck.note) == (LOST, "Hilang di pasar")
    assert stuck.look_again_on == stuck.checked_on + timedelta(days=stuck.trouble.look_again_days)
    page = signed_in.get(response["Location"]).content.decode()
    assert "Dari 4 keluarga: 1 cair, 1 belum,\n  1 bermasalah, 1 belum dicek" in page
    assert "Kode tanda terima" in page
    # The same once more stores nothing new.
    signed_in.post(roll_page(term, group), said)
    assert PaymentCheck.objects.count() == 3


def test_a_trouble_without_its_kind_is_asked_for_and_everything_typed_stays(signed_in, group, families, term):
    said = roll(
        families, Ani=("cair", "", ""), Beti=("masalah", "", "x" * 201), Cucu=("masalah", "", "Kartu patah")
    )

    page = signed_in.post(roll_page(term, group), said).content.decode()

    assert not PaymentCheck.objects.exists()
    assert "Ada yang belum lengkap: Beti, Cucu." in page
    assert page.count("Pilih apa masalahnya.") == 2
    assert 'value="Kartu patah"' in page
    assert page.count(" checked>") == 3


def test_an_empty_page_says_so(signed_in, group, families, term):
    page = signed_in.post(roll_page(term, group), roll(families)).content.decode()
    assert "Belum ada yang diisi." in page
    assert not Receipt.objects.exists()


def test_the_rest_paid_is_one_tap_also_without_javascript(signed_in, group, families, term):
    signed_in.post(roll_page(term, group), roll(families, Ani=("belum", "", "")))
    page = signed_in.get(f"{roll_page(term, group)}?semua=cair").content.decode()
    assert len(re.findall(r'value="cair" checked', page)) == 3
    assert len(re.findall(r'value="belum" checked', page)) == 1


def test_what_another_tab_wrote_meanwhile_is_shown_first(signed_in, group, families, term):
    stale = roll(families, Ani=("belum", "", ""))
    signed_in.post(roll_page(term, group), roll(families, Ani=("cair", "", "")))

    page = signed_in.post(roll_page(term, group), stale).content.decode()

    assert "Sekarang tersimpan: Cair" in page
    assert states(term) == {"Ani": "cair"}
    seen = re.search(r'name="dulu-\S+" value="(\d+)"', page)[1]
    again = stale | {"op_id": str(uuid7()), f"dulu-{families[0].case_number}": seen}
    signed_in.post(roll_page(term, group), again)
    assert states(term) == {"Ani": "belum"}
    assert PaymentCheck.objects.count() == 2  # what was found before stays


def test_families_handed_over_meanwhile_are_held_and_can_be_let_in(
    signed_in, pendamping, group, families, term
):
    said = roll(families, Ani=("cair", "", ""), Beti=("masalah", LOST, "Hilang"))
    assign(families[1], to=UserFactory(), by=UserFactory(koordinator=True), on=timezone.localdate())

    signed_in.post(roll_page(term, group), said)

    assert states(term) == {"Ani": "cair"}
    held = HeldEntry.objects.get()
    assert held.reason == HeldEntry.Reason.HANDED_OVER
    signed_in.force_login(UserFactory(koordinator=True))
    page = signed_in.get(f"/kiriman/{held.pk}/").content.decode()
    assert "KKS hilang" in page
    assert "Bermasalah" in page
    signed_in.post(f"/kiriman/{held.pk}/", {"op_id": str(uuid7()), "decision": "diterima", "note": ""})
    check = PaymentCheck.objects.get(household=families[1])
    assert (check.pendamping, check.trouble_id) == (pendamping, LOST)


def test_one_family_with_day_and_amount(signed_in, families, term, today):
    response = single(
        signed_in, families[0], term, state="cair", paid_on=term.first_on.isoformat(), amount="750000"
    )

    assert response.status_code == 302
    check = PaymentCheck.objects.get()
    assert (check.amount, check.paid_on, check.wilayah_id) == (750_000, term.first_on, families[0].wilayah_id)
    page = signed_in.get(f"{families[0].get_absolute_url()}keluarga/").content.decode()
    assert f"{term}</a>" in page
    assert "Cair, dicek" in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"state": "masalah"}, "Pilih apa masalahnya."),
        ({"state": ""}, "Pilih salah satu."),
        ({"state": "cair", "amount": "-5"}, "Isi angka 0 sampai"),
        ({"state": "cair", "paid_on": "2019-01-01"}, "Periksa tanggalnya."),
        (
            {"state": "masalah", "trouble": LOST, "look_again_on": "2019-01-01"},
            "Pilih hari yang akan datang.",
        ),
        ({"state": "cair", "checked_on": "2099-01-01"}, "Tanggal tidak boleh di masa depan."),
    ],
)
def test_what_is_odd_is_said_beside_its_field(signed_in, families, term, said, words):
    page = single(signed_in, families[0], term, **said).content.decode()
    assert words in page
    assert not PaymentCheck.objects.exists()


def test_money_without_being_paid_is_no_money(signed_in, families, term):
    single(
        signed_in, families[0], term, state="belum", amount="5000", paid_on=timezone.localdate().isoformat()
    )
    check = PaymentCheck.objects.get()
    assert (check.amount, check.paid_on) == (None, None)


def test_another_tab_on_the_page_of_one_family(signed_in, families, term):
    single(signed_in, families[0], term, state="belum")
    url = f"/kpm/{families[0].case_number}/bantuan/{term.key}/"
    data = {
        "op_id": str(uuid7()),
        "checked_on": timezone.localdate().isoformat(),
        "version": "",
        "state": "cair",
    }
    page = signed_in.post(url, data).content.decode()
    assert "Sekarang tersimpan: Belum cair" in page
    assert states(term) == {"Ani": "belum"}


def test_an_older_check_that_comes_late_does_not_hide_a_newer_one(signed_in, families, term, today):
    single(signed_in, families[0], term, state="cair")
    single(signed_in, families[0], term, state="belum", checked_on=(today - timedelta(days=3)).isoformat())
    assert states(term) == {"Ani": "cair"}
    assert PaymentCheck.objects.count() == 2


def test_a_check_for_a_locked_month_is_held(signed_in, families, term, today):
    last_month = today.replace(day=1) - timedelta(days=1)
    Period.objects.create(
        wilayah_id=families[0].wilayah_id, month=last_month.replace(day=1), state="terkunci"
    )
    single(signed_in, families[0], term, state="belum", checked_on=last_month.isoformat())
    assert not PaymentCheck.objects.exists()
    assert HeldEntry.objects.get().reason == HeldEntry.Reason.MONTH_LOCKED


def test_what_is_stuck_comes_back_on_its_day_until_it_is_solved(signed_in, pendamping, families, term, today):
    single(signed_in, families[0], term, state="masalah", trouble=LOST, look_again_on=today.isoformat())

    def stuck(day):
        dues = due_families(pendamping, day).values()
        return [one.words for due in dues for one in due.reasons if one.label == "Cek lagi bantuan"]

    assert stuck(today - timedelta(days=1)) == []
    assert stuck(today) == stuck(today + timedelta(days=9)) != []
    assert "KKS hilang" in stuck(today)[0]
    assert "KKS hilang" in signed_in.get("/").content.decode()
    single(signed_in, families[0], term, state="cair")
    assert stuck(today) == []


def test_figures_of_the_month_and_of_its_tahap_open_their_rows(signed_in, pendamping, families, term, today):
    signed_in.post(
        roll_page(term, families[0].group),
        roll(families, Ani=("cair", "", ""), Beti=("masalah", LOST, ""), Cucu=("belum", "", "")),
    )
    single(signed_in, families[0], term, state="belum")  # a second check of one family in the month
    lens = Lens(pendamping, today, today.replace(day=1))
    slugs = [
        "bantuan-dicek",
        "bantuan-cair",
        "bantuan-belum-cair",
        "bantuan-bermasalah",
        "bantuan-belum-dicek",
    ]
    assert values_of(slugs, lens) == dict(zip(slugs, (3, 0, 2, 1, 1), strict=True))
    for slug in slugs[1:]:
        assert FIGURES[slug].rows(lens).count() == values_of([slug], lens)[slug]
    page = signed_in.get(f"/laporan/rhk/?bulan={today:%Y-%m}").content.decode()
    assert re.search(r"Penyaluran dicek:\s+<a [^>]+>3 KPM", page)


def test_the_list_tells_by_kind_what_is_stuck_and_a_koordinator_sees_the_area(
    client, pendamping, families, term
):
    client.force_login(pendamping)
    client.post(
        roll_page(term, families[0].group),
        roll(
            families, Ani=("masalah", "saldo-nol", ""), Beti=("masalah", LOST, ""), Cucu=("masalah", LOST, "")
        ),
    )
    client.force_login(UserFactory(koordinator=True))
    page = client.get("/bantuan/?keadaan=masalah").content.decode()
    assert re.findall(r"(KKS hilang|Saldo nol) (\d+)</a>", page) == [("KKS hilang", "2"), ("Saldo nol", "1")]
    page = client.get("/bantuan/?keadaan=masalah&masalah=saldo-nol").content.decode()
    assert "Ani" in page
    assert "Beti" not in page
    assert client.get(roll_page(term, families[0].group)).status_code == 404  # written by who holds them


def test_nobody_writes_for_the_families_of_others(signed_in, term):
    other = HouseholdFactory(pendamping=UserFactory())
    assert signed_in.get(f"/kpm/{other.case_number}/bantuan/{term.key}/").status_code == 404
    page = signed_in.post(
        roll_page(term, None), roll([other], **{other.name: ("cair", "", "")})
    ).content.decode()
    assert f"Keluarga {other.case_number} tidak ditemukan." in page
    assert signed_in.get("/bantuan/?tahap=2011-T1").status_code == 404
    assert signed_in.get("/bantuan/2026-T9/0/").status_code == 404


@pytest.mark.parametrize("state", ["kelompok", "masalah", "belum", "cair", "belum-dicek"])
def test_lists_cost_the_same_however_long(signed_in, pendamping, group, families, term, state):
    signed_in.post(
        roll_page(term, group),
        roll(families, Ani=("masalah", LOST, ""), Beti=("cair", "", ""), Cucu=("belum", "", "")),
    )
    url = f"/bantuan/?keadaan={state}"
    with count_queries() as few:
        signed_in.get(url)
    more = [
        HouseholdFactory(pendamping=pendamping, group=GroupFactory(pendamping=pendamping)) for _ in range(6)
    ]
    for one, kind in zip(more, ("cair", "cair", "belum", "masalah"), strict=False):
        single(signed_in, one, term, state=kind, trouble=LOST)
    with count_queries() as many:
        signed_in.get(url)
    assert len(many) == len(few)


def test_counts_and_lines_of_a_family(pendamping, families, term, today):
    assert counts_of(Household.objects.visible_to(pendamping), term) == {
        "families": 4, "paid": 0, "not_yet": 0, "trouble": 0, "unchecked": 4
    }  # fmt: skip
    assert [(one.key, check) for one, check in payments_of(families[0], today)] == [
        (term.key, None), (terms_back(today)[1].key, None)
    ]  # fmt: skip


def test_every_trouble_has_advice_and_days(db):
    assert all(one.advice and one.look_again_days for one in PaymentTrouble.objects.all())
