"""Every figure of the house, declared once (contract C5): its name and meaning, its unit, its period, who counts.

Dashboards, lists, reports and exports use nothing but these declarations, so that a number and the list behind it
can't differ. A new figure is one more entry in FIGURES: a `Source` says which rows there are and how a `Lens`
narrows and groups them, the figure says which of those rows it counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q

from kpm.models import WatchCheck
from roles.models import Attendance

from .rhk import RHK_NUMBERS, serving
from .sources import (
    ACTIVITIES,
    ATTENDANCE,
    CHECKS_DONE,
    FAMILIES,
    GRADUATIONS,
    LAST_CHECKS,
    SESSIONS_HELD,
    SESSIONS_PLANNED,
    STEPS,
    VISITS,
    Lens,
    Source,
)

ROLE_CODES = ("fasilitasi", "edukasi", "representasi", "teknis")


@dataclass(frozen=True)
class Figure:
    """One figure: the rows of `source` that fulfil `where`; with `once_per_family`, the families in them.

    `name`, `definition`, `unit` and `nothing` (what an empty list says) are for people. `share_of` names the figure
    that this one is a part of.
    """

    slug: str
    name: str
    definition: str
    unit: str
    source: Source
    nothing: str
    where: Callable[[Lens], Q] = lambda lens: Q()
    once_per_family: bool = False
    share_of: str = ""

    def rows(self, lens):
        """The rows of `source` that this figure counts."""
        return self.source.rows(lens).filter(self.where(lens))

    def count(self, lens):
        """The aggregate that counts this figure among the rows of its source."""
        counted = "household" if self.once_per_family else "pk"
        return Count(counted, distinct=self.once_per_family, filter=self.where(lens))


def _visited_since(days):
    return lambda lens: Q(last_visited_on__gte=lens.days_ago(days))


def _not_visited_since(days):
    return lambda lens: Q(last_visited_on=None) | Q(last_visited_on__lt=lens.days_ago(days))


def _in_role(code):
    return lambda lens: Q(sub_role__role_id=code)


def _met(lens):
    return Q(met=True)


FIGURES = {
    figure.slug: figure
    for figure in (
        Figure(
            slug="kpm-aktif",
            name="KPM aktif",
            definition="Keluarga yang sekarang didampingi: berstatus aktif atau calon graduasi.",
            unit="KPM",
            source=FAMILIES,
            nothing="Belum ada KPM aktif di sini. KPM muncul setelah dicatat dan diberi pendamping.",
        ),
        Figure(
            slug="dikunjungi-30-hari",
            name="Dikunjungi dalam 30 hari",
            definition="KPM aktif yang bertemu pendamping di rumahnya dalam 30 hari terakhir.",
            unit="KPM",
            source=FAMILIES,
            where=_visited_since(30),
            share_of="kpm-aktif",
            nothing="Belum ada KPM yang dikunjungi dalam 30 hari terakhir.",
        ),
        *(
            Figure(
                slug=f"belum-{days}-hari",
                name=f"Belum dikunjungi {days} hari",
                definition=(
                    f"KPM aktif yang kunjungan rumah terakhirnya lebih dari {days} hari lalu, "
                    "atau yang belum pernah dikunjungi."
                ),
                unit="KPM",
                source=FAMILIES,
                where=_not_visited_since(days),
                share_of="kpm-aktif",
                nothing=f"Bagus, semua KPM aktif sudah dikunjungi dalam {days} hari terakhir.",
            )
            for days in (30, 60, 90)
        ),
        Figure(
            slug="langkah-terlambat",
            name="Langkah berikutnya terlambat",
            definition=(
                "Langkah yang dijanjikan kepada KPM aktif, sudah lewat tanggalnya dan belum ditandai selesai. "
                "Satu langkah untuk tiga KPM dihitung tiga."
            ),
            unit="langkah",
            source=STEPS,
            nothing="Bagus, tidak ada langkah yang lewat tanggal.",
        ),
        Figure(
            slug="kpm-dikunjungi",
            name="KPM dikunjungi",
            definition=(
                "KPM yang bertemu pendamping pada kunjungan rumah dalam bulan yang dipilih. Satu KPM dihitung "
                "sekali, berapa pun kunjungannya."
            ),
            unit="KPM",
            source=VISITS,
            where=_met,
            once_per_family=True,
            nothing="Belum ada KPM yang dikunjungi pada bulan ini.",
        ),
        Figure(
            slug="kunjungan",
            name="Kunjungan rumah",
            definition="Kunjungan rumah dalam bulan yang dipilih yang bertemu keluarganya. Dua kunjungan dihitung dua.",
            unit="kunjungan",
            source=VISITS,
            where=_met,
            nothing="Belum ada kunjungan rumah pada bulan ini.",
        ),
        Figure(
            slug="tidak-bertemu",
            name="Tidak bertemu",
            definition=(
                "Kunjungan rumah dalam bulan yang dipilih yang tidak bertemu keluarganya. Tidak masuk hitungan "
                "kunjungan rumah."
            ),
            unit="kunjungan",
            source=VISITS,
            where=lambda lens: Q(met=False),
            nothing="Pada bulan ini tidak ada kunjungan yang gagal bertemu.",
        ),
        Figure(
            slug="kegiatan",
            name="Kegiatan",
            definition=(
                "Semua kegiatan pendamping dalam bulan yang dipilih, apa pun jenisnya. Satu kegiatan untuk banyak "
                "KPM dihitung satu."
            ),
            unit="kegiatan",
            source=ACTIVITIES,
            nothing="Belum ada kegiatan yang dicatat pada bulan ini.",
        ),
        *(
            Figure(
                slug=f"kegiatan-{code}",
                name=f"Kegiatan {code}",
                definition=f"Kegiatan dalam bulan yang dipilih yang peran utamanya {code}.",
                unit="kegiatan",
                source=ACTIVITIES,
                where=_in_role(code),
                share_of="kegiatan",
                nothing=f"Belum ada kegiatan {code} pada bulan ini.",
            )
            for code in ROLE_CODES
        ),
        *(
            Figure(
                slug=f"rhk-{number}",
                name=f"RHK {number}",
                definition=(
                    f"Kegiatan dalam bulan yang dipilih yang masuk RHK {number} menurut daftar RHK bulan itu. Satu "
                    "kegiatan masuk satu RHK."
                ),
                unit="kegiatan",
                source=ACTIVITIES,
                where=serving(number),
                share_of="kegiatan",
                nothing=f"Belum ada kegiatan RHK {number} pada bulan ini.",
            )
            for number in RHK_NUMBERS
        ),
        Figure(
            slug="rhk-tanpa",
            name="Tanpa RHK",
            definition="Kegiatan dalam bulan yang dipilih yang tidak masuk RHK mana pun menurut daftar bulan itu.",
            unit="kegiatan",
            source=ACTIVITIES,
            where=serving(None),
            share_of="kegiatan",
            nothing="Semua kegiatan bulan ini masuk salah satu RHK.",
        ),
        Figure(
            slug="p2k2-rencana",
            name="P2K2 direncanakan",
            definition="Sesi P2K2 yang rencananya jatuh dalam bulan yang dipilih, sudah dilaksanakan atau belum.",
            unit="sesi",
            source=SESSIONS_PLANNED,
            nothing="Tidak ada sesi P2K2 yang direncanakan pada bulan ini.",
        ),
        Figure(
            slug="p2k2",
            name="P2K2 dilaksanakan",
            definition=(
                "Sesi P2K2 yang dilaksanakan dalam bulan yang dipilih dan daftar hadirnya tersimpan, juga yang "
                "direncanakan untuk bulan lain."
            ),
            unit="sesi",
            source=SESSIONS_HELD,
            nothing="Belum ada sesi P2K2 yang dilaksanakan pada bulan ini.",
        ),
        Figure(
            slug="p2k2-anggota",
            name="KPM dalam daftar hadir P2K2",
            definition=(
                "KPM yang namanya ada dalam daftar hadir P2K2 bulan yang dipilih, hadir atau tidak. Satu KPM "
                "dihitung sekali."
            ),
            unit="KPM",
            source=ATTENDANCE,
            once_per_family=True,
            nothing="Belum ada daftar hadir P2K2 pada bulan ini.",
        ),
        Figure(
            slug="p2k2-hadir",
            name="KPM hadir P2K2",
            definition="KPM yang hadir atau diwakili pada P2K2 bulan yang dipilih. Satu KPM dihitung sekali.",
            unit="KPM",
            source=ATTENDANCE,
            where=lambda lens: Q(state=Attendance.State.PRESENT),
            once_per_family=True,
            share_of="p2k2-anggota",
            nothing="Belum ada KPM yang hadir pada P2K2 bulan ini.",
        ),
        Figure(
            slug="graduasi",
            name="Graduasi",
            definition=(
                "Keluarga yang graduasinya disetujui dalam tahun yang dipilih dan masih berlaku, dihitung pada "
                "pendamping yang mengusulkannya."
            ),
            unit="keluarga",
            source=GRADUATIONS,
            nothing="Belum ada graduasi yang disetujui pada tahun ini.",
        ),
        Figure(
            slug="kembali-rentan",
            name="Kembali rentan",
            definition="Keluarga yang pada cek sesudah graduasi dalam tahun yang dipilih ternyata kembali rentan.",
            unit="keluarga",
            source=CHECKS_DONE,
            where=lambda lens: Q(outcome=WatchCheck.Outcome.FALLEN),
            once_per_family=True,
            nothing="Tidak ada keluarga yang kembali rentan pada cek tahun ini.",
        ),
        Figure(
            slug="cek-12-bulan",
            name="KPM genap 12 bulan",
            definition="Keluarga yang dalam tahun yang dipilih genap 12 bulan sesudah graduasi, sampai hari ini.",
            unit="keluarga",
            source=LAST_CHECKS,
            nothing="Belum ada keluarga yang genap 12 bulan graduasi pada tahun ini.",
        ),
        Figure(
            slug="bertahan-12-bulan",
            name="Bertahan 12 bulan",
            definition=(
                "Dari keluarga yang genap 12 bulan graduasi dalam tahun yang dipilih, yang pada cek 12 bulan tetap "
                "mandiri. Yang belum dicek, goyah, tidak terhubungi, atau kembali didampingi tidak dihitung."
            ),
            unit="keluarga",
            source=LAST_CHECKS,
            where=lambda lens: Q(outcome=WatchCheck.Outcome.STANDS),
            share_of="cek-12-bulan",
            nothing="Belum ada keluarga yang tercatat bertahan 12 bulan pada tahun ini.",
        ),
    )
}
