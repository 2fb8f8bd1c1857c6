"""A programme from its pattern to its closing, its business groups and its budget."""

from django.db.models import F, Max, Min
from django.db.models.functions import Greatest

from entries.operations import Refused, locked, operation
from pkh_casework.templatetags.formats import tanggal
from sinergi.models import (
    BudgetLine,
    BusinessGroup,
    BusinessMember,
    Enrolment,
    Programme,
    Stage,
    StageMove,
    Template,
)

CLOSED = "Program ini sudah ditutup."
ENTERED = "Sudah ada keluarga yang ikut, jadi tahapnya tidak dapat diubah lagi."


@operation(kind="sinergi_program", title="Program Sinergi", about=Programme)
def create_programme(programme, *, by, partners, pattern):
    """Store a new Programme with the stages of `pattern`: a Template, or an earlier Programme whose planned budget
    comes along. Once for `op_id`. Raises OtherContent.
    """
    if isinstance(pattern, Template):
        programme.template = pattern
    else:
        programme.copied_from, programme.template_id = pattern, pattern.template_id
    programme.created_by = by
    programme.save(force_insert=True)
    programme.partners.set(partners)
    places = {}
    for stage in pattern.stages.all():
        copied = {name: getattr(stage, name) for name in ("position", "name", "purpose", "entry", "exit")}
        places[stage.pk] = Stage.objects.create(programme=programme, **copied)
    if isinstance(pattern, Programme):
        BudgetLine.objects.bulk_create(
            BudgetLine(
                programme=programme,
                stage=places.get(line.stage_id),
                what=line.what,
                planned=line.planned,
                source=line.source,
            )
            for line in pattern.budget.all()
        )


@operation(kind="sinergi_program_ubah", title="Perubahan program", about=Programme)
def change_programme(programme, *, by, partners):
    """Store a Programme as it was filled in; with families in it, its area only grows and its start comes no later.

    Raises Refused: closed, or a family would stand outside; OtherContent.
    """
    stored = still_open(programme)
    first = Enrolment.objects.filter(programme=programme).aggregate(Min("enrolled_on"))["enrolled_on__min"]
    if first and not stored.wilayah_id.startswith(programme.wilayah_id):
        raise Refused("Sudah ada keluarga yang ikut, jadi wilayahnya hanya dapat diperluas.", "wilayah")
    if first and programme.starts_on > first:
        raise Refused(f"Keluarga pertama sudah ikut sejak {tanggal(first)}.", "starts_on")
    programme.save()
    programme.partners.set(partners)


@operation(kind="sinergi_tahap", title="Tahap program", about=Programme)
def save_stages(programme, *, by, stages):
    """Store `stages` (Stage, each as it was filled in). Raises Refused once a family has entered, OtherContent."""
    still_open(programme)
    if Enrolment.objects.filter(programme=programme).exists():
        raise Refused(ENTERED)
    for stage in stages:
        stage.save(update_fields=["position", "name", "purpose"])


@operation(kind="sinergi_tutup", title="Penutupan program", about=Programme)
def close_programme(programme, *, by, closed_on, words):
    """End a programme, with every enrolment and every membership in a business group that is still open in it.

    Raises Refused: closed, or something happened after that day; OtherContent.
    """
    stored = still_open(programme)
    running = Enrolment.objects.filter(programme=stored).open()
    last = StageMove.objects.filter(enrolment__in=running).aggregate(Max("moved_on"))["moved_on__max"]
    if last and closed_on < last:
        raise Refused(f"Ada keluarga yang ikut atau pindah tahap pada {tanggal(last)}.", "closed_on")
    stored.closed_on, stored.closing_words = closed_on, words
    stored.save(update_fields=["closed_on", "closing_words"])
    end_memberships(running, closed_on)
    running.update(left_on=closed_on, ending=Enrolment.Ending.CLOSED)


@operation(kind="sinergi_usaha", title="Kelompok usaha", about=Programme, by_its="programme_id")
def save_business(group, *, by, joining, leaving, today):
    """Store a BusinessGroup; the enrolments `joining` belong to it from now on, those `leaving` no longer, and others
    stay as they are. A chair that is no member (any more) is none.

    Raises Refused when one is in another group, OtherContent.
    """
    still_open(group.programme)
    if group._state.adding:
        group.created_by = by
    group.save()
    members = BusinessMember.objects.filter(left_on=None)
    members.filter(group=group, enrolment__in=leaving).update(left_on=today)
    there = dict(members.filter(enrolment__in=joining).values_list("enrolment", "group"))
    still_in = Enrolment.objects.open().filter(pk__in=[enrolment.pk for enrolment in joining])
    for enrolment in still_in.select_related("household"):
        if there.get(enrolment.pk, group.pk) != group.pk:
            raise Refused(f"{enrolment.household.name} sudah di kelompok usaha lain.", "members")
        if enrolment.pk not in there:
            BusinessMember.objects.create(
                group=group, enrolment=enrolment, household_id=enrolment.household_id, joined_on=today
            )
    if group.chair_id and not group.members.filter(enrolment=group.chair_id, left_on=None).exists():
        group.chair = None
        group.save(update_fields=["chair"])


@operation(kind="sinergi_anggaran", title="Anggaran program", about=Programme, by_its="programme_id")
def save_budget(line, *, by):
    """Store a BudgetLine. Money is also counted after the closing. Raises OtherContent."""
    line.save()


def end_memberships(enrolments, day):
    """Families whose enrolment ends are in no business group any more, and lead none."""
    there = BusinessMember.objects.filter(enrolment__in=enrolments, left_on=None)
    there.update(left_on=Greatest(F("joined_on"), day))
    BusinessGroup.objects.filter(chair__in=enrolments).update(chair=None)


def still_open(programme):
    """The programme, held until the end of the transaction. Raises Refused when it is closed."""
    stored = locked(Programme.objects, programme.pk)
    if stored.closed_on:
        raise Refused(CLOSED)
    return stored
