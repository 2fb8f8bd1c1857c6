"""A small town for the figures: two kota, handovers, moves, visits met and not met, steps kept and forgotten."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from accounts.models import User
from kpm.models import Assignment, GraduationCase, Group, Household, WatchCheck
from kpm.operations.graduation import months_after
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, Attendance, GroupSession
from tests.factories import KEBON_JAYANTI, SUKAPURA
from tests.worlds import made_once
from wilayah.clock import local_today
from wilayah.models import LEVEL_BY_LENGTH, Wilayah, search_form

NEXT_KECAMATAN, OTHER_KOTA = "3273171001", "3274011001"
FIRST_DAY = date(2020, 1, 1)


def add_areas():
    """Two kelurahan outside Kiaracondong, with the areas above them."""
    for code, name in (
        ("327317", "Bandung Kidul"),
        (NEXT_KECAMATAN, "Wates"),
        ("327401", "Kejaksan"),
        (OTHER_KOTA, "Kesenden"),
    ):
        Wilayah.objects.create(
            code=code,
            name=name,
            level=LEVEL_BY_LENGTH[len(code)],
            parent_id=code[: -4 if len(code) == 10 else -2],
            search_name=search_form(name),
        )


def add_user(username, duty, area=None):
    return User.objects.create(username=username, name=f"Nama {username}", duty=duty, wilayah_id=area)


class Town:
    """Builds rows the short way; every text field of a family holds `canary` and nothing else does."""

    canary = "KENARI"

    def __init__(self):
        add_areas()
        self.today = local_today(KEBON_JAYANTI)
        self.month = self.today.replace(day=1)
        self.last_month = (self.month - timedelta(days=1)).replace(day=1)
        self.families = 0

    def household(self, pendamping, area=KEBON_JAYANTI, rw=5, visited=None, **fields):
        """A family; `visited` is how many days ago the last home visit was."""
        self.families += 1
        group, _ = Group.objects.get_or_create(
            name=f"{self.canary} kelompok", pendamping=pendamping, defaults={"wilayah_id": area}
        )
        family = Household.objects.create(
            case_number=f"PKH-{self.families:05}",
            name=f"{self.canary} nama {self.families}",
            no_kk=f"327399{self.families:010}",
            address=f"{self.canary} alamat",
            notes=f"{self.canary} catatan",
            rt=1,
            rw=rw,
            wilayah_id=area,
            group=group,
            pendamping=pendamping,
            joined_on=FIRST_DAY,
            last_visited_on=None if visited is None else self.today - timedelta(days=visited),
            **fields,
        )
        held = {"pendamping": pendamping, "from_on": FIRST_DAY, "by": pendamping}
        Assignment.objects.create(household=family, **held)
        return family

    def activity(
        self,
        author,
        *families,
        on=None,
        area=KEBON_JAYANTI,
        role="FAS-1",
        visit=True,
        met=True,
        step_due=None,
    ):
        """An activity of `author` that reached `families`; `step_due` is a date promised to each of them."""
        on = on or self.month
        activity = Activity.objects.create(
            op_id=uuid7(),
            pendamping=author,
            wilayah_id=area,
            occurred_on=on,
            kind_id="kunjungan_rumah" if visit else "p2k2",
            sub_role_id=role,
            notes=f"{self.canary} isi",
            outcome=f"{self.canary} hasil",
            place=f"{self.canary} tempat",
            next_step=f"{self.canary} langkah" if step_due else "",
            next_step_on=step_due,
        )
        rows = [
            ActivityHousehold(
                activity=activity,
                household=family,
                pendamping=author,
                wilayah_id=area,
                occurred_on=on,
                is_visit=visit,
                met=met,
                step_due_on=step_due,
            )
            for family in families
        ]
        ActivityHousehold.objects.bulk_create(rows)
        return activity

    def session(self, worker, *, on, planned_on=None, present=(), absent=(), area=KEBON_JAYANTI):
        """A P2K2 of the worker's kelompok, planned and, where there are families, held on the day `on`."""
        group, _ = Group.objects.get_or_create(
            name=f"{self.canary} kelompok", pendamping=worker, defaults={"wilayah_id": area}
        )
        held = {}
        if present or absent:
            activity = self.activity(worker, *present, *absent, on=on, area=area, role="EDU-1", visit=False)
            held = {"activity": activity, "held_on": on}
        session = GroupSession.objects.create(
            group=group,
            wilayah_id=area,
            session_id="ekonomi-1",
            planned_on=planned_on or on,
            planned_by=worker,
            place=f"{self.canary} tempat",
            facilitator=f"{self.canary} pengisi",
            **held,
        )
        Attendance.objects.bulk_create(
            Attendance(
                group_session=session,
                household=family,
                wilayah_id=area,
                state=state,
                held_on=on,
                note=self.canary,
            )
            for state, families in (("hadir", present), ("tidak_hadir", absent))
            for family in families
        )

    def graduation(self, author, family, on, *, state="disetujui", area=KEBON_JAYANTI, outcomes=None):
        """A graduation of `family` that `author` proposed, on the day `on`; `outcomes` are {months: (day, outcome)}."""
        case = GraduationCase.objects.create(
            op_id=uuid7(),
            household=family,
            wilayah_id=area,
            kind_id="mandiri",
            state=state,
            statement=f"{self.canary} alasan",
            proposed_by=author,
            decided_by=self.users.camat,
            decided_on=on,
            graduated_on=None if state == "dibatalkan" else on,
        )
        for months in (3, 6, 12):
            done_on, outcome = (outcomes or {}).get(months, (None, ""))
            WatchCheck.objects.create(
                case=case,
                household=family,
                wilayah_id=area,
                months=months,
                due_on=months_after(on, months),
                done_on=done_on,
                outcome=outcome,
                note=f"{self.canary} cek",
            )
        return case


