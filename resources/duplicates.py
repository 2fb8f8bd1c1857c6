"""What may be the same thing under another name: close names in the same area, by trigram."""

from django.contrib.postgres.search import TrigramSimilarity

CLOSE_ENOUGH = 0.35
MOST = 5


def like_it(rows, name, *, area, but=None):
    """Up to MOST of `rows` (Resources or Partners) within or around `area` whose name is close to `name`, closest
    first; `but` is the id of the row itself.
    """
    if len(name) < 3:
        return []
    near = rows.for_area(area).exclude(pk=but).annotate(closeness=TrigramSimilarity("name", name))
    return list(
        near.filter(closeness__gte=CLOSE_ENOUGH).select_related("wilayah").order_by("-closeness", "pk")[:MOST]
    )
