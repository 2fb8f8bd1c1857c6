"""Notices: what is ready or due is told once each, in the app and over a real server for e-mail; failures are seen."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from entries.models import Period
from pkh_casework.ids import uuid7
from reports.models import Export, MailChoice, Notice
from reports.notices.operations import MOST_TRIES, PAUSE, make_notices, send_mails
from tests.factories import KEBON_JAYANTI, KIARACONDONG, HouseholdFactory, UserFactory
from tests.incidents import make_incident
from tests.mailbox import mailbox
from tests.monthly import write_report

pytestmark = pytest.mark.django_db
Mail = Notice.Mail
# Later on the day on which the tests run.
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
FOURTH, SIXTH = date(2026, 11, 4), date(2026, 11, 6)  # a report of October is due on the 5th


@pytest.fixture
def family():
    return HouseholdFactory(name="Euis Komariah")


@pytest.fixture
def sri(family):
    return family.pendamping


@pytest.fixture
def rina():
    return UserFactory(koordinator=True)


@pytest.fixture
def box(settings):
    with mailbox() as server:
        settings.MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": server.options,
            }
        }
        settings.MAIL_SITE = "https://langkah.contoh.id"
        yield server


def wants(user, address="sri@contoh.id", **said):
    return MailChoice.objects.create(user=user, address=address, **said)


def recap_of(user, **said):
    """A recap that made itself and waits to be taken."""
    said = {"state": "siap", "file": "ekspor/rekap.xlsx", "finished_at": timezone.now()} | said
    return Export.objects.create(
        op_id=uuid7(),
        user=user,
        duty=user.duty,
        wilayah_id=user.wilayah_id,
        what=Export.RECAP,
        format="xlsx",
        purpose="Rekap",
        month=date(2026, 10, 1),
        **said,
    )


def told(user):
    return sorted(Notice.objects.visible_to(user).values_list("kind", flat=True))


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_scheduled_file_that_is_ready_is_told_once(rina):
    export = recap_of(rina)
    assert [make_notices(FOURTH), make_notices(FOURTH)] == [1, 0]
    notice = Notice.objects.get()
    assert notice.path == export.get_absolute_url() and "Oktober 2026" in notice.words


@pytest.mark.parametrize("said", [{"state": "gagal", "file": ""}, {"taken_at": NOW}])
def test_a_file_that_is_not_there_or_was_taken_is_not_told(rina, said):
    recap_of(rina, **said)
    assert make_notices(FOURTH) == 0


@pytest.mark.parametrize(("day", "number"), [(date(2026, 11, 1), 0), (date(2026, 11, 2), 1), (SIXTH, 1)])
def test_a_report_is_reminded_of_from_three_days_before_it_is_due(sri, day, number):
    make_notices(day)
    make_notices(day + timedelta(days=1))  # no second one the day after
    expected = max(number, 1) if day + timedelta(days=1) >= date(2026, 11, 2) else number
    assert told(sri) == ["laporan"] * expected


@pytest.mark.parametrize(("moves", "number"), [((), 1), (("ajukan",), 0), (("ajukan", "kembalikan"), 1)])
def test_only_who_has_not_handed_in_is_reminded(sri, rina, moves, number):
    write_report(sri, *moves, koordinator=rina)
    UserFactory()  # holds no family
    assert make_notices(FOURTH) == number


def test_a_month_that_is_due_and_still_open_is_told_to_its_koordinator_and_no_other(rina):
    Period.objects.create(wilayah_id=KEBON_JAYANTI, month=date(2026, 10, 1))
    elsewhere, province = (UserFactory(koordinator=True, wilayah_id=code) for code in ("3204", "32"))
    assert make_notices(date(2026, 11, 5)) == 0
    make_notices(SIXTH)
    assert [told(user) for user in (rina, elsewhere, province)] == [["kunci"], [], []]


def test_a_kasus_past_its_deadline_is_told_once_for_each_deadline_that_passes(family, sri):
    incident = make_incident(family, on=FOURTH - timedelta(days=60))
    make_notices(FOURTH)
    make_notices(FOURTH + timedelta(days=1))
    notice = Notice.objects.get(kind="kasus")
    assert notice.user == sri and family.name not in notice.words
    assert str(incident.kind).lower() not in notice.words.lower()
    later = make_incident(family, kind="data", on=FOURTH - timedelta(days=1))
    make_notices(later.due_on + timedelta(days=1))
    assert told(sri).count("kasus") == 2


def test_more_people_cost_no_more_statements(rina, django_assert_max_num_queries):
    for _ in range(5):
        HouseholdFactory()
    with django_assert_max_num_queries(8):
        assert make_notices(FOURTH) >= 5


# --- seen and read ------------------------------------------------------------------------------------------------------


def test_it_is_counted_on_hari_ini_and_lainnya_until_it_is_read(client, rina):
    recap_of(rina)
    make_notices(FOURTH)
    client.force_login(rina)
    for page in ("/", "/lainnya/"):
        assert "1 pemberitahuan" in client.get(page).content.decode()
    page = client.get(reverse("reports:notice_list")).content.decode()
    assert "Berkas terjadwal siap" in page and "1 belum dibaca" in page
    client.post(reverse("reports:notice_read"), {"op_id": str(uuid7())})
    for page in ("/", "/lainnya/"):
        assert "pemberitahuan</a> belum" not in client.get(page).content.decode()
    assert Notice.objects.get().read_at


def test_nobody_sees_or_reads_the_notices_of_another(client, rina):
    recap_of(rina)
    make_notices(FOURTH)
    client.force_login(UserFactory(koordinator=True))
    assert "rekap Oktober" not in client.get(reverse("reports:notice_list")).content.decode()
    client.post(reverse("reports:notice_read"), {"op_id": str(uuid7())})
    assert Notice.objects.get().read_at is None


# --- by e-mail ------------------------------------------------------------------------------------------------------------


def test_one_e_mail_leaves_for_all_that_is_new_without_a_word_about_a_family(box, family, sri):
    wants(sri)
    make_incident(family, on=FOURTH - timedelta(days=60))
    make_notices(FOURTH)
    assert (send_mails(NOW), send_mails(NOW)) == (1, 0)
    make_notices(FOURTH)
    assert send_mails(NOW + timedelta(days=1)) == 0  # the same day twice, and the next one: no second e-mail

    (message,) = box.messages
    assert message.sent_to == ["rcpt to:<sri@contoh.id>"]
    said = message.get_payload(decode=True).decode() + message["Subject"]
    assert "https://langkah.contoh.id/pemberitahuan/" in said and "Kasus lewat batas" in said
    for private in (family.name, family.case_number, sri.name, family.address, "Kebon Jayanti"):
        assert private not in said
    assert set(Notice.objects.values_list("mail", flat=True)) == {Mail.SENT}


def test_the_link_of_the_e_mail_asks_for_a_login(client):
    assert client.get("/pemberitahuan/")["Location"].startswith("/masuk/")


@pytest.mark.parametrize("said", [{"wanted": False}, {"address": ""}])
def test_who_does_not_want_e_mail_has_none(box, sri, said):
    wants(sri, **said)
    make_notices(FOURTH)
    assert send_mails(NOW) == 0 and not box.messages and told(sri) == ["laporan"]


def test_turned_off_before_it_left_it_does_not_leave(client, box, sri):
    wants(sri)
    make_notices(FOURTH)
    client.force_login(sri)
    client.post(reverse("reports:mail_choose"), {"op_id": str(uuid7()), "address": "sri@contoh.id"})
    assert send_mails(NOW) == 0 and not box.messages


def test_without_a_server_all_stays_in_the_app(client, sri):
    wants(sri)
    make_notices(FOURTH)
    assert send_mails(NOW) == 0 and Notice.objects.get().mail == ""
    client.force_login(sri)
    assert "Server surel belum diatur" in client.get(reverse("reports:notice_list")).content.decode()


def test_a_refused_e_mail_is_tried_again_later_and_then_leaves(box, sri, caplog):
    wants(sri)
    make_notices(FOURTH)
    now = timezone.now()
    box.refuses = "451 coba nanti, sri@contoh.id"
    assert send_mails(now) == 0
    notice = Notice.objects.get()
    assert (notice.mail, notice.mail_tries, notice.mail_fault) == (Mail.WAITING, 1, "SMTPRecipientsRefused")
    assert "sri@contoh.id" not in caplog.text and "SMTPRecipientsRefused" in caplog.text
    box.refuses = ""
    assert send_mails(now + PAUSE / 2) == 0 and send_mails(now + PAUSE) == 1
    assert len(box.messages) == 1 and Notice.objects.get().mail_fault == ""


def test_a_server_that_is_gone_ends_in_a_failure_that_an_admin_sees_and_can_try_again(client, box, sri):
    wants(sri)
    make_notices(FOURTH)
    box.refuses, now = "550 tidak ada", timezone.now()
    for turn in range(MOST_TRIES):
        send_mails(now + timedelta(days=turn))
    assert Notice.objects.get().mail == Mail.FAILED
    admin = UserFactory(admin=True)
    client.force_login(admin)
    page = client.get(reverse("reports:notice_list")).content.decode()
    assert sri.name in page and f"{MOST_TRIES} kali dicoba" in page and "sri@contoh.id" not in page
    box.refuses = ""
    client.post(reverse("reports:mail_retry"), {"op_id": str(uuid7())})
    assert send_mails(timezone.now() + timedelta(seconds=1)) == 1
    assert "tidak terkirim" not in client.get(reverse("reports:notice_list")).content.decode()


@pytest.mark.parametrize(
    ("said", "field"),
    [({"address": "bukan alamat", "wanted": "on"}, "address"), ({"address": "", "wanted": "on"}, "address")],
)
def test_an_address_that_is_none_is_told_beside_its_field(client, sri, said, field):
    client.force_login(sri)
    answer = client.post(reverse("reports:mail_choose"), {"op_id": str(uuid7())} | said)
    assert answer.context["form"].errors[field] and said["address"] in answer.content.decode()
    assert not MailChoice.objects.exists()


def test_the_command_makes_and_sends(box, rina):
    wants(rina, "rina@contoh.id")
    recap_of(rina)
    call_command("deliver", verbosity=0)
    call_command("deliver", verbosity=0)
    assert len(box.messages) == 1 and KIARACONDONG not in box.messages[0].as_string()
