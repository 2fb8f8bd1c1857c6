"""The plan of the story: what each family is there to show, and on which days.

Made of a day and of numbers alone, without a database, so that a test can try every day of many years. Whatever a login
is to find (work for today, a case in every state, a programme with somebody stuck) is dealt out here to families by
count; the other modules write it out and let chance decide only the rest. Days come before `today`, since the demo ends
on the evening before; promises and what is planned may come later.
"""

from collections import deque
from dataclasses import dataclass
from datetime import date
from itertools import chain, cycle, islice
from operator import itemgetter
from random import Random

from kpm.models import GraduationCase, Household
from pkh_casework.access import PENDAMPING
from pkh_casework.days import months_after
from sinergi.models import Enrolment

from .calendar import DAY, is_workday, last_workday, workday, workday_ago, workday_between
from .logins import DEMO_LOGINS

SEED = 2026
YEAR = 365  # days of activities
FEWEST = 34  # families of a pendamping from which on nothing is missing
UNEVEN = (0, 3, 1, 4)  # in a hundred more: hardly two caseloads are equally long
# Days since the last visit: how many families in a hundred, least, most. Two were not visited within the year.
LAST_VISIT = [(3, 1, 1), (21, 2, 14), (24, 15, 29), (31, 31, 59), (13, 60, 89), (6, 93, 150), (2, None, None)]
LONG_AGO, LATELY = 60, 21  # days; whose visit is later than LATELY may have promised something
# Assessments: how many families in a hundred have so many; days from one to the next, and since the oldest.
ROUNDS = [(4, 0), (9, 1), (25, 2), (36, 3), (26, 4)]
APART, LONGEST_AGO = (90, 130), 540
# Where the newest promises fall due, in days from today: some late, some today and tomorrow, most ahead.
DUE_ALWAYS, DUE = [-2, 0, 1], [-6, -4, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 3, 5]
PROMISING, PROMISED = 5, 0.66  # at least so many families, of those lately visited such a part

State, Status, Path = GraduationCase.State, Household.Status, Household.Path
# Who left, as a part of all and at least so many: by which kind of graduation, "" for one that just went.
LEAVING = [
    ("mandiri", 0.035, 2),
    ("ppse", 0.01, 1),
    ("administratif", 0.007, 1),
    ("alamiah", 0.015, 1),
    ("", 0.018, 1),
]
HOPEFUL, RETURNED, HANDED_ON, MOURNING, EXPECTING, LATE_STEP = (
    (0.06, 3),
    (0.005, 1),
    (0.07, 2),
    0.05,
    0.012,
    0.02,
)
# Since when the graduated are gone, one after another: days, or the months (below zero) whose check is due just now.
GONE_SINCE = [-3, 30, -6, 61, -12, 140, 255, 320, 93, 430, 490, 17, 183, 215, 470]
DUE_SINCE = 12  # days for which a check may wait undone
OFTEN_RETURNED = 0.15
# What waits at each pendamping beside those who left: the moves of a case, each with the least and most days ago.
DRAFTED, PROPOSED_LONG = (State.DRAFT, 24, 34), (State.PROPOSED, 14, 18)
WAITING = [
    [DRAFTED, (State.PROPOSED, 2, 6)],
    [DRAFTED, PROPOSED_LONG, (State.RETURNED, 2, 8)],
    [DRAFTED],
    [DRAFTED, PROPOSED_LONG, (State.WITHDRAWN, 2, 8)],
    [DRAFTED, PROPOSED_LONG, (State.APPROVED, 10, 12), (State.UNDONE, 2, 8)],
    [DRAFTED, (State.PROPOSED, 2, 6)],
]
BY_GRANT = 0.25

Ending = Enrolment.Ending
RUNNING_AREA, OVER_AREA = "3273161002", "3273161001"
BEGUN_AGO, FIRST_BEGUN_AGO, MONTHS = 190, 430, 12  # days, and how long a programme lasts
BASELINE = (5, 60)  # days before it begins
# The running programme: a stage, how many families stand in it, how many of them have not moved for long.
IN_STAGES = [(1, 3, 0), (2, 4, 1), (3, 4, 2), (4, 4, 1), (5, 3, 1), (6, 2, 1)]
# What became of the families of the first one: the ending and the stage it came at.
ENDINGS = [(Ending.DONE, 6)] * 8 + [(Ending.CLOSED, 5)] * 4 + [(Ending.STOPPED, 2)] * 2 + [(Ending.MOVED, 3)]

