"""Many entries in one request, each answered by itself: every one goes to the address of its own form."""

import json
from copy import copy

from django.core.exceptions import RequestDataTooBig
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from entries.answers import LOGIN_FIRST, under_our_header
from entries.holding import Unheard
from pkh_casework.context import user_tag

from .envelope import Unreadable, families_named, read_envelope
from .uploads import forget, photos_of

PATH = "/hp/kirim/"
MOST = 20
DECIDED = {"stored", "duplicate", "held"}
AS_ENTRY = {"HTTP_ACCEPT": "application/json", "CONTENT_TYPE": "application/x-www-form-urlencoded"}


def batches(get_response):
    """Middleware, above the named answers of a form: POST {"user", "entries": [envelope, …]} answers
    {"answers": [{"op_id", "status", …the named answer}, …]}, in the same order.

    An entry of which the server has not decided (no state) keeps back those of its family that follow it.
    """

    def middleware(request):
        if request.path != PATH or request.method != "POST":
            return get_response(request)
        if not request.user.is_authenticated:
            return under_our_header({"reason": LOGIN_FIRST}, status=401)
        if not request.user.is_pendamping:
            return get_response(request)
        try:
            sent = json.loads(request.body)
            entries, user = list(sent["entries"]), sent["user"]
        except RequestDataTooBig:
            return under_our_header({"reason": "terlalu besar"}, status=413)
        except (ValueError, TypeError, KeyError, RecursionError):
            return under_our_header({"reason": "tidak terbaca"}, status=400)
        if user != user_tag(request.user):
            return under_our_header({"reason": "pengguna lain"}, status=409)
        kept_back, answers = set(), []
        for said in entries[:MOST]:
            answers.append(_answer(request, said, kept_back, get_response))
        return under_our_header({"answers": answers})

    return middleware


def _answer(request, said, kept_back, get_response):
    try:
        entry = read_envelope(said)
    except Unreadable as error:
        named = said.get("op_id") if isinstance(said, dict) else None
        # A later release may read it: nothing is decided.
        kept_back.update(families_named(said))
        return {"op_id": named, "status": 422, "reason": f"amplop tidak terbaca: {error}"}
    about = {"op_id": str(entry.op_id)}
    if kept_back.intersection(entry.families):
        kept_back.update(entry.families)
        return about | {"status": 425, "reason": "menunggu catatan sebelumnya"}
    files = photos_of(request.user, entry.photos) if entry.photos else []
    if files is None:
        kept_back.update(entry.families)
        return about | {"status": 409, "reason": "foto belum lengkap"}
    response = get_response(_alone(request, entry, files))
    answer = about | json.loads(response.content) | {"status": response.status_code}
    if not answer.get("state"):
        kept_back.update(entry.families)
    elif entry.photos and answer["state"] in DECIDED:
        forget(request.user, entry.photos)
    return answer


def _alone(request, entry, files):
    """The request that `entry` would have been by itself."""
    path, query = entry.address
    alone = copy(request)
    for read_before in ("headers", "GET", "COOKIES", "accepted_types", "accepted_types_by_precedence"):
        alone.__dict__.pop(read_before, None)
    # Django reads the query from `environ`.
    alone.META = alone.environ = {**request.META, **AS_ENTRY, "PATH_INFO": path, "QUERY_STRING": query}
    alone.path = alone.path_info = path
    alone.resolver_match = None
    alone._post = QueryDict(mutable=True)
    for name, value in entry.fields:
        alone._post.appendlist(name, value)
    alone._post["op_id"] = str(entry.op_id)
    alone._files = MultiValueDict()
    for field, file in files:
        alone._files.appendlist(field, file)
    alone._messages = Unheard()
    return alone
