"""The list of one place and quarter on paper and as the file that schools know: blank to be filled in, or with what is
stored.
"""

import csv
import io
from dataclasses import dataclass, field

from django.utils.formats import date_format

from kpm.models import PayStage, Pengurus
from pkh_casework.days import months_after
from pkh_casework.sheets import guarded

from .people import people_of
from .school_form import COLUMNS, FIRST_MONTH, PER_MONTH

HEAD = ["No", "NIK Pengurus", "Nama Pengurus", "NIK Siswa", "NISN", "Nama Siswa", "Bentuk Pendidikan",
        "Tingkat Pendidikan", *["Alpa", "Izin", "Sakit", "Jml", "%"] * 3, "Ket", "Nama Pendamping"]  # fmt: skip
SCHOOL_OF = {"sd": "SD", "smp": "SMP", "sma": "SMA"}  # Bentuk Pendidikan, as the form writes it


@dataclass
class Line:
    """One member: `stored` are the Commitments of the three months, None for none; `carer` the Member who answers for
    the family, or None.
    """

    bound: object
    carer: object = None
    stored: list = field(default_factory=lambda: [None] * 3)


@dataclass
class QuarterSheet:
    """A place in a quarter: its `months` (first days), the school days of each that are stored, None for none."""

    name: str
    months: list
    lines: list
    effective: list


def quarter_of(month):
    """The first day of the quarter of a month: that of the tahap in force then."""
    stages = PayStage.objects.valid_on(month).filter(
        first_month__lte=month.month, last_month__gte=month.month
    )
    first = stages.values_list("first_month", flat=True).first()
    return month.replace(month=first or month.month - (month.month - 1) % 3)


def quarter_sheet(user, category, key, month):
    """The QuarterSheet of a place of `user` in the quarter of `month`; None for a place of nobody."""
    first = quarter_of(month)
    months = [months_after(first, turn) for turn in range(3)]
    lines, effective = {}, [None] * 3
    for turn, day in enumerate(months):
        for one in people_of(user, category, key, day):
            line = lines.setdefault((one.member.pk, one.rule.kind_id), Line(one))
            line.stored[turn] = one.stored
            if one.stored and one.stored.effective_days and not effective[turn]:
                effective[turn] = one.stored.effective_days
    if not lines:
        return None
    ordered = sorted(
        lines.values(), key=lambda line: (line.bound.member.name.casefold(), str(line.bound.member.pk))
    )
    carers = Pengurus.objects.filter(household__in={line.bound.household for line in ordered}, to_on=None)
    carers = {row.household_id: row.member for row in carers.select_related("member")}
    for line in ordered:
        line.carer = carers.get(line.bound.household.pk)
    return QuarterSheet(ordered[0].bound.place, months, ordered, effective)


def month_name(day):
    """'APRIL', as the form writes it."""
    return date_format(day, "F").upper()


def marks_of(stored):
    """The five cells of a month: days away, with leave, ill, all of them, percent present."""
    if stored is None or stored.percent is None:
        return [""] * PER_MONTH
    percent = stored.percent_words
    if stored.absent is None:
        return ["", "", "", "", percent]
    days = [stored.absent, stored.leave, stored.ill, stored.missed]
    return [*(str(number) for number in days), percent]


def school_csv(sheet, pendamping, *, with_numbers):
    """The file of a school in its 25 columns, as text; NIKs only `with_numbers`. `read_school_form` reads it again."""

    def nik(member):
        return member.nik.reveal() if with_numbers and member and member.nik else ""

    def above(*values):
        line = [""] * COLUMNS
        for turn, value in enumerate(values):
            line[FIRST_MONTH + PER_MONTH * turn] = "" if value is None else str(value)
        return line

    rows = [
        ["FORM VERIFIKASI KOMITMEN PENDIDIKAN"],
        ["NPSN:", ""],
        ["Nama Sekolah:", sheet.name],
        above(*map(month_name, sheet.months)),
        HEAD,
        ["Hari efektif", *above(*sheet.effective)[1:]],
    ]
    for number, line in enumerate(sheet.lines, 1):
        member, carer = line.bound.member, line.carer
        who = [nik(carer), carer.name if carer else "", nik(member), member.nisn, member.name]
        marks = [cell for stored in line.stored for cell in marks_of(stored)]
        kind = SCHOOL_OF.get(line.bound.rule.component_id, "")
        rows.append([str(number), *who, kind, "", *marks, "", pendamping])
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_safe(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _safe(cell):
    return cell if cell in {"", "%"} else guarded(cell)


def paper_of(sheet, *, filled):
    """What the paper shows (templates/roles/commitment_sheet.typ): numbers masked; blank unless `filled`."""

    def cells(line):
        if line.bound.rule.least_percent is not None:
            return [
                cell for stored in line.stored for cell in (marks_of(stored) if filled else [""] * PER_MONTH)
            ]
        answers = [stored.came if stored and filled else None for stored in line.stored]
        return [{True: "datang", False: "tidak"}.get(came, "") for came in answers]

    return {
        "place": sheet.name,
        "months": [date_format(day, "F Y") for day in sheet.months],
        "effective": [str(days or "") if filled else "" for days in sheet.effective],
        "lines": [
            {
                "name": line.bound.member.name,
                "family": line.carer.name if line.carer else line.bound.household.name,
                "nik": str(line.bound.member.nik or ""),
                "nisn": line.bound.member.nisn,
                "kind": line.bound.rule.component.short_name,
                "task": line.bound.rule.kind.name,
                "cells": cells(line),
            }
            for line in sheet.lines
        ],
    }
