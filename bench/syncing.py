"""What a phone that works without signal asks of the server, and what that costs (bench.phone).

A program on one database that answers requests in this process, without a web server. A line of JSON in, a line out:
first {families: username of who holds so many}, then {"job": a method of Work, …}, which gives the figures of one round. Costs are ms of processor time, `app` of this process and `pg`
of its backends in PostgreSQL.
"""

import itertools
import json
import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import wraps
from inspect import isgenerator
from pkgutil import resolve_name
from unittest.mock import patch
from urllib.parse import quote

import brotli

from .answering import answer, backends, environ, spent_ns
from .client import encode

BATCH = 20
NOTES = "Membicarakan tabungan dan sekolah anak; buku catatan belanja sudah diisi sampai minggu lalu."
AS_JSON = {"Accept": "application/json"}
FORM = "/kegiatan/catat/"
EMPTY = {"port": 80, "method": "GET", "path": "/"}
# Where the time goes: of each part the functions, by the name under which they are called.
OF_A_BUNDLE = {
    "pages and forms for all": ["phone.bundle.shells_for"],
    "families": ["phone.bundle.families_ahead"],
    "Hari ini": ["phone.bundle.page_of"],
    "meetings": ["phone.bundle.meetings_for"],
    "what changed": ["phone.bundle.changed_since", "phone.bundle.are_stale", "phone.bundle.held_cases"],
    "packing": ["phone.views.offline.packed"],
}
OF_A_VISIT = {
    "form": ["roles.forms.activity.ActivityForm.__init__", "roles.forms.activity.ActivityForm.full_clean"],
    "storing": ["roles.views.activity.record_activity"],
    "named answer": ["entries.answers._answer"],
}


