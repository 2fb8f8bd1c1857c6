"""A month of a kelurahan as rows, totals and one hash: how it is frozen, checked, and compared with what stands now.

Rows come from the figures themselves (contract C5): each says in which of FROZEN_FIGURES it counts, so that a frozen
total is the number of its frozen rows and nothing else.
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import BooleanField, Case, F, Value, When

from reports.figures import (
    ACTIVITIES,
    ATTENDANCE,
    FAMILIES_THEN,
    FIGURES,
    ROLE_CODES,
    SESSIONS_HELD,
    SESSIONS_PLANNED,
    VISITS,
    Lens,
)
from reports.figures.queries import NEVER
from reports.models import FrozenReport, FrozenRow, MonthLock
from wilayah.clock import local_today

# What a monthly report counts: figures of the month, whose rows stay with their author and area.
MONTH_FIGURES = (
    "kpm-dikunjungi",
    "kunjungan",
    "tidak-bertemu",
    "kegiatan",
    *(f"kegiatan-{code}" for code in ROLE_CODES),
    "p2k2-rencana",
    "p2k2",
    "p2k2-anggota",
    "p2k2-hadir",
)
# How things stood at its end: of the families that were accompanied then.
END_FIGURES = tuple(slug for slug, figure in FIGURES.items() if figure.source is FAMILIES_THEN)
# What is frozen of a month: these, and how its activities fell on the RHK.
FROZEN_FIGURES = (*MONTH_FIGURES, *(slug for slug in FIGURES if slug.startswith("rhk-")), *END_FIGURES)
# The sorts of rows behind them, by the name they are frozen under.
SOURCES = {
    source.frozen: source
    for source in (ACTIVITIES, VISITS, SESSIONS_PLANNED, SESSIONS_HELD, ATTENDANCE, FAMILIES_THEN)
}
SORTS = {
    "kegiatan": "Kegiatan",
    "kunjungan": "Kunjungan",
    "p2k2_rencana": "Rencana P2K2",
    "p2k2": "P2K2",
    "p2k2_hadir": "Daftar hadir",
    "keluarga": "KPM pada akhir bulan",
}
NOT_DATA = {"family_id"}


def rows_now(user, period, schema=MonthLock.SCHEMA):
    """The rows of the month of `period` as they stand now, of the sorts that a lock of this `schema` keeps: FrozenRows that
    are not stored, in order.

    `user` is somebody who may count the whole area.
    """
    area = period.wilayah_id
    lens = Lens(user, local_today(area), period.month, area=area)
    kept = [(name, source) for name, source in SOURCES.items() if source.frozen_since <= schema]
    rows = [row for name, source in kept for row in _rows_of(name, source, lens)]
    return sorted(rows, key=_order)


def _rows_of(name, source, lens):
    figures = [FIGURES[slug] for slug in FROZEN_FIGURES if FIGURES[slug].source is source]
    columns = source.shown.columns
    flags = {f"counts_{number}": _flag(figure.where(lens)) for number, figure in enumerate(figures)}
    known = {
        "row_key": F(source.shown.key),
        "row_day": F(source.period.day),
        "author": F(source.scope.pendamping),
    }
    for found in source.rows(lens).order_by().values(**known, **columns, **flags):
        yield FrozenRow(
            source=name,
            key=str(found["row_key"]),
            day=found["row_day"] or NEVER,
            pendamping_id=found["author"],
            household_id=found.get("family_id"),
            figures=[figure.slug for figure, flag in zip(figures, flags, strict=True) if found[flag]],
            data={column: found[column] for column in columns if column not in NOT_DATA},
        )


def _flag(where):
    """Whether a row fulfils `where`, as a column; an empty Q holds for every row."""
    if not where:
        return Value(True, output_field=BooleanField())  # noqa: FBT003  a value of SQL
    return Case(When(where, then=Value(True)), default=Value(False), output_field=BooleanField())  # noqa: FBT003


def _order(row):
    return row.source, row.key


def totals_of(rows, slugs=FROZEN_FIGURES):
    """{slug: {"jumlah": n, "pendamping": {id as text: n}}} of FrozenRows, for the figures `slugs`."""
    counted = {slug: (set(), defaultdict(set)) for slug in slugs}
    for row in rows:
        for slug in row.figures:
            one = str(row.household_id) if FIGURES[slug].once_per_family else f"{row.source} {row.key}"
            everybody, by_pendamping = counted[slug]
            everybody.add(one)
            by_pendamping[str(row.pendamping_id)].add(one)
    return {
        slug: {
            "jumlah": len(everybody),
            "pendamping": {person: len(ones) for person, ones in sorted(by_pendamping.items())},
        }
        for slug, (everybody, by_pendamping) in counted.items()
    }


def values_in(totals, pendamping_id=None):
    """{slug: int} of the whole area, or of one pendamping, from a lock's totals."""
    if pendamping_id is None:
        return {slug: total["jumlah"] for slug, total in totals.items()}
    return {slug: total["pendamping"].get(str(pendamping_id), 0) for slug, total in totals.items()}