# Referrals: the moves taken, how many such, since how many days the last one (least, most). Past the move's own days an
# open referral is overdue.
REFERRALS = (
    ((), 3, (1, 5)),
    ((), 1, (10, 20)),
    (("ajukan",), 4, (1, 12)),
    (("ajukan",), 2, (16, 34)),
    (("ajukan", "terima"), 3, (1, 6)),
    (("ajukan", "terima"), 1, (10, 16)),
    (("ajukan", "terima", "mulai"), 3, (3, 28)),
    (("ajukan", "terima", "mulai"), 1, (33, 50)),
    (("ajukan", "terima", "mulai", "selesai"), 8, (10, 240)),
    (("ajukan", "terima", "selesai"), 4, (10, 240)),
    (("ajukan", "tolak"), 4, (5, 240)),
    (("ajukan", "terima", "gagal"), 2, (10, 200)),
    (("batalkan",), 1, (5, 100)),
    (("ajukan", "batalkan"), 1, (5, 60)),
)
PAUSES = {"ajukan": (1, 8), "terima": (1, 16), "tolak": (2, 20), "mulai": (3, 14), "selesai": (14, 60)}
OTHER_PAUSE = (3, 20)


@dataclass(eq=False)
class Membership:
    """A family's part in a programme: the stage it reached (from 1) on `last_on`, and how it ended, if it did."""

    stage: int
    enrolled_on: date
    last_on: date
    ending: str = ""
    left_on: date | None = None
    is_stuck: bool = False


@dataclass(eq=False)
class Part:
    """What one family shows.

    `leaving` is the kind of graduation, "" for one that just went, None while the family is accompanied; it ended on
    `ended_on`. `moves` are (state, day) of its graduation case, `case` the kind of that; a check on `fell_on` found it
    in need again. `last_visit` (None: not within the year), `assessed` (oldest first) and `promise` (the day on which
    what was promised at that visit falls due) are its contacts; since `late_step` a step of its plan waits. `handed_on`,
    `died_on`: it came from a colleague, its pengurus died. `is_expecting`: its mother is pregnant, a component that ends
    by itself within the year. `referral` are (move, day), the first move being the plan, "".
    """

    path: str
    status: str = Status.AKTIF
    leaving: str | None = None
    ended_on: date | None = None
    case: str = ""
    moves: tuple = ()
    fell_on: date | None = None
    last_visit: date | None = None
    assessed: tuple = ()
    promise: date | None = None
    late_step: date | None = None
    handed_on: date | None = None
    died_on: date | None = None
    is_expecting: bool = False
    programme: Membership | None = None
    referral: tuple = ()

    @property
    def is_active(self):
        return self.leaving is None

    @property
    def away(self):
        """The days [from, to) between a graduation and the return, or ()."""
        days = dict(self.moves)
        return (days[State.APPROVED], days[State.BACK]) if State.BACK in days else ()

    @property
    def is_ready(self):
        """Whether its newest two assessments fulfil the rule of readiness."""
        return self.status == Status.CALON_GRADUASI or self.leaving in {"mandiri", "ppse"}

    @property
    def is_settled(self):
        """Whether the story needs a family that has long been in PKH and whose children go to school."""
        return bool(self.leaving is not None or self.moves or self.programme or self.is_ready)

    @property
    def is_plain(self):
        return not self.is_settled


def everyone(today, families):
    """{username: [Part]} of all pendamping as of `today`, about `families` for each."""
    logins = [login for login in DEMO_LOGINS if login.duty == PENDAMPING]
    plan = {}
    for login, uneven in zip(logins, UNEVEN, strict=True):
        colleagues = [other.username for other in logins if other.area == login.area]
        turn = colleagues.index(login.username), len(colleagues)
        plan[login.username] = parts_of(
            login.username,
            today,
            families + families * uneven // 100,
            has_colleague=len(colleagues) > 1,
            running=turn if login.area == RUNNING_AREA else (0, 0),
            over=login.area == OVER_AREA,
        )
    return plan


