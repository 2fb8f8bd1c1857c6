"""A bad network between a browser and the live server: it refuses, cuts, loses answers, or is somebody else's portal."""

import http.client
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FINE, DOWN, CUT, REPLY_LOST, PORTAL, REDIRECT, BROKEN, SLOW = (
    "fine", "down", "cut", "reply lost", "portal", "redirect", "broken", "slow",
)  # fmt: skip
LOGIN_TO_WIFI = b"<!doctype html><title>Wi-Fi</title><h1>Masuk ke Wi-Fi</h1>"
HOP = {"connection", "keep-alive", "transfer-encoding"}


class BadNetwork:
    """`url` leads to the server at `target`; `fault`, a function of (method, path), names what happens to a request."""

    def __init__(self, target):
        self.target = urlsplit(target)
        self.fault = lambda method, path: FINE
        self.heard = lambda path, body: None  # called with the body of each whole request
        self.seen, self.faults = Counter(), Counter()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @contextmanager
    def being(self, name, only=lambda method, path: True):
        """While it lasts, requests for which `only` is true meet the fault `name`."""
        before, self.fault = self.fault, lambda method, path: name if only(method, path) else FINE
        try:
            yield self
        finally:
            self.fault = before

    def _handler(network):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                """Say nothing."""

            def answer(self):
                path = urlsplit(self.path).path
                fault = network.fault(self.command, path)
                network.seen[self.command, path] += 1
                if fault != FINE:
                    network.faults[fault] += 1
                self.close_connection = True
                length = int(self.headers.get("Content-Length") or 0)
                if fault == DOWN:
                    return
                if fault == CUT:
                    self.rfile.read(length // 2)
                    return
                body = self.rfile.read(length)
                network.heard(path, body)
                if fault == PORTAL:
                    self.say(200, {"Content-Type": "text/html"}, LOGIN_TO_WIFI)
                elif fault == REDIRECT:
                    self.say(302, {"Location": "http://portal.invalid/login"}, b"")
                elif fault == BROKEN:
                    self.say(503, {"Content-Type": "text/html", "Retry-After": "1"}, b"<h1>Gangguan</h1>")
                else:
                    if fault == SLOW:
                        time.sleep(3)
                    status, headers, content = network.ask(self.command, self.path, self.headers, body)
                    if fault != REPLY_LOST:
                        self.say(status, headers, content)

            def say(self, status, headers, content):
                with suppress(OSError):  # the browser is gone
                    self.send_response_only(status)
                    for name, value in headers.items() if isinstance(headers, dict) else headers:
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.send_header("Connection", "close")
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_HEAD = answer

        return Handler

    def ask(self, method, path, headers, body):
        """(status, [(header, value)], content) of the real server."""
        connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        sent = {name: value for name, value in headers.items() if name.lower() not in HOP}
        try:
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            content = response.read()
            told = [pair for pair in response.getheaders() if pair[0].lower() not in HOP | {"content-length"}]
            return response.status, told, content
        finally:
            connection.close()
