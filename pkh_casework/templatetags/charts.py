"""Charts drawn by the server: SVG styled by classes, no script, and every number also there as text.

Bars that carry links keep labels and numbers as HTML around the drawing: long Indonesian labels wrap, a number is a
real link, and a reader of the page needs no second table. Where the drawing alone shows the numbers it has
role="img", a title, a description and a table to open. Lengths are percentages or whole numbers as plain strings,
because a localised decimal comma is invalid in SVG.
"""

from itertools import count, zip_longest
from math import cos, pi, sin

from django import template

from pkh_casework.shares import shares

from .formats import angka, persen, tanggal
from .icons import LEVELS, ROLES

register = template.Library()

_numbers = count(1)

COLUMN_HEIGHT = 120  # of the tallest column, in px
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 120, 32, 3
RADAR_MIDDLE, RADAR_ARM = 130, 100
RADAR_STYLES = ("first", "before", "now")  # how each moment is drawn, the last one boldest
LINE_LEFT, LINE_RIGHT, LINE_BOTTOM, LINE_STEP = 28, 308, 84, 24


def _pct(part, whole):
    """`part` of `whole` as an SVG length such as '62.5%'."""
    return f"{100 * part / whole:.4g}%" if whole else "0%"


def _between(start, end, part, whole):
    """Where `part` of `whole` lies on the way from `start` to `end`; half way where there is no way to measure."""
    return start + (end - start) * (part / whole if whole else 0.5)


def _chart_id():
    # Only has to differ within one page; htmx may bring a second chart into it later.
    return f"chart-{next(_numbers)}"


def _cells(row, names):
    """One row, given as a mapping or a sequence, as a dict of `names` (missing ones are None)."""
    if isinstance(row, dict):
        return {name: row.get(name) for name in names}
    return dict.fromkeys(names) | dict(zip(names, row, strict=False))


def _rows(data, key):
    """A dict {key: value}, or an iterable of (key, value[, url]) or dicts, as dicts of key, value and url."""
    if isinstance(data, dict):
        data = data.items()
    rows = [_cells(row, (key, "value", "url")) for row in data or ()]
    return [row | {"value": row["value"] or 0} for row in rows]


def _shares(rows):
    """Lay the rows' values end to end: each row gets x and width of its part in one bar."""
    total, before = sum(row["value"] for row in rows), 0
    for row, share in zip(rows, shares([row["value"] for row in rows]), strict=True):
        row["x"], row["width"] = _pct(before, total), _pct(row["value"], total)
        row["share"] = persen(share)
        row["text"] = angka(row["value"])
        before += row["value"]
    return total


def _spoken(rows, name="label"):
    return "; ".join(f"{row[name]} {row['text']}" for row in rows)


@register.inclusion_tag("shared/charts/role_mix.html")
def chart_role_mix(data, title="Kegiatan per peran"):
    """How activities divide over the four roles; roles that `data` does not name count 0.

    `data`: dict {code: int} or rows of code, value[, url].
    """
    given = {row["code"]: row for row in _rows(data, "code")}
    rows = [
        given.get(code, {"code": code, "value": 0, "url": None}) | {"label": word}
        for code, (word, _) in ROLES.items()
    ]
    total = _shares(rows)
    top = max(row["value"] for row in rows)
    for row in rows:
        row["bar"] = _pct(row["value"], top)
    return {"id": _chart_id(), "title": title, "rows": rows, "total": total, "desc": _spoken(rows)}


