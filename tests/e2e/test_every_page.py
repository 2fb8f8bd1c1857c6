"""Every page of every duty: no axe violation, no CSP violation, no sideways scroll, at phone, narrow and desk size."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from playwright.sync_api import expect

from pkh_casework.access import POLICY
from pkh_casework.ids import uuid7
from tests.factories import BANDUNG, UserFactory
from tests.test_access import ROOMS, room_of
from tests.worlds import made_once

from .conftest import DESKTOP, PHONE, log_in
from .everything import people_with_everything

DOORS = {
    "accounts:login": "/masuk/",
    "accounts:activate": "/akun/aktivasi/",
    "phone:phone_unlock": "/hp/buka/",
    "resources:partner_answer": "/jawab/tidak-ada/",  # a link that fits is walked in test_referral
}
# Routes without a page to look at: lines for machines, a picture, and buttons.
NO_PAGE = {
    "healthz",
    "kpm:known_already",  # a part of a form, in test_duplicate
    "roster:suspect_find",
    *(f"roster:to_type_{name}" for name in ("untick", "paper", "sheet")),
    "kpm:graduation_file",
    "master:table_csv",
    *("desk:family_sheet_pdf", "desk:family_sheet_png", "kpm:graduation_pdf"),
    "readyz",
    "roles:activity_photo",
    "entries:held_photo",
    "reports:report_pdf",
    *(f"reports:{name}" for name in ("mail_choose", "mail_retry", "notice_read")),
    "reports:report_read",  # leads to a report, in test_koordinator
    *(f"reports:{of}_{ending}" for of in ("rhk", "rhk_month") for ending in ("pdf", "docx")),
    *(f"reports:lurah_{ending}" for ending in ("pdf", "xlsx")),
    "accounts:session_end",
    "accounts:user_code",
    "accounts:user_disable",
    "accounts:user_unlock",
    *("roles:step_done", "roles:postpone_lift", "roles:visit_check", "roles:activity_undo"),
    "kpm:goal_step_done",
    "roles:goal_step_reopen",
    "resources:referral_pdf",
    "resources:link_create",  # its page comes from a button, in test_referral
    "resources:link_revoke",
    "roles:meeting_sheet",
    "roles:school_file_store",
    *("roles:incident_step_done", "roles:commitment_pdf", "desk:trip_paper"),
    "resources:resource_check",
    "sinergi:enrolment_advance",
    "sinergi:programme_pdf",
    "reports:export_cancel",
    "reports:export_take",
    *("phone:service_worker", "phone:token", "phone:bundle", "phone:send", "phone:photo_piece"),
    *(f"roster:batch_{name}" for name in ("template", "apply", "cancel", "undo", "refused")),
    "roster:batch_columns",  # in test_roster_file, with a file of its own
    "roster:batch_detail",
    "roster:family_choose",
    *("phone:phone_register", "phone:phone_open", "phone:phone_hear", "phone:phone_end"),
}


# What the koordinator of a kecamatan is not shown; an admin walks them.
OF_A_KOTA = {f"master:{name}" for name in ("row_propose", "file_propose", "proposal_detail")}


def pages_of(duty, people):
    """The addresses that a duty is shown, some pages in several states."""
    family, group, officer = people["families"][0], people["group"], people["pendamping"]
    activity = family.activity_rows.first().activity
    member = family.members.first()
    goal, planned = people["goal"], people["goal"].household
    rates, rate = "/data-induk/kpm.componentrate/", people["rate"]
    master = [
        "/data-induk/",
        rates,
        f"{rates}?semua=ya",
        f"{rates}usul/",
        f"{rates}usul/?dari={rate.pk}",
        f"{rates}usul/?dari={rate.pk}&akhiri=ya",
        f"{rates}berkas/",
        people["proposal"].get_absolute_url(),
    ]
    shared = ["/", "/lainnya/", "/akun/", "/akun/sandi/", "/keluar/", "/kegiatan/peran/", "/instrumen/",
              "/panduan/", "/panduan/ekspor-dan-rekap/", "/pemberitahuan/"]  # fmt: skip
    case = [
        "/kpm/",
        "/kpm/?q=euis&rw=5",
        "/kpm/?q=tidak-ada",
        "/kpm/baru/",
        "/kpm/cari-nomor/",
        f"/kpm/{family.case_number}/",
        *(f"/kpm/{family.case_number}/{part}/" for part in ("riwayat", "keluarga", "rencana", "tunjukkan")),
        f"/kpm/{family.case_number}/ubah/",
        f"/kpm/{family.case_number}/nomor/",
        f"/kpm/{family.case_number}/status/",
        f"/kpm/{family.case_number}/pengurus/",
        f"/kpm/{family.case_number}/titik/",
        f"/kpm/{family.case_number}/pindah-alamat/?cari=sukapura",
        f"/kpm/{family.case_number}/pindah-alamat/",
        people["move"].household.get_absolute_url(),
        f"{people['move'].household.get_absolute_url()}pengurus/",
        f"{people['move'].household.get_absolute_url()}anggota/{people['move'].member_id}/pindah/?q=euis",
        f"{people['move'].household.get_absolute_url()}anggota/{people['move'].member_id}/keluarga-baru/",
        people["move"].get_absolute_url(),
        "/kpm/pindah-keluarga/",
        f"/kpm/{family.case_number}/anggota/baru/",
        f"/kpm/{family.case_number}/anggota/{member.pk}/",
        "/kelompok/",
        "/kelompok/baru/",
        f"/kelompok/{group.pk}/",
        "/kegiatan/",
        activity.get_absolute_url(),
        f"{people['resource'].get_absolute_url()}keluarga/",
        "/tujuan/",
        "/tujuan/?keadaan=terlambat",
        "/tujuan/?keadaan=selesai",
        goal.get_absolute_url(),
        people["assessment"].get_absolute_url(),
        people["reached"].get_absolute_url(),
        planned.get_absolute_url(),
        f"{planned.get_absolute_url()}kemandirian/",
        "/kpm/akan-berakhir/",
        "/bantuan/",
        "/bantuan/?keadaan=masalah",
        "/bantuan/?keadaan=belum-dicek",
        "/kpm/mutu-data/",
        "/kpm/mutu-data/tanpa-hp/",
        "/ganda/",
        "/ganda/?keadaan=bukan",
        "/ganda/?keadaan=gabung",
        people["suspect"].get_absolute_url(),
        people["merge"].get_absolute_url(),
        "/serah-terima/",
        "/serah-terima/?keadaan=semua",
        people["handover"].get_absolute_url(),
        people["handed"].get_absolute_url(),
        "/rujukan/",
        "/rujukan/?keadaan=terlambat",
        people["sent"].get_absolute_url(),
        people["finished"].get_absolute_url(),
        "/graduasi/",
        "/graduasi/?keadaan=berakhir",
        "/graduasi/siap/",
        people["proposed"].get_absolute_url(),
        people["graduated"].get_absolute_url(),
        "/pertemuan/",
        "/pertemuan/cakupan/",
        people["meeting"].get_absolute_url(),
        "/komitmen/berkas/",
        *("/kasus/", "/kasus/?keadaan=selesai"),
        *(f"/mutu-kunjungan/{end}" for end in ("", "?keadaan=selesai", f"{officer.pk}/sama/")),
        people["incident"].get_absolute_url(),
        people["objected"].get_absolute_url(),
        people["ended"].get_absolute_url(),
        f"{people['incident'].get_absolute_url()}rahasia/",
        f"{people['incident'].get_absolute_url()}rahasia/tulis/",
        "/pelatihan/",
        "/pelatihan/kebutuhan/B2/",
        "/pelatihan/daftar/",
        "/pelatihan/baru/",
        people["training"].get_absolute_url(),
        f"{people['training'].get_absolute_url()}ubah/",
        "/pelatihan/pelatih/",
        "/pelatihan/pelatih/baru/",
        f"/pelatihan/pelatih/{people['trainer'].pk}/",
        "/ekspor/",
        "/ekspor/baru/?daftar=kpm&rw=5",
        "/ekspor/baru/?daftar=kegiatan",
        *(export.get_absolute_url() for export in [people["export of"].get(duty)] if export),
        "/kiriman/",
        "/kiriman/?kode=7F3K2Q",
        f"/kiriman/{people['held'].pk}/",
    ]
    version, period = people["version"], f"/laporan/bulan/{people['version'].period_id}/"
    rows = f"{version.get_absolute_url()}kunjungan/"
    months = ["/laporan/bulan/", period, f"{period}beda/", version.get_absolute_url(), rows]
    reports = ["/laporan/", *(people[f"{one} report"].get_absolute_url() for one in ("waiting", "locked")),
               "/target/", "/target/usul/?angka=kunjungan", people["target"].get_absolute_url()]  # fmt: skip
    lists = ["kpm-aktif/", "kunjungan/", "kegiatan/?sub_peran=FAS-1", "perlu-dibantu/?indikator=B2", "naik/",
             "tujuan-berjalan/", "rujukan/", "sumber-daya/", "pendamping-aktif/"]  # fmt: skip
    moves = ["", "?indikator=B2", "keluarga/", "keluarga/?angka=sekarang&indikator=B2&tingkat=1",
             "keluarga/?angka=turun"]  # fmt: skip
    gap = [f"/dasbor/kesenjangan/{part}" for part in ("", "peta/")]
    figures = ["/laporan/rhk/", "/dasbor/", "/dasbor/arti/", *gap]
    figures += [f"/dasbor/angka/{one}" for one in lists] + [f"/dasbor/kemandirian/{one}" for one in moves]
    programme = people["programme"].get_absolute_url()
    programme_figures = ["/sinergi/", f"{programme}angka/", f"{programme}angka/keluarga/?indikator=B2"]
    programme_pages = [
        *programme_figures,
        f"{programme}angka/keluarga/?angka=ikut",
        programme,
        f"{programme}?tampil=tertahan",
        people["enrolment"].get_absolute_url(),
        f"{programme}usaha/",
        f"{programme}usaha/baru/",
        people["business"].get_absolute_url(),
        f"{programme}anggaran/",
    ]
    resource, partner = people["resource"], people["contact"].partner
    area = [
        *(f"/sumber-daya/{page}" for page in ("", "peta/", "baru/")),
        "/sumber-daya/mirip/?name=Z-Mart",
        resource.get_absolute_url(),
        *(f"{resource.get_absolute_url()}{page}/" for page in ("ubah", "titik")),
        "/mitra/",
        "/mitra/baru/",
        partner.get_absolute_url(),
        f"{partner.get_absolute_url()}ubah/",
        f"{partner.get_absolute_url()}kontak/",
        f"/mitra/kontak/{people['contact'].pk}/ubah/",
        f"{partner.get_absolute_url()}kesepakatan/",
        f"/mitra/kesepakatan/{people['agreement'].pk}/ubah/",
    ]
    of_one_rw = ["/dasbor/?rw=5", "/dasbor/angka/kpm-aktif/?rw=5&dari=rw"]
    staff = ["/petugas/", "/petugas/?q=tidak-ada", "/petugas/baru/", f"/petugas/{officer.pk}/",
             f"/petugas/{officer.pk}/ubah/", f"/petugas/{people['long name'].pk}/", "/wilayah/", "/wilayah/?q=kebon"]  # fmt: skip
    difference, to_type = people["difference"], people["to_type"]
    roster = ["/berkas/", "/berkas/baru/", "/siks-ng/?jenis=pindah", "/siks-ng/baru/", "/siks-ng/ketik/",
              difference.get_absolute_url(), f"/siks-ng/ketik/{to_type.pk}/"]  # fmt: skip
    return {
        "pendamping": [
            "/?ditunda",
            *reports,
            "/laporan/baru/",
            f"{people['draft report'].get_absolute_url()}isi/",
            f"{people['draft report'].get_absolute_url()}langkah/ajukan/",
            rows,
            "/kegiatan/catat/",
            f"/kegiatan/catat/?kpm={family.case_number}",
            f"/kegiatan/catat/?kelompok={group.pk}",
            "/kegiatan/catat/cari/?q=euis",
            f"{activity.get_absolute_url()}ubah/",
            f"/laporan/rhk/{activity.pk}/",
            f"{people['closed'].get_absolute_url()}ubah/",
            f"/kegiatan/tunda/{family.case_number}/",
            f"/bantuan/{people['term'].key}/{group.pk}/",
            f"/bantuan/{people['term'].key}/0/",
            f"/kpm/{family.case_number}/bantuan/{people['term'].key}/",
            "/asesmen/",
            f"/asesmen/{family.case_number}/?bentuk=lengkap",
            f"{people['assessment'].get_absolute_url()}ubah/",
            f"/kegiatan/catat/?kpm={planned.case_number}",
            f"/graduasi/baru/{family.case_number}/",
            f"{people['prepared'].get_absolute_url()}ubah/",
            people["prepared"].get_absolute_url(),
            f"{people['proposed'].get_absolute_url()}langkah/tarik/",
            f"{people['graduated'].get_absolute_url()}cek/3/",
            "/rujukan/baru/",
            f"/rujukan/baru/?kpm={planned.case_number}",
            f"/rujukan/baru/?kpm={planned.case_number}&sumber={people['finished'].resource_id}",
            f"{people['sent'].get_absolute_url()}langkah/tolak/",
            f"{people['to hand in'].get_absolute_url()}langkah/ajukan/",
            f"{people['sent'].get_absolute_url()}persetujuan/tarik/",
            f"/tujuan/baru/{family.case_number}/",
            f"/tujuan/baru/{planned.case_number}/",
            f"/tujuan/baru/{planned.case_number}/?indikator=B3",
            f"/tujuan/belum/{planned.case_number}/",
            f"/tujuan/belum/{planned.case_number}/?indikator=B3",
            f"{goal.get_absolute_url()}ubah/",
            f"{goal.get_absolute_url()}tutup/",
            f"{goal.get_absolute_url()}langkah/",
            f"/tujuan/langkah/{goal.steps.first().pk}/ubah/",
            f"/kasus/baru/{family.case_number}/",
            *(f"{people['incident'].get_absolute_url()}{move}/" for move in ("putuskan", "langkah")),
            f"/mutu-kunjungan/{people['remark'].pk}/sebab/",
            "/komitmen/",
            reverse("roles:commitment_fill", kwargs=people["place"]),
            reverse("roles:commitment_sheet", kwargs=people["place"]),
            people["school_file"].get_absolute_url(),
            f"/pertemuan/kelompok/{group.pk}/",
            f"{people['planned'].get_absolute_url()}hadir/",
            f"{people['meeting'].get_absolute_url()}perbaiki/",
            f"{people['training'].get_absolute_url()}undang/",
            f"{people['training'].get_absolute_url()}hadir/",
            f"{programme}calon/",
            f"{programme}ikut/{planned.case_number}/",
            f"{people['enrolment'].get_absolute_url()}pindah/",
            f"{people['enrolment'].get_absolute_url()}keluar/",
            *("/hp/", "/hp/belum-ada/", "/siks-ng/ketik/"),
            *(f"/hari-ini/{one}/" for one in ("menunggu", "jalan", "ringkasan")),
            f"/hari-ini/jalan/?rw={family.rw}&rt={family.rt}",
            *programme_pages,
            *area,
            *case,
            *figures,
            *of_one_rw,
            *shared,
        ],
        "koordinator": [
            f"/laporan/rhk/{activity.pk}/",
            people["koordinator's file"].get_absolute_url(),
            f"{people['incident'].get_absolute_url()}tetapkan/",
            f"{people['objected'].get_absolute_url()}jawab/",
            *reports,
            *months,
            f"{period}kunci/",
            f"{period}buka/",
            "/laporan/?centang=semua",
            f"{people['waiting report'].get_absolute_url()}?baca=2",
            "/laporan/siapa/",
            "/target/putuskan/",
            "/laporan/bulan/kunci/",
            "/laporan/bulan/kunci/?bulan=2026-09&centang=siap",
            f"{people['waiting report'].get_absolute_url()}langkah/kembalikan/",
            f"/laporan/susulan/{people['late'].pk}/",
            "/sinergi/baru/",
            *(f"{programme}{page}/" for page in ("ubah", "tahap", "tutup", "anggaran/baru")),
            people["budget"].get_absolute_url(),
            *programme_pages,
            *area,
            *case,
            *figures,
            f"/dasbor/?wilayah={officer.wilayah_id}&rw=5",
            f"/dasbor/?pendamping={officer.pk}",
            f"/hari-ini/ringkasan/?pendamping={officer.pk}",
            *staff,
            *roster,
            f"{people['proposed'].get_absolute_url()}langkah/setujui/",
            f"{activity.get_absolute_url()}buka/",
            "/laporan/rekap/",
            "/laporan/rekap/jadwal/",
            "/ekspor/kantor/",
            f"{people['suspect'].get_absolute_url()}gabung/",
            f"/serah-terima/baru/?dari={officer.pk}",
            f"/serah-terima/baru/?kelompok={group.pk}",
            "/kpm/?akun=nonaktif",
            "/hp/daftar/",
            "/hp/cadangan/",
            *master[:2],
            *shared,
        ],
        "kelurahan": [*months, *area, *programme_figures, *figures, *of_one_rw, *shared],
        "admin": ["/dasbor/", "/dasbor/arti/", *master, *staff, *shared],
    }[duty]


@made_once
def world():
    return people_with_everything()


def rules_at(duty, name):
    """The sizes at which the rules are tried on a page: a pendamping's phone, the others' desk; both where the page is
    shown on one side only, so that each route is tried at both.
    """
    in_the_field, at_a_desk = "pendamping" in POLICY[name].duties, POLICY[name].duties - {"pendamping"}
    if in_the_field and at_a_desk:
        return [PHONE] if duty == "pendamping" else [DESKTOP]
    return [PHONE, DESKTOP]


def shown_to(duty, room):
    """The routes of a room that show a page to `duty`."""
    routes = {name for name, rule in POLICY.items() if duty in rule.duties and room_of(name) == room}
    return routes - NO_PAGE - (OF_A_KOTA if duty == "koordinator" else set())


DUTIES = ["pendamping", "koordinator", "kelurahan", "admin"]
ROOMS_SHOWN = [(duty, room) for duty in DUTIES for room in ROOMS if shown_to(duty, room)]


@pytest.mark.parametrize(("duty", "room"), ROOMS_SHOWN)
def test_pages_are_accessible_and_fit(duty, room, open_browser, world, sign_in, check_sizes):
    page = sign_in(open_browser().new_page(), world[duty].username)
    visited = set()
    for path in pages_of(duty, world):
        name = resolve(path.partition("?")[0]).view_name
        if room_of(name) == room:
            answer = page.goto(path)
            assert answer.status == 200, path
            check_sizes(page, rules_at(duty, name))
            visited.add(name)
    assert visited == shown_to(duty, room)


@pytest.mark.parametrize("name", DOORS)
def test_the_doors_are_accessible(name, phone, check_sizes):
    page = phone.new_page()
    page.goto(DOORS[name])
    check_sizes(page)


def test_no_route_is_left_out():
    assert {name for name, rule in POLICY.items() if rule.open} - NO_PAGE == set(DOORS)
    assert set(POLICY) >= NO_PAGE


def test_the_page_with_a_one_time_code_is_accessible(phone, world, sign_in, check_sizes):
    page = sign_in(phone.new_page(), "pusat")
    page.goto("/petugas/baru/")
    page.locator("#id_name").fill("Siti Aminah")
    page.get_by_label("Nama pengguna").fill("siti.aminah")
    page.get_by_label("Pendamping", exact=True).check()
    page.get_by_label("Wilayah tugas").fill(world["pendamping"].wilayah_id)
    page.get_by_role("button", name=re.compile("Simpan dan buat kode")).click()

    expect(page.get_by_text("Akun dibuat, serahkan kodenya")).to_be_visible()
    check_sizes(page)


def test_the_pages_that_keep_a_form_through_a_login_are_accessible(phone, world, sign_in, check_sizes):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kelompok/baru/")
    page.get_by_label("Nama kelompok").fill("Melati Baru")
    Session.objects.all().delete()
    page.get_by_role("button", name=re.compile("Simpan kelompok")).click()
    expect(page.get_by_text("Sesi Anda berakhir.")).to_be_visible()
    check_sizes(page)
    log_in(page, "sri")

    expect(page.get_by_role("heading", name="Anda sudah masuk lagi")).to_be_visible()
    check_sizes(page)


def test_the_choice_of_an_area_is_accessible(phone, world, sign_in, check_sizes):
    password = world["koordinator"].password
    UserFactory(koordinator=True, username="kota", wilayah_id=BANDUNG, password=password)
    page = sign_in(phone.new_page(), "kota")
    page.goto("/kpm/baru/")

    expect(page.get_by_text("Pilih wilayahnya dulu.")).to_be_visible()
    check_sizes(page)


def test_the_pages_of_refusal_are_accessible(phone, world, sign_in, check_sizes):
    page = sign_in(phone.new_page(), "sri")
    for status, path in ((404, "/tidak-ada/"), (405, reverse("roles:step_done", args=[uuid7()]))):
        assert page.goto(path).status == status
        check_sizes(page)
    page.goto("/kelompok/baru/")
    page.get_by_label("Nama kelompok").fill("Melati Baru")
    # As without the scripts of the page, which would stay on it and say so.
    page.locator("main [name=csrfmiddlewaretoken]").evaluate(
        "(field) => { field.value = 'x'; field.form.submit(); }"
    )

    expect(page.get_by_role("heading", name="Halaman ini terlalu lama terbuka")).to_be_visible()
    check_sizes(page)


@pytest.mark.parametrize("code", [400, 403, 404, 500, 503])
def test_the_pages_that_django_draws_without_a_person_are_accessible(code, phone, check_sizes):
    page, html = phone.new_page(), render_to_string(f"{code}.html")
    page.route("**/gangguan/", lambda route: route.fulfill(status=code, body=html, content_type="text/html"))
    page.goto("/gangguan/")
    check_sizes(page)


def test_open_details_and_errors_are_accessible_too(phone, world, sign_in, check_page):
    page = sign_in(phone.new_page(), "sri")
    page.goto("/kegiatan/catat/")
    page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    check_page(page)
    page.get_by_role("button", name=re.compile("Simpan kegiatan")).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    check_page(page)


def test_after_logout_back_shows_no_family(phone, world, sign_in):
    page = sign_in(phone.new_page(), "sri")
    family = world["families"][0]
    page.goto(family.get_absolute_url())
    expect(page.get_by_role("heading", name=family.name)).to_be_visible()
    page.goto("/lainnya/")
    page.get_by_role("button", name=re.compile("Keluar")).click()
    page.wait_for_url(re.compile("/masuk/"))

    page.go_back()
    page.go_back()

    assert family.name not in page.content()
