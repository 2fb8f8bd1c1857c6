import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kpm.payments import term_of
from reports.figures import FIGURES
from reports.figures.declared.rhk import rhk_in
from reports.figures.headlines import RULES
from reports.figures.rollups import counting
from reports.figures.views.dashboard import IN_ROLES, OF_AREA, OF_PEOPLE, TOPICS, TREND
from reports.figures.views.lens import MONTHS_OFFERED
from reports.models import due_on
from tests.factories import KEBON_JAYANTI, SUKAPURA

from .conftest import NEXT_KECAMATAN, OTHER_KOTA, add_user

DASHBOARD = "/dasbor/"
NUMBER = re.compile(
    r'<a[^>]*href="(/dasbor/angka/[^"]+)"[^>]*>\s*(?:<span class="stat__num">)?([0-9.]+)(?!,)'
)
MORE = re.compile(r'<a class="btn[^"]*" href="([^"]+)" hx-get')
ROW = '<li class="row">'


def rows_url(slug):
    return reverse("reports:figure_rows", args=[slug])


def numbers_of(page):
    """Every number of a page that can be pressed, as (address, int)."""
    return [
        (unescape(url), int(number.replace(".", ""))) for url, number in NUMBER.findall(page.content.decode())
    ]


def rows_behind(client, url):
    """How many rows a person counts who presses the number and then `Muat lagi` to the end."""
    count = 0
    while url:
        page = client.get(url).content.decode()
        count += page.count(ROW)
        more = MORE.search(page)
        url = unescape(more[1]) if more else None
    return count


def queries_of(client, url, **query):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, query)
    assert response.status_code == 200
    return len(queries)


def in_topics(*topics):
    return {slug for _, _, slugs in topics for slug in slugs}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("ani", ()),
        ("officer", OF_AREA),
        ("camat", OF_AREA + OF_PEOPLE),
        ("kota", OF_AREA + OF_PEOPLE),
    ],
)
def test_every_number_on_the_dashboard_opens_as_many_rows(client, busy_town, monkeypatch, name, more):
    monkeypatch.setattr("reports.figures.queries.PAGE", 3)
    client.force_login(vars(busy_town.users)[name])
    page = client.get(DASHBOARD)
    numbers = numbers_of(page)
    opened = {url.split("/")[3] for url, _ in numbers}
    told = in_topics(*TOPICS, *more) | {*IN_ROLES, *TREND}
    assert told - opened <= {"rujukan-lama-jawab"}  # where nobody answered there is no number
    # The need that is served worst, what a headline tells, and what stood at the end of an earlier month.
    assert opened - told <= {"perlu-dibantu", "akhir-bulan-belum-90", *(rule.slug for rule in RULES)}
    for url, number in dict(numbers).items():
        if "rujukan-lama-jawab" not in url:
            assert rows_behind(client, url) == number, url


def test_a_koordinator_goes_down_from_kota_to_kecamatan_to_kelurahan(client, town):
    client.force_login(town.users.kota)
    kota = client.get(DASHBOARD).content.decode()
    assert "wilayah=327316" in kota
    assert "wilayah=327401" not in kota
    kecamatan = client.get(DASHBOARD, {"wilayah": "327316"}).content.decode()
    assert f"wilayah={KEBON_JAYANTI}" in kecamatan
    assert "Per pendamping" in kecamatan
    assert "Nama ani" in kecamatan
    kelurahan = client.get(DASHBOARD, {"wilayah": KEBON_JAYANTI}).content.decode()
    assert "RW 05" in kelurahan
    assert f"wilayah=327316#wilayah-{KEBON_JAYANTI}" in unescape(kelurahan)


def test_the_dashboard_of_one_pendamping_holds_the_figures_she_sees_herself(client, busy_town):
    town = busy_town
    client.force_login(town.users.camat)
    page = client.get(DASHBOARD, {"pendamping": town.users.ani.pk})
    assert "Nama ani" in page.content.decode()
    client.force_login(town.users.ani)
    own, of_her = numbers_of(client.get(DASHBOARD)), f"&pendamping={town.users.ani.pk}"
    seen = {url.replace(of_her, ""): number for url, number in numbers_of(page) if "dari=" not in url}
    assert seen == {url: number for url, number in own if "dari=" not in url}
    assert len(seen) > 30


