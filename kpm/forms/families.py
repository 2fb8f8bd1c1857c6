"""What the forms share that name several families, each by its case number under `kpm`."""

import re

from entries.forms import AuthorsForm
from kpm.merged import standing_numbers
from kpm.models import Assignment, Household

CASE_NUMBER = re.compile(r"PKH-[0-9A-Z]{5}")
IN_CASE = slice(0, 9)  # where the case number stands behind the name of a row's field
MOST_FAMILIES = 600
MOST_NAMED = 3


class FamiliesForm(AuthorsForm):
    """A form about several families, with what was said of each in fields such as `met-<case number>`.

    `among`: the case numbers that a correction may name; None for what is new. `handed_over`: those named that were
    handed over while the form was filled in: they are not refused, but held for a koordinator, or in a correction left
    as they are.
    """

    def __init__(self, *args, among=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.among, self.handed_over = among, []

    def cases_sent(self):
        """The case numbers as they were sent, each once."""
        return list(dict.fromkeys(case.strip().upper() for case in self.data.getlist("kpm")))

    def households_sent(self):
        """The families named in the form that `user` may open, in the order sent: one query for all, unless one of them
        was merged since.
        """
        sent = [case for case in self.cases_sent()[: MOST_FAMILIES + 1] if CASE_NUMBER.fullmatch(case)]
        wanted = [case for case in sent if self.among is None or case in self.among]
        found = Household.objects.visible_to(self.user).filter(case_number__in=wanted) if wanted else ()
        found = {household.case_number: household for household in found}
        if (missing := [case for case in sent if case not in found]) and self._follow_merged(missing):
            return self.households_sent()
        return [found[case] for case in wanted if case in found]

    def _follow_merged(self, missing):
        """Let what was said of families that were merged be said of the ones they are now, where `user` may open these;
        of two that are one now, what was said of the one that stood counts. Whether there was anything.
        """
        leads = standing_numbers(missing)
        here = Household.objects.visible_to(self.user).filter(case_number__in=leads.values())
        here = set(here.values_list("case_number", flat=True)) if leads else set()
        here = here if self.among is None else here & set(self.among)
        leads = {case: now for case, now in leads.items() if now in here}
        if not leads:
            return False
        data = self.data.copy()
        data.setlist("kpm", list(dict.fromkeys(leads.get(case, case) for case in self.cases_sent())))
        for name in self.data:
            said, _, case = name.partition("-")
            if (now := leads.get(case)) and f"{said}-{now}" not in self.data:
                data.setlist(f"{said}-{now}", data.getlist(name))
        self.data = data
        return True

    def set_handed_over(self, here):
        """Find those handed over among the cases sent that are not `here`; the cases that are neither."""
        unknown = [case for case in self.cases_sent() if case not in here]
        readable = [case for case in unknown if CASE_NUMBER.fullmatch(case)]
        if self.among is not None:
            self.handed_over = [case for case in readable if case in self.among]
        elif readable:
            once = Assignment.objects.filter(pendamping=self.user, household__case_number__in=readable)
            self.handed_over = list(once.values_list("household__case_number", flat=True).distinct())
        return [case for case in unknown if case not in self.handed_over]

    @property
    def carried(self):
        """(name, value) of what was said of families handed over meanwhile, for a page that is shown again."""
        own = [
            (name, value)
            for name, values in self.data.lists()
            for value in values
            if name.partition("-")[2][IN_CASE] in self.handed_over
        ]
        return [("kpm", case) for case in self.handed_over] + own


class FamilyRowsForm(FamiliesForm):
    """A form whose page has a row for each family or member: `rows`, each with an `error`."""

    rows: list
    of_page: tuple[str, ...] = ()  # the fields that hold for all rows

    @property
    def is_left_alone(self):
        """Whether every family on the page is somebody else's by now."""
        return bool(self.handed_over) and not self.rows

    def rest(self):
        """What was said of the families handed over meanwhile, for this same page (entries.holding.hold_rest)."""
        said = {name: self.data.getlist(name) for name in ("op_id", *self.of_page) if name in self.data}
        for name, value in self.carried:
            said.setdefault(name, []).append(value)
        return "", said

    def refuse_unknown(self):
        """Say over the page which families it names that were never the asker's; `rows` is one for each family."""
        if not self.cases_sent():
            self.add_error(None, "Belum ada keluarga di daftar ini.")
        for case in self.set_handed_over({row.household.case_number for row in self.rows}):
            self.add_error(None, f"Keluarga {case[:12]} tidak ditemukan.")

    def name_wrong(self, words, name_of):
        """Say over the page in which rows something is wrong: `words` with the first names, as `name_of` a row."""
        wrong = [name_of(row) for row in self.rows if row.error]
        if wrong:
            others = f", dan {len(wrong) - MOST_NAMED} lagi" if len(wrong) > MOST_NAMED else ""
            self.add_error(None, words.format(", ".join(wrong[:MOST_NAMED]) + others))
