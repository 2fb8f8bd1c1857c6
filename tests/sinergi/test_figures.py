"""Baseline against now, beside similar families; every number opens its rows; what the kelurahan and paper may hold."""

import re
from datetime import timedelta
from decimal import Decimal

import pypdfium2
import pytest

from entries.models import AccessLog
from kpm.models import Household
from kpm.operations import assign
from sinergi.board import with_progress
from sinergi.closing import facts_of, groups_of, stages_of
from sinergi.figures import ENROLLED, SIMILAR, compare, rows_of
from sinergi.models import BudgetLine, ProgrammeRule
from sinergi.operations.programme import close_programme
from tests.factories import (
    BANDUNG,
    KEBON_JAYANTI,
    SUKAPURA,
    GroupFactory,
    HouseholdFactory,
    UserFactory,
    assess,
    hold,
    plan_session,
)
from tests.programmes import (
    LEVELS,
    START,
    TODAY,
    end,
    go_on,
    join,
    make_business,
    make_programme,
    put,
    said,
    train,
)
from tests.queries import count_queries
from tests.referrals import make_referral

BEFORE, LATER = START - timedelta(days=20), START + timedelta(days=60)
RULE = ProgrammeRule.on


def compared(programme, user, day=TODAY):
    found = compare(programme, user, day, RULE(day))
    return found, {indicator.code: (ours, theirs) for indicator, ours, theirs in found.rows}


def begun(holder, levels=None, **fields):
    """A family that was assessed before the programme began and is in none."""
    family = HouseholdFactory(pendamping=holder, **fields)
    assess(family, levels or LEVELS, on=BEFORE)
    return family


# --- the comparison --------------------------------------------------------------------------------------------------


def test_the_enrolled_are_compared_from_their_baseline_to_now(pendamping, koordinator, programme):
    first, second, third = (HouseholdFactory(pendamping=pendamping) for _ in range(3))
    for family in (first, second, third):
        join(family, programme)  # C1 is 2
    assess(first, {**LEVELS, "C1": 4}, on=LATER)
    assess(second, {"A1": 2}, on=LATER)  # C1 was skipped, so the baseline stands
    found, rows = compared(programme, koordinator)

    assert found.enrolled == 3
    ours, _ = rows["C1"]
    assert (ours.families, ours.then, ours.now) == (3, Decimal("2.00"), Decimal("2.67"))
    assert ours.change == Decimal("0.67")
    assert rows["A1"][0].now == Decimal("1.33")


def test_who_left_counts_as_it_stood_on_that_day(family, koordinator, programme):
    enrolment = join(family, programme)
    assess(family, {**LEVELS, "C1": 3}, on=LATER)
    end(enrolment, on=LATER + timedelta(days=1))
    assess(family, {**LEVELS, "C1": 1}, on=TODAY)

    assert compared(programme, koordinator)[1]["C1"][0].now == 3


def test_what_comes_after_the_closing_does_not_count(family, koordinator, programme):
    join(family, programme)
    begun(family.pendamping)
    close_programme(programme, by=koordinator, **said(), closed_on=LATER, words="")
    for household in (family, family.pendamping.households.exclude(pk=family.pk).get()):
        assess(household, {**LEVELS, "C1": 4}, on=TODAY)
    programme.refresh_from_db()
    found, rows = compared(programme, koordinator)

    assert found.until == LATER
    assert [pair.now for pair in rows["C1"]] == [2, 2]


def test_similar_is_the_same_kelurahan_and_path_with_a_near_beginning_and_no_programme(
    pendamping, koordinator, family, programme
):
    join(family, programme)  # the mean is 1.40
    near = begun(pendamping, {**LEVELS, "A1": 2, "C3": 2})  # 1.80
    assess(near, {"C1": 3}, on=LATER)
    begun(pendamping, dict.fromkeys(LEVELS, 2))  # 2.00: too far
    begun(pendamping, path="kerja", levels={"A1": 1, "A3": 1, "D1": 2, "E1": 2})
    begun(UserFactory(wilayah_id=SUKAPURA))
    assess(HouseholdFactory(pendamping=pendamping), LEVELS, on=LATER)  # nobody knows how it began
    other = begun(pendamping)
    end(join(other, make_programme(name="Lain"), levels={}))  # was in another programme
    found, rows = compared(programme, koordinator)

    assert found.similar == 1
    assert (rows["C1"][1].families, rows["C1"][1].then, rows["C1"][1].now) == (1, 2, 3)