def test_kelurahan_staff_see_their_rws_and_no_pendamping(client, town):
    client.force_login(town.users.officer)
    page = client.get(DASHBOARD).content.decode()
    assert "RW 05" in page
    assert "Per pendamping" not in page
    assert "Nama ani" not in page


def test_an_admin_sees_accounts_areas_and_master_data_only(client, town):
    client.force_login(town.users.admin)
    response = client.get(DASHBOARD)
    page = response.content.decode()
    assert "Akun aktif" in page
    assert town.canary not in page
    assert not numbers_of(response)
    assert client.get(rows_url("kpm-aktif")).status_code == 404


@pytest.mark.parametrize("path", [DASHBOARD, *(rows_url(slug) for slug in FIGURES)])
def test_what_is_not_the_askers_is_not_there(town, path):
    clients = {name: Client() for name in ("camat", "officer", "ani")}
    for name, client in clients.items():
        client.force_login(vars(town.users)[name])
    for name, query in (
        ("camat", {"wilayah": NEXT_KECAMATAN}),
        ("camat", {"wilayah": "3273"}),  # above the own area
        ("camat", {"wilayah": "3273169999"}),  # below it, but no such place
        ("camat", {"wilayah": "327"}),
        ("camat", {"wilayah": "327316%"}),
        ("camat", {"rw": "5"}),  # RW 5 of which kelurahan?
        ("camat", {"wilayah": KEBON_JAYANTI, "rw": "\u0661"}),
        ("camat", {"pendamping": town.users.dedi.pk}),
        ("camat", {"pendamping": town.users.admin.pk}),
        ("camat", {"pendamping": "9" * 30}),
        ("officer", {"wilayah": SUKAPURA}),
        ("officer", {"pendamping": town.users.ani.pk}),
        ("ani", {"wilayah": OTHER_KOTA}),
        ("ani", {"pendamping": town.users.budi.pk}),
    ):
        assert clients[name].get(path, query).status_code == 404, (name, query)


def test_an_unknown_figure_is_not_there_and_an_unknown_place_in_a_list_is_its_beginning(client, town):
    client.force_login(town.users.camat)
    assert client.get(rows_url("rahasia")).status_code == 404
    whole = client.get(rows_url("kegiatan")).context["rows"]
    for after in ("x", "2026-11-01~", "\x00", "2026-11-01~PKH-00001"):
        assert client.get(rows_url("kegiatan"), {"sesudah": after}).context["rows"] == whole, after


def test_kelurahan_staff_get_no_word_of_a_family(client, busy_town):
    town = busy_town
    client.force_login(town.users.officer)
    for slug in FIGURES:
        for month in ("", f"{town.last_month:%Y-%m}"):
            with CaptureQueriesContext(connection) as queries:
                page = client.get(rows_url(slug), {"bulan": month}).content.decode()
            for secret in (town.canary, "Nama ani", "/kpm/PKH", "/kegiatan/0"):
                assert secret not in page, (slug, secret)
            asked = " ".join(query["sql"] for query in queries)
            for column in (
                'household"."name"',
                "address",
                '"rt"',
                '"notes"',
                'activity"."outcome"',
                '"next_step"',
                '"place"',
                '"wish"',
                '"why"',
                '"need"',
                '"title"',
            ):
                assert column not in asked, (slug, column)
    assert "PKH-" in client.get(rows_url("kpm-aktif")).content.decode()


def test_a_koordinator_reads_names_of_families_that_are_in_the_area_today(client, town):
    client.force_login(town.users.camat)
    page = client.get(rows_url("kpm-dikunjungi"), {"wilayah": KEBON_JAYANTI}).content.decode()
    assert f"{town.canary} nama 1<" in page
    assert "/kpm/PKH-00001/" in page


