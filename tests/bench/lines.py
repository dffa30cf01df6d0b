"""Answers per second of our server and of the bare one, by scene and number of connections."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from rich.table import Table

from tests.bench.driver import Load
from tests.bench.load import Tally
from tests.bench.saved import Figure, Result, spread
from tests.bench.scenes import OURS, Scene, scenes
from tests.serving import ROOT, Process, launch

CONNECTIONS: Final = (1, 16, 64)
TITLE: Final = "Answers per second, as ratios to a bare uvicorn ASGI app"
P99_TARGET: Final = 2.0
BARE: Final = (sys.executable, "-m", "tests.bench.bare")


@dataclass(slots=True)
class Line:
    """A scene at a number of connections: the tallies of both servers, round by round."""

    scene: Scene
    connections: int
    bare: list[Tally] = field(default_factory=list)
    ours: list[Tally] = field(default_factory=list)

    def ratios(self) -> list[float]:
        """Our answers per second over the bare server's, round by round."""
        return [ours.rate / bare.rate for ours, bare in zip(self.ours, self.bare, strict=True)]

    def p99_ratios(self) -> list[float]:
        """Within how long 99 of 100 answers of ours came, over the bare server's, round by round."""
        return [ours.p99 / bare.p99 for ours, bare in zip(self.ours, self.bare, strict=True)]


def cores() -> tuple[int | None, int | None]:
    """A core for the load and another for the server; None where there is one alone."""
    available = sorted(os.sched_getaffinity(0))
    return (available[0], available[-1]) if len(available) > 1 else (None, None)


def pinned(server: Process, core: int | None) -> Process:
    """The server, which from now on runs on that core."""
    if core is not None:
        os.sched_setaffinity(server.process.pid, {core})
    return server


@contextmanager
def pair(home: Path, bare: Sequence[str], ours: Sequence[str]) -> Iterator[tuple[Process, Process, Load]]:
    """Two servers on one core, the second of which is ours and gets a store, and the load on another."""
    load_core, server_core = cores()
    with ExitStack() as stack:
        servers = []
        for command in (bare, (*ours, "--store", f"sqlite:///{home / 'ours.sqlite3'}")):
            servers.append(pinned(launch(command, home, cwd=ROOT), server_core))
            stack.callback(servers[-1].stop)
        load = Load(home, load_core)
        stack.callback(load.close)
        yield servers[0], servers[1], load


def measure(home: Path, rounds: int, seconds: float, step: Callable[[], object]) -> list[Line]:
    """All rounds of all scenes; `step` is called after each."""
    with pair(home, BARE, OURS) as (bare, ours, load):
        lines = [Line(scene, count) for scene in scenes(ours.url) for count in CONNECTIONS]
        for _ in range(rounds):
            for line in lines:
                line.bare.append(load.run(line.scene, bare, line.connections, seconds, bare=True))
                line.ours.append(load.run(line.scene, ours, line.connections, seconds))
                step()
    return lines


def measure_faults(home: Path, rounds: int, seconds: float) -> Line:
    """Reads of our server, without its fault room (as `bare`) and with it (as `ours`), in turn."""
    store = f"sqlite:///{home / 'without.sqlite3'}"
    without = (sys.executable, "-m", "tests.bench.faultless", *OURS[3:], "--store", store)
    with pair(home, without, OURS) as (bare, ours, load):
        reads = [next(iter(scenes(server.url))) for server in (bare, ours)]
        line = Line(reads[1], 16)
        for _ in range(rounds):
            line.bare.append(load.run(reads[0], bare, line.connections, seconds))
            line.ours.append(load.run(reads[1], ours, line.connections, seconds))
    return line


def show_faults(line: Line) -> Result:
    """The ratio of reads with the fault room to reads without, with its spread."""
    without, having = (median(tally.rate for tally in side) for side in (line.bare, line.ours))
    text = (
        f"Reads at 16 connections without the fault room {without:,.0f}/s, with it (nothing set) "
        f"{having:,.0f}/s: {spread(line.ratios())}"
    )
    return Result([text], [Figure("reads with the fault room", "ratio", "higher", line.ratios())])


def show_lines(lines: Sequence[Line], title: str = TITLE) -> Result:
    """The ratios, with what makes them believable: spread, CPU time, and who used how much of its core."""
    table = Table(title=title, title_justify="left")
    table.add_column("scene", no_wrap=True)
    for name in ("conn.", "bare /s", "ours /s", "ratio", "low-high", "target", "p99 ms", "p99 ratio"):
        table.add_column(name, justify="right")
    for name in ("CPU µs", "CPU ratio", "server busy", "load busy"):
        table.add_column(name, justify="right", style="dim")
    last = lines[-1].connections
    figures = []
    for line in lines:
        table.add_row(*_row(line), end_section=line.connections == last)
        name = f"{line.scene.name}, {line.connections} connections"
        figures.append(Figure(name, "ratio", "higher", line.ratios()))
        figures.append(Figure(f"{name}, p99", "ratio", "lower", line.p99_ratios()))
    return Result([table], figures)


def _row(line: Line) -> list[str]:
    ratios, late = line.ratios(), median(line.p99_ratios())
    target = line.scene.target
    bare, ours = (median(tally.rate for tally in side) for side in (line.bare, line.ours))
    costs = [_cost(side) for side in (line.bare, line.ours)]
    return [
        line.scene.name,
        str(line.connections),
        f"{bare:,.0f}",
        f"{ours:,.0f}",
        f"[{'green' if median(ratios) >= target else 'red'}]{median(ratios):.2f}[/]",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        f"≥ {target:.2f}" if target else "",
        " / ".join(f"{median(tally.p99 for tally in side):.1f}" for side in (line.bare, line.ours)),
        f"[{'green' if late <= P99_TARGET else 'red'}]{late:.2f}[/]",
        f"{costs[0]:.0f} / {costs[1]:.0f}",
        f"{costs[0] / costs[1]:.2f}",
        _busy(line, lambda tally: tally.server),
        _busy(line, lambda tally: tally.load),
    ]


def _cost(side: Sequence[Tally]) -> float:
    """Microseconds of the server's CPU for one answer."""
    return 1e6 * sum(tally.server for tally in side) / sum(tally.answers for tally in side)


def _busy(line: Line, cpu: Callable[[Tally], float]) -> str:
    """The share of a core that was used, in the bare server's rounds and in ours."""
    shares = (
        sum(cpu(tally) for tally in side) / sum(tally.seconds for tally in side)
        for side in (line.bare, line.ours)
    )
    return " / ".join(f"{share:.0%}" for share in shares)
