"""What a phone takes along: pages of all families rendered ahead, as one answer, and later what changed since."""

import json
from datetime import timedelta
from functools import lru_cache

import brotli

from kpm import finding
from kpm.models import Household
from pkh_casework.release import version
from wilayah.clock import local_today

from .ahead import families_ahead
from .changes import are_stale, changed_since, held_cases, mark
from .operations import now_ms
from .shells import STATIC, meetings_for, page_of, shells_for

QUALITY = 5  # of brotli: above it the processor time grows faster than the bytes shrink
TODAY = "/"
WHOLE_AFTER = timedelta(days=7)  # ages and who goes to school move with the day, though no row is written


@lru_cache(maxsize=1)
def app_version():
    """A short name for what the program is, the same on every server of a release: what a phone holds of another is fetched
    anew.
    """
    return version()[:12]


def bundle_for(request, since):
    """What the asker's phone needs beyond what it got at `since`, the mark of an earlier bundle ("" for none); a dict.

    `mark` names this one. `cases` are all families in the order of their list, `families` those that changed (see
    phone.ahead), `shells` the pages and forms that are the same for all (None where the phone's still hold), `meetings`
    those of sessions that are due, `today` the page of Hari ini.
    """
    user = request.user
    today = local_today(user.wilayah_id)
    database, day, app = [*since.split("|"), "", "", ""][:3]
    # Taken first: what is written while this is made is sent again the next time.
    fresh = f"{mark()}|{today.isoformat()}|{app_version()}"
    is_fresh = (today - WHOLE_AFTER).isoformat() < day <= today.isoformat()
    is_known = app == app_version() and is_fresh
    changed = changed_since(database, user) if is_known else None
    families = Household.objects.visible_to(user).active()
    if changed is not None:
        families = families.filter(pk__in=changed)
    households = list(families)
    shells = None
    if changed is None or are_stale(database, user):
        shells = shells_for(request, today)
    is_new = shells is not None or bool(changed) or day != today.isoformat()
    page = page_of(request, TODAY) if is_new else None
    return {
        "mark": fresh,
        "day": today.isoformat(),
        "made": now_ms(),
        "app": app_version(),
        "whole": changed is None,
        "cases": held_cases(user),
        "families": list(families_ahead(user, today, households)) if households else [],
        "today": page,
        "meetings": meetings_for(request, today) if shells or day != today.isoformat() else {},
        "shells": shells and shells.pages,
        "stand_in": shells and shells.stand_in,
        "indicators": shells and shells.indicators,
        "resources": shells and shells.resources,
        "spelling": shells and finding.rules(),
        "statics": shells and sorted({*shells.statics, *STATIC.findall(page)}),
    }


def packed(content):
    """`content` as JSON in bytes, packed by brotli."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return brotli.compress(text.encode(), mode=brotli.MODE_TEXT, quality=QUALITY)
