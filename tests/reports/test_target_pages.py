"""Targets on screen: proposed, answered and withdrawn, and what the report and the recap say of them."""

import pytest

from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from pkh_casework.waits import lines_for
from reports.figures.values import values_of
from reports.files.recap import tables_of
from reports.files.signed import signed_pages
from reports.models import Target
from reports.monthly.report_paper import paper_of
from tests.factories import KEBON_JAYANTI, KIARACONDONG, SUKAPURA
from tests.monthly import lock, write_report
from tests.queries import count_queries

from .conftest import NEXT_KECAMATAN
from .test_targets import BAR, DECIDE, LIST, PROPOSE, State, aim, boss, decide, propose, put, seen_by  # noqa: F401


def filled(town, **changes):
    return {
        "op_id": str(uuid7()),
        "figure": "kunjungan",
        "from_month": f"{town.month:%Y-%m}",
        "value": "25",
        "reason": "Rapat kecamatan.",
    } | changes


def test_a_pendamping_proposes_and_the_koordinator_answers_on_plain_pages(client, town):
    users = town.users
    client.force_login(users.ani)
    form = client.get(PROPOSE, {"angka": "kunjungan"}).content.decode()
    assert '<option value="kunjungan" selected>' in form and "Untuk siapa" not in form
    answer = client.post(PROPOSE, filled(town))
    target = Target.objects.get()
    assert answer["Location"] == target.get_absolute_url()
    assert (target.pendamping, target.wilayah_id, target.value) == (users.ani, KEBON_JAYANTI, 25)
    assert aim(seen_by(town, "ani")) is None  # not before it is approved

    client.force_login(users.camat)
    line = next(one.waiting for one in lines_for(users.camat, town.today) if one.waiting.url == DECIDE)
    assert (line.number, line.words, line.since) == (1, "usulan target menunggu", town.today)
    assert DECIDE in client.get("/").content.decode()
    page = client.get(DECIDE, {"centang": "semua"}).content.decode()
    assert "Belum ada target." in page and "Rapat kecamatan." in page and "checked" in page
    client.post(DECIDE, {"op_id": uuid7(), "usulan": str(target.pk), "decision": State.APPROVED})
    assert aim(seen_by(town, "ani"))[0] == 25
    assert DECIDE not in {one.waiting.url for one in lines_for(users.camat, town.today)}


def test_many_are_answered_at_once_with_a_result_for_each(client, town):
    users = town.users
    mine = [
        propose(town, users.ani, 5, person=users.ani, figure=slug)
        for slug in ("kunjungan", "kegiatan", "p2k2")
    ]
    decide(town, mine[1], users.ani, State.WITHDRAWN)  # while the page was open
    client.force_login(users.camat)
    sent = {"op_id": str(uuid7()), "usulan": [str(one.pk) for one in mine], "decision": State.APPROVED}
    page = client.post(DECIDE, sent).content.decode()
    assert "2 diputuskan, 1 belum" in page and "sudah ditarik" in page
    client.post(DECIDE, sent)  # the same tap again
    states = list(Target.objects.order_by("id").values_list("state", flat=True))
    assert states == [State.APPROVED, State.WITHDRAWN, State.APPROVED]
    assert Target.objects.filter(decided_by=users.camat).count() == 2

    more = propose(town, users.budi, 5, person=users.budi)
    refused = {"op_id": str(uuid7()), "usulan": [str(more.pk)], "decision": State.REFUSED, "note": ""}
    page = client.post(DECIDE, refused).content.decode()
    assert "Tulis mengapa ditolak." in page and "checked" in page
    assert client.post(DECIDE, refused | {"note": "Terlalu tinggi."}).status_code == 302
    client.force_login(users.budi)
    assert "Terlalu tinggi." in client.get(more.get_absolute_url()).content.decode()


def test_nothing_ticked_is_said(client, town):
    propose(town, town.users.ani, 5, person=town.users.ani)
    client.force_login(town.users.camat)
    page = client.post(DECIDE, {"op_id": uuid7(), "decision": State.APPROVED}).content.decode()
    assert "Centang dulu usulan yang diputuskan." in page


def test_a_proposal_is_withdrawn_by_who_made_it_and_by_nobody_else(client, town):
    target = propose(town, town.users.ani, 5, person=town.users.ani)
    client.force_login(town.users.camat)
    assert "Tarik usulan" not in client.get(target.get_absolute_url()).content.decode()
    assert client.post(target.get_absolute_url(), {"op_id": uuid7()}).status_code == 404
    client.force_login(town.users.ani)
    assert "Tarik usulan" in client.get(target.get_absolute_url()).content.decode()
    client.post(target.get_absolute_url(), {"op_id": uuid7()})
    target.refresh_from_db()
    assert target.state == State.WITHDRAWN


