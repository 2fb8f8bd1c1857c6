"""The dashboard of independence: levels then and now, who moved, where families are stuck, and the rows behind each."""

from dataclasses import asdict

from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.models import User
from kpm.models import Group, Level
from pkh_casework.access import AREA, KOORDINATOR, access
from pkh_casework.asked import asked_number, asked_text
from pkh_casework.htmx import render_page
from pkh_casework.places import rw_words
from pkh_casework.templatetags.formats import tanggal
from pkh_casework.templatetags.icons import ROLES
from reports.figures import progress, queries
from reports.figures.declared.activities import ROLE_CODES
from reports.figures.progress import FELL, GROUPS, ROSE, STOOD, Pick
from reports.figures.queries import MOST_COLLEAGUES, by_number, named_parts, sees_people
from reports.figures.values import by_area, by_pendamping, by_rw
from roles.models import Activity
from wilayah.models import DIGITS_BELOW, Wilayah

from .lens import shell_of, view_of

GROUP_WORDS = {ROSE: "Naik", STOOD: "Tetap", FELL: "Turun"}
MOST_GROUPS = 60  # more kelompok than these are no list to choose from


@access(AREA)
@require_safe
def independence(request):
    """How families stand now and stood at the end of an earlier month, and what lies between."""
    view = view_of(request, looks_back=True)
    lens = view.lens
    by_person = progress.assessed_by(lens, by_pendamping)
    # Every family has one holder, so that the whole need not be read again.
    counted = {kind: sum(row[kind] for row in by_person.values()) for kind in ("active", "assessed")}
    indicators = queries.indicators(lens.today)
    context = _shell(view) | {
        "counted": counted,
        "counted_urls": {kind: _url(view, Pick(kind)) for kind in ("dinilai", "belum")},
        "sections": _levels(view, indicators),
        "indicators": indicators,
        "groups_offered": _groups_offered(view),
        "tables": [table for table in (_parts(view), _colleagues(view, by_person)) if table],
        "most": progress.MOST_FAMILIES,
        "may_assess": request.user.is_pendamping,
    }
    if counted["active"] <= progress.MOST_FAMILIES:
        context |= _moves(view, counted, indicators, asked_text(request.GET, "indikator"))
    return render_page(request, "reports/independence.html", context)


def _shell(view):
    return shell_of(view) | {
        "then": progress.last_day(view.lens),
        "then_words": date_format(view.lens.month, "F Y"),
    }


def _url(view, pick):
    names = {
        "kind": "angka",
        "code": "indikator",
        "level": "tingkat",
        "before": "asal",
        "group": "hasil",
        "role": "peran",
    }
    return view.url(
        "reports:independence_rows", **{names[name]: value for name, value in asdict(pick).items()}
    )


def _levels(view, indicators):
    """By dimension, each indicator with its levels now and then as chart_level_moments draws them."""
    now, then = progress.levels_now(view.lens), progress.levels_then(view.lens)
    sections = {}
    for indicator in indicators:
        code = indicator.code
        moments = [
            (
                label,
                counts.get(code, {}),
                {level: _url(view, Pick(kind, code, level)) for level in counts.get(code, {})},
            )
            for label, kind, counts in (
                ("Sekarang", "sekarang", now),
                (date_format(view.lens.month, "M Y"), "dulu", then),
            )
        ]
        sections.setdefault(indicator.dimension, []).append((indicator, moments))
    return list(sections.items())


