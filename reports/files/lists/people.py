"""What figures tell of pendamping themselves: from whom something was received when, and how far their reports are."""

from accounts.models import User
from kpm.models import Assignment
from pkh_casework.sheets import DAY
from reports.figures.declared.reporting import step_name
from reports.models import MonthlyReport

from .columns import List, ListColumn

PEOPLE = List(
    "pendamping",
    "Pendamping",
    "Satu baris untuk tiap pendamping, dengan kiriman terakhirnya",
    "users",
    User,
    (
        ListColumn("nama", "Nama", "name"),
        ListColumn("wilayah", "Wilayah tugas", "wilayah__name"),
        ListColumn("kiriman", "Kiriman terakhir", "heard_on", DAY),
    ),
)
REPORTS = List(
    "laporan",
    "Laporan bulanan",
    "Satu baris untuk tiap laporan pendamping",
    "file-text",
    MonthlyReport,
    (
        ListColumn("pendamping", "Pendamping", "pendamping__name"),
        ListColumn("kelurahan", "Kelurahan", "wilayah__name", width=20),
        ListColumn("bulan", "Bulan", "month", DAY),
        ListColumn("keadaan", "Keadaan", "state", choices=MonthlyReport.State),
    ),
)
DUTIES = List(
    "wajib-lapor",
    "Siapa yang melapor",
    "Satu baris untuk tiap pendamping dan kelurahan yang laporannya ditunggu",
    "file-text",
    Assignment,
    (
        ListColumn("pendamping", "Pendamping", "pendamping__name"),
        ListColumn("kelurahan", "Kelurahan", "household__wilayah__name", width=20),
        ListColumn("keadaan", "Keadaan", "report_state", words=step_name),
        ListColumn("diajukan", "Pertama diajukan", "handed_on", DAY),
    ),
)
