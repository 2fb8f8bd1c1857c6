"""Master data as people see it: the tables, one of them on any day, rows proposed and decided, and files both ways."""

import csv
import io
from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from entries.submit import submit, thank
from pkh_casework.access import ADMIN, KOORDINATOR, access, only
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.sheets import guarded
from wilayah.clock import local_today

from .changes import plan_rows
from .forms import DecideForm, EndForm, FileForm, RowForm
from .models import Proposal, keeps_master_data
from .operations import area_of, decide, propose
from .tables import TO, tables

KEEPERS = only(KOORDINATOR, ADMIN)
KEEPERS_WRITE = only(KOORDINATOR, ADMIN, keeps_input=True)
DECIDED_SHOWN = 20


@access(KEEPERS)
@require_safe
def table_list(request):
    """Every table by room; what waits for a decision and what was decided last, for who decides."""
    proposals = Proposal.objects.visible_to(request.user).select_related("by", "decided_by")
    context = {
        "changeable": [table for table in tables().values() if table.can_change],
        "others": [table for table in tables().values() if not table.can_change],
        "waiting": _named(proposals.waiting()),
        "decided": _named(proposals.exclude(state=Proposal.State.PROPOSED)[:DECIDED_SHOWN]),
        "keeps": keeps_master_data(request.user),
    }
    return render_page(request, "master/table_list.html", context)


def _named(proposals):
    """Proposals each with its `title`; one of a table that is gone is left out."""
    found = [one for one in proposals if one.table in tables()]
    for one in found:
        one.title = tables()[one.table].title
    return found


@access(KEEPERS)
@require_safe
def table_detail(request, table):
    """The rows of a table that hold today, or all there ever were (`?semua=ya`)."""
    of = _table_or_404(table)
    today = local_today(request.user.wilayah_id)
    everything = asked_text(request.GET, "semua") == "ya"
    stored = list(of.all_rows() if everything else of.rows_on(today))
    keeps = keeps_master_data(request.user) and of.can_change
    context = {
        "table": of,
        "rows": [
            {
                "pk": row.pk,
                "cells": list(zip(of.labels, of.told(row), strict=True)),
                "can_end": keeps
                and of.is_dated
                and not of.never_ends
                and (row.valid_to is None or row.valid_to > today),
            }
            for row in stored
        ],
        "everything": everything,
        "keeps": keeps,
        "waiting": _named(Proposal.objects.visible_to(request.user).waiting().filter(table=of.key)),
    }
    return render_page(request, "master/table_detail.html", context)


@access(KEEPERS)
@require_safe
def table_csv(request, table):
    """The table as its file: every row there ever was."""
    of = _table_or_404(table)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(of.columns)
    for row in of.all_rows():
        writer.writerow([guarded(cell) for cell in of.cells_of(row).values()])
    response = HttpResponse(f"\ufeff{text.getvalue()}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{of.path.stem}.csv"'
    return response


@access(KEEPERS_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def row_propose(request, table):
    """Propose a row: a new one, a version made from one (`?dari=<key>`), or the end of one (`&akhiri=ya`)."""
    of = _changeable_or_404(request, table)
    said = {"user": request.user, "today": local_today(request.user.wilayah_id), "table": of}
    row = _row_or_404(of, asked_text(request.GET, "dari"))
    ends = row is not None and of.is_dated and not of.never_ends and asked_text(request.GET, "akhiri") == "ya"
    form = (EndForm if ends else RowForm)(request.POST or None, row=row, **said)
    if receipt := submit(request, form, partial(propose, of)):
        return _thanked(request, receipt)
    context = {"form": form, "table": of, "row": row, "ends": ends, "told": row and _pairs(of, row), "to": TO}
    return render_page(request, "master/row_propose.html", context)


@access(KEEPERS_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def file_propose(request, table):
    """Propose the rows of a file; those that are stored already stay as they are."""
    of = _changeable_or_404(request, table)
    today = local_today(request.user.wilayah_id)
    form = FileForm(request.POST or None, request.FILES or None, user=request.user, today=today, table=of)
    if receipt := submit(request, form, partial(propose, of)):
        return _thanked(request, receipt)
    return render_page(request, "master/file_propose.html", {"form": form, "table": of})


@access(KEEPERS_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def proposal_detail(request, pk):
    """What a proposal would do, field by field, and the decision of another one."""
    proposals = Proposal.objects.visible_to(request.user).select_related("by", "decided_by")
    proposal = get_object_or_404(proposals, pk=pk, table__in=tables())
    of, today = tables()[proposal.table], local_today(request.user.wilayah_id)
    form = DecideForm(request.POST or None, proposal=proposal, user=request.user, today=today)
    if receipt := submit(request, form, partial(decide, proposal)):
        thank(request, receipt, "Keputusan tersimpan.")
        return redirect(proposal)
    planned = plan_rows(of, proposal.rows, today, area=area_of(proposal.by)) if proposal.is_open else []
    context = {
        "proposal": proposal,
        "table": of,
        "form": form if proposal.is_open else None,
        "planned": [(one, _differences(of, one)) for one in planned],
        "stored": [list(_named_cells(of, cells)) for cells in proposal.rows] if not proposal.is_open else [],
    }
    return render_page(request, "master/proposal_detail.html", context)


def _differences(of, one):
    """[(label, what is stored, what is proposed)] of a Planned: what differs, or all of a row that is quite new."""
    before = of.cells_of(one.before) if one.before is not None else {}
    return [
        (label, before.get(name, ""), text)
        for name, (label, text) in zip(of.columns, _named_cells(of, one.cells), strict=True)
        if not before or before.get(name) != text
    ]


def _named_cells(of, cells):
    return list(zip(of.labels, (cells.get(name, "") for name in of.columns), strict=True))


def _pairs(of, row):
    return list(zip(of.labels, of.told(row), strict=True))


def _thanked(request, receipt):
    thank(request, receipt, "Usulan tersimpan. Orang lain yang menyetujuinya.")
    return redirect("master:proposal_detail", pk=receipt.object_id)


def _table_or_404(key):
    if key not in tables():
        raise Http404("no such table")
    return tables()[key]


def _changeable_or_404(request, key):
    of = _table_or_404(key)
    if not of.can_change or not keeps_master_data(request.user):
        raise Http404("another duty, or a table that comes with a release")
    return of


def _row_or_404(of, key):
    """The row that an address names, None when it names none."""
    if not key:
        return None
    row = next((row for row in of.all_rows() if str(row.pk) == key), None)
    if row is None:
        raise Http404("no such row")
    return row
