"""Who among the pendamping of an area is far from the middle: as a hint where to look, never as a judgement."""

from dataclasses import dataclass
from statistics import median

from accounts.models import User

ENOUGH_TO_COMPARE = 4
FAR_OFF = 1.5  # times the middle, or less than the middle divided by it
WORTH_SAYING = 0.2  # a share below this is nobody's outlier


@dataclass(frozen=True)
class Outlier:
    """`person` has `value` of the figure `slug` where the middle of all is `middle`; `words` say which way."""

    person: User
    slug: str
    value: int
    middle: float
    words: str


def outliers(people):
    """The Outliers among `people`, (User, {slug: int}) pairs with kpm-aktif, belum-60-hari and kegiatan; [] where too few
    to compare.
    """
    working = [(person, values) for person, values in people if values["kpm-aktif"]]
    if len(working) < ENOUGH_TO_COMPARE:
        return []
    held = median(values["kpm-aktif"] for _, values in working)
    done = median(values["kegiatan"] for _, values in working)
    late = median(_late(values) for _, values in working)
    found = []
    for person, values in working:
        families, activities = values["kpm-aktif"], values["kegiatan"]
        if families >= held * FAR_OFF:
            found.append(Outlier(person, "kpm-aktif", families, held, "memegang jauh lebih banyak KPM"))
        elif families * FAR_OFF <= held:
            found.append(Outlier(person, "kpm-aktif", families, held, "memegang jauh lebih sedikit KPM"))
        if activities * FAR_OFF <= done and done:
            found.append(
                Outlier(person, "kegiatan", activities, done, "mencatat jauh lebih sedikit kegiatan")
            )
        if _late(values) >= max(late * FAR_OFF, WORTH_SAYING):
            share_of_middle = round(late * families)
            words = "punya lebih banyak KPM yang belum dikunjungi 60 hari"
            found.append(Outlier(person, "belum-60-hari", values["belum-60-hari"], share_of_middle, words))
    return found


def _late(values):
    return values["belum-60-hari"] / values["kpm-aktif"]
