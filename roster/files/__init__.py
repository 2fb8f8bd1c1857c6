"""Files as an office has them, read into rows: XLSX, XLS, ODS, CSV. No database here.

What a file really is decides its content, not its name. Workbooks are parsed in a process of their own, with a limit of
memory and time: a small file may unpack into a very large one.
"""

import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .kinds import BROKEN, LOCKED, SAVE_AGAIN, TOO_MUCH, kind_of
from .text import CANCELLED, FileRefused, too_many_columns, too_many_rows, write_text_rows

__all__ = ["ENDINGS", "FileRefused", "Opened", "read_file"]

ENDINGS = ".xlsx,.xls,.ods,.csv,.tsv,.txt"  # which files a browser offers
LARGEST = 25_000_000  # bytes; a CSV of 100 thousand families has about 15 million
SECONDS = 120  # by the clock; a workbook of 100 thousand families takes about ten
# Bytes of address space: 350 thousand rows of 15 columns take about 540 million.
MOST_MEMORY = 1_500_000_000
LOOK_EVERY = 0.1  # seconds, at a child that works
TOO_LONG = "Berkas ini terlalu lama dibaca. Bagi menjadi beberapa berkas."
EMPTY = "Berkas ini kosong. Periksa apakah berkasnya sudah selesai disalin, lalu kirim lagi."
NO_ROWS = "Tidak ada isi di berkas ini. Periksa apakah lembar yang benar sudah disimpan, lalu kirim lagi."
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """What was read: `kind` (xlsx, xls, ods, csv), the name of the `sheet` ("" for CSV), the filled rows of each visible
    sheet that was looked at, the number of `rows` up to the last that holds something, a word to the person ("" for
    none); of a CSV its `delimiter` and `encoding`.
    """

    kind: str
    sheet: str
    sheets: dict
    rows: int
    note: str
    delimiter: str = ""
    encoding: str = ""


def read_file(
    path: Path, name: str, out: Path, *, sheet: str = "", cancelled: Callable[[], bool] = lambda: False
) -> Opened:
    """Write the rows of the file at `path`, called `name` by its sender, to `out` as JSON lines: [line, [cells]].

    A text is a JSON string, a number a JSON number, a date {"date": "2014-05-03"}; an empty row has no cells, and `line`
    is the number that a person sees beside the row. Of a workbook the named `sheet` is read, else the visible one with
    the most filled rows. `cancelled` is asked now and then while it works. Raises FileRefused.
    """
    size = path.stat().st_size
    if not size:
        raise FileRefused(EMPTY)
    if size > LARGEST:
        raise FileRefused(
            f"Berkas ini terlalu besar: paling besar {LARGEST // 1_000_000} MB. Bagi menjadi beberapa berkas."
        )
    kind = kind_of(path)
    if kind == "csv":
        found = write_text_rows(path, out, cancelled)
    else:
        found = _in_a_process(path, kind, out, sheet, cancelled)
    if not found["rows"]:
        raise FileRefused(NO_ROWS)
    return Opened(kind=kind, note=_note(found), **found)


def _note(found):
    if len(found["sheets"]) < 2:
        return ""
    return f"Berkas ini punya {len(found['sheets'])} lembar. Yang dibaca: {found['sheet']}."


def _in_a_process(path, kind, out, sheet, cancelled):
    """What the child says of a workbook, whose rows it writes to `out`. Raises FileRefused."""
    with tempfile.TemporaryDirectory(prefix="lembar-", dir=out.parent) as folder:
        # Its kind is told to the reader by a name: else it tries each in turn, and forgets what the right one said.
        named = Path(folder, f"berkas.{kind}")
        named.symlink_to(path.absolute())
        asked = {"path": str(named), "folder": folder, "sheet": sheet[:200], "memory": MOST_MEMORY}
        code, said = _answer(asked, cancelled)
        if code:  # below zero: ended by a signal, for its memory or its time of the processor
            log.warning(
                "a file of kind %s and %s bytes ended its reader: %s", kind, path.stat().st_size, code
            )
            raise FileRefused(TOO_MUCH if code < 0 else BROKEN)
        answer = json.loads(said)
        if reason := answer.pop("refused", ""):
            raise FileRefused(_in_words(reason, answer))
        Path(folder, answer.pop("at")).replace(out)
    return answer


def _answer(asked, cancelled):
    """(exit code, output) of a child that is asked so. Raises FileRefused."""
    child = subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-I", "-X", "utf8", str(Path(__file__).with_name("child.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"RAYON_NUM_THREADS": "1"},
    )
    end = time.monotonic() + SECONDS
    to_child = json.dumps(asked).encode()
    try:
        while True:
            try:
                said, _ = child.communicate(to_child, timeout=LOOK_EVERY)
            except subprocess.TimeoutExpired as error:
                to_child = None  # sent already
                if cancelled():
                    raise FileRefused(CANCELLED) from error
                if time.monotonic() > end:
                    raise FileRefused(TOO_LONG) from error
            else:
                return child.returncode, said
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()


def _in_words(reason, answer):
    """The sentence for a reason of the child."""
    return {
        "locked": LOCKED,
        "no sheet": "Tidak ada lembar yang terlihat di berkas ini. Tampilkan lembarnya, simpan, lalu kirim lagi.",
        "no such sheet": "Lembar yang dipilih tidak ada di berkas ini.",
        "sheets": f"Terlalu banyak lembar di berkas ini. Hapus yang tidak perlu. {SAVE_AGAIN}",
        "rows": too_many_rows(answer.get("count")),
        "columns": too_many_columns(answer.get("count")),
        "too much": TOO_MUCH,
    }[reason]