def parts_of(worker, today, size, *, has_colleague=False, running=(0, 0), over=False):
    """The Parts of the `size` families of `worker` (a username) as of `today`, in the order of their doors.

    `running` says which of how many pendamping of the running programme this one is: (turn, number); `over`: the one
    with the programme that is over. Fewer than FEWEST families are a sample of what so many would show.
    """
    rng, number = Random(f"{SEED} {worker} {today}"), max(size, FEWEST)  # noqa: S311  made-up people need no secrecy
    paths = _dealt(rng, [(62, Path.USAHA), (38, Path.KERJA)], number)
    members = _members(rng, today, paths, running, over)
    parts = [*_left(rng, today, paths, number), *members]
    parts += _waiting(rng, today, paths, [part for part in members if part.programme.ending == Ending.DONE])
    parts += [Part(paths.pop(), Status.CALON_GRADUASI) for _ in range(_many(number, *HOPEFUL))]
    plain = [Part(paths.pop()) for _ in range(number - len(parts))]
    parts += plain
    _deal_visits(rng, today, parts)
    _deal_extras(rng, today, plain, number, has_colleague=has_colleague)
    for part in parts:
        _assess(rng, today, part)
    _deal_late_steps(rng, today, plain, number)
    _deal_promises(today, parts)
    _deal_referrals(rng, today, parts)
    return rng.sample(parts, size)


def _many(number, share, least):
    return max(least, round(number * share))


def _dealt(rng, shares, number):
    """`number` values, shuffled: of each as many as its share in a hundred asks for, and at least one."""
    values = [value for share, value in shares for _ in range(max(1, round(share * number / 100)))]
    most = max(shares, key=itemgetter(0))[1]
    while len(values) > number:
        values.remove(most)
    values += [most] * (number - len(values))
    rng.shuffle(values)
    return values


# --- who left, who is about to, who is in a programme ----------------------------------------------------------------


def _left(rng, today, paths, number):
    """Those who graduated or went, and one who graduated and came back."""
    kinds = deque(kind for kind, share, least in LEAVING for _ in range(_many(number, share, least)))
    since = cycle(GONE_SINCE)
    fallen = _graduated(rng, today, kinds.popleft(), workday(rng, months_after(today - 9 * DAY, -6)), paths)
    fallen.fell_on = workday_ago(rng, today, 5, 8)
    fallen.moves += ((State.ASKED_BACK, workday_between(rng, fallen.fell_on + DAY, today - DAY)),)
    yield fallen
    for kind in kinds:
        ago = next(since) if kind else rng.randint(30, 300)
        day = months_after(today, ago) if ago < 0 else today - (ago + rng.randint(0, 6)) * DAY
        yield _graduated(rng, today, kind, workday(rng, day), paths)
    for _ in range(_many(number, *RETURNED)):
        yield _returned(rng, today, paths)


def _graduated(rng, today, kind, day, paths):
    path = Path.USAHA if kind == "ppse" else paths.pop()
    status = Status.GRADUASI if kind else Status.NONAKTIF
    return Part(
        path, status, leaving=kind, ended_on=day, case=kind, moves=_approval(rng, day) if kind else ()
    )


def _approval(rng, day):
    """The moves of a case up to its approval on `day`; some were returned on the way."""
    moves = [(State.DRAFT, workday_ago(rng, day, 16, 40)), (State.PROPOSED, workday_ago(rng, day, 8, 12))]
    if rng.random() < OFTEN_RETURNED:
        moves += [
            (State.RETURNED, workday_ago(rng, day, 5, 7)),
            (State.PROPOSED, workday_ago(rng, day, 2, 4)),
        ]
    return (*moves, (State.APPROVED, day))


def _returned(rng, today, paths):
    left_on = workday_ago(rng, today, 330, 490)
    # Just after the check at three months.
    fell_on = workday_between(rng, left_on + 95 * DAY, left_on + 100 * DAY)
    asked_on = workday_between(rng, fell_on + DAY, fell_on + 5 * DAY)
    back_on = workday_between(rng, left_on + 110 * DAY, left_on + 200 * DAY)
    moves = (*_approval(rng, left_on), (State.ASKED_BACK, asked_on), (State.BACK, back_on))
    return Part(paths.pop(), case="mandiri", moves=moves, fell_on=fell_on)


def _waiting(rng, today, paths, candidates):
    """Give the cases under way to `candidates` (Parts), and where they are too few to new ones, which are returned."""
    new = [Part(paths.pop()) for _ in WAITING[len(candidates) :]]
    for way, part in zip(WAITING, [*candidates, *new], strict=False):
        part.status = Status.CALON_GRADUASI
        part.moves = tuple((state, workday_ago(rng, today, least, most)) for state, least, most in way)
        by_grant = part.path == Path.USAHA and rng.random() < BY_GRANT
        part.case = "administratif" if way[-1][0] == State.UNDONE else "ppse" if by_grant else "mandiri"
    return new


