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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from random import randint
from typing import Any, Final, Literal

import uvloop

_LENGTH: Final = b"content-length: "
_CHUNKED: Final = b"transfer-encoding: chunked"
_LAST_CHUNK: Final = b"0\r\n\r\n"
_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")


Fill = Literal["", "number", "any", "each", "id"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: `head` and `tail`, and between them what `fill` says; `status` is what its answer must have.

    `number` is a number of ten digits that no other request has, `any` a random one from 1 to `most`, `each`
    those numbers one after the other, and `id` what stood behind `id_behind`, up to a quotation mark, in the
    last answer of this connection that had it.
    """

    head: str
    tail: str = ""
    fill: Fill = ""
    status: int = 200
    id_behind: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class Round:
    """What to send, where, for how long: each connection sends the script again and again.

    `pid` is the server's process. With a `pause` each connection asks once in so many seconds, without it as
    soon as it is answered. With `most` the round ends after so many requests, of which all count.
    """

    port: int
    pid: int
    script: Sequence[Ask]
    connections: int
    seconds: float
    first: int
    pause: float = 0.0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a round: answers, the seconds it took, CPU seconds of the server and of this process.

    `p99` is within how many milliseconds 99 of 100 answers came, `longest` that of the last. `wrong` is an
    answer with another status, its first bytes, or empty.
    """

    answers: int
    seconds: float
    server: float
    load: float
    p99: float
    longest: float
    wrong: str

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


@dataclass(frozen=True, slots=True)
class _Step:
    """An Ask as bytes."""

    head: bytes
    tail: bytes
    fill: str
    begins: bytes
    id_behind: bytes
    most: int


class _Work:
    """What the connections of a round share."""

    def __init__(self, order: Round) -> None:
        self.script = [
            _Step(
                ask.head.encode(),
                ask.tail.encode(),
                ask.fill,
                b"HTTP/1.1 %d" % ask.status,
                ask.id_behind.encode(),
                ask.most,
            )
            for ask in order.script
        ]
        self.number = order.first
        self.pause = order.pause
        self.left: float = order.most or inf
        self.delays: list[float] = []
        self.ending = False
        self.wrong = b""


class _Connection(asyncio.Protocol):
    """One question at a time, each after the last one's answer."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._next = 0
        self._step = work.script[0]
        self._id = b""
        self._body = b""
        self._missing: float = 0
        self._rest = b""
        self._end = b""
        self._sent = 0.0
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self.closed = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def ask(self) -> None:
        self._work.left -= 1
        if self._work.left <= 0:
            self._work.ending = True
        script = self._work.script
        self._step = step = script[self._next]
        self._next = (self._next + 1) % len(script)
        self._sent = time.perf_counter()
        self._transport.write(b"%b%b%b" % (step.head, self._filling(step), step.tail))

    def _filling(self, step: _Step) -> bytes:
        if not step.fill:
            return b""
        if step.fill == "id":
            return self._id
        if step.fill == "any":
            return b"%010d" % randint(1, step.most)
        self._work.number += 1
        return b"%010d" % (self._work.number if step.fill == "number" else self._work.number % step.most + 1)

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
        else:
            data = self._begin(self._rest + data)
        if self._step.id_behind:
            self._body += data
        if self._missing == inf:
            # It may come in two parts.
            self._end = (self._end + data)[-len(_LAST_CHUNK) :]
            if self._end == _LAST_CHUNK:
                self._missing, self._end = 0, b""
        if not self._missing and not self._rest:
            self._answered()

    def _begin(self, data: bytes) -> bytes:
        """Read the head, once it is there as a whole; gives what has come of the body."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self._rest = data
            return b""
        self._rest = b""
        head = data[:end].lower() + b"\r"
        at = head.find(_LENGTH)
        if at >= 0:
            at += len(_LENGTH)
            self._missing = end + 4 + int(head[at : head.find(b"\r", at)]) - len(data)
        elif _CHUNKED in head:
            self._missing = inf
        if not data.startswith(self._step.begins):
            self._work.wrong = data
        return data[end + 4 :]

    def _answered(self) -> None:
        work = self._work
        work.delays.append(time.perf_counter() - self._sent)
        if self._step.id_behind:
            self._id = self._body.partition(self._step.id_behind)[2].partition(b'"')[0]
            self._body = b""
        if work.ending or work.wrong:
            self._transport.close()
        elif work.pause:
            self._ask_when_due()
        else:
            self.ask()

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
    closed = asyncio.gather(*(connection.closed for connection in connections))
    for connection in connections:
        connection.ask()
    if not order.most:
        await asyncio.sleep(order.seconds / 10)
        work.delays.clear()
    server, load = cpu_seconds(order.pid), time.process_time()
    begin = time.perf_counter()
    if order.most:
        await closed
    else:
        await asyncio.sleep(order.seconds)
    took = time.perf_counter() - begin
    delays = sorted(work.delays) or [0.0]
    tally = Tally(
        len(work.delays),
        took,
        cpu_seconds(order.pid) - server,
        time.process_time() - load,
        1000 * delays[int(0.99 * len(delays))],
        1000 * delays[-1],
        work.wrong[:300].decode(errors="replace"),
    )
    work.ending = True
    await closed
    return tally


def main() -> None:
    """Read rounds from stdin, write tallies to stdout, until stdin ends."""
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for line in sys.stdin:
            order = json.loads(line)
            order["script"] = [Ask(**ask) for ask in order["script"]]
            tally = runner.run(run(Round(**order)))
            print(json.dumps(asdict(tally)), flush=True)


if __name__ == "__main__":
    main()
