"""The page's part of `make bench`: what somebody who watches costs those who read.

One tenant sends a thousand exchanges a second, another reads as fast as it is answered; rounds with the
page open in Chromium alternate with rounds without. The server has a core of its own. Chromium shares the
other with the loads and gives way to them, so that the ratio tells what the server spends on the page. What
it spends where nobody reads is told in CPU time, which stays true when other programs take turns.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench_driver import Load
from tests.bench_load import Tally
from tests.bench_scenes import OURS, TOKEN, Scene, scenes
from tests.browser import CHROMIUM, Tab, chromium
from tests.serving import ROOT, Process, launch

BUSY: Final = 1000
"""Exchanges a second of the tenant that is watched."""
TARGET: Final = 0.9
_CONNECTIONS: Final = 16


def bench_page(rounds: int, seconds: float) -> str:
    """Reads with the page open as a ratio to reads without. Raises RuntimeError without Chromium."""
    if CHROMIUM is None:
        raise RuntimeError("no Chromium here to open the page in")
    cores = sorted(os.sched_getaffinity(0))
    load_core, server_core = (cores[0], cores[-1]) if len(cores) > 1 else (None, None)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = launch((*OURS, "--store", f"sqlite:///{home / 'bench.sqlite3'}"), home, cwd=ROOT)
        stack.callback(server.stop)
        if server_core is not None:
            os.sched_setaffinity(server.process.pid, {server_core})
        read, waiting, *_ = scenes(server.url)
        loads = []
        for _ in range(2):
            loads.append(Load(home, load_core))
            stack.callback(loads[-1].close)
        tab = stack.enter_context(chromium(home / "profile", load_core)).tab()
        # What the browser would tell of each message costs time, and nobody listens.
        tab.send("Network.disable")
        without, having = _Side(), _Side()
        for _ in range(rounds):
            tab.open("about:blank")
            without.add(loads, server, read, waiting, seconds)
            _open(tab, server)
            having.add(loads, server, read, waiting, seconds)
            _check(tab)
    return _show(without, having)


class _Side:
    """Rounds with the page, or without: of the reader, of the other tenant beside it, and of that alone."""

    def __init__(self) -> None:
        self.reads: list[Tally] = []
        self.beside: list[Tally] = []
        self.alone: list[Tally] = []

    def add(
        self, loads: Sequence[Load], server: Process, read: Scene, watched: Scene, seconds: float
    ) -> None:
        """One round."""
        reader, other = loads
        pause = _CONNECTIONS / BUSY
        other.start(watched, server, _CONNECTIONS, seconds, pause=pause)
        self.alone.append(other.finish())
        reader.start(read, server, _CONNECTIONS, seconds)
        other.start(watched, server, _CONNECTIONS, seconds, pause=pause)
        self.reads.append(reader.finish())
        self.beside.append(other.finish())

    def __str__(self) -> str:
        busy = median(tally.server / tally.seconds for tally in self.reads)
        rates = [median(tally.rate for tally in tallies) for tallies in (self.reads, self.beside)]
        return f"{rates[0]:,.0f}/s (beside {rates[1]:,.0f}/s of another tenant, server busy {busy:.0%})"

    def idle(self) -> float:
        """Milliseconds of the server's CPU in a second where the other tenant is alone."""
        return 1000 * median(tally.server / tally.seconds for tally in self.alone)


def _open(tab: Tab, server: Process) -> None:
    tab.open(f"{server.url}/#token={TOKEN}")
    tab.until("document.querySelector('.row')")
    tab.ask(f"window.before = {_NEWEST}")


_NEWEST: Final = "Number(document.querySelector('#exchanges-count').textContent.match(/of (\\d+)/)[1])"


def _check(tab: Tab) -> None:
    """Raise AssertionError where the page did not follow."""
    tab.until(f"{_NEWEST} > window.before")


def _show(without: _Side, having: _Side) -> str:
    ratios = [shown.rate / bare.rate for bare, shown in zip(without.reads, having.reads, strict=True)]
    alone = median(tally.rate for tally in having.alone)
    return (
        f"Reads at {_CONNECTIONS} connections without the page {without}, with the page open {having}: "
        f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}), target ≥ {TARGET}\n"
        f"At {alone:,.0f} exchanges/s and without a reader, the server's CPU takes {without.idle():.0f} ms/s "
        f"without the page, {having.idle():.0f} ms with it"
    )