def _moves(view, counted, indicators, asked_code):
    """What compares two answers of each family: the table of one indicator, who rose, where it is stuck, activities."""
    lens = view.lens
    by_code = {indicator.code: indicator for indicator in indicators}
    chosen = by_code.get(asked_code, indicators[0])
    moved = progress.transitions(lens).get(chosen.code, {})
    groups = progress.grouped(progress.changes(lens))
    compared = sum(len(ids) for ids in groups.values())
    stuck = progress.stuck(lens)
    return {
        "compares": True,
        "chosen": chosen,
        "moves": [
            (
                before,
                [
                    (
                        level,
                        moved.get((before, level), 0),
                        _url(view, Pick("pindah", chosen.code, level, before)),
                    )
                    for level in Level.values
                ],
            )
            for before in Level.values
        ],
        "groups": [
            {"group": group, "name": GROUP_WORDS[group], "value": len(ids), "url": _url(view, Pick(group))}
            for group, ids in groups.items()
        ],
        "not_compared": counted["active"] - compared,
        "not_compared_url": _url(view, Pick("belum-lagi")),
        "stuck": [
            (by_code[code].name, number, _url(view, Pick("tertahan", code)))
            for code, number in sorted(stuck.items(), key=lambda row: (-row[1], row[0]))
            if code in by_code
        ],
        "activities": _activities(view, groups),
        "roles": ROLE_CODES,
    }


def _activities(view, groups):
    """For every group its name, its families and by role (code, activities, activities a family, address)."""
    counts = progress.activities(view.lens, groups)
    return [
        (
            GROUP_WORDS[group],
            len(ids),
            [
                (
                    ROLES[role][0],
                    counts[group][role],
                    counts[group][role] / len(ids) if ids else None,
                    _url(view, Pick("kegiatan", group=group, role=role)),
                )
                for role in ROLE_CODES
            ],
        )
        for group, ids in groups.items()
    ]


# --- narrower ----------------------------------------------------------------------------------------------------------


def _groups_offered(view):
    """The kelompok to choose from: a pendamping's own, a koordinator's of one kelurahan or pendamping."""
    lens = view.lens
    groups = Group.objects.visible_to(lens.user)
    if lens.user.duty == KOORDINATOR:
        groups = groups.filter(wilayah__code__startswith=lens.here)
        if view.colleague:
            groups = groups.filter(pendamping=view.colleague)
    offered = list(groups[: MOST_GROUPS + 1])
    return offered if len(offered) <= MOST_GROUPS else []


def _parts(view):
    """The RWs or areas below the one looked at: who was assessed there."""
    lens, level = view.lens, view.areas[-1].level
    if lens.rw is not None or lens.group_id:
        return None
    if level == Wilayah.Level.KELURAHAN:
        counted = by_number(progress.assessed_by(lens, by_rw))
        return _table(view, "Per RW", "RW", [("rw", rw, rw_words(rw), row) for rw, row in counted])
    digits = DIGITS_BELOW[len(lens.here)]
    counted = progress.assessed_by(lens, by_area(digits))
    rows = [("wilayah", part.code, part.name, counted[part.code]) for part in named_parts(lens.user, counted)]
    label = Wilayah.Level(level + 1).label
    return _table(view, f"Per {label}", label.capitalize(), rows)


def _colleagues(view, counted):
    """The pendamping of the area looked at, for a koordinator."""
    if view.lens.user.duty != KOORDINATOR or view.colleague or view.group:
        return None
    if len(counted) > MOST_COLLEAGUES:
        return None
    people = User.objects.filter(pk__in=counted).only("name")
    rows = [("pendamping", person.pk, person.name, counted[person.pk]) for person in people]
    return _table(view, "Per pendamping", "Pendamping", rows)


def _table(view, title, label, rows):
    """As reports/comparison.html shows it; a name narrows this page, a number opens its rows."""
    columns = (("dinilai", "Sudah dinilai", "assessed"), ("belum", "Belum", "missing"))
    return {
        "title": title,
        "label": label,
        "columns": ["KPM aktif", *(name for _, name, _ in columns)],
        "note": "",
        "of_now": True,
        "rows": [
            {
                "id": f"{param}-{value}",
                "name": name,
                "url": view.url("reports:independence", **{param: value}),
                "cells": [
                    {
                        "label": "KPM aktif",
                        "value": counted["active"],
                        "share": None,
                        "url": view.url("reports:figure_rows", "kpm-aktif", bulan="", **{param: value}),
                    },
                    *(
                        {
                            "label": words,
                            "value": number,
                            "share": number / counted["active"] if kind == "dinilai" else None,
                            "url": _url_in(view, Pick(kind), param, value),
                        }
                        for (kind, words, _), number in zip(
                            columns,
                            (counted["assessed"], counted["active"] - counted["assessed"]),
                            strict=True,
                        )
                    ),
                ],
            }
            for param, value, name, counted in rows
        ],
    }


