"""The beginning and the end of what a process writes to a stream."""

from __future__ import annotations

import os
import threading
from typing import IO, Final

from mockserver.kit.conform.client_secrets import ClientSecrets
from mockserver.numerals import plural

STREAM_LIMIT: Final = 64 * 1024
"""Bytes of a stream's beginning, and of its end, that are kept."""


class OutputTail:
    """Reads a stream to its end, and keeps its beginning and its end without the client's `secrets`."""

    def __init__(self, pipe: IO[bytes], secrets: ClientSecrets) -> None:
        self._pipe = pipe
        self._secrets = secrets
        self._key = secrets.key.encode()
        self._head = b""
        self._tail = b""
        self._left_out = 0
        self._had_key = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        edge = b""
        while chunk := os.read(self._pipe.fileno(), 65536):
            # A key may begin in one chunk and end in the next.
            self._had_key = self._had_key or self._key in edge + chunk
            edge = (edge + chunk)[-len(self._key) :]
            room = STREAM_LIMIT - len(self._head)
            self._head += chunk[:room]
            self._tail += chunk[room:]
            if len(self._tail) > STREAM_LIMIT:
                self._left_out += len(self._tail) - STREAM_LIMIT
                self._tail = self._tail[-STREAM_LIMIT:]

    def close(self) -> bool:
        """Wait for the rest; whether that was all. Its writers are dead, unless one got away."""
        self._thread.join(1.0)
        if self._thread.is_alive():
            return False
        self._pipe.close()
        return True

    @property
    def leaked_key(self) -> bool:
        """Whether the key was in the stream, or a token in what is kept of it."""
        return self._had_key or self._secrets.are_in(self._content)

    @property
    def text(self) -> str:
        """The beginning and the end, without the key."""
        return self._secrets.hidden(self._content)

    @property
    def _content(self) -> str:
        gap = f"\n... {plural(self._left_out, 'byte')} left out ...\n".encode() if self._left_out else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")
