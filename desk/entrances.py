"""Lainnya: the entrances to every page that has no place in the bottom bar, in groups.

Who sees an entrance follows from the policy of its route, and what the bar shows already is left out.
"""

from typing import NamedTuple

from django.urls import reverse

from pkh_casework.access import POLICY
from pkh_casework.context import NAVIGATION, ONLY_WIDE


class Entrance(NamedTuple):
    """One way in: the route, its icon, what it is called and what is found there."""

    route: str
    icon: str
    label: str
    words: str


GROUPS = (
    (
        "Keluarga",
        (
            Entrance(
                "kpm:assessment_list", "clipboard-check", "Giliran asesmen", "Keluarga yang perlu dinilai"
            ),
            Entrance("kpm:goal_list", "target", "Tujuan keluarga", "Yang berjalan, terlambat, dan selesai"),
            Entrance(
                "kpm:graduation_list",
                "graduation-cap",
                "Graduasi",
                "Usulan, siapa yang siap, dan cek sesudahnya",
            ),
            Entrance(
                "kpm:exit_list", "clock", "Bantuan yang akan berakhir", "Komponen yang habis dalam 12 bulan"
            ),
            Entrance(
                "kpm:payment_list",
                "wallet",
                "Bantuan per tahap",
                "Sudah cair, belum, atau macet di kartu dan rekening",
            ),
            Entrance(
                "roster:handover_list",
                "send",
                "Serah terima KPM",
                "Yang ditawarkan, menunggu, dan kembali dari cuti",
            ),
            Entrance(
                "kpm:move_list",
                "arrow-right-left",
                "Anggota pindah keluarga",
                "Usulan yang menunggu jawaban",
            ),
            Entrance(
                "roster:suspect_list",
                "users",
                "Data ganda",
                "Keluarga yang mungkin tercatat dua kali, dan yang sudah digabung",
            ),
            Entrance("kpm:data_quality", "list", "Mutu data", "Yang kurang atau janggal pada data keluarga"),
            Entrance("kpm:group_list", "users", "Kelompok", "Anggota dan ketua kelompok"),
            Entrance(
                "roster:batch_list",
                "file-spreadsheet",
                "Berkas KPM",
                "Masukkan daftar keluarga dari Excel atau CSV",
            ),
            Entrance(
                "roster:siks_list",
                "arrow-right-left",
                "Meja SIKS-NG",
                "Beda berkas tiap tahap dengan data di sini",
            ),
            Entrance(
                "roster:to_type_list",
                "list",
                "Perlu diketik ke SIKS-NG",
                "Perubahan di sini yang belum diketahui SIKS-NG",
            ),
            Entrance(
                "kpm:identity_search",
                "search",
                "Cari dengan NIK atau No KK",
                "Nomor lengkap, tercatat siapa yang mencari",
            ),
        ),
    ),
    (
        "Kegiatan dan jejaring",
        (
            Entrance("roles:activity_list", "clipboard-list", "Kegiatan", "Semua yang sudah dicatat"),
            Entrance(
                "roles:remark_list",
                "eye",
                "Mutu kunjungan",
                "Catatan yang sama, kunjungan yang rapat, foto yang belum ada",
            ),
            Entrance(
                "entries:held_list",
                "inbox",
                "Kiriman dan titipan",
                "Yang belum terkirim dan yang menunggu diperiksa, tidak ada yang hilang",
            ),
            Entrance(
                "roles:meeting_list",
                "calendar-check",
                "Pertemuan P2K2",
                "Rencana setahun, daftar hadir, dan cakupan",
            ),
            Entrance(
                "roles:incident_list",
                "triangle-alert",
                "Kasus",
                "Pengaduan dan keadaan bahaya, sampai keluarga mendengar jawabannya",
            ),
            Entrance(
                "roles:commitment_list",
                "clipboard-check",
                "Verifikasi komitmen",
                "Hadir di sekolah, posyandu, dan puskesmas, tiap bulan",
            ),
            Entrance(
                "roles:school_file_list",
                "file-spreadsheet",
                "Berkas kehadiran sekolah",
                "Formulir verifikasi komitmen dari sekolah, satu per triwulan",
            ),
            Entrance(
                "roles:training_demand",
                "lightbulb",
                "Pelatihan",
                "Apa yang ditunggu keluarga, pelatihan bersama, pelatih",
            ),
            Entrance(
                "resources:referral_list",
                "send",
                "Rujukan",
                "Keluarga yang dirujuk ke mitra, sampai hasilnya",
            ),
            Entrance(
                "resources:resource_list",
                "map-pin",
                "Sumber daya",
                "Ke mana keluarga bisa dirujuk, dengan peta",
            ),
            Entrance(
                "resources:partner_list",
                "handshake",
                "Mitra",
                "Kontak, kesepakatan, dan rekan yang sudah kenal",
            ),
            Entrance(
                "sinergi:programme_list",
                "milestone",
                "Program Sinergi Kreatif",
                "Keluarga melangkah bersama setahun, tahap demi tahap",
            ),
        ),
    ),
    (
        "Angka dan laporan",
        (
            Entrance(
                "reports:dashboard", "layout-dashboard", "Dasbor", "Angka bulan ini, setiap angka bisa dibuka"
            ),
            Entrance(
                "reports:independence",
                "sprout",
                "Kemandirian keluarga",
                "Sebaran tingkat, siapa yang naik, di mana tertahan",
            ),
            Entrance("reports:target_list", "target", "Target", "Sudah sampai mana, dan usulan target"),
            Entrance("reports:gap", "map", "Kebutuhan dan sumber daya", "Apa yang belum ada yang melayani"),
            Entrance(
                "reports:report_list",
                "file-check",
                "Laporan bulanan",
                "Sudah terhitung dari yang dicatat, sampai disetujui",
            ),
            Entrance(
                "reports:reporting",
                "users",
                "Siapa sudah melapor",
                "Laporan tiap pendamping sebulan: belum ada, draf, menunggu, disetujui",
            ),
            Entrance(
                "reports:months_lock",
                "lock",
                "Kunci bulan",
                "Semua kelurahan sebulan sekaligus: mana yang siap, apa yang kurang",
            ),
            Entrance(
                "reports:month_list",
                "calendar",
                "Bulan per kelurahan",
                "Angka tiap bulan dan versi yang dikunci",
            ),
            Entrance("reports:rhk_list", "list", "RHK", "Kegiatan sebulan menurut sembilan RHK"),
            Entrance(
                "reports:recap", "chart", "Rekap bulanan", "Angka wilayah sebagai buku kerja, PDF, atau CSV"
            ),
            Entrance(
                "reports:export_list", "file-spreadsheet", "Ekspor", "Daftar sebagai berkas Excel atau CSV"
            ),
            Entrance(
                "reports:figure_meanings", "info", "Arti angka", "Apa yang dihitung setiap angka, dan kapan"
            ),
        ),
    ),
    (
        "Panduan dan akun",
        (
            Entrance("guide:contents", "book-open", "Panduan", "Cara memakai Langkah, bagian demi bagian"),
            Entrance(
                "roles:role_guide",
                "book-open",
                "Empat peran pendamping",
                "Penjelasan dan contoh 23 sub-peran",
            ),
            Entrance(
                "kpm:instrument_detail",
                "settings",
                "Instrumen kemandirian",
                "Pertanyaan, jalur, aturan, garis kemiskinan dan UMK",
            ),
            Entrance(
                "master:table_list",
                "settings",
                "Data induk",
                "Besaran, target, RHK, modul, dan daftar lain, dengan tanggal berlakunya",
            ),
            Entrance("accounts:user_list", "briefcase", "Petugas", "Akun, kode masuk, dan yang terkunci"),
            Entrance("phone:phone_here", "phone", "HP ini", "Bekerja tanpa sinyal, dan HP yang Anda pakai"),
            Entrance(
                "phone:phone_list",
                "phone",
                "HP pendamping",
                "Kapan terakhir terhubung, apa yang belum terkirim",
            ),
            Entrance(
                "reports:notice_list",
                "info",
                "Pemberitahuan",
                "Berkas yang siap, batas waktu yang dekat, juga lewat surel",
            ),
            Entrance("accounts:profile", "user", "Akun saya", "Sandi dan perangkat yang masuk"),
        ),
    ),
)


def entrances_for(user):
    """[(heading, [{icon, label, words, url, only_phone}, …]), …] of what `user` may open, groups without any left out.

    `only_phone`: a wide screen has it in its navigation.
    """
    in_bar = {route for _, route, _ in NAVIGATION[user.duty]}
    only_wide = {route for _, route, _ in ONLY_WIDE.get(user.duty, ())}
    groups = []
    for heading, entrances in GROUPS:
        shown = [
            {
                "icon": entrance.icon,
                "label": entrance.label,
                "words": entrance.words,
                "url": reverse(entrance.route),
                "only_phone": entrance.route in only_wide,
            }
            for entrance in entrances
            if user.duty in POLICY[entrance.route].duties and entrance.route not in in_bar - only_wide
        ]
        if shown:
            groups.append((heading, shown))
    return groups
