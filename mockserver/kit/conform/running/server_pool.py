"""Servers for a run, one for each pace of jobs."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Self

from mockserver.contract.model import Contract
from mockserver.kit.server import Server, started


class ServerPool:
    """Servers of one contract by the pace of their jobs, each started when it is first needed.

    A pace belongs to a server, because the client must not be faster than the change of a pace.
    """

    def __init__(self, contract: Contract, seed: int = 0) -> None:
        self._contract = contract
        self._seed = seed
        self._stack = ExitStack()
        self._servers: dict[str, Server] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """The pool, without a server."""
        return self

    def __exit__(self, *error: object) -> None:
        """End all servers."""
        self._stack.close()

    def server(self, pace: str) -> Server:
        """The server of that pace. Raises KitError if it does not start."""
        with self._lock:
            if pace not in self._servers:
                server = started(
                    self._contract.provider,
                    pace=pace,
                    profile=self._contract.profile,
                    seed=self._seed,
                    # A case may stop the clock or move it, while the client signs by its own. Nor does an
                    # answer wait for the end of a job, as what a client makes of its reads is to be judged.
                    options=["--small-clips", "--ignore-token-times", "--longest-wait", "0"],
                )
                self._servers[pace] = self._stack.enter_context(server)
            return self._servers[pace]
