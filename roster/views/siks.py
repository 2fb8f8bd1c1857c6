"""The SIKS-NG desk of a koordinator: the file of a tahap sent, its differences listed, decided singly or in bulk."""

from functools import partial
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit, thank
from entries.trail import note_look
from pkh_casework.access import KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.templatetags.formats import angka
from roster.forms.siks import MOST_AT_ONCE, DecideForm, QuarterlyForm
from roster.models import Difference, Kind, StagedRow
from roster.operations.siks import decide, receive_quarterly, refresh
from roster.siks import areas_of, files_of, open_counts, show, with_typing
from wilayah.clock import local_today

PAGE = 50
FILES = 3
DESK = only(KOORDINATOR, keeps_input=True)
State = Difference.State
DONE = {State.TAKEN: "diterima", State.REFUSED: "ditolak", State.LATER: "ditunda"}
RELATED = (
    "household__wilayah",
    "household__pendamping",
    "household__group",
    "member",
    "wilayah",
    "decided_by",
)


@access(DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def siks_list(request):
    """The differences of one kind (`jenis`) in one state (`keadaan`) of a kelurahan (`kel`), and the decision on those that
    are ticked.
    """
    counts = open_counts(request.user)
    kind, state, area = _asked(request, counts)
    of_kind = Difference.objects.visible_to(request.user).filter(kind=kind)
    of_kind = of_kind.filter(wilayah=area) if area else of_kind
    today = local_today(request.user.wilayah_id)
    form = DecideForm(request.POST or None, kind=kind, among=of_kind, user=request.user, today=today)
    outcomes = []
    address = f"{request.path}?{urlencode({'jenis': kind, 'keadaan': state, 'kel': area})}"
    if receipt := submit(request, form, _keeping(outcomes)):
        thank(request, receipt, _words_of(form, outcomes))
        return redirect(address)
    rows = with_typing(of_kind.filter(state=state)).select_related(*RELATED)
    page = keyset_page(rows, request, ["name", "id"], size=PAGE)
    context = {
        "page": page,
        "rows": show(page.rows),
        "form": form,
        "kind": kind,
        "state": state,
        "area": area,
        "kinds": [(one, counts.get(one, 0)) for one in Kind if counts.get(one) or one == kind],
        "states": State.choices,
        "areas": areas_of(Difference.objects.visible_to(request.user)),
        "waiting": counts.get(kind, 0) if state == State.OPEN else 0,
        "most": MOST_AT_ONCE,
        "can_decide": state in {State.OPEN, State.REFUSED, State.LATER},
        "files": list(files_of(request.user)[:FILES]),
        "address": address,
    }
    return render_page(request, "roster/siks_list.html", context, part="siks-rows")


def _asked(request, counts):
    """(kind, state, kelurahan) that the address asks; the first kind with something to decide when it asks none."""
    kind = asked_text(request.GET, "jenis")
    if kind not in Kind.values:
        kind = next((one for one in Kind if counts.get(one)), Kind.IN)
    state = asked_text(request.GET, "keadaan")
    area = asked_text(request.GET, "kel")
    known = area.isdigit() and area.startswith(request.user.wilayah_id)
    return Kind(kind), State(state) if state in State.values else State.OPEN, area if known else ""


def _keeping(outcomes):
    """`decide`, whose answer is kept in `outcomes`."""

    def write(**said):
        outcomes.extend(decide(**said))

    return write


def _words_of(form, outcomes):
    if not outcomes:
        return "Sudah tersimpan sebelumnya."
    done = sum(not words for _, words in outcomes)
    failed = len(outcomes) - done
    words = f"{angka(done)} baris {DONE[form.cleaned_data['decision']]}."
    if failed:
        words += f" {angka(failed)} belum bisa: sebabnya ada di barisnya."
    if len(form.chosen) == MOST_AT_ONCE:
        words += f" Sekali kirim paling banyak {angka(MOST_AT_ONCE)} baris; ulangi untuk sisanya."
    return words


@access(DESK)
@require_http_methods(["GET", "HEAD", "POST"])
def siks_create(request):
    """Send the file of a tahap."""
    form = QuarterlyForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, receive_quarterly):
        return redirect("roster:batch_detail", pk=receipt.object_id)
    return render_page(request, "roster/siks_create.html", {"form": form})


@access(only(KOORDINATOR, keeps_input=True, audit="look"))
@require_http_methods(["GET", "HEAD", "POST"])
def siks_detail(request, pk):
    """One difference: both sides field by field, what was decided before, and the decision."""
    rows = with_typing(Difference.objects.visible_to(request.user)).select_related(*RELATED, "batch", "stage")
    row = get_object_or_404(rows, pk=pk)
    note_look(
        request,
        row.household.case_number if row.household else str(row.pk),
        holders={row.household.pendamping_id} if row.household else set(),
    )
    form = DecideForm(
        request.POST or None,
        kind=row.kind,
        among=None,
        only=row,
        user=request.user,
        today=local_today(row.wilayah_id),
    )
    if receipt := submit(request, form, partial(decide)):
        thank(request, receipt, f"Baris ini {DONE[form.cleaned_data['decision']]}.")
        return redirect(f"/siks-ng/?{urlencode({'jenis': row.kind})}")
    if form.is_bound:
        refresh(row)
    show([row])
    people = []
    if row.kind == Kind.IN and row.staged:
        people = StagedRow.objects.filter(batch=row.batch_id, family=row.staged).order_by("line", "pk")
    decided = row.events.filter(decision__gt="").select_related("decided_by").order_by("pgh_id")
    context = {"row": row, "form": form, "people": people, "decided": _decisions(decided)}
    return render_page(request, "roster/siks_detail.html", context)


def _decisions(versions):
    """What was decided on a row, each decision once, the first first."""
    found = {}
    for one in versions:
        found.setdefault((one.decided_at, one.decision), one)
    return list(found.values())