class Phone:
    """The phone of one pendamping: a session, the families it holds, and the mark of what it got last."""

    def __init__(self, username):
        from accounts.models import User
        from kpm.models import Household
        from phone.operations import register_phone
        from pkh_casework.context import user_tag
        from wilayah.clock import local_today

        from .inside import log_in

        user = User.objects.get(username=username)
        self.login, self.tag, self.today = log_in(user), user_tag(user), local_today(user.wilayah_id)
        self.pk = register_phone(user, "Chrome 96, Android 10", "bench")[0].pk
        self.cases = list(Household.objects.visible_to(user).values_list("case_number", flat=True))
        self.turn, self.mark = itertools.count(), ""

    def visits(self):
        """The fields of a batch of visits, each of another family; of an earlier day when all had their turn."""
        from pkh_casework.ids import uuid7

        for number in itertools.islice(self.turn, BATCH):
            rounds, place = divmod(number, len(self.cases))
            case, day = self.cases[place], self.today - timedelta(days=rounds)
            yield {
                "op_id": str(uuid7()),
                "kpm": case,
                f"met-{case}": "ya",
                "kind": "kunjungan_rumah",
                "sub_role": "FAS-1",
                "notes": NOTES,
                "outcome": "Sepakat menabung tiap minggu.",
                "next_step": "",
                "next_step_on": "",
                "occurred_on": day.isoformat(),
                "place": "",
                "group": "",
            }

    def asks(self, path, **said):
        """A request of this phone as WSGI has it; `said` as a job of bench.client has it."""
        job = {"port": 80, "method": "GET", "path": path, "multipart": True, **said}
        if job["method"] == "POST":
            job["headers"] = {"X-CSRFToken": self.login["csrf"], **job.get("headers", {})}
        return environ(encode(job, self.login))

    def fetches(self):
        """Asks for the bundle, whole or what is new since the mark."""
        return self.asks(f"/hp/bekal/?sejak={quote(self.mark)}")

    def tells(self):
        """News of the phone: nothing waits."""
        fields = {"phone": str(self.pk), "app": "bench", "waiting": "0", "since": ""}
        fields["at"] = str(time.time_ns() // 1_000_000)
        return self.asks("/hp/kabar/", method="POST", fields=fields, multipart=False, headers=AS_JSON)

    def sends(self):
        """A batch of visits in one request, as the requests of its list."""
        entries = [
            {"op_id": fields["op_id"], "schema": 1, "path": f"{FORM}?kpm={fields['kpm']}"}
            | {"fields": list(fields.items()), "photos": [], "family": fields["kpm"]}
            for fields in self.visits()
        ]
        body = json.dumps({"user": self.tag, "entries": entries})
        return [self.asks("/hp/kirim/", method="POST", body=body, headers=AS_JSON)]

    def writes(self):
        """The same visits, each sent by its page."""
        headers = {"X-Langkah": "1", "HX-Request": "true"}
        return [
            self.asks(f"{FORM}?kpm={fields['kpm']}", method="POST", fields=fields, headers=headers)
            for fields in self.visits()
        ]


class Work:
    """The jobs, on one application, with one phone for each of `users`, {families: username}."""

    def __init__(self, users):
        from django.db import connection

        from pkh_casework.wsgi import application  # also what sets Django up

        from .inside import koordinator

        self.application = application
        self.phones = {families: Phone(username) for families, username in users.items()}
        self.nobody = koordinator()
        self.pids = backends(connection)

    def bundle(self, families):
        """The first bundle of a phone."""
        phone = self.phones[families]
        phone.mark = ""
        return self._fetch(phone, whole=True)

    def day(self, families):
        """What is new after a day with a batch of visits: the phone's pages are of yesterday."""
        phone = self.phones[families]
        self._fetch(phone)
        for request in phone.sends():
            answer(self.application, request, 200)
        database, _, version = phone.mark.split("|")
        yesterday = (phone.today - timedelta(days=1)).isoformat()
        phone.mark = f"{database}|{yesterday}|{version}"
        return self._fetch(phone, changed=BATCH)

    def nothing(self, families):
        """What is new when nothing is."""
        self._fetch(self.phones[families])
        return self._fetch(self.phones[families], changed=0)

    def batch(self, families, *, parts=False):
        """A batch of visits in one request; costs are of one visit, with those of its `parts`."""
        return self._send(self.phones[families].sends(), 200, parts)

    def single(self, families, *, parts=False):
        """As many visits, each sent by its page."""
        return self._send(self.phones[families].writes(), 204, parts)

    def page(self, families):
        """The pages of as many families; costs are of one."""
        phone = self.phones[families]
        cases = [phone.cases[next(phone.turn) % len(phone.cases)] for _ in range(BATCH)]
        spent = self._cost([phone.asks(f"/kpm/{case}/") for case in cases], 200)
        return {part: spent[part] for part in ("app", "pg")}

    def check(self, families, what, count):
        """`count` small requests, one after the other; costs are of one."""
        phone = self.phones[families]
        ask, expect = {
            "empty": (lambda: environ(encode(EMPTY, self.nobody)), 302),
            "token": (lambda: phone.asks(f"/hp/tanda/?phone={phone.pk}", headers=AS_JSON), 200),
            "news": (phone.tells, 200),
        }[what]
        spent = self._cost([ask() for _ in range(count)], expect)
        return {part: spent[part] for part in ("app", "pg")}

    def _fetch(self, phone, *, whole=False, changed=None):
        spent = self._cost([phone.fetches()], 200, OF_A_BUNDLE)
        (body,) = spent.pop("bodies")
        said = json.loads(brotli.decompress(body))
        if whole != said["whole"] and (whole or changed is not None):
            raise RuntimeError(f"a bundle that is whole: {said['whole']}")
        if changed is not None and len(said["families"]) != changed:
            raise RuntimeError(f"{len(said['families'])} families changed, not {changed}")
        phone.mark = said["mark"]
        return spent | {"bytes": len(body), "families": len(said["families"])}

    def _send(self, requests, expect, parts):
        from entries.models import Receipt

        before = Receipt.objects.count()
        spent = self._cost(requests, expect, OF_A_VISIT if parts else {}, each=BATCH)
        del spent["bodies"]
        if Receipt.objects.count() - before != BATCH:
            raise RuntimeError(f"of {BATCH} visits {Receipt.objects.count() - before} were stored")
        return spent

    def _cost(self, requests, expect, parts=None, each=None):
        """The cost of one of `requests` (or an `each`-th of all) with that of its `parts` (OF_…), and the `bodies`."""
        each = each or len(requests)
        clocks = {name: Clock(self.pids, each) for name in parts or ()}
        with ExitStack() as patched:
            for name, targets in (parts or {}).items():
                for target in targets:
                    patched.enter_context(clocks[name].on(target))
            clock = Clock(self.pids, each)
            with clock.running():
                bodies = [answer(self.application, request, expect) for request in requests]
        return clock.read() | {"parts": {name: one.read() for name, one in clocks.items()}, "bodies": bodies}


class Clock:
    """Processor time of this process and of `pids` while it runs, an `each`-th of it."""

    def __init__(self, pids, each):
        self.pids, self.each, self.app, self.pg = pids, each, 0, 0

    @contextmanager
    def running(self):
        app, pg = time.process_time_ns(), spent_ns(self.pids)
        yield
        self.app += time.process_time_ns() - app
        self.pg += spent_ns(self.pids) - pg

    @contextmanager
    def on(self, target):
        """Run within each call of the function `target`, a dotted name."""
        place, _, name = target.rpartition(".")
        called = resolve_name(place)
        function = getattr(called, name)

        @wraps(function)
        def watched(*args, **said):
            with self.running():
                answer = function(*args, **said)
                return list(answer) if isgenerator(answer) else answer

        with patch.object(called, name, watched):
            yield

    def read(self):
        """{app, pg} in ms."""
        return {"app": self.app / self.each / 1e6, "pg": self.pg / self.each / 1e6}


def main():
    work = Work(json.loads(sys.stdin.readline()))
    print("{}", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(getattr(work, asked.pop("job"))(**asked)), flush=True)


if __name__ == "__main__":
    main()
