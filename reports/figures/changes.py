"""What has changed since: a few figures against the period before, and a tahap against that of the year before."""

from dataclasses import dataclass

from pkh_casework.templatetags.formats import tanggal

from .declared.registry import FIGURES
from .declared.sources import Lens
from .periods import TERM, YEAR, a_year_before, before, is_running, name_of, over
from .values import values_of

FLOWS = ("kunjungan", "p2k2", "asesmen", "rujukan-berakhir-selesai", "tujuan-tercapai")
NOW, THEN = "belum-90-hari", "akhir-bulan-belum-90"  # the same, of today and of the end of a month
COMPARED = (THEN, *FLOWS)
OF_A_DAY = {NOW, THEN}
AT_END = FIGURES[THEN].source


@dataclass(frozen=True)
class Against:
    """A figure's `value`, seen through `lens`, against what it was through an `earlier` one."""

    slug: str
    value: int
    lens: Lens
    was: int
    earlier: Lens

    @property
    def difference(self):
        return abs(self.value - self.was)

    @property
    def sign(self):
        return "=" if self.value == self.was else "▲" if self.value > self.was else "▼"

    @property
    def words(self):
        if self.value == self.was:
            return "sama dengan"
        return "lebih banyak dari" if self.value > self.was else "lebih sedikit dari"

    @property
    def is_better(self):
        """None where nothing changed."""
        if self.value == self.was:
            return None
        return (self.value < self.was) == FIGURES[self.slug].fewer

    @property
    def earlier_slug(self):
        return THEN if self.slug in OF_A_DAY else self.slug

    @property
    def than(self):
        """What it is compared with, in words."""
        if self.slug in OF_A_DAY:
            return tanggal(AT_END.seen(self.earlier).last_day)
        return name_of(self.earlier)


def changes(lens, values):
    """[(slug of the figure of the lens, [Against, …])] in the order of COMPARED; `values` are those of the lens.

    A month stands against the one before it, and its tahap against the same of the year before, or where nothing is known
    of that against the tahap before. A tahap stands against both, a year against the year before.
    """
    stands = NOW if is_running(lens) else THEN
    pairs = [(lens, values, before(lens))]
    if lens.period != YEAR and (term := over(lens, TERM)).period == TERM:
        of_term = values if lens.period == TERM else values_of(FLOWS, term)
        pairs.append((term, of_term, a_year_before(term)))
    found = {slug: [] for slug in (stands, *FLOWS)}
    for now, told, earlier in pairs:
        was = values_of(COMPARED, earlier) if earlier else {}
        if not any(was.values()) and now is not lens and (earlier := before(now)):
            was = values_of(COMPARED, earlier)
        if not any(was.values()):
            continue
        for slug in FLOWS:
            found[slug].append(Against(slug, told[slug], now, was[slug], earlier))
        if now.month == lens.month:
            found[stands].append(Against(stands, values[stands], lens, was[THEN], earlier))
    return [(slug, rows) for slug, rows in found.items() if rows]
