"""Test objects with fixed names and named traits; nothing is random, so a failure repeats.

Areas and master data are in the test database already: Kecamatan Kiaracondong with its six kelurahan.
Identity numbers use the district 327399, which does not exist.
"""

from base64 import b64encode
from datetime import date, timedelta
from itertools import count

import factory
from django.utils import timezone

from accounts.models import User
from kpm.independence.rule import asked_on, has_school_child
from kpm.models import (
    Assignment,
    Component,
    GraduationKind,
    Group,
    Household,
    Instrument,
    Member,
    MemberComponent,
    Pengurus,
    Score,
)
from kpm.operations import (
    Answer,
    Step,
    move_case,
    next_case_numbers,
    prepare_case,
    record_assessment,
    set_goal,
)
from kpm.operations.graduation import MOVES
from phone.models import Phone
from pkh_casework.fields import seal
from pkh_casework.ids import uuid7
from resources.models import Partner, Resource
from roles.commitments.people import Bound
from roles.commitments.rules import rule_for
from roles.commitments.told import Told
from roles.forms.roll import rows_for
from roles.models import Activity, ActivityHousehold, ActivityKind, GroupSession, SubRole
from roles.operations.activity import Entry
from roles.operations.commitment import record_commitments
from roles.operations.meeting import hold_session

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
                is_call=self.kind.is_call,
                met=met,
            )
            if self.kind.counts_as_visit and met:
                household.last_visited_on = max(
                    household.last_visited_on or self.occurred_on, self.occurred_on
                )
                household.save(update_fields=["last_visited_on"])


class PartnerFactory(factory.django.DjangoModelFactory):
    """A partner of Kota Bandung."""

    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Lembaga Sejahtera {n}")
    category_id = "umkm"
    wilayah_id = BANDUNG


class ResourceFactory(factory.django.DjangoModelFactory):
    """A resource of Kota Bandung that asks nothing, checked on 10 November 2026; `services=["modal"]` adds these."""

    class Meta:
        model = Resource
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Pelatihan usaha {n}")
    category_id = "umkm"
    wilayah_id = BANDUNG
    description = "Belajar menghitung untung."
    residents_only = False
    checked_on = date(2026, 11, 10)

    @factory.post_generation
    def services(self, create, extracted, **fields):
        if extracted:
            self.services.set(extracted)


def component(code):
    """The component of this code, from the master data."""
    return Component.objects.get(pk=code)


def assess(household, levels, *, on, form="lengkap", family=None, by=None, at_home=False):
    """Assess a family on the day `on`: `levels` is {code: level}, `family` the levels the family chose where they
    differ; what the form asks and neither names is skipped. `at_home`: during a home visit. Returns the Assessment.
    """
    instrument = Instrument.objects.valid_on(on).get()
    asked = asked_on(
        instrument.indicators.all(),
        path=household.path,
        form=form,
        school_child=has_school_child(household, on),
    )
    answers = [
        Answer(
            indicator,
            family_level=(family or {}).get(indicator.code, levels[indicator.code]),
            level=levels[indicator.code],
            note="Dilihat di rumah." if indicator.code in (family or {}) else "",
        )
        if indicator.code in levels
        else Answer(indicator, state="dilewati")
        for indicator in asked
    ]
    assessment, _ = record_assessment(
        household,
        by=by or household.pendamping,
        op_id=uuid7(),
        on=on,
        form=form,
        instrument=instrument,
        answers=answers,
        at_home=at_home,
    )
    return assessment


def make_goal(household, code="B2", *, level=1, on=date(2026, 11, 1), target_on=None, steps=None, **words):
    """An open goal of the family from the indicator `code`; `steps` are (whose, text, due_on), one if not given.

    `words` are wish and why. The assessment behind it is not made: `assess` makes one.
    """
    target_on = target_on or on + timedelta(days=90)
    steps = [("keluarga", "Menyisihkan Rp5.000 setiap hari", target_on)] if steps is None else steps
    return set_goal(
        household,
        by=household.pendamping,
        op_id=uuid7(),
        sent="",
        today=on,
        score=Score(indicator_id=f"1.{code}", code=code, level=level),
        target_on=target_on,
        steps=[Step(*step) for step in steps],
        **{"wish": "Punya simpanan darurat", "why": "Supaya tidak berutang", **words},
    )


def fail_a_check(member, *, by, today):
    """Let `by` write down on the day `today` that a member did not come to be weighed in that month."""
    month = today.replace(day=1)
    bound = Bound(member, member.household, rule_for("anak_usia_dini", None, month), "Posyandu", LONG_AGO)
    said = {"month": month, "category": "kesehatan", "place": "Posyandu", "today": today}
    record_commitments([Told(bound, month, came=False)], by=by, op_id=uuid7(), sent=None, **said)


def plan_session(group, session="ekonomi-1", *, on=date(2026, 11, 10)):
    """A P2K2 planned for the kelompok: the session of that key, on the day."""
    return GroupSession.objects.create(
        group=group,
        wilayah_id=group.wilayah_id,
        session_id=session,
        planned_on=on,
        planned_by=group.pendamping,
    )


def hold(meeting, states, *, on=None):
    """Hold a planned session: `states` is {household: hadir, izin or tidak_hadir}. Returns the GroupSession."""
    entry = Entry(
        occurred_on=on or meeting.planned_on,
        kind=ActivityKind.objects.get(pk="p2k2"),
        sub_role=SubRole.objects.get(pk="EDU-4"),
        notes="Menghitung bunga bersama.",
        group=meeting.group,
        families=[(household, state == "hadir") for household, state in states.items()],
    )
    rows = rows_for(list(states), entry.occurred_on)
    for row in rows:
        row.state = states[row.household]
        row.who = row.people[0] if row.is_present else None
    hold_session(
        meeting, by=meeting.group.pendamping, op_id=uuid7(), entry=entry, rows=rows, facilitator="Kader Ida"
    )
    meeting.refresh_from_db()
    return meeting


def make_graduation(household, *moves, koordinator=None, on=None, lens=None):
    """A natural graduation of the family, which asks for no documents, prepared by its holder and taken through
    `moves` (of kpm.operations.graduation.MOVES) on the day `on`. Returns the GraduationCase.
    """
    sent = {"sent": "", "today": on or timezone.localdate()}
    said = {"kind": GraduationKind.objects.get(pk="alamiah"), "statement": "Anak terakhir tamat sekolah."}
    case = prepare_case(household, by=household.pendamping, op_id=uuid7(), **sent, **said)
    for move in moves:
        by = household.pendamping if MOVES[move].whose == "pendamping" else koordinator
        case = move_case(case, move, by=by, op_id=uuid7(), reason="Alasan.", lens=lens, **sent)
    return case


PHONE_KEY = bytes(range(32))


class PhoneFactory(factory.django.DjangoModelFactory):
    """A phone in use that was heard just now, with the key PHONE_KEY; `heard_at=…` for a silent one."""

    class Meta:
        model = Phone

    id = factory.LazyFunction(uuid7)
    user = factory.SubFactory(UserFactory)
    key = factory.LazyAttribute(
        lambda phone: seal(b64encode(PHONE_KEY).decode(), f"phone.phone:key:{phone.id}")
    )
    browser = "Chrome 96, Android 10"
    app_version = "1.0"