def _members(rng, today, paths, running, over):
    """The families in a programme: this pendamping's share of the running one, or all of the one that is over."""
    turn, number = running
    stages = [(stage, place < stuck) for stage, families, stuck in IN_STAGES for place in range(families)]
    members = [_member(rng, today, *one) for one in (stages[turn::number] if number else ())]
    members += [_former_member(rng, today, *one) for one in (ENDINGS if over else ())]
    return [Part(paths.pop(), programme=member) for member in members]


def _member(rng, today, stage, is_stuck):
    start = today - BEGUN_AGO * DAY
    enrolled_on = workday_between(rng, start + DAY, start + 18 * DAY)
    last_on = workday_ago(rng, today, *((64, 110) if is_stuck else (2, 50)))
    # A family in the first stage came in while the others went on already.
    return Membership(stage, last_on if stage == 1 else enrolled_on, last_on, is_stuck=is_stuck)


def _former_member(rng, today, ending, stage):
    start = today - FIRST_BEGUN_AGO * DAY
    closed_on = months_after(start, MONTHS)
    early = ending in {Ending.STOPPED, Ending.MOVED}
    last_on = workday_ago(rng, closed_on, *((100, 200) if early else (10, 60)))
    left_on = closed_on if ending == Ending.CLOSED else last_on + rng.randint(1, 9) * DAY
    return Membership(stage, workday_between(rng, start + DAY, start + 18 * DAY), last_on, ending, left_on)


# --- contacts --------------------------------------------------------------------------------------------------------


def _deal_visits(rng, today, parts):
    """The day of the last visit: the longest ago for plain families, the newest for some that can promise something."""
    active = [part for part in parts if part.is_active]
    windows = _dealt(rng, [(share, (least, most)) for share, least, most in LAST_VISIT], len(active))
    windows.sort(key=lambda window: window[0] or YEAR)
    plain = [part for part in active if part.is_plain]
    long_ago = [window for window in windows if (window[0] or YEAR) >= LONG_AGO]
    for part, (least, most) in zip(plain, long_ago, strict=False):
        part.last_visit = least and workday(rng, today - rng.randint(least, most) * DAY)
    visited = windows[: len(active) - min(len(plain), len(long_ago))]
    others = plain[len(long_ago) :] + [part for part in active if not part.is_plain]
    others.sort(key=lambda part: part.status == Status.CALON_GRADUASI or bool(part.moves))
    first, rest = others[:PROMISING], others[PROMISING:]
    newest, windows = visited[:PROMISING], visited[PROMISING:]
    rng.shuffle(windows)
    for part, (least, most) in zip(first + rest, newest + windows, strict=True):
        part.last_visit = workday(rng, today - rng.randint(least, most) * DAY)


def _deal_extras(rng, today, plain, number, *, has_colleague):
    """A handover, a death, a pregnancy: what only a plain family has, and each another one."""
    free = deque(rng.sample(plain, len(plain)))
    for turn in range(_many(number, *HANDED_ON) if has_colleague else 0):
        least, most = (8, 40) if turn < HANDED_ON[1] else (41, 330)
        free.popleft().handed_on = today - rng.randint(least, most) * DAY
    for _ in range(_many(number, EXPECTING, 1)):
        free.popleft().is_expecting = True
    mourning = [part for part in free if part.last_visit and (today - part.last_visit).days < LONG_AGO]
    for part in mourning[: round(number * MOURNING)]:
        part.died_on = part.last_visit - rng.randint(60, 280) * DAY


def _assess(rng, today, part):
    """The days of the assessments, oldest first."""
    first = today - LONGEST_AGO * DAY
    if part.ended_on:
        newest, count = workday_ago(rng, part.ended_on, 14, 30), 4
        part.assessed = _back_from(rng, newest, first, count)
    elif part.programme:
        part.assessed = _around_baseline(rng, today, part)
    elif part.away:
        left_on, back_on = part.away
        after = _back_from(rng, part.last_visit, back_on + DAY, 3)
        part.assessed = (*_back_from(rng, workday_ago(rng, left_on, 20, 30), first, 1), *after)
    elif part.last_visit is None:
        part.assessed = (workday_ago(rng, today, YEAR + 4, LONGEST_AGO - 30),)
    elif part.is_ready:
        part.assessed = _back_from(rng, part.last_visit, first, rng.choice([3, 4]))
    else:
        [count] = rng.choices([number for _, number in ROUNDS], [share for share, _ in ROUNDS])
        newest = part.last_visit if rng.random() < 0.55 else workday_ago(rng, part.last_visit, 25, 120)
        part.assessed = _back_from(rng, newest, first, count)


