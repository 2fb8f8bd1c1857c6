"""A family comes into a programme, goes on by evidence or by hand with a reason, and leaves.

Every step is its own StageMove under the next number: two who move a family at once can't both be right.
"""

from datetime import timedelta

from django.db.models import Max

from entries.operations import Refused, locked, operation
from kpm.models import Assessment, Household
from kpm.operations.consent import keep_consent
from pkh_casework.templatetags.formats import tanggal
from sinergi.evidence import standings
from sinergi.models import Enrolment, Programme, ProgrammeRule, StageMove

from .programme import end_memberships, still_open

NOT_MINE = "Keluarga ini sekarang didampingi orang lain."
NOT_ACCOMPANIED = "Status keluarga ini {status}: tidak lagi didampingi, jadi tidak dapat ikut program."
NO_BASELINE = "Belum ada asesmen dalam {days} hari sebelum tanggal ini. Lakukan asesmen dulu, lalu daftarkan."
MOVED_MEANWHILE = "Keluarga ini sudah pindah ke tahap {stage} sejak halaman ini dibuka. Periksa lagi."
GONE = "Keluarga ini sudah tidak ikut program."
NOT_LAST = "Tuntas baru dapat dipilih di tahap terakhir. Keluarga ini belum sampai di sana."


def baseline_of(household, day, rule):
    """The newest Assessment of the family that may stand as baseline of an enrolment on `day`, or None."""
    assessments = Assessment.objects.filter(
        household=household, assessed_on__range=(day - timedelta(days=rule.baseline_days), day)
    )
    return assessments.order_by("-assessed_on").first()


@operation(kind="sinergi_ikut", title="Pendaftaran ke program", makes=Enrolment)
def enrol(household, *, by, pk, op_id, today, programme, enrolled_on, yes):
    """Take a family into `programme` at its first stage, with its `yes` (kpm.operations.consent.Yes).

    Returns the Enrolment. Raises Refused: closed, not accompanied, another area, enrolled then or already, no baseline; OtherContent.
    """
    enrolment = Enrolment(id=pk, op_id=op_id, household=household, programme=programme, pendamping=by)
    still_open(programme)
    stored = _own_family(household.pk, by)
    if stored.status not in Household.ACTIVE:
        raise Refused(NOT_ACCOMPANIED.format(status=stored.get_status_display().lower()))
    if not stored.wilayah_id.startswith(programme.wilayah_id):
        raise Refused("Keluarga ini di luar wilayah program.")
    if Enrolment.objects.filter(household=stored).open().exists():
        raise Refused("Keluarga ini sedang ikut program.")
    earlier = Enrolment.objects.filter(household=stored).aggregate(Max("left_on"))["left_on__max"]
    if earlier and enrolled_on < earlier:
        raise Refused(f"Keluarga ini masih ikut program sampai {tanggal(earlier)}.", "enrolled_on")
    rule = ProgrammeRule.on(today)
    baseline = baseline_of(stored, enrolled_on, rule)
    if baseline is None:
        raise Refused(NO_BASELINE.format(days=rule.baseline_days), "enrolled_on")
    enrolment.baseline, enrolment.wilayah_id, enrolment.enrolled_on = baseline, stored.wilayah_id, enrolled_on
    enrolment.consent = keep_consent(stored, yes, by=by)
    enrolment.save(force_insert=True)
    first = programme.stages.all()[0]
    _move(enrolment, first, 1, by, op_id, enrolled_on, kind="ikut", row=enrolment.consent_id)
    return enrolment


def _moved_then(receipt, programme):
    return StageMove.objects.filter(op_id=receipt.op_id, by=receipt.author_id).count()


