"""Notices are made, read, sent by e-mail, tried again. Nothing is sent twice on purpose, and no failure is silent."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.db import transaction
from django.utils import timezone

from entries.operations import operation
from reports.models import MailChoice, Notice
from reports.notices.due import notices_due

MOST_TRIES = 5
PAUSE = timedelta(minutes=10)  # before the second try, and longer from one to the next
SUBJECT = "Langkah: ada pemberitahuan untuk Anda"
logger = logging.getLogger(__name__)
Mail = Notice.Mail


def can_mail():
    """Whether this installation knows a server for e-mail."""
    return "default" in mailers


def make_notices(today):
    """Store what is due on `today` and was not told before; returns how many. Safe to repeat, also by two at once."""
    due = notices_due(today)
    known = set(Notice.objects.filter(key__in={one.key for one in due}).values_list("user", "key"))
    new = [one for one in due if (one.user_id, one.key) not in known]
    wanted = set()
    if can_mail():
        choices = MailChoice.objects.filter(user__in={one.user_id for one in new}, wanted=True)
        wanted = set(choices.exclude(address="").values_list("user", flat=True))
    now = timezone.now()
    for one in new:
        if one.user_id in wanted:
            one.mail, one.mail_next_at = Mail.WAITING, now
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def send_mails(now):
    """Send what waits, one e-mail to each user; returns how many left. Each is held while it is sent, so that two workers
    never send the same.
    """
    users = Notice.objects.filter(mail=Mail.WAITING, mail_next_at__lte=now).values_list("user", flat=True)
    return sum(_send_to(user, now) for user in sorted(set(users))) if can_mail() else 0


@transaction.atomic
def _send_to(user_id, now):
    waiting = Notice.objects.filter(user=user_id, mail=Mail.WAITING, mail_next_at__lte=now)
    rows = list(waiting.select_for_update(of=["self"], skip_locked=True))
    choice = MailChoice.objects.filter(user=user_id, wanted=True, user__is_active=True).first()
    ids = [row.pk for row in rows]
    if not rows:
        return False
    if choice is None or not choice.address:  # turned off meanwhile
        Notice.objects.filter(pk__in=ids).update(mail="", mail_fault="")
        return False
    try:
        _message(choice.address, rows).send(using="default")
    except (OSError, SMTPException) as error:
        # The fault's name alone: what a server answers may quote the address.
        fault, tries = type(error).__name__, max(row.mail_tries for row in rows) + 1
        logger.error("an e-mail did not leave: %s, try %s", fault, tries)
        Notice.objects.filter(pk__in=ids).update(
            mail=Mail.FAILED if tries >= MOST_TRIES else Mail.WAITING,
            mail_tries=tries,
            mail_fault=fault,
            mail_next_at=now + PAUSE * 2 ** (tries - 1),
        )
        return False
    Notice.objects.filter(pk__in=ids).update(mail=Mail.SENT, mail_fault="")
    return True


def _message(address, rows):
    """No name and nothing of a family: how much there is, of what sort, and a link that asks for a login."""
    kinds = sorted({row.get_kind_display() for row in rows})
    body = "\n".join(
        [
            "Selamat hari ini,",
            "",
            "ada yang baru untuk Anda di Langkah:",
            *(f"- {kind}" for kind in kinds),
            "",
            f"Buka sesudah masuk: {settings.MAIL_SITE}/pemberitahuan/",
            "",
            "Tidak mau surel lagi? Matikan di halaman itu juga.",
        ]
    )
    return EmailMessage(SUBJECT, body, settings.MAIL_FROM, [address])


@operation(kind="reports.pemberitahuan_dibaca", title="Pemberitahuan dibaca")
def read_notices(*, by):
    """Mark the own notices as read; returns how many."""
    return Notice.objects.visible_to(by).unread().update(read_at=timezone.now())


@operation(kind="reports.surel", title="Pilihan surel")
def choose_mail(*, by, address, wanted):
    """Where `by` has notices by e-mail, and whether."""
    choice, _ = MailChoice.objects.update_or_create(
        user=by, defaults={"address": address, "wanted": wanted and bool(address)}
    )
    if not choice.wanted:
        Notice.objects.visible_to(by).filter(mail=Mail.WAITING).update(mail="", mail_fault="")
    return choice


@operation(kind="reports.surel_lagi", title="Surel dicoba lagi")
def try_again(*, by):
    """Try again what did not leave; returns how many."""
    failed = Notice.objects.filter(mail__in=[Mail.FAILED, Mail.WAITING])
    return failed.update(mail=Mail.WAITING, mail_tries=0, mail_next_at=timezone.now())
