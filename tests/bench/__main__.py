"""`make bench`: how fast we are, as ratios to a bare uvicorn ASGI app in the same run.

Loopback only. Both servers run the same uvicorn on the same settings and share one core; the load
has the other. Rounds alternate between them, so that both see the same machine. The numbers are
medians over the rounds. Jobs are on SQLite on disk and run a thousand times as fast, so that the
record that is read is a finished one.

    python -m tests.bench                          all of it but growth
    python -m tests.bench --growth                 what 100,000 jobs in the file change; --growth 1000000
    python -m tests.bench --soak 30                whether memory and descriptors stay, in minutes
    python -m tests.bench --page                   what the page in a browser costs those who read
    python -m tests.bench --profile-hot read       where the time of one request goes (cProfile)

The figures are saved below `.bench/`, and what has moved since the last run there is shown.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from tests.bench.downloads import bench_downloads
from tests.bench.growth import FEW, bench_growth
from tests.bench.kit import bench_kit
from tests.bench.lines import BARE, CONNECTIONS, measure, measure_faults, show_faults, show_lines
from tests.bench.media import bench_media
from tests.bench.page import bench_page
from tests.bench.profile import HOT, profile
from tests.bench.saved import Result, document, moved, save, show_moved
from tests.bench.scenes import OURS, REQUESTS, SCENES
from tests.bench.soak import soak
from tests.bench.starts import STARTS, show_starts, starts


@contextmanager
def _home() -> Iterator[Path]:
    """A folder where the servers also keep their compiled modules: whoever installs a package has them."""
    with tempfile.TemporaryDirectory() as name:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{name}/bytecode"
        yield Path(name)


def bench(rounds: int, seconds: float, progress: Progress) -> Iterator[Result]:
    """Measure everything but growth and the page."""
    with _home() as home:
        task = progress.add_task("start-up", total=2 + rounds * len(CONNECTIONS) * SCENES)
        ours = (*OURS, "--store", f"sqlite:///{home / 'start.sqlite3'}")
        both = starts(BARE, home, "/100", STARTS), starts(ours, home, REQUESTS, STARTS)
        pairs = list(zip(*both, strict=True))
        progress.update(task, advance=2, description="rounds")
        lines = measure(home, rounds, seconds, lambda: progress.advance(task))
        yield show_lines(lines)
        yield show_faults(measure_faults(home, 2 * rounds, seconds))
        yield show_starts([bare for bare, _ in pairs], [mine for _, mine in pairs])
    yield bench_media(rounds)
    yield Result(bench_kit(), [])


def _notes(rounds: int, seconds: float, took: float) -> str:
    cores = len(os.sched_getaffinity(0))
    return (
        f"Python {sys.version.split()[0]}, {cores} cores, medians of {rounds} alternating rounds of "
        f"{seconds:g} s, {took:.0f} s in all. Pairs are bare / ours. CPU: the server's, for one answer; its "
        "ratio stays true when other programs take turns on the cores. Busy: the share of one core. p99: "
        "within how long 99 of 100 answers came. When others use the machine, the figures are rough."
    )


@click.command()
@click.option("--rounds", default=4, show_default=True, type=click.IntRange(1, 50))
@click.option("--seconds", default=0.5, show_default=True, type=click.FloatRange(0.05, 60))
@click.option("--media", is_flag=True, help="Measure clips alone.")
@click.option("--page", is_flag=True, help="Measure what the page in a browser costs those who read.")
@click.option(
    "--growth",
    is_flag=False,
    flag_value=100_000,
    type=click.IntRange(2 * FEW),
    metavar="[JOBS]",
    help=f"Measure what so many jobs in the file change, by {FEW:,}.  [default: 100000]",
)
@click.option(
    "--soak",
    "minutes",
    type=click.FloatRange(1),
    metavar="MINUTES",
    help="Serve so long at half of full load.",
)
@click.option(
    "--profile-hot", type=click.Choice(list(HOT)), help="Profile one request in this process instead."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, and no tables.")
def main(rounds: int, seconds: float, profile_hot: str | None, as_json: bool, **parts: Any) -> None:
    """Compare the server with a bare uvicorn ASGI app."""
    if profile_hot is not None:
        profile(profile_hot)
        return
    begin = time.perf_counter()
    console = Console(width=None if sys.stdout.isatty() else 172)
    results = [*_results(rounds, seconds, **parts)]
    run = document(
        [figure for result in results for figure in result.figures], {"rounds": rounds, "seconds": seconds}
    )
    changes = moved(run)
    if as_json:
        print(json.dumps({**run, "moved": [change._asdict() for change in changes]}, indent=1))
    else:
        for result in results:
            for shown in result.shown:
                console.print(shown, soft_wrap=isinstance(shown, str))
        console.print(_notes(rounds, seconds, time.perf_counter() - begin))
        console.print(show_moved(run, changes))
    save(run)


def _results(
    rounds: int, seconds: float, media: bool, page: bool, growth: int | None, minutes: float | None
) -> Iterator[Result]:
    """The part that is wanted, or the usual parts."""
    if media:
        with _home() as home:
            yield bench_media(rounds)
            yield bench_downloads(home, rounds)
    elif page:
        yield bench_page(rounds, seconds)
    elif minutes is not None:
        yield soak(minutes)
    elif growth is not None:
        with _home() as home:
            yield bench_growth(home, growth, rounds, seconds)
    else:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            yield from bench(rounds, seconds, progress)


if __name__ == "__main__":
    main()
