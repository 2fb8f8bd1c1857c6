from django.core.management.base import BaseCommand, CommandError

from reports.models import MonthLock
from reports.monthly.frozen import is_genuine


class Command(BaseCommand):
    help = "Check that every locked month still fits its hash; fails when one does not."

    def handle(self, *args, **options):
        locks = MonthLock.objects.select_related("period").order_by(
            "period__month", "period__wilayah", "version"
        )
        wrong = 0
        for lock in locks.iterator():
            genuine = is_genuine(lock)
            wrong += not genuine
            where = f"{lock.period.wilayah_id} {lock.period.month:%Y-%m} versi {lock.version}"
            self.stdout.write(f"{where}: {'cocok' if genuine else 'TIDAK COCOK'}")
        if wrong:
            raise CommandError(f"{wrong} versi tidak cocok dengan sidiknya")