@register.inclusion_tag("shared/charts/bar.html")
def chart_bar(data, title="", unit="", direction="horizontal"):
    """Bars of `data` (rows of label, value[, url]), horizontal, or vertical for up to a year of months."""
    rows = _rows(data, "label")
    top = max((row["value"] for row in rows), default=0)
    slot = 100 / len(rows) if rows else 0
    for index, row in enumerate(rows):
        row["text"] = angka(row["value"])
        row["bar"] = _pct(row["value"], top)
        row["height"] = round(COLUMN_HEIGHT * row["value"] / top) if top else 0
        row["y"] = COLUMN_HEIGHT - row["height"] + 20
        row["x"] = f"{slot * index + slot * 0.15:.4g}%"
        row["middle"] = f"{slot * (index + 0.5):.4g}%"
    return {
        "id": _chart_id(),
        "title": title,
        "unit": unit,
        "rows": rows,
        "vertical": direction == "vertical",
        "column_width": f"{slot * 0.7:.4g}%",
        "base": COLUMN_HEIGHT + 20,
        "label_y": COLUMN_HEIGHT + 38,
        "full_height": COLUMN_HEIGHT + 46,
        "desc": _spoken(rows),
    }


@register.inclusion_tag("shared/charts/levels.html")
def chart_levels(data, title="Sebaran tingkat"):
    """How families (or indicators) divide over the levels 1 to 4.

    `data`: dict {level: int}, a list of four numbers, or rows of level, value[, url].
    """
    if isinstance(data, (list, tuple)) and len(data) == len(LEVELS) and all(isinstance(n, int) for n in data):
        data = dict(zip(LEVELS, data, strict=True))
    given = {int(row["level"]): row for row in _rows(data, "level")}
    rows = [
        given.get(level, {"value": 0, "url": None}) | {"level": level, "label": f"Tingkat {level}"}
        for level in LEVELS
    ]
    total = _shares(rows)
    return {"id": _chart_id(), "title": title, "rows": rows, "total": total, "desc": _spoken(rows)}


@register.inclusion_tag("shared/charts/level_moments.html")
def chart_level_moments(moments, title=""):
    """The same sort of families over the levels at a few moments, one strip under the other.

    `moments`: rows of label, value (a dict {level: int}), url (a dict {level: address}).
    """
    drawn = []
    for moment in [_cells(given, ("label", "value", "url")) for given in moments or ()]:
        rows = [
            {
                "level": level,
                "label": f"tingkat {level}",
                "value": moment["value"].get(level, 0),
                "url": moment["url"].get(level, "") if moment["url"] else "",
            }
            for level in LEVELS
        ]
        drawn.append({"label": moment["label"], "total": _shares(rows), "rows": rows, "desc": _spoken(rows)})
    return {"title": title, "moments": drawn}


@register.inclusion_tag("shared/charts/sparkline.html")
def sparkline(values, title="", labels=(), urls=()):
    """A small line of numbers over time, ending in a dot; `labels` name the points in the table, `urls` open them."""
    values = [value or 0 for value in values or ()]
    low, high = min(values, default=0), max(values, default=0)
    # One point alone stands in the middle, and a line that never moves runs through it.
    points = [
        (
            round(_between(SPARK_EDGE, SPARK_WIDTH - SPARK_EDGE, index, len(values) - 1)),
            round(_between(SPARK_HEIGHT - SPARK_EDGE, SPARK_EDGE, value - low, high - low)),
        )
        for index, value in enumerate(values)
    ]
    labels = [*labels, *(str(number) for number in range(len(labels) + 1, len(values) + 1))]
    rows = [
        {"label": label, "text": angka(value), "url": url}
        for label, value, url in zip_longest(labels[: len(values)], values, urls)
    ]
    return {
        "id": _chart_id(),
        "title": title,
        "rows": rows,
        "points": " ".join(f"{x},{y}" for x, y in points),
        "last": points[-1] if points else None,
        "desc": _spoken(rows),
    }


