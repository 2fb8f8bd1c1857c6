"""The lists about whom there is around families: partners and trainers, the kelompok, and whose benefit ends soon."""

from django.db.models import OuterRef, Subquery

from kpm.listings import ExitListing, GroupListing
from kpm.models import Group, GroupChair, Household, MemberComponent
from reports.files.sheets import DAY, NUMBER
from resources.listings import PartnerListing
from resources.models import Agreement, Partner
from roles.listings import TrainerListing
from roles.models import Trainer

from .columns import Column, List
from .families import number_of, of_family


def last_agreement(field):
    """An expression of the newest agreement with a partner."""
    return Subquery(Agreement.objects.filter(partner=OuterRef("pk")).order_by("-signed_on").values(field)[:1])


PARTNERS = List(
    "mitra",
    "Mitra",
    "Lembaga dan usaha yang bisa dihubungi, dengan kesepakatan terakhir",
    "handshake",
    Partner,
    (
        Column("nama", "Nama", "name", width=36),
        Column("kategori", "Kategori", "category__name"),
        Column("wilayah", "Wilayah kerja", "wilayah__name", width=20),
        Column("alamat", "Alamat", "address", width=30),
        Column("telepon", "Telepon", "phone"),
        Column("surel", "Surel", "email", width=26),
        Column("situs", "Situs", "website", width=26, chosen=False),
        Column("keterangan", "Keterangan", "note", width=40, chosen=False),
        Column("kesepakatan", "Kesepakatan terakhir", last_agreement("subject"), width=36),
        Column("berlaku", "Berlaku sampai", last_agreement("valid_to"), DAY),
    ),
    listing=PartnerListing,
    page="resources:partner_list",
)
TRAINERS = List(
    "pelatih",
    "Pelatih",
    "Siapa yang dapat mengisi pelatihan, dan bidangnya",
    "graduation-cap",
    Trainer,
    (
        Column("nama", "Nama", "name", width=30),
        Column("bidang", "Bidang", "topics", width=40),
        Column("mitra", "Mitra", "partner__name"),
        Column("wilayah", "Wilayah", "wilayah__name", width=20),
        Column("telepon", "Telepon", "phone"),
    ),
    listing=TrainerListing,
    page="roles:trainer_list",
)
GROUPS = List(
    "kelompok",
    "Kelompok",
    "Kelompok dengan ketua dan jumlah keluarganya",
    "users",
    Group,
    (
        Column("nama", "Nama", "name", width=26),
        Column("kelurahan", "Kelurahan", "wilayah__name", width=20),
        Column("pendamping", "Pendamping", "pendamping__name"),
        Column(
            "ketua",
            "Ketua",
            Subquery(
                GroupChair.objects.filter(group=OuterRef("pk"), to_on=None).values("household__name")[:1]
            ),
        ),
        Column("jumlah", "KPM didampingi", number_of(Household.objects.active(), "group"), NUMBER),
    ),
    listing=GroupListing,
    page="kpm:group_list",
)
EXITS = List(
    "akan-berakhir",
    "Bantuan yang akan berakhir",
    "Komponen yang selesai dengan sendirinya dalam 12 bulan",
    "clock",
    MemberComponent,
    (
        *of_family("household__"),
        Column("anggota", "Anggota", "member__name", width=26, of_family=True),
        Column("komponen", "Komponen", "component__name", width=26),
        Column("berakhir", "Berakhir", "ends_on", DAY),
    ),
    listing=ExitListing,
    page="kpm:exit_list",
    household="household_id",
)
