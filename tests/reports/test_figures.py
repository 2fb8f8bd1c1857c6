from dataclasses import replace
from statistics import median

import pytest

from kpm.models import Group
from kpm.payments import term_of
from reports.figures import FIGURES, ROLE_CODES, Lens, queries
from reports.figures.declared.inactive import BY_REASON
from reports.figures.declared.referrals import AGES, CLOSED
from reports.figures.declared.reporting import STEPS
from reports.figures.declared.rhk import rhk_in
from reports.figures.queries import figure_page
from reports.figures.targets import coverage_of
from reports.figures.values import (
    by_area,
    by_indicator,
    by_pendamping,
    by_rw,
    by_sub_role,
    values_by,
    values_of,
)
from reports.models import MonthlyReport, due_on
from resources.models import Referral
from tests.factories import KEBON_JAYANTI, SUKAPURA
from tests.queries import count_queries

from .conftest import OTHER_KOTA

ASKERS = ("ani", "budi", "citra", "officer", "camat", "kota")
IN_MODERATION = [slug for slug in FIGURES if not slug.startswith(("rhk-", "rujukan-d", "rujukan-b"))]


@pytest.fixture
def small_pages(monkeypatch):
    """Three rows a page, so that lists of a dozen rows are really continued."""
    monkeypatch.setattr(queries, "PAGE", 3)


def rows_opened(figure, lens):
    """All rows that a person finds by pressing `Muat lagi` to the end."""
    rows, cursor = figure_page(figure, lens)
    while cursor:
        more, cursor = figure_page(figure, lens, cursor)
        assert more
        rows += more
    return rows


def splittable(path):
    """The figures whose rows belong to one area, pendamping, RW and so on, so that a table may be split by it."""
    return [slug for slug in IN_MODERATION if getattr(FIGURES[slug].source.scope, path)]


def check(slug, value, lens):
    """The value is what its rows tell: their number, or the one in their middle."""
    figure = FIGURES[slug]
    rows = rows_opened(figure, lens)
    assert len(rows) == len({row["key"] for row in rows}), (slug, lens)
    told = len(rows)
    if figure.median_of:
        told = median(row["waited"] for row in rows) if rows else None
    assert value == told, (slug, lens)


def lenses(town, asker):
    """Every way to narrow: months, areas below the own one, RWs of a kelurahan, pendamping; with each an indicator."""
    people = [None, town.users.ani.pk, town.users.budi.pk]
    below = [code for code in ("327316", KEBON_JAYANTI) if code.startswith(asker.wilayah_id)]
    for month in (town.month, town.last_month):
        for area in ("", *below):
            for rw in (None, 5) if len(area or asker.wilayah_id) == 10 else (None,):
                for person in people if asker.is_koordinator and not area else (None,):
                    yield Lens(asker, town.today, month, area, rw, person, indicator="A1")


@pytest.mark.parametrize("name", ASKERS)
def test_every_figure_is_what_the_list_behind_it_tells(busy_town, small_pages, name):
    for lens in lenses(busy_town, vars(busy_town.users)[name]):
        values = values_of(FIGURES, lens)
        for slug, value in values.items():
            check(slug, value, lens)


@pytest.mark.parametrize("name", ASKERS)
def test_every_number_of_a_table_is_what_the_list_behind_it_tells(busy_town, small_pages, name):
    town, asker = busy_town, vars(busy_town.users)[name]

    lens = Lens(asker, town.today, town.month)
    for digits in (6, 10):
        for area, values in values_by(splittable("area"), lens, by_area(digits)).items():
            for slug, value in values.items():
                check(slug, value, replace(lens, area=area))
    for person, values in values_by(splittable("pendamping"), lens, by_pendamping).items():
        for slug, value in values.items():
            check(slug, value, replace(lens, pendamping_id=person))
    if KEBON_JAYANTI.startswith(asker.wilayah_id):
        here = replace(lens, area=KEBON_JAYANTI)
        for rw, values in values_by(splittable("rw"), here, by_rw).items():
            for slug, value in values.items():
                check(slug, value, replace(here, rw=rw))
    for code, values in values_by(splittable("indicator"), lens, by_indicator).items():
        for slug, value in values.items():
            check(slug, value, replace(lens, indicator=code))
    for code, values in values_by(splittable("sub_role"), lens, by_sub_role).items():
        for slug, value in values.items():
            check(slug, value, replace(lens, sub_role=code))


