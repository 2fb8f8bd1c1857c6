"""Charts drawn by the server: SVG styled by classes, no script, and every number also there as text.

Bars that carry links keep labels and numbers as HTML around the drawing: long Indonesian labels wrap, a number is a
real link, and a reader of the page needs no second table. Where the drawing alone shows the numbers it has
role="img", a title, a description and a table to open. Lengths are percentages or whole numbers as plain strings,
because a localised decimal comma is invalid in SVG.
"""

from itertools import count

from django import template

from .formats import angka, persen
from .icons import LEVELS, ROLES

register = template.Library()

_numbers = count(1)

COLUMN_HEIGHT = 120  # of the tallest column, in px
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 120, 32, 3


def _pct(part, whole):
    """`part` of `whole` as an SVG length such as '62.5%'."""
    return f"{100 * part / whole:.4g}%" if whole else "0%"


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
    for row in rows:
        row["x"], row["width"] = _pct(before, total), _pct(row["value"], total)
        row["share"] = persen(row["value"] / total) if total else persen(0)
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


@register.inclusion_tag("shared/charts/sparkline.html")
def sparkline(values, title="", labels=()):
    """A small line of numbers over time, ending in a dot; `labels` name the points in the table."""
    values = [value or 0 for value in values or ()]
    low, high = min(values, default=0), max(values, default=0)
    across = (SPARK_WIDTH - 2 * SPARK_EDGE) / max(len(values) - 1, 1)
    up = (SPARK_HEIGHT - 2 * SPARK_EDGE) / ((high - low) or 1)
    points = [
        (round(SPARK_EDGE + across * index), round(SPARK_HEIGHT - SPARK_EDGE - up * (value - low)))
        for index, value in enumerate(values)
    ]
    labels = [*labels, *(str(number) for number in range(len(labels) + 1, len(values) + 1))]
    rows = [{"label": label, "text": angka(value)} for label, value in zip(labels, values, strict=False)]
    return {
        "id": _chart_id(),
        "title": title,
        "rows": rows,
        "points": " ".join(f"{x},{y}" for x, y in points),
        "last": points[-1] if points else None,
        "desc": _spoken(rows),
    }


@register.inclusion_tag("shared/charts/life_map.html")
def chart_life_map(data, title="Peta hidup keluarga"):
    """Each indicator on its four steps: where the family sees itself, where the pendamping does, where it was.

    `data`: rows of label, code, family, worker (levels 1 to 4 or None)[, before, url].
    """
    names = ("label", "code", "family", "worker", "before", "url")
    rows = []
    for given in data or ():
        row = _cells(given, names)
        row["family_x"], row["worker_x"], row["before_x"] = (
            f"{25 * row[who] - 12.5:.4g}%" if row[who] else None for who in ("family", "worker", "before")
        )
        row["moved"] = row["before"] and row["family"] and row["before"] != row["family"]
        rows.append(row)
    return {"id": _chart_id(), "title": title, "rows": rows}
