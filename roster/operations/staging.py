"""Rows of a file cleaned into persons and families, many at a time; nothing of what is there is looked at yet.

Ids are made of the batch and what stands in the row, so that a piece that is read again after a stop makes the same
rows, and a family whose rows lie apart in the file is one, without the whole file in memory.
"""

import hmac
import json
from hashlib import sha256

from django.db import connection

from kpm.identity import WOMEN_DAYS, known_provinces
from kpm.models import Component
from pkh_casework.fields import blind_index, seal
from pkh_casework.ids import uuid7
from roster import cells
from roster.cells import Fault
from roster.columns import heading_form, label_of, text_of
from roster.models import StagedFamily
from roster.places import Areas, Holders

SAME_IN_ALL_ROWS = (
    "wilayah",
    "rt",
    "rw",
    "pendamping",
)  # two rows of one family that differ here are a fault
FAMILY = (
    "address",
    "rt",
    "rw",
    "dusun",
    "phone",
    "wilayah",
    "group_name",
    "pendamping",
    "desil",
    "joined_on",
)
COLUMN = {"wilayah": "wilayah_id", "pendamping": "pendamping_id"}  # where it has another name than the field
FIELD = {"wilayah": "kelurahan"}  # of the file, where it has another name
FAMILY_COLUMNS = (
    "id",
    "batch_id",
    "line",
    "name",
    "no_kk",
    "no_kk_index",
    *(COLUMN.get(name, name) for name in FAMILY),
    "verdict",
    "choice",
    "twins",
    "changes",
    "faults",
    "notes",
    "is_done",
)
ROW_COLUMNS = (
    "id",
    "batch_id",
    "family",
    "line",
    "name",
    "nik",
    "nik_index",
    "birth_date",
    "sex",
    "relation",
    "component",
    "place",
    "is_pengurus",
    "faults",
    "changes",
)
NUMBERS = {"no_kk", "nik", "pengurus_nik"}
TEXTS = {"address", "dusun", "phone", "group_name"}  # that say nothing by ""