def test_a_family_handed_over_is_only_a_number_to_the_former_pendamping(client, town):
    client.force_login(town.users.ani)
    page = client.get(rows_url("kpm-dikunjungi")).content.decode()
    assert "PKH-00011" in page
    assert "/kpm/PKH-00011/" not in page
    assert f"{town.canary} nama 11" not in page


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00", "0000-01", "abc", "2026-1", "9999-12", "2026-11-01", "-1", "\uff12026-11", "\x00"],
)
def test_a_month_that_is_none_is_this_month(client, town, text):
    client.force_login(town.users.officer)
    for path in (DASHBOARD, rows_url("kegiatan")):
        response = client.get(path, {"bulan": text})
        assert response.status_code == 200
        assert f'value="{town.month:%Y-%m}" selected' in response.content.decode()


def test_the_months_of_a_year_can_be_chosen_and_an_older_one_by_its_address(client, town):
    client.force_login(town.users.officer)
    assert client.get(DASHBOARD).content.decode().count("<option") == MONTHS_OFFERED
    old = client.get(DASHBOARD, {"bulan": "2019-05"}).content.decode()
    assert 'value="2019-05" selected' in old
    assert old.count("<option") == MONTHS_OFFERED + 1


def test_going_back_keeps_the_place(client, town):
    client.force_login(town.users.kota)
    month = f"{town.last_month:%Y-%m}"
    for query, place, anchor in (
        ({}, {}, "kegiatan"),
        ({"wilayah": "327316"}, {"wilayah": ["327316"]}, "kegiatan"),
        ({"wilayah": "327316", "dari": "wilayah"}, {"wilayah": ["3273"]}, "wilayah-327316"),
        ({"wilayah": KEBON_JAYANTI, "rw": "5", "dari": "rw"}, {"wilayah": [KEBON_JAYANTI]}, "rw-5"),
        ({"pendamping": town.users.ani.pk, "dari": "pendamping"}, {}, f"pendamping-{town.users.ani.pk}"),
        ({"dari": "//evil"}, {}, "kegiatan"),
    ):
        page = client.get(rows_url("kegiatan"), {"bulan": month, **query}).content.decode()
        back = urlsplit(unescape(re.search(r'class="back" href="([^"]+)"', page)[1]))
        assert back.path == DASHBOARD
        assert parse_qs(back.query) == {"bulan": [month], **place}
        assert back.fragment == anchor


def test_a_figure_is_narrowed_to_an_indicator_or_a_sub_role_that_it_tells_apart(client, busy_town):
    client.force_login(busy_town.users.officer)
    page = client.get(rows_url("tingkat-1"), {"indikator": "B2"}).content.decode()
    assert "Tabungan dan dana darurat" in page
    assert page.count(ROW) == 1
    assert page.count('class="level level--1"') == 1
    first = client.get(
        rows_url("perlu-dibantu")
    ).content.decode()  # of the first indicator, where none is named
    assert "Kecukupan pendapatan" in first
    assert first.count(ROW) == 3
    page = client.get(rows_url("kegiatan"), {"sub_peran": "REP-1"}).content.decode()
    assert "Memperoleh sumber daya" in page
    assert page.count(ROW) == 2
    for slug, query in (
        ("tingkat-1", {"indikator": "Z9"}),
        ("kegiatan", {"indikator": "A1"}),
        ("kegiatan", {"sub_peran": "XXX"}),
        ("kpm-aktif", {"sub_peran": "REP-1"}),
    ):
        assert client.get(rows_url(slug), query).status_code == 404, (slug, query)


def test_rows_lead_to_what_they_tell_of(client, busy_town):
    for name, slug, way in (
        ("ani", "asesmen", "/asesmen/"),
        ("ani", "tujuan-berjalan", "/tujuan/"),
        ("camat", "tujuan-tercapai", "/tujuan/"),
        ("camat", "rujukan-lama-jawab", "/rujukan/"),
        ("ani", "pelatihan", "/pelatihan/"),
        ("camat", "pelatihan-hadir", "/kpm/"),
        ("ani", "perlu-dibantu", "/kpm/"),
        ("officer", "sumber-daya-lama", "/sumber-daya/"),
    ):
        client.force_login(vars(busy_town.users)[name])
        links = re.findall(r'row__link" href="([^"]+)"', client.get(rows_url(slug)).content.decode())
        assert links, slug
        for link in links:
            assert link.startswith(way), (slug, link)
            assert client.get(link).status_code == 200, (slug, link)


