"""The one thing that the family's page suggests to do next, with its reason and the way right there."""

from dataclasses import dataclass

from kpm.independence.due import due_form, with_last_assessments
from kpm.models import MOST_GOALS, Assessment, Household
from pkh_casework.templatetags.formats import tanggal
from resources.models import Referral

from .due import VISIT_EVERY

LOG = "/kegiatan/catat/?kpm="


@dataclass(frozen=True)
class Action:
    """What to do in a few words, why, and the page where it is done."""

    icon: str
    words: str
    why: str
    url: str


@dataclass(frozen=True)
class Way:
    """Where the one button *Catat* leads, and what it says."""

    label: str
    url: str


def due_of(household, day):
    """Which assessment an active family is due for on `day` and why (kpm.independence.due.DueAssessment), or None."""
    if household.status not in Household.ACTIVE:
        return None
    due = due_form(with_last_assessments(Household.objects.filter(pk=household.pk)).get(), day)
    return due if due.form else None


def log_way(household, graduation, due, day) -> Way:
    """Where *Catat* leads: to the check of a family that graduated, to the assessment when the visit of today is
    written down and its turn has come, else to a visit, or to one more activity after it.
    """
    case = household.case_number
    if graduation["due"]:
        check = graduation["check"]
        return Way(f"Catat cek {check.months} bulan", check.get_absolute_url())
    if household.last_visited_on == day:
        return Way("Isi asesmen", f"/asesmen/{case}/") if due else Way("Catat lagi", f"{LOG}{case}")
    return Way("Catat kunjungan", f"{LOG}{case}")


def next_action(household, day, due, read) -> Action | None:
    """The first of these rules that holds, None when nothing presses:

    1. a kasus that is a danger or past its deadline,
    2. the check of a family that graduated has come,
    3. a promise whose day has come,
    4. a benefit that is stuck and was to be looked at again,
    5. a referral whose day has come,
    6. a step of a goal whose day has come,
    7. no visit for VISIT_EVERY, with the assessment in it when its turn has come,
    8. the turn of the assessment alone,
    9. a goal without a step left,
    10. an indicator at level 1 without a goal,
    11. the newest assessment says that graduation may be talked about.

    People come before papers, what was promised before what is only regular. `read` is what the page has read of the
    family already: incidents, graduation, steps, payments, plan, waiting.
    """
    ended = household.status not in Household.ACTIVE
    rules = [_incident, _check] if ended else [_incident, _check, *_RULES]
    return next((found for rule in rules if (found := rule(household, day, due, read))), None)


def _incident(household, day, due, read):
    for one in read["incidents"]:
        if one.is_open and (one.kind.urgency == "darurat" or one.due_on < day):
            why = f"Batasnya {tanggal(one.due_on)}, {one.get_state_display().lower()}."
            return Action("triangle-alert", f"Tangani kasus: {one.kind}", why, one.get_absolute_url())


def _check(household, day, due, read):
    if read["graduation"]["due"]:
        check = read["graduation"]["check"]
        why = f"Waktunya {tanggal(check.due_on)}, sesudah graduasi."
        return Action("graduation-cap", f"Isi cek {check.months} bulan", why, check.get_absolute_url())


def _promise(household, day, due, read):
    for row in read["steps"]:
        if row.step_due_on <= day:
            why = f"Dijanjikan untuk {_when(row.step_due_on, day)}. Catat, lalu centang janjinya."
            url = f"{LOG}{household.case_number}"
            return Action("handshake", row.activity.next_step, why, url)


def _payment(household, day, due, read):
    for _, check in read["payments"]:
        if check and check.look_again_on and check.look_again_on <= day:
            why = f"{check.told}, dicek {tanggal(check.checked_on)}."
            return Action("wallet", "Lihat lagi bantuan yang macet", why, check.get_absolute_url())


def _referral(household, day, due, read):
    referrals = Referral.objects.filter(household=household, due_on__lte=day).open()
    one = referrals.select_related("resource").order_by("due_on", "id").first()
    if one:
        why = f"{one.get_state_display()}, tindak lanjut {_when(one.due_on, day)}."
        words = f"Tanyakan rujukan ke {one.resource.name}"
        return Action("send", words, why, one.get_absolute_url())


def _step(household, day, due, read):
    waiting = [goal.next_step for goal in read["plan"] if goal.next_step]
    for step in sorted(waiting, key=lambda step: step.due_on):
        if step.due_on <= day:
            why = f"Langkah tujuan untuk {_when(step.due_on, day)}."
            url = f"{household.get_absolute_url()}rencana/"
            return Action("target", step.text, why, url)


def _visit(household, day, due, read):
    last = household.last_visited_on
    if last and day - last < VISIT_EVERY:
        return None
    why = f"Terakhir {tanggal(last)}, {(day - last).days} hari lalu." if last else "Belum pernah dikunjungi."
    if due:
        why += " Sekalian isi asesmen, sudah waktunya."
    return Action("footprints", "Kunjungi keluarga ini", why, f"{LOG}{household.case_number}")


def _assessment(household, day, due, read):
    if due:
        form = Assessment.Form(due.form).label.lower()
        url = f"/asesmen/{household.case_number}/"
        return Action("clipboard-check", f"Isi asesmen {form}", due.why, url)


def _finished(household, day, due, read):
    for goal in read["plan"]:
        if not goal.next_step:
            why = "Semua langkahnya selesai. Tutup bila tercapai, atau tambah langkah."
            return Action("target", goal.wish, why, goal.get_absolute_url())


def _without_goal(household, day, due, read):
    if read["waiting"] and len(read["plan"]) < MOST_GOALS:
        score, case = read["waiting"][0], household.case_number
        words = f"Buat tujuan: {score.indicator.name.lower()}"
        why = "Masih rentan, dan belum ada tujuan atau alasannya."
        return Action("target", words, why, f"/tujuan/baru/{case}/?indikator={score.code}")


def _graduation(household, day, due, read):
    case = read["graduation"]["case"]
    if case and case.state in case.OPEN:
        return None
    newest = household.assessments.order_by("-assessed_on").values_list("is_ready", flat=True).first()
    if newest:
        why = "Asesmen terakhir memenuhi syarat tingkat. Lihat kesiapan graduasinya bersama keluarga."
        url = f"{household.get_absolute_url()}kemandirian/#lensa"
        return Action("graduation-cap", "Bicarakan graduasi", why, url)


_RULES = (
    _promise,
    _payment,
    _referral,
    _step,
    _visit,
    _assessment,
    _finished,
    _without_goal,
    _graduation,
)


def _when(due_on, day):
    return {0: "hari ini", 1: "kemarin"}.get((day - due_on).days, tanggal(due_on))
