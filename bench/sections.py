"""Sections of docs/performance.md that programs of their own write, behind what `make bench` writes."""

import re

from .ground import PROJECT

REPORT = PROJECT / "docs/performance.md"
TAKEN_IN = "## A file of families taken in"
WITHOUT_SIGNAL, BESIDE = "## Without signal", "## Beside an older commit"
HEADINGS = (TAKEN_IN, WITHOUT_SIGNAL, BESIDE)  # in their order


def put(section):
    """Write `section`, a text that begins with its heading, into docs/performance.md, in place of the earlier one."""
    REPORT.write_text(with_section(REPORT.read_text(), section))


def kept(report):
    """All sections in the text `report`; "" when there is none yet."""
    starts = [start for heading in HEADINGS if (start := report.find(heading)) >= 0]
    return report[min(starts) :] if starts else ""


def with_section(report, section):
    """The text `report` with `section` in its place."""
    behind = kept(report)
    sections = {_heading(each): each for each in re.split("^(?=## )", behind, flags=re.MULTILINE) if each}
    sections[_heading(section)] = section
    parts = [report.removesuffix(behind), *(sections[each] for each in HEADINGS if each in sections)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _heading(section):
    return section.partition("\n")[0]