OPEN_REFERRALS = {"direncanakan": 1, "diajukan": 1, "diterima": 2, "berjalan": 0}


def _open_by_age(town):
    """Two of the open referrals were begun on the first day of this month, two on that of last month."""
    days = [(town.today - begun).days for begun in (town.month, town.month, town.last_month, town.last_month)]
    return {
        "baru": sum(age <= 30 for age in days),
        "sedang": sum(30 < age <= 90 for age in days),
        "lama": sum(age > 90 for age in days),
    }


WHOLE_AND_PARTS = (
    ("kegiatan", [f"kegiatan-{code}" for code in ROLE_CODES]),
    ("kegiatan", [slug for slug in FIGURES if slug.startswith("rhk-")]),
    ("asesmen-ulang", ["naik", "tetap", "turun"]),
    ("tingkat", [f"tingkat-{level}" for level in (1, 2, 3, 4)]),
    ("rujukan", [f"rujukan-{state}" for state in Referral.State.values]),
    ("rujukan-berakhir", [f"rujukan-berakhir-{state}" for state in CLOSED]),
    ("rujukan-terbuka", [f"rujukan-terbuka-{state}" for state in Referral.OPEN]),
    ("rujukan-terbuka", [f"rujukan-terbuka-{age}" for age in AGES]),
    ("laporan", [f"laporan-{state}" for state in MonthlyReport.State.values]),
    ("wajib-lapor", [f"lapor-{step}" for step, *_ in STEPS]),
    ("wajib-lapor", ["lapor-masuk", "lapor-belum-masuk"]),
    ("sumber-daya", ["sumber-daya-segar", "sumber-daya-lama"]),
    ("kpm-aktif", ["dikunjungi-30-hari", "belum-30-hari"]),
    ("komitmen-dinilai", ["komitmen-terpenuhi", "komitmen-belum"]),
)


@pytest.mark.parametrize("name", ASKERS)
def test_parts_sum_to_their_whole(busy_town, name):
    for lens in lenses(busy_town, vars(busy_town.users)[name]):
        values = values_of(FIGURES, lens)
        for whole, parts in WHOLE_AND_PARTS:
            assert {FIGURES[slug].share_of for slug in parts} == {whole}
            assert values[whole] == sum(values[slug] for slug in parts), (whole, lens)
        for slug, figure in FIGURES.items():
            assert not figure.share_of or values[slug] <= values[figure.share_of], (slug, lens)


def test_every_sub_role_and_every_indicator_can_be_told_apart(busy_town):
    lens = Lens(busy_town.users.officer, busy_town.today, busy_town.month)
    by_code = values_by(["kegiatan"], lens, by_sub_role)
    assert {code: values["kegiatan"] for code, values in by_code.items()} == {
        "FAS-1": 3,
        "EDU-1": 3,
        "REP-1": 2,
        "TEK-1": 1,
    }
    levels = [f"tingkat-{level}" for level in (1, 2, 3, 4)]
    at_level = {
        code: tuple(values.values()) for code, values in values_by(levels, lens, by_indicator).items()
    }
    assert at_level["A1"] == (2, 1, 2, 1)
    assert at_level["B2"] == (1, 2, 1, 0)


