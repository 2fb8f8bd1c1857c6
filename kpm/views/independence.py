"""A family's map of independence, with the lens and what it receives."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from entries.trail import note_look
from kpm.benefits import outlook_of
from kpm.independence.lens import read_lens
from kpm.independence.lifemap import add_anchors, as_chart, life_map
from kpm.models import Household
from pkh_casework.access import CASE_LOOK, access
from pkh_casework.htmx import render_page
from wilayah.clock import local_today


@access(CASE_LOOK)
@require_safe
def household_independence(request, case):
    """The family's whole map: every indicator, now against before, each dimension over time."""
    household = _family(request, case)
    note_look(request, case, holders={household.pendamping_id})
    day = local_today(household.wilayah_id)
    drawn = life_map(household, day)
    add_anchors(drawn.places)
    drawn_sections = [section for section in drawn.sections if section.now]
    moments = [("Pertama", "first"), ("Sebelumnya", "before"), ("Sekarang", "now")]
    context = {
        "household": household,
        "holds": household.pendamping_id == request.user.pk,
        "today": day,
        "map": drawn,
        "lens": read_lens(household, day),
        "charts": [(section, as_chart(section)) for section in drawn.sections],
        "axes": [(section.dimension.code, section.dimension.name) for section in drawn_sections],
        "series": [
            (label, [getattr(section, moment) for section in drawn_sections])
            for label, moment in (moments if len(drawn.days) > 1 else moments[-1:])
        ],
        "assessments": household.assessments.select_related("pendamping").order_by("-assessed_on"),
        "benefits": outlook_of(household, day),
    }
    return render_page(request, "kpm/household_independence.html", context)


def _family(request, case):
    families = Household.objects.visible_to(request.user).select_related("pendamping", "wilayah")
    return get_object_or_404(families, case_number=case)
