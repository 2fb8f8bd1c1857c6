"""Files of families: sent, matched, looked at, taken in, taken back."""

import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entries.models import AccessLog
from entries.submit import submit, tap, thank
from pkh_casework.access import KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.sheets import XLSX_TYPE
from roster.columns import known_columns, label_of
from roster.forms.batch import ChoiceForm, ColumnsForm, UploadForm
from roster.models import Batch, StagedFamily, StagedRow
from roster.operations.applying import ask_to_apply, ask_to_undo, choose
from roster.operations.batch import CAN_BE_MATCHED, cancel_batch, match_columns, receive_file
from roster.operations.refused import write_refused, write_template
from wilayah.clock import local_today

PAGE = 30
OFFICE = only(KOORDINATOR)
OFFICE_WRITE = only(KOORDINATOR, keeps_input=True)
OFFICE_EXPORT = only(KOORDINATOR, audit="export")
Verdict = StagedFamily.Verdict
# What a person looks at first.
IN_TURN = (Verdict.DOUBTED, Verdict.REFUSED, Verdict.NEW, Verdict.CHANGED, Verdict.VANISHED, Verdict.SAME)


@access(OFFICE)
@require_safe
def batch_list(request):
    page = keyset_page(
        Batch.objects.visible_to(request.user).filter(siks=None).select_related("user"),
        request,
        ["-sent_at", "-id"],
        size=PAGE,
    )
    return render_page(request, "roster/batch_list.html", {"page": page}, part="batch-rows")


@access(OFFICE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_create(request):
    """Send a file."""
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        today=local_today(request.user.wilayah_id),
    )
    if receipt := submit(request, form, receive_file):
        return redirect("roster:batch_detail", pk=receipt.object_id)
    return render_page(request, "roster/batch_create.html", {"form": form, "known": known_columns().values()})


@access(OFFICE)
@require_safe
def batch_template(request):
    """A workbook with the headings that are understood, its numbers set as text."""
    return _workbook(write_template, "langkah-contoh-daftar-kpm.xlsx")


@access(OFFICE)
@require_safe
def batch_detail(request, pk):
    """One file: how far it is, and what stands in it."""
    batch = _batch_or_404(request.user, pk, "user", "wilayah", "applied_by", "siks__wilayah", "siks__stage")
    context = {"batch": batch}
    if batch.state in {Batch.State.READY, Batch.State.APPLIED, Batch.State.UNDONE}:
        context |= _preview(request, batch)
    return render_page(request, "roster/batch_detail.html", context, part="family-rows")


def _preview(request, batch):
    """The families of the batch with one verdict, and the numbers of all."""
    shown = [verdict for verdict in IN_TURN if batch.totals.get(verdict)]
    asked = asked_text(request.GET, "lihat")
    verdict = asked if asked in shown else next(iter(shown), Verdict.NEW)
    families = StagedFamily.objects.visible_to(request.user).filter(batch=batch, verdict=verdict)
    families = families.select_related("wilayah", "pendamping", "household")
    page = keyset_page(families, request, ["line", "id"], size=PAGE)
    people = {}
    rows = StagedRow.objects.visible_to(request.user).filter(batch=batch)
    for row in rows.filter(family__in=[family.pk for family in page.rows]).order_by("line", "pk"):
        people.setdefault(row.family, []).append(row)
    for family in page.rows:
        for fault in family.faults:
            fault["label"] = label_of(fault["field"])
        family.people = people.get(family.pk, [])
        family.told = _told(family)
    tabs = [
        (Verdict(one), batch.totals[one], f"?{urlencode({'lihat': one})}", one == verdict) for one in shown
    ]
    chosen = StagedFamily.objects.visible_to(request.user).filter(
        batch=batch, choice="masuk", verdict__in=[Verdict.NEW, Verdict.CHANGED, Verdict.DOUBTED]
    )
    return {"page": page, "tabs": tabs, "verdict": verdict, "chosen": chosen.count()}


