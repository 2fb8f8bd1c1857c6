"""What became of the families of a programme, as figures with their rows, and the closing report on paper."""

from django.http import Http404
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from entries.models import AccessLog
from entries.trail import note_access
from kpm.models import Indicator
from pkh_casework.access import AREA, CASE_EXPORT, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from pkh_casework.pdf import pdf_response
from pkh_casework.templatetags.formats import angka, rupiah
from sinergi.closing import facts_of, families_told, groups_of, stages_of
from sinergi.figures import ENROLLED, SIMILAR, compare, rows_of
from sinergi.models import ProgrammeRule
from wilayah.clock import local_today

from .programme import programme_or_404

PAGE = 50
WHOSE = {ENROLLED: "Keluarga peserta", SIMILAR: "Keluarga serupa"}


@access(AREA)
@require_safe
def programme_figures(request, pk):
    programme = programme_or_404(request.user, pk)
    today = local_today(programme.wilayah_id)
    rule = ProgrammeRule.on(today)
    context = {
        "programme": programme,
        "area": _area(programme, request.user),
        "state": programme.state_on(today),
        "facts": facts_of(programme, request.user, today),
        "stages": stages_of(programme, request.user),
        "comparison": compare(programme, request.user, today, rule),
        "rule": rule,
    }
    return render_page(request, "sinergi/programme_figures.html", context)


@access(AREA)
@require_safe
def programme_rows(request, pk):
    """The families behind one number: of a fact by `?angka=`, or of a level by `?indikator=` and `?keluarga=`."""
    programme = programme_or_404(request.user, pk)
    today = local_today(programme.wilayah_id)
    if slug := asked_text(request.GET, "angka"):
        fact = _fact_or_404(programme, request.user, today, slug)
        page = keyset_page(fact.rows, request, ["-day", "pk"], size=PAGE)
        context = {"title": capfirst(fact.words)}
        rows = [(row.household_id, row.day, None, None) for row in page.rows]
    else:
        indicator = _indicator(asked_text(request.GET, "indikator"))
        whose = asked_text(request.GET, "keluarga")
        whose = whose if whose in WHOSE else ENROLLED
        rule = ProgrammeRule.on(today)
        families, ways = rows_of(programme, request.user, today, rule, indicator.code, whose)
        page = keyset_page(families, request, ["case_number"], size=PAGE)
        context = {"title": indicator.name, "whose": WHOSE[whose]}
        rows = [(household.pk, None, *ways[household.pk]) for household in page.rows]
    families = families_told(request.user, [pk for pk, *_ in rows])
    # Of a family that is another's by now nothing but its number: day and levels may be of later.
    rows = [
        (families[pk], *(told if "status" in families[pk] else (None for _ in told))) for pk, *told in rows
    ]
    context |= {"programme": programme, "page": page, "rows": rows}
    return render_page(request, "sinergi/programme_rows.html", context, part="family-rows")


@access(CASE_EXPORT)
@require_safe
def programme_pdf(request, pk):
    """The closing report, or what it would say today: facts and numbers, no family."""
    programme = programme_or_404(request.user, pk)
    today = local_today(programme.wilayah_id)
    if programme.starts_on > today:
        raise Http404("nothing to report yet")
    note_access(request, AccessLog.Action.EXPORT, subject=programme.pk, fields=["laporan_program"])
    return pdf_response(
        "sinergi/closing.typ", _on_paper(programme, request.user, today), "laporan-program-sinergi.pdf"
    )


def _on_paper(programme, user, today):
    """What templates/sinergi/closing.typ prints."""
    rule = ProgrammeRule.on(today)
    comparison = compare(programme, user, today, rule)
    sums = programme.sums()
    return {
        "name": programme.name,
        "area": programme.wilayah.name,
        "from": date_format(programme.starts_on, "j F Y"),
        "to": date_format(programme.closed_on or programme.ends_on, "j F Y"),
        "day": date_format(today, "j F Y"),
        "closed": programme.closed_on is not None,
        "covers": f"Keluarga yang didaftarkan {user.name}"
        if user.is_pendamping
        else f"Semua keluarga peserta di {_area(programme, user).name}",
        "partners": [partner.name for partner in programme.partners.all()],
        "target": angka(programme.target),
        "facts": [[capfirst(fact.words), angka(fact.number)] for fact in facts_of(programme, user, today)],
        "stages": [
            [stage.name, angka(reached.number), angka(here.number)]
            for stage, reached, here in stages_of(programme, user)
        ],
        "comparison": [
            [indicator.name, *_pair_on_paper(ours), *_pair_on_paper(theirs)]
            for indicator, ours, theirs in comparison.rows
        ],
        "enrolled": angka(comparison.enrolled),
        "similar": angka(comparison.similar),
        "small": comparison.is_small,
        "small_number": rule.small_number,
        "groups": [[group.name, group.product, angka(group.number)] for group in groups_of(programme, user)],
        "budget": [
            [
                line.stage.name if line.stage else "Semua tahap",
                line.what,
                rupiah(line.planned),
                rupiah(line.spent),
            ]
            for line in programme.budget.select_related("stage")
        ],
        "planned": rupiah(sums["planned"]),
        "spent": rupiah(sums["spent"]),
        "words": programme.closing_words,
        "by": programme.created_by.name,
    }


def _area(programme, user):
    """The part of the programme's area that `user` counts."""
    return user.wilayah if user.wilayah_id.startswith(programme.wilayah_id) else programme.wilayah


def _fact_or_404(programme, user, today, slug):
    by_stage = [fact for _, *facts in stages_of(programme, user) for fact in facts]
    for fact in [*facts_of(programme, user, today), *by_stage]:
        if fact.slug == slug:
            return fact
    raise Http404("no such figure")


def _pair_on_paper(pair):
    return [angka(pair.families), angka(pair.then, 2), angka(pair.now, 2)]


def _indicator(code):
    """The newest indicator of this code, or the first of all."""
    newest = Indicator.objects.order_by("-instrument", "position")
    return newest.filter(code=code).first() or newest.first()