class Stager:
    """What the rows of one batch are cleaned with; `take(piece)` stages rows of its file."""

    def __init__(self, batch, *, today):
        self.batch, self.today = batch, today
        self.provinces = known_provinces()
        self.areas, self.holders = Areas(batch.wilayah_id), Holders(batch.user)
        self.at = {column["field"]: index for index, column in enumerate(batch.columns) if column["field"]}
        self.rounded = NUMBERS & {column["field"] for column in batch.columns if column["rounded"]}
        self.milliseconds = int(batch.sent_at.timestamp() * 1000)
        self.components = {
            heading_form(word): component.code
            for component in Component.objects.valid_on(today)
            for word in (component.code, component.name, component.short_name)
        }

    def take(self, piece):
        """Stage `piece`, a list of [line, cells]."""
        families, people = {}, {}
        for line, row in piece:
            if any(text_of(cell).strip() for cell in row):
                self._take_row(line, row, families, people)
        self._store(
            "roster_stagedfamily", FAMILY_COLUMNS, (_family_values(family) for family in families.values())
        )
        self._store("roster_stagedrow", ROW_COLUMNS, (_row_values(person) for person in people.values()))

    def _take_row(self, line, row, families, people):
        faults = []

        def told(field, read, *arguments):
            """What `read` makes of the cell of `field`; a fault is kept and tells nothing."""
            if field not in self.at or self.at[field] >= len(row):
                return read("", *arguments)
            cell = row[self.at[field]]
            try:
                value = read(cell, *arguments)
                if value and field in self.rounded and str(value).endswith("0"):
                    raise Fault(cells.ROUNDED)
            except Fault as fault:
                faults.append({"line": line, "field": field, "words": str(fault)})
                return read("", *arguments)
            return value

        no_kk = told("no_kk", cells.no_kk_of, self.provinces)
        if not no_kk and not any(fault["field"] == "no_kk" for fault in faults):
            faults.append(
                {"line": line, "field": "no_kk", "words": "No KK kosong, jadi keluarganya tidak dikenali."}
            )
        index = blind_index(no_kk, "no_kk") if no_kk else None
        key = self._id(index or f"baris {line}".encode())
        said = self._family_cells(told)
        person = {
            "name": told("name", cells.words_of, "name"),
            "nik": told("nik", cells.nik_of, self.provinces),
            "birth_date": told("birth_date", cells.birth_of, self.today),
            "sex": told("sex", cells.sex_of),
            "relation": told("relation", cells.relation_of),
            "component": told("component", cells.component_of, self.components),
            "place": told("place", cells.words_of, "place"),
            "is_pengurus": told("is_pengurus", cells.is_pengurus),
        }
        holder = {
            "name": told("pengurus_name", cells.words_of, "pengurus_name"),
            "nik": told("pengurus_nik", cells.nik_of, self.provinces),
        }
        if not person["name"] and not holder["name"]:
            faults.append({"line": line, "field": "name", "words": "Nama kosong."})
        person["sex"] = person["sex"] or _sex_in(person["nik"])
        self._join(families, key, line, no_kk, index, said)
        self._people(people, key, index, line, person, holder, faults)

    def _family_cells(self, told):
        """What a row says of its family, under the names of StagedFamily; and under "notes" what was read otherwise."""
        kelurahan, as_read = told(
            "kelurahan",
            lambda cell: self.areas.find(cell, told("kecamatan", cells.plain)) if cell else ("", ""),
        )
        holder, holder_read = told("pendamping", self.holders.find)
        rt, rw = told("rtrw", cells.rt_rw_of)
        return {
            "address": told("address", cells.words_of, "address"),
            "rt": told("rt", cells.place_number, "RT") or rt,
            "rw": told("rw", cells.place_number, "RW") or rw,
            "dusun": told("dusun", cells.dusun_of),
            "phone": told("phone", cells.phone_of),
            "wilayah": kelurahan or self.batch.default_kelurahan_id or None,
            "group_name": told("group", cells.words_of, "group"),
            "pendamping": holder,
            "desil": told("desil", cells.desil_of),
            "joined_on": told("joined_on", cells.joined_of, self.today),
            "notes": [words for words in (as_read, holder_read) if words],
        }

    def _join(self, families, key, line, no_kk, index, said):
        """Add what a row says to its family: the first word counts, and a place that is said in two ways is a fault."""
        family = families.get(key)
        if family is None:
            families[key] = {
                "id": key,
                "batch": self.batch.pk,
                "line": line,
                "no_kk": seal(no_kk, f"kpm.household:no_kk:{key}") if no_kk else None,
                "no_kk_index": index,
                "faults": [],
                **said,
            }
            return
        for name in FAMILY:
            if family[name] in ("", None):
                family[name] = said[name]
            elif name in SAME_IN_ALL_ROWS and said[name] not in ("", None, family[name]):
                family["faults"].append(
                    {"line": line, "field": FIELD.get(name, name), "words": _two_ways(name)}
                )
        family["notes"] += [note for note in said["notes"] if note not in family["notes"]]

    def _people(self, people, key, index, line, person, holder, faults):
        """The person of a row, and the pengurus that it names when that is another one."""
        is_same = not person["name"] or (
            person["nik"] == holder["nik"]
            if person["nik"] and holder["nik"]
            else person["name"] == holder["name"]
        )
        if holder["name"] and is_same:
            person = {
                **person,
                "name": person["name"] or holder["name"],
                "nik": person["nik"] or holder["nik"],
                "is_pengurus": True,
            }
            person["sex"] = person["sex"] or _sex_in(person["nik"])
        elif holder["name"] and index:
            pk = self._id(index + b" pengurus")
            blank = {"birth_date": None, "relation": "", "component": "", "place": ""}
            named = {**holder, **blank, "sex": _sex_in(holder["nik"]), "is_pengurus": True}
            people.setdefault(pk, self._person(pk, key, line, named, []))
        pk = self._id(f"orang {line}".encode())
        people[pk] = self._person(pk, key, line, person, faults)

    def _person(self, pk, key, line, person, faults):
        nik = person["nik"]
        return {
            **person,
            "id": pk,
            "batch": self.batch.pk,
            "family": key,
            "line": line,
            "nik": seal(nik, f"kpm.member:nik:{pk}") if nik else None,
            "nik_index": blind_index(nik, "nik") if nik else None,
            "faults": faults,
        }

    def _id(self, of):
        """The id (UUIDv7) of the row that comes of `of` (bytes) in this batch."""
        digest = hmac.digest(self.batch.pk.bytes, of, sha256)
        return uuid7(self.milliseconds, lambda count: digest[:count])

    def _store(self, table, columns, rows):
        """COPY `rows` beside `table` and add those that are not there yet; a family that is there already learns what
        it did not know.
        """
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE TEMP TABLE piece (LIKE "{table}") ON COMMIT DROP')
            with cursor.copy(f"COPY piece ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            known = "DO NOTHING"
            if table == StagedFamily._meta.db_table:
                known = "DO UPDATE SET " + _learned()
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT {names} FROM piece ON CONFLICT (id) {known}'
            )
            cursor.execute("DROP TABLE piece")


def _sex_in(nik):
    """The sex (P or L) that a NIK tells, "" without one."""
    return ("P" if int(nik[6:8]) > WOMEN_DAYS else "L") if nik else ""


def _two_ways(name):
    return f"Baris lain dari keluarga ini mengatakan {label_of(FIELD.get(name, name))} yang lain."


def _learned():
    """How a family of an earlier piece takes what a later one says."""
    table = "roster_stagedfamily"
    sets = []
    for name in FAMILY:
        column = COLUMN.get(name, name)
        known = f"NULLIF({table}.{column}, '')" if name in TEXTS else f"{table}.{column}"
        sets.append(f"{column} = COALESCE({known}, EXCLUDED.{column})")
    differ = " || ".join(
        f"CASE WHEN {table}.{column} <> EXCLUDED.{column} THEN jsonb_build_array(jsonb_build_object("
        f"'line', EXCLUDED.line, 'field', '{FIELD.get(name, name)}', 'words', '{_two_ways(name)}')) ELSE '[]' END"
        for name, column in ((name, COLUMN.get(name, name)) for name in SAME_IN_ALL_ROWS)
    )
    return f"{', '.join(sets)}, faults = {table}.faults || EXCLUDED.faults || {differ}"


def _family_values(family):
    return (
        family["id"],
        family["batch"],
        family["line"],
        "",
        family["no_kk"],
        family["no_kk_index"],
        *(family[name] for name in FAMILY),
        "baru",
        "masuk",
        "[]",
        "{}",
        json.dumps(family["faults"]),
        json.dumps(family["notes"]),
        False,
    )


def _row_values(person):
    values = {**person, "batch_id": person["batch"], "faults": json.dumps(person["faults"]), "changes": "{}"}
    return tuple(values[name] for name in ROW_COLUMNS)
