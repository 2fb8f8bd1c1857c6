"""A file that the office of the kecamatan sent this morning and nobody has looked at: some of everything in it."""

import csv
import io
from hashlib import sha256

from django.core.files.uploadedfile import SimpleUploadedFile

from kpm.models import Household
from pkh_casework.ids import uuid7
from roster.columns import known_columns
from roster.models import Batch
from roster.operations.batch import go_on, match_columns, receive_file

NAME = "Daftar KPM Kiaracondong.csv"
SENDER, HOLDER = "koordinator.kiaracondong", "pendamping.kebonjayanti"
HEADINGS = ("No. KK", "NIK", "Nama Anggota", "L/P", "Tgl Lahir", "Hubungan", "Komponen", "Alamat", "RT/RW", "Kelurahan",
            "Pendamping", "No HP")  # fmt: skip
# No KK and NIK belong to nobody: the district 327399 does not exist.
NEW = (
    ("3273990611250001", "3273995203880041", "Nining Kurniasih", "P", "12/03/1988", "Istri", "", "Gang Saluyu 14", "003/007",
     "Kebon Jayanti", "0812 0000 1188"),
    ("3273990611250001", "3273990908150042", "Rizki Kurniawan", "L", "09/08/2015", "Anak", "SD", "Gang Saluyu 14", "003/007",
     "Kebon Jayanti", ""),
    ("3273990611250002", "3273994107790043", "Yoyoh Rokayah", "P", "01/07/1979", "Kepala Keluarga", "", "Jalan Kebonjayanti 88",
     "RT.01/RW.09", "Kel. Kebon Jayanti", ""),
    ("3273990611250003", "3,27399E+15", "Imas Masitoh", "P", "20/11/1990", "Istri", "Bumil", "Gang Masjid 3", "002/004",
     "Kebon Jayanti", ""),
)  # fmt: skip


def is_sent():
    """Whether `send_file` is done."""
    return Batch.objects.filter(name=NAME).exists()


def send_file(users):
    """Send the file and match its columns, as the koordinator of the kecamatan did; `users` are the demo's by username.

    Two families of it are there already, one of them with another telephone number.
    """
    sender, holder = users[SENDER], users[HOLDER]
    known = Household.objects.active().filter(pendamping=holder).order_by("case_number")[:2]
    rows = [
        (
            one.no_kk.reveal(),
            "",
            one.name,
            "P",
            "",
            "",
            "",
            one.address,
            f"{one.rt or 0:03}/{one.rw or 0:03}",
            "Kebon Jayanti",
            phone,
        )
        for one, phone in zip(known, ("", "0813 0000 2277"), strict=False)
    ]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([["DAFTAR KPM PKH KECAMATAN KIARACONDONG"], [], HEADINGS])
    writer.writerows((*row[:10], holder.name, row[10]) for row in [*rows, *NEW])
    content = text.getvalue().encode("utf-8-sig")
    upload = SimpleUploadedFile(NAME, content)
    batch = receive_file(by=sender, op_id=uuid7(), upload=upload, sha256=sha256(content).hexdigest())
    go_on(batch.pk)  # within a transaction nobody else reads it
    batch.refresh_from_db()
    fields = [column["field"] if column["field"] in known_columns() else "" for column in batch.columns]
    match_columns(batch, by=sender, op_id=uuid7(), fields=fields, kelurahan=None, pendamping=None)
    go_on(batch.pk)
