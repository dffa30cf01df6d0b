"""The page's part of `make bench`: what somebody who watches costs those who read.

One tenant sends a thousand exchanges a second, another reads as fast as it is answered; each round without
the page has one with the page open in Chromium beside it, by turns first and second.

The figure to reach is the room that the page leaves for reads. Where both tenants ask at a pace, the server
does the same work with the page and without, and what its process takes more of the CPU is what the page
costs: the watcher's share of the one core that the server has. That includes all that is done for the page,
and nothing of the browser. Reads as fast as they are answered are told as well, but they swing: Chromium and
the loads share the other core, so that they tell above all how often the loads had to wait for the browser.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from tests.bench.driver import Load
from tests.bench.load import Tally
from tests.bench.saved import Figure, Result
from tests.bench.scenes import OURS, TOKEN, Scene, scenes
from tests.browser import CHROMIUM, Tab, chromium
from tests.serving import ROOT, Process, launch

BUSY: Final = 1000
"""Exchanges a second of the tenant that is watched."""
PACED: Final = 8000
"""Reads a second beside it, at a pace: between two looks of the page's stream as many as a journal keeps."""
TARGET: Final = 0.9
_CONNECTIONS: Final = 16
_PAIRS: Final = 4
"""Pairs of rounds for each round that is asked for: pairs that stand close are less apart."""


def bench_page(rounds: int, seconds: float) -> Result:
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
    """Rounds with the page, or without: the other tenant alone, and beside it reads at a pace, and as fast as
    they are answered.
    """

    def __init__(self) -> None:
        self.reads: list[Tally] = []
        self.paced: list[tuple[Tally, Tally]] = []
        self.alone: list[Tally] = []

    def add(
        self, loads: Sequence[Load], server: Process, read: Scene, watched: Scene, seconds: float
    ) -> None:
        """One round."""
        reader, other = loads

        def alone() -> Tally:
            other.start(watched, server, _CONNECTIONS, seconds, pause=_CONNECTIONS / BUSY)
            return other.finish()

        def both(pause: float) -> tuple[Tally, Tally]:
            reader.start(read, server, _CONNECTIONS, seconds, pause=pause)
            beside = alone()
            return reader.finish(), beside

        self.alone.append(alone())
        self.paced.append(both(_CONNECTIONS / PACED))
        self.reads.append(both(0)[0])


def _open(tab: Tab, server: Process) -> None:
    tab.open(f"{server.url}/#token={TOKEN}")
    # Cards are there when each job has been explained: to open the page is not what is measured.
    tab.until("document.querySelector('.row') && document.querySelector('.card')")
    tab.ask(f"window.before = {_NEWEST}")


_NEWEST: Final = "Number(document.querySelector('#exchanges-count').textContent.match(/of (\\d+)/)[1])"


def _check(tab: Tab) -> None:
    """Raise AssertionError where the page did not follow."""
    tab.until(f"{_NEWEST} > window.before")


def _show(without: _Side, having: _Side) -> Result:
    pairs = list(zip(without.paced, having.paced, strict=True))
    more = [_more(bare, shown) for bare, shown in pairs]
    room = [1 - extra / (1000 - _busy(bare)) for extra, bare in zip(more, without.alone, strict=True)]
    by_clock = [shown.rate / bare.rate for bare, shown in zip(without.reads, having.reads, strict=True)]
    reads = median(read.rate for read, _ in having.paced)
    alone = [_busy(shown) - _busy(bare) for bare, shown in zip(without.alone, having.alone, strict=True)]
    text = (
        f"Beside {BUSY:,} exchanges/s of another tenant, at {reads:,.0f} reads/s: the server's CPU takes "
        f"{median(_busy(read) for read, _ in without.paced):.0f} ms/s without the page, with it more by "
        f"{_spread(more, 0)} ms. So the page leaves {_spread(room, 2)} of the room for reads, "
        f"target ≥ {TARGET}\n"
        f"Without a reader: {median(map(_busy, without.alone)):.0f} ms/s, with the page more by "
        f"{_spread(alone, 0)} ms\n"
        f"Reads as fast as they are answered, {_CONNECTIONS} connections: "
        f"{median(tally.rate for tally in without.reads):,.0f}/s, with the page "
        f"{median(tally.rate for tally in having.reads):,.0f}/s, ratio {_spread(by_clock, 2)}\n"
        f"Medians of {len(more)} pairs of rounds, and between which values the middle half lies."
    )
    return Result([text], [Figure("reads with the page open", "ratio", "higher", room)])


def _busy(tally: Tally) -> float:
    """Milliseconds of the server's CPU in a second."""
    return 1000 * tally.server / tally.seconds


def _more(bare: tuple[Tally, Tally], shown: tuple[Tally, Tally]) -> float:
    """By how many more milliseconds of CPU a second the server is busy with the page, for as many answers."""
    rates = [read.rate + beside.rate for read, beside in (bare, shown)]
    return _busy(shown[0]) - _busy(bare[0]) * rates[1] / rates[0]


def _spread(values: Sequence[float], digits: int) -> str:
    low, middle, high = quantiles(values, n=4)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
