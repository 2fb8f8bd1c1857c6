"""Assessing a family together with it, reading what came of it, correcting it."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from entries.models import HeldEntry
from entries.operations import newest_receipt
from entries.submit import CHANGED, CannotBeTaken, submit, thank
from entries.trail import note_look
from kpm.forms.assessment import AssessmentForm, codes_sent, initial_of
from kpm.forms.at_home import YES, saved
from kpm.independence.due import due_families, due_form, with_last_assessments
from kpm.independence.rule import asked_on, has_school_child
from kpm.models import Assessment, Household, Instrument, Score, Threshold
from kpm.operations import change_assessment, record_assessment
from kpm.plan import waiting_scores
from pkh_casework.access import CASE_LOOK, FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_number, asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from wilayah.clock import local_today

PAGE = 50
SHORT_MINUTES, FULL_MINUTES = 8, 15


@access(FIELD)
@require_safe
def assessment_list(request):
    """Whose turn it is: families due for a form, those assessed longest ago first."""
    today = local_today(request.user.wilayah_id)
    page = keyset_page(due_families(request.user, today), request, ["last_on", "id"], size=PAGE)
    for household in page.rows:
        household.due = due_form(household, today)
    return render_page(request, "kpm/assessment_list.html", {"page": page}, part="assessment-rows")


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def assessment_create(request, case):
    """The talk itself: `?bentuk=lengkap` asks all indicators, without it the short form."""
    families = with_last_assessments(Household.objects.visible_to(request.user))
    household = get_object_or_404(families, case_number=case)
    today = local_today(household.wilayah_id)
    form = _form(request, household, today)
    if receipt := submit(request, form, partial(record_assessment, household)):
        thank(request, receipt, saved("Asesmen tersimpan.", form.cleaned_data.get("at_home") == YES))
        return redirect("kpm:assessment_detail", pk=receipt.object_id)
    full = form["form"].value() == Assessment.Form.FULL
    context = {
        "household": household,
        "form": form,
        "due": due_form(household, today),
        "full": full,
        "minutes": FULL_MINUTES if full else SHORT_MINUTES,
    }
    return render_page(request, "kpm/assessment_form.html", context, part="assessment-form")


def _form(request, household, today):
    """The form for `household` as it is asked today. What was sent of more indicators (its path changed while the
    page was open, say) is kept too.
    """
    sent = request.POST if request.method == "POST" else None
    version = asked_number(sent or {}, "instrument")
    instrument = Instrument.objects.filter(pk=version).first() or Instrument.objects.valid_on(today).latest(
        "valid_from"
    )
    kind = asked_text(request.GET, "bentuk") if sent is None else asked_text(sent, "form")
    kind = kind if kind in Assessment.Form else Assessment.Form.SHORT
    indicators = instrument.indicators.prefetch_related("anchors")
    school_child = has_school_child(household, today)
    asked = asked_on(indicators, path=household.path, form=kind, school_child=school_child)
    codes = {indicator.code for indicator in asked} | codes_sent(sent or ())
    return AssessmentForm(
        sent,
        user=request.user,
        instrument=instrument,
        indicators=[indicator for indicator in indicators if indicator.code in codes],
        thresholds=Threshold.objects.of(household.wilayah_id, today),
        today=today,
        initial={"form": kind, "instrument": instrument.pk, "assessed_on": today, "at_home": YES},
    )


@access(CASE_LOOK)
@require_safe
def assessment_detail(request, pk):
    """What the family and its pendamping said, and what changed since each indicator was answered before."""
    assessment = _assessment_or_404(request.user, pk)
    household = assessment.household
    note_look(request, household.case_number, holders={household.pendamping_id})
    rows = _compared(assessment)
    dimensions = {}
    for row in rows:
        dimensions.setdefault(row.score.indicator.dimension, []).append(row)
    context = {
        "assessment": assessment,
        "household": household,
        "dimensions": dimensions.items(),
        "skipped": [row for row in rows if row.score.state == Score.State.SKIPPED],
        "moves": [
            (move, sum(row.move == move for row in rows)) for move in ("naik", "tetap", "turun", "baru")
        ],
        "waiting": waiting_scores(household, local_today(household.wilayah_id)),
        "holds": household.pendamping_id == request.user.pk,
        "editable": assessment.is_editable_by(request.user, timezone.now()),
    }
    return render_page(request, "kpm/assessment_detail.html", context)


def _compared(assessment):
    """The scores of an assessment in the order of its form, each with the level before it (None: none) and its move."""
    scores = assessment.scores.select_related("indicator__dimension").order_by("indicator__position")
    earlier = Score.objects.filter(household=assessment.household_id)
    earlier = earlier.standing(assessment.assessed_on - timedelta(days=1)).values_list("code", "level")
    before = dict(earlier)
    rows = []
    for score in scores:
        level, move = before.get(score.code), ""
        if score.level:
            move = "baru" if level is None else WAYS[(score.level > level) - (score.level < level)]
        rows.append(SimpleNamespace(score=score, before=level, move=move))
    return rows


WAYS = {1: "naik", 0: "tetap", -1: "turun"}


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def assessment_edit(request, pk):
    """The author corrects the own assessment within its days, as long as the family is still the author's."""
    assessment = _assessment_or_404(request.user, pk)
    if assessment.pendamping_id != request.user.pk:
        raise Http404("not the author")
    if not assessment.is_editable_by(request.user, timezone.now()):
        if request.method == "POST":
            raise CannotBeTaken(HeldEntry.Reason.TOO_LATE)
        return render_page(request, "kpm/assessment_closed.html", {"assessment": assessment})
    household = assessment.household
    today = local_today(household.wilayah_id)
    scores = assessment.scores.select_related("indicator").prefetch_related("indicator__anchors")
    form = AssessmentForm(
        request.POST or None,
        user=request.user,
        instrument=assessment.instrument,
        indicators=[score.indicator for score in scores.order_by("indicator__position")],
        thresholds=Threshold.objects.of(household.wilayah_id, today),
        today=today,
        corrects=True,
        initial={**initial_of(assessment), "version": newest_receipt(assessment)},
    )
    form.now = partial(_in_words, assessment)
    if receipt := submit(request, form, partial(change_assessment, assessment)):
        thank(request, receipt, CHANGED)
        return redirect(assessment)
    context = {"household": household, "form": form, "assessment": assessment}
    return render_page(request, "kpm/assessment_form.html", context, part="assessment-form")


def _in_words(assessment):
    """What an assessment says now, for who corrected another version of it."""
    scores = (
        Score.objects.filter(assessment=assessment)
        .select_related("indicator")
        .order_by("indicator__position")
    )
    levels = [f"{score.indicator.name}: {score.level or score.get_state_display()}" for score in scores]
    notes = Assessment.objects.values_list("notes", flat=True).get(pk=assessment.pk)
    return "; ".join([*levels, *([notes] if notes else [])])


def _assessment_or_404(user, pk):
    assessments = Assessment.objects.visible_to(user).select_related("household", "pendamping", "instrument")
    return get_object_or_404(assessments, pk=pk)
