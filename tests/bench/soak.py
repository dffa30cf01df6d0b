"""A soak: the mixed job at half of full load for some minutes, and whether memory and descriptors stay.

After each round somebody fetches the thumbnail of a job, and now and then its clip. Caches are filled before,
and what is left of that shows in the first half of the time: slopes are of the second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from signal import SIGTERM
from statistics import fmean, linear_regression
from time import perf_counter
from typing import Final, NamedTuple

import httpx
from rich.table import Table

from tests.bench.driver import Load
from tests.bench.lines import cores, pinned
from tests.bench.saved import Figure, Result
from tests.bench.scenes import OURS, REQUESTS, Scene, mixed_job, scenes, submitted
from tests.bench.starts import resident
from tests.serving import ROOT, Process, client, launch, wait_until

_CONNECTIONS: Final = 16
_ROUND: Final = 5.0
"""Seconds of a round."""
_JOBS: Final = 25_000
"""Jobs that fill the server's caches before the time begins."""
_CLIPS: Final = 6
"""A clip is fetched once in so many rounds."""


class Slope(NamedTuple):
    """By how much something grows in an hour; it lies within the noise of that with a chance of 95 %."""

    value: float
    noise: float

    @property
    def is_zero(self) -> bool:
        """Whether nothing shows that it grows or shrinks."""
        return abs(self.value) <= self.noise


def slope_of(seconds: Sequence[float], values: Sequence[float]) -> Slope:
    """The slope of the line nearest to at least three values, and two standard errors of it, by the hour."""
    slope, begin = linear_regression(seconds, values)
    middle = fmean(seconds)
    away = sum((value - begin - slope * at) ** 2 for at, value in zip(seconds, values, strict=True))
    wide = sum((at - middle) ** 2 for at in seconds)
    return Slope(3600 * slope, 3600 * 2 * sqrt(away / (len(values) - 2) / wide))


@dataclass(slots=True)
class _Record:
    """What was seen at the end of each round."""

    at: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    longest: list[float] = field(default_factory=list)
    answers: int = 0
    files: int = 0
    errors: list[str] = field(default_factory=list)


def soak(minutes: float) -> Result:
    """Measure for so many minutes, at least one."""
    load_core, server_core = cores()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        command = (*OURS, "--store", f"sqlite:///{home / 'soak.sqlite3'}", "--cache-dir", str(home / "clips"))
        server = pinned(launch(command, home, cwd=ROOT), server_core)
        load = Load(home, load_core)
        submit = next(scene for scene in scenes(server.url) if scene.name.startswith("submit"))
        load.start(submit, server, _CONNECTIONS, 0.0, most=_JOBS)
        load.finish()
        mixed = Scene("mixed job", 0.0, mixed_job(server.url))
        full = load.run(mixed, server, _CONNECTIONS, _ROUND).rate
        record = _Record()
        begin = perf_counter()
        while perf_counter() - begin < 60 * minutes:
            _play(load, mixed, server, 2 * _CONNECTIONS / full, record)
            _fetch(server, record)
            record.at.append(perf_counter() - begin)
            record.memory.append(resident(server.process.pid))
            record.descriptors.append(len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())))
        load.close()
        if server.stop() not in (0, -SIGTERM):
            record.errors.append("the server did not end well")
        record.errors += server.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return _show(record, full)


def _play(load: Load, mixed: Scene, server: Process, pause: float, record: _Record) -> None:
    load.start(mixed, server, _CONNECTIONS, _ROUND, pause=pause)
    try:
        tally = load.finish()
    except RuntimeError as error:
        record.errors.append(str(error))
        return
    record.answers += tally.answers
    record.longest.append(tally.longest)


def _fetch(server: Process, record: _Record) -> None:
    """Fetch what a new job made."""
    try:
        with client(server.url, "bench-soak") as asker:
            job = f"{REQUESTS}/{submitted(asker)}"
            wait_until(lambda: asker.get(job).json()["status"] == "success")
            outcome = asker.get(job).json()["outcome"]
            wanted = [outcome["thumbnail_image_url"]]
            if len(record.at) % _CLIPS == 0:
                wanted.append(outcome["video_url"])
            for url in wanted:
                asker.get(url).raise_for_status()
                record.files += 1
    except (httpx.HTTPError, AssertionError) as error:
        record.errors.append(f"a file could not be had: {error}")


def _show(record: _Record, full: float) -> Result:
    half = min(len(record.at) // 2, len(record.at) - 3)
    table = Table(title=f"Soak of {record.at[-1] / 60:.1f} minutes", title_justify="left")
    for name in ("", "at first", "at half time", "at the end", "slope in an hour", ""):
        table.add_column(name, justify="right" if name else "left")
    figures = []
    for name, unit, values in (
        ("memory", "MiB", record.memory),
        ("descriptors", "", record.descriptors),
    ):
        slope = slope_of(record.at[half:], values[half:])
        verdict = "[green]zero within its noise[/]" if slope.is_zero else "[red]not zero[/]"
        points = (f"{values[at]:,.1f} {unit}" for at in (0, half, -1))
        table.add_row(name, *points, f"{slope.value:+,.1f} ± {slope.noise:,.1f} {unit}", verdict)
        between = [slope.value - slope.noise, slope.value, slope.value + slope.noise]
        figures.append(Figure(f"soak: slope of {name}", f"{unit} in an hour".strip(), "lower", between))
    seconds = _ROUND * len(record.longest)
    texts = [
        f"{record.answers:,} answers, {record.answers / max(1, seconds):,.0f} a second, at full load "
        f"{full:,.0f}; {record.files} files; the longest wait {max(record.longest, default=0):,.0f} ms.",
        f"{len(record.errors)} errors" + "".join(f"\n  {text}" for text in record.errors[:20]),
    ]
    return Result([table, *texts], figures)