def _told(family):
    """(what, as stored, as in the file) of each change of a family and of its people who are there."""
    changes = [("", family.changes)]
    changes += [(row.name, row.changes) for row in family.people if row.member_id]
    return [
        (f"{label_of(name.replace('wilayah_id', 'kelurahan'))} {who}".strip(), *map(_words, values))
        for who, of in changes
        for name, values in of.items()
        if name != "nik"
    ] + [
        (f"NIK {row.name}", "", "berganti") for row in family.people if row.member_id and "nik" in row.changes
    ]


def _words(value):
    return "" if value is None else str(value)


@access(OFFICE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_columns(request, pk):
    """Say what the columns of a file hold."""
    batch = _batch_or_404(request.user, pk)
    if request.method != "POST" and batch.state not in CAN_BE_MATCHED:
        return redirect(batch)
    form = ColumnsForm(
        request.POST or None, batch=batch, user=request.user, today=local_today(request.user.wilayah_id)
    )
    if submit(request, form, partial(match_columns, batch)):
        return redirect(batch)
    return render_page(request, "roster/batch_columns.html", {"form": form, "batch": batch})


@access(OFFICE_WRITE)
@require_POST
def family_choose(request, pk, family):
    """Take one family of a file in, or leave it."""
    batch = _batch_or_404(request.user, pk)
    staged = get_object_or_404(StagedFamily.objects.visible_to(request.user).filter(batch=batch), pk=family)
    form = ChoiceForm(request.POST, user=request.user, today=local_today(request.user.wilayah_id))
    if submit(request, form, partial(choose, batch, family=staged)) is None:
        for words in form.errors.values():
            messages.error(request, " ".join(words))
    return redirect(f"{batch.get_absolute_url()}?{urlencode({'lihat': staged.verdict})}")


@access(OFFICE_WRITE)
@require_POST
def batch_apply(request, pk):
    """Take in what was chosen."""
    batch = _batch_or_404(request.user, pk)
    receipt, _ = tap(request, partial(ask_to_apply, batch))
    if receipt:
        thank(request, receipt, "Permintaan diterima; hasilnya di bawah ini.")
    return redirect(batch)


@access(OFFICE_WRITE)
@require_POST
def batch_cancel(request, pk):
    """Give up a file of which nothing was taken in."""
    batch = _batch_or_404(request.user, pk)
    receipt, _ = tap(request, partial(cancel_batch, batch))
    if receipt:
        thank(request, receipt, "Berkas dibatalkan. Tidak ada yang berubah.")
    return redirect(batch)


@access(OFFICE_WRITE)
@require_POST
def batch_undo(request, pk):
    """Take back what came of a file, as far as nobody worked with it."""
    batch = _batch_or_404(request.user, pk)
    receipt, _ = tap(request, partial(ask_to_undo, batch))
    if receipt:
        thank(request, receipt, "Permintaan diterima; hasilnya di bawah ini.")
    return redirect(batch)


@access(OFFICE_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def batch_refused(request, pk):
    """The rows that could not be taken in, as they were, each with its reason; a GET leads to the page of the file."""
    batch = _batch_or_404(request.user, pk)
    if request.method != "POST":
        return redirect(batch)
    if not batch.file or not batch.totals.get(Verdict.REFUSED):
        messages.error(request, "Tidak ada baris yang ditolak, atau berkasnya sudah dihapus.")
        return redirect(batch)
    AccessLog.objects.create(
        user=request.user,
        action=AccessLog.Action.EXPORT,
        route="roster:batch_refused",
        path=batch.get_absolute_url(),
        subject=f"berkas {batch.code}",
        fields=[f"{batch.totals[Verdict.REFUSED]} keluarga ditolak"],
    )
    return _workbook(partial(write_refused, batch), f"langkah-ditolak-{batch.code}.xlsx")


def _workbook(write, name):
    """The answer with the workbook that `write(path)` makes."""
    with tempfile.TemporaryDirectory(prefix="berkas-") as folder:
        path = Path(folder) / "berkas.xlsx"
        write(path)
        content = path.read_bytes()
    answer = HttpResponse(content, content_type=XLSX_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _batch_or_404(user, pk, *related):
    batches = Batch.objects.visible_to(user)
    return get_object_or_404(batches.select_related(*related) if related else batches, pk=pk)
