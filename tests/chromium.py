"""Chromium for the browser tests: the system's own. Where there is none it is installed or asked for, never skipped."""

import os
import shutil
import subprocess

import pytest

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
INSTALL = "apt-get update && apt-get install -y --no-install-recommends chromium fonts-liberation"


def chromium_path():
    """The path of Chromium for Playwright's `executable_path`. As root on Debian it is installed first if missing.

    Ends the whole test run with the command to type when there is none and it can't be installed.
    """
    found = _installed()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["sh", "-c", INSTALL], check=True, env=environment, timeout=900)
        found = _installed()
    if not found:
        pytest.exit(
            f"the browser tests need Chromium; install it with:\n    sudo sh -c '{INSTALL}'", returncode=2
        )
    return found


def _installed():
    return next(filter(None, map(shutil.which, NAMES)), None)
