"""Taking back what was written down a moment ago."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.utils import timezone

from entries.models import Receipt
from kpm.models import GoalStep
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, Photo, VisitAct
from roles.operations.undo import NOT_ALONE, TOO_LATE
from tests.factories import ActivityFactory, UserFactory, assess, make_goal
from tests.monthly import lock
from tests.roles.test_activity_views import photo

from .conftest import DAY

LOG = "/kegiatan/catat/"


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client


@pytest.fixture(autouse=True)
def private_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def take_back(client, activity, op_id=None):
    return client.post(f"/kegiatan/{activity.pk}/batal/", {"op_id": op_id or uuid7()})


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_visit_is_taken_back_with_all_that_it_did_and_its_words_are_kept(
    signed_in, pendamping, family, filled, django_capture_on_commit_callbacks
):
    before = ActivityFactory(
        pendamping=pendamping,
        families=[family],
        occurred_on=DAY - timedelta(days=40),
        next_step="Cek tabungan",
        next_step_on=DAY,
    )
    before.families.update(step_due_on=DAY)
    type(family).objects.filter(pk=family.pk).update(last_visited_on=before.occurred_on)
    assess(family, {"A1": 1}, on=DAY - timedelta(days=40))
    goal = make_goal(family, "A1", on=DAY - timedelta(days=30), steps=[("keluarga", "Menabung", DAY)])
    sent = filled(
        janji=before.families.get().pk, langkah_tujuan=goal.steps.get().pk, outcome="Mau.", photos=photo()
    )
    with django_capture_on_commit_callbacks(execute=True):
        page = signed_in.post(LOG, sent, follow=True)
    activity = Activity.objects.latest("received_at")
    assert activity.recording
    assert f"/kegiatan/{activity.pk}/batal/" in page.content.decode()
    family.refresh_from_db()
    assert family.last_visited_on == DAY and GoalStep.objects.get().done_on == DAY

    tap = uuid7()
    answer = take_back(signed_in, activity, tap)

    assert list(Activity.objects.all()) == [before] and not Photo.objects.exists()
    assert before.families.get().step_done_on is None and GoalStep.objects.get().done_on is None
    family.refresh_from_db()
    assert family.last_visited_on == before.occurred_on
    assert parse_qs(urlsplit(answer.url).query) == {
        "kpm": [family.case_number],
        "ulang": [str(activity.pk)],
    }
    form = signed_in.get(answer.url).context["form"]
    assert form["notes"].value() == sent["notes"] and form["outcome"].value() == "Mau."
    assert form["sub_role"].value() == sent["sub_role"]
    assert take_back(signed_in, activity, tap).url == f"{LOG}?ulang={activity.pk}"  # a second tap
    assert Receipt.objects.filter(object_id=activity.pk).count() == 2


def test_what_was_taken_back_and_is_sent_again_stays_taken_back(signed_in, family, filled):
    sent = filled()
    signed_in.post(LOG, sent)
    take_back(signed_in, Activity.objects.get())

    answer = signed_in.post(LOG, sent)

    assert answer.url == "/kegiatan/" and not Activity.objects.exists()
    assert "Catatan ini sudah dibatalkan." in told(answer)


def test_it_is_offered_for_ten_seconds_and_taken_for_a_little_longer(signed_in, family, filled):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        signed_in.post(LOG, filled())
        activity = Activity.objects.get()
        clock.shift(3)
        assert 'data-vanish="7"' in signed_in.get(family.get_absolute_url()).content.decode()
        clock.shift(8)
        assert "/batal/" not in signed_in.get(family.get_absolute_url()).content.decode()
        clock.shift(120)
        answer = take_back(signed_in, activity)
    assert answer.url == activity.get_absolute_url() and told(answer)[-1] == TOO_LATE
    assert Activity.objects.exists()


def test_what_hangs_on_it_or_its_locked_month_keeps_it(
    signed_in, family, filled, koordinator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(LOG, filled())
    activity = Activity.objects.get()
    assess(family, {"A1": 2}, on=DAY)
    act = VisitAct(row=activity.families.get(), kind_id="asesmen", assessment=family.assessments.get())
    act.save()
    assert told(take_back(signed_in, activity))[-1] == NOT_ALONE
    act.delete()
    assert ActivityHousehold.objects.get() and Activity.objects.get().recording

    lock(koordinator, activity.wilayah_id, month=DAY.replace(day=1), today=DAY + timedelta(days=30))
    assert told(take_back(signed_in, activity))[-1] == TOO_LATE
    assert Activity.objects.exists()


def test_only_the_author_takes_it_back(client, signed_in, family, filled, koordinator):
    signed_in.post(LOG, filled())
    activity = Activity.objects.get()
    for other in (UserFactory(), koordinator):
        client.force_login(other)
        assert take_back(client, activity).status_code == 404
    client.force_login(UserFactory())
    assert client.get(f"{LOG}?ulang={activity.pk}").context["form"]["notes"].value() in {None, ""}
