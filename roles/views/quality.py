"""Visit quality: what is asked of whom, the visits behind it, the author's reason, the koordinator's review."""

from functools import partial

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from entries.submit import submit, thank
from pkh_casework.access import CASE, CASE_WRITE, FIELD, FIELD_WRITE, access
from pkh_casework.asked import asked_text
from pkh_casework.htmx import render_page
from pkh_casework.paging import keyset_page
from roles.forms.quality import ReasonForm, ReviewForm
from roles.listings import RemarkListing
from roles.models import ActivityHousehold, Doubt, VisitRemark, VisitReview
from roles.operations.quality import alike_to, explain, review
from roles.quality.rules import alike_of, asked_before_saving, rules_on
from wilayah.clock import local_today

PAGE, MOST, NAMES_SHOWN = 50, 100, 3


@access(CASE)
@require_safe
def remark_list(request):
    """What waits for a review, by pendamping and kind, the longest waiting first; or the reviews, newest first."""
    listing = RemarkListing(request.GET, user=request.user, today=local_today(request.user.wilayah_id))
    chosen = listing.in_force["keadaan"]
    context = {
        "states": RemarkListing.STATES.items(),
        "chosen": chosen,
        "total": 0,
        "groups": [],
        "page": None,
    }
    if chosen == RemarkListing.DONE:
        reviews = VisitReview.objects.visible_to(request.user).select_related("pendamping", "by")
        context["page"] = keyset_page(reviews, request, ["-at", "-id"], size=PAGE)
    else:
        groups = listing.qs.order_by().values("pendamping", "pendamping__name", "kind")
        groups = groups.annotate(
            number=Count("pk"), explained=Count("pk", filter=~Q(reason="")), since=Min("noted_on")
        )
        groups = groups.order_by("since", "pendamping__name", "pendamping", "kind")[:MOST]
        context["groups"] = [group | {"label": Doubt(group["kind"]).label} for group in groups]
        context["total"] = listing.qs.count()
    context["rules"] = rules_on(listing.today)
    return render_page(request, "roles/remark_list.html", context, part="review-rows")


@access(CASE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def remark_group(request, worker, doubt):
    """The visits of one pendamping that are asked about, each with the reason; a koordinator closes those that are ticked.
    The pendamping sees the same page, and writes reasons from it.
    """
    of_worker = VisitRemark.objects.visible_to(request.user).filter(pendamping=worker, kind=doubt)
    if doubt not in Doubt.values or not of_worker.exists():
        raise Http404("nothing is asked of this pendamping that the asker may see")
    user, today = request.user, local_today(request.user.wilayah_id)
    listed = of_worker.filter(pk__in=VisitRemark.objects.listed_for(user, today).values("pk"))
    waiting = list(listed.select_related("activity__kind").order_by("occurred_on", "id")[:MOST])
    person = get_object_or_404(User.objects.select_related("wilayah"), pk=worker)
    every = asked_text(request.GET, "centang") == "semua" and request.method != "POST"
    initial = {"remark": [str(one.pk) for one in waiting]} if every else {}
    sent = request.POST if user.is_koordinator and request.method == "POST" else None
    form = ReviewForm(sent, remarks=waiting, user=user, today=today, initial=initial)
    if sent is not None and (receipt := submit(request, form, partial(review, person, doubt))):
        thank(request, receipt, "Tinjauan tersimpan. Pendamping membacanya.")
        return redirect("roles:remark_list")
    if request.method == "POST" and not user.is_koordinator:
        return redirect("roles:remark_group", worker=worker, doubt=doubt)  # only a koordinator reviews
    done = of_worker.exclude(pk__in=[one.pk for one in waiting]).exclude(review=None, gone_at=None)
    done = list(done.select_related("activity__kind", "review__by").order_by("-occurred_on", "-id")[:PAGE])
    _name_families(user, [*waiting, *done])
    context = {
        "person": person,
        "label": Doubt(doubt).label,
        "form": form,
        "rows": [(one, str(one.pk) in (form["remark"].value() or ())) for one in waiting],
        "done": done,
        "today": today,
    }
    return render_page(request, "roles/remark_group.html", context)


def _name_families(user, remarks):
    """Give each of `remarks` the `names` of the first families that its activity reached and `user` may open; one query."""
    rows = ActivityHousehold.objects.visible_to(user).filter(
        activity__in=[one.activity_id for one in remarks]
    )
    names = {}
    for activity, name in rows.order_by("household__name").values_list("activity", "household__name"):
        names.setdefault(activity, []).append(name)
    for one in remarks:
        known = names.get(one.activity_id, [])
        one.names, one.others = known[:NAMES_SHOWN], len(known[NAMES_SHOWN:])


@access(FIELD_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def remark_explain(request, pk):
    """The author says why; one reason for all that is asked alike about the visits of that day."""
    remarks = VisitRemark.objects.visible_to(request.user).select_related("activity__kind", "review")
    remark = get_object_or_404(remarks, pk=pk)
    form = ReasonForm(
        request.POST or None,
        user=request.user,
        today=local_today(request.user.wilayah_id),
        initial={"reason": remark.reason},
    )
    if receipt := submit(request, form, partial(explain, remark)):
        thank(request, receipt, "Terima kasih, sebabnya tersimpan.")
        return redirect(remark.activity)
    alike = alike_to(remark).exclude(pk=remark.pk).count() if remark.is_open else 0
    context = {"form": form, "remark": remark, "activity": remark.activity, "alike": alike}
    return render_page(request, "roles/remark_explain.html", context)


@access(FIELD)
@require_POST
def visit_check(request):
    """What would be asked about a visit that is being written down, before it is saved: a hint that blocks nothing."""
    hints = asked_before_saving(request.user, request.POST.get("notes", ""), timezone.now())
    return render_page(request, "roles/visit_check.html", {"hints": hints}, part="visit-check")


def is_asked_anew(activity_id):
    """Whether something is asked about an activity just stored that is not asked about another of its day already: its
    author sees the page of the first one, and is not led away from the work by each of a dozen.
    """
    asked = VisitRemark.objects.open().filter(activity=activity_id)
    same_day = VisitRemark.objects.filter(
        pendamping=OuterRef("pendamping"), kind=OuterRef("kind"), occurred_on=OuterRef("occurred_on")
    ).exclude(activity=activity_id)
    return asked.exclude(Exists(same_day)).exists()


def remarks_on(activity, user):
    """What is asked about an activity, each as {remark, form for its author, alike}, for those who may read that."""
    remarks = VisitRemark.objects.visible_to(user).filter(activity=activity, gone_at=None)
    is_author = activity.pendamping_id == user.pk
    return [
        {
            "remark": remark,
            "alike": alike_of(activity, user) if remark.kind == Doubt.SAME else [],
            "form": ReasonForm(user=user, today=None, auto_id=f"id_{remark.kind}_%s")
            if is_author and remark.is_open and not remark.reason
            else None,
        }
        for remark in remarks.select_related("review__by").order_by("kind")
    ]
