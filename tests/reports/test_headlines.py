"""The first words of a dashboard: the worst first, where most of it is, and that all is well when it is."""

from datetime import date

import pytest

from accounts.models import User
from reports.figures import FIGURES, Lens
from reports.figures.headlines import RULES, Part, headlines, watched
from reports.figures.views.first import OVERDUE_CASES, STUCK

TODAY = date(2026, 11, 18)
WHOLES = {
    "kpm-aktif": 200,
    "kasus-terbuka": 4,
    "wajib-lapor": 10,
    "komitmen-dinilai": 100,
    "asesmen-ulang": 40,
}
ZEROS = {rule.slug: 0 for rule in RULES} | {"naik": 0} | WHOLES
LATE_SLUGS = ("lapor-belum-masuk", "wajib-lapor", "komitmen-belum", "komitmen-dinilai")


def said(month=date(2026, 11, 1), parts=(), **found):
    """(sentences, what is fine) where the figures are as `found`, with _ for -."""
    values = ZEROS | {slug.replace("_", "-"): value for slug, value in found.items()}
    late = {slug: values[slug] for slug in LATE_SLUGS}
    lens = Lens(User(duty="koordinator", wilayah_id="327316"), TODAY, month)
    told, fine = headlines(lens, values, late, parts, [])
    return [one.sentence for one in told], fine


def rw(number, slug, value):
    return Part("rw", number, f"RW {number:02}", {slug: value})


def test_all_well_is_said_with_what_was_looked_at(db):
    told, fine = said()
    assert not told
    assert "semua keluarga sudah dikunjungi dalam 90 hari" in fine


def test_the_worst_comes_first_by_its_share_of_the_whole(db):
    told, _ = said(belum_90_hari=91, bantuan_bermasalah=3, lapor_belum_masuk=2)
    assert told == [
        "91 keluarga lebih dari 90 hari belum dikunjungi.",
        "2 laporan Oktober 2026 belum masuk.",
        "3 keluarga bantuannya macet pada Tahap 4 2026.",
    ]


def test_what_costs_somebody_every_day_comes_before_all_shares(db):
    told, _ = said(belum_90_hari=199, kasus_terlambat=1)
    assert told[0] == "1 kasus sudah lewat batas waktunya."


@pytest.mark.parametrize(
    ("numbers", "end"),
    [
        ((54, 20, 17), ", 54 di RW 01."),
        ((30, 31, 30), ", terbanyak 31 di RW 02."),
        ((0, 91, 0), ", semuanya di RW 02."),
        ((20, 22, 19, 15, 15), "belum dikunjungi."),  # about as many everywhere
        ((91,), "belum dikunjungi."),  # one place alone is the whole
    ],
)
def test_where_most_of_it_is(db, numbers, end):
    parts = [rw(number, "belum-90-hari", value) for number, value in enumerate(numbers, 1)]
    told, _ = said(belum_90_hari=91, parts=parts)
    assert told[0].endswith(end)


def test_falling_levels_press_only_where_more_fell_than_rose(db):
    assert "asesmen" in said(turun=9, naik=5)[0][0]
    assert said(turun=5, naik=9)[0] == []


def test_sixty_days_are_no_news_where_ninety_are(db):
    assert len(said(belum_90_hari=5, belum_60_hari=20)[0]) == 1
    assert "60 hari" in said(belum_60_hari=20)[0][0]


def test_a_few_commitments_that_are_not_kept_are_no_headline(db):
    assert said(komitmen_belum=9)[0] == []
    assert said(komitmen_belum=10)[0] == ["10 komitmen Oktober 2026 belum terpenuhi."]


def test_a_month_that_is_over_tells_of_its_last_day(db):
    told, _ = said(date(2026, 9, 1), akhir_bulan_belum_90=7, belum_90_hari=50, lapor_belum_masuk=1)
    assert told == [
        "1 laporan September 2026 belum masuk.",
        "7 keluarga pada 30 Sep 2026 lebih dari 90 hari belum dikunjungi.",
    ]


def test_reports_are_not_missed_before_they_are_due(db):
    lens = Lens(User(duty="koordinator", wilayah_id="327316"), date(2026, 11, 1), date(2026, 11, 1))
    assert "lapor-belum-masuk" not in watched(lens)[1]
    assert "lapor-belum-masuk" in watched(Lens(lens.user, TODAY, date(2026, 11, 1)))[1]


def test_each_rule_watches_a_figure_and_all_that_it_compares(db):
    for rule in RULES:
        assert rule.slug in FIGURES
        for other in (rule.beyond, rule.milder_than):
            assert not other or other in FIGURES


@pytest.mark.parametrize("action", [STUCK, OVERDUE_CASES], ids=["stuck", "overdue"])
def test_an_action_opens_its_list_narrowed_to_what_it_is_about(client, town, action):
    client.force_login(town.users.camat)
    _, url = action(None, None, None)
    asked = url.partition("?keadaan=")[2]
    assert asked and client.get(url).context["chosen"] == asked
