"""Master data on screen: seen by who leads, changed by two people, from tomorrow on, and never backwards."""

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kpm.benefits import Tables
from kpm.models import Component, ComponentRate, PayStage, Threshold
from master.changes import CHANGE, END, NEW, SAME, VERSION, plan_rows
from master.models import Proposal
from master.tables import tables
from pkh_casework.csv_rows import values_of
from pkh_casework.ids import uuid7
from pkh_casework.masterdata import load_all
from tests.factories import BANDUNG, UserFactory

RATES = "kpm.componentrate"


@pytest.fixture
def today(db):
    return timezone.localdate()


@pytest.fixture
def tomorrow(today):
    return today + timedelta(days=1)


@pytest.fixture
def lead(db):
    return UserFactory(koordinator=True, wilayah_id=BANDUNG)


@pytest.fixture
def admin(db):
    return UserFactory(admin=True)


@pytest.fixture
def signed_in(client, lead):
    client.force_login(lead)
    return client


def rate(code="sd"):
    return ComponentRate.objects.get(component=code, valid_to=None)


def cells(row, **changes):
    table = tables()[row._meta.label_lower]
    return table.cells_of(row) | changes


def fill(row, **changes):
    return {"op_id": str(uuid7()), "reason": "Kepmensos baru", **cells(row, **changes)}


def address(row, *, ends=False):
    return f"/data-induk/{row._meta.label_lower}/usul/?dari={row.pk}{'&akhiri=ya' if ends else ''}"


def decide(client, proposal, decision, note=""):
    data = {"op_id": str(uuid7()), "decision": decision, "note": note}
    return client.post(proposal.get_absolute_url(), data)


def test_every_table_has_a_name_and_reads_back_what_it_gives_out(db):
    named = {
        f"{app.label}.{model}" for app in apps.get_app_configs() for model in getattr(app, "on_screen", ())
    }
    assert {table.model._meta.label for table in tables().values() if table.can_change} == named
    assert len(named) > 20
    for table in tables().values():
        assert table.title and not re.search("component|rate", table.title), table.key
        for row in table.all_rows():
            values = values_of(table.model, table.cells_of(row))
            assert all(getattr(row, name) == value for name, value in values.items()), (table.key, row.pk)


def test_every_table_opens_with_all_its_rows_and_as_a_file(signed_in):
    page = signed_in.get("/data-induk/").content.decode()
    for key, table in tables().items():
        assert f'href="/data-induk/{key}/"' in page
        shown = signed_in.get(f"/data-induk/{key}/?semua=ya")
        assert len(shown.context["rows"]) == table.all_rows().count(), key
        text = signed_in.get(f"/data-induk/{key}/tabel.csv").content.decode("utf-8-sig")
        assert len(list(csv.DictReader(io.StringIO(text)))) == table.all_rows().count()


def test_a_new_version_is_proposed_by_one_and_approved_by_another(client, lead, admin, today, tomorrow):
    client.force_login(lead)
    old = rate()
    response = client.post(
        address(old), fill(old, yearly="1.200.000", valid_from=tomorrow.isoformat(), valid_to="")
    )
    proposal = Proposal.objects.get()
    assert response["Location"] == proposal.get_absolute_url()
    assert rate().yearly == old.yearly  # nothing holds before somebody else has said so
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert "Versi baru" in page and f"{old.yearly} → <strong>1200000</strong>" in page
    assert "Setujui" not in page
    decide(client, proposal, "disetujui")
    assert Proposal.objects.get().is_open

    client.force_login(admin)
    assert "Menunggu keputusan" in client.get("/data-induk/").content.decode()
    decide(client, proposal, "disetujui")

    proposal.refresh_from_db()
    assert (proposal.state, proposal.by, proposal.decided_by) == ("disetujui", lead, admin)
    old.refresh_from_db()
    assert (old.valid_to, rate().yearly, rate().valid_from) == (tomorrow, 1_200_000, tomorrow)
    now, later = Tables().rates_on(today)["sd"], Tables().rates_on(tomorrow)["sd"]
    assert (now.yearly, later.yearly) == (old.yearly, 1_200_000)
    load_all()  # a release later on keeps what was decided here
    assert rate().yearly == 1_200_000


@pytest.mark.parametrize("day", [date(2020, 1, 1), None])
def test_what_was_in_force_is_never_another(signed_in, today, day):
    old = rate()
    begins = day or today
    page = signed_in.post(
        address(old), fill(old, yearly="5", valid_from=begins.isoformat(), valid_to="")
    ).content.decode()
    assert "yang berlaku sampai hari ini tidak berubah" in page or "sudah berlaku sejak" in page
    assert 'value="5"' in page  # what was typed stays
    assert not Proposal.objects.exists()


