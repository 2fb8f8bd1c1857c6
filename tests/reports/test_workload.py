"""Who is far from the middle, and from whom nothing came."""

import inspect
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from entries.models import HeldEntry, Receipt
from pkh_casework.ids import uuid7
from reports.figures import FIGURES, Lens
from reports.figures.declared.people import OF_DESK
from reports.figures.values import values_of
from reports.figures.workload import outliers
from reports.files.operations import export, recap
from reports.monthly.operations import lock, report, susulan

QUIET = ("pendamping-aktif", "tanpa-kiriman-3-hari", "tanpa-kiriman-7-hari")


def person(name, families, late=0, activities=20):
    return SimpleNamespace(name=name), {
        "kpm-aktif": families,
        "belum-60-hari": late,
        "kegiatan": activities,
    }


def told(people):
    return [(found.person.name, found.slug, found.value, found.middle) for found in outliers(people)]


def test_who_is_far_from_the_middle_is_named():
    rest = [person("a", 300), person("b", 310), person("c", 290)]
    assert told([*rest, person("d", 300)]) == []
    assert told([*rest, person("d", 480)]) == [("d", "kpm-aktif", 480, 305)]
    assert told([*rest, person("d", 150)]) == [("d", "kpm-aktif", 150, 295)]
    assert told([*rest, person("d", 300, activities=8)]) == [("d", "kegiatan", 8, 20)]
    assert told([*rest, person("d", 300, late=60)]) == [("d", "belum-60-hari", 60, 0)]
    assert told([*rest, person("d", 300, late=50)]) == []


def test_few_are_not_compared():
    assert told([person("a", 300), person("b", 30), person("c", 0), person("d", 0)]) == []


@pytest.fixture
def heard(town):
    """Ani was heard of today, Budi three days ago, Citra eight days ago; Dedi never."""
    for name, days in (("ani", 0), ("ani", 9), ("budi", 3), ("citra", 8)):
        Receipt.objects.create(
            op_id=uuid7(),
            author=vars(town.users)[name],
            kind="roles.activity",
            content_hash="0" * 64,
            received_at=timezone.now() - timedelta(days=days),
        )
    return town


def test_from_whom_nothing_came_is_told_to_the_koordinator_only(client, heard):
    users, today = heard.users, heard.today
    for name, values in (
        ("kota", (4, 3, 2)),
        ("camat", (3, 2, 1)),
        ("officer", (0, 0, 0)),
        ("ani", (0, 0, 0)),
    ):
        lens = Lens(vars(users)[name], today, heard.month)
        assert tuple(values_of(QUIET, lens).values()) == values, name
    client.force_login(users.camat)
    page = client.get("/dasbor/angka/tanpa-kiriman-3-hari/").content.decode()
    assert "Nama budi" in page
    assert "Nama citra" in page
    assert "Nama ani" not in page
    assert f"?pendamping={users.budi.pk}" in page
    client.force_login(users.officer)
    for days in (3, 7):
        page = client.get(f"/dasbor/angka/tanpa-kiriman-{days}-hari/").content.decode()
        assert "Nama budi" not in page


def test_only_what_comes_from_the_field_is_heard(client, heard):
    """Dedi asked for a file, wrote a report, and an entry of four days ago was let in today."""
    dedi, op_id = heard.users.dedi, uuid7()
    for kind, which in (("reports.ekspor", uuid7()), ("laporan_ubah", uuid7()), ("roles.activity", op_id)):
        Receipt.objects.create(op_id=which, author=dedi, kind=kind, content_hash="0" * 64)
    lens = Lens(heard.users.kota, heard.today, heard.month)
    HeldEntry.objects.create(
        op_id=op_id,
        author=dedi,
        wilayah_id=dedi.wilayah_id,
        payload={},
        content_hash="0" * 64,
        reason=HeldEntry.Reason.MONTH_LOCKED,
        received_at=timezone.now() - timedelta(days=4),
    )

    found = dict(FIGURES["pendamping-aktif"].rows(lens).values_list("pk", "heard_on"))

    assert found[dedi.pk] == heard.today - timedelta(days=4)


@pytest.mark.parametrize("module", [export, lock, recap, report, susulan])
def test_the_receipts_of_the_desk_are_known_by_their_kind(module):
    kinds = re.findall(r'operation\(\s*kind="([\w.]+)"', inspect.getsource(module))

    assert kinds and all(kind.startswith(OF_DESK) for kind in kinds)


def test_the_koordinator_reads_balance_and_outliers(client, town):
    for name, families in (("budi", 1), ("citra", 1), ("ani", 12)):
        for _ in range(families):
            town.household(vars(town.users)[name])
    extra = town.household(town.users.citra).pendamping
    client.force_login(town.users.kota)
    page = client.get("/dasbor/").content.decode()
    assert "memegang jauh lebih banyak KPM" in page
    assert f"?bulan={town.month:%Y-%m}&amp;pendamping={extra.pk}&amp;dari=pendamping" in page
    assert "Beban kerja" in page
    client.force_login(town.users.officer)
    page = client.get("/dasbor/").content.decode()
    assert "Beban kerja" not in page
    assert "jauh lebih banyak" not in page
