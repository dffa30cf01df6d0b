"""Who fetches clips at once: how many clips a minute, and whether bytes and memory stay as they are.

The cache of the server holds half of the clips that are fetched again: the others are made anew, and must
have the bytes that they had.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import httpx
from rich.table import Table

from tests.bench.media import TEXT, plain
from tests.bench.saved import Figure, Result, spread
from tests.bench.scenes import OURS, REQUESTS
from tests.bench.starts import resident
from tests.serving import Process, client, launch, wait_until

CLIENTS: Final = 16
CLIPS: Final = 80
"""New clips of a round, and those that are fetched again."""
DOWNLOADS: Final = 500
CACHE: Final = 64
"""MiB."""
FLAT: Final = 1.1
"""How much more memory the server may have at the end than after the first step."""
_STEP: Final = 100
"""Downloads between two looks at the memory."""
_PLAIN: Final = 8


class _Clip(NamedTuple):
    """A job's clip: its path, and the digest of its bytes."""

    path: str
    digest: str


def bench_downloads(home: Path, rounds: int) -> Result:
    """The table, and its figures."""
    command = (*OURS, "--store", "memory:", "--cache-dir", str(home / "clips"), "--cache-size", str(CACHE))
    server = launch(command, home)
    clips: Sequence[_Clip] = []
    rates, ratios = [], []
    try:
        with client(server.url, "bench-downloads") as asker, ThreadPoolExecutor(CLIENTS) as clients:
            for number in range(rounds):
                begin = time.perf_counter()
                clips = list(clients.map(lambda index: _made(asker, f"boat {index}"), _numbers(number)))
                rates.append(60 * CLIPS / (time.perf_counter() - begin))
                ratios.append(rates[-1] / _plain_rate(home))
            wrong, memory = _fetched_again(server, asker, clients, clips)
    finally:
        server.stop()
    growth = max(memory) / memory[0]
    figures = [
        Figure(f"clips a minute, {CLIENTS} clients", "1/min", "higher", rates),
        Figure(f"clips a minute, {CLIENTS} clients, by plain ffmpeg", "ratio", "higher", ratios),
        Figure(f"{DOWNLOADS} downloads: wrong", "downloads", "lower", [wrong]),
        Figure(f"{DOWNLOADS} downloads: memory, by that after {_STEP}", "ratio", "lower", [growth]),
    ]
    return Result([_table(rates, ratios, wrong, memory)], figures)


def _numbers(number: int) -> range:
    return range(number * CLIPS, (number + 1) * CLIPS)


def _made(asker: httpx.Client, prompt: str) -> _Clip:
    """The clip of a new job, downloaded when the job has ended."""
    payload = {"prompt": prompt, "duration": "5", "aspect_ratio": "16:9"}
    body = {"model": "Kling-Text2Video-V1.6-Standard", "payload": payload}
    job = f"{REQUESTS}/{asker.post(REQUESTS, json=body).raise_for_status().json()['request_id']}"
    wait_until(lambda: asker.get(job).json()["status"] == "success")
    path = httpx.URL(asker.get(job).json()["outcome"]["video_url"]).path
    return _Clip(path, _digest(asker, path))


def _digest(asker: httpx.Client, path: str) -> str:
    return hashlib.sha256(asker.get(path).raise_for_status().content).hexdigest()


def _fetched_again(
    server: Process, asker: httpx.Client, clients: ThreadPoolExecutor, clips: Sequence[_Clip]
) -> tuple[int, Sequence[float]]:
    """How many downloads had other bytes than the first, and the server's memory, MiB, by steps."""
    wrong, memory, random = 0, [], Random(1)
    for _ in range(DOWNLOADS // _STEP):
        wanted = random.choices(clips, k=_STEP)
        wrong += sum(clients.map(lambda clip: _digest(asker, clip.path) != clip.digest, wanted))
        memory.append(resident(server.process.pid))
    return wrong, memory


def _plain_rate(home: Path) -> float:
    """Clips a minute of plain ffmpeg calls, as many at a time as there are cores."""
    folders = [home / f"plain-{number}" for number in range(_PLAIN)]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as callers:
        begin = time.perf_counter()
        list(callers.map(lambda folder: plain(TEXT, folder), folders))
    return 60 * _PLAIN / (time.perf_counter() - begin)


def _table(rates: Sequence[float], ratios: Sequence[float], wrong: int, memory: Sequence[float]) -> Table:
    table = Table(title=f"{CLIENTS} clients that fetch clips of 5 s at 720p", title_justify="left")
    for name in ("", "measured", "at most"):
        table.add_column(name, justify="right" if name else "left")
    table.add_row("new clips a minute, from submit to last byte", spread(rates, 0), "")
    table.add_row("by plain ffmpeg, one process for each core", spread(ratios), "")
    colour = "red" if wrong else "green"
    table.add_row(f"{DOWNLOADS} downloads, cache {CACHE} MiB: wrong", f"[{colour}]{wrong}[/]", "0")
    colour = "green" if max(memory) <= FLAT * memory[0] else "red"
    steps = ", ".join(f"{size:.0f}" for size in memory)
    table.add_row(f"memory after each {_STEP} of them, MiB", f"[{colour}]{steps}[/]", f"{FLAT} × the first")
    return table
