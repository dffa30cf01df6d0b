"""The bench's load: one process that keeps N connections busy, told what to send by lines of JSON.

A line in is a `Round`; a line out is its `Tally`. Requests are built beforehand and answers are
only counted, their status compared and their length skipped, so that the load costs far less
than any server.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import uvloop

_LENGTH: Final = b"content-length: "
_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Round:
    """What to send, where, for how long.

    A request is `head` and `tail`, with a number between them that no other request has where
    `numbered`. `status` is what every answer must have; `pid` is the server's process. With a `pause` each
    connection asks once in so many seconds, without it as soon as it is answered.
    """

    port: int
    pid: int
    head: str
    tail: str
    numbered: bool
    status: int
    connections: int
    seconds: float
    first: int
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a round: answers, the seconds it took, CPU seconds of the server and of this process.

    `wrong` is an answer with another status, its first bytes, or empty.
    """

    answers: int
    seconds: float
    server: float
    load: float
    wrong: str

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class _Work:
    """What the connections of a round share."""

    def __init__(self, order: Round) -> None:
        self.head, self.tail = order.head.encode(), order.tail.encode()
        self.numbered = order.numbered
        self.number = order.first
        self.pause = order.pause
        self.begins = b"HTTP/1.1 %d" % order.status
        self.answers = 0
        self.ending = False
        self.wrong = b""

    def request(self) -> bytes:
        if not self.numbered:
            return self.head
        self.number += 1
        return b"%b%010d%b" % (self.head, self.number, self.tail)


class _Connection(asyncio.Protocol):
    """One question at a time, each after the last one's answer."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._missing = 0
        self._rest = b""
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self.closed = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def ask(self) -> None:
        self._transport.write(self._work.request())

    def _ask_when_due(self) -> None:
        self._due = max(self._due + self._work.pause, self._loop.time())
        self._loop.call_at(self._due, self._ask_or_close)

    def _ask_or_close(self) -> None:
        if self._work.ending:
            self._transport.close()
        else:
            self.ask()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        elif not self._begin(self._rest + data):
            return
        if self._missing == 0:
            self._answered()

    def _begin(self, data: bytes) -> bool:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._rest = data
            return False
        self._rest = b""
        at = data.find(_LENGTH) + len(_LENGTH)
        self._missing = end + 4 + int(data[at : data.find(b"\r", at)]) - len(data)
        if not data.startswith(self._work.begins):
            self._work.wrong = data
        return True

    def _answered(self) -> None:
        work = self._work
        work.answers += 1
        if work.ending or work.wrong:
            self._transport.close()
        elif work.pause:
            self._ask_when_due()
        else:
            self._transport.write(work.request())

    def connection_lost(self, error: Exception | None) -> None:
        if not self._work.ending and not self._work.wrong:
            self._work.wrong = b"the server closed a connection"
        self.closed.set_result(None)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads, in seconds: to the nanosecond where Linux counts so."""
    try:
        tasks = [int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except (OSError, IndexError):
        tasks = []
    return sum(tasks) / 1e9 or _ticks(pid)


def _ticks(pid: int) -> float:
    """The same to a hundredth of a second."""
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


async def run(order: Round) -> Tally:
    """One round: connect, warm up for a tenth of the time, measure, let every answer come in, close."""
    loop = asyncio.get_running_loop()
    work = _Work(order)
    connections = [
        (await loop.create_connection(lambda: _Connection(work), "127.0.0.1", order.port))[1]
        for _ in range(order.connections)
    ]
    for connection in connections:
        connection.ask()
    await asyncio.sleep(order.seconds / 10)
    before, server, load = work.answers, cpu_seconds(order.pid), time.process_time()
    begin = time.perf_counter()
    await asyncio.sleep(order.seconds)
    took = time.perf_counter() - begin
    answers = work.answers - before
    tally = Tally(
        answers, took, cpu_seconds(order.pid) - server, time.process_time() - load, work.wrong[:300].decode()
    )
    work.ending = True
    await asyncio.gather(*(connection.closed for connection in connections))
    return tally


def main() -> None:
    """Read rounds from stdin, write tallies to stdout, until stdin ends."""
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            tally = runner.run(run(Round(**json.loads(line))))
            print(json.dumps(asdict(tally)), flush=True)


if __name__ == "__main__":
    main()