def test_a_row_with_its_own_day_can_only_end(today, tomorrow):
    table, row = tables()[RATES], rate()
    yesterday = (today - timedelta(days=1)).isoformat()

    def what(**changes):
        (one,) = plan_rows(table, [cells(row, **changes)], today, area="")
        return one.what if not one.faults else one.fault_words[0]

    assert what() == SAME
    assert what(valid_to=(tomorrow + timedelta(days=9)).isoformat()) == END
    assert "Paling awal" in what(valid_to=yesterday)
    assert "tidak bisa diubah" in what(yearly="1")
    assert what(valid_from=tomorrow.isoformat(), yearly="1") == VERSION
    assert what(component="tidak-ada", valid_from=tomorrow.isoformat()) != NEW
    assert what(yearly="banyak", valid_from=tomorrow.isoformat()) != VERSION
    assert what(yearly="-5", valid_from=tomorrow.isoformat()) != VERSION


def test_what_has_not_begun_may_still_be_another(today, tomorrow):
    stage = PayStage.objects.create(
        key="B1",
        name="Bulan 1",
        first_month=1,
        last_month=1,
        valid_from=tomorrow + timedelta(days=30),
        source="Uji",
    )
    (one,) = plan_rows(tables()["kpm.paystage"], [cells(stage, name="Januari")], today, area="")
    assert (one.what, one.faults) == (CHANGE, {})
    (one,) = plan_rows(tables()["kpm.paystage"], [cells(stage, valid_from=today.isoformat())], today, area="")
    assert one.faults


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("kpm.paystage", {"key": "B13", "first_month": "13", "last_month": "13"}),
        ("kpm.paystage", {"key": "B0", "first_month": "3", "last_month": "1"}),
        ("roles.activitykind", {"code": "baru", "icon": "tidak-ada"}),
        ("resources.category", {"code": "baru", "icon": "tidak-ada"}),
        ("reports.rhk", {"key": "2030-10", "number": "10"}),
        ("kpm.duplicaterule", {"valid_to": "2099-01-01"}),  # what is asked for by name never ends
        ("roles.activitykind", {"code": "baru", "valid_to": "2099-01-01"}),
        ("kpm.benefitrule", {"valid_to": "2099-01-01"}),
    ],
)
def test_what_would_break_a_page_is_refused(today, tomorrow, key, changes):
    table = tables()[key]
    row = table.rows_on(today).first()
    fresh = {"valid_from": tomorrow.isoformat(), "valid_to": ""}
    (one,) = plan_rows(table, [cells(row, **fresh | changes)], today, area="")
    assert one.faults
    unbroken = {name: text for name, text in changes.items() if name in {"key", "code"}}
    (one,) = plan_rows(table, [cells(row, **fresh | unbroken)], today, area="")
    assert not one.faults, one.faults


def test_what_is_asked_for_by_name_has_no_button_to_end_it(signed_in, today):
    page = signed_in.get("/data-induk/kpm.duplicaterule/").content.decode()
    assert "Versi baru" in page
    assert "akhiri=ya" not in page
    table = tables()["kpm.duplicaterule"]
    (one,) = plan_rows(table, [cells(table.rows_on(today).first(), valid_to="2099-01-01")], today, area="")
    assert "selalu" in one.fault_words[0]


def test_a_version_before_one_that_is_known_ends_there(today, tomorrow):
    row, later = rate(), tomorrow + timedelta(days=100)
    ComponentRate.objects.filter(pk=row.pk).update(valid_to=later)
    ComponentRate.objects.create(component_id="sd", yearly=7, valid_from=later, source="Uji")
    (one,) = plan_rows(
        tables()[RATES],
        [cells(row, valid_from=tomorrow.isoformat(), valid_to="", yearly="6")],
        today,
        area="",
    )
    assert (one.what, one.values["valid_to"], one.faults) == (VERSION, later, {})


def test_a_row_ends(client, lead, admin, tomorrow):
    client.force_login(lead)
    stage = PayStage.objects.get(pk="T4")
    page = client.get(address(stage, ends=True)).content.decode()
    assert "Tahap 4" in page
    data = {"op_id": str(uuid7()), "valid_to": tomorrow.isoformat(), "reason": "Ritme baru"}
    client.post(address(stage, ends=True), data)
    client.force_login(admin)
    decide(client, Proposal.objects.get(), "disetujui")
    stage.refresh_from_db()
    assert stage.valid_to == tomorrow


def test_refusing_needs_a_reason_and_withdrawing_is_the_own(client, lead, admin, tomorrow):
    client.force_login(lead)
    old = rate()
    client.post(address(old), fill(old, yearly="6", valid_from=tomorrow.isoformat(), valid_to=""))
    first = Proposal.objects.get()
    client.force_login(admin)
    assert "Tulis mengapa ditolak." in decide(client, first, "ditolak").content.decode()
    decide(client, first, "ditarik")
    first.refresh_from_db()
    assert first.is_open
    decide(client, first, "ditolak", "Belum ada suratnya")
    assert "Belum ada suratnya" in client.get(first.get_absolute_url()).content.decode()
    assert rate().yearly == old.yearly
    client.force_login(lead)
    client.post(address(old), fill(old, yearly="6", valid_from=tomorrow.isoformat(), valid_to=""))
    second = Proposal.objects.exclude(pk=first.pk).get()
    decide(client, second, "ditarik")
    second.refresh_from_db()
    assert second.state == "ditarik"


