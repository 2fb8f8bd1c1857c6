"""Targets of the demo's people and areas: some in force, one of them replaced, and some that wait for a decision.

Rows come out as reports.targets.operations would have written them, but for their receipts (see demo.referrals).
"""

import random
from datetime import timedelta

from pkh_casework.days import months_after
from pkh_casework.ids import uuid7
from reports.models import Target

from .copying import store
from .families import local_moment
from .script import SEED

KELURAHAN, KECAMATAN = "3273161002", "327316"
WORKERS = (
    "pendamping.kebonjayanti",
    "pendamping2.kebonjayanti",
    "pendamping.sukapura",
    "pendamping.babakansari",
)
CAMAT, BANDUNG = "koordinator.kiaracondong", "koordinator.bandung"
MEETING = "Disepakati pada rapat koordinasi kecamatan."
# Each with the figure, how many months ago it began, the value, why.
OF_A_WORKER = (
    ("kunjungan", 11, 90, MEETING),
    ("kunjungan", 3, 110, "Naik sedikit, sesudah jadwal P2K2 dirapikan."),
    ("p2k2", 11, 8, MEETING),
    ("langkah-terlambat", 5, 30, "Janji ke keluarga ditepati."),
)
# Proposed by the koordinator of the kecamatan, decided by the one of the kota.
OF_THE_KECAMATAN = (
    ("rujukan-berakhir-selesai", 11, 12, "Target Dinas Sosial tahun ini."),
    ("graduasi", 10, 70, "Kecamatan menargetkan lebih banyak dari target umum."),
)
# They wait: who proposes, the figure and the value from the next month on, why; those of a koordinator are for the kelurahan.
WAITING = (
    (WORKERS[0], "kunjungan", 125, "Sanggup lebih banyak: rumah di RW 05 berdekatan."),
    (WORKERS[2], "p2k2", 6, "Dua kelompok digabung, jadi pertemuannya berkurang."),
    (CAMAT, "kpm-dikunjungi", 180, "Supaya tiap KPM bertemu sekali dalam dua bulan."),
)


def fill_targets(today, users):
    """Store the targets as of `today`; `users` are the demo's by username."""
    writer = _Writer(today)
    for name in WORKERS:
        for line in OF_A_WORKER:
            writer.approved(users[name], users[CAMAT], users[name], *line)
    for line in OF_THE_KECAMATAN:
        writer.approved(users[CAMAT], users[BANDUNG], None, *line)
    for name, figure, value, reason in WAITING:
        writer.waiting(users[name], None if name == CAMAT else users[name], figure, value, reason)
    writer.end_those_replaced()
    store(Target, writer.rows)


class _Writer:
    """Collects rows; all chance comes from one seeded generator."""

    def __init__(self, today):
        self.today, self.this_month, self.rows = today, today.replace(day=1), []
        self.rng = random.Random(SEED)  # noqa: S311  made-up targets need no secrecy

    def approved(self, by, koordinator, person, figure, months_ago, value, reason):
        """A target in force since so many months ago, proposed ten days before and approved a week before."""
        begins = months_after(self.this_month, -months_ago)
        self._add(
            by,
            person,
            KECAMATAN,
            figure,
            value,
            reason,
            begins,
            begins - timedelta(days=10),
            state=Target.State.APPROVED,
            decided_by=koordinator,
            decided_on=begins - timedelta(days=7),
        )

    def waiting(self, by, person, figure, value, reason):
        begins, day = months_after(self.this_month, 1), self.today - timedelta(days=3)
        self._add(by, person, KELURAHAN, figure, value, reason, begins, day)

    def _add(self, by, person, area, figure, value, reason, begins, proposed_on, **decided):
        area = person.wilayah_id if person else area
        at = local_moment(area, proposed_on, 9, 30)
        target = Target(
            id=uuid7(int(at.timestamp() * 1000), self.rng.randbytes),
            op_id=uuid7(int(at.timestamp() * 1000), self.rng.randbytes),
            figure=figure,
            wilayah_id=area,
            pendamping=person,
            from_month=begins,
            value=value,
            reason=reason,
            proposed_by=by,
            proposed_on=proposed_on,
            created_at=at,
            **decided,
        )
        self.rows.append(target)

    def end_those_replaced(self):
        """Each target in force ends where the next one about the same begins."""
        begun = {}
        for row in sorted(self.rows, key=lambda row: row.from_month, reverse=True):
            if row.state == Target.State.APPROVED:
                about = (row.figure, row.wilayah_id, row.pendamping_id)
                row.until_month, begun[about] = begun.get(about), row.from_month