def test_the_middle_of_the_days_is_told_with_its_half(client, busy_town):
    client.force_login(busy_town.users.ani)
    days = (busy_town.month - busy_town.last_month).days
    words = f"{days // 2},5" if days % 2 else str(days // 2)
    page = client.get(rows_url("rujukan-lama-jawab")).content.decode()
    assert f'<p class="stat__num">{words}</p>' in page


def test_every_figure_says_what_it_means(client, town):
    for user in vars(town.users).values():
        client.force_login(user)
        page = client.get("/dasbor/arti/").content.decode()
        for figure in FIGURES.values():
            assert f'id="{figure.slug}"' in page
            assert figure.source.period.words in page


def test_htmx_fills_in_the_next_rows_only(client, town, monkeypatch):
    monkeypatch.setattr("reports.figures.queries.PAGE", 3)
    client.force_login(town.users.camat)
    first = client.get(rows_url("kpm-aktif")).content.decode()
    response = client.get(
        unescape(MORE.search(first)[1]), headers={"HX-Request": "true", "HX-Target": "figure-rows"}
    )
    part = response.content.decode()
    assert "<html" not in part
    assert part.count(ROW) == 3


def test_an_empty_place_says_what_to_do(client, bare_town):
    for duty, words in (
        ("pendamping", "Tambah KPM"),
        ("koordinator", "Kirim daftar KPM"),
        ("kelurahan", "pendamping mencatat"),
    ):
        client.force_login(add_user(f"baru_{duty}", duty, KEBON_JAYANTI))
        page = client.get(DASHBOARD).content.decode()
        assert ("Mulai dari daftar" if duty == "koordinator" else "Belum ada angka di sini") in page
        assert words in page
        assert "semua KPM aktif sudah dikunjungi" in client.get(rows_url("belum-90-hari")).content.decode()


def test_more_families_pendamping_and_areas_cost_no_more_queries(client, town, monkeypatch):
    """Grouped queries only: the same count before and after the town doubles."""
    urls = [
        (DASHBOARD, {}),
        (DASHBOARD, {"wilayah": KEBON_JAYANTI}),
        *((rows_url(slug), {}) for slug in FIGURES),
    ]
    client.force_login(town.users.kota)
    # What is kept for a minute is read once and kept all along, or the first to ask would seem to cost more.
    monkeypatch.setattr("pkh_casework.dated._this_minute", lambda: 0)
    rhk_in(town.month), counting(), term_of(town.month), due_on(town.month)
    for _, query in urls[:2]:
        client.get(DASHBOARD, query)
    before = [queries_of(client, url, **query) for url, query in urls]
    for number in range(8):
        extra = add_user(f"extra{number}", "pendamping", KEBON_JAYANTI)
        families = [town.household(extra, rw=number + 1, visited=number * 20) for _ in range(3)]
        town.activity(extra, *families, step_due=town.last_month)
        town.activity(extra, families[0], met=False)
        town.household(extra, SUKAPURA)
    assert [queries_of(client, url, **query) for url, query in urls] == before
    assert max(before[:2]) <= 60
    assert max(before[2:]) <= 12


def test_no_target_stands_beside_the_graduations_of_one_rw(client, town):
    client.force_login(town.users.camat)
    narrowed = {"wilayah": KEBON_JAYANTI, "rw": "5"}
    assert "Target wilayah setahun" in client.get(DASHBOARD).content.decode()
    assert "Target wilayah setahun" not in client.get(DASHBOARD, narrowed).content.decode()


def test_too_many_pendamping_are_compared_one_area_at_a_time(client, town, monkeypatch):
    monkeypatch.setattr("reports.figures.queries.MOST_COLLEAGUES", 2)
    client.force_login(town.users.kota)
    page = client.get(DASHBOARD).content.decode()
    assert "Nama ani" not in page
    assert "Ada lebih dari" in page and "Pilih wilayah yang lebih kecil" in page
    assert "Nama ani" in client.get(DASHBOARD, {"wilayah": KEBON_JAYANTI}).content.decode()
