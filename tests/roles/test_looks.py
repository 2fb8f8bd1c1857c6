import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from entries.models import AccessLog
from kpm.operations import assign
from roles.models import Photo
from tests.factories import ActivityFactory, HouseholdFactory, UserFactory
from wilayah.clock import local_today


@pytest.fixture
def activity(pendamping, family):
    return ActivityFactory(pendamping=pendamping, families=[family])


@pytest.fixture
def pages(activity, settings, tmp_path):
    """The addresses of an activity and of its photo."""
    settings.MEDIA_ROOT = tmp_path
    photo = Photo(activity=activity, sha256="0" * 64, width=1, height=1)
    photo.file.save("kegiatan.jpg", ContentFile(b"\xff\xd8"), save=False)
    photo.save(force_insert=True)
    return [activity.get_absolute_url(), reverse("roles:activity_photo", args=[activity.pk, photo.pk])]


def open_all(client, user, pages):
    client.force_login(user)
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200
        list(response)  # a streamed file is read to its end, which closes it


def test_a_koordinators_look_at_an_activity_and_at_its_photo_is_kept(client, koordinator, activity, pages):
    open_all(client, koordinator, pages)

    looks = AccessLog.objects.order_by("pk")
    assert [(look.action, look.route, look.subject) for look in looks] == [
        ("look", "roles:activity_detail", str(activity.pk)),
        ("look", "roles:activity_photo", str(activity.pk)),
    ]


def test_the_authors_look_and_that_of_who_holds_a_family_of_it_are_their_own_affair(
    client, pendamping, koordinator, family, activity, pages
):
    open_all(client, pendamping, pages)
    successor = UserFactory()
    assign(family, to=successor, by=koordinator, on=local_today())
    open_all(client, successor, pages)
    open_all(client, pendamping, pages[:1])

    assert not AccessLog.objects.exists()


def test_opening_an_activity_again_is_kept_with_its_reason_as_what_it_is(client, koordinator, activity):
    client.force_login(koordinator)
    client.post(reverse("roles:activity_reopen", args=[activity.pk]), {"reason": "Salah tanggal."})

    entry = AccessLog.objects.get(route="roles:activity_reopen")
    assert (entry.action, entry.get_action_display()) == ("reopen", "membuka kegiatan")
    assert (entry.subject, entry.fields, entry.reason) == (
        str(activity.pk),
        ["reopened_until"],
        "Salah tanggal.",
    )


def test_a_form_that_shows_a_family_is_a_look_also_when_it_comes_back_with_faults(client, koordinator):
    family = HouseholdFactory()
    client.force_login(koordinator)

    client.post(reverse("kpm:household_edit", args=[family.case_number]), {"address": ""})

    assert AccessLog.objects.get().subject == family.case_number
