"""One program of a comparison (bench.beside): answers requests in this process and says what they cost.

Runs under whichever commit of the project PYTHONPATH names, so it imports of this project only what each of them has.
A line of JSON in, a line out: {"visit": a job of bench.runs} first, then {"job": "empty" or "visit", "count": n}.
"""

import io
import itertools
import json
import sys
import time
from pathlib import Path
from wsgiref.util import setup_testing_defaults


def main():
    from bench.client import encode
    from bench.inside import koordinator, sessions
    from pkh_casework.wsgi import application  # also what sets Django up

    visit = json.loads(sys.stdin.readline())["visit"]
    logins = sessions()["writers"]  # as this commit makes them, of the same people in the same order
    visit["rows"] = [row | login for row, login in zip(visit["rows"], logins, strict=True)]
    print("{}", flush=True)
    jobs = {
        "empty": {"method": "GET", "path": "/", "expect": 302, "rows": [koordinator()]},
        "visit": visit,
    }
    rows = {name: itertools.cycle(job["rows"]) for name, job in jobs.items()}
    for line in sys.stdin:
        asked = json.loads(line)
        job, turn = jobs[asked["job"]], rows[asked["job"]]
        requests = [environ(encode(job | {"port": 80}, next(turn))) for _ in range(asked["count"])]
        print(json.dumps(cost(application, requests, job["expect"])), flush=True)


def environ(request):
    """The bytes of an HTTP request as WSGI gives them to an application."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    path, _, query = path.partition("?")
    found = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(body),
    }
    for line in lines:
        name, _, value = line.partition(": ")
        name = name.upper().replace("-", "_")
        found[name if name.startswith("CONTENT_") else f"HTTP_{name}"] = value
    setup_testing_defaults(found)
    return found


def cost(application, requests, expect):
    """Processor ms of one of `requests`, in this process and in its backends, and the statements of the last."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    *requests, last = requests
    pids = backends(connection)
    app, pg = time.process_time_ns(), spent_ns(pids)
    for request in requests:
        answer(application, request, expect)
    app, pg = time.process_time_ns() - app, spent_ns(pids) - pg
    with CaptureQueriesContext(connection) as captured:
        answer(application, last, expect)
    return {
        "app_ms": app / len(requests) / 1e6,
        "pg_ms": pg / len(requests) / 1e6,
        "statements": len(captured),
    }


def answer(application, request, expect):
    """The body of what the application answers, as to a server. Raises when its status is not `expect`."""
    status = []
    response = application(request, lambda line, headers, error=None: status.append(line))
    body = b"".join(response)
    response.close()
    if not status[0].startswith(str(expect)):
        raise RuntimeError(f"{request['PATH_INFO']}: {status[0]} {body[:2000]!r}")
    return body


def backends(connection):
    """The process ids of the backends of this program's database, which nobody else uses."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        pids = [pid for (pid,) in cursor]
    connection.close()  # back to the pool
    return pids


def spent_ns(pids):
    """Nanoseconds that these processes have spent on a processor."""
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)


if __name__ == "__main__":
    main()
