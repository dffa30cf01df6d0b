"""What many jobs of one tenant in the file change: our server over such a file, by our server over few.

Both are started anew in each round, so that start-up and memory are measured as often as the rest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from rich.table import Table

from mockserver.control_client import ControlClient
from tests.bench.driver import Load
from tests.bench.lines import cores, pinned
from tests.bench.load import Tally
from tests.bench.saved import Figure, Result, spread
from tests.bench.scenes import MARK, OURS, REQUESTS, SUBMIT, TOKEN, Part, Scene, submitted
from tests.bench.starts import resident, started
from tests.serving import ROOT, Process, client, launch
from tests.stores.filling import fill

FEW: Final = 1000
_KEY: Final = "bench-growth"
_IDS: Final = "00000000-0000-4000-8000-00"
_CONNECTIONS: Final = 16
_APART: Final = 1000
"""Milliseconds from one job to the next."""
_PACE: Final = 200
"""Reads a second beside the question that may hold the server."""


@dataclass(slots=True)
class _Side:
    """A server over a file with that many jobs, and what was measured of it, round by round."""

    store: Path
    jobs: int
    tallies: dict[str, list[Tally]] = field(default_factory=dict)
    numbers: dict[str, list[float]] = field(default_factory=dict)

    @property
    def command(self) -> Sequence[str]:
        return (*OURS, "--store", f"sqlite:///{self.store}")

    def note(self, name: str, value: float) -> None:
        self.numbers.setdefault(name, []).append(value)


_SCENES: Final[Mapping[str, tuple[float, int]]] = {
    "read, one job": (1 / 1.1, 0),
    "read, each job once": (1 / 1.1, FEW),
    "read, any job": (0.0, 0),
    "list, asked again": (1 / 1.3, 0),
    "list, made anew": (1 / 1.3, 0),
    "submit": (0.0, 0),
}
"""Each scene with the ratio to reach and, where it ends early, the number of requests."""
_NUMBERS: Final = {
    "start-up": "ms",
    "idle memory": "MiB",
    "memory after the rounds": "MiB",
    "usage": "ms",
    "longest read beside usage": "ms",
}


def bench_growth(home: Path, jobs: int, rounds: int, seconds: float) -> Result:
    """Measure with few jobs and with so many."""
    few, many = _filled(home, jobs)
    load_core, server_core = cores()
    load = Load(home, load_core)
    for _ in range(rounds):
        with ExitStack() as stack:
            servers = []
            for side in (few, many):
                server, start = started(side.command, home, REQUESTS)
                stack.callback(server.stop)
                side.note("start-up", 1000 * start.seconds)
                side.note("idle memory", start.mib)
                servers.append(pinned(server, server_core))
            for name, (_, most) in _SCENES.items():
                for side, server in zip((few, many), servers, strict=True):
                    scene = Scene(name, 0.0, [_part(name, side.jobs)])
                    load.start(scene, server, _CONNECTIONS, seconds, most=most)
                    side.tallies.setdefault(name, []).append(load.finish())
            for side, server in zip((few, many), servers, strict=True):
                _ask_for_usage(side, server, load)
                side.note("memory after the rounds", resident(server.process.pid))
    load.close()
    return _show(few, many)


def _filled(home: Path, jobs: int) -> tuple[_Side, _Side]:
    few, many = _Side(home / "few.sqlite3", FEW), _Side(home / "many.sqlite3", jobs)
    server = launch(few.command, home, cwd=ROOT)
    with client(server.url, _KEY) as submitter:
        like = submitted(submitter)
    server.stop()
    shutil.copy(few.store, many.store)
    for side in (few, many):
        ago = _APART * (side.jobs + 1)
        fill(side.store, like, side.jobs, ids=f"{_IDS}%010d", apart=_APART, ago=ago)
    return few, many


def _part(name: str, jobs: int) -> Part:
    read = Part("GET", f"{REQUESTS}/{_IDS}{MARK}", _KEY, most=jobs)
    listed = Part("GET", REQUESTS, _KEY)
    return {
        "read, one job": replace(read, path=read.path.replace(MARK, f"{FEW // 2:010d}")),
        "read, each job once": replace(read, fill="each"),
        "read, any job": replace(read, fill="any"),
        "list, asked again": listed,
        "list, made anew": replace(listed, header=f"X-Request-Id: {MARK}", fill="number"),
        "submit": Part("POST", REQUESTS, _KEY, json.dumps(SUBMIT), "number"),
    }[name]


def _ask_for_usage(side: _Side, server: Process, load: Load) -> None:
    """How long the question takes, and the longest wait of those who read meanwhile."""
    reading = Scene("", 0.0, [_part("read, one job", side.jobs)])
    with ControlClient(server.url, TOKEN, key=_KEY) as control:
        # Once before, as the first question of a process loads what answers it.
        control.usage()
        load.start(reading, server, 1, 0.5, pause=1 / _PACE)
        begin = perf_counter()
        control.usage()
        side.note("usage", 1000 * (perf_counter() - begin))
        side.note("longest read beside usage", load.finish().longest)


def _show(few: _Side, many: _Side) -> Result:
    title = f"The server over {many.jobs:,} jobs of one tenant, as ratios to {few.jobs:,}"
    table = Table(title=title, title_justify="left")
    table.add_column("scene", no_wrap=True)
    for name in (f"{few.jobs:,}", f"{many.jobs:,}", "", "ratio (low-high)", "target", "p99 ms"):
        table.add_column(name, justify="right")
    figures = []
    for name, (target, _) in _SCENES.items():
        sides = (few.tallies[name], many.tallies[name])
        rates = [[tally.rate for tally in side] for side in sides]
        ratios = [more / less for less, more in zip(*rates, strict=True)]
        colour = "green" if median(ratios) >= target else "red"
        table.add_row(
            name,
            *(f"{median(side):,.0f}" for side in rates),
            "/s",
            f"[{colour}]{spread(ratios)}[/]",
            f"≥ {target:.2f}" if target else "",
            " / ".join(f"{median(tally.p99 for tally in side):.1f}" for side in sides),
        )
        figures.append(Figure(f"{many.jobs:,} jobs: {name}", "ratio", "higher", ratios))
    for name, unit in _NUMBERS.items():
        numbers = few.numbers[name], many.numbers[name]
        ratios = [more / less for less, more in zip(*numbers, strict=True)]
        table.add_row(name, *(f"{median(side):,.1f}" for side in numbers), unit, spread(ratios), "", "")
        figures.append(Figure(f"{many.jobs:,} jobs: {name}", "ratio", "lower", ratios))
    return Result([table], figures)
