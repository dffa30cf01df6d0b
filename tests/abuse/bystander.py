"""A tenant that polls its job every 20 ms and writes down how long each answer took.

It runs as a process of its own, so that neither the work of an attack nor the interpreter's lock slows it:

    python bystander.py HOST PORT PATH KEY FILE

Each line of FILE is a poll: its start by the monotonic clock, the seconds it took, and the answer's status,
or 0 where no answer came. The clock is the machine's, so a test may compare it with its own.
"""

from __future__ import annotations

import http.client
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

INTERVAL: Final = 0.02
"""Seconds from one poll to the next, unless an answer takes longer."""
PATIENCE: Final = 60.0
"""Seconds after which a poll is given up; longer than any wait that a test forgives."""


class Poller:
    """One connection that asks the same question again and again."""

    def __init__(self, host: str, port: int, path: str, key: str) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        self._path = path
        self._headers = {"Authorization": f"Bearer {key}"}

    def poll(self) -> int:
        """The status of one answer; 0 where the server closed the connection or is not there."""
        try:
            self._connection.request("GET", self._path, headers=self._headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0
        return answer.status

    def poll_on(self, log: TextIO) -> None:
        """Poll until the process is ended."""
        while True:
            started = time.monotonic()
            status = self.poll()
            took = time.monotonic() - started
            log.write(f"{started} {took} {status}\n")
            log.flush()
            time.sleep(max(0.0, INTERVAL - took))


if __name__ == "__main__":
    host, port, path, key, file = sys.argv[1:]
    with Path(file).open("w", encoding="ascii") as log, suppress(KeyboardInterrupt):
        Poller(host, int(port), path, key).poll_on(log)
