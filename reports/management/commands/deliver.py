from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.notices.operations import make_notices, send_mails
from wilayah.clock import local_today


class Command(BaseCommand):
    help = (
        "Tell what is ready or due, once each, in the app and by e-mail where MAIL_HOST is set. The worker itself does so "
        "every five minutes; safe to repeat."
    )

    def handle(self, *, verbosity, **options):
        made, sent = make_notices(local_today()), send_mails(timezone.now())
        if verbosity:
            self.stdout.write(f"{made} notices made, {sent} e-mails sent")