@pytest.fixture
def bare_town(db):
    """Areas and catalogue only, with the means to add people."""
    return Town()


@made_once
def town():
    """The full story: `users` by name, and everything that happened to their families."""
    return with_story(Town())


@made_once
def busy_town():
    """The town with all that is done besides visits."""
    from .work import add_work

    town = with_story(Town())
    add_work(town)
    return town


def with_story(town):
    today, days = town.today, timedelta(days=1)
    users = SimpleNamespace(
        ani=add_user("ani", "pendamping", KEBON_JAYANTI),
        budi=add_user("budi", "pendamping", KEBON_JAYANTI),
        citra=add_user("citra", "pendamping", SUKAPURA),
        dedi=add_user("dedi", "pendamping", NEXT_KECAMATAN),
        far=add_user("far", "pendamping", OTHER_KOTA),
        officer=add_user("officer", "kelurahan", KEBON_JAYANTI),
        camat=add_user("camat", "koordinator", "327316"),
        kota=add_user("kota", "koordinator", "3273"),
        admin=add_user("admin_town", "admin"),
    )
    town.users = users
    ani = [town.household(users.ani, rw=rw, visited=days) for rw, days in ((5, 0), (5, 30), (6, 31), (6, 60))]
    ani += [town.household(users.ani, rw=7, visited=61), town.household(users.ani, rw=7, visited=91)]
    ani += [
        town.household(users.ani, rw=7),
        town.household(users.ani, status=Household.Status.CALON_GRADUASI),
    ]
    left = [town.household(users.ani, status=Household.Status.GRADUASI)]
    town.household(users.ani, status=Household.Status.NONAKTIF, visited=1)
    budi = [town.household(users.budi, rw=rw) for rw in (5, 8)]
    citra = [town.household(users.citra, SUKAPURA, rw=5, visited=3) for _ in range(3)]
    dedi = [town.household(users.dedi, NEXT_KECAMATAN, rw=1, visited=days) for days in (10, 70)]
    far = [town.household(users.far, OTHER_KOTA, rw=5) for _ in range(2)]

    town.activity(users.ani, ani[0])
    town.activity(users.ani, ani[0], role="REP-1", step_due=today - days)  # the same family twice
    town.activity(users.ani, ani[1], met=False)
    town.activity(users.ani, *ani[2:6], role="EDU-1", visit=False, step_due=today - 3 * days)
    town.activity(users.ani, role="TEK-1", visit=False)  # reached no family
    town.activity(users.ani, ani[3], on=town.last_month, step_due=today)
    town.activity(users.ani, ani[4], on=town.month - days, met=False)
    done = town.activity(users.ani, ani[6], on=town.last_month, role="TEK-1", step_due=today - 9 * days)
    done.families.update(step_done_on=today)
    town.activity(users.citra, *citra, area=SUKAPURA, role="TEK-1")
    town.activity(users.dedi, dedi[0], area=NEXT_KECAMATAN, role="EDU-1", step_due=today - days)
    town.activity(users.far, *far, area=OTHER_KOTA, step_due=today - days)
    # Handed over after the visit: the work stays Ani's, the family and the promise are Budi's now.
    town.activity(users.ani, budi[0], step_due=today - 2 * days)
    # Moved away after the visit: the work stays in Kebon Jayanti, the family counts in Sukapura now.
    town.activity(users.ani, citra[0], role="REP-1")
    _graduations(town, left)
    _sessions(town, ani, budi, citra)
    return town


def _sessions(town, ani, budi, citra):
    """This month Ani held two, one of them planned for last month, and owes one; a family came twice, one is Budi's by
    now. Citra held hers last month.
    """
    users, month = town.users, town.month
    town.session(users.ani, on=month, present=ani[:2], absent=ani[2:3])
    town.session(users.ani, on=month, planned_on=town.last_month, present=[ani[0], budi[0]])
    town.session(users.ani, on=month)
    town.session(users.citra, on=town.last_month, present=citra, area=SUKAPURA)


def _graduations(town, left):
    """Of this year two that stand (one family is Budi's now), one undone and one that came back; of last year four
    that are twelve months old by the first day of this month: one stands, one is shaky, one came back, one was undone.
    """
    users, month = town.users, town.month
    new_year, a_year_ago = month.replace(month=1), month.replace(year=month.year - 1)
    gone = {"status": Household.Status.GRADUASI}  # also who came back: figures of now are about others
    handed_over = town.household(users.budi, **gone)
    town.graduation(users.ani, left[0], new_year)
    town.graduation(users.ani, handed_over, month)
    town.graduation(users.ani, town.household(users.ani, **gone), month, state="dibatalkan")
    fell = {3: (month, "kembali_rentan"), 6: (month, "kembali_rentan")}
    town.graduation(users.ani, town.household(users.ani, **gone), new_year, state="kembali", outcomes=fell)
    for family, state, outcome in (
        (town.household(users.ani, **gone), "disetujui", "bertahan"),
        (town.household(users.ani, **gone), "disetujui", "goyah"),
        (town.household(users.ani, **gone), "kembali", ""),
        (town.household(users.ani, **gone), "dibatalkan", "bertahan"),
    ):
        told = {12: (month, outcome)} if outcome else {}
        town.graduation(users.ani, family, a_year_ago, state=state, outcomes=told)
    town.graduation(users.citra, town.household(users.citra, SUKAPURA, **gone), month, area=SUKAPURA)
