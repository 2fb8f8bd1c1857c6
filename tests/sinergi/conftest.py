import pytest

from tests.factories import HouseholdFactory, UserFactory
from tests.programmes import TODAY, make_programme


@pytest.fixture(autouse=True)
def that_friday(monkeypatch):
    for module in ("programme", "enrolment", "business", "figures"):
        monkeypatch.setattr(f"sinergi.views.{module}.local_today", lambda code=None: TODAY)


@pytest.fixture
def pendamping(db):
    return UserFactory()


@pytest.fixture
def koordinator(db):
    return UserFactory(koordinator=True)


@pytest.fixture
def family(pendamping):
    return HouseholdFactory(pendamping=pendamping)


@pytest.fixture
def programme(koordinator):
    return make_programme(koordinator)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client