@operation(kind="sinergi_maju", title="Pindah tahap dengan bukti", about=Programme, again=_moved_then)
def advance(programme, *, by, op_id, today, enrolments):
    """Move those of `enrolments` (id: the number of the move that was seen as its newest) on whose evidence is there,
    each by one stage; once for `op_id`.

    Returns how many went on. Families that are not `by`'s, have moved since, or have no evidence (any more), stay where
    they are. Raises Refused when the programme is closed, OtherContent.
    """
    still_open(programme)
    asked = Enrolment.objects.filter(programme=programme, pk__in=enrolments).open()
    families = Household.objects.visible_to(by).filter(pk__in=asked.values("household"))
    list(families.order_by("pk").select_for_update(of=["self"], no_key=True))
    asked = asked.filter(household__pendamping=by).select_related("household", "baseline").order_by("pk")
    found = standings(programme, asked, today, ProgrammeRule.on(today))
    ready = [one for one in found if one.may_advance and one.move.number == enrolments[one.enrolment.pk]]
    for one in ready:
        number, shown = one.move.number + 1, one.evidence
        on = max(today, one.move.moved_on)
        _move(one.enrolment, one.following, number, by, op_id, on, kind=shown.kind, row=shown.id)
    return len(ready)


@operation(kind="sinergi_pindah", title="Pindah tahap dengan alasan", about=Enrolment)
def move_by_hand(enrolment, *, by, op_id, today, stage, moved_on, reason, seen):
    """Put a family into `stage` of its programme, forward or back, for a written reason; `seen` is the number of the
    move that the person saw as the newest. Raises Refused, OtherContent.
    """
    stored = _still_in(enrolment, by)
    newest = stored.moves.select_related("stage").latest("number")
    if newest.number != seen:
        raise Refused(MOVED_MEANWHILE.format(stage=newest.stage.name))
    if stage.pk == newest.stage_id:
        raise Refused("Keluarga ini sudah di tahap itu.", "stage")
    if moved_on < newest.moved_on:
        raise Refused("Tanggal ini sebelum langkah yang mendahuluinya.", "moved_on")
    _move(stored, stage, newest.number + 1, by, op_id, moved_on, reason=reason)


@operation(kind="sinergi_keluar", title="Selesai ikut program", about=Enrolment)
def leave(enrolment, *, by, today, left_on, ending, why):
    """End a family's part in its programme: DONE only from its last stage. With WITHDRAWN its consent is taken back.

    Raises Refused, OtherContent.
    """
    stored = _still_in(enrolment, by)
    if left_on < stored.moves.latest("number").moved_on:
        raise Refused("Tanggal ini sebelum langkah terakhir keluarga.", "left_on")
    if ending == Enrolment.Ending.DONE and not stored.is_at_last_stage():
        raise Refused(NOT_LAST, "ending")
    stored.left_on, stored.ending, stored.left_why = left_on, ending, why
    stored.save(update_fields=["left_on", "ending", "left_why"])
    end_memberships([stored], left_on)
    if ending == Enrolment.Ending.WITHDRAWN:
        stored.consent.withdrawn_on = left_on
        stored.consent.save(update_fields=["withdrawn_on"])


def _move(enrolment, stage, number, by, op_id, on, *, kind="", row="", reason=""):
    StageMove.objects.create(
        op_id=op_id,
        enrolment=enrolment,
        household_id=enrolment.household_id,
        stage=stage,
        number=number,
        moved_on=on,
        by=by,
        evidence_kind=kind,
        evidence_id=str(row),
        reason=reason,
    )


def _still_in(enrolment, by):
    """The enrolment as stored, with its consent; nobody closes its programme meanwhile. Raises Refused when it is
    closed, when the family left, or is not `by`'s.
    """
    # The programme before the family, as everywhere: two who wait for each other never go on.
    still_open(enrolment.programme)
    _own_family(enrolment.household_id, by)
    stored = Enrolment.objects.select_related("consent").get(pk=enrolment.pk)
    if stored.left_on:
        raise Refused(GONE)
    return stored


def _own_family(pk, by):
    """The family, held until the end of the transaction. Raises Refused when it is not `by`'s."""
    family = locked(Household.objects, pk)
    if not family.is_held_by(by):
        raise Refused(NOT_MINE)
    return family
