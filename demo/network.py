"""Resources and partners of the demo: those of Kota Bandung, a few made-up ones near by, and who knows whom."""

from datetime import timedelta
from pathlib import Path
from random import Random

from django.apps import apps

from pkh_casework.ids import uuid7
from resources.loading import load_resources
from resources.models import Agreement, Contact, Partner, Resource, ResourceCheck, Service
from roles.models import Activity

from .families import local_moment

MADE_UP = "(contoh demo)"
NEAR = 0.004  # degrees, under half a kilometre
FRESH, AGED = 12, 6  # how many were looked at lately, and how many too long ago
# Name, category, services, indicators, what it gives, hours, months of business, quota and what is left.
NEARBY = (
    ("Bank sampah warga", "warga", "pasar", "A3 B2 E1", "Menabung dari sampah terpilah; ditimbang setiap Sabtu.", "Sabtu 08.00-11.00", None, None, None),
    ("Kelompok jahit", "umkm", "pelatihan alat", "D1 C4", "Belajar menjahit dan memakai mesin bersama.", "Selasa dan Kamis 13.00-16.00", None, 15, 4),
    ("Warung titip jual", "umkm", "pasar", "C3 A1", "Menerima titipan kue dan lauk; dibayar sore hari.", "setiap hari 06.00-17.00", None, None, None),
    ("Kelas pembukuan sederhana", "kampus", "pelatihan pendampingan", "C3 B1", "Mahasiswa mendampingi mencatat uang masuk dan keluar.", "Rabu 15.00-17.00", 3, 20, 0),
    ("Posbindu dan kartu sehat", "perlindungan", "perlindungan", "D3", "Membantu mengecek kartu JKN yang tidak aktif.", "Senin 09.00-12.00", None, None, None),
)  # fmt: skip
PEOPLE = (
    ("Dinas Tenaga Kerja Kota Bandung", "Ibu Ratna", "Seksi pelatihan"),
    ("Baznas Kota Bandung", "Bapak Hilman", "Bidang pendayagunaan"),
    ("Baznas Kota Bandung", "Ibu Nia", "Relawan kecamatan"),
    ("Dinas Koperasi dan UKM Kota Bandung", "Bapak Yayan", "Pendamping UMKM"),
    ("Satgas Anti Rentenir Kota Bandung", "Ibu Lina", "Penerima pengaduan"),
    ("PT Permodalan Nasional Madani", "Ibu Sari", "Petugas lapangan"),
)
# Partner, subject, signed and ended so many days from today (None: open).
AGREEMENTS = (
    ("Baznas Kota Bandung", "Modal warung untuk KPM siap usaha", -330, 35),
    ("Dinas Tenaga Kerja Kota Bandung", "Kuota pelatihan kerja", -120, 245),
    ("Dinas Koperasi dan UKM Kota Bandung", "Pendampingan NIB dan halal", -400, -35),
    ("Bio Farma bersama YPM Salman ITB", "Bantuan sertifikat halal", -60, None),
)


def fill_network(today, workers):
    """Store resources, checks, partners with people and agreements, and the partners of activities in the role
    representasi. `workers` are the pendamping, with their kelurahan.
    """
    rng = Random("jejaring")  # noqa: S311  made-up places need no secrecy
    load_resources(Path(apps.get_app_config("resources").path, "data", "bandung.csv"))
    for area in {user.wilayah_id: user.wilayah for user in workers}.values():
        _near_by(rng, today, area, [user for user in workers if user.wilayah_id == area.pk])
    _looks(rng, today, workers)
    partners = {partner.name: partner for partner in Partner.objects.all()}
    Contact.objects.bulk_create(
        Contact(partner=partners[name], name=f"{person} {MADE_UP}", duty=duty)
        for name, person, duty in PEOPLE
    )
    Agreement.objects.bulk_create(
        Agreement(
            partner=partners[name],
            number=f"{number:03d}/DEMO",
            subject=f"{subject} {MADE_UP}",
            signed_on=today + timedelta(days=begun),
            valid_to=None if ends is None else today + timedelta(days=ends),
        )
        for number, (name, subject, begun, ends) in enumerate(AGREEMENTS, 1)
    )
    _contacts(rng, list(partners.values()))


def _near_by(rng, today, area, workers):
    services = Service.objects.in_bulk()
    for number, (name, category, gives, lifts, text, hours, months, quota, left) in enumerate(NEARBY):
        days = (5, 130, 20, 40, 200)[number]
        resource = Resource.objects.create(
            name=f"{name} {area.name} {MADE_UP}",
            category_id=category,
            wilayah=area,
            description=text,
            lifts=lifts.split(),
            hours=hours,
            business_months=months,
            quota=quota,
            quota_left=left,
            latitude=round(float(area.latitude) + rng.uniform(-NEAR, NEAR), 6),
            longitude=round(float(area.longitude) + rng.uniform(-NEAR, NEAR), 6),
            source="Tempat rekaan untuk demo",
            true_in=today.year,
            checked_on=today - timedelta(days=days),
            checked_by=rng.choice(workers),
            added_by=rng.choice(workers),
        )
        resource.services.set([services[code] for code in gives.split()])


def _looks(rng, today, workers):
    """Some of the city's resources were looked at, lately or too long ago; the rest waits."""
    rows = rng.sample(list(Resource.objects.filter(checked_on=None).order_by("name")), FRESH + AGED)
    checks = []
    for number, row in enumerate(rows):
        row.checked_on = today - timedelta(
            days=rng.randint(2, 80) if number < FRESH else rng.randint(95, 260)
        )
        row.checked_by = rng.choice(workers)
        moment = local_moment(row.checked_by.wilayah_id, row.checked_on, 10, 0)
        checks.append(
            ResourceCheck(
                op_id=uuid7(int(moment.timestamp() * 1000), rng.randbytes),
                resource=row,
                checked_on=row.checked_on,
                by=row.checked_by,
                outcome=ResourceCheck.Outcome.TRUE,
            )
        )
    Resource.objects.bulk_update(rows, ["checked_on", "checked_by"])
    ResourceCheck.objects.bulk_create(checks)


def _contacts(rng, partners):
    """Each activity in the role representasi was with somebody."""
    link = Activity.partners.through
    activities = (
        Activity.objects.filter(sub_role__role="representasi").order_by("pk").values_list("pk", flat=True)
    )
    partners = sorted(partners, key=lambda partner: partner.name)
    link.objects.bulk_create(
        link(activity_id=pk, partner_id=rng.choice(partners).pk) for pk in activities if rng.random() < 0.8
    )
