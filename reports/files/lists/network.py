"""The lists about whom there is around families: partners and trainers, the kelompok, and whose benefit ends soon."""

from django.db.models import OuterRef, Subquery

from kpm.listings import ExitListing, GroupListing
from kpm.models import Group, GroupChair, Household, MemberComponent
from pkh_casework.sheets import DAY, NUMBER
from resources.listings import PartnerListing
from resources.models import Agreement, Partner
from roles.listings import TrainerListing
from roles.models import Trainer

from .columns import List, ListColumn
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
        ListColumn("nama", "Nama", "name", width=36),
        ListColumn("kategori", "Kategori", "category__name"),
        ListColumn("wilayah", "Wilayah kerja", "wilayah__name", width=20),
        ListColumn("alamat", "Alamat", "address", width=30),
        ListColumn("telepon", "Telepon", "phone"),
        ListColumn("surel", "Surel", "email", width=26),
        ListColumn("situs", "Situs", "website", width=26, chosen=False),
        ListColumn("keterangan", "Keterangan", "note", width=40, chosen=False),
        ListColumn("kesepakatan", "Kesepakatan terakhir", last_agreement("subject"), width=36),
        ListColumn("berlaku", "Berlaku sampai", last_agreement("valid_to"), DAY),
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
        ListColumn("nama", "Nama", "name", width=30),
        ListColumn("bidang", "Bidang", "topics", width=40),
        ListColumn("mitra", "Mitra", "partner__name"),
        ListColumn("wilayah", "Wilayah", "wilayah__name", width=20),
        ListColumn("telepon", "Telepon", "phone"),
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
        ListColumn("nama", "Nama", "name", width=26),
        ListColumn("kelurahan", "Kelurahan", "wilayah__name", width=20),
        ListColumn("pendamping", "Pendamping", "pendamping__name"),
        ListColumn(
            "ketua",
            "Ketua",
            Subquery(
                GroupChair.objects.filter(group=OuterRef("pk"), to_on=None).values("household__name")[:1]
            ),
        ),
        ListColumn("jumlah", "KPM didampingi", number_of(Household.objects.active(), "group"), NUMBER),
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
        ListColumn("anggota", "Anggota", "member__name", width=26, of_family=True),
        ListColumn("komponen", "Komponen", "component__name", width=26),
        ListColumn("berakhir", "Berakhir", "ends_on", DAY),
    ),
    listing=ExitListing,
    page="kpm:exit_list",
    household="household_id",
)