def test_every_number_of_the_comparison_is_as_many_rows(pendamping, koordinator, programme):
    for number in range(3):
        family = HouseholdFactory(pendamping=pendamping)
        join(family, programme)
        assess(family, {"C1": 2 + number}, on=LATER)
        begun(pendamping)
    for user in (pendamping, koordinator, UserFactory(kelurahan=True)):
        found = compare(programme, user, TODAY, RULE(TODAY))
        assert found.rows
        for indicator, ours, theirs in found.rows:
            for whose, pair in ((ENROLLED, ours), (SIMILAR, theirs)):
                families, ways = rows_of(programme, user, TODAY, RULE(TODAY), indicator.code, whose)
                assert families.count() == len(ways) == pair.families
                if ways:
                    mean = sum(Decimal(then) for then, _ in ways.values()) / len(ways)
                    assert pair.then == mean.quantize(Decimal("0.01"))


def test_a_pendamping_counts_the_own_families_and_a_kelurahan_the_own_area(pendamping, programme):
    join(HouseholdFactory(pendamping=pendamping), programme)
    join(HouseholdFactory(), programme)

    assert compared(programme, pendamping)[0].enrolled == 1
    assert compared(programme, UserFactory(kelurahan=True))[0].enrolled == 2
    assert compared(programme, UserFactory(kelurahan=True, wilayah_id=SUKAPURA))[0].enrolled == 0


def test_a_family_that_moved_stays_in_the_figures_of_where_it_took_part(
    client, pendamping, koordinator, programme
):
    family = HouseholdFactory(pendamping=pendamping)
    enrolment = join(family, programme)
    train(family, on=LATER)
    assess(family, {"C1": 3}, on=LATER)
    end(enrolment, "pindah")
    assign(
        family,
        to=UserFactory(wilayah_id=SUKAPURA),
        by=UserFactory(koordinator=True, wilayah_id=BANDUNG),
        on=TODAY,
    )
    Household.objects.filter(pk=family.pk).update(wilayah=SUKAPURA)
    kelurahan = UserFactory(kelurahan=True)

    for user in (pendamping, koordinator, kelurahan):
        if user != koordinator:  # both kelurahan lie in the area of the koordinator
            assert not Household.objects.counted_for(user).exists()
        client.force_login(user)
        for query in ("angka=ikut", "angka=pelatihan", "indikator=C1"):
            page = client.get(f"{programme.get_absolute_url()}angka/keluarga/?{query}").content.decode()
            assert family.case_number in page, query
            assert (family.get_absolute_url() in page) == (user == koordinator)
        assert compared(programme, user)[0].enrolled == 1
    for user in (UserFactory(kelurahan=True, wilayah_id=SUKAPURA), UserFactory(wilayah_id=SUKAPURA)):
        assert compared(programme, user)[0].enrolled == 0


def test_few_families_are_said_to_be_few_and_no_cause_is_claimed(client, family, koordinator, programme):
    join(family, programme)
    client.force_login(koordinator)
    page = client.get(f"{programme.get_absolute_url()}angka/").content.decode()

    assert "Angkanya kecil (1 peserta, 0 keluarga serupa)" in page
    assert "bukan bukti bahwa program yang menyebabkan" in page


# --- the facts -------------------------------------------------------------------------------------------------------


