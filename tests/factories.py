"""Test objects with fixed names and named traits; nothing is random, so a failure repeats.

Areas and master data are in the test database already: Kecamatan Kiaracondong with its six kelurahan.
Identity numbers use the district 327399, which does not exist.
"""

from datetime import date
from itertools import count

import factory

from accounts.models import User
from kpm.models import Assignment, Component, Group, Household, Member, MemberComponent, Pengurus
from kpm.operations import next_case_numbers
from pkh_casework.ids import uuid7
from roles.models import Activity, ActivityHousehold, ActivityKind, SubRole

KEBON_JAYANTI, BABAKAN_SURABAYA, SUKAPURA = "3273161002", "3273161003", "3273161001"
KIARACONDONG, BANDUNG = "327316", "3273"
LONG_AGO = date(2024, 1, 8)

_serials = count(1)


def no_kk(serial):
    """A well-formed No KK of nobody."""
    return f"327399010120{serial:04d}"


def nik(serial, *, born=date(1985, 3, 12), sex="P"):
    """A well-formed NIK of nobody that fits the birth date and sex."""
    return f"327399{born.day + 40 * (sex == 'P'):02d}{born:%m%y}{serial:04d}"


class UserFactory(factory.django.DjangoModelFactory):
    """A pendamping of Kebon Jayanti; traits for the other duties. Log in with client.force_login."""

    class Meta:
        model = User

    class Params:
        koordinator = factory.Trait(duty="koordinator", wilayah_id=KIARACONDONG, name="Rina Koordinator")
        kelurahan = factory.Trait(duty="kelurahan", name="Dedi Kelurahan")
        admin = factory.Trait(duty="admin", wilayah_id=None, name="Admin Langkah")

    username = factory.Sequence(lambda n: f"petugas{n}")
    name = factory.Sequence(lambda n: f"Sri Pendamping {n}")
    duty = "pendamping"
    wilayah_id = KEBON_JAYANTI
    password = "!"  # no password fits; a hash would cost each test its time


class GroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"Kelompok Melati {n}")
    pendamping = factory.SubFactory(UserFactory)
    wilayah_id = factory.SelfAttribute("pendamping.wilayah_id")


class HouseholdFactory(factory.django.DjangoModelFactory):
    """A family with the rows behind its caches: a pengurus (first member), her term and the holder's assignment.

    `pengurus__…` sets fields of that member, e.g. HouseholdFactory(pengurus__birth_date=…). `held_from` is the first
    day of pengurus and holder.
    """

    class Meta:
        model = Household
        skip_postgeneration_save = True

    class Params:
        graduated = factory.Trait(status="graduasi")

    case_number = factory.LazyFunction(lambda: next_case_numbers(1)[0])
    name = factory.Sequence(lambda n: f"Sari Rahayu {n}")
    no_kk = factory.LazyFunction(lambda: no_kk(next(_serials)))
    address = factory.Sequence(lambda n: f"Gang Kenanga {n}")
    rt, rw = 2, 5
    pendamping = factory.SubFactory(UserFactory)
    wilayah_id = factory.SelfAttribute("pendamping.wilayah_id")
    joined_on = LONG_AGO
    held_from = LONG_AGO

    @classmethod
    def _create(cls, model, *args, **kwargs):
        held_from = kwargs.pop("held_from")
        household = super()._create(model, *args, **kwargs)
        household.held_from = held_from
        Assignment.objects.create(
            household=household, pendamping=household.pendamping, from_on=held_from, by=household.pendamping
        )
        return household

    @factory.post_generation
    def pengurus(self, create, extracted, **fields):
        member = MemberFactory(household=self, **{"name": self.name, "relation": "pasangan", **fields})
        Pengurus.objects.create(household=self, member=member, from_on=self.held_from)


class MemberFactory(factory.django.DjangoModelFactory):
    """A woman born on 12 March 1985, without NIK; `nik=nik(7)` fits her."""

    class Meta:
        model = Member

    household = factory.SubFactory(HouseholdFactory)
    name = factory.Sequence(lambda n: f"Budi Hartono {n}")
    birth_date = date(1985, 3, 12)
    sex = "P"
    relation = "anak"


class MemberComponentFactory(factory.django.DjangoModelFactory):
    """A member counts as SD pupil since 2024; `component=component("lansia")` for another."""

    class Meta:
        model = MemberComponent

    member = factory.SubFactory(MemberFactory)
    household = factory.SelfAttribute("member.household")
    component_id = "sd"
    place = "SDN Kebon Jayanti 1"
    from_on = LONG_AGO


class ActivityFactory(factory.django.DjangoModelFactory):
    """A home visit of 10 November 2026 without families; `families=[…]` adds one row each, met, and their last visit."""

    class Meta:
        model = Activity
        skip_postgeneration_save = True

    op_id = factory.LazyFunction(uuid7)
    pendamping = factory.SubFactory(UserFactory)
    wilayah_id = factory.SelfAttribute("pendamping.wilayah_id")
    occurred_on = date(2026, 11, 10)
    kind = factory.LazyFunction(lambda: ActivityKind.objects.get(pk="kunjungan_rumah"))
    sub_role = factory.LazyFunction(lambda: SubRole.objects.order_by("position", "pk").first())
    notes = "Melihat warung dan buku tabungan."

    @factory.post_generation
    def families(self, create, extracted, *, met=True):
        for household in extracted or []:
            ActivityHousehold.objects.create(
                activity=self,
                household=household,
                pendamping=self.pendamping,
                wilayah_id=self.wilayah_id,
                occurred_on=self.occurred_on,
                is_visit=self.kind.counts_as_visit,
                met=met,
            )
            if self.kind.counts_as_visit and met:
                household.last_visited_on = max(
                    household.last_visited_on or self.occurred_on, self.occurred_on
                )
                household.save(update_fields=["last_visited_on"])


def component(code):
    """The component of this code, from the master data."""
    return Component.objects.get(pk=code)
