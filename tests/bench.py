"""`make bench`: how fast we are, as ratios to a bare uvicorn ASGI app in the same run.

Loopback only. Both servers run the same uvicorn on the same settings and share one core; the load
has the other. Rounds alternate between them, so that both see the same machine. The numbers are
medians over the rounds. Jobs are on SQLite on disk and run a thousand times as fast, so that the
record that is read is a finished one.

    python -m tests.bench                          all of it
    python -m tests.bench --page                   what the page in a browser costs those who read
    python -m tests.bench --profile-hot read       where the time of one request goes (cProfile)
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

import click
import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.bench_driver import Load
from tests.bench_kit import bench_kit
from tests.bench_load import Tally
from tests.bench_media import bench_media
from tests.bench_page import bench_page
from tests.bench_profile import HOT, profile
from tests.bench_scenes import OURS, REQUESTS, Scene, scenes
from tests.serving import ROOT, Process, launch

CONNECTIONS: Final = (1, 16, 64)
STARTUP_TARGET: Final = 1.5
IDLE_TARGET: Final = 90.0
BARE: Final = (sys.executable, "-m", "tests.bench_bare")
STARTS: Final = 16
"""Starts of each server: one alone differs from the next by a tenth."""


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


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from spawning a server to its first answer, and its memory a moment later, in MiB."""

    seconds: float
    mib: float


def starts(command: Sequence[str], home: Path, path: str, times: int) -> Iterator[Start]:
    """Start a server again and again; one start goes before to warm the disk's cache."""
    with httpx.Client(trust_env=False, headers={"Authorization": "Bearer bench"}) as asker:
        for number in range(times + 1):
            begin = time.perf_counter()
            server = launch(command, home, cwd=ROOT)
            asker.get(server.url + path).raise_for_status()
            took = time.perf_counter() - begin
            memory = resident(server.process.pid)
            server.stop()
            if number:
                yield Start(took, memory)


def resident(pid: int) -> float:
    """Resident memory of a process, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    text = next(line for line in lines if line.startswith("VmRSS:"))
    return int(text.split()[1]) / 1024


@contextmanager
def pair(home: Path, core: int | None) -> Iterator[tuple[Process, Process]]:
    """A bare server and ours, both on `core`."""
    with ExitStack() as stack:
        servers = []
        for command in (BARE, (*OURS, "--store", f"sqlite:///{home / 'bench.sqlite3'}")):
            server = launch(command, home, cwd=ROOT)
            stack.callback(server.stop)
            if core is not None:
                os.sched_setaffinity(server.process.pid, {core})
            servers.append(server)
        yield servers[0], servers[1]


def measure(home: Path, rounds: int, seconds: float, step: Callable[[], object]) -> list[Line]:
    """All rounds of all scenes; `step` is called after each."""
    cores = sorted(os.sched_getaffinity(0))
    load_core, server_core = (cores[0], cores[-1]) if len(cores) > 1 else (None, None)
    with pair(home, server_core) as (bare, ours):
        load = Load(home, load_core)
        lines = [Line(scene, count) for scene in scenes(ours.url) for count in CONNECTIONS]
        for _ in range(rounds):
            for line in lines:
                line.bare.append(load.run(line.scene, bare, line.connections, seconds, bare=True))
                line.ours.append(load.run(line.scene, ours, line.connections, seconds))
                step()
        load.close()
    return lines


def measure_faults(home: Path, rounds: int, seconds: float) -> Line:
    """Reads of our server, without its fault room (as `bare`) and with it (as `ours`), in turn."""
    cores = sorted(os.sched_getaffinity(0))
    load_core, server_core = (cores[0], cores[-1]) if len(cores) > 1 else (None, None)
    without = (sys.executable, "-m", "tests.bench_faultless", *OURS[3:])
    with ExitStack() as stack:
        servers = []
        for name, command in (("without", without), ("with", OURS)):
            store = f"sqlite:///{home / f'{name}.sqlite3'}"
            server = launch((*command, "--store", store), home, cwd=ROOT)
            stack.callback(server.stop)
            if server_core is not None:
                os.sched_setaffinity(server.process.pid, {server_core})
            servers.append((server, next(iter(scenes(server.url)))))
        load = Load(home, load_core)
        line = Line(servers[1][1], 16)
        for _ in range(rounds):
            for (server, scene), side in zip(servers, (line.bare, line.ours), strict=True):
                side.append(load.run(scene, server, line.connections, seconds))
        load.close()
    return line


def show_faults(line: Line) -> str:
    """The ratio of reads with the fault room to reads without, with its spread."""
    ratios = line.ratios()
    without, having = (median(tally.rate for tally in side) for side in (line.bare, line.ours))
    return (
        f"Reads at 16 connections without the fault room {without:,.0f}/s, with it (nothing set) "
        f"{having:,.0f}/s: {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    )


def show(lines: Sequence[Line]) -> Table:
    """The ratios, with what makes them believable: spread, CPU time, and who used how much of its core."""
    table = Table(title="Answers per second, as ratios to a bare uvicorn ASGI app", title_justify="left")
    table.add_column("scene", no_wrap=True)
    for name in ("conn.", "bare /s", "ours /s", "ratio", "low-high", "target"):
        table.add_column(name, justify="right")
    for name in ("CPU µs", "CPU ratio", "server busy", "load busy"):
        table.add_column(name, justify="right", style="dim")
    for line in lines:
        table.add_row(*_row(line), end_section=line.connections == CONNECTIONS[-1])
    return table


def _row(line: Line) -> list[str]:
    ratios = line.ratios()
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


def show_starts(bare: Sequence[Start], ours: Sequence[Start]) -> Table:
    """Start-up time and idle memory of both."""
    table = Table(
        title="From spawning the process to its first answer, and idle memory", title_justify="left"
    )
    for name in ("", "bare", "ours", "ratio", "low-high", "target"):
        table.add_column(name, justify="right" if name else "left")
    ratios = [mine.seconds / other.seconds for mine, other in zip(ours, bare, strict=True)]
    times = [median(start.seconds for start in side) for side in (bare, ours)]
    memory = [median(start.mib for start in side) for side in (bare, ours)]
    colour = "green" if median(ratios) <= STARTUP_TARGET else "red"
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    table.add_row(
        "start-up", *(f"{1000 * one:.0f} ms" for one in times), f"[{colour}]{median(ratios):.2f}[/]", spread,
        f"≤ {STARTUP_TARGET}",
    )  # fmt: skip
    colour = "green" if memory[1] <= IDLE_TARGET else "red"
    table.add_row(
        "idle memory", f"{memory[0]:.1f} MiB", f"[{colour}]{memory[1]:.1f} MiB[/]", "", "",
        f"≤ {IDLE_TARGET:.0f} MiB",
    )  # fmt: skip
    return table


def _with_bytecode(home: Path) -> None:
    """Let the servers keep their compiled modules, in `home`: whoever installs a package has them."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(home / "bytecode")