def test_a_koordinator_proposes_for_areas_and_people_below(client, town):
    users = town.users
    client.force_login(users.camat)
    form = client.get(PROPOSE).content.decode()
    for offered in (KIARACONDONG, KEBON_JAYANTI, f"p{users.ani.pk}"):
        assert f'value="{offered}"' in form
    assert f"p{users.dedi.pk}" not in form
    for whose, expected in (
        (KIARACONDONG, (KIARACONDONG, None)),
        (f"p{users.citra.pk}", (SUKAPURA, users.citra)),
    ):
        client.post(PROPOSE, filled(town, whose=whose))
        found = Target.objects.latest("created_at")
        assert (found.wilayah_id, found.pendamping) == expected
    for whose in (NEXT_KECAMATAN, f"p{users.dedi.pk}", "p", "p²", "", "3273", "p" + "9" * 18):
        page = client.post(PROPOSE, filled(town, whose=whose))
        assert page.status_code == 200 and page.context["form"].errors["whose"], whose
    assert Target.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"value": ""}, "value", "Isi targetnya"),
        ({"value": "-1"}, "value", "Isi angka dari 0"),
        ({"value": "9" * 12}, "value", "Isi angka dari 0"),
        ({"value": "dua"}, "value", "angka saja"),
        ({"ends": "on"}, "value", "Kosongkan targetnya"),
        ({"figure": "tidak-ada"}, "figure", "tidak ditemukan"),
        ({"figure": "rujukan-lama-jawab"}, "figure", "tidak ditemukan"),
        ({"figure": "sumber-daya"}, "figure", "tidak dihitung untuk satu pendamping"),
        ({"from_month": "1990-01"}, "from_month", "tidak ditemukan"),
        ({"reason": " "}, "reason", "Tulis mengapa"),
        ({"reason": "a" * 10_000}, "reason", "Terlalu panjang"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_stays(client, town, changes, field, words):
    client.force_login(town.users.ani)
    page = client.post(PROPOSE, filled(town, **changes))
    assert page.status_code == 200
    assert words in " ".join(page.context["form"].errors[field])
    assert "Rapat kecamatan." in page.content.decode() or field == "reason"
    assert not Target.objects.exists()


def test_a_locked_month_is_refused_beside_its_field(client, town):
    lock(town.users.camat, KEBON_JAYANTI, month=town.last_month, today=town.today)
    client.force_login(town.users.ani)
    page = client.post(PROPOSE, filled(town, from_month=f"{town.last_month:%Y-%m}"))
    assert "sudah dikunci" in " ".join(page.context["form"].errors["from_month"])


# --- papers -----------------------------------------------------------------------------------------------------------


def test_the_monthly_report_tells_target_and_share(client, town):
    ani = town.users.ani
    put(town, 10, person=ani)
    report = write_report(ani, month=town.month)
    value = values_of(["kunjungan"], seen_by(town, "ani"))["kunjungan"]
    paper = paper_of(report)
    assert ["Kunjungan rumah", value, "kunjungan", f"10 ({value * 10}%)"] in paper["figures"]
    graduations = next(row for row in paper["outcomes"] if row[0] == "Graduasi")
    assert graduations[-1] == f"10 ({graduations[1] * 10}%)"
    pages = []
    for user in (ani, town.users.camat):
        client.force_login(user)
        pages.append(BAR.findall(client.get(report.get_absolute_url()).content.decode()))
    assert pages[0] == pages[1] != []


def test_the_recap_counts_against_the_targets_of_its_month(town):
    put(town, 40, area=KIARACONDONG, month=town.last_month)
    put(town, 50, area=KIARACONDONG)
    put(town, 9, area=KIARACONDONG, figure="dikunjungi-30-hari")
    for month, target in ((town.last_month, 40), (town.month, 50)):
        lens = seen_by(town, "camat", month)
        value = values_of(["kunjungan"], lens)["kunjungan"]
        table = next(one for one in tables_of(lens) if one.slug == "target")
        told = {row[0]: row for row in table.rows}
        assert told["Kunjungan rumah"][1:4] == (value, target, value / target)
        assert ("Dikunjungi dalam 30 hari" in told) == (
            month == town.month
        )  # a month that is over tells nothing of today
        signed = {row[0]: row[1:] for row in signed_pages(lens)["coverage"]}
        [words] = [words for words in signed if words.startswith("Kunjungan rumah, ")]
        assert words.endswith("terhadap sasaran") and signed[words][1] == str(target)
        assert any(words.startswith("Graduasi, ") for words in signed)


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_more_targets_cost_no_more_queries(client, town):
    users, slugs = town.users, ("kunjungan", "kegiatan", "p2k2", "naik", "asesmen")
    put(town, 5, person=users.ani)
    propose(town, users.ani, 6, person=users.ani, month=months_after(town.month, 1))
    client.force_login(users.camat)
    urls = ("/dasbor/", f"/dasbor/?wilayah={KEBON_JAYANTI}", LIST, DECIDE, "/dasbor/angka/kunjungan/")

    def counted():
        numbers = []
        for url in urls:
            with count_queries() as queries:
                assert client.get(url).status_code == 200
            numbers.append(len(queries))
        return numbers

    counted()  # what is kept for a minute
    before = counted()
    for slug in slugs:
        for person in (users.ani, users.budi, users.citra):
            put(town, 7, figure=slug, person=person)
            propose(town, person, 8, figure=slug, person=person, month=months_after(town.month, 2))
        put(town, 7, figure=slug, area=SUKAPURA)
    after = counted()
    # The page of targets counts the figures that have one: a query for each sort of rows among them.
    assert [one for at, one in enumerate(after) if urls[at] != LIST] == [
        one for at, one in enumerate(before) if urls[at] != LIST
    ]
    assert after[urls.index(LIST)] <= before[urls.index(LIST)] + len(slugs)
