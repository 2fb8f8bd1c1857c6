"""Panels: what an upper room shows on the page of a lower one, which knows nothing of it.

A room that has something to show says so in its `panels.py`, which its AppConfig imports; the page of the lower room has
`{% panels "place" thing %}` where such panels stand, in the order of the rooms. `place` is the name of the page's route,
with a word behind it where a page has several (`resources:partner_detail beside`).

What upper rooms have to say about each row of a list is asked once for all rows: `row_notes` and `notes_on`.
"""

from collections import defaultdict, namedtuple

from .htmx import render_page

Panel = namedtuple("Panel", "template about part")
PANELS, NOTES = defaultdict(list), defaultdict(list)


def panel(place: str, template: str, *, part: str | None = None):
    """Show at `place` the `template` with what the function gives for (request, thing); nothing when it gives None.

    `part` is its partial that htmx asks for by itself (the next rows of a list, say): see `panel_part`.
    """

    def register(function):
        PANELS[place].append(Panel(template, function, part))
        return function

    return register


def panel_part(request, place, thing):
    """The answer to htmx when it fills a part of a panel at `place`; None when it asks for something else."""
    for template, about, part in PANELS[place]:
        if part and request.htmx.target == part and (said := about(request, thing)) is not None:
            return render_page(request, template, said, part=part)
    return None


def row_notes(place: str):
    """Say on the list `place` the words that the function gives for (request, rows): {key of a row: words}."""

    def register(function):
        NOTES[place].append(function)
        return function

    return register


def notes_on(place, request, rows):
    """What upper rooms say about `rows` of the list `place`: {key of a row: [words, …]}."""
    notes = defaultdict(list)
    for about in NOTES[place]:
        for key, words in about(request, rows).items():
            notes[key].append(words)
    return notes
