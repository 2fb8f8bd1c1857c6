"""What the SIKS-NG desk shows: rows in words, both sides, and what is to be typed."""

from collections import Counter
from datetime import date

from django.db.models import Count, Exists, F, OuterRef
from django.db.models.functions import Coalesce

from kpm.models import Component, Household, Member, MemberComponent
from pkh_casework.templatetags.formats import NONE, tanggal
from roster.columns import label_of
from roster.models import Difference, Kind, SiksFile, StagedFamily, StagedRow, ToType
from wilayah.models import Wilayah

LABELS = {"status": "Status", "pengurus_name": "Pengurus"}
NUMBERS = {"nik", "no_kk"}
CHOICES = {"sex": Member.Sex, "relation": Member.Relation, "status": Household.Status}
NOT_THERE = "tidak ada"


def files_of(user):
    """The files of a tahap for the area of `user`, or for one around it, the newest first."""
    return (
        SiksFile.objects.near(user.wilayah_id)
        .select_related("batch", "stage", "wilayah")
        .order_by("-batch__sent_at")
    )


def open_counts(user) -> dict[str, int]:
    """{kind: rows that wait for a decision} of the area of `user`; one query."""
    rows = Difference.objects.visible_to(user).open().order_by().values_list("kind")
    return Counter(dict(rows.annotate(Count("pk"))))


def with_typing(differences):
    """`differences` with `is_waiting`: whether the same change made here waits to be typed."""
    same = ToType.objects.waiting().filter(
        household=OuterRef("household"), kind=OuterRef("kind"), subject=OuterRef("subject")
    )
    return differences.annotate(is_waiting=Exists(same))


def show(rows):
    """Give each Difference its `told`, [(label, as here, as in the file), …] in words, and of a new family its `twins`
    and `lacks_holder`: a few queries for all.
    """
    people = StagedRow.objects.in_bulk([row.row for row in rows if row.row])
    wanted = [row.staged for row in rows if row.staged and row.kind in {Kind.IN, Kind.NO_KK}]
    families = StagedFamily.objects.select_related("pendamping").in_bulk(wanted)
    components = {}
    if any(row.kind == Kind.COMPONENT for row in rows):
        components = dict(Component.objects.values_list("code", "name"))
    for row in rows:
        person, family = people.get(row.row), families.get(row.staged)
        row.twins = family.twins if family and row.kind == Kind.IN else []
        row.lacks_holder = bool(family) and row.kind == Kind.IN and family.pendamping_id is None
        here = {
            "nik": row.member.nik if row.member_id and row.kind == Kind.NIK else None,
            "no_kk": row.household and row.household.no_kk,
        }
        told = {"nik": person and person.nik, "no_kk": family and family.no_kk}
        row.told = []
        for field, ours, theirs in row.fields:
            if field in NUMBERS:
                sides = (here[field], told[field])
                if not any(sides):
                    continue
                said = tuple(str(side) if side else NONE for side in sides)
            else:
                said = tuple(_words(field, value, components) for value in (ours, theirs))
            row.told.append((LABELS.get(field) or label_of(field), *said))
        if row.kind == Kind.STATUS:
            row.told = [("Status", row.told[0][1], "masih penerima")]
        elif row.kind == Kind.OUT:
            row.told = [("Status", row.told[0][1], NOT_THERE)]
        elif row.kind == Kind.LEFT:
            row.told = [("Anggota", row.name, NOT_THERE)]
    return rows


def _words(field, value, components):
    if value in {None, ""}:
        return NONE
    if field in CHOICES:
        return dict(CHOICES[field].choices).get(value, value)
    if field == "birth_date":
        return tanggal(date.fromisoformat(value))
    if field in {"rt", "rw"}:
        return f"{int(value):03d}"
    if field == "component":
        return ", ".join(components.get(code, code) for code in value.split(","))
    return value


def areas_of(rows):
    """[(code, name)] of the kelurahan in which `rows` (differences, or rows to be typed) are."""
    there = Wilayah.objects.filter(pk__in=rows.order_by().values("wilayah"))
    return list(there.order_by("name").values_list("code", "name"))


# --- what is to be typed ----------------------------------------------------------------------------------------------


def in_order(rows):
    """Rows of ToType in the order of the list: by kelurahan, family and age."""
    family = Coalesce(F("household__name"), F("name"))
    return rows.annotate(family_name=family).select_related(
        "household__wilayah", "household__pendamping", "household__group", "member", "wilayah", "typed_by"
    )


ORDER = ["wilayah_id", "family_name", "id"]


def say(rows):
    """Give each ToType its `told`, [(label, value), …]: what stands here now and is to be typed. Numbers are masked."""
    groups = {row.household_id for row in rows if row.kind == Kind.COMPONENT}
    codes = {}
    if groups:
        held = MemberComponent.objects.filter(household__in=groups, to_on=None).select_related("component")
        for one in held:
            codes.setdefault(one.member_id, []).append(one.component.name)
    for row in rows:
        row.told = [(label, value) for label, value in _to_say(row, codes) if value not in {None, "", NONE}]
    return rows


def _to_say(row, codes):
    family, person = row.household, row.member
    if family is None:
        return [("Nama di SIKS-NG", row.name)]
    kind = Kind(row.kind)
    if kind in {Kind.OUT, Kind.STATUS}:
        return [("Status di sini", family.get_status_display())]
    if kind == Kind.MOVED:
        return [("Alamat", family.address), ("RT/RW", family.place), ("Kelurahan", family.wilayah.name)]
    if kind == Kind.PENGURUS:
        return [("Pengurus", family.name)]
    if kind == Kind.NO_KK:
        return [("No KK", str(family.no_kk))]
    if kind == Kind.DESIL:
        return [("Desil di sini", str(family.desil or ""))]
    if kind == Kind.GROUP:
        return [("Kelompok", family.group.name if family.group_id else "tanpa kelompok")]
    if person is None:
        return [("Anggota", row.name or "tidak ada di KK di sini")]
    if kind == Kind.COMPONENT:
        return [("Anggota", person.name), ("Komponen", ", ".join(codes.get(person.pk, [])) or "tidak ada")]
    said = [("Anggota", person.name)]
    if kind == Kind.JOINED:
        said += [("Keluar", tanggal(person.left_on)), ("Alasan", person.left_reason)]
    else:
        said += [("NIK", str(person.nik) if person.nik else ""), ("Lahir", tanggal(person.birth_date))]
        said += [("Hubungan", person.get_relation_display())] if kind != Kind.NIK else []
    return said
