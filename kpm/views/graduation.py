"""Graduation: the list of proposals, making one, its documents and its berita acara, and the checks afterwards."""

from functools import partial

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import AccessLog
from entries.submit import submit, thank
from entries.trail import note_access, note_look
from kpm.forms.graduation import CheckForm, ProposalForm
from kpm.listings import GraduationListing
from kpm.models import GraduationCase, GraduationFile, Household, WatchCheck
from kpm.operations import change_case, prepare_case, record_check
from pkh_casework.htmx import render_page
from pkh_casework.media import photo_response
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from wilayah.clock import local_today
from wilayah.models import Wilayah

PAGE = 30
State = GraduationCase.State
ON_PAPER = {State.PROPOSED, *GraduationCase.STANDING}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@require_safe
def graduation_list(request):
    """Proposals, the newest first; a koordinator begins with those that wait for a decision."""
    today = local_today(request.user.wilayah_id)
    listing = GraduationListing(request.GET, user=request.user, today=today)
    cases = listing.qs.select_related("household__wilayah", "kind", "proposed_by")
    context = {
        "page": keyset_page(cases, request, listing.order, size=PAGE),
        "filters": GraduationListing.WORDS.items(),
        "chosen": listing.in_force["keadaan"],
    }
    return render_page(request, "kpm/graduation_list.html", context, part="graduation-rows")


@require_http_methods(["GET", "HEAD", "POST"])
def graduation_create(request, case):
    household = get_object_or_404(Household.objects.visible_to(request.user), case_number=case)
    form = ProposalForm(
        request.POST or None, household=household, user=request.user, today=local_today(household.wilayah_id)
    )
    if receipt := submit(request, form, partial(prepare_case, household)):
        thank(request, receipt, "Usulan disiapkan. Lengkapi berkasnya, lalu usulkan.")
        return redirect("kpm:graduation_edit", pk=receipt.object_id)
    open_case = GraduationCase.objects.filter(household=household).open().first()
    context = {"form": form, "household": household, "open_case": open_case}
    return render_page(request, "kpm/graduation_create.html", context, part="graduation-form")


@require_http_methods(["GET", "HEAD", "POST"])
def graduation_edit(request, pk):
    """What the proposal says and its documents, while it is not proposed."""
    case = case_or_404(request.user, pk)
    initial = {name: getattr(case, name) for name in ("kind", "statement", "signed_by", "signed_on")}
    form = ProposalForm(
        request.POST or None,
        files=request.FILES or None,
        household=case.household,
        case=case,
        initial=initial,
        user=request.user,
        today=local_today(case.household.wilayah_id),
    )
    if receipt := submit(request, form, partial(change_case, case)):
        thank(request, receipt, "Usulan tersimpan.")
        return redirect(case)
    if case.state not in {State.DRAFT, State.RETURNED} and request.method != "POST":
        return redirect(case)
    context = {"form": form, "household": case.household, "case": case}
    return render_page(request, "kpm/graduation_edit.html", context, part="graduation-form")


@require_safe
def graduation_file(request, pk, file):
    """One photographed document, for whoever may open the family; never from a public folder, never cached."""
    files = GraduationFile.objects.visible_to(request.user).select_related("household")
    picture = get_object_or_404(files, pk=file, case=pk)
    response = photo_response(picture)
    household = picture.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    return response


@require_safe
def graduation_pdf(request, pk):
    """The berita acara, filled in as far as the case goes, to print and sign."""
    case = case_or_404(request.user, pk)
    if case.state not in ON_PAPER:
        raise Http404("nothing to sign yet")
    household = case.household
    note_access(request, AccessLog.Action.EXPORT, subject=household.case_number, fields=["berita_acara"])
    return pdf_response("kpm/graduation.typ", _on_paper(case), f"berita-acara-{household.case_number}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def watch_check(request, pk, months):
    """How the family stands so many months after graduation; one that fell back leads on to asking for its return."""
    checks = WatchCheck.objects.visible_to(request.user).select_related("case", "household")
    check = get_object_or_404(checks, case=pk, months=months)
    today = local_today(check.household.wilayah_id)
    form = CheckForm(
        request.POST or None,
        initial={"done_on": today, "by_phone": "ya"},
        graduated_on=check.case.graduated_on or check.due_on,
        user=request.user,
        today=today,
    )
    if receipt := submit(request, form, partial(record_check, check)):
        thank(request, receipt, f"Cek {check.months} bulan tersimpan.")
        check.refresh_from_db()
        if check.outcome == WatchCheck.Outcome.FALLEN and check.case.state == State.APPROVED:
            return redirect("desk:graduation_move", pk=check.case_id, move="minta-kembali")
        return redirect(check.case)
    if check.done_on and request.method != "POST":
        return redirect(check.case)
    context = {"form": form, "check": check, "household": check.household}
    return render_page(request, "kpm/watch_check.html", context)


def case_or_404(user, pk):
    """The case `pk` with what its pages print, for whoever may open its family."""
    cases = GraduationCase.objects.visible_to(user).select_related(
        "household__wilayah", "household__pendamping", "kind", "signed_by", "proposed_by", "decided_by"
    )
    return get_object_or_404(cases, pk=pk)


def _on_paper(case):
    """What templates/kpm/graduation.typ prints; identity numbers only masked."""
    household, decided = case.household, case.state in GraduationCase.STANDING
    day = case.graduated_on or case.proposed_on
    code = household.wilayah_id
    areas = {area.pk: area.name for area in Wilayah.objects.filter(pk__in=[code, code[:6], code[:4]])}
    signer = case.signed_by or household.pengurus_terms.select_related("member").get(to_on=None).member
    return {
        "draft": not decided,
        "number": f"{household.case_number}/GRAD/{ROMAN[day.month - 1]}/{day.year}",
        "weekday": date_format(day, "l"),
        "day": date_format(day, "j F Y"),
        "kind": case.kind.name,
        "explanation": case.kind.explanation,
        "case": household.case_number,
        "family": {
            "pengurus": household.name,
            "signer": signer.name,
            "relation": signer.get_relation_display(),
            "nik": str(signer.nik) if signer.nik else "belum dicatat",
            "no_kk": str(household.no_kk),
            "address": household.address,
            "rt_rw": f"RT {household.rt:02d} / RW {household.rw:02d}",
            "since": date_format(household.joined_on, "F Y"),
        },
        "place": {
            "kelurahan": areas.get(code, ""),
            "kecamatan": areas.get(code[:6], ""),
            "kota": areas.get(code[:4], ""),
        },
        "statement": case.statement,
        "signed_on": date_format(case.signed_on, "j F Y") if case.signed_on else "",
        "papers": list(
            case.files.order_by("paper__position").values_list("paper__name", flat=True).distinct()
        ),
        "proposed_on": date_format(case.proposed_on, "j F Y"),
        "pendamping": case.proposed_by.name,
        "pendamping_nip": case.proposed_by.nip or "",
        "koordinator": case.decided_by.name if decided else "",
        "koordinator_nip": (case.decided_by.nip or "") if decided else "",
    }
