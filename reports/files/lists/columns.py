"""What a list offers for a file: its columns, and its rows with exactly the chosen ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Model, OuterRef

from kpm.models import Household
from pkh_casework import sheets
from pkh_casework.fields import SealedNumber
from pkh_casework.listing import Listing

CHUNK = 2000  # rows fetched at a time


@dataclass(frozen=True)
class ListColumn:
    """One column: `value` is a lookup, an expression, or a function of the asker that gives one.

    `of_family` columns stay empty in rows of families that the asker may not open today. `choices` turn a stored
    value into words. `sealed` names the model field of an identity number, and `owner` the lookup of its row.
    """

    key: str
    name: str
    value: object
    kind: str = sheets.TEXT
    width: int = 0
    of_family: bool = False
    chosen: bool = True
    choices: type | None = None
    words: Callable | None = None
    sealed: str = ""
    owner: object = None

    @property
    def sheet_column(self):
        return sheets.SheetColumn(self.name, self.kind, self.width)


@dataclass(frozen=True)
class List:
    """A list of the house as a file. `listing` is the very Listing of its page, at the route `page`; None where it is
    only what stands behind figures.

    `day` is the lookup that a period narrows, `household` the one that leads to the family ("pk" on the family
    itself), both "" where there is none.
    """

    slug: str
    name: str
    about: str
    icon: str
    model: type[Model]
    columns: tuple[ListColumn, ...]
    listing: type[Listing] | None = None
    page: str = ""
    day: str = ""
    household: str = ""
    more: Callable[[date], Iterable[ListColumn]] = lambda day: ()

    def columns_on(self, day):
        """All columns as of `day`: those of every day, and those that dated master data adds."""
        return [*self.columns, *self.more(day)]

    @property
    def case(self):
        """The lookup of the family's case number."""
        return "case_number" if self.household == "pk" else "household__case_number"

    @property
    def has_numbers(self):
        return any(column.sealed for column in self.columns)


def cells(of, asker, rows, columns, *, show_numbers=False, opened=None):
    """The rows of the queryset `rows` of the list `of` as tuples of `columns`, one at a time.

    `asker` knows the `user` and the day (`today`), as a Listing or a Lens does. Identity numbers are masked unless
    `show_numbers`; `opened` is called with the number of each family that is shown.
    """
    values = {f"column_{place}": _expression(column.value, asker) for place, column in enumerate(columns)}
    owners = {
        f"owner_{place}": _expression(column.owner, asker)
        for place, column in enumerate(columns)
        if column.sealed
    }
    guard = {}
    if any(column.of_family for column in columns):
        family = Household.objects.visible_to(asker.user).filter(pk=OuterRef(of.household))
        guard = {"family_is_open": Exists(family), "family_number": F(of.case)}
    names = [*values, *owners, *guard]
    fetched = rows.annotate(**values, **owners, **guard).values_list(*names)
    for row in fetched.iterator(chunk_size=CHUNK):
        row = dict(zip(names, row, strict=True))
        is_open = row.get("family_is_open", True)
        if opened and is_open and guard:
            opened(row["family_number"])
        yield tuple(
            None
            if column.of_family and not is_open
            else _cell(column, row[f"column_{place}"], row.get(f"owner_{place}"), show_numbers)
            for place, column in enumerate(columns)
        )


def _expression(value, asker):
    if callable(value) and not hasattr(value, "resolve_expression"):
        value = value(asker)
    return F(value) if isinstance(value, str) else value


def _cell(column, value, owner, show_numbers):
    if value is None:
        return None
    if column.sealed:
        number = SealedNumber(value, f"{column.sealed}:{owner}")
        return in_fours(number.reveal()) if show_numbers else str(number)
    if column.choices:
        return column.choices(value).label if value else None
    return column.words(value) if column.words else value


def in_fours(digits):
    """Sixteen digits in groups of four, which no spreadsheet takes for a number."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
