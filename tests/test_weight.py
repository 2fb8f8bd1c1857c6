"""What a page weighs on the way to a phone: compressed, first with everything it links to, later alone (C8)."""

import gzip
import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import timezone

from tests.factories import (
    ActivityFactory,
    GroupFactory,
    HouseholdFactory,
    MemberComponentFactory,
    MemberFactory,
    UserFactory,
)

KB = 1000
DOOR, FIRST, AFTER = 20 * KB, 60 * KB, 15 * KB
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


@pytest.fixture
def caseload(db):
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
        "/kegiatan/catat/",
        "/kegiatan/catat/?kpm={case}",
        "/kegiatan/catat/?kelompok={group}",
    ],
)
def test_the_pages_of_the_day_are_light(client, caseload, path):
    pendamping, families = caseload
    client.force_login(pendamping)

    first, after = sizes(client, path.format(case=families[0].case_number, group=families[0].group_id))

    assert first <= FIRST
    assert after <= AFTER


def test_no_file_brings_another_that_would_not_be_weighed():
    for path in (settings.BASE_DIR / "static").rglob("*.[cj]s*"):
        assert not re.search(r"@import|url\(|import\(|importScripts", path.read_text()), path
