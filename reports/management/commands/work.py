import logging
import os
import socket
import time

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django_tasks_db.management.commands.db_worker import Worker

log = logging.getLogger(__name__)

IDLE = 1.0  # seconds between two looks for work
CHORES = (  # command, seconds between two runs
    ("resume_exports", 60),
    ("resume_batches", 60),
    ("sweep_exports", 600),
    ("make_scheduled", 3600),
    ("deliver", 300),
    ("find_duplicates", 24 * 3600),
    ("prune_db_task_results", 24 * 3600),
)


class Command(BaseCommand):
    """The worker. What it leaves half made when it is killed is begun anew by the next one, or by another."""

    help = "Make large files in the background, and what is made by itself on a day, until SIGTERM."

    def handle(self, **options):
        worker = Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=IDLE,
            batch=True,  # comes back when nothing is left to do
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
        )
        worker.configure_signals()
        due = dict.fromkeys((name for name, _ in CHORES), 0.0)
        while worker.running:
            try:
                for name, pause in CHORES:
                    if time.monotonic() >= due[name]:
                        due[name] = time.monotonic() + pause
                        call_command(name, verbosity=0)
                worker.run()
            except (
                OperationalError
            ):  # the database is away for a while; whoever asked waits no shorter for a crash
                log.exception("the database does not answer the worker")
                close_old_connections()
            if worker.running:
                time.sleep(IDLE)
