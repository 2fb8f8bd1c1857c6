"""What must hold of every release: nothing forgotten in migrations, locks, floors, and a server that refuses to
serve what is not ready."""

import http.client
import io
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import tomllib

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from accounts.models import User
from demo.logins import DEMO_PASSWORD
from pkh_casework import release
from pkh_casework.keys import write_key_ring
from pkh_casework.management.commands.serve import unready_database
from tests import chromium

PROJECT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
LOCKS = {
    name: (settings.BASE_DIR / name).read_text() for name in ("requirements.lock", "requirements-dev.lock")
}


def test_no_model_changed_without_a_migration(db):
    told = io.StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=told)
    assert "No changes" in told.getvalue()


def test_import_contracts_cover_every_app():
    assert PROJECT["tool"]["importlinter"]["root_packages"] == settings.HOUSE_APPS


def test_locks_name_no_host_and_hash_every_pin():
    for text in LOCKS.values():
        assert "://" not in text
        assert "--index" not in text
        pins = re.findall(r"^[a-z0-9-]+(?:\[.*\])?==\S+.*$", text, re.MULTILINE)
        assert pins
        assert all(pin.endswith("\\") for pin in pins)


def test_locks_pin_every_package_that_the_project_names():
    runtime = PROJECT["project"]["dependencies"]
    dev = PROJECT["project"]["optional-dependencies"]["dev"]
    for lock, packages in (("requirements.lock", runtime), ("requirements-dev.lock", runtime + dev)):
        named = {re.match(r"[a-z0-9-]+", package)[0] for package in packages}
        assert named <= set(re.findall(r"^[a-z0-9-]+", LOCKS[lock], re.MULTILINE))


def test_without_chromium_the_run_ends_with_the_command_to_type(monkeypatch):
    monkeypatch.setattr(chromium, "NAMES", ())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(pytest.exit.Exception, match=r"apt-get install -y .*chromium"):
        chromium.chromium_path()


# --- make serve ---------------------------------------------------------------------------------------------------


@pytest.fixture
def real_environment(tmp_path, django_db_setup):
    """Environment of a real installation whose database is the (migrated) test database."""
    write_key_ring(tmp_path / "identity.json")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    (tmp_path / "static").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "PKH_MODE": "real",
        "PKH_HOME": str(tmp_path),
        "PKH_KEYS_FILE": str(tmp_path / "identity.json"),
        "PKH_HOSTS": "langkah.example",
        "PORT": str(port),
        "DATABASE_URL": database,
        "SECRET_KEY": secrets.token_urlsafe(64),
    }


def manage(*arguments, environment):
    command = [sys.executable, "-W", "error", "manage.py", *arguments]
    return subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_real_installation_passes_every_deployment_check(real_environment):
    done = manage("check", "--deploy", "--fail-level", "WARNING", environment=real_environment)
    assert done.returncode == 0, done.stderr


def test_serve_serves(real_environment):
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, env=real_environment, cwd=settings.BASE_DIR) as server:
        try:
            assert status_of("/healthz", server, int(real_environment["PORT"])) == 200
        finally:
            server.terminate()


def status_of(path, server, port, patience=30):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.poll() is None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", path, headers={"Host": "langkah.example"})
            return client.getresponse().status
        except (ConnectionRefusedError, TimeoutError):  # not up yet, or begins on a busy machine
            time.sleep(0.1)
        finally:
            client.close()
    return None


@pytest.mark.parametrize("missing", ["DATABASE_URL", "SECRET_KEY", "PKH_KEYS_FILE", "PKH_HOSTS"])
def test_serve_names_what_is_missing(missing, real_environment):
    del real_environment[missing]
    done = manage("serve", environment=real_environment)
    assert done.returncode == 1
    assert missing in done.stderr


def test_serve_refuses_demo_accounts_but_no_real_admin(db, tmp_path):
    with override_settings(STATIC_ROOT=tmp_path):
        assert list(unready_database()) == []
        User.objects.create_user("admin", "a-secret-of-our-own", name="Nurul", duty=User.Duty.ADMIN)
        assert list(unready_database()) == []
        User.objects.filter(username="admin").delete()
        User.objects.create_user("admin", DEMO_PASSWORD, name="Nurul", duty=User.Duty.ADMIN)
        assert ["demo accounts" in fault for fault in unready_database()] == [True]


def test_serve_refuses_a_database_of_an_older_release(db, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts'")
    with override_settings(STATIC_ROOT=tmp_path):
        assert ["manage.py prepare" in fault for fault in unready_database()] == [True]


def test_the_version_is_that_of_what_the_files_say_and_not_of_when_or_where(tmp_path, monkeypatch):
    """Two servers of one release must not make a phone fetch everything at each turn."""
    monkeypatch.setattr(settings, "HOUSE_APPS", ["kpm"])
    found = []
    for place in ("one", "another"):
        for name in ("kpm/models.py", "templates/base.html", "static/js/app.js"):
            file = tmp_path / place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
        monkeypatch.setattr(settings, "BASE_DIR", tmp_path / place)
        found.append(release.version())
        os.utime(file, (1, 1))
        found.append(release.version())
    assert len(set(found)) == 1

    file.write_text("other")
    assert release.version() != found[0]