def test_the_figures_of_the_area_are_these(busy_town):
    """Counted by hand from the story in conftest.py and work.py."""
    town = busy_town
    assert values_of(FIGURES, Lens(town.users.officer, town.today, town.month, indicator="A1")) == {
        "kpm-aktif": 10,
        "kpm-tanpa-pemegang": 0,
        "kpm-dinonaktifkan": 0,
        **dict.fromkeys(BY_REASON, 0),
        "dikunjungi-30-hari": 2,
        "belum-30-hari": 8,
        "belum-60-hari": 6,
        "belum-90-hari": 5,
        "langkah-terlambat": 6,
        "kpm-dikunjungi": 3,
        "kunjungan": 4,
        "tidak-bertemu": 1,
        "kegiatan": 9,
        "susulan": 0,
        "kegiatan-fasilitasi": 3,
        "kegiatan-edukasi": 3,
        "kegiatan-representasi": 2,
        "kegiatan-teknis": 1,
        **{f"rhk-{number}": 0 for number in (1, 5, 6, 7, 8, 9)},
        "rhk-2": 4,
        "rhk-3": 3,
        "rhk-4": 2,
        "rhk-tanpa": 0,
        "p2k2-rencana": 2,
        "p2k2": 2,
        "p2k2-anggota": 4,
        "p2k2-hadir": 3,
        "komitmen-dinilai": 3,
        "komitmen-terpenuhi": 2,
        "komitmen-belum": 1,
        "graduasi": 2,
        "kembali-rentan": 1,
        "cek-12-bulan": 3,
        "bertahan-12-bulan": 1,
        "janji-ditepati": 1,
        "advokasi-berjalan": 0,
        "kasus-terbuka": 4,
        "kasus-terlambat": 2,
        "kasus-baru": 3,
        "kasus-diputus": 1,
        "pelatihan": 1,
        "pelatihan-undangan": 4,
        "pelatihan-hadir": 3,
        "asesmen": 6,
        "asesmen-ulang": 3,
        "naik": 1,
        "tetap": 1,
        "turun": 1,
        "kpm-akhir-bulan": 10,
        "akhir-bulan-dinilai": 6,
        "akhir-bulan-dikunjungi": 2,
        "akhir-bulan-belum-30": 8,
        "akhir-bulan-belum-60": 6,
        "akhir-bulan-belum-90": 5,
        "tingkat": 6,  # one family moved away since it was assessed
        "tingkat-1": 2,
        "tingkat-2": 1,
        "tingkat-3": 2,
        "tingkat-4": 1,
        "perlu-dibantu": 3,
        "tujuan-berjalan": 4,
        "tujuan-terlambat": 3,
        "tujuan-ditutup": 3,
        "tujuan-tercapai": 2,
        "rujukan": 3,
        **{f"rujukan-{state}": 0 for state in Referral.State.values},
        "rujukan-direncanakan": 1,
        "rujukan-diajukan": 1,
        "rujukan-selesai": 1,
        "rujukan-berakhir": 1,
        **{f"rujukan-berakhir-{state}": 0 for state in ("ditolak", "gagal", "dibatalkan")},
        "rujukan-berakhir-selesai": 1,
        "rujukan-terbuka": 4,
        **{f"rujukan-terbuka-{state}": number for state, number in OPEN_REFERRALS.items()},
        **{f"rujukan-terbuka-{age}": number for age, number in _open_by_age(town).items()},
        "rujukan-dijawab": 2,
        "rujukan-lama-jawab": (town.month - town.last_month).days / 2,
        **dict.fromkeys(("bantuan-dicek", "bantuan-cair", "bantuan-belum-cair", "bantuan-bermasalah"), 0),
        "bantuan-belum-dicek": 10,
        "sumber-daya": 3,
        "sumber-daya-segar": 1,
        "sumber-daya-lama": 2,
        **dict.fromkeys(("pendamping-aktif", "tanpa-kiriman-3-hari", "tanpa-kiriman-7-hari"), 0),
        "laporan": 0,
        **{f"laporan-{state}": 0 for state in MonthlyReport.State.values},
        **{slug: 0 for slug in FIGURES if slug.startswith("lapor-")},
        **dict.fromkeys(("wajib-lapor", "lapor-belum", "lapor-belum-masuk"), 2),  # Ani and Budi
    }


def test_a_month_keeps_its_own_figures(town):
    values = values_of(FIGURES, Lens(town.users.ani, town.today, town.last_month))
    assert values["kunjungan"] == 2
    assert values["kpm-dikunjungi"] == 2
    assert values["tidak-bertemu"] == 1
    assert values["kegiatan"] == 3
    assert values["kpm-aktif"] == 8  # of now, whatever the month


def test_after_a_handover_the_work_stays_with_its_author_and_the_family_goes(town):
    ani = values_of(FIGURES, Lens(town.users.ani, town.today, town.month))
    budi = values_of(FIGURES, Lens(town.users.budi, town.today, town.month))
    assert (ani["kegiatan"], budi["kegiatan"]) == (9, 0)
    assert (ani["p2k2-hadir"], budi["p2k2-hadir"]) == (3, 0)
    assert (ani["kpm-aktif"], budi["kpm-aktif"]) == (8, 2)
    assert (ani["langkah-terlambat"], budi["langkah-terlambat"]) == (5, 1)


def test_after_a_move_the_work_stays_in_the_area_of_the_day_and_the_family_goes(town):
    here = values_by(splittable("area"), Lens(town.users.camat, town.today, town.month), by_area(10))
    assert here[KEBON_JAYANTI]["kpm-dikunjungi"] == 3
    assert here[SUKAPURA]["kpm-dikunjungi"] == 3
    assert here[SUKAPURA]["kpm-aktif"] == 3
    per_rw = values_by(["kunjungan"], Lens(town.users.officer, town.today, town.month), by_rw)
    assert sum(values["kunjungan"] for values in per_rw.values()) == 3  # the family that moved has no RW here


def test_a_lens_never_widens_what_its_asker_counts(town):
    for asker in (town.users.officer, town.users.camat, town.users.ani):
        lens = Lens(asker, town.today, town.month, area=OTHER_KOTA)
        assert set(values_of(FIGURES, lens).values()) == {0, None}


def test_figures_need_a_handful_of_queries(town):
    """Of all sources together, however many figures they have."""
    lens = Lens(town.users.kota, town.today, town.month)
    rhk_in(town.month), term_of(town.month), due_on(town.month)  # kept for a minute
    with count_queries() as all_at_once:
        values_of(FIGURES, lens)
    with count_queries() as by_each:
        values_by(splittable("pendamping"), lens, by_pendamping)
    assert max(len(all_at_once), len(by_each)) <= 6 < len({figure.source for figure in FIGURES.values()})


def test_the_author_of_a_visit_sees_only_the_number_of_a_family_handed_over(town):
    rows = rows_opened(FIGURES["kunjungan"], Lens(town.users.ani, town.today, town.month))
    gone = [row for row in rows if row["family"] is None]
    assert len(gone) == 2
    assert all(town.canary not in str(row) for row in gone)


def test_admin_counts_nothing(town):
    lens = Lens(town.users.admin, town.today, town.month)
    assert set(values_of(FIGURES, lens).values()) == {0, None}


def test_p2k2_by_kelompok_is_as_large_as_its_rows(town):
    slugs = [slug for slug in FIGURES if slug.startswith("p2k2")]
    group = Group.objects.get(pendamping=town.users.ani)
    lens = Lens(town.users.camat, town.today, town.month, group_id=group.pk)
    values = values_of(slugs, lens)
    assert values == {slug: len(rows_opened(FIGURES[slug], lens)) for slug in slugs}
    assert (values["p2k2-rencana"], values["p2k2"], values["p2k2-hadir"]) == (
        2,
        2,
        2,
    )  # one family is Budi's now


def test_a_graduation_counts_for_its_proposer_where_and_when_it_was_approved(town):
    ani, budi, camat = (
        Lens(vars(town.users)[name], town.today, town.month) for name in ("ani", "budi", "camat")
    )
    slugs = ["graduasi", "bertahan-12-bulan", "cek-12-bulan"]
    assert values_of(slugs, ani) == {"graduasi": 2, "bertahan-12-bulan": 1, "cek-12-bulan": 3}
    assert values_of(slugs, budi)["graduasi"] == 0  # holds one of the families now
    assert values_of(slugs, camat)["graduasi"] == 3
    by_proposer = values_by(slugs, camat, by_pendamping)
    assert by_proposer[town.users.ani.pk] == values_of(slugs, ani)  # the koordinator sees what she sees
    last_year = Lens(town.users.ani, town.today, town.month.replace(year=town.month.year - 1))
    assert values_of(slugs, last_year) == {"graduasi": 2, "bertahan-12-bulan": 0, "cek-12-bulan": 0}


def test_the_target_is_ten_for_each_pendamping(town):
    def target(lens):
        found = coverage_of(values_of(["graduasi"], lens), lens).get("graduasi")
        return found and found.target

    ani, camat = (Lens(vars(town.users)[name], town.today, town.month) for name in ("ani", "camat"))
    assert target(ani) == target(replace(camat, pendamping_id=town.users.ani.pk)) == 10
    assert target(camat) == 30  # Ani, Budi and Citra
    assert target(replace(ani, rw=5)) is None
    before = Lens(town.users.ani, town.today, town.month.replace(year=2024))
    assert target(before) is None
