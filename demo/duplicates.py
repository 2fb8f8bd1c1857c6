"""Families that are there twice: one for certain, one perhaps, and two that were looked at and are two."""

from kpm.models import Household, Member
from kpm.operations import register_household
from pkh_casework.fields import blind_index
from pkh_casework.ids import uuid7
from roster.models import Suspect
from roster.operations import keep_apart
from roster.operations.finding import find_suspects

KECAMATAN = "327316"
# Which of the families of the first pendamping, how the second one wrote the name, whether with her NIK.
TWICE = ((6, "Hj. {}", True), (11, "{}", False), (16, "Ibu {}", False))
CARDS = [f"327399020125900{number + 1}" for number in range(len(TWICE))]  # of nobody
APART = 2
NOTE = "Dua orang: ditanya ke RT, rumahnya berbeda dan anaknya berbeda."


def written_twice():
    """The families that were registered once more: nobody in them counts for PKH yet."""
    return Household.objects.filter(no_kk_index__in=[blind_index(card, "no_kk") for card in CARDS])


def fill_duplicates(today, users):
    """Register each of TWICE once more, as of `today`, look for pairs, and decide one; `users` are the demo's by username."""
    first, second = users["pendamping.kebonjayanti"], users["pendamping2.kebonjayanti"]
    if written_twice().exists():
        return
    families = list(Household.objects.filter(pendamping=first).active().order_by("pk"))
    made = []
    for number, (place, spelled, with_nik) in enumerate(TWICE):
        if place >= len(families):
            return
        family = families[place]
        person = Member.objects.filter(pengurus_terms__household=family, pengurus_terms__to_on=None).get()
        pengurus = {
            "name": spelled.format(person.name),
            "birth_date": person.birth_date,
            "sex": person.sex,
            "relation": person.relation,
        }
        if with_nik and person.nik:
            pengurus["nik"] = person.nik.reveal()
        register_household(
            by=second,
            op_id=uuid7(),
            sent="demo",
            today=today,
            pendamping=second,
            pengurus=pengurus,
            no_kk=CARDS[number],
            address=family.address,
            rt=family.rt,
            rw=family.rw,
            wilayah=family.wilayah,
            joined_on=today,
        )
        made.append(family)
    find_suspects(KECAMATAN, today)
    pair = Suspect.objects.filter(first=made[APART]) | Suspect.objects.filter(second=made[APART])
    if apart := pair.order_by("-score").first():
        keep_apart(apart, by=users["koordinator.kiaracondong"], op_id=uuid7(), sent="demo", note=NOTE)
