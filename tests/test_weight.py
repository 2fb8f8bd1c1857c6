"""What a page weighs on the way to a phone: compressed, first with everything it links to, later alone (C8)."""

import gzip
import json
import re
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

from kpm.models import Indicator
from tests.factories import (
    BANDUNG,
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    ResourceFactory,
    UserFactory,
    assess,
    plan_session,
)
from tests.programmes import LEVELS, join, make_programme
from tests.worlds import made_once
from wilayah.models import Boundary, Wilayah

KB = 1000
DOOR, FIRST, AFTER = 20 * KB, 60 * KB, 15 * KB
MAP, OUTLINES = 130 * KB, 27 * KB  # the outlines of a kota with 151 kelurahan, as heavy as a real file's
KELURAHAN, POINTS = 151, 36  # of that kota, and of each outline
HEADERS = 500  # of each answer, about
FIRST_NAMES = (
    "Aas", "Cucu", "Dedeh", "Euis", "Iis", "Lilis", "Neneng", "Nining", "Tati", "Titin", "Wati", "Yayah", "Kokom",
    "Imas", "Entin", "Oneng", "Popon", "Rokayah", "Sumiati", "Yeyet",
)  # fmt: skip
LAST_NAMES = (
    "Rohaeti", "Suhartini", "Kurniasih", "Komariah", "Sumarni", "Nurjanah", "Hasanah", "Yuningsih", "Hartati",
    "Supriatin", "Susilawati", "Maryati", "Fatimah", "Rosmiati", "Juariah",
)  # fmt: skip

NOTES = (
    "Melihat warung bersama Ibu; catatan belanja sudah diisi sampai minggu lalu dan untungnya mulai disisihkan.",
    "Anak-anak masuk sekolah seperti biasa. Yang bungsu ditimbang di posyandu, berat naik, imunisasi lengkap.",
    "Mendampingi ke bank: kartu tertelan mesin, sudah diurus dengan surat dari kelurahan, tinggal menunggu.",
)


@pytest.fixture(autouse=True)
def weighed_without_chance(monkeypatch):
    """Django adds up to 100 random bytes to a packed answer; HEADERS holds them too."""
    monkeypatch.setattr(GZipMiddleware, "max_random_bytes", 0)


@made_once
def caseload():
    """A pendamping with 300 families in 15 RW, a third of them due, and one with a long story."""
    pendamping, today = UserFactory(), timezone.localdate()
    groups = [GroupFactory(pendamping=pendamping, name=f"Melati {number}") for number in range(1, 11)]
    families = [
        HouseholdFactory(
            pendamping=pendamping,
            group=groups[number % 10],
            name=f"{first} {last}",
            rw=1 + number % 15,
            rt=1 + number % 7,
            last_visited_on=today - timedelta(days=number % 90),
        )
        for number, (first, last) in enumerate(product(FIRST_NAMES, LAST_NAMES))
    ]
    for number, family in enumerate(families[:60]):
        member = MemberFactory(household=family, name=f"Anak {family.name}")
        MemberComponentFactory(member=member, place=f"SDN {number}")
    for days in range(0, 300, 10):
        ActivityFactory(
            pendamping=pendamping,
            families=families[:1],
            occurred_on=today - timedelta(days=days),
            notes=f"{NOTES[days % 3]} Hari ke-{days}.",
            next_step="Melihat lagi buku tabungan dan catatan warung.",
            next_step_on=today + timedelta(days=days),
        )
    codes = Indicator.objects.values_list("code", flat=True)
    for family in families[:3]:
        for days in (430, 300, 200, 20):
            levels = {code: 1 + (days + number) % 4 for number, code in enumerate(codes)}
            assess(family, levels, on=today - timedelta(days=days))
    return pendamping, families


def sizes(client, url):
    """(bytes of the page with all that it links to, bytes of the page alone), compressed, with headers."""
    response = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 200 and response["Content-Encoding"] == "gzip"
    page = gzip.decompress(response.content).decode()
    linked = set(re.findall(rf'(?:href|src)="{settings.STATIC_URL}([^"#?]+)', page))
    assert linked
    alone = len(response.content) + HEADERS
    return alone + sum(weight_of_file(name) for name in linked), alone


def weight_of_file(name):
    """Bytes of a static file as it is sent, compressed where that makes it smaller."""
    content = Path(finders.find(name)).read_bytes()
    return min(len(content), len(gzip.compress(content))) + HEADERS


