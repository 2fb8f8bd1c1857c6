"""One plain sentence for what goes wrong with the place where a program keeps its data."""

import errno

FULL = {errno.ENOSPC, errno.EDQUOT}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
FULL_IN_POSTGRES = "No space left on device"


def sentence(error, home):
    """What an OSError at `home` (PKH_HOME) or below means, and what to do, for the person at the terminal."""
    path = error.filename or home
    if error.errno in FULL:
        return no_space(home)
    if error.errno in CLOSED:
        return (
            f"{path} can't be written to ({error.strerror}); choose another place: `make demo PKH_HOME=...`"
        )
    return f"{path} can't be used ({error.strerror}); choose another place: `make demo PKH_HOME=...`"


def no_space(home):
    return (
        f"no space is left for {home}; the demo needs about 400 MB: make room, or choose another place:"
        " `make demo PKH_HOME=...`"
    )
