"""The SIKS-NG desk: a file of a tahap received, and what a koordinator decides on each difference.

What is taken from the file is written by the operations that a person at the family's own page uses. One row that can't
be taken does not keep the others: it stays open and says why. Rows are locked in one order: kelompok, families by id,
people, rows of the desk.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, operation
from kpm.models import CaseReason, Group, Household
from kpm.operations.rows import in_turn
from roster.models import Batch, Difference, Kind, SiksFile, StagedFamily
from wilayah.models import Wilayah

from .applying import take_in
from .batch import keep_file
from .checking import check
from .comparing import compare, look_again
from .taking import FILE_GONE, TAKERS, refuse_known_number, staged_of
from .to_type import history_now, keep_ours, no_more, settle

State = Difference.State
CHANGED = "Berubah sejak Anda melihatnya. Periksa lagi barisnya."
NEWER_FILE = (
    "Berkas {} untuk wilayah ini sudah dibandingkan. Berkas tahap yang lebih lama tidak bisa menyusul."
)
TWINS = "Mungkin sudah ada sebagai {}. Buka barisnya, lalu putuskan sendiri-sendiri."
NO_HOLDER = "Pendampingnya belum diketahui. Pilih pendampingnya, lalu terima lagi."


@dataclass(frozen=True)
class Terms:
    """What goes with what is taken: a day, a coded reason and its words, who holds a new family, which it is."""

    on: date
    reason: CaseReason | None = None
    words: str = ""
    pendamping: User | None = None
    joined: str = ""


@operation(kind="roster.siks_berkas", title="Berkas SIKS-NG", makes=Batch, checks_keys=False)
def receive_quarterly(*, by, pk, upload, sha256, area, term):
    """Keep the file of the tahap `term` (kpm.payments.PayTerm) for `area` (a Wilayah), to be read and compared. Raises
    Refused, also when a later tahap was compared already.
    """
    for file in SiksFile.objects.near(area.pk).filter(compared_at__isnull=False).select_related("stage"):
        if file.rank > term.year * 100 + term.stage.first_month:
            raise Refused(NEWER_FILE.format(file.term_name), "term")
    desk = {"wilayah": area, "year": term.year, "stage": term.stage}
    one = area if area.level == Wilayah.Level.KELURAHAN else None
    return keep_file(by=by, pk=pk, upload=upload, sha256=sha256, desk=desk, default_kelurahan=one)


@operation(kind="roster.siks", title="Keputusan meja SIKS-NG", again=lambda receipt, *said: [])
def decide(
    chosen: dict,
    *,
    by: User,
    today: date,
    decision: str,
    terms: Terms,
    note: str = "",
    is_alone: bool = False,
) -> list[tuple[Difference, str]]:
    """Decide on the rows `chosen` ({id: the mark that was seen}): [(Difference, why it could not be, "" when done)].

    `decision` is State.TAKEN, REFUSED (ours is right: it is to be typed) or LATER, these with a `note`. Raises Refused
    when there is only one row and it can't be.
    """
    rows = list(Difference.objects.visible_to(by).filter(pk__in=chosen).select_related("household", "batch"))
    _hold(rows)
    if decision == State.TAKEN:
        _look_again(rows)
    locked = Difference.objects.filter(pk__in=[row.pk for row in rows]).order_by("name", "pk")
    stored = list(locked.select_for_update(of=["self"], no_key=True).select_related("household", "batch"))
    desk = Desk(by, today, terms, note, is_alone)
    outcomes = desk.take(stored, chosen) if decision == State.TAKEN else desk.note(stored, chosen, decision)
    if desk.is_alone and outcomes and isinstance(outcomes[0][1], Refused):
        raise outcomes[0][1]
    return [(row, refusal.text if refusal else "") for row, refusal in outcomes]


def refresh(row):
    """A Difference as it is now: what changed here since it was compared is seen."""
    with transaction.atomic():
        _hold([row])
        _look_again([row])
    row.refresh_from_db()
    return row


def _hold(rows):
    """Lock the kelompok and families of the rows."""
    families = [row.household_id for row in rows if row.household_id]
    if any(row.kind == Kind.GROUP for row in rows):
        holders = Household.objects.filter(pk__in=families).values("pendamping")
        list(in_turn(Group.objects.filter(pendamping__in=holders)).values_list("pk"))
    list(in_turn(Household.objects.filter(pk__in=families)).values_list("pk"))


def _look_again(rows):
    """Compare the families once more: what changed here meanwhile is seen before it is written over."""
    of_batch = defaultdict(list)
    for row in rows:
        if row.household_id:
            of_batch[row.batch].append(row.household_id)
    for batch, families in of_batch.items():
        if StagedFamily.objects.filter(batch=batch).exists():
            look_again(batch, families)


@dataclass
class Desk:
    """One submission at the desk."""

    by: User
    today: date
    terms: Terms
    remark: str
    is_alone: bool

    def note(self, rows, chosen, decision):
        """Keep a decision by which nothing changes here."""
        outcomes = []
        for row in rows:
            refusal = self._refusal(row, chosen)
            if refusal is None:
                if decision == State.REFUSED:
                    keep_ours(row, self.remark)
                else:
                    no_more(row)
                self._decide(row, decision)
            outcomes.append((row, refusal))
        return outcomes

    def take(self, rows, chosen):
        """Take from the file what the rows say."""
        since, outcomes, new = history_now(), [], []
        for row in rows:
            refusal = self._refusal(row, chosen)
            if refusal is None:
                try:
                    with transaction.atomic():
                        if row.kind == Kind.IN:
                            self._choose(row)
                            new.append(row)
                        else:
                            TAKERS[Kind(row.kind)](row, self.by, self.today, self.terms)
                except Refused as refused:
                    refusal = refused
            outcomes.append((row, refusal))
        for batch in {row.batch for row in new if row.household_id is None}:
            take_in(batch, by=self.by.pk)
        for row, refusal in outcomes:
            if refusal:
                Difference.objects.filter(pk=row.pk).update(fault=refusal.text[:300])
                continue
            if row.kind == Kind.IN and row.household_id is None:
                row.household_id = row.staged
            no_more(row)
            self._decide(row, State.TAKEN)
        settle([row.household_id for row, refusal in outcomes if not refusal], since)
        self._join([row for row in new if self.terms.joined])
        return outcomes

    def _refusal(self, row, chosen):
        if not row.can_be_decided:
            return Refused(f"Baris ini {row.get_state_display().lower()}. Muat ulang halaman ini.")
        if chosen[row.pk] and chosen[row.pk] != row.mark:
            return Refused(CHANGED)
        return None

    def _decide(self, row, decision):
        row.state = row.decision = decision
        row.decided_ours, row.decided_theirs = row.ours, row.theirs
        row.note, row.decided_by, row.decided_at = self.remark, self.by, timezone.now()
        row.why = row.fault = ""
        row.save()

    def _choose(self, row):
        """Mark the family of the file, which is not here yet, to be taken in; or say which one it is. Raises Refused."""
        staged = staged_of(row)
        if staged.is_done:
            raise Refused(FILE_GONE)
        if self.terms.joined:
            there = Household.objects.visible_to(self.by).filter(case_number=self.terms.joined)
            row.household = there.filter(case_number__in=staged.twins).first()
            if row.household is None:
                raise Refused("Keluarga itu tidak ada di antara yang mirip. Muat ulang halamannya.")
            StagedFamily.objects.filter(pk=staged.pk).update(joined=row.household)
            return
        if staged.twins and not self.is_alone:
            raise Refused(TWINS.format(", ".join(staged.twins[:3])))
        refuse_known_number(staged.no_kk.reveal(), self.by, "no_kk")
        holder = staged.pendamping_id or (self.terms.pendamping and self.terms.pendamping.pk)
        if not holder:
            raise Refused(NO_HOLDER, "pendamping")
        StagedFamily.objects.filter(pk=staged.pk).update(
            pendamping_id=holder, choice=StagedFamily.Choice.TAKE
        )

    def _join(self, rows):
        """A family of the file is one that is here: what the two differ in is asked row by row."""
        for row in rows:
            check(row.batch, for_desk=True)
            compare(row.batch)