def test_a_proposal_whose_day_has_come_meanwhile_is_asked_for_again(client, lead, admin, today):
    old = rate()
    proposal = Proposal.objects.create(
        op_id=uuid7(), table=RATES, by=lead, reason="Lama",
        rows=[cells(old, yearly="9", valid_from=today.isoformat(), valid_to="")],
    )  # fmt: skip
    client.force_login(admin)
    page = decide(client, proposal, "disetujui").content.decode()
    assert "tidak berubah" in page
    assert rate().yearly == old.yearly


def test_two_proposals_about_the_same_do_not_both_hold(client, lead, admin, tomorrow):
    old = rate()
    client.force_login(lead)
    for amount in ("6", "7"):
        client.post(address(old), fill(old, yearly=amount, valid_from=tomorrow.isoformat(), valid_to=""))
    first, second = Proposal.objects.order_by("id")
    client.force_login(admin)
    decide(client, first, "disetujui")
    decide(client, second, "disetujui")
    second.refresh_from_db()
    assert (
        second.state == "diajukan" or rate().yearly == 7
    )  # not begun yet: the later word counts, or is refused
    assert ComponentRate.objects.filter(component="sd", valid_to=None).count() == 1


def send_file(client, text, key=RATES):
    data = {
        "op_id": str(uuid7()),
        "reason": "Kepmensos",
        "file": SimpleUploadedFile("baru.csv", text.encode()),
    }
    return client.post(f"/data-induk/{key}/berkas/", data)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_file_taken_out_comes_back_with_new_rows_only(signed_in, tomorrow, delimiter):
    text = signed_in.get(f"/data-induk/{RATES}/tabel.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    new = cells(rate(), valid_from=tomorrow.isoformat(), yearly="950000")
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([*rows, [new[name] for name in rows[0]]])
    send_file(signed_in, out.getvalue())
    assert Proposal.objects.get().rows == [new]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("component,yearly\nsd,5\n", "Kolomnya tidak cocok: kurang"),
        ("\n\n", "Berkas ini kosong"),
        ("component,yearly,most_in_family,valid_from,valid_to,source\nsd,5\n", "jumlah selnya"),
        (
            "component,yearly,most_in_family,valid_from,valid_to,source\nsd,5,,2030-13-45,,x\n",
            "Baris 1, berlaku sejak",
        ),
        (
            "component,yearly,most_in_family,valid_from,valid_to,source\nsd,lima,,2099-01-01,,x\n",
            "Baris 1, rupiah per tahun",
        ),
    ],
)
def test_what_is_odd_in_a_file_is_said_by_row_and_nothing_is_kept(signed_in, text, words):
    assert words in send_file(signed_in, text).content.decode()
    assert not Proposal.objects.exists()


def test_a_sum_of_a_kota_is_proposed_for_the_own_one(signed_in, lead, tomorrow):
    sent = {
        "op_id": str(uuid7()), "reason": "BPS", "code": Threshold.Code.POVERTY_LINE, "wilayah": "3204", "monthly": "700000",
        "valid_from": tomorrow.isoformat(), "valid_to": "", "source": "BPS",
    }  # fmt: skip
    page = signed_in.post("/data-induk/kpm.threshold/usul/", sent).content.decode()
    assert "Pilih dari daftar." in page
    signed_in.post("/data-induk/kpm.threshold/usul/", sent | {"op_id": str(uuid7()), "wilayah": BANDUNG})
    assert Proposal.objects.get().rows[0]["wilayah"] == BANDUNG


def test_who_leads_a_kecamatan_reads_and_changes_nothing(client, db):
    client.force_login(UserFactory(koordinator=True))
    page = client.get(f"/data-induk/{RATES}/").content.decode()
    assert "Baris baru" not in page
    for path in ("usul/", "berkas/"):
        assert client.get(f"/data-induk/{RATES}/{path}").status_code == 404
    client.force_login(UserFactory())
    assert client.get("/data-induk/").status_code == 404


def test_what_belongs_to_the_code_comes_with_a_release(signed_in):
    assert "Baris baru" not in signed_in.get("/data-induk/roles.subrole/").content.decode()
    assert signed_in.get("/data-induk/roles.subrole/usul/").status_code == 404
    assert signed_in.get("/data-induk/tidak.ada/").status_code == 404
    assert signed_in.get(f"/data-induk/{RATES}/usul/?dari=999999").status_code == 404


def test_the_files_of_the_rooms_are_there():
    assert all(Path(table.path).is_file() and table.columns for table in tables().values())
    assert tables()[Component._meta.label_lower].can_change
