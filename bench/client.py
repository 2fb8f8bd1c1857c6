"""The load: a closed loop of keep-alive connections in a process of its own, with little Python in the way.

`python -m bench.client` reads one JSON object from standard input and prints one:
  in   port, method, path, workers, seconds or count, rows: what each request fills in (session, csrf, …),
       fields: form fields with {…} to fill (and {uuid}, fresh for every request), multipart: true or false; or else
       body: JSON as it is,
       headers, expect: the one right status
  out  done, seconds, statuses {code: times}, resent, latencies (ms, sorted), bytes (of one whole answer)
"""

import json
import re
import socket
import sys
import threading
import time
from urllib.parse import urlencode

from pkh_casework.ids import uuid7

BOUNDARY = "----bench7d1f"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class Answers:
    """What all connections together saw."""

    def __init__(self):
        self.latencies, self.statuses, self.resent, self.bytes = [], {}, 0, 0


def encode(job, row):
    """The bytes of one request: the job's template with `row` filled in."""
    row = {**row, "uuid": uuid7()}
    head = [
        f"{job['method']} {job['path'].format(**row)} HTTP/1.1",
        f"Host: 127.0.0.1:{job['port']}",
        "Accept-Encoding: gzip, br",  # as a browser behind TLS
        "User-Agent: bench",
        *(f"{name}: {value}" for name, value in job.get("headers", {}).items()),
    ]
    if "session" in row:
        head.append(f"Cookie: sesi={row['session']}; csrf={row['csrf']}")
    body = b""
    if "body" in job:
        body = job["body"].encode()
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    elif job["method"] == "POST":
        fields = {name.format(**row): value.format(**row) for name, value in job["fields"].items()}
        body, content_type = _form(fields, multipart=job["multipart"])
        head += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def _form(fields, *, multipart):
    if not multipart:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode(), f"multipart/form-data; boundary={BOUNDARY}"


def receive(connection):
    """(status, bytes of the answer on the wire, whether the server closes). Raises ConnectionError."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(connection)
    length = LENGTH.search(data, 0, end)
    if length is None:
        raise RuntimeError(f"an answer without Content-Length: {data[:end]!r}")
    whole = end + 4 + int(length[1])
    while len(data) < whole:
        data += _more(connection)
    return int(data[9:12]), data, b"onnection: close" in data[:end]


def _more(connection):
    chunk = connection.recv(262_144)
    if not chunk:
        raise ConnectionError("closed by the server")
    return chunk


def ask(job, row):
    """(head, body) of one request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", job["port"]), timeout=60) as connection:
        connection.sendall(encode(job, row))
        _, data, _ = receive(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body


def work(job, number, deadline, answers):
    """One connection: the next request goes out when the answer to the last has arrived."""
    rows, workers, done = job["rows"], job["workers"], 0
    connection = None
    while time.monotonic() < deadline and (not job.get("count") or done * workers + number < job["count"]):
        request = encode(job, rows[(done * workers + number) % len(rows)])
        start = time.perf_counter()
        for _ in range(3):  # a server process that has reached its number of requests closes its connections
            try:
                connection = connection or socket.create_connection(("127.0.0.1", job["port"]), timeout=60)
                connection.sendall(request)
                status, data, closes = receive(connection)
                break
            except ConnectionError:
                connection = None
                answers.resent += 1
        else:
            raise RuntimeError("the server closed the connection three times over")
        answers.latencies.append((time.perf_counter() - start) * 1000)
        answers.statuses[status] = answers.statuses.get(status, 0) + 1
        answers.bytes = len(data)
        if status != job["expect"] and answers.statuses[status] == 1:
            sys.stderr.write(f"{job['method']} {job['path']}: {status}\n{data[:3000]!r}\n")
        if closes:
            connection.close()
            connection = None
        done += 1


def main():
    job = json.load(sys.stdin)
    answers, start = Answers(), time.monotonic()
    deadline = start + job.get("seconds", 600)
    threads = [
        threading.Thread(target=work, args=(job, number, deadline, answers))
        for number in range(job["workers"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(
        {
            "done": len(answers.latencies),
            "seconds": time.monotonic() - start,
            "statuses": answers.statuses,
            "resent": answers.resent,
            "latencies": sorted(round(value, 2) for value in answers.latencies),
            "bytes": answers.bytes,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
