import os

import pytest
from django.db import connection


@pytest.fixture
def database_url(transactional_db):
    """The address of the test database, for another process."""
    return os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
