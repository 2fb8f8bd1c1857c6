"""Settings of a worker that a test starts: the test's, with the real queue and the test's own folder for files."""

import os

from pkh_casework.settings import *

TASKS = {"default": {"BACKEND": "django_tasks_db.backend.DatabaseBackend"}}
MEDIA_ROOT = os.environ["PKH_TEST_MEDIA"]
