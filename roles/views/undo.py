"""Taking back what was just written down, and writing it again."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from entries.models import Receipt
from entries.submit import tap
from kpm.models import Household
from pkh_casework.access import FIELD_WRITE, access
from roles.models import Activity
from roles.operations.undo import undo_activity

KEPT = "janji_baru"  # in the session: which promises the newest activity kept, for taking it back


def remember_promises(request, pk, promises):
    """Keep for a moment which `promises` (ids of ActivityHousehold) the new activity `pk` kept."""
    if promises:
        request.session[KEPT] = {"activity": str(pk), "rows": sorted(promises)}


@access(FIELD_WRITE)
@require_POST
def activity_undo(request, pk):
    """Take back an own activity of a moment ago; leads to the logging screen with what it said."""
    user = request.user
    activity = Activity.objects.visible_to(user).filter(pk=pk, pendamping=user).first()
    if activity is None:
        if Receipt.objects.filter(author=user, kind="roles.undo", object_id=pk).exists():  # a second tap
            return redirect(f"{reverse('roles:activity_create')}?{urlencode({'ulang': pk})}")
        raise Http404("no activity of the asker")
    mine = Household.objects.visible_to(user).filter(activity_rows__activity=activity)
    cases = list(mine.order_by("name").values_list("case_number", flat=True))
    kept = request.session.get(KEPT, {})
    promises = kept.get("rows", []) if kept.get("activity") == str(pk) else []
    receipt, _ = tap(request, partial(undo_activity, activity, promises=promises))
    if receipt is None:
        return redirect(activity)
    request.session.pop(KEPT, None)
    messages.info(request, "Dibatalkan. Perbaiki di sini lalu simpan lagi, atau tinggalkan halaman ini.")
    again = [("kpm", case) for case in cases] + [("ulang", pk)]
    return redirect(f"{reverse('roles:activity_create')}?{urlencode(again)}")