def test_facts_count_what_happened_during_the_enrolment_and_open_their_rows(
    client, pendamping, koordinator, programme
):
    group = GroupFactory(pendamping=pendamping)
    family = HouseholdFactory(pendamping=pendamping, group=group)
    train(family, on=BEFORE)
    hold(plan_session(group, on=BEFORE), {family: "hadir"})
    enrolment = join(family, programme)
    hold(plan_session(group, on=LATER), {family: "hadir"})
    train(family, on=LATER)
    make_referral(family, "diterima", on=LATER)
    go_on(enrolment)
    put(enrolment, "Pemasaran")
    done = join(HouseholdFactory(pendamping=pendamping), programme)
    put(done, "Evaluasi dan graduasi")
    end(done, "tuntas")
    counts = {fact.slug: fact.number for fact in facts_of(programme, koordinator, TODAY)}

    assert counts == {
        "ikut": 2,
        "masih": 1,
        "tuntas": 1,
        "sampai-tutup": 0,
        "berhenti": 0,
        "pelatihan": 1,
        "p2k2": 1,
        "rujukan": 1,
        "bukti": 1,
        "alasan": 2,
    }
    client.force_login(koordinator)
    for slug, number in counts.items():
        page = client.get(f"{programme.get_absolute_url()}angka/keluarga/?angka={slug}").content.decode()
        assert len(re.findall(r'<li class="row">', page)) == number, slug


def test_the_numbers_of_each_stage_open_their_rows(client, pendamping, koordinator, programme):
    first, second = (join(HouseholdFactory(pendamping=pendamping), programme) for _ in range(2))
    put(first, "Pelatihan", on=LATER)
    put(first, "Pemetaan sumber daya", on=LATER)
    put(first, "Pelatihan", on=LATER)
    put(second, "Pelatihan", on=LATER)
    end(second, on=LATER)
    client.force_login(koordinator)
    address = f"{programme.get_absolute_url()}angka/"
    page = client.get(address).content.decode()
    numbers = {stage.name: (reached, here) for stage, reached, here in stages_of(programme, koordinator)}

    assert [fact.number for fact in numbers["Pemetaan sumber daya"]] == [2, 0]
    assert [fact.number for fact in numbers["Pelatihan"]] == [2, 1]
    for facts in numbers.values():
        for fact in facts:
            rows = client.get(f"{address}keluarga/?angka={fact.slug}").content.decode()
            assert len(re.findall(r'<li class="row">', rows)) == fact.number
            assert (f"?angka={fact.slug}" in page) == bool(fact.number)
    assert client.get(f"{address}keluarga/?angka=lain").status_code == 404


def test_what_a_family_does_after_it_left_is_no_work_of_the_programme(family, koordinator, programme):
    enrolment = join(family, programme)
    train(family, on=LATER)
    end(enrolment, on=LATER)
    train(family, on=LATER + timedelta(days=1))
    make_referral(family, "diterima", on=LATER + timedelta(days=1))

    counts = {fact.slug: fact.number for fact in facts_of(programme, koordinator, TODAY)}
    assert (counts["pelatihan"], counts["rujukan"]) == (1, 0)


def test_a_family_that_joined_again_is_one_family_from_its_newest_baseline(family, koordinator, programme):
    end(join(family, programme), on=LATER)
    again = join(family, programme, on=LATER, levels={**LEVELS, "C1": 3})
    make_business(programme, [again], on=LATER)
    end(again, "pindah", on=LATER)
    join(family, programme, on=LATER + timedelta(days=9), levels={**LEVELS, "C1": 4})
    train(family, on=LATER)
    counts = {fact.slug: fact.number for fact in facts_of(programme, koordinator, TODAY)}
    found, rows = compared(programme, koordinator)

    assert counts["ikut"] == counts["masih"] == counts["pelatihan"] == found.enrolled == 1
    assert counts["berhenti"] == 0
    assert (rows["C1"][0].families, rows["C1"][0].then) == (1, 4)
    [(_, _, now, ever, _)] = with_progress([programme], koordinator, TODAY)
    assert (now, ever) == (1, 1)
    assert [group.number for group in groups_of(programme, koordinator)] == [0]


def test_the_kelurahan_reads_numbers_and_case_numbers_and_no_word_of_a_family(client, pendamping, programme):
    family = HouseholdFactory(pendamping=pendamping, name="Neneng Rahasia", address="Gang Rahasia")
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", reason="Alasan rahasia.")
    make_business(programme, [enrolment], name="Usaha Rahasia")
    client.force_login(UserFactory(kelurahan=True))
    own = programme.get_absolute_url()
    pages = [client.get(path) for path in ("/sinergi/", f"{own}angka/", f"{own}angka/keluarga/?angka=ikut")]

    assert {page.status_code for page in pages} == {200}
    text = "".join(page.content.decode() for page in pages)
    assert family.case_number in text and "rahasia" not in text.lower()
    assert family.get_absolute_url() not in text
    for path in ("", "usaha/", "anggaran/", "laporan/", "calon/"):
        assert client.get(f"{own}{path}").status_code == 404, path


