"""What figures tell of pendamping themselves: from whom something was received when, and how far their reports are."""

from accounts.models import User
from reports.files.sheets import DAY
from reports.models import MonthlyReport

from .columns import Column, List

PEOPLE = List(
    "pendamping",
    "Pendamping",
    "Satu baris untuk tiap pendamping, dengan kiriman terakhirnya",
    "users",
    User,
    (
        Column("nama", "Nama", "name"),
        Column("wilayah", "Wilayah tugas", "wilayah__name"),
        Column("kiriman", "Kiriman terakhir", "heard_on", DAY),
    ),
)
REPORTS = List(
    "laporan",
    "Laporan bulanan",
    "Satu baris untuk tiap laporan pendamping",
    "file-text",
    MonthlyReport,
    (
        Column("pendamping", "Pendamping", "pendamping__name"),
        Column("kelurahan", "Kelurahan", "wilayah__name", width=20),
        Column("bulan", "Bulan", "month", DAY),
        Column("keadaan", "Keadaan", "state", choices=MonthlyReport.State),
    ),
)
