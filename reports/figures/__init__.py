"""Every figure of the house, declared once (contract C5): its name and meaning, its unit, its period, who counts.

Dashboards, lists, reports and exports use nothing but these declarations, so that a number and the list behind it
can't differ. There is a module for each noun: a `Source` says which rows there are and how a `Lens` narrows and groups
them, a `Figure` which of those rows it counts. A new figure is one more entry in the FIGURES of its noun.

What master data multiplies is no figure of its own: *kegiatan* is split by sub-role and *tingkat* by indicator, with
`reports.figures.values.values_by` for all of them at once and with the lens for the rows of one.
"""

from .declared.activities import ACTIVITIES, ROLE_CODES, STEPS
from .declared.assessments import ASSESSMENTS, INDICATORS_A_STEP, LEVELS, LOW
from .declared.commitments import COMMITMENTS
from .declared.families import FAMILIES
from .declared.families_then import FAMILIES_THEN
from .declared.figure import Figure
from .declared.goals import GOALS_CLOSED, GOALS_OPEN
from .declared.graduations import CHECKS_DONE, GRADUATIONS, LAST_CHECKS
from .declared.meetings import ATTENDANCE, SESSIONS_HELD, SESSIONS_PLANNED, TRAINING_PLACES, TRAININGS
from .declared.people import PEOPLE
from .declared.referrals import REFERRALS, REFERRALS_ANSWERED
from .declared.registry import FIGURES
from .declared.reporting import REPORTING
from .declared.reports import REPORTS
from .declared.resources import RESOURCES
from .declared.sources import Lens, Source
from .declared.visits import VISITS

__all__ = [
    "ACTIVITIES",
    "ASSESSMENTS",
    "ATTENDANCE",
    "CHECKS_DONE",
    "COMMITMENTS",
    "FAMILIES",
    "FAMILIES_THEN",
    "FIGURES",
    "GOALS_CLOSED",
    "GOALS_OPEN",
    "GRADUATIONS",
    "INDICATORS_A_STEP",
    "LAST_CHECKS",
    "LEVELS",
    "LOW",
    "PEOPLE",
    "REFERRALS",
    "REFERRALS_ANSWERED",
    "REPORTING",
    "REPORTS",
    "RESOURCES",
    "ROLE_CODES",
    "SESSIONS_HELD",
    "SESSIONS_PLANNED",
    "STEPS",
    "TRAININGS",
    "TRAINING_PLACES",
    "VISITS",
    "Figure",
    "Lens",
    "Source",
]
