"""What a receipt code stands for: the entry it was given for, and the page of it that the asker may open."""

from dataclasses import dataclass

from django.urls import reverse

from kpm.models import Assessment, Goal, GoalStep, GraduationCase, Household, Member
from ledger.models import RECEIPT_SYMBOLS, HeldEntry, Receipt
from pkh_casework.fields import read_short_code
from reports.models import Export, MonthlyReport
from roles.models import Activity, ActivityHousehold, Referral, Training
from sinergi.models import Enrolment, Programme

# What each kind of entry is called, and the model of `Receipt.object_id` (None: it names no object).
KINDS = {
    "roles.activity": ("Catatan kegiatan", Activity),
    "roles.change": ("Perubahan kegiatan", Activity),
    "roles.step_done": ("Langkah selesai", ActivityHousehold),
    "roles.postponement": ("Tundaan keluarga", Household),
    "kpm": ("Keluarga baru", Household),
    "kpm_ubah": ("Perubahan data keluarga", Household),
    "kpm_anggota": ("Anggota keluarga baru", Member),
    "kpm_anggota_ubah": ("Perubahan data anggota", Member),
    "kelompok": ("Data kelompok", None),
    "kpm_asesmen": ("Asesmen", Assessment),
    "kpm_asesmen_ubah": ("Perubahan asesmen", Assessment),
    "kpm_tujuan": ("Tujuan keluarga", Goal),
    "kpm_tujuan_ubah": ("Perubahan tujuan", Goal),
    "kpm_tujuan_tutup": ("Penutupan tujuan", Goal),
    "kpm_langkah": ("Langkah tujuan", GoalStep),
    "kpm_langkah_ubah": ("Perubahan langkah tujuan", GoalStep),
    "kpm_langkah_selesai": ("Langkah tujuan selesai", GoalStep),
    "kpm_langkah_batal": ("Langkah tujuan dibuka lagi", GoalStep),
    "kpm_belum": ("Alasan belum ada tujuan", Household),
    "kpm_graduasi": ("Usulan graduasi", GraduationCase),
    "kpm_graduasi_ubah": ("Perubahan usulan graduasi", GraduationCase),
    "kpm_graduasi_langkah": ("Langkah usulan graduasi", GraduationCase),
    "kpm_graduasi_cek": ("Cek sesudah graduasi", GraduationCase),
    "roles.rujukan": ("Rujukan", Referral),
    "roles.rujukan_langkah": ("Langkah rujukan", Referral),
    "roles.rujukan_tarik": ("Penarikan persetujuan", Referral),
    "roles.tautan": ("Tautan jawaban mitra", Referral),
    "roles.tautan_cabut": ("Pencabutan tautan mitra", Referral),
    "roles.pertemuan_rencana": ("Rencana pertemuan", None),
    "roles.pelatihan_undangan": ("Undangan pelatihan", Training),
    "sinergi_program": ("Program Sinergi", Programme),
    "sinergi_program_ubah": ("Perubahan program", Programme),
    "sinergi_tahap": ("Tahap program", Programme),
    "sinergi_tutup": ("Penutupan program", Programme),
    "sinergi_usaha": ("Kelompok usaha", Programme),
    "sinergi_anggaran": ("Anggaran program", Programme),
    "sinergi_maju": ("Pindah tahap dengan bukti", Programme),
    "sinergi_ikut": ("Pendaftaran ke program", Enrolment),
    "sinergi_pindah": ("Pindah tahap dengan alasan", Enrolment),
    "sinergi_keluar": ("Selesai ikut program", Enrolment),
    "laporan": ("Laporan bulanan", MonthlyReport),
    "laporan_ubah": ("Perubahan laporan bulanan", MonthlyReport),
    "laporan_langkah": ("Langkah laporan bulanan", MonthlyReport),
    "laporan_kunci": ("Kunci bulan", None),
    "laporan_buka": ("Pembukaan bulan", None),
    "laporan_susulan": ("Susulan", None),
    "reports.ekspor": ("Ekspor", Export),
    "reports.rekap_jadwal": ("Jadwal rekap", None),
    "sumber_daya": ("Sumber daya", None),
    "sumber_daya_periksa": ("Pemeriksaan sumber daya", None),
    "mitra_partner": ("Data mitra", None),
    "mitra_contact": ("Kontak mitra", None),
    "mitra_agreement": ("Kesepakatan mitra", None),
    "mitra_training": ("Pelatihan", None),
    "mitra_trainer": ("Pelatih", None),
}


@dataclass(frozen=True)
class Found:
    """One receipt for people: what was received, and the page about it ("" when the asker may open none)."""

    receipt: Receipt
    title: str
    page: str
    url: str


def receipt_of(user, text):
    """The Found for a code as it was read or written; None when `user` may see no receipt of that code."""
    try:
        number = read_short_code(text, RECEIPT_SYMBOLS, "receipt")
    except ValueError:
        return None
    receipt = Receipt.objects.visible_to(user).select_related("author").filter(pk=number).first()
    if receipt is None:
        return None
    title, model = KINDS[receipt.kind]
    page, url = _page_of(receipt, model, user)
    return Found(receipt, title, page, url)


def _page_of(receipt, model, user):
    """Words and address of the page about what the receipt was given for, ("", "") when the asker may open none: a
    family handed over meanwhile is closed to who wrote the entry.
    """
    if receipt.object_id is None or model is None:
        held = HeldEntry.objects.visible_to(user).filter(op_id=receipt.op_id).first()
        return ("Buka titipan", reverse("sync:held_detail", args=[held.pk])) if held else ("", "")
    thing = model.objects.visible_to(user).filter(pk=receipt.object_id).first()
    if thing is None:
        return "", ""
    if isinstance(thing, Activity):
        return "Buka kegiatan", thing.get_absolute_url()
    if isinstance(thing, Assessment):
        return "Buka asesmen", thing.get_absolute_url()
    if isinstance(thing, Training):
        return "Buka pelatihan", thing.get_absolute_url()
    if isinstance(thing, Programme):
        return "Buka program", thing.get_absolute_url()
    if isinstance(thing, MonthlyReport):
        return "Buka laporan", thing.get_absolute_url()
    if isinstance(thing, Export):
        return "Buka berkas", thing.get_absolute_url()
    household = thing if isinstance(thing, Household) else thing.household
    return f"Buka {household.case_number}", household.get_absolute_url()