def _back_from(rng, newest, first, count):
    """At most `count` days back from `newest`, as far apart as assessments are, none before `first`."""
    days = []
    while len(days) < count and newest >= first:
        days.insert(0, newest)
        newest = workday_ago(rng, newest, *APART)
    return tuple(days)


def _around_baseline(rng, today, part):
    """The baseline before a programme, and what came after it, up to the last visit."""
    of = part.programme
    if of.stage == 1 and not of.ending:
        baseline = min(workday_ago(rng, of.enrolled_on, *BASELINE), part.last_visit)
    else:
        begun_ago = FIRST_BEGUN_AGO if of.ending else BEGUN_AGO
        baseline = workday_ago(rng, today - begun_ago * DAY, *BASELINE)
    # Whoever is stuck was not assessed since; a case needs two that are ready.
    newest = part.last_visit
    if of.is_stuck:
        newest = min(newest, workday_ago(rng, of.last_on, 3, 20))
    later = _back_from(rng, newest, baseline + APART[0] * DAY, 3)
    return (baseline, *later)


def _deal_late_steps(rng, today, plain, number):
    """A step agreed on at the last visit, some weeks ago, whose day has passed."""
    able = [part for part in plain if part.last_visit and (today - part.last_visit).days > LATELY + DUE_SINCE]
    for part in able[: _many(number, LATE_STEP, 1)]:
        part.late_step = workday_ago(rng, today, 2, DUE_SINCE)
        part.assessed = (
            *(day for day in part.assessed if day <= part.last_visit - APART[0] * DAY),
            part.last_visit,
        )


def _deal_promises(today, parts):
    """When what was promised at the last visit falls due: of the earliest visits first what is late by now."""
    able = [
        part
        for part in parts
        if part.last_visit
        and part.is_active
        and not (part.moves or part.is_ready or part.handed_on or part.died_on)
        and (today - part.last_visit).days <= LATELY
    ]
    able = able[: max(PROMISING, round(len(able) * PROMISED))]
    able.sort(key=lambda part: part.last_visit)
    days = sorted(islice(chain(DUE_ALWAYS, cycle(DUE)), len(able)))
    for part, ahead in zip(able, days, strict=True):
        part.promise = max(today + ahead * DAY, part.last_visit + DAY)


# --- referrals -------------------------------------------------------------------------------------------------------


def _deal_referrals(rng, today, parts):
    """Of each sort of referral one, then the others, each in another family that was assessed within the year: before, it
    may not have been in PKH yet.
    """
    since = today - YEAR * DAY
    able = [part for part in parts if part.is_active and part.assessed and part.assessed[-1] > since]
    able = [part for part in able if not (part.handed_on or part.away)]
    rng.shuffle(able)
    others = [story for story in REFERRALS for _ in range(story[1] - 1)]
    rng.shuffle(others)
    for part, (way, _, ago) in zip(able, [*REFERRALS, *others], strict=False):
        day, moves = workday_ago(rng, today, *ago), []
        for name in reversed(way):
            moves.insert(0, (name, day))
            day = workday_ago(rng, day, *PAUSES.get(name, OTHER_PAUSE))
        part.referral = (("", day), *moves)


# --- monthly reports -------------------------------------------------------------------------------------------------


def report_days(today, month, *, is_decided):
    """When a report of the `month` before that of `today` was begun, handed in and, `is_decided`, given back or approved:
    those of these working days that are over. It is handed in once its month has ended.
    """
    handed_in = _workday_from(months_after(month, 1))
    days = [last_workday(handed_in), handed_in, _workday_from(handed_in + DAY)]
    return [day for day in days[: 2 + is_decided] if day < today]


def _workday_from(day):
    while not is_workday(day):
        day += DAY
    return day


def draft_day(today):
    """When the report of this month was begun: on the last working day, at the earliest on the first of the month."""
    return max(last_workday(today), today.replace(day=1))
