"""What is decided about two families that may be one: looked for anew, kept apart, asked of who holds them."""

from functools import partial

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts.models import User
from entries.operations import Refused, locked, operation
from kpm.models import Household
from roster.models import Suspect
from roster.operations.finding import find_suspects
from wilayah.clock import local_today

State = Suspect.State
AT_ONCE = 3000  # families of an area that are compared while the asker waits: less than a second
DECIDED = "Dugaan ini sudah diputus orang lain. Muat ulang halamannya."


@task()
def find_in(area):
    """Compare the families of an area, as a worker does."""
    find_suspects(area, local_today(area))


@operation(kind="ganda_cari", title="Pemeriksaan data ganda")
def look_again(*, by: User):
    """Compare the families of the area of `by`, now or, where there are many, by a worker: whether it is done already."""
    if Household.objects.visible_to(by).count() <= AT_ONCE:
        find_suspects(by.wilayah_id, local_today(by.wilayah_id))
        return True
    transaction.on_commit(partial(find_in.enqueue, by.wilayah_id))
    return False


@operation(kind="ganda_bukan", title="Bukan keluarga yang sama", about=Suspect)
def keep_apart(suspect: Suspect, *, by: User, note: str = "") -> Suspect:
    """Two families after all, until what is known of them changes. Raises Refused when it was decided otherwise."""
    return _decide(suspect, by, State.DIFFERENT, note)


@operation(kind="ganda_tanya", title="Dugaan ganda ditanyakan", about=Suspect)
def ask_holder(suspect: Suspect, *, by: User, note: str) -> Suspect:
    """Ask who holds the two families, with the question `note`. Raises Refused when it was decided already."""
    return _decide(suspect, by, State.ASKED, note)


@operation(kind="ganda_jawab", title="Jawaban tentang dugaan ganda", about=Suspect)
def tell(suspect: Suspect, *, by: User, answer: str) -> Suspect:
    """What a holder knows of it; the koordinator decides. Raises Refused when it was decided already."""
    stored = _open(suspect)
    stored.answer = f"{by.name}: {answer}"[:300]
    stored.save(update_fields=["answer"])
    return stored


def _open(suspect):
    stored = locked(Suspect.objects, suspect.pk)
    if not stored.is_open:
        raise Refused(DECIDED)
    return stored


def _decide(suspect, by, state, note):
    stored = _open(suspect)
    stored.state, stored.note, stored.decided_by, stored.decided_at = state, note, by, timezone.now()
    stored.save(update_fields=["state", "note", "decided_by", "decided_at"])
    return stored
