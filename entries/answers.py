"""The same form answers a page to a person and a named answer to a machine (contract C2).

With `Accept: application/json` a form's own address answers what became of the entry:
`{"op_id", "state": "stored|duplicate|held|rejected", "receipt", "reason", "errors": {field: [words]}}` under our header,
never a redirect. An answer without a state (401, 403, 408, 429, 5xx) says that the server has not decided: send it again.

A page whose form is kept on the phone until it is taken asks by our header: what became of the entry then stands in a
header of the answer for people, "<op_id> <state> <receipt>".
"""

from django.http import JsonResponse

from .models import HeldEntry, Receipt
from .submit import errors_of, is_queued, op_id_of

HEADER, VERSION = "X-Langkah", "1"
ENTRY = "X-Langkah-Entry"
# A page that is too old, a connection too slow, too much at once: later it may be taken.
UNDECIDED = {403, 408, 429}
NOT_FOUND = "tidak ditemukan"
LOGIN_FIRST = "Sesi Anda berakhir. Masuk lagi."


def named_answers(get_response):
    """Middleware: turn the page, redirect or refusal that answers a form into its named answer, where that is asked, or
    name it in a header.
    """

    def middleware(request):
        is_kept = request.method == "POST" and request.headers.get(HEADER) == VERSION
        if not is_kept and not is_queued(request):
            return get_response(request)
        op_id = op_id_of(request)
        response = get_response(request)
        if HEADER in response.headers:  # a named answer of its own, of what is no entry
            return response
        status, content = _answer(request, response, op_id)
        if is_queued(request):
            return under_our_header({"op_id": op_id and str(op_id), **content}, status=status)
        response.headers[HEADER] = VERSION
        response.headers[ENTRY] = f"{op_id} {content.get('state', '')} {content.get('receipt', '')}".strip()
        return response

    return middleware


def under_our_header(content, *, status=200):
    """`content` as JSON under the header by which a phone knows our answer from that of anybody else on the way."""
    return JsonResponse(content, status=status, headers={HEADER: VERSION})


def _answer(request, response, op_id):
    """(status, content) of the named answer that `response` stands for."""
    status = response.status_code
    if not request.user.is_authenticated:
        return 401, {"reason": LOGIN_FIRST}
    if status in UNDECIDED or status >= 500:
        return status, {"reason": response.reason_phrase}
    if status >= 400:
        return status, _content("rejected", reason=NOT_FOUND if status == 404 else response.reason_phrase)
    mine = {"op_id": op_id, "author": request.user}
    receipt = getattr(request, "receipt", None)  # of entries.submit, without a look-up
    known = receipt is None or receipt.is_resend  # one that is found here only, was there before
    if receipt is None and op_id:
        receipt = Receipt.objects.filter(**mine).first()
    held = getattr(request, "held", None)
    if held is None and op_id and (receipt is None or receipt.object_id is None):
        held = HeldEntry.objects.filter(**mine).first()
    errors = errors_of(response)
    if errors or (status == 200 and hasattr(response, "context_data")):
        return 200, _content("rejected", reason="perlu diperiksa", errors=errors)
    in_part = receipt and receipt.object_id and (not held or held.reason != HeldEntry.Reason.OTHER_CONTENT)
    if held and not in_part:
        return 200, _content("held", reason=held.reason)
    if receipt:
        state = "duplicate" if known else "stored"
        # What of it could not be taken waits.
        return 200, _content(state, receipt=receipt.code, reason=held.reason if held else "")
    return 200, _content("rejected", reason="perlu diperiksa", errors=errors)


def _content(state, *, receipt="", reason="", errors=None):
    return {"state": state, "receipt": receipt, "reason": reason, "errors": errors or {}}
