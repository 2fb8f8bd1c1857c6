"""Who may open which route, by name: the one table, and the middleware that enforces it.

A route without an entry is refused. What a person sees *inside* a page is decided by `visible_to(user)` of each
model; this table only says which duties may knock at the door, and what the access trail keeps of the visit.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponseRedirect

PENDAMPING, KELURAHAN, KOORDINATOR, ADMIN = "pendamping", "kelurahan", "koordinator", "admin"
EVERYONE = frozenset({PENDAMPING, KELURAHAN, KOORDINATOR, ADMIN})


@dataclass(frozen=True)
class Rule:
    """One route: the duties that may open it and what is kept of the visit.

    `audit` is "" (nothing beyond the field history), "look" (that a person other than the holder opened it is kept),
    "reveal" (also each identity number shown) or "export" (whoever took a document away is kept); a test holds the
    views to it. Refusals are kept on every route.
    `keeps_input`: a POST that meets an expired session is offered again after login instead of being lost.
    """

    duties: frozenset = frozenset()
    open: bool = False
    audit: str = ""
    keeps_input: bool = False


def only(*duties, **more):
    return Rule(duties=frozenset(duties), **more)


ANYONE = Rule(open=True)
SIGNED_IN = Rule(duties=EVERYONE)
FIELD = only(PENDAMPING)
CASE = only(PENDAMPING, KOORDINATOR)
CASE_LOOK = only(PENDAMPING, KOORDINATOR, audit="look")
CASE_EXPORT = only(PENDAMPING, KOORDINATOR, audit="export")
CASE_WRITE = only(PENDAMPING, KOORDINATOR, keeps_input=True)
AREA = only(PENDAMPING, KELURAHAN, KOORDINATOR)
AREA_WRITE = only(PENDAMPING, KELURAHAN, KOORDINATOR, keeps_input=True)
CASE_EDIT = only(PENDAMPING, KOORDINATOR, keeps_input=True, audit="look")

POLICY = {
    # the project itself
    "healthz": ANYONE,
    "readyz": ANYONE,
    # accounts
    "accounts:login": ANYONE,
    "accounts:logout": SIGNED_IN,
    "accounts:activate": ANYONE,
    "accounts:profile": SIGNED_IN,
    "accounts:password_change": SIGNED_IN,
    "accounts:session_end": SIGNED_IN,
    "accounts:user_list": only(KOORDINATOR, ADMIN),
    "accounts:user_create": only(KOORDINATOR, ADMIN, keeps_input=True),
    "accounts:user_detail": only(KOORDINATOR, ADMIN),
    "accounts:user_edit": only(KOORDINATOR, ADMIN, keeps_input=True),
    "accounts:user_code": only(KOORDINATOR, ADMIN),
    "accounts:user_disable": only(KOORDINATOR, ADMIN),
    "accounts:user_unlock": only(KOORDINATOR, ADMIN),
    # wilayah
    "wilayah:search": only(KOORDINATOR, ADMIN),
    "wilayah:boundaries": SIGNED_IN,
    # kpm
    "kpm:household_list": CASE,
    "kpm:household_create": CASE_WRITE,
    "kpm:household_edit": CASE_EDIT,
    "kpm:identity_search": CASE,
    "kpm:member_create": CASE_WRITE,
    "kpm:member_edit": CASE_EDIT,
    "kpm:identity_reveal": only(PENDAMPING, KOORDINATOR, audit="reveal"),
    "kpm:group_list": CASE,
    "kpm:group_create": CASE_WRITE,
    "kpm:group_edit": CASE_WRITE,
    "kpm:exit_list": CASE,
    "kpm:goal_list": CASE,
    "kpm:goal_create": only(PENDAMPING, keeps_input=True),
    "kpm:goal_defer": only(PENDAMPING, keeps_input=True),
    "kpm:goal_edit": only(PENDAMPING, keeps_input=True),
    "kpm:goal_close": only(PENDAMPING, keeps_input=True),
    "kpm:step_create": only(PENDAMPING, keeps_input=True),
    "kpm:step_edit": only(PENDAMPING, keeps_input=True),
    "kpm:graduation_list": CASE,
    "kpm:graduation_create": only(PENDAMPING, keeps_input=True),
    "kpm:graduation_edit": only(PENDAMPING, keeps_input=True),
    "kpm:graduation_file": CASE_LOOK,
    "kpm:graduation_pdf": CASE_EXPORT,
    "kpm:watch_check": only(PENDAMPING, keeps_input=True),
    "kpm:assessment_list": FIELD,
    "kpm:assessment_create": only(PENDAMPING, keeps_input=True),
    "kpm:assessment_detail": CASE_LOOK,
    "kpm:assessment_edit": only(PENDAMPING, keeps_input=True),
    "kpm:instrument_detail": Rule(duties=EVERYONE, keeps_input=True),
    # roles
    "roles:activity_create": only(PENDAMPING, keeps_input=True),
    "roles:family_find": FIELD,
    "roles:activity_list": CASE,
    "roles:activity_detail": CASE_LOOK,
    "roles:activity_edit": only(PENDAMPING, keeps_input=True),
    "roles:activity_reopen": only(KOORDINATOR, keeps_input=True),
    "roles:activity_photo": CASE_LOOK,
    "roles:step_done": FIELD,
    "roles:postpone": only(PENDAMPING, keeps_input=True),
    "roles:postpone_lift": FIELD,
    "kpm:goal_detail": CASE_LOOK,
    "kpm:goal_step_done": FIELD,
    "roles:goal_step_reopen": FIELD,
    "roles:role_guide": SIGNED_IN,
    "resources:referral_list": CASE,
    "resources:referral_create": only(PENDAMPING, keeps_input=True),
    "resources:referral_detail": CASE_LOOK,
    "resources:referral_move": only(PENDAMPING, keeps_input=True),
    "resources:consent_withdraw": only(PENDAMPING, keeps_input=True),
    "resources:referral_pdf": CASE_EXPORT,
    "resources:link_create": FIELD,
    "resources:link_revoke": FIELD,
    "resources:partner_answer": ANYONE,
    "resources:resource_list": AREA,
    "resources:resource_points": AREA,
    "resources:resource_twins": AREA,
    "resources:resource_create": AREA_WRITE,
    "resources:resource_detail": AREA,
    "resources:resource_edit": AREA_WRITE,
    "resources:resource_check": AREA_WRITE,
    "resources:partner_list": AREA,
    "resources:partner_create": AREA_WRITE,
    "resources:partner_detail": AREA,
    "resources:partner_edit": AREA_WRITE,
    "resources:contact_create": AREA_WRITE,
    "resources:contact_edit": AREA_WRITE,
    "resources:agreement_create": AREA_WRITE,
    "resources:agreement_edit": AREA_WRITE,
    "roles:meeting_list": CASE,
    "roles:meeting_coverage": CASE,
    "roles:meeting_plan": only(PENDAMPING, keeps_input=True),
    "roles:meeting_detail": CASE_LOOK,
    "roles:meeting_hold": only(PENDAMPING, keeps_input=True),
    "roles:meeting_edit": only(PENDAMPING, keeps_input=True),
    "roles:meeting_sheet": CASE_EXPORT,
    "roles:training_demand": CASE,
    "roles:training_need": CASE,
    "roles:training_list": CASE,
    "roles:training_create": CASE_WRITE,
    "roles:training_detail": CASE_LOOK,
    "roles:training_edit": CASE_WRITE,
    "roles:training_invite": only(PENDAMPING, keeps_input=True),
    "roles:training_hold": only(PENDAMPING, keeps_input=True),
    "roles:trainer_list": CASE,
    "roles:trainer_create": CASE_WRITE,
    "roles:trainer_edit": CASE_WRITE,
    # sinergi
    "sinergi:programme_list": AREA,
    "sinergi:programme_create": only(KOORDINATOR, keeps_input=True),
    "sinergi:programme_detail": CASE_LOOK,
    "sinergi:programme_edit": only(KOORDINATOR, keeps_input=True),
    "sinergi:stage_edit": only(KOORDINATOR, keeps_input=True),
    "sinergi:programme_close": only(KOORDINATOR, keeps_input=True),
    "sinergi:programme_figures": AREA,
    "sinergi:programme_rows": AREA,
    "sinergi:programme_pdf": CASE_EXPORT,
    "sinergi:candidate_list": FIELD,
    "sinergi:enrolment_create": only(PENDAMPING, keeps_input=True),
    "sinergi:enrolment_advance": FIELD,
    "sinergi:enrolment_detail": CASE_LOOK,
    "sinergi:enrolment_move": only(PENDAMPING, keeps_input=True),
    "sinergi:enrolment_leave": only(PENDAMPING, keeps_input=True),
    "sinergi:business_list": CASE_LOOK,
    "sinergi:business_create": CASE_EDIT,
    "sinergi:business_edit": CASE_EDIT,
    "sinergi:budget_list": CASE,
    "sinergi:budget_create": only(KOORDINATOR, keeps_input=True),
    "sinergi:budget_edit": only(KOORDINATOR, keeps_input=True),
    # entries
    "entries:held_list": CASE,
    "entries:held_detail": CASE,
    "entries:held_photo": CASE_LOOK,
    # reports
    "reports:dashboard": only(PENDAMPING, KELURAHAN, KOORDINATOR, ADMIN),
    "reports:figure_meanings": SIGNED_IN,
    "reports:figure_rows": only(PENDAMPING, KELURAHAN, KOORDINATOR),
    "reports:gap": only(PENDAMPING, KELURAHAN, KOORDINATOR),
    "reports:independence": only(PENDAMPING, KELURAHAN, KOORDINATOR),
    "reports:independence_rows": only(PENDAMPING, KELURAHAN, KOORDINATOR),
    "reports:report_list": CASE_WRITE,
    "reports:report_create": only(PENDAMPING, keeps_input=True),
    "reports:report_detail": CASE,
    "reports:report_edit": only(PENDAMPING, keeps_input=True),
    "reports:report_move": CASE_WRITE,
    "reports:report_pdf": CASE_EXPORT,
    "reports:month_list": only(KELURAHAN, KOORDINATOR),
    "reports:month_detail": only(KELURAHAN, KOORDINATOR),
    "reports:month_lock": only(KOORDINATOR, keeps_input=True),
    "reports:month_reopen": only(KOORDINATOR, keeps_input=True),
    "reports:month_diff": only(KELURAHAN, KOORDINATOR),
    "reports:version_detail": only(KELURAHAN, KOORDINATOR),
    "reports:version_rows": AREA,
    "reports:late_accept": only(KOORDINATOR, keeps_input=True),
    "reports:rhk_list": AREA,
    "reports:rhk_pdf": CASE_EXPORT,
    "reports:rhk_docx": CASE_EXPORT,
    "reports:rhk_month_pdf": CASE_EXPORT,
    "reports:rhk_month_docx": CASE_EXPORT,
    "reports:export_list": CASE,
    "reports:export_create": only(PENDAMPING, KOORDINATOR, keeps_input=True, audit="export"),
    "reports:export_detail": CASE,
    "reports:export_cancel": CASE,
    "reports:export_take": CASE_EXPORT,
    "reports:recap": only(KOORDINATOR, keeps_input=True, audit="export"),
    "reports:recap_plan": only(KOORDINATOR, keeps_input=True),
    # desk
    "desk:today": SIGNED_IN,
    "desk:household_detail": CASE_LOOK,
    "kpm:household_independence": CASE_LOOK,
    "kpm:life_map_pdf": CASE_EXPORT,
    "kpm:graduation_ready": CASE,
    "kpm:graduation_detail": CASE_LOOK,
    "kpm:graduation_move": CASE_EDIT,
    "desk:more": SIGNED_IN,
}


def may_enter(user, route):
    """Whether the door of `route` opens for `user` (None for a stranger)."""
    rule = POLICY[route]
    return rule.open or (user is not None and user.is_authenticated and user.duty in rule.duties)


class Guard:
    """Middleware: refuse routes without an entry, send strangers to the login page, hide what is not theirs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        rule = request.rule = POLICY.get(request.resolver_match.view_name)
        if rule is None:
            raise Http404("route without an entry in the policy")
        if rule.open:
            return None
        if not request.user.is_authenticated:
            wanted = {"next": request.get_full_path()} if request.method in {"GET", "HEAD"} else {}
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode(wanted)}".rstrip("?"))
        if request.user.duty not in rule.duties:
            raise Http404("another duty")
        return None


def no_store(get_response):
    """Middleware: keep pages out of every cache, so that Back after logout shows nothing of a family."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware
