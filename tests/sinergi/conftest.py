import pytest

from tests.programmes import TODAY, make_programme


@pytest.fixture(autouse=True)
def that_friday(monkeypatch):
    for module in ("programme", "enrolment", "business", "figures"):
        monkeypatch.setattr(f"sinergi.views.{module}.local_today", lambda code=None: TODAY)


@pytest.fixture
def programme(koordinator):
    return make_programme(koordinator)


@pytest.fixture
def signed_in(client, pendamping):
    client.force_login(pendamping)
    return client
