"""Does a family meet what a resource asks? One requirement after the other, on plain facts, without a database."""

from dataclasses import dataclass

MET, NOT_MET, UNKNOWN = "terpenuhi", "tidak", "belum_tahu"


@dataclass(frozen=True)
class MatchedPerson:
    """One member of the family: `age` in whole years, None where no birth date is known."""

    age: int | None
    is_woman: bool


@dataclass(frozen=True)
class Facts:
    """What is known of a family. `wilayah` is the code of its kelurahan.

    `business_months` is (least, most) that its business has been running, (0, 0) for none; `most` None is open, and
    None instead of the pair is not known.
    """

    people: tuple[MatchedPerson, ...]
    wilayah: str
    desil: int | None = None
    business_months: tuple[int, int | None] | None = None


@dataclass(frozen=True)
class RequirementCheck:
    """One requirement: what is asked, in words, and whether the family meets it (MET, NOT_MET or UNKNOWN)."""

    words: str
    state: str


def check_all(resource, facts):
    """The Checks of what `resource` (a resources.models.Resource) asks, in the order of reading; [] asks nothing.

    What only paper or a talk can tell (`requirements`) is always UNKNOWN.
    """
    checks = []
    if resource.residents_only:
        checks.append(
            RequirementCheck(f"Warga {resource.wilayah.name}", _lives_in(resource.wilayah_id, facts.wilayah))
        )
    if resource.age_from is not None or resource.age_to is not None or resource.women_only:
        checks.append(RequirementCheck(_person_words(resource), _somebody_fits(resource, facts.people)))
    if resource.desil_to is not None:
        checks.append(
            RequirementCheck(f"Desil 1 sampai {resource.desil_to}", _at_most(facts.desil, resource.desil_to))
        )
    if resource.business_months:
        words = f"Usaha sudah berjalan {resource.business_months} bulan"
        checks.append(RequirementCheck(words, _runs_for(facts.business_months, resource.business_months)))
    if resource.requirements:
        checks.append(RequirementCheck(resource.requirements, UNKNOWN))
    return checks


def verdict(checks):
    """NOT_MET when any of `checks` is, else UNKNOWN when any is, else MET."""
    states = {check.state for check in checks}
    return next((state for state in (NOT_MET, UNKNOWN) if state in states), MET)


def _lives_in(area, home):
    return MET if home.startswith(area) else NOT_MET


def _person_words(resource):
    who = "Perempuan" if resource.women_only else "Ada anggota"
    least, most = resource.age_from, resource.age_to
    if least is not None and most is not None:
        return f"{who} umur {least} sampai {most} tahun"
    if least is not None:
        return f"{who} umur {least} tahun ke atas"
    return f"{who} umur {most} tahun ke bawah" if most is not None else f"{who} dalam keluarga"


def _somebody_fits(resource, people):
    """Age and sex are asked of one and the same person."""
    asked = [person for person in people if person.is_woman or not resource.women_only]
    least = 0 if resource.age_from is None else resource.age_from
    most = resource.age_to
    if least == 0 and most is None:
        return MET if asked else NOT_MET
    ages = [person.age for person in asked]
    if any(age is not None and age >= least and (most is None or age <= most) for age in ages):
        return MET
    return UNKNOWN if None in ages else NOT_MET


def _at_most(value, most):
    if value is None:
        return UNKNOWN
    return MET if value <= most else NOT_MET


def _runs_for(known, asked):
    if known is None:
        return UNKNOWN
    least, most = known
    if least >= asked:
        return MET
    return NOT_MET if most is not None and most < asked else UNKNOWN
