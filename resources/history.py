"""What changed about a row since it was added, in words for people."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from pkh_casework.templatetags.formats import NONE, angka, tanggal

NOT_TOLD = {"id", "checked_on", "checked_by", "added_by", "added_at"}
LONGEST = 120


@dataclass(frozen=True)
class FieldChange:
    """One change: when, the name of who made it, and what: (label, words before, words after); [] for the first."""

    at: datetime
    by: str
    fields: list


def changes_of(row):
    """The Changes of a tracked `row` (Resource or Partner), newest first, the adding last; three queries."""
    names = [field.name for field in row._meta.concrete_fields if field.name not in NOT_TOLD]
    relations = [name for name in names if row._meta.get_field(name).is_relation]
    events = list(row.events.select_related("pgh_context", *relations).order_by("pgh_id"))
    users = User.objects.in_bulk({author for event in events if (author := _author(event))})
    changes = []
    for before, event in zip([None, *events], events, strict=False):
        fields = _differences(row, names, before, event) if before else []
        if fields or before is None:
            user = users.get(_author(event))
            changes.append(FieldChange(event.pgh_created_at, user.name if user else "sistem", fields))
    return changes[::-1]


def _author(event):
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


def _differences(row, names, before, after):
    told = []
    for name in names:
        field = row._meta.get_field(name)
        if getattr(before, field.attname) != getattr(after, field.attname):
            label = str(field.verbose_name)
            told.append(
                (label[:1].upper() + label[1:], _words(getattr(before, name)), _words(getattr(after, name)))
            )
    return told


def _words(value):
    if value is None or value == "" or value == []:
        return NONE
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, date):
        return tanggal(value)
    if isinstance(value, int):
        return angka(value) if value > 9999 else str(value)
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return f"{text[:LONGEST]} …" if len(text) > LONGEST else text