def test_figures_cost_the_same_for_many_families(client, pendamping, koordinator, programme):
    def cost():
        with count_queries() as queries:
            client.get(f"{programme.get_absolute_url()}angka/")
        return len(queries)

    def add():
        family = HouseholdFactory(pendamping=pendamping)
        join(family, programme)
        assess(family, {"C1": 3}, on=LATER)
        begun(pendamping)

    client.force_login(koordinator)
    add()
    few = cost()
    for _ in range(5):
        add()
    assert cost() == few


# --- the paper -------------------------------------------------------------------------------------------------------


def paper(client, programme):
    answer = client.get(f"{programme.get_absolute_url()}laporan/")
    assert answer["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def test_the_closing_report_holds_facts_and_no_family(client, pendamping, koordinator, programme):
    family = HouseholdFactory(pendamping=pendamping, name="Neneng Rahasia")
    enrolment = join(family, programme)
    put(enrolment, "Pelatihan", reason="Alasan rahasia.")
    make_business(programme, [enrolment])
    stage = programme.stages.get(name="Pelatihan")
    BudgetLine.objects.create(
        programme=programme, stage=stage, what="Bahan", planned=1_500_000, spent=900_000
    )
    client.force_login(koordinator)
    assert "Laporan Sementara" in paper(client, programme)
    close_programme(programme, by=koordinator, **said(), closed_on=TODAY, words="Mitra diajak lebih awal.")
    text = paper(client, programme)

    for words in (
        "Laporan Penutup: Sinergi Kebon Jayanti",
        "1 Juni 2026 sampai 20 November 2026",
        "Semua keluarga peserta di Kebon Jayanti",
        "Ikut sampai program ditutup 1",
        "Dapur Rasa Keripik pisang 1",
        "Rp1.500.000 Rp900.000",
        "Mitra diajak lebih awal.",
        "bukan bukti bahwa program yang menyebabkan",
        "Angkanya kecil",
    ):
        assert words in text, words
    assert "rahasia" not in text.lower() and family.case_number not in text
    assert AccessLog.objects.filter(action="export", route="sinergi:programme_pdf").count() == 2


def test_the_report_of_a_pendamping_says_whom_it_covers(signed_in, pendamping, programme):
    join(HouseholdFactory(pendamping=pendamping), programme)
    join(HouseholdFactory(), programme)

    text = paper(signed_in, programme)
    assert f"Keluarga yang didaftarkan {pendamping.name}" in text and "Keluarga pernah ikut 1" in text


def test_who_sees_a_part_of_a_programme_is_told_which(client, koordinator):
    wide = make_programme(UserFactory(koordinator=True, wilayah_id=BANDUNG), wilayah_id=BANDUNG)
    for area in (KEBON_JAYANTI, SUKAPURA, SUKAPURA):
        join(HouseholdFactory(wilayah_id=area, pendamping=UserFactory(wilayah_id=area)), wide)
    client.force_login(koordinator)
    assert "Semua keluarga peserta di Kiaracondong" in paper(client, wide)
    client.force_login(UserFactory(kelurahan=True))

    assert "1 keluarga di wilayah Anda, sasaran program 20" in client.get("/sinergi/").content.decode()
    assert "Kebon Jayanti · sampai" in client.get(f"{wide.get_absolute_url()}angka/").content.decode()


@pytest.mark.parametrize("days", [1, 30])
def test_before_it_starts_there_is_no_report(signed_in, days):
    programme = make_programme(starts_on=TODAY + timedelta(days=days))

    assert signed_in.get(f"{programme.get_absolute_url()}laporan/").status_code == 404
    assert "disiapkan" in signed_in.get(programme.get_absolute_url()).content.decode()
