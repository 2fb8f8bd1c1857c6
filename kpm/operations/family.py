"""Writes about who a family is, who belongs to it and who holds it."""

from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from accounts.models import User
from entries.operations import ChangedMeanwhile, Refused, operation, version_of
from kpm.models import (
    Assignment,
    Group,
    GroupChair,
    Household,
    Member,
    MemberComponent,
    Pengurus,
)
from pkh_casework.access import PENDAMPING
from pkh_casework.fields import short_code

from .rows import end_chair, in_turn, now, refuse_own_graduation, store

CASE_SYMBOLS = 5
TOO_EARLY = "Tanggal pengalihan sebelum pendamping sekarang mulai memegang KPM ini."
NAME_TAKEN = "Pendamping itu sudah punya kelompok bernama {}. Ubah dulu nama salah satunya."


def next_case_numbers(count: int) -> list[str]:
    """`count` case numbers never given before, such as PKH-7F3K2."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('kpm_case_number') FROM generate_series(1, %s)", [count])
        return [f"PKH-{short_code(number, CASE_SYMBOLS, 'case')}" for (number,) in cursor.fetchall()]


# --- the family ------------------------------------------------------------------------------------------------


@operation(kind="kpm", title="Keluarga baru", makes=Household)
def register_household(
    *, by: User, pk: UUID, pendamping: User, pengurus: dict, today: date, **fields
) -> Household:
    """A new family with its pengurus as first member, held by `pendamping` from today on.

    `pengurus` are fields of Member, `fields` those of Household (no_kk as 16 digits). Raises Refused.
    """
    household = Household(id=pk, pendamping=pendamping, name=pengurus["name"], **fields)
    _refuse_foreign_group(now(fields.get("group")), pendamping.pk)
    household.case_number = next_case_numbers(1)[0]
    # The column needs a holder at once; the term behind it follows in this transaction.
    household.save(force_insert=True)
    member = Member.objects.create(household=household, **pengurus)
    assign(household, to=pendamping, by=by, on=today)
    name_pengurus(household, member=member, by=by, on=today)
    return household


@operation(kind="kpm_ubah", title="Perubahan data keluarga", about=Household)
def change_household(
    household: Household,
    *,
    by: User,
    today: date,
    version: str | None = None,
    not_offered: frozenset[str] = frozenset(),
    **changes,
) -> Household:
    """Change fields of a family; handing it over has its own act (roster).

    `version` is what the person saw (`version_of` but what was `not_offered`). Raises ChangedMeanwhile when the family is another now, Refused.
    """
    group = now(changes.get("group"))
    stored = now(household)
    _refuse_if_changed(stored, version, but=not_offered)
    _refuse_foreign_group(group, stored.pendamping_id)
    _refuse_inactive(stored, changes.get("status", stored.status))
    refuse_own_graduation(stored, changes.get("status", stored.status))
    if "group" in changes and changes["group"] != stored.group:
        end_chair(stored, today)
    store(stored, changes)
    return stored


@operation
def assign(household: Household, *, to: User, by: User, on: date, reason: str = "") -> Assignment:
    """Give the family to the pendamping `to` from `on` (included).

    A kelompok belongs to a pendamping, so a family leaves it unless the kelompok is `to`'s. Raises Refused.
    """
    _refuse_no_pendamping(to)
    stored = now(household)
    if words := _assign([stored], to=to, by=by, on=on, reason=reason).get(stored.pk):
        raise Refused(words, "pendamping")
    household.pendamping = to
    if stored.group is None:
        household.group = None
    return Assignment.objects.get(household=stored, to_on=None)


@operation
def hand_over(
    households, *, groups=(), to: User, by: User, on: date, reason: str = ""
) -> tuple[set[UUID], dict[UUID, str]]:
    """Give `households` and whole kelompok (`groups`) with all their families to the pendamping `to` from `on`.

    (the ids of the families that `to` holds now, {id: why not}), in a number of statements that does not grow with the
    families. A kelompok whose name `to` has already stays with its families. Raises Refused when `to` can't hold any.
    """
    _refuse_no_pendamping(to)
    moved, clashing = _move_groups(groups, to)
    wanted = Household.objects.filter(Q(pk__in=[one.pk for one in households]) | Q(group__in=moved))
    stored = list(in_turn(wanted))
    refused = {
        one.pk: NAME_TAKEN.format(clashing[one.group_id]) for one in stored if one.group_id in clashing
    }
    free = [one for one in stored if one.pk not in refused]
    refused |= _assign(free, to=to, by=by, on=on, reason=reason)
    return {one.pk for one in stored} - refused.keys(), refused


def _refuse_no_pendamping(to):
    if to.duty != PENDAMPING:
        raise Refused("Hanya pendamping yang dapat memegang KPM.", "pendamping")


def _move_groups(groups, to):
    """(ids of the kelompok that are `to`'s now, {id: name} of those whose name `to` has already)."""
    stored = list(in_turn(Group.objects.filter(pk__in=[group.pk for group in groups])))
    names = set(Group.objects.filter(pendamping=to).values_list("name", flat=True))
    moved, clashing = [], {}
    for group in stored:
        if group.pendamping_id != to.pk and group.name in names:
            clashing[group.pk] = group.name
            continue
        names.add(group.name)
        moved.append(group.pk)
    with _name_once("Pendamping itu baru saja mendapat kelompok dengan nama yang sama. Coba sekali lagi."):
        Group.objects.filter(pk__in=moved).exclude(pendamping=to).update(pendamping=to)
    return moved, clashing


def _assign(stored, *, to, by, on, reason):
    """Give the families `stored`, which are locked, to `to`: {id: why not}. The only writer of Assignment and of its cache."""
    terms = {term.household_id: term for term in Assignment.objects.filter(household__in=stored, to_on=None)}
    changing = [one for one in stored if not (one.pk in terms and terms[one.pk].pendamping_id == to.pk)]
    refused = {one.pk: TOO_EARLY for one in changing if one.pk in terms and on < terms[one.pk].from_on}
    given = [one for one in changing if one.pk not in refused]
    Assignment.objects.filter(household__in=given, to_on=None).update(to_on=on)
    Assignment.objects.bulk_create(
        [Assignment(household=one, pendamping=to, from_on=on, by=by, reason=reason) for one in given]
    )
    own = set(
        Group.objects.filter(pk__in={one.group_id for one in given}, pendamping=to).values_list(
            "pk", flat=True
        )
    )
    leaving = [one for one in given if one.group_id and one.group_id not in own]
    if leaving:
        GroupChair.objects.filter(household__in=leaving, to_on=None).update(to_on=on)
        Household.objects.filter(pk__in=[one.pk for one in leaving]).update(pendamping=to, group=None)
    gone = {one.pk for one in leaving}
    if staying := [one.pk for one in given if one.pk not in gone]:
        Household.objects.filter(pk__in=staying).update(pendamping=to)
    for one in given:
        one.pendamping = to
    for one in leaving:
        one.group = None
    return refused


# --- the people of a family ----------------------------------------------------------------------------------------


@operation(kind="kpm_anggota", title="Anggota keluarga baru", makes=Member)
def add_member(
    household: Household,
    *,
    by: User,
    pk: UUID,
    opened: dict | None = None,
    today: date,
    **fields,
) -> Member:
    """One more person on the card; `opened` is a component that counts from the start (see open_component)."""
    member = Member(id=pk, household=household, **fields)
    member.save(force_insert=True)
    if opened:
        open_component(member, by=by, **opened)
    return member


@operation(kind="kpm_anggota_ubah", title="Perubahan data anggota", about=Member)
def change_member(
    member: Member,
    *,
    by: User,
    today: date,
    version: str | None = None,
    opened: dict | None = None,
    closed: dict | None = None,
    pengurus: dict | None = None,
    **changes,
) -> Member:
    """Change a person: fields, a component to open, components to close ({MemberComponent: last day}), and the
    pengurus ({"heir": Member or None}) when the person is or becomes it.

    Raises ChangedMeanwhile when the person is not what `version` saw, Refused when the dates do not fit.
    """
    # The family first: it carries the name of its pengurus, who may be another when the lock is there.
    household = now(member.household)
    stored = now(member)
    _refuse_if_changed(stored, version)
    term = Pengurus.objects.filter(household=household, to_on=None).first()
    if changes.get("left_on") and term and term.member_id == stored.pk:
        raise Refused("Pengurus belum bisa keluar dari KK. Jadikan anggota lain pengurus dulu.", "left_on")
    store(stored, changes)
    for period, last_day in (closed or {}).items():
        close_component(period, to_on=last_day, by=by)
    if opened:
        open_component(stored, by=by, **opened)
    if left_on := changes.get("left_on"):
        for period in MemberComponent.objects.filter(member=stored, to_on=None):
            if left_on <= period.from_on:
                raise Refused("Ada komponen yang mulai sesudah tanggal ini.", "left_on")
            close_component(period, to_on=left_on, by=by)
    if pengurus is not None:
        name_pengurus(household, member=stored, heir=pengurus["heir"], by=by, on=today)
    elif term and term.member_id == stored.pk and "name" in changes:
        store(household, {"name": stored.name})
    return stored


@operation
def name_pengurus(
    household: Household, *, member: Member, by: User, on: date, heir: Member | None = None
) -> Pengurus:
    """Make `member` the family's pengurus from `on` (included), with `heir` to follow. Raises Refused."""
    for person in filter(None, [member, heir]):
        if person.household_id != household.pk or person.left_on:
            raise Refused("Pengurus dan ahli waris harus anggota keluarga ini.", "heir")
    if heir == member:
        raise Refused("Ahli waris harus orang lain.", "heir")
    stored = now(household)
    term = Pengurus.objects.filter(household=stored, to_on=None).first()
    if term and term.member_id == member.pk:
        store(term, {"heir": heir})
    else:
        if term and on < term.from_on:
            raise Refused("Tanggal sebelum pengurus sekarang mulai.", "pengurus")
        if term:
            store(term, {"to_on": on})
        term = Pengurus.objects.create(household=stored, member=member, heir=heir, from_on=on)
    store(stored, {"name": member.name})
    household.name = member.name
    return term


@operation
def open_component(member: Member, *, component, from_on: date, by: User, place: str = "") -> MemberComponent:
    """Count `member` for `component` from `from_on` (included). Raises Refused when a period covers that day."""
    earlier = MemberComponent.objects.filter(member=member, component=component)
    if earlier.filter(to_on=None).exists():
        raise Refused("Komponen ini sudah tercatat untuk anggota ini.", "component")
    if earlier.filter(to_on__gt=from_on).exists():
        raise Refused("Komponen yang sama sudah tercatat pada tanggal itu.", "component_from")
    return MemberComponent.objects.create(
        member=member, household_id=member.household_id, component=component, place=place, from_on=from_on
    )


@operation
def close_component(period: MemberComponent, *, to_on: date, by: User) -> MemberComponent:
    """End a component on `to_on` (not included any more). Raises Refused unless that is after its start."""
    if to_on <= period.from_on:
        raise Refused("Tanggal selesai harus sesudah tanggal mulai.", f"end_{period.pk}")
    store(period, {"to_on": to_on})
    return period


# --- the kelompok -----------------------------------------------------------------------------------------------


@operation(kind="kelompok", title="Data kelompok")
def save_group(
    group: Group | None,
    *,
    by: User,
    today: date,
    name: str,
    wilayah,
    pendamping: User,
    chair: Household | None = None,
    families=(),
) -> Group | None:
    """Store a kelompok (None: a new one of `pendamping`) with its ketua and the families that join it. None when the
    entry was taken before. Raises Refused.
    """
    if group is None:
        with _name_once("Sudah ada kelompok dengan nama ini."):
            return Group.objects.create(name=name, wilayah=wilayah, pendamping=pendamping)
    stored = now(group)
    if stored.pendamping_id != group.pendamping_id:
        raise Refused("Kelompok ini baru saja dialihkan. Muat ulang halaman ini.")
    with _name_once("Sudah ada kelompok dengan nama ini."):
        store(stored, {"name": name, "wilayah": wilayah})
    if families:
        join_group(stored, households=families, by=by)
    name_chair(stored, household=chair, by=by, on=today)
    return stored


@operation
def name_chair(group: Group, *, household: Household | None, by: User, on: date) -> None:
    """Make a family of the kelompok its ketua from `on`; None leaves the kelompok without one. Raises Refused."""
    if household and now(household).group_id != group.pk:
        raise Refused("Ketua harus anggota kelompok ini.", "chair")
    term = GroupChair.objects.select_for_update(of=["self"]).filter(group=group, to_on=None).first()
    if (term.household_id if term else None) == (household.pk if household else None):
        return
    if term:
        store(term, {"to_on": on})
    if household:
        GroupChair.objects.create(group=group, household=household, from_on=on)


@operation
def join_group(group: Group, *, households, by: User) -> None:
    """Put families of the kelompok's own pendamping that have no kelompok into this one."""
    group = now(group)
    for household in in_turn(
        Household.objects.filter(
            pk__in=[household.pk for household in households], group=None, pendamping=group.pendamping_id
        )
    ):
        store(household, {"group": group})


@operation
def hand_over_group(group: Group, *, to: User, by: User, on: date, reason: str = "") -> int:
    """Give a kelompok and all its families to the pendamping `to`; the number of families. Raises Refused."""
    given, refused = hand_over([], groups=[group], to=to, by=by, on=on, reason=reason)
    group.refresh_from_db(fields=["pendamping"])
    if group.pendamping_id != to.pk:
        raise Refused(NAME_TAKEN.format(group.name), "name")
    if refused:
        raise Refused(next(iter(refused.values())), "pendamping")
    return len(given)


# --- shared -----------------------------------------------------------------------------------------------------


def _refuse_if_changed(row, version, *, but=frozenset()):
    if version is not None and version != version_of(row, but=but):
        raise ChangedMeanwhile(row)


def _refuse_inactive(household, status):
    """To set a family inactive, and to take it up again, has a reason and a day (operations.change_status)."""
    if status != household.status and Household.Status.NONAKTIF in {status, household.status}:
        raise Refused("Status nonaktif punya halaman sendiri, dengan alasan dan tanggal.", "status")


def _refuse_foreign_group(group, pendamping_id):
    """A kelompok that was handed over while it was being chosen does not take the family any more."""
    if group and group.pendamping_id != pendamping_id:
        raise Refused("Kelompok ini baru saja dialihkan ke pendamping lain. Pilih lagi.", "group")


@contextmanager
def _name_once(words):
    """Say `words` when the pendamping has a kelompok of that name, also one that was stored at the same moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "group_name_once_per_pendamping" not in str(error):
            raise
        raise Refused(words, "name") from error
