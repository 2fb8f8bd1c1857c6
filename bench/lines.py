"""A program that answers lines: a line of JSON in, a line of JSON out."""

import json
import subprocess


class Program:
    """Runs `command` while it lasts, as a context manager."""

    def __init__(self, command, **options):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, **options)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.wait(30)

    def ask(self, **words):
        """What the program answers to one line."""
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())
