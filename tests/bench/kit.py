"""How fast the kit judges: checks per second, and what machine and reports cost beside the bare calls."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import httpx

from mockserver import in_process
from mockserver.kit.checks.base import checks, run_checks
from mockserver.kit.contracts import load
from mockserver.kit.findings.run import Run
from mockserver.kit.report import KINDS, render
from mockserver.kit.report.summary import summarize
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.target import ServerUnderTest
from mockserver.kit.verify.verify import VerifyOptions, verify

Result = TypeVar("Result")
PROVIDER: Final = "gmicloud"
EFFORT: Final = SearchOptions(examples=20, steps=20)


def bench_kit() -> list[str]:
    """Lines that say it, measured against our own server in this process."""
    contract = load(PROVIDER)
    with in_process.serve(store="memory:") as running, running.control() as control:
        url = running.base(PROVIDER)
        request = VerifyOptions(url, contract, stages=["sequences"], search=EFFORT, control=control)
        verify(request)
        took, (run, target) = _timed(lambda: verify(request))
        bare = _bare(url, run.calls)
    return [
        f"State machine: {run.calls / took:,.0f} judged calls/s; the same number of bare calls by httpx "
        f"{run.calls / bare:,.0f}/s: {bare / took:.2f}",
        *_judging(run, target),
    ]


def _judging(run: Run, target: ServerUnderTest) -> list[str]:
    history = target.full_history()
    calls = history.calls
    judging, _ = _timed(lambda: run_checks(History(history.contract, target.url), calls))
    every = len(checks())
    summing, whole = _timed(lambda: summarize(run, history))
    rate = len(calls) / judging
    lines = [f"Checks: {every * rate:,.0f}/s ({every} checks on each of {rate:,.0f} calls/s)"]
    reports = [(kind, _timed(partial(render, whole, history.contract, kind))[0]) for kind in KINDS.values()]
    said = ", ".join(f"{kind} {1000 * seconds:.0f} ms" for kind, seconds in reports)
    return [*lines, f"Reports of {len(calls)} calls: summing up {1000 * summing:.0f} ms, {said}"]


def _bare(url: str, calls: int) -> float:
    """Seconds that so many plain requests take."""
    with httpx.Client(trust_env=False, headers={"Authorization": "Bearer bench"}) as client:
        return _timed(lambda: [client.get(f"{url}/requests") for _ in range(calls)])[0]


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    begin = time.perf_counter()
    done = work()
    return time.perf_counter() - begin, done
