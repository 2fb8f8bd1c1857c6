"""The table of routes: who is let in, who is sent where, and what no duty may ever be given."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve, reverse

from pkh_casework.access import ADMIN, EVERYONE, KELURAHAN, KOORDINATOR, PENDAMPING, POLICY, Guard
from tests.factories import UserFactory

DECISIONS = {
    "roles:activity_reopen",
    "roster:handover_create",
    "roster:suspect_find",
    "roster:merge_create",
    *(
        f"roster:{name}"
        for name in ("siks_list", "siks_create", "siks_detail", "to_type_detail", "to_type_untick")
    ),
    *(f"sinergi:{name}" for name in ("programme_create", "programme_edit", "stage_edit", "programme_close")),
    *(f"sinergi:{name}" for name in ("budget_create", "budget_edit")),
    *(f"reports:{name}" for name in ("report_read", "reporting", "months_lock", "targets_decide")),
    *(
        f"reports:{name}"
        for name in ("month_lock", "month_reopen", "late_accept", "recap", "recap_plan", "office_take")
    ),
    *(f"phone:{name}" for name in ("phone_list", "backup_upload")),
    *(f"roster:batch_{name}" for name in ("list", "create", "template", "detail", "columns")),
    *(f"roster:batch_{name}" for name in ("apply", "cancel", "undo", "refused")),
    "roster:family_choose",
}
# What an officer of the kelurahan keeps; no family stands in it.
KEPT_BY_OFFICERS = ("resources:resource_", "resources:partner_", "resources:contact_", "resources:agreement_")


def knock(user, name, *args, method="get"):
    """What the guard answers at the door of a route: None lets in."""
    request = getattr(RequestFactory(), method)(f"{reverse(name, args=args)}?q=1")
    request.user, request.resolver_match = user, resolve(request.path)
    return Guard(None).process_view(request, None, (), {})


def test_strangers_are_sent_to_the_login_and_from_there_to_where_they_wanted():
    stranger = AnonymousUser()
    assert knock(stranger, "accounts:login") is None
    assert knock(stranger, "kpm:household_list")["Location"] == "/masuk/?next=%2Fkpm%2F%3Fq%3D1"
    assert (
        knock(stranger, "kpm:household_list", method="head")["Location"] == "/masuk/?next=%2Fkpm%2F%3Fq%3D1"
    )
    assert knock(stranger, "kpm:household_create", method="post")["Location"] == "/masuk/"


def test_another_duty_finds_nothing(db):
    for traits, is_let_in in (
        ({}, True),
        ({"koordinator": True}, True),
        ({"kelurahan": True}, False),
        ({"admin": True}, False),
    ):
        user = UserFactory(**traits)
        if is_let_in:
            assert knock(user, "kpm:household_list") is None
            continue
        with pytest.raises(Http404):
            knock(user, "kpm:household_list")


def test_a_route_without_a_rule_is_refused(db, monkeypatch):
    monkeypatch.delitem(POLICY, "kpm:household_list")
    with pytest.raises(Http404):
        knock(UserFactory(), "kpm:household_list")


def opened_to(duty):
    return {name for name, rule in POLICY.items() if duty in rule.duties and rule.duties != EVERYONE}


def test_an_admin_looks_after_accounts_and_sees_no_family():
    of_an_admin = ("accounts:user_", "master:")
    besides = {"wilayah:search", "reports:mail_retry"}
    assert opened_to(ADMIN) == {name for name in POLICY if name.startswith(of_an_admin)} | besides


def test_an_officer_of_the_kelurahan_reads_figures_and_keeps_no_more_than_resources():
    officers = opened_to(KELURAHAN)
    assert {name for name in officers if POLICY[name].audit} == {"reports:lurah_pdf", "reports:lurah_xlsx"}
    assert {name for name in officers if POLICY[name].keeps_input} == {
        name for name in POLICY if name.startswith(KEPT_BY_OFFICERS) and POLICY[name].keeps_input
    }
    rooms = {name.partition(":")[0] for name in officers}
    assert rooms == {"resources", "sinergi", "reports"}


def test_decisions_are_the_koordinators_alone():
    alone = {name for name, rule in POLICY.items() if rule.duties == {KOORDINATOR}}
    assert alone == DECISIONS


def test_what_a_pendamping_writes_about_families_no_other_duty_writes():
    alone = {name for name, rule in POLICY.items() if rule.duties == {PENDAMPING}}
    for room, verbs in {
        "kpm": (
            "goal_create",
            "step_edit",
            "graduation_create",
            "watch_check",
            "assessment_create",
            "payment_edit",
        ),
        "resources": ("referral_move", "consent_withdraw"),
        "roles": ("incident_create", "incident_step", "activity_create", "activity_edit", "meeting_hold"),
        "sinergi": ("enrolment_create", "enrolment_move", "enrolment_leave"),
        "reports": ("report_create", "report_edit"),
    }.items():
        assert alone >= {f"{room}:{verb}" for verb in verbs}


def test_only_doors_that_must_be_open_are():
    assert {name for name, rule in POLICY.items() if rule.open} == {
        "healthz",
        "readyz",
        "accounts:login",
        "accounts:activate",
        "resources:partner_answer",
        "phone:phone_unlock",
        "phone:service_worker",
        "phone:token",
    }
