import pytest

from kpm.models import Group
from reports import queries
from reports.figures import FIGURES
from reports.queries import figure_page, graduation_target
from reports.rhk import rhk_in
from reports.sources import Lens
from reports.values import by_area, by_pendamping, by_rw, values_by, values_of
from tests.factories import KEBON_JAYANTI, SUKAPURA

from .conftest import OTHER_KOTA

ASKERS = ("ani", "budi", "citra", "dedi", "far", "officer", "camat", "kota")


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


def lenses(town, asker):
    """Every way to narrow: months, areas below the own one, RWs of a kelurahan, pendamping."""
    people = [None, *(vars(town.users)[name].pk for name in ("ani", "budi", "citra"))]
    below = [code for code in ("327316", KEBON_JAYANTI, SUKAPURA) if code.startswith(asker.wilayah_id)]
    for month in (town.month, town.last_month):
        for area in ("", *below):
            for rw in (None, 5, 7) if len(area or asker.wilayah_id) == 10 else (None,):
                for person in people if asker.is_koordinator and not rw else (None,):
                    yield Lens(asker, town.today, month, area, rw, person)


@pytest.mark.parametrize("name", ASKERS)
def test_every_figure_is_as_large_as_the_list_behind_it(town, small_pages, name):
    for lens in lenses(town, vars(town.users)[name]):
        values = values_of(FIGURES, lens)
        for slug, figure in FIGURES.items():
            rows = rows_opened(figure, lens)
            assert values[slug] == len(rows) == len({row["key"] for row in rows}), (slug, lens)


@pytest.mark.parametrize("name", ASKERS)
def test_every_number_of_a_table_is_as_large_as_the_list_behind_it(town, small_pages, name):
    asker = vars(town.users)[name]
    slugs = [slug for slug, figure in FIGURES.items() if figure.source.rw]
    for month in (town.month, town.last_month):
        lens = Lens(asker, town.today, month)
        for digits in (4, 6, 10):
            for area, values in values_by(FIGURES, lens, by_area(digits)).items():
                narrowed = Lens(asker, town.today, month, area=area)
                assert values == {slug: len(rows_opened(f, narrowed)) for slug, f in FIGURES.items()}, area
        for person, values in values_by(FIGURES, lens, by_pendamping).items():
            narrowed = Lens(asker, town.today, month, pendamping_id=person)
            assert values == {slug: len(rows_opened(f, narrowed)) for slug, f in FIGURES.items()}, person
        for area in (KEBON_JAYANTI, SUKAPURA):
            if area.startswith(asker.wilayah_id):
                for rw, values in values_by(slugs, Lens(asker, town.today, month, area), by_rw).items():
                    narrowed = Lens(asker, town.today, month, area, rw)
                    assert values == {slug: len(rows_opened(FIGURES[slug], narrowed)) for slug in slugs}, rw


def test_the_figures_of_the_area_are_these(town):
    """Counted by hand from the story in conftest.py."""
    assert values_of(FIGURES, Lens(town.users.officer, town.today, town.month)) == {
        "kpm-aktif": 10,
        "dikunjungi-30-hari": 2,
        "belum-30-hari": 8,
        "belum-60-hari": 6,
        "belum-90-hari": 5,
        "langkah-terlambat": 6,
        "kpm-dikunjungi": 3,
        "kunjungan": 4,
        "tidak-bertemu": 1,
        "kegiatan": 9,
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
        "graduasi": 2,
        "kembali-rentan": 1,
        "cek-12-bulan": 3,
        "bertahan-12-bulan": 1,
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
    here = values_by(FIGURES, Lens(town.users.camat, town.today, town.month), by_area(10))
    assert here[KEBON_JAYANTI]["kpm-dikunjungi"] == 3
    assert here[SUKAPURA]["kpm-dikunjungi"] == 3
    assert here[SUKAPURA]["kpm-aktif"] == 3
    per_rw = values_by(["kunjungan"], Lens(town.users.officer, town.today, town.month), by_rw)
    assert sum(values["kunjungan"] for values in per_rw.values()) == 3  # the family that moved has no RW here


def test_a_lens_never_widens_what_its_asker_counts(town):
    for asker in (town.users.officer, town.users.camat, town.users.ani):
        lens = Lens(asker, town.today, town.month, area=OTHER_KOTA)
        assert set(values_of(FIGURES, lens).values()) == {0}


def test_figures_need_one_query_per_source(town, django_assert_num_queries):
    lens = Lens(town.users.kota, town.today, town.month)
    rhk_in(town.month)  # kept for a minute
    with django_assert_num_queries(10):
        values_of(FIGURES, lens)
    with django_assert_num_queries(10):
        values_by(FIGURES, lens, by_pendamping)


def test_the_author_of_a_visit_sees_only_the_number_of_a_family_handed_over(town):
    rows = rows_opened(FIGURES["kunjungan"], Lens(town.users.ani, town.today, town.month))
    gone = [row for row in rows if row["family"] is None]
    assert len(gone) == 2
    assert all(town.canary not in str(row) for row in gone)


def test_admin_counts_nothing(town):
    lens = Lens(town.users.admin, town.today, town.month)
    assert set(values_of(FIGURES, lens).values()) == {0}


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
    ani, camat = (Lens(vars(town.users)[name], town.today, town.month) for name in ("ani", "camat"))
    assert graduation_target(ani) == graduation_target(camat, town.users.ani) == 10
    assert graduation_target(camat) == 30  # Ani, Budi and Citra
    before = Lens(town.users.ani, town.today, town.month.replace(year=2024))
    assert graduation_target(before) is None