def _url_in(view, pick, param, value):
    return view.url("reports:independence_rows", angka=pick.kind, **{param: value})


# --- the rows behind a number ------------------------------------------------------------------------------------------


@access(AREA)
@require_safe
def independence_rows(request):
    """The families (or activities) that one number of the page counts, 50 a page."""
    view = view_of(request, looks_back=True)
    lens, indicators = view.lens, {row.code: row for row in queries.indicators(view.lens.today)}
    pick = _pick(request.GET, indicators)
    if pick.kind in progress.COMPARING and progress.assessed(lens)["active"] > progress.MOST_FAMILIES:
        raise Http404("too many families to compare")
    after = request.GET.get("sesudah")
    rows, cursor = progress.page_of(pick, lens, after)
    for row in rows:
        row["url"] = _row_url(row)
        row["fell"] = -row["steps"] if row["steps"] else 0
    context = _shell(view) | {
        "pick": pick,
        "title": _title(pick, indicators, view),
        "value": progress.rows_of(pick, lens).count(),
        "rows": rows,
        "next_url": f"{_url(view, pick)}&sesudah={cursor}" if cursor else "",
        "later_page": bool(after),
        "first_url": _url(view, pick),
        "back_url": view.url("reports:independence", indikator=pick.code),
        "sees_people": sees_people(request.user),
    }
    return render_page(request, "reports/independence_rows.html", context, part="family-rows")


def _pick(query, indicators):
    """The number that the address names. Raises Http404 when there is none such."""
    kind, code = asked_text(query, "angka") or "dinilai", asked_text(query, "indikator")
    level, before = asked_number(query, "tingkat"), asked_number(query, "asal")
    group, role = asked_text(query, "hasil"), asked_text(query, "peran")
    fits = {
        "sekarang": code in indicators and level in Level.values,
        "dulu": code in indicators and level in Level.values,
        "pindah": code in indicators and level in Level.values and before in Level.values,
        "tertahan": code in indicators,
        "kegiatan": group in GROUPS and role in ROLE_CODES,
    }
    if kind not in progress.KINDS or not fits.get(kind, True):
        raise Http404("no such number")
    return Pick(kind, code, level, before, group, role)


def _title(pick, indicators, view):
    """What the number counts, in words."""
    then = tanggal(progress.last_day(view.lens))
    name = indicators[pick.code].name if pick.code in indicators else ""

    def words(level):
        return f"{level} · {Level(level).label}"

    return {
        "sekarang": lambda: f"{name}: tingkat {words(pick.level)} sekarang",
        "dulu": lambda: f"{name}: tingkat {words(pick.level)} pada {then}",
        "pindah": lambda: f"{name}: dari {words(pick.before)} ke {words(pick.level)}",
        "tertahan": lambda: f"{name}: tertahan di tingkat 1 atau 2",
        "kegiatan": lambda: f"Kegiatan {pick.role} untuk keluarga yang {pick.group}",
        "belum-lagi": lambda: f"Belum dapat dibandingkan dengan {then}",
        "dinilai": lambda: "Sudah dinilai",
        "belum": lambda: "Belum pernah dinilai",
    }.get(pick.kind, lambda: f"{GROUP_WORDS[pick.kind]} sejak {then}")()


def _row_url(row):
    """Where a row leads: an activity to its page, a family to its map; "" where the asker may not go."""
    family = row.get("family")
    if not (family and "name" in family):
        return ""
    if "activity_key" in row:
        return Activity(pk=row["activity_key"]).get_absolute_url()
    return reverse("kpm:household_independence", args=[family["case_number"]])
