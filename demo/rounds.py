"""What is done for more than one family: P2K2, announcements, trainings, verification at schools, office work."""

from collections import defaultdict, deque
from datetime import timedelta
from itertools import cycle

from .calendar import last_workday, workday
from .people import TERM_START
from .script import YEAR
from .wording import fill, texts

SCHOOLS = {"sd", "smp", "sma"}
MEETINGS_APART = 30  # days from one P2K2 of a kelompok to the next; the kelompok take turns


def record_rounds(rng, log, today, worker, families):
    """Add one year of group and office activities of `worker` (a pendamping), whose families are `families`."""
    start = today - timedelta(days=YEAR)
    _group_meetings(rng, log, start, today, worker, families)
    _verifications(rng, log, start, today, worker, families)
    _trainings(rng, log, start, today, worker, families)
    _office(rng, log, start, today, worker)


def _days(rng, start, newest, every):
    """Ascending working days about `every` days apart, after `start` and up to `newest`, which is the last of them."""
    days = deque([newest])
    while (
        newest := workday(rng, newest - timedelta(days=every + rng.randint(-every // 3, every // 3)))
    ) > start:
        days.appendleft(newest)
    return days


def _lately(rng, today, days):
    """A working day within the last `days` days."""
    return workday(rng, today - timedelta(days=rng.randint(1, days)))


def _present(family, worker, day):
    """Whether `worker` accompanied the family on `day`."""
    return family.accompanied_on(day) and family.holder_on(day) == worker


def _group_meetings(rng, log, start, today, worker, families):
    by_group = defaultdict(list)
    for family in families:
        if family.row.group:
            by_group[family.row.group.name].append(family)
    sessions = texts("pertemuan")["p2k2"]
    for turn, part in enumerate(by_group.values()):
        group, latest = part[0].row.group, today - timedelta(days=1 + turn * MEETINGS_APART // len(by_group))
        session = rng.randrange(len(sessions))
        place = rng.choice(texts("pertemuan")["tempat_p2k2"])
        slots = {"rw": f"{part[0].row.rw or 1:02}", "kelompok": group.name}
        for day in _days(rng, start, workday(rng, latest), MEETINGS_APART):
            here = [family for family in part if _present(family, worker, day)]
            came = [family for family in here if rng.random() < family.attends] or here[:1]
            if not came:
                continue
            module, title, sub_role, notes, outcome = sessions[session % len(sessions)]
            session += 1
            log.add(
                worker,
                day=day,
                kind="p2k2",
                sub_role=sub_role,
                group=group,
                place=fill(place, slots, rng),
                notes=f"Modul {module}, sesi {title}. " + fill(notes, slots, rng),
                outcome=f"{len(came)} dari {len(here)} anggota hadir. " + fill(outcome, slots, rng),
                families=[(family, family in came, None) for family in here],
            )
        messages = cycle(rng.sample(texts("pertemuan")["pengumuman"], len(texts("pertemuan")["pengumuman"])))
        for day in _days(rng, start, _lately(rng, today, 110), 110):
            here = [family for family in part if _present(family, worker, day)]
            if here:
                sub_role, notes, outcome = next(messages)
                log.add(
                    worker,
                    day=day,
                    kind="komunikasi",
                    sub_role=sub_role,
                    group=group,
                    notes=fill(notes, slots, rng),
                    outcome=fill(outcome, slots, rng),
                    families=[(family, True, None) for family in here],
                )


def _verifications(rng, log, start, today, worker, families):
    """School lists and posyandu books, one school or RW at a time, each about once a quarter."""
    turns = defaultdict(int)
    for day in _days(rng, start, _lately(rng, today, 7), 7):
        found = _to_verify(worker, families, day)
        if not found:
            continue
        fewest = min(turns[place] for place in found)
        place = rng.choice(sorted(place for place in found if turns[place] == fewest))
        turns[place] += 1
        pool = "verifikasi_kesehatan" if place.startswith("Posyandu") else "verifikasi"
        notes, outcome = rng.choice(texts("pertemuan")[pool])
        log.add(
            worker,
            day=day,
            kind="verifikasi",
            sub_role="TEK-1",
            place=place,
            notes=fill(notes, {"tempat": place}, rng),
            outcome=f"{len(found[place])} anak diperiksa. " + fill(outcome, {}, rng),
            families=[(family, True, None) for family in dict.fromkeys(family for family, _ in found[place])],
            people=[person for _, person in found[place]],
        )


def _to_verify(worker, families, day):
    """The children of each school or posyandu open on `day`: {place: [(Family, Person), …]}."""
    closed = (6, 20) <= (day.month, day.day) < TERM_START
    found = defaultdict(list)
    for family in families:
        if _present(family, worker, day):
            for person in family.people:
                stage = person.stage_on(day)
                if stage in person.places and not (closed and stage in SCHOOLS):
                    found[person.places[stage]].append((family, person))
    return found


def _trainings(rng, log, start, today, worker, families):
    for day in _days(rng, start, _lately(rng, today, 45), 45):
        able = [family for family in families if family.trade and _present(family, worker, day)]
        if not able:
            continue
        came = rng.sample(able, min(len(able), rng.randint(7, 14)))
        sub_role, notes, outcome, place = rng.choice(texts("pertemuan")["pelatihan"])
        log.add(
            worker,
            day=day,
            kind="pelatihan",
            sub_role=sub_role,
            place=place,
            notes=notes,
            outcome=f"{len(came)} peserta. {outcome}",
            families=[(family, True, None) for family in came],
        )


def _office(rng, log, start, today, worker):
    for kind, every in (("koordinasi", 6), ("administrasi", 5)):
        for day in _days(rng, start, last_workday(today), every):
            sub_role, notes, outcome, *place = rng.choice(texts("pertemuan")[kind])
            log.add(
                worker,
                day=day,
                kind=kind,
                sub_role=sub_role,
                place=place[0] if place else "Kantor",
                notes=fill(notes, {"rw": f"{rng.randint(1, 10):02}"}, rng),
                outcome=fill(outcome, {}, rng),
            )
