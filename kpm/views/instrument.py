"""The instrument as everybody may read it, and the dated sums that its anchors speak of."""

from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from entries.submit import submit, thank
from kpm.forms.instrument import ThresholdForm, places_for
from kpm.independence.thresholds import sums_in_words
from kpm.models import Dimension, Indicator, Instrument, ReadinessRule, Threshold
from kpm.operations import set_threshold
from pkh_casework.access import EVERYONE, Rule, access
from pkh_casework.htmx import render_page
from wilayah.clock import local_today


@access(Rule(duties=EVERYONE, keeps_input=True))
@require_http_methods(["GET", "HEAD", "POST"])
def instrument_detail(request):
    """Indicators with their anchors, who is asked what, the rule in words, versions, and sums of the asker's places.

    A koordinator of a whole kota and an admin fill in a new sum here.
    """
    today = local_today(request.user.wilayah_id)
    form = (
        ThresholdForm(request.POST or None, user=request.user, today=today)
        if places_for(request.user).exists()
        else None
    )
    if request.method == "POST":
        if form is None:
            raise Http404("another duty")
        if receipt := submit(request, form, set_threshold):
            thank(request, receipt, "Angka tersimpan. Yang lama tetap ada di bawahnya.")
            return redirect("kpm:instrument_detail")
    versions = list(Instrument.objects.order_by("-version"))
    newest = versions[0]
    area = request.user.wilayah_id
    thresholds = Threshold.objects.of(area, today) if area else {}
    indicators = Indicator.objects.prefetch_related("anchors")
    dimensions = Dimension.objects.filter(instrument=newest).prefetch_related(
        Prefetch("indicators", queryset=indicators)
    )
    names = {}
    for dimension in dimensions:
        for indicator in dimension.indicators.all():
            anchors = indicator.anchors.all()
            indicator.shown = [
                (anchor, sums_in_words(anchor, thresholds) if area else "") for anchor in anchors
            ]
            indicator.paths, indicator.shorts = indicator.full_paths.split(), indicator.short_paths.split()
            names[indicator.code] = indicator.name
    rules = ReadinessRule.objects.valid_on(today).filter(instrument=newest).prefetch_related("minima")
    for rule in rules:
        rule.named = [(names[minimum.code], minimum.level) for minimum in rule.minima.all()]
    context = {
        "instrument": newest,
        "versions": versions,
        "dimensions": dimensions,
        "rules": rules,
        "thresholds": _thresholds_for(request.user),
        "missing": [code.label for code in Threshold.Code if area and code not in thresholds],
        "form": form,
    }
    return render_page(request, "kpm/instrument_detail.html", context)


def _thresholds_for(user):
    """Sums with their history, newest first: those of an admin's whole country, of others the own kota and province."""
    rows = Threshold.objects.select_related("wilayah").order_by("wilayah", "code", "-valid_from")
    if user.wilayah_id:
        area = user.wilayah_id
        rows = rows.filter(Q(wilayah__code__startswith=area[:4]) | Q(wilayah=area[:2]))
    return rows