def bench(console: Console, rounds: int, seconds: float) -> None:
    """Measure everything and print it."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as name, Progress(console=console, transient=True) as progress:
        home = Path(name)
        _with_bytecode(home)
        task = progress.add_task("start-up", total=2 + rounds * len(CONNECTIONS) * 6)
        ours = (*OURS, "--store", f"sqlite:///{home / 'start.sqlite3'}")
        both = starts(BARE, home, "/100", STARTS), starts(ours, home, REQUESTS, STARTS)
        pairs = list(zip(*both, strict=True))
        progress.update(task, advance=2, description="rounds")
        lines = measure(home, rounds, seconds, lambda: progress.advance(task))
        faults = measure_faults(home, 2 * rounds, seconds)
    console.print(show(lines))
    console.print(show_faults(faults))
    console.print(show_starts([one for one, _ in pairs], [other for _, other in pairs]))
    console.print(bench_media(rounds)[0])
    console.print("\n".join(bench_kit()), soft_wrap=True)
    cores = len(os.sched_getaffinity(0))
    took = time.perf_counter() - begin
    console.print(
        f"Python {sys.version.split()[0]}, {cores} cores, medians of {rounds} alternating rounds of "
        f"{seconds:g} s, {took:.0f} s in all. Pairs are bare / ours. CPU: the server's, for one answer; its "
        "ratio stays true when other programs take turns on the cores. Busy: the share of one core."
    )


@click.command()
@click.option("--rounds", default=4, show_default=True, type=click.IntRange(1, 50))
@click.option("--seconds", default=0.5, show_default=True, type=click.FloatRange(0.05, 60))
@click.option("--media", is_flag=True, help="Measure clips alone.")
@click.option("--page", is_flag=True, help="Measure what the page in a browser costs those who read.")
@click.option(
    "--profile-hot", type=click.Choice(list(HOT)), help="Profile one request in this process instead."
)
def main(rounds: int, seconds: float, media: bool, page: bool, profile_hot: str | None) -> None:
    """Compare the server with a bare uvicorn ASGI app."""
    console = Console(width=None if sys.stdout.isatty() else 132)
    if media:
        console.print(bench_media(rounds)[0])
    elif page:
        console.print(bench_page(rounds, seconds), soft_wrap=True)
    elif profile_hot is None:
        bench(console, rounds, seconds)
    else:
        profile(profile_hot)


if __name__ == "__main__":
    main()
