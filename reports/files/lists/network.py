"""The lists about whom there is around families: partners and trainers, the kelompok, and whose benefit ends soon."""

from django.db.models import OuterRef, Subquery

from kpm.benefits import Tables
from kpm.models import Group, GroupChair, Household, MemberComponent
from kpm.views.benefit import exits_of
from kpm.views.group import groups_of
from reports.files.sheets import DAY, NUMBER
from resources.models import Agreement, Category, Partner
from roles.models import Trainer
from roles.views.partner import partners_asked
from roles.views.training import trainers_of

from .columns import Column, List, in_order
from .families import number_of, of_family


def category_name(asked, value):
    return Category.objects.filter(pk=value).values_list("name", flat=True).first()


def last_agreement(field):
    """An expression of the newest agreement with a partner."""
    return Subquery(Agreement.objects.filter(partner=OuterRef("pk")).order_by("-signed_on").values(field)[:1])


PARTNERS = List(
    "mitra",
    "Mitra",
    "Lembaga dan usaha yang bisa dihubungi, dengan kesepakatan terakhir",
    "handshake",
    Partner,
    lambda asked: in_order(partners_asked(asked.user, asked.GET)),
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
    page="roles:partner_list",
    keeps={"q": ("Cari", None), "kategori": ("Kategori", category_name)},
)
TRAINERS = List(
    "pelatih",
    "Pelatih",
    "Siapa yang dapat mengisi pelatihan, dan bidangnya",
    "graduation-cap",
    Trainer,
    lambda asked: in_order(trainers_of(asked.user)),
    (
        Column("nama", "Nama", "name", width=30),
        Column("bidang", "Bidang", "topics", width=40),
        Column("mitra", "Mitra", "partner__name"),
        Column("wilayah", "Wilayah", "wilayah__name", width=20),
        Column("telepon", "Telepon", "phone"),
    ),
    page="roles:trainer_list",
)
GROUPS = List(
    "kelompok",
    "Kelompok",
    "Kelompok dengan ketua dan jumlah keluarganya",
    "users",
    Group,
    lambda asked: in_order(groups_of(asked.user)),
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
    page="kpm:group_list",
)
EXITS = List(
    "akan-berakhir",
    "Bantuan yang akan berakhir",
    "Komponen yang selesai dengan sendirinya dalam 12 bulan",
    "clock",
    MemberComponent,
    lambda asked: in_order(exits_of(asked.user, asked.today, Tables())),
    (
        *of_family("household__"),
        Column("anggota", "Anggota", "member__name", width=26, of_family=True),
        Column("komponen", "Komponen", "component__name", width=26),
        Column("berakhir", "Berakhir", "ends_on", DAY),
    ),
    page="kpm:exit_list",
    household="household_id",
)