def test_the_login_page_is_light(client, db):
    first, _ = sizes(client, "/masuk/")

    assert first <= DOOR


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/kpm/",
        "/kpm/{case}/",
        "/kpm/{case}/kemandirian/",
        "/dasbor/",
        "/dasbor/kesenjangan/",
        "/dasbor/kemandirian/",
        "/kegiatan/catat/",
        "/kegiatan/catat/?kpm={case}",
        "/kegiatan/catat/?kelompok={group}",
        "/asesmen/",
        "/asesmen/{case}/",
        "/asesmen/{case}/?bentuk=lengkap",
        "/instrumen/",
    ],
)
def test_the_pages_of_the_day_are_light(client, caseload, path):
    pendamping, families = caseload
    client.force_login(pendamping)

    first, after = sizes(client, path.format(case=families[0].case_number, group=families[0].group_id))

    assert first <= FIRST
    assert after <= AFTER


@pytest.mark.parametrize(
    "path", ["/pertemuan/{meeting}/hadir/", "/pertemuan/kelompok/{group}/", "/pertemuan/"]
)
def test_a_roll_call_of_thirty_and_the_plan_of_a_year_are_light(client, caseload, path):
    pendamping, families = caseload
    group = families[0].group
    meeting = plan_session(group, on=timezone.localdate())
    client.force_login(pendamping)

    first, after = sizes(client, path.format(meeting=meeting.pk, group=group.pk))

    assert first <= FIRST
    assert after <= AFTER


def test_the_board_of_thirty_families_is_light(client, caseload):
    pendamping, families = caseload
    today = timezone.localdate()
    programme = make_programme(starts_on=today - timedelta(days=90))
    for family in families[10:40]:
        join(family, programme, on=today - timedelta(days=80), today=today)
        assess(family, LEVELS, on=today)
    client.force_login(pendamping)

    first, after = sizes(client, programme.get_absolute_url())

    assert first <= FIRST
    assert after <= AFTER


def test_the_list_of_resources_is_light_and_so_is_its_map(client, caseload):
    pendamping, families = caseload
    for number in range(120):
        ResourceFactory(
            name=f"Pelatihan {FIRST_NAMES[number % 20]} {number}",
            services=["modal", "pelatihan"],
            latitude=-6.92 - number / 10_000,
            longitude=107.64,
        )
    _draw_a_kota()
    client.force_login(pendamping)
    query = f"?kpm={families[0].case_number}"

    first, after = sizes(client, f"/sumber-daya/{query}")
    of_map, _ = sizes(client, f"/sumber-daya/peta/{query}&sekitar={BANDUNG}")

    assert first <= FIRST
    assert after <= AFTER
    assert of_map <= MAP


def test_a_map_to_tap_and_the_map_of_need_are_light(client, caseload):
    pendamping, families = caseload
    resource = ResourceFactory()
    for family in families[:60]:
        assess(family, {"A1": 1}, on=timezone.localdate())
    _draw_a_kota()
    client.force_login(pendamping)

    for path in (
        f"/sumber-daya/{resource.pk}/titik/?sekitar={BANDUNG}",
        f"/kpm/{families[0].case_number}/titik/",
        "/dasbor/kesenjangan/peta/",
    ):
        first, _ = sizes(client, path)
        assert first <= FIRST + OUTLINES


def _draw_a_kota():
    """Outlines for 151 kelurahan of a kota, together as heavy as a real file's."""
    rng = Random(3273)  # noqa: S311  lines need no secrecy
    known = list(Wilayah.objects.kelurahan().under(BANDUNG).values_list("pk", flat=True))
    more = [f"3273901{number:03d}" for number in range(KELURAHAN - len(known))]
    kecamatan = Wilayah.objects.create(
        code="327390", name="Contoh", level=3, parent_id=BANDUNG, search_name="contoh"
    )
    Wilayah.objects.bulk_create(
        Wilayah(
            code=code,
            name=f"Contoh {code}",
            level=4,
            parent=kecamatan,
            search_name=code,
            latitude=-6.9 - number / 2000,
            longitude=107.6,
        )
        for number, code in enumerate(more)
    )
    shapes = []
    for number in range(KELURAHAN):
        at = [107.55 + number % 13 / 80, -6.97 + number // 13 / 90]
        ring = [[round(side + rng.uniform(0, 0.012), 5) for side in at] for _ in range(POINTS)]
        shapes.append({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    assert len(gzip.compress(json.dumps(shapes).encode())) >= OUTLINES
    Boundary.objects.bulk_create(
        Boundary(wilayah_id=code, shape=shape, source="Contoh", dated=timezone.localdate())
        for code, shape in zip([*known, *more], shapes, strict=True)
    )


def test_no_file_brings_another_that_would_not_be_weighed():
    for path in (settings.BASE_DIR / "static").rglob("*.[cj]s*"):
        # A fragment alone is no file.
        assert not re.search(r"@import|url\((?!#)|import\(|importScripts", path.read_text()), path