# --- the hash ----------------------------------------------------------------------------------------------------------


def digest_of(period, version, totals, rows, reports, schema=1):
    """SHA-256 (hex) over canonical JSON, a line for the head, each row and each report, in their order."""
    sha = hashlib.sha256()
    head = {
        "wilayah": period.wilayah_id,
        "bulan": f"{period.month:%Y-%m}",
        "versi": version,
        "jumlah": totals,
    }
    if schema > 1:
        head["skema"] = schema
    _add(sha, head)
    for row in rows:
        household = str(row.household_id) if row.household_id else None
        _add(
            sha,
            [
                row.source,
                row.key,
                row.day.isoformat(),
                row.pendamping_id,
                household,
                sorted(row.figures),
                row.data,
            ],
        )
    for report in reports:
        words = [report.results, report.obstacles, report.plans]
        _add(sha, [str(report.report_id), report.state, *words])
    return sha.hexdigest()


def _add(sha, thing):
    text = json.dumps(thing, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    sha.update(text.encode() + b"\n")


def digest_now(lock):
    """The hash of what is stored of `lock` today; the same as `lock.digest` unless somebody tampered with it."""
    rows = sorted(FrozenRow.objects.filter(lock=lock), key=_order)
    reports = FrozenReport.objects.filter(lock=lock).order_by("report")
    return digest_of(lock.period, lock.version, lock.totals, rows, reports, lock.schema)


def is_genuine(lock):
    """Whether rows, totals and reports of `lock` still fit its hash, and the totals its rows."""
    rows = FrozenRow.objects.filter(lock=lock)
    return lock.digest == digest_now(lock) and lock.totals == totals_of(rows, lock.totals)


# --- what is different now ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One row that is new, gone or changed since the lock; `words` say what changed, from what to what."""

    kind: str
    row: FrozenRow
    words: list = field(default_factory=list)


def differences(lock, rows):
    """Row by row, how `rows` (of rows_now) differ from what `lock` holds, by sort and day."""
    then = {(row.source, row.key): row for row in FrozenRow.objects.filter(lock=lock)}
    now = {(row.source, row.key): row for row in rows}
    found = [Difference("baru", row) for key, row in now.items() if key not in then]
    found += [Difference("hilang", row) for key, row in then.items() if key not in now]
    for key in then.keys() & now.keys():
        if words := _changes(then[key], now[key]):
            found.append(Difference("berubah", now[key], words))
    return sorted(found, key=lambda one: (one.row.source, one.row.day, one.row.key))


def _changes(then, now):
    words = []
    # A family was visited late: that visit is a row of its own, and what it moves here would tell it twice.
    follows = then.source == FAMILIES_THEN.frozen and then.day != now.day
    if then.day != now.day and not follows:
        words.append(("tanggal", then.day, now.day))
    if then.pendamping_id != now.pendamping_id:
        words.append(("pendamping", "", ""))
    if then.data != now.data:
        words.append(("isi", "", ""))
    if set(then.figures) != set(now.figures) and not follows:
        words.append(("hitungan", _names(then.figures), _names(now.figures)))
    return words


def _names(slugs):
    return ", ".join(FIGURES[slug].name for slug in FROZEN_FIGURES if slug in slugs)
