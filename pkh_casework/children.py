"""Child processes that never outlive their parent, however it ends."""

import ctypes
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def follow_parent(parent, signum):
    """Ask the kernel to send `signum` to this process when `parent` (its pid) ends, even by kill -9.

    Linux only; elsewhere a leftover is found and stopped at the next start. The bond is with the parent's
    *thread*, so the parent must start its children from its main thread.
    """
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:  # it ended before the bond was made
            os.kill(os.getpid(), signum)


def spawn(command, *, at_parent_death=signal.SIGTERM, **options):
    """Start `command` bound to this process and return its Popen.

    It gets a process group of its own, so Ctrl-C in a terminal reaches only the parent, which then stops its
    children in the right order.
    """
    parent = os.getpid()
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(  # noqa: S603  the commands are our own
        command,
        process_group=0,
        # Runs after a change of user, which would undo it. Safe: the processes that call this have one thread.
        preexec_fn=lambda: follow_parent(parent, at_parent_death),  # noqa: PLW1509
        **options,
    )


def stop(process, *signals, patience=15):
    """Send each of `signals` in turn, SIGKILL last, until `process` has ended; seconds of patience for each."""
    for signum in (*signals, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(signum)
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"process {process.pid} does not end, not even by SIGKILL")
