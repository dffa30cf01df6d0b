"""Start-up and idle memory, ours and the bare app's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import httpx
from rich.table import Table

from tests.bench.saved import Figure, Result, spread
from tests.serving import ROOT, Process, launch

STARTUP_TARGET: Final = 1.5
IDLE_TARGET: Final = 90.0
STARTS: Final = 16
"""Starts of each server: one alone differs from the next by a tenth."""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from spawning a server to its first answer, and its memory a moment later, in MiB."""

    seconds: float
    mib: float


def starts(command: Sequence[str], home: Path, path: str, times: int) -> Iterator[Start]:
    """Start a server again and again; one start goes before to warm the disk's cache."""
    for number in range(times + 1):
        server, start = started(command, home, path)
        server.stop()
        if number:
            yield start


def started(command: Sequence[str], home: Path, path: str, key: str = "bench") -> tuple[Process, Start]:
    """A server that was started now, and how its start was."""
    with httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {key}"}) as asker:
        begin = time.perf_counter()
        server = launch(command, home, cwd=ROOT)
        asker.get(server.url + path).raise_for_status()
        took = time.perf_counter() - begin
    return server, Start(took, resident(server.process.pid))


def resident(pid: int) -> float:
    """Resident memory of a process, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    text = next(line for line in lines if line.startswith("VmRSS:"))
    return int(text.split()[1]) / 1024


def show_starts(bare: Sequence[Start], ours: Sequence[Start]) -> Result:
    """Start-up time and idle memory of both."""
    title = "From spawning the process to its first answer, and idle memory"
    table = Table(title=title, title_justify="left")
    for name in ("", "bare", "ours", "ratio", "low-high", "target"):
        table.add_column(name, justify="right" if name else "left")
    ratios = [mine.seconds / other.seconds for mine, other in zip(ours, bare, strict=True)]
    times = [f"{1000 * _middle(side, lambda start: start.seconds):.0f} ms" for side in (bare, ours)]
    memory = [_middle(side, lambda start: start.mib) for side in (bare, ours)]
    colour = "green" if median(ratios) <= STARTUP_TARGET else "red"
    middle, low_high = spread(ratios).split()
    table.add_row("start-up", *times, f"[{colour}]{middle}[/]", low_high.strip("()"), f"≤ {STARTUP_TARGET}")
    colour = "green" if memory[1] <= IDLE_TARGET else "red"
    table.add_row(
        "idle memory", f"{memory[0]:.1f} MiB", f"[{colour}]{memory[1]:.1f} MiB[/]", "", "",
        f"≤ {IDLE_TARGET:.0f} MiB",
    )  # fmt: skip
    figures = [
        Figure("start-up", "ratio", "lower", ratios),
        Figure("idle memory", "MiB", "lower", [start.mib for start in ours]),
    ]
    return Result([table], figures)


def _middle(side: Sequence[Start], value: Callable[[Start], float]) -> float:
    return median(map(value, side))
