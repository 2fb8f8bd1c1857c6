"""Forms that are held, and the request in which somebody decides about them."""

from django.test import RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from entries.holding import hold_entry
from entries.models import HeldEntry
from pkh_casework.ids import uuid7

LOGGING = "/kegiatan/catat/"


def hold_form(author, *, path=LOGGING, fields=None, facts=(), title="Catat kegiatan", **more):
    """A HeldEntry of the form at `path` that `author` sent with `fields`, {name: text or [text]}."""
    fields = {
        name: values if isinstance(values, list) else [values] for name, values in (fields or {}).items()
    }
    said = {
        "op_id": uuid7(),
        "reason": HeldEntry.Reason.MONTH_LOCKED,
        "wilayah_id": author.wilayah_id,
        "payload": {"path": path, "fields": fields, "title": title, "facts": [*facts], "files": []},
    }
    return hold_entry(author=author, **(said | more))


def visit_to(*households, on=None, **more):
    """What the log form sends of a home visit to the families on the day `on`, which is today if not given."""
    cases = [household.case_number for household in households]
    return {
        "op_id": str(uuid7()),
        "kpm": cases,
        **{f"met-{case}": "ya" for case in cases},
        "occurred_on": (on or timezone.localdate()).isoformat(),
        "kind": "kunjungan_rumah",
        "sub_role": "FAS-1",
        "notes": "Melihat warung.",
        **more,
    }


def hold_visit(*households, author=None, on, notes="Melihat warung.", fields=None, **more):
    """A home visit to the families on the day `on`, held because its month is locked; see hold_form."""
    author = author or households[0].pendamping
    said = visit_to(*households, on=on, notes=notes)
    del said["op_id"]  # of the sending, not of what is held
    facts = [("Keluarga", ", ".join(said["kpm"])), ("Apa yang dilakukan", notes)]
    return hold_form(author, fields=said | (fields or {}), facts=facts, **more)


def asking(user):
    """A request in which `user` decides."""
    request = RequestFactory().post("/kiriman/")
    request.user, request.htmx, request.resolver_match = user, HtmxDetails(request), None
    return request
