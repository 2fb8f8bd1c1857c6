"""Storing a row that an area shares: the same way whatever the row is."""

from entries.operations import operation


def saving(kind, title, about=None):
    """The operation that stores a row which an area shares, new or changed; `about` as in `operation`."""

    @operation(kind=kind, title=title, about=about)
    def save(row, *, by):
        if row.pk is None and hasattr(row, "added_by_id"):
            row.added_by = by
        row.save()

    return save
