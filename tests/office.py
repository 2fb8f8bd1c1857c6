"""LibreOffice for the tests: the system's own. Where there is none it is installed or asked for, never skipped."""

import os
import shutil
import subprocess

import pytest

INSTALL = "apt-get update && apt-get install -y --no-install-recommends libreoffice-calc-nogui libreoffice-writer-nogui"


def office_path():
    """The path of soffice. As root on Debian it is installed first if missing.

    Ends the whole test run with the command to type when there is none and it can't be installed.
    """
    found = shutil.which("soffice")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["sh", "-c", INSTALL], check=True, env=environment, timeout=1800)
        found = shutil.which("soffice")
    if not found:
        pytest.exit(
            f"the tests of workbooks need LibreOffice; install it with:\n    sudo sh -c '{INSTALL}'",
            returncode=2,
        )
    return found


def converted(path, to, folder, *, reading=""):
    """The file that LibreOffice makes of `path` in the form `to` (pdf, csv), in `folder`. `reading` says how to read a CSV,
    which a person answers in a dialog.
    """
    home = folder / "office"  # of its own, so that two runs don't wait for each other
    command = [office_path(), f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", to]
    command += [f"--infilter={reading}"] if reading else []
    command += ["--outdir", str(folder), str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)
    made = folder / f"{path.stem}.{to.partition(':')[0]}"
    assert done.returncode == 0 and made.is_file(), done.stdout + done.stderr
    return made
