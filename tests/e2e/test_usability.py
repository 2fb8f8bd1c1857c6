"""The main jobs by finger on a phone: none takes more taps than it may."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from kpm.models import Assignment, Household
from tests.clock import MOMENT
from tests.factories import HouseholdFactory, UserFactory, assess, plan_session
from tests.monthly import OCTOBER, write_report
from tests.referrals import make_resource
from tests.worlds import made_once

from .conftest import people_at_work
from .screens import KOORDINATOR, PENDAMPING
from .usability import JOBS, PHONE, count

LOGINS = {PENDAMPING: "sri", KOORDINATOR: "rina"}


@made_once
def a_days_work():
    """Families that wait, four of them next door, a meeting of today, a resource, a report to hand in and one to read."""
    people, today = people_at_work(), timezone.localdate()
    sri = people["pendamping"]
    for number in range(4):
        HouseholdFactory(pendamping=sri, name=f"Tetangga {number}", rw=5, rt=1)
    for family in sri.households.all():
        assess(family, {"A1": 2, "B1": 2}, on=today - timedelta(days=200))
    sri.households.update(last_visited_on=today - timedelta(days=70), phone="+6281234567890")
    Assignment.objects.filter(pendamping=sri).update(from_on=date(2026, 9, 1))
    Household.objects.filter(pk=people["families"][0].pk).update(last_visited_on=today - timedelta(days=90))
    plan_session(people["group"], on=today)
    make_resource(desil_to=4, checked_on=today)
    write_report(UserFactory(), "ajukan", month=OCTOBER)


@pytest.fixture
def page(chromium, live_server):
    context = chromium.new_context(
        base_url=live_server.url,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        service_workers="block",
        **PHONE,
    )
    context.clock.set_fixed_time(MOMENT)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_main_job_takes_no_more_taps_than_it_may(job, a_days_work, page, sign_in):
    sign_in(page, LOGINS[job.login])
    assert 0 < count(page, job).taps <= job.most
