"""What a row that somebody typed would do to its table, and doing it. What was in force stays what it was: a new version
begins after today and the one before ends then; only what has not begun may still be changed.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models

from pkh_casework.csv_rows import YES_NO, values_of
from pkh_casework.templatetags.formats import tanggal

from .tables import FROM, TO, Table

NEW, VERSION, END, CHANGE, SAME = "baru", "versi", "akhir", "ubah", "sama"
WORDS = {
    NEW: "Baris baru",
    VERSION: "Versi baru",
    END: "Berakhir",
    CHANGE: "Diubah sebelum berlaku",
    SAME: "Tidak berubah",
}
IN_FORCE = "Baris ini sudah berlaku sejak {}, jadi tidak bisa diubah. Buat versi baru, atau akhiri baris ini."
ALWAYS = "Dari ini harus selalu ada yang berlaku: buat versi baru saja, tanpa tanggal akhir."
NO_DAYS = "Baris dengan kunci ini sudah ada dan tidak bisa diubah. Pakai kunci lain."


@dataclass
class Planned:
    """One row as typed, `what` it would do (one of WORDS), the row that it changes or ends, the values to store, and
    what stands against it, {field: [words]}.
    """

    cells: dict[str, str]
    line: int = 0
    what: str = NEW
    before: models.Model | None = None
    values: dict = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)

    @property
    def words(self):
        return WORDS[self.what]

    @property
    def fault_words(self):
        return [text for texts in self.faults.values() for text in texts]


def plan_rows(table: Table, rows: list[dict[str, str]], today: date, *, area: str) -> list[Planned]:
    """A Planned for each of `rows` ({column: text}); `area` is the code that who proposes looks after, "" for all."""
    stored, seen = _Stored(table), set()
    planned = []
    for line, cells in enumerate(rows, 1):
        one = Planned({name: (cells.get(name) or "").strip() for name in table.columns}, line)
        try:
            _plan(table, one, stored, today, area)
        except ValidationError as error:
            one.faults = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        if not one.faults and one.what in {NEW, VERSION}:
            subject = stored.subject_of(one.values)
            if subject in seen:
                one.faults = {"": ["Ada dua baris tentang hal yang sama dalam satu usulan."]}
            seen.add(subject)
        planned.append(one)
    return planned


class _Stored:
    """The rows of a table as they are, by their key and by what they are about."""

    def __init__(self, table):
        self.natural, self.subject = table.attnames(table.natural), table.attnames(table.subject)
        self.by_key, self.by_subject = {}, defaultdict(list)
        for row in table.all_rows():
            self.by_key[_values(vars(row), self.natural)] = row
            self.by_subject[_values(vars(row), self.subject)].append(row)

    def known(self, values):
        """The row with the key that `values` say, or None."""
        return self.by_key.get(_values(values, self.natural))

    def about(self, values):
        """The rows about the same."""
        return self.by_subject.get(self.subject_of(values), [])

    def subject_of(self, values):
        return _values(values, self.subject)


def _values(of, attnames):
    return tuple(of.get(name) for name in attnames)


def apply_rows(table: Table, planned: list[Planned]) -> None:
    """Store what is planned, in the transaction of the caller. Raises ValidationError where a rule of the table is broken."""
    for one in planned:
        if one.what == SAME:
            continue
        if one.what == VERSION and one.before:
            one.before.valid_to = one.values[FROM]
            one.before.save(update_fields=[TO])
        if one.what in {END, CHANGE}:
            for name, value in one.values.items():
                setattr(one.before, name, value)
            one.before.full_clean()
            one.before.save()
            continue
        row = table.model(**one.values)
        row.full_clean()
        row.save(force_insert=True)


def _plan(table, one, stored, today, area):
    for name in table.columns:
        if isinstance(table.field(name), models.BooleanField):
            _yes_or_no(name, one.cells[name])
    one.values = values_of(table.model, one.cells)
    _refuse_other_area(table, one.values, area)
    is_ended = table.is_dated and one.values.get(TO) is not None
    if known := stored.known(one.values):
        _plan_known(table, one, known, today)
        if one.what == SAME:
            return
    elif table.has_versions:
        _plan_version(one, stored.about(one.values), today)
    if is_ended and table.never_ends:
        raise ValidationError({TO: [ALWAYS]})
    _check_days(table, one, today)
    row = table.model(**one.values)
    # The rows that it ends or changes still stand in its way in the database.
    row.clean_fields(exclude=[] if one.what in {NEW, VERSION} else [row._meta.pk.name])
    row.clean()


def _plan_known(table, one, row, today):
    """A row with this key is stored: it may end later on, or be another while it has not begun."""
    one.before = row
    different = {name for name, value in one.values.items() if getattr(row, name) != value}
    if not different:
        one.what = SAME
    elif not table.is_dated:
        raise ValidationError(NO_DAYS)
    elif row.valid_from > today:
        one.what = CHANGE
    elif different == {TO} and (row.valid_to is None or row.valid_to > today):
        one.what = END
        if one.values[TO] is not None and one.values[TO] <= today:
            raise ValidationError(
                {TO: [f"Paling awal {tanggal(_tomorrow(today))}: yang sudah lewat tidak berubah."]}
            )
    else:
        raise ValidationError(IN_FORCE.format(tanggal(row.valid_from)))


def _plan_version(one, about, today):
    """No row begins on that day: of those `about` the same the one in force then ends, the next one bounds it."""
    begins, ends = one.values[FROM], one.values.get(TO)
    if begins is None:
        raise ValidationError({FROM: ["Isi tanggalnya."]})
    held = [
        row for row in about if row.valid_from < begins and (row.valid_to is None or row.valid_to > begins)
    ]
    later = sorted(row.valid_from for row in about if row.valid_from > begins)
    if about and begins <= today:
        first = tanggal(_tomorrow(today))
        raise ValidationError({FROM: [f"Paling awal {first}: yang berlaku sampai hari ini tidak berubah."]})
    if held:
        one.what, one.before = VERSION, held[0]
    if later and (ends is None or ends > later[0]):
        if ends is not None:
            raise ValidationError({TO: [f"Sudah ada yang berlaku sejak {tanggal(later[0])}."]})
        one.values[TO], one.cells[TO] = later[0], later[0].isoformat()


def _check_days(table, one, today):
    if not table.is_dated or one.what == END:
        return
    begins, ends = one.values[FROM], one.values.get(TO)
    if begins is None:
        raise ValidationError({FROM: ["Isi tanggalnya."]})
    if ends is not None and ends <= begins:
        raise ValidationError({TO: ["Akhirnya harus sesudah mulainya."]})
    if one.what == CHANGE and begins <= today:
        raise ValidationError({FROM: [f"Paling awal {tanggal(_tomorrow(today))}."]})


def _refuse_other_area(table, values, area):
    if not area or "wilayah" not in table.columns:
        return
    if not (values.get("wilayah_id") or "").startswith(area):  # a code is a prefix of all its parts
        raise ValidationError({"wilayah": ["Wilayah ini di luar wilayah Anda."]})


def _yes_or_no(name, text):
    if text not in YES_NO:
        raise ValidationError({name: ["Pilih ya atau tidak."]})


def _tomorrow(today):
    return today + timedelta(days=1)
