"""A real server for e-mail on this machine: it speaks SMTP over a socket, keeps what it is sent, and refuses when told."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes


class Mailbox(socketserver.ThreadingTCPServer):
    """`messages` it took, as email.message.Message with `sent_to`; `refuses` is what it answers to a recipient, "" to take it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.messages, self.refuses = [], ""

    @property
    def options(self):
        """OPTIONS of settings.MAILERS that lead here."""
        return {"host": "127.0.0.1", "port": self.server_address[1], "timeout": 10}


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 kotak surat")
        recipients = []
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._say("354 silakan")
                self._keep(recipients)
                self._say("250 diterima")
            elif word == b"QUIT":
                self._say("221 selesai")
                return
            elif word == b"RCPT" and self.server.refuses:
                self._say(self.server.refuses)
            else:
                recipients += [line.decode().strip()] * (word == b"RCPT")
                self._say("250 baik")

    def _keep(self, recipients):
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines))
        message.sent_to = recipients
        self.server.messages.append(message)

    def _say(self, words):
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mailbox():
    """A Mailbox that listens as long as the block lasts."""
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
