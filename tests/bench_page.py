"""The page's part of `make bench`: what somebody who watches costs those who read.

One tenant sends a thousand exchanges a second, another reads as fast as it is answered; each round without
the page has one with the page open in Chromium beside it, by turns first and second.

The figure to reach is how many exchanges the server answers in a second of its own CPU, with the page as a
ratio to without. The server has a core of its own, so that this is what limits reads; and it counts whatever
the server does for the page. Reads by the clock are told as well, but they swing: Chromium and the loads
share the other core, so that they also tell how often the loads had to wait for the browser.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
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
_PAIRS: Final = 6
"""Pairs of rounds for each round that is asked for: pairs that stand close are less apart."""


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

        def bare() -> None:
            tab.open("about:blank")
            without.add(loads, server, read, waiting, seconds)

        def watched() -> None:
            _open(tab, server)
            having.add(loads, server, read, waiting, seconds)
            _check(tab)

        for number in range(_PAIRS * rounds):
            for play in (bare, watched)[:: 1 - 2 * (number % 2)]:
                play()
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

    def efficiencies(self) -> list[float]:
        """Exchanges of both tenants that the server answered in a second of its CPU, of each round."""
        return [
            (read.answers + beside.rate * read.seconds) / read.server
            for read, beside in zip(self.reads, self.beside, strict=True)
        ]

    def rates(self) -> list[float]:
        """Reads in a second of the clock, of each round."""
        return [tally.rate for tally in self.reads]

    def idle(self) -> list[float]:
        """Milliseconds of the server's CPU in a second where the other tenant is alone, of each round."""
        return [1000 * tally.server / tally.seconds for tally in self.alone]


def _open(tab: Tab, server: Process) -> None:
    tab.open(f"{server.url}/#token={TOKEN}")
    # Cards are there when each job has been explained: to open the page is not what is measured.
    tab.until("document.querySelector('.row') && document.querySelector('.card')")
    tab.ask(f"window.before = {_NEWEST}")


_NEWEST: Final = "Number(document.querySelector('#exchanges-count').textContent.match(/of (\\d+)/)[1])"


def _check(tab: Tab) -> None:
    """Raise AssertionError where the page did not follow."""
    tab.until(f"{_NEWEST} > window.before")


def _show(without: _Side, having: _Side) -> str:
    alone = median(tally.rate for tally in having.alone)
    return (
        f"Exchanges in a second of the server's CPU, {_CONNECTIONS} connections reading beside {BUSY:,} "
        f"exchanges/s of another tenant: without the page {median(without.efficiencies()):,.0f}, with it "
        f"{median(having.efficiencies()):,.0f}; {_ratio(without, having, _Side.efficiencies)}, "
        f"target ≥ {TARGET}\n"
        f"Reads in a second of the clock: without {median(without.rates()):,.0f}, with the page "
        f"{median(having.rates()):,.0f}; {_ratio(without, having, _Side.rates)}\n"
        f"At {alone:,.0f} exchanges/s and without a reader, the server's CPU takes "
        f"{median(without.idle()):.0f} ms/s without the page; with it more by "
        f"{_spread([shown - bare for bare, shown in zip(without.idle(), having.idle(), strict=True)], 0)} ms"
        f"\nMedians of {len(having.reads)} pairs of rounds, and between which values the middle half lies."
    )


def _ratio(without: _Side, having: _Side, figures: Callable[[_Side], list[float]]) -> str:
    pairs = zip(figures(without), figures(having), strict=True)
    return f"ratio {_spread([shown / bare for bare, shown in pairs], 2)}"


def _spread(values: Sequence[float], digits: int) -> str:
    low, middle, high = quantiles(values, n=4)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