@register.inclusion_tag("shared/charts/life_map.html")
def chart_life_map(data, title="Peta hidup keluarga", *, key=True):
    """Each indicator on its four steps: where the family sees itself, where the pendamping does, where it was.

    `data`: rows of label, code, family, worker (levels 1 to 4 or None)[, before, url, word, text, note]. The badge is
    the worker's level with its `word`; `text` says what life is like there. `note` is a pair (short word in place of
    the badge or "", sentence) where an answer is missing or old. `key` explains the marks; once a page is enough.
    """
    names = ("label", "code", "family", "worker", "before", "url", "word", "text", "note")
    rows = []
    for given in data or ():
        row = _cells(given, names)
        row["family_x"], row["worker_x"], row["before_x"] = (
            f"{25 * row[who] - 12.5:.4g}%" if row[who] else None for who in ("family", "worker", "before")
        )
        row["moved"] = row["before"] and row["worker"] and row["before"] != row["worker"]
        row["short"], row["sentence"] = row["note"] or ("", "")
        family, worker = (
            f"tingkat {row[who]}" if row[who] else "belum menilai" for who in ("family", "worker")
        )
        before = f", sebelumnya tingkat {row['before']}" if row["before"] else ""
        row["told"] = f"{row['label']}: keluarga {family}, pendamping {worker}{before}"
        rows.append(row)
    return {"id": _chart_id(), "title": title, "rows": rows, "key": key}


@register.inclusion_tag("shared/charts/radar.html")
def chart_radar(axes, series, title=""):
    """Levels (1 to 4, with fractions) of several subjects around a centre, once for each of a few moments.

    `axes`: (code, label) pairs; with less than three there is no shape to draw, and the table tells all. The code stands in the drawing, the label in the table. `series`:
    (label, [value or None for each axis]) pairs, the one that matters last; an axis without value bends to the centre.
    """
    arms = [2 * pi * index / len(axes) - pi / 2 for index in range(len(axes))]

    def corners(values):
        return [
            (
                round(RADAR_MIDDLE + RADAR_ARM * value / 4 * cos(arm)),
                round(RADAR_MIDDLE + RADAR_ARM * value / 4 * sin(arm)),
            )
            for value, arm in zip(values, arms, strict=True)
        ]

    def shape(values):
        return " ".join(f"{x},{y}" for x, y in corners([value or 0 for value in values]))

    tips = corners([4] * len(axes))
    labels = corners([4.7] * len(axes))
    moments = [
        {
            "label": label,
            "points": shape(values),
            "style": RADAR_STYLES[step],
            "texts": [angka(value, 1) for value in values],
        }
        for step, (label, values) in enumerate(series, start=len(RADAR_STYLES) - len(series))
    ]
    told = [
        f"{label}: {moment['texts'][index]}"
        for moment in moments[-1:]
        for index, (_, label) in enumerate(axes)
    ]
    return {
        "id": _chart_id(),
        "title": title,
        "desc": "; ".join(told),
        "rings": [{"points": shape([level] * len(axes)), "level": level} for level in LEVELS],
        "axes": [
            {"x": x, "y": y, "label_x": label_x, "label_y": label_y + 5, "code": code, "label": label}
            for (x, y), (label_x, label_y), (code, label) in zip(tips, labels, axes, strict=True)
        ],
        "middle": RADAR_MIDDLE,
        "moments": moments,
        "has_shape": len(axes) > 2 and any(value for _, values in series for value in values),
    }


@register.inclusion_tag("shared/charts/level_line.html")
def chart_level_line(points, start, end, title=""):
    """A level (1 to 4, with fractions) over time: `points` are (day, value) pairs between the dates `start` and `end`."""
    drawn = [
        {
            "x": round(_between(LINE_LEFT, LINE_RIGHT, (day - start).days, (end - start).days)),
            "y": _line_y(value),
            "label": tanggal(day),
            "text": angka(value, 1),
        }
        for day, value in points
    ]
    return {
        "id": _chart_id(),
        "title": title,
        "points": drawn,
        "line": " ".join(f"{point['x']},{point['y']}" for point in drawn),
        "levels": [{"level": level, "y": _line_y(level)} for level in LEVELS],
        "desc": _spoken(drawn),
        "start": tanggal(start),
        "end": tanggal(end) if end != start else "",
    }


def _line_y(level):
    return round(LINE_BOTTOM - (level - 1) * LINE_STEP)
