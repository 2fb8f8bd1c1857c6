"""Panels: what an upper room shows on the page of a lower one, which knows nothing of it.

A room that has something to show says so in its `panels.py`, which its AppConfig imports; the page of the lower room has
`{% panels "place" thing %}` where such panels stand, in the order of the rooms.
"""

from collections import defaultdict
from functools import wraps

PANELS = defaultdict(list)


def panel(place: str, template: str):
    """Show on the page `place` (the name of its route) the `template` with what the function gives for
    (request, thing); nothing when it gives None.
    """

    def register(function):
        @wraps(function)
        def shown(request, thing):
            context = function(request, thing)
            return None if context is None else (template, context)

        PANELS[place].append(shown)
        return shown

    return register
